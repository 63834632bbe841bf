"""The age that a message tells, in figures, words, months, school years and years of birth."""

from __future__ import annotations

import pytest

from nlu.ages import told_age


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("mẹ tôi 95 tuổi", 95),
        ("me toi 95 tuoi lam can cuoc", 95),
        ("cháu 6tuổi", 6),
        ("chín mươi lăm tuổi", 95),
        ("ông tám hai tuổi rồi", 82),
        ("bà bảy mươi tư tuổi", 74),
        ("con mười bốn tuổi", 14),
        ("hai mươi mốt tuổi", 21),
        ("bé ba tuổi", 3),
        ("bé mới 2 tháng tuổi", 0),
        ("bé 18 tháng tuổi", 1),
        ("trẻ sơ sinh", 0),
        ("con học lớp 3", 8),
        ("cháu lớp 12", 17),
        ("con sinh năm 2018", 8),
        ("chưa đủ 14 tuổi", 13),
        ("cháu chưa tới 6 tuổi", 5),
        ("dưới 14 tuổi", 13),
        ("đủ 14 tuổi", 14),
        ("trên 80 tuổi", 81),
        ("hơn 60 tuổi", 61),
        ("gần 60 tuổi", 60),
    ],
)
def test_an_age_is_read(text: str, years: int) -> None:
    told = told_age(text, 2026)
    assert told is not None and told.years == years


@pytest.mark.parametrize(
    "text",
    ["mẹ 65 tuổi, con 6 tuổi", "60 tuổi đảng", "hai tháng nữa", "lớp học", "đến tuổi đổi thẻ", "nộp trong 15 ngày", "sinh năm 2030", "300 tuổi", "tuổi", ""],
)
def test_what_is_no_age_or_several_is_none(text: str) -> None:
    assert told_age(text, 2026) is None


def test_the_same_age_twice_is_one() -> None:
    told = told_age("con 6 tuổi, 6 tuổi thì làm được chưa", 2026)
    assert told is not None and (told.start, told.end) == (4, 10)
