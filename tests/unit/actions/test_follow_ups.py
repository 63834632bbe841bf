"""The question before, put to something else: "còn tạm trú?", "… thì sao?"."""

from __future__ import annotations

import pytest

from knowledge.retrieval.search import Searcher
from tests.desk import Desk, code_of
from tests.fakes import BIRTH, LODGING, MARRIAGE, PASSPORT, QUARRY, RESIDENCE


@pytest.fixture
def desk(town: Searcher) -> Desk:
    return Desk(town)


@pytest.mark.parametrize("text", ["còn tạm trú?", "rứa còn tạm trú thì răng", "tạm trú thì sao ạ", "vậy tạm trú thì thế nào"])
def test_the_same_is_asked_of_a_sibling(desk: Desk, text: str) -> None:
    desk.ask("đăng ký thường trú mất bao lâu", "ask_time")
    reply = desk.ask(text, "ask_procedure", certainty="lost")
    assert (code_of(reply), reply.aspect, bool(reply.understood)) == (LODGING.code, "time", True)
    assert RESIDENCE.code in desk.context.rivals


def test_another_matter_that_is_surely_named_keeps_what_was_asked(desk: Desk) -> None:
    desk.ask("đăng ký thường trú mất bao lâu", "ask_time")
    reply = desk.ask("còn đăng ký kết hôn?", "ask_who", certainty="certain")
    assert (code_of(reply), reply.aspect) == (MARRIAGE.code, "time")


def test_an_aspect_said_or_permission_asked_is_not_what_was_asked_before(desk: Desk) -> None:
    desk.ask("đăng ký thường trú mất bao lâu", "ask_time")
    assert desk.ask("còn tạm trú lệ phí bao nhiêu", "ask_fee").aspect == "fee"
    assert desk.ask("còn tạm trú làm thay được không", "ask_conditions").aspect == "conditions"


def test_what_no_record_near_it_holds_is_not_carried_over(desk: Desk) -> None:
    desk.ask("đăng ký thường trú mất bao lâu", "ask_time")
    assert not desk.ask("còn xổ số kiến thiết thì sao", "ask_procedure", certainty="lost").status.startswith("answered")


def test_without_anything_in_focus_it_is_a_question_of_its_own(desk: Desk) -> None:
    assert desk.ask("còn tạm trú thì sao", "ask_procedure", certainty="lost").status == "unanswerable_not_found"
    assert code_of(desk.ask("còn khai sinh thì sao", "ask_procedure", certainty="sure")) == BIRTH.code


def test_a_detail_leads_to_nothing_that_has_nothing_to_do_with_what_is_in_focus(desk: Desk) -> None:
    desk.ask("cấp hộ chiếu phổ thông mất bao lâu", "ask_time")
    before = desk.context
    assert code_of(desk.ask("đá ong thì sao", "ask_procedure", certainty="lost")) != QUARRY.code
    desk.context = before
    assert code_of(desk.ask("còn khai thác đá ong thì sao", "ask_procedure", certainty="lost")) == QUARRY.code


def test_a_familys_question_is_answered_by_the_matter_in_focus_that_belongs_with_one_option(desk: Desk) -> None:
    desk.ask("đăng ký tạm trú mất bao lâu", "ask_time")
    reply = desk.ask("khai báo chỗ ở mất bao nhiêu tiền", "ask_fee", certainty="lost", ask=0.65)
    assert (code_of(reply), reply.aspect, bool(reply.understood)) == (LODGING.code, "fee", True)
    assert "Ở hẳn" in [b.title for b in reply.messages[-1].buttons]


def test_it_is_asked_where_the_matter_in_focus_belongs_with_none(desk: Desk) -> None:
    desk.ask("đăng ký kết hôn mất bao lâu", "ask_time")
    assert desk.ask("khai báo chỗ ở mất bao nhiêu tiền", "ask_fee", certainty="lost", ask=0.65).status == "clarification_procedure"


@pytest.mark.parametrize("text", ["không phải, khai thác đá ong", "nhầm, xổ số kiến thiết"])
def test_after_a_correction_neither_what_was_denied_nor_a_stranger_is_read(desk: Desk, text: str) -> None:
    desk.ask("cấp hộ chiếu phổ thông mất bao lâu", "ask_time")
    reply = desk.ask(text, "repair", certainty="lost")
    assert code_of(reply) is None
    assert PASSPORT.code not in {*desk.context.rivals, *(c.code for c in reply.choices)}
