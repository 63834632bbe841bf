"""Lists of plans by province or authority: told a few at a time, each with its period and whether that has passed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from actions.plan_lists import MAX_PLANS
from actions.reply import Context, Reply
from actions.task_lists import TaskLists
from knowledge.model import LegalBasis, Plan, PlanSection, Source
from knowledge.plan_catalogue import PlanCatalogue
from nlu.diacritics import bare

TODAY = date(2031, 5, 1)


def plan(number: str, authority: str = "UBND tỉnh Lào Cai", place: str = "Lào Cai", text: str = "Trồng cây.", **fields) -> Plan:
    section = PlanSection("I", "Việc", ("I. Việc",), (text,))
    start = Plan(number, f"Kế hoạch số {number}", Source(f"{number}.txt", number, read_on="2031-04"), f"{number}/KH-UBND", "Kế hoạch", authority, place, date(2030, 1, 5), sections=(section,))  # fmt: skip
    return replace(start, **fields)


RUNS = plan("1", period_from=date(2031, 1, 1), period_to=date(2031, 12, 31))
OVER = plan("2", period_from=date(2029, 1, 1), period_to=date(2029, 12, 31), issued_on=date(2029, 1, 2), text="Gửi thư bằng bưu chính công ích.")
OPEN = plan("3", issued_on=date(2031, 2, 1))
GONE = plan("4", issued_on=date(2028, 3, 3))
NEWER = plan("5", issued_on=date(2030, 3, 3), period_to=date(2032, 1, 1), replaces=(LegalBasis("Kế hoạch số 4/KH-UBND ngày 03/3/2028", "4/KH-UBND"),))
SOUTH = plan("1", "UBND tỉnh Cà Mau", "Cà Mau", "Nuôi tôm bằng bưu chính công ích.", id="1-cm")
CENTRAL = replace(plan("9", "Thủ tướng Chính phủ", "Hà Nội", kind="Quyết định"), number="9/QĐ-TTg")
PLANS = (RUNS, OVER, OPEN, GONE, NEWER, SOUTH, CENTRAL)
TYPED = {bare(text): text for text in ("lào cai có những kế hoạch gì", "kế hoạch nào còn hiệu lực của cà mau", "kế hoạch nào của lào cai nhắc đến bưu chính công ích")}  # fmt: skip


class Room:
    def __init__(self, plans: tuple[Plan, ...] = PLANS, restore: Callable[[str], str] = lambda text: TYPED.get(text, text)) -> None:
        self.lists = TaskLists(lambda: PlanCatalogue(plans, TODAY))
        self.context, self.restore = Context(), restore

    def ask(self, text: str, intent: str = "ask_plan_content") -> Reply | None:
        reply = self.lists.answer(text, intent, self.context, self.restore)
        self.context = reply.context if reply else self.context
        return reply


def text_of(reply: Reply | None) -> str:
    assert reply is not None
    return reply.messages[0].text


def numbers(reply: Reply | None) -> list[str]:
    assert reply is not None
    return [citation.number for citation in reply.citations]


@pytest.mark.parametrize("question", ["Lào Cai có những kế hoạch gì", "lao cai co nhung ke hoach gi"])
def test_a_provinces_plans_are_listed_those_that_run_first(question: str):
    reply = Room().ask(question)
    assert reply and reply.status == "answered_plans"
    assert numbers(reply) == ["5/KH-UBND", "1/KH-UBND", "3/KH-UBND", "2/KH-UBND", "4/KH-UBND"]
    lines = text_of(reply).split("\n\n")
    assert "Mình có 5 văn bản của" in lines[0] and "Lào Cai" in lines[0]
    assert lines[2] == "2. Kế hoạch 1/KH-UBND ngày 05/01/2030 của UBND tỉnh Lào Cai\n   Kế hoạch số 1\n   Thời gian thực hiện: 01/01/2031 – 31/12/2031, chưa hết"
    assert "không ghi ngày kết thúc" in lines[3] and "01/01/2029 – 31/12/2029, đã hết" in lines[4] and "thay thế bằng 5/KH-UBND" in lines[5]


def test_each_plan_is_cited_with_its_source_and_whether_it_is_over():
    reply = Room().ask("các kế hoạch của Lào Cai")
    assert reply and [(c.source, c.as_of, c.expired) for c in reply.citations][-2:] == [("2.txt", "2031-04", True), ("4.txt", "2031-04", True)]
    assert [c.expired for c in reply.citations[:3]] == [False, False, False]


def test_those_in_force_leave_out_what_has_passed_or_was_replaced_and_say_what_is_not_known():
    reply = Room().ask("kế hoạch nào còn hiệu lực của Lào Cai")
    assert numbers(reply) == ["5/KH-UBND", "1/KH-UBND", "3/KH-UBND"]
    assert "không biết còn hiệu lực hay không" in text_of(reply)


def test_those_that_are_over_hold_the_replaced_one():
    assert numbers(Room().ask("kế hoạch nào của Lào Cai đã hết hiệu lực")) == ["2/KH-UBND", "4/KH-UBND"]


def test_without_diacritics_those_in_force_of_another_province():
    reply = Room().ask("ke hoach nao con hieu luc cua ca mau")
    assert reply and [c.source for c in reply.citations] == ["1.txt"] and "Cà Mau" in text_of(reply)


@pytest.mark.parametrize("question", ["kế hoạch nào của Lào Cai nhắc đến bưu chính công ích", "ke hoach nao cua lao cai nhac den buu chinh cong ich"])
def test_what_one_provinces_plans_speak_of_is_not_looked_for_in_anothers(question: str):
    reply = Room().ask(question)
    assert reply and reply.status == "answered_mentions" and numbers(reply) == ["2/KH-UBND"]
    assert "của" in text_of(reply).split("\n")[0] and "Lào Cai nhắc đến “bưu chính công ích”" in text_of(reply)


def test_the_next_place_is_asked_of_the_same_list():
    room = Room()
    room.ask("kế hoạch nào của Lào Cai nhắc đến bưu chính công ích")
    reply = room.ask("còn Cà Mau?", "inform")
    assert reply and reply.status == "answered_mentions" and [c.quote for c in reply.citations] == ["Nuôi tôm bằng bưu chính công ích."]
    assert room.ask("còn giấy tờ thì sao", "ask_documents") is None


def test_a_phrase_that_stands_in_no_plan_of_the_province_is_said_to_stand_in_none():
    reply = Room().ask("kế hoạch nào của Lào Cai nhắc đến tàu vũ trụ")
    assert reply and reply.status == "unanswerable_no_task" and "tàu vũ trụ" in text_of(reply) and "5 văn bản của Lào Cai" in text_of(reply)


def test_a_long_list_comes_a_few_at_a_time():
    room = Room(tuple(plan(str(n), issued_on=date(2030, 1, n)) for n in range(1, 13)))
    first = room.ask("Lào Cai có những kế hoạch gì")
    assert len(first.citations) == MAX_PLANS and f"Còn {12 - MAX_PLANS} văn bản nữa" in text_of(first)
    second, third, end = room.ask(first.messages[0].buttons[0].payload), room.ask("xem tiếp"), room.ask("xem tiếp")
    seen = [*numbers(first), *numbers(second), *numbers(third)]
    assert seen == [f"{n}/KH-UBND" for n in range(12, 0, -1)] and "kể hết" in text_of(end)


def test_a_year_without_plans_offers_those_of_other_years():
    room = Room()
    reply = room.ask("Cà Mau có kế hoạch nào năm 2045 không")
    assert reply and reply.status == "unanswerable_no_plan" and "năm 2045" in text_of(reply)
    assert numbers(room.ask(reply.messages[0].buttons[0].payload)) == ["1/KH-UBND"]


def test_a_province_without_plans_is_said_to_have_none():
    reply = Room().ask("Thanh Hóa có những kế hoạch gì")
    assert reply and reply.status == "unanswerable_no_plan" and "Thanh Hóa" in text_of(reply)


def test_a_nickname_is_told_by_its_name_and_an_authority_without_a_place_is_known():
    assert "thành phố Hà Nội" in text_of(Room((plan("7", "UBND thành phố Hà Nội", "Hà Nội"),)).ask("HN có kế hoạch nào"))
    assert numbers(Room().ask("Thủ tướng Chính phủ có những kế hoạch nào")) == ["9/QĐ-TTg"]


def test_a_decision_asked_for_of_who_has_none_here_is_left_to_the_search():
    assert Room().ask("quyết định nào của Thanh Hóa", "ask_legal_basis") is None
