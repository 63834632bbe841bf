"""Several aspects in one question."""

from __future__ import annotations

import pytest

from nlu.aspects import MAX_ASPECTS, aspects_asked


@pytest.mark.parametrize(
    ("question", "aspects"),
    [
        ("làm khai sinh cần giấy tờ gì và mất bao nhiêu tiền", ("documents", "fee")),
        ("xin giấy độc thân ở đâu, bao lâu thì có", ("place", "time")),
        ("ho so gom nhung gi, le phi bao nhieu, may ngay xong", ("documents", "fee", "time")),
        ("lệ phí bao nhiêu", ("fee",)),
        ("nộp online được không và điền mẫu nào", ("online", "form")),
        ("tôi bị mất thẻ căn cước", ()),
        ("", ()),
    ],
)
def test_each_aspect_is_found_in_the_order_asked(question: str, aspects: tuple[str, ...]) -> None:
    assert aspects_asked(question) == aspects


def test_no_more_than_a_reader_can_follow() -> None:
    question = "cần giấy tờ gì, lệ phí bao nhiêu, mấy ngày, nộp ở đâu, điền mẫu nào, điều kiện gì"
    assert len(aspects_asked(question)) == MAX_ASPECTS
