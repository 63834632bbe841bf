"""A question about one province's plan: its own passages, another's only where told, or that there is none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from actions.phrases import say
from knowledge.model import Plan, SearchResult
from knowledge.retrieval.search import Searcher
from tests.desk import Desk
from tests.fakes import LIVE_PLAN, OLD_PLAN


def of_place(plan: Plan, authority: str, place: str) -> Plan:
    return replace(plan, authority=authority, place=place)


TREES_IN_THE_NORTH = of_place(OLD_PLAN, "UBND tỉnh Lào Cai", "Lào Cai")
BOOKS_IN_THE_SOUTH = of_place(LIVE_PLAN, "UBND tỉnh Cà Mau", "Cà Mau")


class InRealPlaces:
    """The town's searcher, its plans made those of Lào Cai and Cà Mau; ``added`` stands at the end of each passage."""

    def __init__(self, town: Searcher, added: str = "") -> None:
        self._town, self._added = town, added
        self.index = replace(town.index, plans=(TREES_IN_THE_NORTH, BOOKS_IN_THE_SOUTH))

    def __getattr__(self, name: str) -> object:
        return getattr(self._town, name)

    def search(self, question: str, *args: object, **kinds: object) -> SearchResult:
        result = self._town.search(question, *args, **kinds)
        hits = tuple(replace(h, passage=replace(h.passage, text=h.passage.text + self._added)) for h in result.plan_hits)
        return replace(result, plan_hits=hits)


@pytest.fixture
def desk(town: Searcher) -> Desk:
    return Desk(InRealPlaces(town))


def test_who_names_a_province_gets_its_plan_though_anothers_holds_the_words_better(desk: Desk) -> None:
    reply = desk.ask("kế hoạch của Cà Mau ươm mười nghìn gốc tre trước ngày nào, ai chủ trì", "ask_plan_agency")
    assert {c.source for c in reply.citations} <= {BOOKS_IN_THE_SOUTH.source.id}
    assert OLD_PLAN.sections[1].paragraphs[0] not in "".join(m.text for m in reply.messages)


def test_the_plan_of_the_province_named_is_quoted(desk: Desk) -> None:
    reply = desk.ask("kế hoạch của Lào Cai ươm mười nghìn gốc tre, ai chủ trì", "ask_plan_agency")
    assert reply.status == "answered_plan" and {c.source for c in reply.citations} == {OLD_PLAN.source.id}


def test_a_province_without_a_plan_is_told_that_there_is_none_and_where_there_are_some(desk: Desk) -> None:
    reply = desk.ask("kế hoạch của Thanh Hóa ươm mười nghìn gốc tre, ai chủ trì", "ask_plan_agency")
    assert (reply.status, reply.citations) == ("unanswerable_no_plan", ())
    assert say("no_plan", said="Thanh Hóa") in reply.messages[0].text
    assert "UBND tỉnh Lào Cai" in reply.messages[0].text


def test_a_passage_of_another_plan_that_speaks_of_the_province_is_told_as_anothers(town: Searcher) -> None:
    desk = Desk(InRealPlaces(town, added=" Đón đoàn Thanh Hóa."))
    reply = desk.ask("kế hoạch đón đoàn Thanh Hóa ươm mười nghìn gốc tre, ai chủ trì", "ask_plan_agency")
    assert reply.status == "answered_plan"
    assert reply.messages[0].text.startswith(say("plan_of_other", said="Thanh Hóa"))


def test_a_plan_named_by_number_is_answered_whatever_place_is_named_too(desk: Desk) -> None:
    assert desk.ask("kế hoạch 41/KH-UBND giao Thanh Hóa việc gì", "ask_plan_task").status == "answered_plan"


@pytest.mark.parametrize(("question", "status"), [
    ("kế hoạch 41/KH-UBND của Lào Cai có nhiệm vụ gì", "answered_plan"),
    ("kế hoạch 41/KH-UBND của Thanh Hóa có nhiệm vụ gì", "unanswerable_no_plan"),
    ("kế hoạch 41/KH-UBND của Cà Mau có nhiệm vụ gì", "unanswerable_no_plan"),
])  # fmt: skip
def test_a_number_of_one_province_is_no_number_of_another(desk: Desk, question: str, status: str) -> None:
    reply = desk.ask(question, "ask_plan_task")
    assert reply.status == status
    if "Cà Mau" in question:
        assert say("no_plan_number", said="Cà Mau") in reply.messages[0].text and "52/KH-UBND" in reply.messages[0].text


def test_who_asks_about_a_plan_itself_is_answered_from_its_head(town: Searcher) -> None:
    places = InRealPlaces(town)
    signed = replace(TREES_IN_THE_NORTH, signer="Lê Văn Gió", signer_role="Phó Chủ tịch")
    places.index = replace(places.index, plans=(signed, BOOKS_IN_THE_SOUTH))
    reply = Desk(places).ask("ai ký kế hoạch 41/KH-UBND của Lào Cai?", "ask_plan_content")
    assert reply.status == "answered_plan" and "Phó Chủ tịch Lê Văn Gió" in reply.messages[0].text
    (cite,) = reply.citations
    assert (cite.number, cite.expired) == ("41/KH-UBND", True)


@pytest.mark.parametrize("question", ["Phòng Thủy lợi tỉnh Thanh Hóa phải làm gì", "việc nào đến hạn trong quý III ở Thanh Hóa"])
def test_tasks_of_a_province_without_a_plan_are_none(desk: Desk, question: str) -> None:
    assert desk.ask(question, "ask_plan_task", "lost").status == "unanswerable_no_plan"


def test_a_question_about_a_procedure_in_a_province_is_none_about_its_plans(desk: Desk) -> None:
    assert desk.ask("đăng ký khai sinh cho con ở Thanh Hóa cần giấy gì", "ask_documents").status == "answered_aspect"
