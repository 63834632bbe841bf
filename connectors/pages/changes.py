"""What the records say changed in a month: readings of procedures, and plans that were issued, began or ended.

A record says when it was read, not when its law changed; the page says so. Nothing is guessed.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from knowledge.model import Plan, Procedure


@dataclass
class Month:
    """One month ("2026-07") with what its records date to it.

    Attributes:
        plans: each with what happened to it, in Vietnamese, and the day.
    """

    id: str
    procedures: list[Procedure] = field(default_factory=list)
    plans: list[tuple[Plan, str, date]] = field(default_factory=list)


def changes_by_month(procedures: Iterable[Procedure], plans: Sequence[Plan]) -> dict[str, Month]:
    """Months that have something, the newest first."""
    months: dict[str, Month] = {}

    def month(day: str) -> Month:
        return months.setdefault(day[:7], Month(day[:7]))

    for procedure in procedures:
        if is_month(procedure.source.read_on[:7]):
            month(procedure.source.read_on).procedures.append(procedure)
    for plan in plans:
        for day, what in ((plan.issued_on, "ban hành"), (plan.period_from, "bắt đầu áp dụng"), (plan.period_to, "hết thời gian áp dụng")):
            if day is not None:
                month(day.isoformat()).plans.append((plan, what, day))
    for each in months.values():
        each.plans.sort(key=lambda row: row[2])
    return dict(sorted(months.items(), reverse=True))


def days_of(month: str) -> tuple[date, date]:
    """First and last day of a month such as "2026-07"."""
    year, number = int(month[:4]), int(month[5:])
    return date(year, number, 1), date(year, number, monthrange(year, number)[1])


def months_beside(month: str) -> tuple[str, str]:
    """The months before and after one such as "2026-01"."""
    first, last = days_of(month)
    return (first - timedelta(1)).isoformat()[:7], (last + timedelta(1)).isoformat()[:7]


def is_month(text: str) -> bool:
    """Whether it is a month such as "2026-07"."""
    year, _, month = text.partition("-")
    return len(text) == 7 and year.isdigit() and month.isdigit() and 1 <= int(month) <= 12 and 1 < int(year) < 9999
