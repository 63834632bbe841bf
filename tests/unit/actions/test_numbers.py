"""What is said of numbers that lead to no record."""

from __future__ import annotations

from datetime import date

import pytest

from actions.numbers import said_of_unknown

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize("question", ["nđ 61/2018 còn hiệu lực không", "nghi dinh so 61/2018 con hieu luc ko", "Nghị định số: 061/2018 hết hiệu lực chưa"])
def test_a_decree_named_without_its_last_part_is_told_with_what_stands_now(question: str):
    text = said_of_unknown("document_number", "61/2018", TODAY, question)
    assert "61/2018/NĐ-CP" in text and "01/07/2025" in text and "118/2025/NĐ-CP" in text


def test_a_circular_of_that_number_is_another_document():
    text = said_of_unknown("document_number", "61/2018", TODAY, "thông tư 61/2018 còn hiệu lực không")
    assert "118/2025" not in text and "61/2018" in text


def test_before_its_end_nothing_is_said_of_it():
    assert "118/2025" not in said_of_unknown("document_number", "61/2018", date(2025, 6, 30), "nđ 61/2018 còn hiệu lực không")
