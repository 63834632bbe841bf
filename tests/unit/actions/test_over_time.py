"""Questions about time, answered from versions."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from actions.over_time import answer_over_time, read_time_question, vietnamese_reading
from actions.phrases import say
from actions.reply import Context, Reply
from actions.time_notes import district_note
from actions.turn import Assistant
from knowledge.model import Submission
from knowledge.retrieval.search import Searcher
from knowledge.store.errors import ContentStoreError
from knowledge.store.history import Version
from nlu.payloads import read_payload
from nlu.types import Understanding
from tests.fakes import BIRTH, MARRIAGE, TODAY
from tests.unit.knowledge.history.test_history import version

OLD = replace(BIRTH, submissions=(Submission("desk", "5 ngày làm việc", fees=("Lệ phí: 5.000 đồng",)),))
NEW = replace(BIRTH, submissions=(Submission("desk", "5 ngày làm việc", fees=("Lệ phí: 8.000 đồng",)),))


class Kept:
    """Versions in memory, or a database that is away."""

    def __init__(self, *versions: Version, is_away: bool = False) -> None:
        self._versions, self._is_away = versions, is_away

    def versions(self, code: str) -> tuple[Version, ...]:
        if self._is_away:
            raise ContentStoreError("away")
        return self._versions


TWICE = Kept(version(OLD, 1, "2030-07"), version(NEW, 2, "2031-03-10"))


@pytest.mark.parametrize(
    ("question", "kind", "matter", "day"),
    [
        ("có gì thay đổi về đăng ký khai sinh không?", "changes", "đăng ký khai sinh", None),
        ("thủ tục khai sinh có gì thay đổi không", "changes", "thủ tục khai sinh", None),
        ("co gi thay doi ve dang ky ket hon", "changes", "dang ky ket hon", None),
        ("khai sinh năm nay có gì mới không", "changes", "khai sinh", None),
        ("đăng ký khai sinh khác gì so với trước", "changes", "đăng ký khai sinh", None),
        ("có gì thay đổi?", "changes", "", None),
        ("trước đây đăng ký kết hôn mất bao nhiêu tiền", "earlier", "đăng ký kết hôn mất bao nhiêu tiền", None),
        ("năm ngoái làm hộ chiếu hết bao nhiêu", "earlier", "làm hộ chiếu hết bao nhiêu", None),
        ("trước đây, đăng ký kết hôn cần gì?", "earlier", "đăng ký kết hôn cần gì?", None),
        ("tính đến ngày 1/8/2030 lệ phí khai sinh bao nhiêu", "earlier", "lệ phí khai sinh bao nhiêu", date(2030, 8, 1)),
        ("lệ phí khai sinh tại thời điểm tháng 12/2030", "earlier", "lệ phí khai sinh", date(2030, 12, 31)),
    ],
)
def test_words_about_time_are_taken_out_of_the_question(question: str, kind: str, matter: str, day: date | None) -> None:
    asked = read_time_question(question)
    assert (asked.kind, asked.matter, asked.day) == (kind, matter, day)


@pytest.mark.parametrize(
    "question",
    [
        "đăng ký thay đổi nội dung kinh doanh cần gì",
        "trước đây tôi đã kết hôn nay muốn kết hôn lại cần gì",
        "có thay đổi nơi cư trú thì làm gì",
        "con tôi thay đổi họ tên được không",
        "hồi trước em làm mất giấy khai sinh",
        "năm ngoái em làm hai chỗ, tự quyết toán thuế dùng tờ nào",
        "tiền đất ghi nợ hồi trước, đi xóa nợ cần gì",
        "nghiệm thu lò gạch mấy ngày, trước đây gọi là thẩm định",
        "làm khai sinh cho con cần gì",
        "tính đến ngày 31/2/2030 lệ phí bao nhiêu",
    ],
)
def test_questions_that_only_tell_of_the_past_or_of_a_change_are_left_alone(question: str) -> None:
    assert read_time_question(question) is None


def text_of(reply: Reply) -> str:
    return reply.messages[0].text


def told(question: str, history: Kept, aspects: tuple[str, ...] = ("fee",), record=BIRTH) -> Reply:
    return answer_over_time(read_time_question(question), record, aspects, history, TODAY, 0.9)


def test_what_changed_is_told_with_both_readings() -> None:
    reply = told("có gì thay đổi?", TWICE)
    assert reply.status == "answered_changes"
    assert "tháng 7/2030" in text_of(reply) and "10/3/2031" in text_of(reply)
    assert "“Lệ phí: 5.000 đồng”" in text_of(reply) and "“Lệ phí: 8.000 đồng”" in text_of(reply)
    assert "5 ngày làm việc" not in text_of(reply)  # did not change
    assert "không biết chính xác ngày đổi" in text_of(reply)
    assert reply.context.procedure_code == BIRTH.code


def test_one_reading_is_said_to_be_one() -> None:
    assert "mới có một bản, đọc tháng 5/2031" in text_of(told("có gì thay đổi?", Kept(version(BIRTH, 1, "2031-05"))))


def test_the_same_words_read_twice_are_said_to_be_unchanged() -> None:
    reply = told("có gì thay đổi?", Kept(version(OLD, 1, "2030-07", last_read_on="2031-03")))
    assert "2 lần (tháng 7/2030, tháng 3/2031)" in text_of(reply) and "chưa thấy thay đổi" in text_of(reply)


def test_how_it_was_is_told_from_the_version_of_the_day() -> None:
    reply = told("tính đến ngày 1/8/2030 lệ phí bao nhiêu", TWICE)
    assert reply.status == "answered_earlier"
    assert "5.000 đồng" in text_of(reply) and "8.000 đồng" not in text_of(reply)
    assert "đọc tháng 7/2030" in text_of(reply) and "Nay đã khác" in text_of(reply)
    assert "5.000 đồng" in reply.citations[0].quote


def test_before_now_is_the_version_before_the_live_one() -> None:
    assert "5.000 đồng" in text_of(told("trước đây thì sao?", TWICE))


def test_an_aspect_that_did_not_change_is_said_so() -> None:
    assert "đến nay không đổi" in text_of(told("trước đây thì sao?", TWICE, ("time",)))


@pytest.mark.parametrize(("question", "history"), [("tính đến ngày 1/1/2020 lệ phí bao nhiêu", TWICE), ("trước đây thì sao?", Kept(version(OLD, 1, "2031-05")))])
def test_a_day_of_which_nothing_was_read_is_said_to_be_unknown(question: str, history: Kept) -> None:
    reply = told(question, history)
    assert reply.status == "unanswerable_no_version"
    assert "đồng" not in text_of(reply)


def titles(reply: Reply) -> list[str]:
    return [button.title for button in reply.messages[0].buttons]


def test_after_what_changed_every_aspect_and_a_person_can_be_asked_for() -> None:
    reply = told("có gì thay đổi?", TWICE)
    assert titles(reply) == [*(say(f"aspects.{a}") for a in ("documents", "fee", "time", "place", "online")), say("ask_person")]
    assert read_payload(reply.messages[0].buttons[0].payload).procedure_code == BIRTH.code


@pytest.mark.parametrize("question", ["tính đến ngày 1/8/2030 lệ phí bao nhiêu", "tính đến ngày 1/1/2020 lệ phí bao nhiêu", "trước đây thì sao?"])
def test_after_how_it_was_the_first_step_leads_to_how_it_is_now(question: str) -> None:
    first, *others = told(question, TWICE).messages[0].buttons
    assert first.title == "Lệ phí hiện nay" and len(others) == 5
    assert (read_payload(first.payload).procedure_code, read_payload(first.payload).aspect) == (BIRTH.code, "fee")
    assert say("aspects.fee") not in [button.title for button in others]


def test_without_the_database_the_next_steps_leave_out_what_was_told() -> None:
    reply = told("trước đây thì sao?", Kept(is_away=True))
    assert say("aspects.fee") not in titles(reply) and say("aspects.documents") in titles(reply)


def test_without_the_database_the_live_record_answers_and_says_so() -> None:
    reply = told("trước đây thì sao?", Kept(is_away=True))
    assert reply.status == "answered_aspect" and "chưa xem được các bản trước" in text_of(reply)


def test_dated_notes_that_began_lately_are_news() -> None:
    noted = replace(BIRTH, notes=("Từ 1/3/2031 làm ở xã nào cũng được.", "Từ 1/1/2020 đến 1/2/2020 miễn phí."))
    text = text_of(told("có gì thay đổi?", Kept(version(BIRTH, 1, "2031-05")), record=noted))
    assert "Từ 1/3/2031" in text and "2020" not in text


def ask(town: Searcher, question: str, intent: str = "ask_fee", context: Context = Context(), history: Kept | None = TWICE) -> Reply:  # noqa: B008
    assistant = Assistant(lambda: town, today=lambda: TODAY, history=history)
    return assistant.answer(question, Understanding(question, intent=intent, confidence=0.9), context)


def test_a_turn_about_change_ends_in_changes(town: Searcher) -> None:
    reply = ask(town, "có gì thay đổi về đăng ký khai sinh không?", "ask_general")
    assert (reply.status, reply.procedure["code"]) == ("answered_changes", BIRTH.code)


def test_a_turn_about_before_stays_with_the_procedure_in_focus(town: Searcher) -> None:
    reply = ask(town, "trước đây thì sao?", context=Context(procedure_code=BIRTH.code, aspect="fee", last_status="answered_aspect"))
    assert (reply.status, reply.aspect) == ("answered_earlier", "fee")


def test_without_history_the_turn_goes_its_usual_way(town: Searcher) -> None:
    assert ask(town, "có gì thay đổi về đăng ký khai sinh không?", history=None).status.startswith(("answered_", "clarification"))


def test_a_district_body_is_followed_by_who_is_competent_now() -> None:
    note = district_note(MARRIAGE, "Bảo hiểm xã hội cấp huyện", date(2026, 11, 22))
    assert "Bảo hiểm xã hội cơ sở" in note and "khá chắc" in note and "theo" in note
    assert district_note(MARRIAGE, "Công an cấp xã", date(2026, 11, 22)) == ""
    assert district_note(MARRIAGE, "Công an huyện", date(2024, 1, 1)) == ""


@pytest.mark.parametrize(("read_on", "said"), [("2026-07", "tháng 7/2026"), ("2026-10-09", "9/10/2026"), ("", "")])
def test_reading_dates_are_said_as_people_do(read_on: str, said: str) -> None:
    assert vietnamese_reading(read_on) == said
