"""What counts as the same fact."""

from __future__ import annotations

import pytest

from knowledge.evaluation.comparing import holds, holds_all, quotes_all


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Thời hạn: 07 ngày làm việc", "7 ngày"),
        ("trong 7  ngày", "07 ngày"),
        ("Lệ phí 8,000 đồng", "8.000 đồng"),
        ("MIỄN PHÍ", "miễn phí"),
        ("giấy tờ\nhộ tịch", "giấy tờ hộ tịch"),
        ("hoà giải", "hòa giải"),
        ("Mie\u0302\u0303n phi\u0301", "miễn phí"),
        ("tờ khai 01/LPTB", "01/lptb"),
        ("nộp 10.000.000 đồng.", "10.000.000 đồng"),
    ],
)
def test_the_same_fact_in_another_spelling_holds(text: str, wanted: str) -> None:
    assert holds(text, wanted)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("trong 17 ngày", "7 ngày"),
        ("18.000 đồng", "8.000 đồng"),
        ("50.000.000", "50.000"),
        ("2.500 đồng", "500 đồng"),
        ("mien phi", "miễn phí"),
        ("3,5 ngày", "5 ngày"),
    ],
)
def test_another_number_or_word_does_not_hold(text: str, wanted: str) -> None:
    assert not holds(text, wanted)


def test_every_group_has_to_hold_by_any_of_its_alternatives() -> None:
    groups = (("3 ngày", "5 ngày"), ("miễn phí",))
    assert holds_all("Miễn phí, 05 ngày", groups)
    assert not holds_all("Miễn phí", groups)
    assert holds_all("", ())


def test_plan_words_are_compared_letter_by_letter() -> None:
    assert quotes_all("trước  ngày\n15/3/2018", ("ngày 15/3/2018",))
    assert not quotes_all("Bố trí kinh phí", ("bố trí",))
