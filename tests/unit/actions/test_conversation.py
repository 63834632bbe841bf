"""What is carried from turn to turn: statements, half-answered questions back, corrections, going back and on."""

from __future__ import annotations

import pytest

from actions.choices import choices_of
from actions.reply import Context
from knowledge.retrieval.search import Searcher
from tests.desk import Desk, code_of
from tests.fakes import BIRTH, LODGING, MARRIAGE, PASSPORT, RESIDENCE


@pytest.fixture
def desk(town: Searcher) -> Desk:
    return Desk(town)


def test_who_only_tells_what_happened_hears_the_likeliest_and_is_offered_the_others(desk: Desk) -> None:
    reply = desk.ask("nhà em mới khai báo chỗ ở", "inform", certainty="lost", ask=0.65)
    assert reply.status == "answered_overview"
    assert code_of(reply) in {RESIDENCE.code, LODGING.code}
    assert reply.understood and "#khac" in [b.payload for b in reply.messages[-1].buttons]
    offered = {b.payload for b in reply.messages[-1].buttons}
    assert offered >= {f"#tt {code}" for code in {RESIDENCE.code, LODGING.code} - {code_of(reply)}}


def test_an_aspect_asked_instead_of_choosing_is_told_of_the_first_choice_and_said_to_be(desk: Desk) -> None:
    choices = desk.ask("khai báo chỗ ở", "ask_procedure", certainty="lost", ask=0.65).choices
    reply = desk.ask("bao lâu thì xong", "ask_time", certainty="lost")
    assert (code_of(reply), reply.aspect) == (choices[0].code, "time")
    assert reply.understood


def test_a_question_that_answers_the_familys_question_is_not_asked_it(desk: Desk) -> None:
    reply = desk.ask("khai báo chỗ ở tạm trú", "ask_fee", certainty="unsure", ask=0.65)
    assert (code_of(reply), reply.aspect) == (LODGING.code, "fee")


def test_one_goes_back_to_a_procedure_of_an_earlier_turn_by_a_word_of_its_name(desk: Desk) -> None:
    desk.ask("đăng ký khai sinh cho con", "ask_documents")
    desk.ask("cấp hộ chiếu", "ask_fee")
    assert desk.context.recent == (BIRTH.code,)
    reply = desk.ask("quay lại vụ khai sinh, bao lâu thì xong", "ask_time", certainty="lost")
    assert (code_of(reply), reply.aspect) == (BIRTH.code, "time")


def test_the_same_question_about_something_else_keeps_the_aspect(desk: Desk) -> None:
    desk.ask("đăng ký khai sinh cho con", "ask_fee")
    reply = desk.ask("còn đăng ký kết hôn thì sao", "ask_result")
    assert (code_of(reply), reply.aspect) == (MARRIAGE.code, "fee")


def test_something_else_in_a_word_or_two_leaves_the_focus_even_when_it_is_not_sure(desk: Desk) -> None:
    desk.ask("đăng ký khai sinh cho con", "ask_fee")
    assert code_of(desk.ask("còn lều trại thì sao", "ask_result", certainty="lost")) is None


def test_one_more_paper_is_asked_of_the_procedure_in_focus(desk: Desk) -> None:
    desk.ask("đăng ký khai sinh cho con", "ask_fee")
    reply = desk.ask("cái lược của bà có cần mang theo không", "ask_documents", certainty="lost")
    assert (code_of(reply), reply.aspect) == (BIRTH.code, "documents")


def test_a_repair_leaves_the_procedure_in_focus(desk: Desk) -> None:
    desk.ask("đăng ký khai sinh cho con", "ask_fee")
    reply = desk.ask("không, ý em là đăng ký kết hôn", "repair")
    assert (code_of(reply), reply.aspect) == (MARRIAGE.code, "fee")


def test_an_answer_beside_the_choices_in_their_field_is_told_as_a_reading_with_the_choices_left(desk: Desk) -> None:
    desk.context = Context(choices=choices_of([MARRIAGE, PASSPORT]), pending_aspect="fee")
    reply = desk.ask("đăng ký khai sinh cho con", "inform", certainty="lost")
    assert (code_of(reply), reply.aspect) == (BIRTH.code, "fee")
    assert reply.understood
    assert desk.context.rivals == (MARRIAGE.code, PASSPORT.code)


def test_an_answer_beside_the_choices_of_another_field_is_not_taken_for_one(desk: Desk) -> None:
    desk.context = Context(choices=choices_of([RESIDENCE, PASSPORT]), pending_aspect="fee")
    assert code_of(desk.ask("đăng ký khai sinh cho con", "inform", certainty="lost")) is None
