"""Regional words are read by their neighbours; standard words that look alike stay."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.regional import load_regional, standard_wording


@pytest.mark.parametrize(
    ("said", "standard"),
    [
        ("giấy ni mần ở mô rứa", "giấy này làm ở đâu thế"),
        ("Bây chừ phải mần răng", "bây giờ phải làm sao"),
        ("giấy tờ chi", "giấy tờ gì"),
        ("khi mô có kết quả", "khi nào có kết quả"),
        ("tụi tui mướn nhà", "chúng tôi thuê nhà"),
        ("o tui với mệ tui", "cô tôi với bà tôi"),
        ("ba má tui mất", "bố mẹ tôi qua đời"),
        ("xã biểu lên tỉnh", "xã bảo lên tỉnh"),
        ("tốn nhiêu tiền", "tốn bao nhiêu tiền"),
        ("bà xã tui bịnh", "vợ tôi bệnh"),
    ],
)
def test_regional_words_are_put_in_standard_ones(said: str, standard: str) -> None:
    assert standard_wording(said) == standard


@pytest.mark.parametrize(
    "text",
    [
        "quy mô và mô hình", "chi phí, chi nhánh, chi trả", "bác sĩ răng hàm mặt", "đại biểu và biểu mẫu",
        "vô tuyến và vô danh", "ba tháng", "ôn tập", "bể bơi", "lãnh đạo", "rau má", "bao nhiêu tiền", "cây mạ non",
        "phí 5.000 đồng mẫu CT01", "cất giữ", "hành lang", "Đặng Văn A",
    ],
)  # fmt: skip
def test_standard_words_that_look_alike_stay(text: str) -> None:
    assert standard_wording(text) == text


def test_the_table_is_stable_and_its_words_are_single() -> None:
    table = load_regional()
    assert len(table.words.entries) + len(table.phrases) >= 80
    assert all(" " not in word for word in table.words.entries)
    assert all(" " in phrase or phrase in ("choa", "passport") for phrase in table.phrases)


@given(st.text(max_size=60))
def test_no_text_is_lost(text: str) -> None:
    assert bool(standard_wording(text).strip()) == bool(text.strip())
