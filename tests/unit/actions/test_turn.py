"""One turn: each ending, what is carried over, and how an answer to "which one?" is read.

Rankings come from the invented library; how sure they are is set by the test, so that no tuned number decides.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import yaml

from actions.choices import MAX_CHOICES, choices_of
from actions.phrases import say
from actions.reply import Context, Reply
from actions.skills import hand_off, take_feedback, track_dossier
from actions.topic import ASPECT_OF_INTENT
from knowledge.chunking import ASPECT_HEADINGS
from knowledge.model import ASPECTS, LegalBasis, Plan
from knowledge.retrieval.config import load_search_config
from knowledge.retrieval.search import Searcher
from nlu.entities import extract_entities
from nlu.payloads import read_payload
from nlu.types import Understanding
from tests.desk import Desk, code_of
from tests.fakes import (
    BIRTH,
    LODGING,
    MARRIAGE,
    OLD_PLAN,
    PASSPORT,
    RESIDENCE,
    HashEncoder,
    publish_town,
)


@pytest.fixture
def desk(town: Searcher) -> Desk:
    return Desk(town)


# The endings.


@pytest.mark.parametrize(("intent", "aspect"), [(i, a) for i, a in ASPECT_OF_INTENT.items() if a != "general"])
def test_each_aspect_asked_of_a_procedure_is_answered(desk: Desk, intent: str, aspect: str) -> None:
    reply = desk.ask("đăng ký khai sinh cho con", intent)
    assert (reply.status, reply.aspect, code_of(reply)) == ("answered_aspect", aspect, BIRTH.code)
    rivals = reply.context.rivals
    assert BIRTH.code not in rivals
    assert reply.context == Context(procedure_code=BIRTH.code, aspect=aspect, last_status="answered_aspect", rivals=rivals)
    assert reply.understood == say("understood", name=BIRTH.name, aspect=say(f"aspects.{aspect}"))  # barely sure
    assert len(reply.citations) == 1
    assert reply.intent == intent


def test_every_aspect_has_an_intent() -> None:
    assert set(ASPECT_OF_INTENT.values()) == set(ASPECTS)


@pytest.mark.parametrize("intent", ["ask_procedure", "inform"])
def test_a_procedure_named_without_aspect_is_answered_with_an_overview(desk: Desk, intent: str) -> None:
    reply = desk.ask("đăng ký khai sinh cho con", intent)
    assert (reply.status, reply.aspect, code_of(reply)) == ("answered_overview", "general", BIRTH.code)


def test_how_a_question_was_understood_is_told_apart_from_the_answer(desk: Desk) -> None:
    reply = desk.ask("đăng ký khai sinh cho con", "ask_procedure")
    assert reply.understood  # channels show it above the text
    assert "mình hiểu" not in reply.messages[0].text.lower()
    assert reply.messages[0].text.startswith(BIRTH.name)


def test_a_silent_record_ends_as_silent(desk: Desk) -> None:
    reply = desk.ask("đăng ký kết hôn", "ask_conditions")
    assert (reply.status, code_of(reply)) == ("answered_silent", MARRIAGE.code)
    assert reply.citations


def test_a_code_is_answered_at_once_however_uncertain_the_words(desk: Desk) -> None:
    reply = desk.ask("lệ phí của thủ tục 9.100003", "ask_fee", certainty="lost")
    assert (reply.status, reply.aspect, code_of(reply), reply.confidence) == ("answered_aspect", "fee", PASSPORT.code, 1.0)


def test_a_number_that_one_procedure_holds_is_answered(desk: Desk) -> None:
    reply = desk.ask("tờ khai TK11", "ask_form")
    assert (reply.status, code_of(reply)) == ("answered_aspect", BIRTH.code)


def test_a_number_that_several_share_lists_them_and_one_can_be_chosen(desk: Desk) -> None:
    reply = desk.ask("mẫu CT01 dùng khi nào", "lookup_number")
    assert reply.status == "answered_lookup"
    assert {c.code for c in reply.choices} == {RESIDENCE.code, LODGING.code}
    assert reply.citations and reply.context.choices == reply.choices
    for choice in reply.choices:
        assert f"{choice.name} (mã {choice.code})" in reply.messages[0].text
    assert code_of(desk.ask("cái thứ hai", "choose_option")) == reply.choices[1].code


def test_the_words_beside_a_shared_number_tell_which_of_its_procedures_is_asked_about(desk: Desk) -> None:
    reply = desk.ask("đăng ký tạm trú theo mẫu CT01 mất bao lâu", "ask_time")
    assert (reply.status, reply.aspect, code_of(reply)) == ("answered_aspect", "time", LODGING.code)
    assert desk.ask("mẫu CT01 nộp ở đâu", "ask_place", n_close=2).status == "answered_lookup"
    assert desk.ask("đăng ký tạm trú có mẫu CT01", "ask_form").status == "answered_lookup"  # what the form is for


def test_a_lookup_cites_every_procedure_that_it_lists(desk: Desk) -> None:
    reply = desk.ask("mẫu CT01 dùng khi nào", "lookup_number")
    assert [c.number for c in reply.citations] == [c.code for c in reply.choices]
    assert {c.section for c in reply.citations} == {ASPECT_HEADINGS["form"]}


def test_a_lookup_says_how_many_more_there_are(tmp_path: Path, small_restorer: None) -> None:
    crowd = tuple(replace(LODGING, code=f"9.2{n:05}", name=f"Khai báo chỗ ở số {n}") for n in range(MAX_CHOICES + 3))
    encoder = HashEncoder()
    searcher = Searcher(publish_town(tmp_path, encoder, crowd).load_current(encoder), encoder, load_search_config())
    reply = Desk(searcher).ask("mẫu CT01 dùng khi nào", "lookup_number")
    assert len(reply.citations) == len(reply.choices) == MAX_CHOICES
    assert say("lookup_rest", n=3) in reply.messages[0].text


@pytest.mark.parametrize(
    "question",
    ["how can I register the birth of my child", "wie kann ich mein kind anmelden bitte", "我想登记结婚", "как зарегистрировать ребёнка", "ฉันอยากแต่งงาน"],
)
def test_a_question_in_another_language_is_told_which_one_is_answered(desk: Desk, question: str) -> None:
    reply = desk.ask(question, "nlu_fallback")
    assert (reply.status, reply.citations, code_of(reply)) == ("unanswerable_language", (), None)
    assert reply.messages[0].text == say("language")


@pytest.mark.parametrize(("question", "intent"), [("dk khai sinh can giay j", "ask_documents"), ("mẫu CT01 是什么", "ask_form"), ("?", "inform")])
def test_teencode_a_number_among_foreign_words_and_no_words_are_no_other_language(desk: Desk, question: str, intent: str) -> None:
    assert desk.ask(question, intent).status != "unanswerable_language"


@pytest.mark.parametrize(
    ("question", "words"),
    [("thủ tục 9.999999 lệ phí", "9.999999"), ("nghị định 7/2030/NĐ-CP nói gì", "7/2030/NĐ-CP"), ("mẫu CT99 ở đâu", "CT99")],
)
def test_a_number_nobody_holds_is_said_to_be_unknown(desk: Desk, question: str, words: str) -> None:
    reply = desk.ask(question, "lookup_number")
    assert reply.status == "unanswerable_unknown_code"
    assert words in reply.messages[0].text
    assert code_of(reply) is None


def test_a_document_that_has_ended_is_told_with_what_stands_in_its_place(desk: Desk) -> None:
    text = desk.ask("nghị định 61/2018/NĐ-CP còn hiệu lực không", "lookup_number", today=date(2026, 11, 22)).messages[0].text
    assert say("ended_unknown", value="61/2018/NĐ-CP") in text and "118/2025/NĐ-CP" in text and "01/07/2025" in text


def test_before_its_end_a_document_is_only_unknown(desk: Desk) -> None:
    text = desk.ask("nghị định 61/2018/NĐ-CP còn hiệu lực không", "lookup_number", today=date(2025, 6, 30)).messages[0].text
    assert text == say("unknown_code", kind=say("unknown_kinds.document_number"), value="61/2018/NĐ-CP")


def test_a_document_that_too_many_rest_on_asks_for_the_matter(tmp_path: Path, small_restorer: None) -> None:
    law = (LegalBasis("Nghị định đò", "123/2030/NĐ-CP"),)
    crowd = tuple(replace(LODGING, code=f"9.2{n:05}", name=f"Khai báo chỗ ở số {n}", forms=(), legal_basis=law) for n in range(80))
    encoder = HashEncoder()
    searcher = Searcher(publish_town(tmp_path, encoder, crowd).load_current(encoder), encoder, load_search_config())
    reply = Desk(searcher).ask("Nghị định 123/2030/NĐ-CP quy định gì?", "lookup_number")
    assert (reply.status, code_of(reply)) == ("clarification_topic", None)
    assert "123/2030/NĐ-CP" in reply.messages[0].text
    assert Desk(searcher).ask("Nghị định 123/2030/NĐ-CP khai báo chỗ ở số 7", "lookup_number").status != "clarification_topic"


def test_an_unknown_form_beside_a_clear_question_does_not_stop_the_answer(desk: Desk) -> None:
    reply = desk.ask("đăng ký khai sinh theo mẫu CT99 mất bao lâu", "ask_time")
    assert (reply.status, code_of(reply)) == ("answered_aspect", BIRTH.code)


def test_a_plan_question_is_answered_with_a_quotation(desk: Desk) -> None:
    reply = desk.ask("ai chủ trì ươm mười nghìn gốc tre", "ask_plan_agency")
    assert reply.status == "answered_plan"
    assert OLD_PLAN.sections[1].paragraphs[0] in reply.messages[0].text
    assert reply.citations[0].expired is True
    assert reply.context.plan_id == OLD_PLAN.id
    assert reply.procedure is None


def test_a_plan_named_by_number_is_answered_whatever_the_intent(desk: Desk) -> None:
    assert desk.ask("kế hoạch 41/KH-UBND có nhiệm vụ gì", "ask_steps").status == "answered_plan"


class WithPlans:
    """A searcher among whose plans there is one that the ranking never finds."""

    def __init__(self, town: Searcher, *plans: Plan) -> None:
        self._town, self.index = town, replace(town.index, plans=(*town.index.plans, *plans))

    def __getattr__(self, name: str) -> object:
        return getattr(self._town, name)


@pytest.mark.parametrize(("today", "is_told"), [(date(2029, 6, 30), False), (date(2029, 7, 1), True)])
def test_from_the_day_a_plan_was_replaced_its_answers_name_the_newer_one(town: Searcher, today: date, is_told: bool) -> None:
    words = LegalBasis("Kế hoạch số 41/KH-UBND ngày 03/02/2029", "41/KH-UBND")
    newer = replace(OLD_PLAN, id="moi", number="77/KH-UBND", issued_on=date(2029, 7, 1), replaces=(words,))
    reply = Desk(WithPlans(town, newer)).ask("kế hoạch 41/KH-UBND có nhiệm vụ gì", "ask_plan_task", today=today)
    assert ("thay thế bằng Kế hoạch 77/KH-UBND" in reply.messages[0].text) is is_told
    assert {c.expired for c in reply.citations if c.number == "41/KH-UBND"} == {is_told}


def test_a_plan_still_running_is_not_called_expired(desk: Desk) -> None:
    reply = desk.ask("kế hoạch 41/KH-UBND ươm gốc tre", "ask_plan_task", today=date(2029, 5, 1))
    assert not any(c.expired for c in reply.citations)


def test_several_likely_procedures_are_asked_back(desk: Desk) -> None:
    reply = desk.ask("đăng ký cư trú công an", "ask_fee", certainty="unsure", n_close=3)
    assert reply.status == "clarification_procedure"
    assert len(reply.choices) == 3 == len(reply.messages[0].buttons)
    assert reply.context.choices == reply.choices
    assert (reply.context.pending_aspect, reply.context.n_clarifications) == ("fee", 1)
    assert desk.ask("đăng ký cư trú công an", "ask_fee", certainty="unsure", n_close=3).context.n_clarifications == 2
    third = desk.ask("đăng ký cư trú công an", "ask_fee", certainty="unsure", n_close=3)
    assert (third.status, third.context.n_clarifications) == ("unanswerable_not_found", 0), "two questions back are enough"


@pytest.mark.parametrize(("ask", "status"), [(0.2, "clarification_procedure"), (0.02, "unanswerable_not_found")])
def test_where_none_lies_close_the_nearest_are_offered_only_if_something_of_the_kind_is_likely(
    desk: Desk, ask: float, status: str
) -> None:
    reply = desk.ask("đăng ký cư trú công an", "ask_fee", certainty="unsure", ask=ask)
    assert reply.status == status



def test_a_matter_elsewhere_names_the_body_and_cites_nothing(desk: Desk) -> None:
    reply = desk.ask("tổ chức hội thả diều", "ask_documents", certainty="lost")
    assert reply.status == "unanswerable_elsewhere"
    assert "Bộ Trò chơi" in reply.messages[0].text and "Sở Gió" in reply.messages[0].text
    assert (reply.citations, reply.procedure) == ((), None)


def test_a_matter_elsewhere_never_beats_a_sure_procedure(desk: Desk) -> None:
    assert desk.ask("tổ chức hội thả diều", "ask_documents", certainty="sure").status.startswith("answered")


def test_what_would_be_answered_is_asked_back_and_not_sent_elsewhere(desk: Desk) -> None:
    reply = desk.ask("tổ chức hội thả diều", "ask_documents", certainty="sure", n_close=3, ask=0.5)
    assert reply.status == "clarification_procedure"


def test_two_aspects_asked_at_once_are_both_answered(desk: Desk) -> None:
    reply = desk.ask("đăng ký khai sinh cần giấy tờ gì và mất bao nhiêu tiền", "ask_documents")
    assert reply.aspect == "documents"
    assert "Giấy chứng sinh do trạm y tế cấp" in reply.messages[0].text
    assert "8.000 đồng" in reply.messages[0].text
    assert [c.section for c in reply.citations] == ["Thành phần hồ sơ", "Phí, lệ phí"]


def test_how_it_was_understood_is_told_only_where_it_is_uncertain(desk: Desk) -> None:
    unsure = desk.ask("đăng ký khai sinh cho con", "ask_fee", certainty="sure")
    assert unsure.understood
    assert "#khac" in [b.payload for b in unsure.messages[0].buttons]
    certain = desk.ask("đăng ký khai sinh cho con", "ask_fee", certainty="certain")
    assert certain.understood == ""
    assert "#khac" not in [b.payload for b in certain.messages[0].buttons]


def test_not_meant_offers_what_came_next_and_keeps_the_aspect(desk: Desk) -> None:
    desk.ask("đăng ký khai sinh cho con", "ask_fee")
    reply = desk.ask("#khac")
    assert reply.status == "clarification_procedure"
    assert BIRTH.code not in [c.code for c in reply.choices]
    chosen = desk.ask("1")
    assert (code_of(chosen), chosen.aspect) == (reply.choices[0].code, "fee")


def test_not_meant_before_any_answer_asks_for_the_matter(desk: Desk) -> None:
    assert desk.ask("#khac").status == "chitchat_repair"


def test_a_follow_up_half_held_by_the_record_in_focus_stays_with_it(desk: Desk) -> None:
    desk.ask("đăng ký khai sinh cho con", "ask_documents")
    assert code_of(desk.ask("ai nộp tờ khai ở quầy", "ask_who", certainty="lost")) == BIRTH.code


def test_an_elliptic_question_without_anything_in_focus_asks_for_the_matter(desk: Desk) -> None:
    reply = desk.ask("lệ phí bao nhiêu", "ask_fee")
    assert reply.status == "clarification_topic"
    assert not reply.citations


def test_what_fits_nothing_is_not_guessed(desk: Desk) -> None:
    reply = desk.ask("đăng ký máy bay không người lái", "ask_documents", certainty="lost")
    assert reply.status == "unanswerable_not_found"
    assert code_of(reply) is None
    assert not reply.citations
    assert read_payload(reply.messages[0].buttons[-1].payload).command == "handoff"


def test_a_doubtful_ranking_with_one_candidate_is_not_guessed_either(desk: Desk) -> None:
    assert desk.ask("đăng ký máy bay không người lái", "ask_documents", certainty="unsure").status == "unanswerable_not_found"


# What is carried over.


@pytest.mark.parametrize(
    ("question", "intent", "aspect"),
    [("thế lệ phí thì sao", "ask_fee", "fee"), ("bao lâu thì xong", "ask_time", "time"), ("nop o dau", "ask_place", "place"), ("còn mẫu nào", "ask_form", "form")],
)
def test_an_ellipsis_is_about_the_procedure_in_focus(desk: Desk, question: str, intent: str, aspect: str) -> None:
    desk.ask("đăng ký khai sinh cho con", "ask_documents")
    reply = desk.ask(question, intent, certainty="lost")
    assert (reply.status, reply.aspect, code_of(reply)) == ("answered_aspect", aspect, BIRTH.code)


def test_a_new_matter_changes_the_focus_and_the_next_ellipsis_follows(desk: Desk) -> None:
    desk.ask("đăng ký khai sinh cho con", "ask_documents")
    assert code_of(desk.ask("cấp hộ chiếu phổ thông", "ask_fee")) == PASSPORT.code
    assert code_of(desk.ask("bao lâu thì xong", "ask_time", certainty="lost")) == PASSPORT.code


def test_a_question_that_is_not_found_keeps_the_focus(desk: Desk) -> None:
    desk.ask("đăng ký khai sinh cho con", "ask_documents")
    desk.ask("đăng ký máy bay không người lái", "ask_documents", certainty="lost")
    assert code_of(desk.ask("bao lâu thì xong", "ask_time", certainty="lost")) == BIRTH.code


@pytest.mark.parametrize(
    ("answer", "expected"),
    [("1", 0), ("số 3", 2), ("cái thứ hai", 1), ("cái cuối", 2), ("thường trú", 1), ("tam tru", 2), (f"#tt {RESIDENCE.code}", 1)],
)
def test_a_choice_answers_the_aspect_that_waited(desk: Desk, answer: str, expected: int) -> None:
    choices = choices_of([BIRTH, RESIDENCE, LODGING])
    desk.context = Context(choices=choices, pending_aspect="fee", last_status="clarification_procedure", n_clarifications=1)
    reply = desk.ask(answer, "choose_option", certainty="lost")
    assert (code_of(reply), reply.aspect, reply.status) == (choices[expected].code, "fee", "answered_aspect")
    assert reply.context.choices == ()
    assert reply.context.n_clarifications == 0


def test_a_choice_without_a_waiting_aspect_gives_an_overview(desk: Desk) -> None:
    desk.context = Context(choices=choices_of([BIRTH, RESIDENCE]))
    assert desk.ask("2", "choose_option").status == "answered_overview"


def test_an_aspect_named_with_the_choice_wins_over_the_one_that_waited(desk: Desk) -> None:
    desk.context = Context(choices=choices_of([BIRTH, RESIDENCE]), pending_aspect="fee")
    reply = desk.ask("cái thứ hai mất bao lâu", "ask_time", certainty="lost")
    assert (code_of(reply), reply.aspect) == (RESIDENCE.code, "time")


def test_a_clear_new_question_is_not_read_as_a_choice(desk: Desk) -> None:
    desk.context = Context(choices=choices_of([BIRTH, RESIDENCE]), pending_aspect="fee")
    reply = desk.ask("cấp hộ chiếu phổ thông hết bao nhiêu tiền", "ask_fee")
    assert code_of(reply) == PASSPORT.code


@pytest.mark.parametrize(("payload", "aspect"), [(f"#tt {BIRTH.code}", "general"), (f"#tt {BIRTH.code} fee", "fee"), (f"#TT {BIRTH.code} TIME", "time")])
def test_a_button_names_procedure_and_aspect(desk: Desk, payload: str, aspect: str) -> None:
    reply = desk.ask(payload, certainty="lost")
    assert (code_of(reply), reply.aspect) == (BIRTH.code, aspect)


def test_a_button_from_before_an_index_swap_is_an_unknown_code(desk: Desk) -> None:
    reply = desk.ask("#tt 9.555555", certainty="lost")
    assert reply.status == "unanswerable_unknown_code"
    assert "9.555555" in reply.messages[0].text


def test_a_remembered_procedure_that_is_gone_is_said_to_be_unknown(desk: Desk) -> None:
    desk.context = Context(procedure_code="9.555555", aspect="fee")
    assert desk.ask("bao lâu thì xong", "ask_time", certainty="lost").status == "unanswerable_unknown_code"


def test_a_repair_that_names_the_matter_keeps_the_aspect(desk: Desk) -> None:
    desk.ask("đăng ký khai sinh cho con", "ask_fee")
    reply = desk.ask("không phải, mình hỏi cấp hộ chiếu phổ thông", "repair")
    assert (code_of(reply), reply.aspect) == (PASSPORT.code, "fee")


@pytest.mark.parametrize("question", ["x" * 2000, "<b>khai sinh</b>", "how much is a passport", "😀 khai sinh"])
def test_odd_questions_end_in_a_polite_reply(desk: Desk, question: str) -> None:
    for certainty in ("sure", "unsure", "lost"):
        desk.context = Context()
        reply = desk.ask(question, "ask_fee", certainty=certainty, n_close=2)
        assert reply.messages[0].text
        assert "error" not in reply.status


# Skills without search.


def understood(intent: str, text: str = "") -> Understanding:
    return Understanding(text, intent, 0.9, (), extract_entities(text))


FOCUS = Context(procedure_code=BIRTH.code, aspect="fee")


def skill_replies() -> list[tuple[str, Reply]]:
    return [
        ("tracking_need_code", track_dossier(understood("track_dossier", "hồ sơ của tôi đến đâu rồi"), FOCUS)),
        ("tracking_code_given", track_dossier(understood("track_dossier", "H25.12-260701-0042"), FOCUS)),
        ("feedback_positive", take_feedback(understood("feedback_positive"), FOCUS)),
        ("feedback_negative", take_feedback(understood("feedback_negative"), FOCUS)),
        ("handoff_requested", hand_off(understood("handoff"), FOCUS, "1900 0000")),
    ]


@pytest.mark.parametrize(("status", "reply"), skill_replies(), ids=lambda value: value if isinstance(value, str) else "")
def test_a_skill_ends_in_its_status_and_keeps_the_focus(status: str, reply: Reply) -> None:
    assert reply.status == status
    assert reply.context == replace(FOCUS, last_status=status)
    assert reply.messages[0].text


def test_every_status_the_room_writes_is_an_outcome(repository: Path) -> None:
    outcomes = yaml.safe_load((repository / "bot" / "outcomes.yml").read_text(encoding="utf-8"))
    assert {status for status, _ in skill_replies()} <= set(outcomes)


def test_a_reply_is_json_all_the_way_down(desk: Desk) -> None:
    import json

    desk.ask("mẫu CT01", "lookup_number")
    data = desk.ask("1", "choose_option").to_json()
    assert json.loads(json.dumps(data, ensure_ascii=False))["context"]["procedure_code"] in (RESIDENCE.code, LODGING.code)


def test_a_question_about_a_fine_alone_is_not_answered_where_the_record_names_none(desk: Desk) -> None:
    reply = desk.ask("đăng ký khai sinh trễ hạn có bị phạt không", "ask_conditions")
    assert reply.status == "unanswerable_law"
    assert reply.messages[0].text.startswith(say("law_fine")) and BIRTH.name in reply.messages[0].text
    assert reply.context.procedure_code == BIRTH.code and not reply.citations
    more = desk.ask("đăng ký khai sinh trễ hạn có bị phạt không, cần giấy tờ gì", "ask_documents")
    assert more.status == "answered_aspect" and say("no_penalty") in more.messages[0].text


@pytest.mark.parametrize("question", ["khai sinh là gì", "đăng ký khai sinh ở xã và ở tỉnh khác nhau thế nào", "quyền và nghĩa vụ của người đăng ký khai sinh"])
def test_a_question_of_law_is_said_to_be_one_and_the_nearest_procedures_offered(desk: Desk, question: str) -> None:
    reply = desk.ask(question, "ask_procedure")
    assert reply.status == "unanswerable_law"
    assert reply.messages[0].text.startswith(say("law")) and BIRTH.name in reply.messages[0].text
    assert [b.title for b in reply.messages[0].buttons][-1] == say("ask_person")


def test_a_question_by_when_to_act_is_told_where_the_record_names_no_day(desk: Desk) -> None:
    text = desk.ask("sinh con bao lâu phải đăng ký khai sinh", "ask_time").messages[0].text
    assert text.startswith(say("no_filing_deadline")) and say("no_penalty") not in text
