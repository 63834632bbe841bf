"""Deadlines as plans print them, read as days, spans, habits and events."""

from __future__ import annotations

from datetime import date

import pytest

from knowledge.plan_deadlines import Deadline, find_deadline, read_deadline


@pytest.mark.parametrize(
    ("text", "kind", "starts", "due"),
    [
        ("trước ngày 30/6/2018", "day", None, "2018-06-30"),
        ("trước ngày 15 tháng 12 năm 2025", "day", None, "2025-12-15"),
        ("30/6", "day", None, "2031-06-30"),
        ("từ ngày 01/3/2026 đến ngày 30/4/2026", "span", "2026-03-01", "2026-04-30"),
        ("Tháng 02/2028", "month", "2028-02-01", "2028-02-29"),
        ("Trước tháng 6/2026", "month", None, "2026-05-31"),
        ("Quý III", "quarter", "2031-07-01", "2031-09-30"),
        ("Quý I, II năm 2017", "quarter", "2017-01-01", "2017-06-30"),
        ("Quý IV/2025 - Quý II/2026", "quarter", "2025-10-01", "2026-06-30"),
        ("trước quý II/2026", "quarter", None, "2026-03-31"),
        ("Năm 2026", "year", "2026-01-01", "2026-12-31"),
        ("đến hết năm 2030", "year", None, "2030-12-31"),
        ("Giai đoạn 2026 - 2030", "span", "2026-01-01", "2030-12-31"),
        ("Năm 2026 và các năm tiếp theo", "open", "2026-01-01", None),
        ("Quý IV năm 2025 và các năm tiếp theo", "open", "2025-10-01", None),
        ("Từ 01/7/2025", "open", "2025-07-01", None),
        ("Thường xuyên, theo yêu cầu nhiệm vụ", "habit", None, None),
        ("Hằng năm (trước 15/11)", "habit", None, None),
        ("Theo tiến độ của Luật năm 2025", "event", None, None),
        ("Sau khi Nghị định được ban hành", "event", None, None),
        ("31/13/2025", "unclear", None, None),
        ("Sớm", "unclear", None, None),
        ("  . ", "none", None, None),
    ],
)
def test_a_printed_deadline_is_read(text: str, kind: str, starts: str | None, due: str | None):
    found = read_deadline(text, 2031)
    assert (found.kind, found.starts, found.due) == (kind, as_date(starts), as_date(due))


def test_a_quarter_without_any_year_is_unclear():
    assert read_deadline("Quý III").kind == "unclear"


@pytest.mark.parametrize(
    ("sentence", "printed"),
    [
        ("Gửi kết quả về Sở Gió trước ngày 15 tháng 12 năm 2025 để tổng hợp.", "trước ngày 15 tháng 12 năm 2025"),
        ("Dựng cột, hoàn thành trong quý III/2026.", "hoàn thành trong quý III/2026"),
        ("Báo cáo trước ngày 20 hằng tháng.", "trước ngày 20 hằng tháng"),
        ("Báo cáo hằng năm (trước ngày 15 tháng 11).", "hằng năm (trước ngày 15 tháng 11"),
        ("Theo Quyết định số 3/QĐ-UBND ngày 15/3/2018.", ""),
    ],
)
def test_a_deadline_is_found_in_a_sentence(sentence: str, printed: str):
    assert find_deadline(sentence) == printed


def test_overdue_begins_the_day_after_the_last():
    deadline = read_deadline("Quý III/2026")
    assert not deadline.is_overdue(date(2026, 9, 30)) and deadline.is_overdue(date(2026, 10, 1))
    assert not read_deadline("Thường xuyên").is_overdue(date(2099, 1, 1))


def test_due_in_and_running_in_a_period_differ():
    first, last = date(2026, 7, 1), date(2026, 9, 30)
    long, habit, opened = read_deadline("2026 - 2030"), read_deadline("Thường xuyên"), read_deadline("Từ 01/7/2025")
    assert not any(d.falls_in(first, last) for d in (long, habit, opened))
    assert all(d.runs_in(first, last) for d in (long, habit, opened))
    assert read_deadline("30/9/2026").falls_in(first, last) and not read_deadline("01/10/2026").falls_in(first, last)
    assert not Deadline("none").runs_in(first, last)


def as_date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
