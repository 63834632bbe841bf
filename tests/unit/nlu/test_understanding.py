"""Which part of a message decides what it means, with a classifier that knows sentences by heart."""

from __future__ import annotations

import pytest

from nlu.intent_classifier import Ranking
from nlu.understanding import decide, rank

STORY, QUESTION = "Mẹ tôi mới mất hôm qua.", "Giờ khai tử cần giấy gì?"
DESPAIR = "Tôi không muốn sống nữa."


def meaning(whole: Ranking, **parts: Ranking) -> str:
    """The intent of a message whose parts begin with the keywords' words ("_" for a blank)."""
    heard = {start.replace("_", " "): ranking for start, ranking in parts.items()}

    def classify(text: str) -> Ranking:
        return next((ranking for start, ranking in heard.items() if text.lower().startswith(start)), (("inform", 0.9),))

    message = f"{DESPAIR if 'tôi_không_muốn' in parts else STORY} {QUESTION}"
    return rank(message, classify, whole)[0][0]


@pytest.mark.parametrize("whole", [(("inform", 0.6), ("ask_documents", 0.3)), (("ask_selfharm", 0.7), ("inform", 0.3)), (("thanks", 0.9),), (("ask_fee", 0.6),)])
def test_the_sentence_that_asks_counts_more_than_the_story(whole: Ranking) -> None:
    assert meaning(whole, giờ_khai=(("ask_documents", 0.9),)) == "ask_documents"


def test_a_sentence_that_asks_nothing_known_leaves_the_whole() -> None:
    assert meaning((("ask_fee", 0.5),), giờ_khai=(("ask_documents", 0.1),)) == "ask_fee"
    assert meaning((("out_of_scope", 0.9),), giờ_khai=(("out_of_scope", 0.9),)) == "out_of_scope"


def test_a_story_that_calls_for_help_is_heard_first() -> None:
    whole = (("ask_documents", 0.9), ("inform", 0.1))
    asked = (("ask_documents", 1.0),)
    assert meaning(whole, tôi_không_muốn=(("ask_selfharm", 0.91),), giờ_khai=asked) == "ask_selfharm"
    assert meaning(whole, tôi_không_muốn=(("ask_selfharm", 0.5), ("emergency", 0.41)), giờ_khai=asked) == "ask_selfharm"
    assert meaning(whole, tôi_không_muốn=(("ask_selfharm", 0.89), ("inform", 0.11)), giờ_khai=asked) == "ask_documents"


def test_a_question_after_wrongdoing_does_not_make_it_good() -> None:
    parts: dict[str, Ranking] = {"mẹ_tôi": (("ask_illegal", 0.7), ("ask_fee", 0.3)), "giờ_khai": (("ask_documents", 1.0),)}
    assert meaning((("ask_documents", 0.9),), **parts) == "ask_illegal"


def test_an_emergency_of_last_week_is_a_story() -> None:
    def classify(text: str) -> Ranking:
        return (("emergency", 1.0),) if "cháy" in text and "?" not in text else (("ask_documents", 1.0),)

    asked = (("ask_documents", 0.8), ("inform", 0.2))
    assert rank("Nhà tôi cháy. Làm lại căn cước cần gì?", classify, asked)[0][0] == "emergency"
    assert rank("Tuần trước nhà tôi cháy. Làm lại căn cước cần gì?", classify, asked)[0][0] == "ask_documents"


@pytest.mark.parametrize(("chance", "intent"), [(0.96, "ask_selfharm"), (0.94, "ask_documents")])
def test_between_commas_one_has_to_be_surer(chance: float, intent: str) -> None:
    def classify(text: str) -> Ranking:
        return (("ask_selfharm", chance), ("inform", 1 - chance)) if text == "tôi không muốn sống nữa" else (("ask_documents", 1.0),)

    assert rank("tôi không muốn sống nữa, làm khai sinh cần gì", classify)[0][0] == intent


def test_the_clause_that_asks_counts_where_the_whole_only_tells() -> None:
    def classify(text: str) -> Ranking:
        return (("ask_place", 0.9),) if text.startswith("khai tử") else (("inform", 0.9),)

    assert rank("mẹ tôi mới mất, khai tử ở đâu", classify)[0][0] == "ask_place"
    assert rank("mẹ tôi mới mất, khai tử ở đâu", classify, (("ask_fee", 0.5),))[0][0] == "ask_fee"


@pytest.mark.parametrize(("text", "heard"), [("chủ lò làm hay mình làm", "nlu_fallback"), ("tốt quá", "feedback_positive"), ("bao nhiêu tiền", "ask_fee")])
def test_words_that_ask_for_an_aspect_are_no_praise(text: str, heard: str) -> None:
    """What is left stays below the threshold: the words themselves tell the aspect (actions/asked.py)."""
    rankings = {"ask_fee": (("ask_fee", 0.6),)}
    ranking = rank(text, lambda _: rankings.get(heard, (("feedback_positive", 0.9), ("ask_fee", 0.05))))
    assert decide(ranking)[0] == heard


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("mẹ tôi quên mất mật khẩu rồi", "ask_online"),
        ("ba toi hong nho mat khau nua", "ask_online"),
        ("quên rồi, hình như mật khẩu là hoasen", "give_secret"),
        ("quên mật khẩu cũ, thử hoasen88 nhé", "give_secret"),
        ("mật khẩu hoasen", "give_secret"),
    ],
)
def test_who_has_forgotten_a_secret_tells_none(text: str, heard: str) -> None:
    ranking = rank(text, lambda _: (("give_secret", 0.7), ("ask_online", 0.3)))
    assert decide(ranking)[0] == heard


def test_thanks_with_nothing_besides_are_thanks_whatever_the_classifier_hears() -> None:
    assert decide(rank("dạ em cám ơn ạ, giúp em nhiều quá", lambda _: (("out_of_scope", 0.9),)))[0] == "thanks"
    assert decide(rank("cảm ơn bạn, lệ phí bao nhiêu", lambda _: (("ask_fee", 0.9),)))[0] == "ask_fee"
