"""Asking which procedure is meant, and reading the answer."""

from __future__ import annotations

import pytest

from actions.choices import MAX_CHOICES, ask_which, choices_of, nearest_choice, numbered_choice, worded_choice
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


def test_words_that_find_one_choice_clearly_first_choose_it() -> None:
    choices = choices_of([BIRTH, MARRIAGE])
    assert nearest_choice([hit(PASSPORT, 5.0), hit(MARRIAGE, 4.0), hit(BIRTH, 3.0)], choices).code == MARRIAGE.code
    assert nearest_choice([hit(MARRIAGE, 4.0), hit(BIRTH, 3.9)], choices) is None
    assert nearest_choice([hit(PASSPORT, 4.0)], choices) is None
    assert nearest_choice([], choices) is None
