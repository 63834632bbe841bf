"""What sounds guarded is refused, unless the classifier doubts and a record plainly answers."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import pytest

from actions.bootstrap import Wiring
from actions.errors import NotWiredError
from actions.guarding import answer_named, guard
from actions.reply import Choice, Context, Reply, ReplyMessage
from nlu.types import Understanding

QUESTION = "phí giấy phép mang súng săn"
BEFORE = Context(procedure_code="9.100001", aspect="fee", last_status="answered_aspect")


class Desk:
    """An assistant that is as sure as it is told to be, and notes what it is asked for."""

    def __init__(self, chance: float, status: str = "answered_aspect", is_named: bool = False) -> None:
        self._chance, self._status, self._is_named = chance, status, is_named
        self.asked: list[Understanding] = []
        self.n_searched = 0

    def chance_of_answer(self, question: str) -> float:
        self.n_searched += 1
        return self._chance

    def names_matter(self, question: str, outright: bool = False) -> bool:
        self.outright = outright
        return self._is_named

    def answer(self, question: str, understanding: Understanding, context: Context) -> Reply:
        self.asked.append(understanding)
        return Reply(self._status, (ReplyMessage("120.000 đồng"),), intent=understanding.intent, confidence=self._chance)


def heard(illegal: float, *others: tuple[str, float]) -> Understanding:
    return Understanding(QUESTION, "ask_illegal", illegal, (("ask_illegal", illegal), *others), ())


def asked(desk: Desk, understanding: Understanding, question: str = QUESTION) -> Reply:
    def plain(intent: str) -> Reply:
        return Reply(f"refused_{intent}", (ReplyMessage("không giúp được"),))

    return guard(Wiring(desk, plain=plain), question, understanding, BEFORE)  # type: ignore[arg-type]


def test_a_doubtful_refusal_gives_way_to_a_record_that_plainly_answers() -> None:
    desk = Desk(chance=0.93)
    reply = asked(desk, heard(0.5, ("emergency", 0.2), ("ask_fee", 0.15), ("ask_time", 0.1)))
    assert reply.status == "answered_aspect"
    assert [(u.intent, u.confidence) for u in desk.asked] == [("ask_fee", 0.15)]


@pytest.mark.parametrize(
    ("chance", "understanding"),
    [
        (0.92, heard(0.7, ("ask_fee", 0.3))),
        (0.59, heard(0.69, ("ask_fee", 0.31))),
        (1.0, heard(0.9, ("ask_fee", 0.1))),
        (1.0, heard(0.5, ("give_secret", 0.4), ("ask_fee", 0.1))),
    ],
    ids=["the record is not sure", "nor is it of what is hardly wrongdoing", "the intent is", "two guarded ones together are"],
)
def test_otherwise_it_is_refused_and_the_conversation_kept(chance: float, understanding: Understanding) -> None:
    desk = Desk(chance)
    reply = asked(desk, understanding)
    assert (reply.status, reply.intent, reply.confidence) == ("refused_ask_illegal", "ask_illegal", understanding.confidence)
    assert asdict(reply.context) == asdict(BEFORE) | {"last_status": "refused_ask_illegal"}
    assert desk.asked == []


def test_what_is_hardly_wrongdoing_gives_way_to_a_likelier_record_sooner() -> None:
    assert asked(Desk(chance=0.6), heard(0.69, ("ask_fee", 0.31))).status == "answered_aspect"


def test_where_help_is_likely_it_stands_before_the_record_and_alone_where_somebody_means_harm() -> None:
    violence = Understanding("", "ask_violence", 0.8, (("ask_violence", 0.8), ("ask_fee", 0.2)), ())
    reply = asked(Desk(0.85), violence)
    assert (reply.status, [m.text for m in reply.messages]) == ("answered_aspect", ["không giúp được", "120.000 đồng"])
    selfharm = Understanding("", "ask_selfharm", 0.8, (("ask_selfharm", 0.8), ("ask_fee", 0.2)), ())
    assert [m.text for m in asked(Desk(0.85), selfharm).messages] == ["không giúp được"]


@pytest.mark.parametrize(("chance", "status"), [(0.8, "answered_aspect"), (0.79, "refused_ask_selfharm")])
def test_help_that_was_not_asked_for_gives_way_sooner_than_a_refusal(chance: float, status: str) -> None:
    ranking = (("ask_selfharm", 0.6), ("inform", 0.4))
    assert asked(Desk(chance), Understanding("heo chết dịch", "ask_selfharm", 0.6, ranking, ())).status == status


@pytest.mark.parametrize("status", ["answered_aspect", "clarification_procedure", "unanswerable_elsewhere"])
def test_a_doubtful_refusal_gives_way_to_the_name_of_a_matter_whether_it_is_answered_asked_about_or_elsewhere(status: str) -> None:
    desk = Desk(chance=0.1, status=status, is_named=True)
    assert (asked(desk, heard(0.5, ("ask_fee", 0.5))).status, desk.outright) == (status, True)
    assert asked(Desk(chance=0.1, status="unanswerable_not_found", is_named=True), heard(0.5, ("ask_fee", 0.5))).status == "refused_ask_illegal"
    assert asked(desk, heard(0.95, ("ask_fee", 0.05))).status == "refused_ask_illegal"


@pytest.mark.parametrize(
    ("confidence", "is_named", "choices", "is_answered"),
    [(0.6, True, (), True), (0.95, True, (), False), (0.6, False, (), False), (0.6, True, (Choice("9.1", "a", ""),), False)],
    ids=["named", "surely meant so", "not named", "it answers a question back"],
)
def test_what_sounds_like_praise_or_a_dossier_is_answered_where_it_names_a_matter(
    confidence: float, is_named: bool, choices: tuple[Choice, ...], is_answered: bool
) -> None:
    ranking = (("track_dossier", confidence), ("thanks", 0.2), ("ask_time", 0.1))
    desk = Desk(chance=0.1, is_named=is_named)
    reply = answer_named(Wiring(desk), "hồ sơ đóng cửa mỏ", Understanding("", "track_dossier", confidence, ranking, ()), Context(choices=choices))  # type: ignore[arg-type]
    assert (reply is not None) is is_answered
    assert [u.intent for u in desk.asked] == ["ask_time"] * is_answered


def test_who_asks_how_a_breach_is_fined_means_no_breach() -> None:
    assert asked(Desk(chance=0.0), heard(0.99, ("ask_fee", 0.01)), "vắng mặt khi khám tuyển bị phạt bao nhiêu").status == "answered_aspect"
    assert asked(Desk(chance=0.0), heard(0.99, ("ask_fee", 0.01)), "mua giấy khám tuyển hết bao nhiêu").status == "refused_ask_illegal"


def sure(intent: str) -> Understanding:
    return Understanding("", intent, 1.0, ((intent, 1.0),), ())


def test_an_insult_with_a_clear_question_is_answered_the_question() -> None:
    desk = Desk(chance=0.8)
    reply = asked(desk, sure("abuse"), "đồ ngu, làm hộ chiếu cần giấy tờ gì")
    assert (reply.status, [m.text for m in reply.messages]) == ("answered_aspect", ["120.000 đồng"])
    assert desk.asked[0].intent == "ask_documents"


@pytest.mark.parametrize(
    ("chance", "question"),
    [(0.79, "đồ ngu, làm hộ chiếu cần giấy tờ gì"), (1.0, "đồ ngu, làm hộ chiếu mà cũng không biết"), (1.0, "đồ ngu")],
    ids=["no record is sure", "nothing is asked", "nothing but the insult"],
)
def test_an_insult_without_one_gets_the_calm_word(chance: float, question: str) -> None:
    assert asked(Desk(chance), sure("abuse"), question).status == "refused_abuse"


@pytest.mark.parametrize("intent", ["ask_violence", "emergency", "ask_scam"])
def test_below_help_stands_the_answer_to_what_was_asked_beside_it(intent: str) -> None:
    reply = asked(Desk(chance=0.3), sure(intent), "Chồng đánh em. Giấy xác nhận độc thân xin ở đâu?")
    assert (reply.status, reply.intent) == (f"refused_{intent}", intent)
    assert [m.text for m in reply.messages] == ["không giúp được", "120.000 đồng"]
    assert reply.context.last_status == f"refused_{intent}"
    plain = asked(Desk(chance=0.8), sure(intent), "Chồng đánh em. Giấy xác nhận độc thân xin ở đâu?")
    assert (plain.status, plain.messages) == ("answered_aspect", reply.messages)


@pytest.mark.parametrize("intent", ["ask_violence", "emergency"])
def test_below_help_nothing_is_told_of_a_message_that_is_one_with_it_unless_a_record_plainly_answers(intent: str) -> None:
    question = "chồng đánh em gãy tay phải làm sao"
    assert [m.text for m in asked(Desk(chance=0.79), sure(intent), question).messages] == ["không giúp được"]
    plain = asked(Desk(chance=0.8), sure(intent), question)
    assert (plain.status, len(plain.messages)) == ("answered_aspect", 2)


@pytest.mark.parametrize("intent", ["ask_selfharm", "ask_illegal", "give_secret", "ask_others_data", "manipulate"])
def test_beside_despair_and_wrongdoing_nothing_else_is_said(intent: str) -> None:
    reply = asked(Desk(chance=1.0), sure(intent), "Tôi không muốn sống nữa. Giấy xác nhận độc thân xin ở đâu?")
    assert [m.text for m in reply.messages] == ["không giúp được"]


class EventDesk(Desk):
    """Finds a life event in whatever it is asked."""

    def answer(self, question: str, understanding: Understanding, context: Context) -> Reply:
        return replace(super().answer(question, understanding, context), confidence=0.5, context=Context(listed=(Choice("9.100002", "Kết hôn", ""),)))


@pytest.mark.parametrize("intent", ["ask_selfharm", "emergency", "threaten_others"])
def test_a_life_event_that_sounds_like_a_call_for_help_is_answered_below_the_help(intent: str) -> None:
    told = Understanding(QUESTION, intent, 0.8, ((intent, 0.8), ("inform", 0.2)), ())
    reply = asked(EventDesk(chance=0.1), told)
    assert (reply.status, [m.text for m in reply.messages]) == (f"refused_{intent}", ["không giúp được", "120.000 đồng"])
    assert reply.context.listed


def test_a_life_event_that_sounds_like_a_question_about_others_is_answered() -> None:
    told = Understanding(QUESTION, "ask_others_data", 0.8, (("ask_others_data", 0.8), ("inform", 0.2)), ())
    assert asked(EventDesk(chance=0.1), told).status == "answered_aspect"
    illegal = Understanding(QUESTION, "ask_illegal", 0.8, (("ask_illegal", 0.8), ("inform", 0.2)), ())
    assert asked(EventDesk(chance=0.1), illegal).status == "refused_ask_illegal"


def test_where_it_is_sure_nothing_is_searched() -> None:
    desk = Desk(chance=1.0)
    asked(desk, heard(0.97))
    assert desk.n_searched == 0


@pytest.mark.parametrize("status", ["clarification_procedure", "unanswerable_not_found"])
def test_a_turn_that_answers_nothing_after_all_is_refused(status: str) -> None:
    assert asked(Desk(1.0, status), heard(0.5, ("ask_fee", 0.5))).status == "refused_ask_illegal"


def test_without_a_plain_intent_the_procedure_itself_is_asked_for() -> None:
    desk = Desk(1.0)
    asked(desk, heard(0.5))
    assert desk.asked[0].intent == "ask_procedure"


def test_a_wiring_without_texts_says_so() -> None:
    unwired: Any = Wiring(Desk(0.0))  # type: ignore[arg-type]
    with pytest.raises(NotWiredError, match="plain"):
        guard(unwired, QUESTION, heard(0.99), BEFORE)


@pytest.mark.parametrize(
    ("question", "is_answered"),
    [
        ("đăng ký kết hôn với người đã ly hôn", True),
        ("sang tên xe của ba cho con trai", True),
        ("tra chủ xe biển 36A-555.66", False),
        ("ông ấy đã ly hôn chưa", False),
        ("số tài khoản của ông giám đốc", False),
    ],
)
def test_who_asks_for_nothing_asks_for_nobodys_data(question: str, is_answered: bool) -> None:
    heard_so = Understanding(question, "ask_others_data", 0.8, (("ask_others_data", 0.8), ("ask_procedure", 0.2)), ())
    reply = asked(Desk(0.3), heard_so, question)
    assert reply.status == ("answered_aspect" if is_answered else "refused_ask_others_data")
