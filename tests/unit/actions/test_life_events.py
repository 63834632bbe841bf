"""Somebody tells what happened and names no procedure."""

from __future__ import annotations

import pytest

from knowledge.retrieval.search import Searcher
from tests.desk import Desk, code_of
from tests.fakes import EVENTS, MARRIAGE, RESIDENCE

TOLD = "tụi em hai đứa vừa làm lễ xong"


@pytest.fixture
def desk(town: Searcher) -> Desk:
    return Desk(town)


def test_who_only_tells_hears_all_that_may_have_to_be_done_and_the_likeliest_of_it(desk: Desk) -> None:
    reply = desk.ask(TOLD, "inform", certainty="lost")
    assert (reply.status, code_of(reply)) == ("answered_overview", MARRIAGE.code)
    assert reply.messages[0].text.startswith(EVENTS[0].ask) and "2. Chuyển hộ khẩu" in reply.messages[0].text
    assert "“Đăng ký kết hôn”" in reply.messages[1].text and reply.understood


@pytest.mark.parametrize("number", ["2", "cái thứ hai"])
def test_a_number_picks_from_the_list_above_the_answer(desk: Desk, number: str) -> None:
    desk.ask(TOLD, "inform", certainty="lost")
    assert code_of(desk.ask(number, "choose_option", certainty="lost")) == RESIDENCE.code


def test_a_question_after_it_is_about_what_was_told(desk: Desk) -> None:
    desk.ask(TOLD, "inform", certainty="lost")
    reply = desk.ask("mất bao lâu", "ask_time", certainty="lost")
    assert (code_of(reply), reply.aspect) == (MARRIAGE.code, "time")


def test_who_asks_what_to_do_is_asked_back(desk: Desk) -> None:
    reply = desk.ask("mới rước dâu về thì cần giấy tờ gì", "ask_documents", certainty="lost")
    assert (reply.status, [c.code for c in reply.choices]) == ("clarification_procedure", [MARRIAGE.code, RESIDENCE.code])


@pytest.mark.parametrize(("told", "is_event"), [("ông em có con dâu mới", False), ("hai đứa em vừa làm lễ", True)])
def test_what_is_told_later_is_a_detail_unless_it_says_the_whole_event(desk: Desk, told: str, is_event: bool) -> None:
    desk.ask("đăng ký thường trú cần giấy tờ gì", "ask_documents")
    reply = desk.ask(told, "inform", certainty="lost")
    assert (EVENTS[0].ask in reply.messages[0].text) is is_event


def test_a_procedure_that_is_surely_meant_is_answered(desk: Desk) -> None:
    reply = desk.ask("mới rước dâu về, đăng ký thường trú cần giấy tờ gì", "ask_documents", certainty="sure")
    assert (reply.status, code_of(reply)) == ("answered_aspect", RESIDENCE.code)


def test_a_short_question_on_an_aspect_answers_no_question_back(desk: Desk) -> None:
    """ "Nộp ở đâu" after choices means the first of them, said to be a reading; no option is meant by "nộp"."""
    desk.ask("mới rước dâu về thì cần giấy tờ gì", "ask_documents", certainty="lost")
    before = desk.context
    for text, intent, aspect in (("nộp ở đâu", "ask_place", "place"), ("ra đó mất mấy hôm", "ask_time", "time")):
        desk.context = before
        reply = desk.ask(text, intent, certainty="lost")
        assert (code_of(reply), reply.aspect, bool(reply.understood)) == (MARRIAGE.code, aspect, True), text
