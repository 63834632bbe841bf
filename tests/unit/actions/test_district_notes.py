"""A question that names a body of the district level is told who does its work now."""

from __future__ import annotations

from datetime import date

import pytest

from actions.district_notes import note_district
from actions.reply import Reply, ReplyMessage

TODAY = date(2026, 11, 22)


def noted(question: str, status: str = "answered_aspect", text: str = "Nộp tờ khai.", today: date = TODAY) -> str:
    return note_district(Reply(status, (ReplyMessage(text),)), question, today).messages[0].text


def test_the_body_competent_now_is_named_with_how_sure_that_is():
    told = noted("UBND huyện Củ Chi còn làm chứng thực không")
    assert told.startswith("Nộp tờ khai.\n\n") and "không còn cấp huyện" in told
    assert "Ủy ban nhân dân cấp xã" in told and "chưa hoàn toàn chắc" in told and "Nghị định 118/2025/NĐ-CP" in told


def test_each_body_has_its_own_successor():
    assert "Công an cấp xã hoặc Công an cấp tỉnh" in noted("ra công an huyện làm căn cước được không")


@pytest.mark.parametrize(
    ("question", "status", "text", "today"),
    [
        ("em ở quận 1 làm khai sinh", "answered_aspect", "Nộp tờ khai.", TODAY),  # an address, no body
        ("UBND huyện làm gì", "refused_out_of_scope", "Không.", TODAY),
        ("UBND huyện làm gì", "answered_aspect", "Từ 01/7/2025 không còn cấp huyện.", TODAY),
        ("UBND huyện làm gì", "answered_aspect", "Nộp tờ khai.", date(2025, 6, 30)),
    ],
)
def test_nothing_is_added_where_nothing_is_asked_or_it_is_told_already(question: str, status: str, text: str, today: date):
    assert noted(question, status, text, today) == text
