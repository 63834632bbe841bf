"""Lists over all plans in a conversation: begun, gone on with, changed, empty, and left alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from actions.reply import Context, Reply
from actions.task_lists import MAX_ITEMS, TaskLists
from knowledge.model import LegalBasis, Plan, PlanSection, PlanTask, Source
from knowledge.plan_catalogue import PlanCatalogue
from nlu.payloads import MAX_PAYLOAD_BYTES

TODAY = date(2031, 5, 1)
MANY = Plan(
    "suoi", "Kế hoạch suối", Source("suoi.txt", "Suối", read_on="2031-04"), "8/KH-UBND", "Kế hoạch", "UBND tỉnh Khe Sâu", "Khe Sâu", date(2031, 1, 9),
    sections=(PlanSection("III", "Việc chung", ("III. Việc chung",), ("Sở Suối đo mực nước từng khe, báo cáo qua bưu chính công ích của tỉnh.",)),),
    tasks=(
        *(PlanTask(f"Khơi dòng số {n}", "Sở Suối", (), "", "Quý III", "III") for n in range(1, 11)),
        PlanTask("Đo mực nước từng khe", "Sở Suối", ("UBND xã",), "Sổ", "trước ngày 1/2/2031", "III"),
        PlanTask("Trồng cỏ", "Sở Lau", (), "", "", "III"),
    ),
)  # fmt: skip
OLD = Plan(
    "cau", "Kế hoạch cầu", Source("cau.txt", "Cầu", "https://example.invalid/cau"), "2/KH-UBND", "Kế hoạch", "UBND huyện Cầu Tre", "Cầu Tre",
    date(2029, 1, 2), date(2029, 1, 1), date(2029, 12, 31),
    sections=(PlanSection("I", "", ("I",), ("Bắc cầu, gửi thư bằng bưu chính công ích.",)),),
    tasks=(PlanTask("Bắc cầu", "Sở Cầu", (), "", "Quý IV", "I"),),
)  # fmt: skip


class Room:
    """A conversation that carries its context."""

    def __init__(self) -> None:
        self.lists = TaskLists(lambda: PlanCatalogue((OLD, MANY), TODAY))
        self.context = Context()

    def ask(self, text: str, intent: str = "ask_plan_task") -> Reply | None:
        reply = self.lists.answer(text, intent, self.context)
        self.context = reply.context if reply else self.context
        return reply


def text_of(reply: Reply | None) -> str:
    assert reply is not None
    return reply.messages[0].text


def test_a_list_names_lead_deadline_section_and_plan_and_cites_each_item():
    reply = Room().ask("việc nào đến hạn trong quý III, ai chủ trì?")
    assert reply and reply.status == "answered_tasks" and len(reply.citations) == MAX_ITEMS
    text = text_of(reply)
    assert "chủ trì: Sở Suối" in text and "Quý III (tính đến hết 30/09/2031)" in text and "8/KH-UBND, Khe Sâu, mục III. Việc chung" in text
    cite = reply.citations[0]
    assert (cite.kind, cite.number, cite.section, cite.quote, cite.as_of) == ("plan", "8/KH-UBND", "III. Việc chung", "Khơi dòng số 1", "2031-04")


def test_the_paragraph_that_sets_a_task_is_its_quotation():
    reply = Room().ask("việc nào quá hạn")
    assert reply and "Đo mực nước từng khe" in text_of(reply)
    assert "không cho biết việc đã xong" in text_of(reply)


def test_what_does_not_fit_is_counted_and_comes_when_asked_for():
    room = Room()
    first = room.ask("việc nào đến hạn trong quý III")
    assert "Còn 2 việc" in text_of(first)
    button = first.messages[0].buttons[0]
    assert len(button.payload.encode()) <= MAX_PAYLOAD_BYTES
    second = room.ask(button.payload)
    assert text_of(second).startswith("9. “Khơi dòng số 9”") and "Còn" not in text_of(second)
    assert [c.quote for c in second.citations] == ["Khơi dòng số 9", "Khơi dòng số 10"]


def test_going_on_may_be_typed_but_only_where_a_list_was_begun():
    room = Room()
    assert room.ask("xem tiếp") is None
    room.ask("việc nào đến hạn trong quý III")
    assert text_of(room.ask("xem tiếp đi")).startswith("9.")


def test_a_list_told_to_its_end_says_so():
    room = Room()
    room.ask("việc nào quá hạn")
    end = room.ask("xem tiếp")
    assert end.status == "answered_tasks" and "kể hết" in text_of(end)


def test_every_page_of_a_list_and_its_end_cite_what_was_told():
    room = Room()
    first = room.ask("việc nào đến hạn trong quý III, ai chủ trì?")
    second, end = room.ask("xem tiếp"), room.ask("xem tiếp")
    assert [len(page.citations) for page in (first, second)] == [MAX_ITEMS, 10 - MAX_ITEMS]
    assert {c.quote for c in (*first.citations, *second.citations)} == {f"Khơi dòng số {n}" for n in range(1, 11)}
    assert "kể hết" in text_of(end) and end.citations[-1] == second.citations[-1]


def test_the_end_of_a_list_of_mentions_still_cites_them():
    room = Room()
    told = room.ask("kế hoạch nào nhắc đến bưu chính công ích?", "ask_plan_content")
    end = room.ask("xem tiếp")
    assert "kể hết" in text_of(end) and end.citations == told.citations


def test_an_agency_that_only_helps_is_told_so_after_what_it_leads():
    assert "UBND xã phối hợp" in text_of(Room().ask("UBND xã phải làm gì"))


def test_the_button_of_a_list_that_nobody_began_asks_what_is_meant():
    assert Room().ask("#tiep").status == "clarification_topic"


def test_a_quarter_without_a_year_names_the_years_it_was_found_in():
    text = text_of(Room().ask("việc nào đến hạn trong quý IV"))
    assert "Năm 2031 không có việc nào" in text and "“Bắc cầu”" in text and "đã hết thời gian thực hiện" in text


def test_an_old_plans_item_is_cited_as_expired():
    (cite,) = Room().ask("việc nào đến hạn trong quý IV").citations
    assert cite.expired and cite.url == "https://example.invalid/cau"


def test_another_agency_or_quarter_goes_on_with_the_same_list():
    room = Room()
    room.ask("Sở Suối phải làm gì trong quý III")
    assert "Trồng cỏ" not in text_of(room.ask("còn quý IV thì sao"))
    assert room.context.listing is not None
    assert "Sở Lau" in text_of(room.ask("còn Sở Lau?"))
    assert "Khe Sâu" in text_of(room.ask("còn tỉnh Khe Sâu?"))


def test_a_list_without_items_says_so_and_offers_the_agencys_others():
    room = Room()
    empty = room.ask("Sở Lau có việc nào đến hạn năm 2031")
    assert empty.status == "unanswerable_no_task" and "1 việc của Sở Lau không ghi ngày" in text_of(empty)
    assert "Trồng cỏ" in text_of(room.ask("#tiep"))


def test_plans_that_speak_of_something_are_listed_latest_first():
    reply = Room().ask("kế hoạch nào nhắc đến bưu chính công ích?", "ask_plan_content")
    assert reply.status == "answered_mentions" and [c.number for c in reply.citations] == ["8/KH-UBND", "2/KH-UBND"]
    assert text_of(reply).startswith("Có 2 văn bản nhắc đến “bưu chính công ích”") and reply.citations[1].expired


def test_a_phrase_that_no_plan_holds_is_said_to_stand_nowhere():
    reply = Room().ask("kế hoạch nào nhắc đến tàu ngầm", "ask_plan_content")
    assert reply.status == "unanswerable_no_task" and "“tàu ngầm”" in text_of(reply)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("Sở Suối phải làm gì theo kế hoạch 8/KH-UBND", "ask_plan_task"),  # one plan: its passage is quoted
        ("văn bản nào quy định lệ phí khai sinh", "ask_legal_basis"),
        ("kế hoạch nào nhắc đến việc khơi dòng ở những nơi xa", "ask_plan_content"),  # too long to be word for word
        ("đăng ký khai sinh quá hạn thì sao", "ask_procedure"),
        ("#tt 1.001193 fee", "ask_fee"),
        ("2", "choose_option"),
    ],
)
def test_everything_else_is_left_to_the_search(text: str, intent: str):
    assert Room().ask(text, intent) is None


def test_the_context_holds_words_of_plans_only():
    room = Room()
    room.ask("em là Lan ở phòng nội vụ, cho hỏi Sở Suối phải làm gì")
    room.ask("Sở Suối phải làm gì")
    assert room.context.listing.agency == "so suoi" and room.context.listing.words == ""


def test_tasks_and_mentions_of_a_replaced_plan_say_so_and_come_last():
    newer = replace(
        MANY, id="suoi-moi", number="9/KH-UBND", issued_on=date(2031, 4, 1), replaces=(LegalBasis("Kế hoạch số 8/KH-UBND ngày 09/01/2031", "8/KH-UBND"),),
        tasks=(PlanTask("Khơi dòng lại", "Sở Suối", (), "", "Quý III", "III"),),
    )  # fmt: skip
    lists = TaskLists(lambda: PlanCatalogue((MANY, newer), TODAY))
    listed = lists.answer("việc nào đến hạn trong quý III", "ask_plan_task", Context())
    assert text_of(listed).count("văn bản đã được thay thế bằng 9/KH-UBND") == MAX_ITEMS - 1
    assert [c.expired for c in listed.citations] == [False] + [True] * (MAX_ITEMS - 1)
    mentioned = lists.answer("kế hoạch nào nhắc đến bưu chính công ích?", "ask_plan_task", Context())
    assert [(c.number, c.expired) for c in mentioned.citations] == [("9/KH-UBND", False), ("8/KH-UBND", True)]
    assert text_of(mentioned).count("văn bản đã được thay thế bằng 9/KH-UBND") == 1


def test_a_list_with_work_of_districts_names_who_has_it_now():
    plan = replace(MANY, tasks=(PlanTask("Khơi dòng", "UBND các huyện, thị xã", (), "", "Quý III", "III"),))
    listed = TaskLists(lambda: PlanCatalogue((plan,), TODAY)).answer("việc nào đến hạn trong quý III", "ask_plan_task", Context())
    assert "Nay việc ấy thuộc Ủy ban nhân dân cấp xã" in text_of(listed)
