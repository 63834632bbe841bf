"""Asking which procedure is meant, and reading the answer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from actions.choices import MAX_CHOICES, ask_which, choices_of, is_plain_case
from actions.choosing import aged_choice, found_choice, numbered_choice, worded_choice
from actions.reply import Choice
from knowledge.model import Procedure, ProcedureHit
from knowledge.retrieval.search import Searcher
from nlu.entities import extract_entities
from nlu.payloads import read_payload
from tests.fakes import BIRTH, LODGING, MARRIAGE, PASSPORT, PROCEDURES, RESIDENCE

CHOICES = choices_of([BIRTH, RESIDENCE, LODGING])


def read(town: Searcher, text: str) -> str | None:
    choice = numbered_choice(extract_entities(text), CHOICES) or worded_choice(town, text, CHOICES)
    return choice.code if choice else None


def test_the_facet_is_what_the_other_names_lack() -> None:
    assert [c.facet for c in CHOICES] == ["khai sinh", "thường trú", "tạm trú"]


def test_procedures_of_one_name_keep_it_as_facet() -> None:
    assert [c.facet for c in choices_of([BIRTH, BIRTH])] == [BIRTH.name] * 2
    assert choices_of([BIRTH])[0].facet
    assert choices_of([]) == ()


def test_the_question_numbers_its_choices_and_gives_a_button_each() -> None:
    message, choices = ask_which([BIRTH, MARRIAGE])
    assert [c.code for c in choices] == [BIRTH.code, MARRIAGE.code]
    assert f"1. {BIRTH.name}" in message.text and f"2. {MARRIAGE.name}" in message.text
    assert [read_payload(b.payload).procedure_code for b in message.buttons] == [BIRTH.code, MARRIAGE.code]


def test_no_more_choices_than_can_be_read() -> None:
    message, choices = ask_which([*PROCEDURES, *PROCEDURES])
    assert len(choices) == len(message.buttons) == MAX_CHOICES


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("Đăng ký khai sinh", "Thủ tục đăng ký khai sinh có yếu tố nước ngoài", "Đăng ký khai sinh lưu động"), True),
        (("Đăng ký khai sinh (cấp xã)", "Đăng ký khai sinh lưu động"), True),
        (("Đăng ký khai sinh lưu động", "Đăng ký khai sinh"), False),
        (("Đăng ký khai sinh", "Đăng ký lại khai sinh", "Đăng ký nhận con"), False),
        (("Đăng ký khai sinh", "Đăng ký khai sinh"), False),
        (("Đăng ký khai sinh",), False),
    ],
)
def test_the_plain_case_is_the_one_whose_name_all_others_add_to(names: tuple[str, ...], expected: bool) -> None:
    assert is_plain_case([replace(BIRTH, name=name) for name in names]) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2", RESIDENCE.code),
        ("số 3", LODGING.code),
        ("cái thứ nhất", BIRTH.code),
        ("cái đầu tiên", BIRTH.code),
        ("cái cuối cùng", LODGING.code),
        ("thứ hai", RESIDENCE.code),
        ("thu hai", RESIDENCE.code),
        ("khai sinh", BIRTH.code),
        ("tạm trú nhé", LODGING.code),
        ("tam tru", LODGING.code),
        ("thường trú ạ", RESIDENCE.code),
    ],
)
def test_a_choice_is_read_from_number_ordinal_or_words(town: Searcher, text: str, expected: str) -> None:
    assert read(town, text) == expected


@pytest.mark.parametrize("text", ["7", "0", "cái thứ chín", "trú", "đăng ký", "không biết nữa", ""])
def test_what_points_to_none_or_several_chooses_nothing(town: Searcher, text: str) -> None:
    assert read(town, text) is None


def hit(procedure: Procedure, fused: float) -> ProcedureHit:
    return ProcedureHit(procedure, 0.5, {"fused": fused})


def found(town: Searcher, text: str, ranked: list[ProcedureHit], choices: tuple[Choice, ...], **codes: tuple[str, ...]) -> str | None:
    choice = found_choice(town, text, ranked, choices, codes)
    return choice.code if choice else None


def test_words_that_find_one_choice_clearly_first_choose_it(town: Searcher) -> None:
    choices = choices_of([BIRTH, MARRIAGE])
    assert found(town, "nhà mình", [hit(PASSPORT, 5.0), hit(MARRIAGE, 4.0), hit(BIRTH, 3.0)], choices) == MARRIAGE.code
    assert found(town, "nhà mình", [hit(MARRIAGE, 4.0), hit(BIRTH, 3.9)], choices) is None
    assert found(town, "khai sinh", [hit(MARRIAGE, 4.0), hit(BIRTH, 3.9)], choices) == BIRTH.code


def test_another_matter_found_first_by_far_is_no_answer(town: Searcher) -> None:
    choices = choices_of([BIRTH, MARRIAGE])
    assert found(town, "nhà mình", [hit(PASSPORT, 6.0), hit(MARRIAGE, 4.0), hit(BIRTH, 3.0)], choices) is None
    assert found(town, "nhà mình", [hit(PASSPORT, 4.0)], choices) is None
    assert found(town, "nhà mình", [], choices) is None


def test_a_choice_counts_by_the_best_of_its_procedures(town: Searcher) -> None:
    choices = choices_of([BIRTH, MARRIAGE])
    ranked = [hit(LODGING, 5.0), hit(MARRIAGE, 4.0), hit(PASSPORT, 1.0)]
    assert found(town, "nhà mình", ranked, choices) == MARRIAGE.code
    assert found_choice(town, "nhà mình", ranked, choices, {BIRTH.code: (BIRTH.code, LODGING.code)}).code == BIRTH.code


AGES = (Choice("1", "Làm cho trẻ", "dưới 14 tuổi"), Choice("2", "Người lớn", "từ đủ 14 tuổi trở lên"), Choice("3", "Cấp lại", "bị mất"))


@pytest.mark.parametrize(("text", "code"), [("nó mới 9 tuổi", "1"), ("mới 2 tháng tuổi", "1"), ("dưới 14 tuổi", "1"), ("chín mươi lăm tuổi", "2"), ("cháu 14 tuổi rồi", "2"), ("tôi 61 tuổi", "2"), ("nó còn nhỏ", None)])
def test_an_age_chooses_whose_ages_hold_it(text: str, code: str | None) -> None:
    choice = aged_choice(text, AGES, 2026)
    assert (choice.code if choice else None) == code


def test_an_age_that_fits_none_or_several_chooses_nothing() -> None:
    assert aged_choice("nó 20 tuổi", AGES[:1], 2026) is None
    assert aged_choice("nó 9 tuổi", (AGES[0], replace(AGES[0], code="4")), 2026) is None
