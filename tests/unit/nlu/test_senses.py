"""A death is told from a loss by its neighbours."""

from __future__ import annotations

import pytest

from nlu.senses import with_deaths_named


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("ông nội tôi vừa mất ở bệnh viện", "ông nội tôi vừa qua đời ở bệnh viện"),
        ("ba mất để lại căn nhà", "ba qua đời để lại căn nhà"),
        ("anh trai em mất vì tai nạn", "anh trai em qua đời vì tai nạn"),
        ("Vợ tôi đã mất, giờ sang tên đất", "Vợ tôi đã qua đời, giờ sang tên đất"),
        ("chồng tôi quốc tịch Pháp vừa mất", "chồng tôi quốc tịch Pháp vừa qua đời"),
        ("bà ngoại mất rồi giờ khai tử ở đâu", "bà ngoại qua đời rồi giờ khai tử ở đâu"),
    ],
)
def test_somebody_dies(said: str, meant: str) -> None:
    assert with_deaths_named(said) == meant


@pytest.mark.parametrize(
    "text",
    [
        "mẹ em mất sổ hưu", "ba tôi mất 2 triệu", "con mất khai sinh", "em mất rồi giờ làm lại ở đâu", "làm mất giấy chứng tử của ông nội",
        "chồng em mất việc", "làm căn cước cho bà mất bao lâu", "khai sinh cho con mất mấy ngày", "vợ mất hết giấy tờ", "bà nội bị mất thẻ",
        "người mất tích", "con mất điện thoại",
    ],
)  # fmt: skip
def test_what_is_lost_or_needed_is_no_death(text: str) -> None:
    assert with_deaths_named(text) == text
