"""Deadlines of plans: found in prose, and read as a day, a span of days, a habit, or something that has no day.

What the plan prints stays beside it; a text that says nothing certain gives the kind "unclear" and no day.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

DeadlineKind = Literal["day", "month", "quarter", "year", "span", "open", "habit", "event", "unclear", "none"]

_DAY = r"(?P<d>\d{1,2})\s?(?:/|-|tháng\s)\s?(?P<m>\d{1,2})(?:\s?(?:/|-|,?\s?năm\s)\s?(?P<y>20\d\d))?"
_QUARTER = r"[Qq]uý\s+(?P<qs>(?:IV|I{1,3}|[1-4])(?:\s?(?:,|-|và|đến)\s?(?:[Qq]uý\s)?(?:IV|I{1,3}|[1-4])\b)*)(?:\s?/\s?|,?\s+[Nn]ăm\s+)?(?P<y>20\d\d)?"
_MONTH = r"[Tt]háng\s+(?P<m>\d{1,2})(?:\s?/\s?|\s+[Nn]ăm\s+)(?P<y>20\d\d)|[Tt]háng\s+(?P<m2>\d{1,2})(?![\d/])"
_HABIT = re.compile(r"thường xuyên|h[ằà]ng (?:năm|quý|tháng|tuần|ngày)|định kỳ|liên tục|(?:mỗi|một) (?:năm|quý|tháng) (?:một )?lần|khi có yêu cầu", re.IGNORECASE)
_EVENT = re.compile(r"theo (?:tiến độ|lộ trình|thời hạn|yêu cầu|kế hoạch)|(?:ngay )?sau khi|khi ", re.IGNORECASE)
_EVENT_INSIDE = re.compile(r"\btheo\b|sau khi|trong quá trình", re.IGNORECASE)
_OPEN = re.compile(r"các năm (?:tiếp theo|sau)|(?:những|các) năm tiếp|trở đi|tiếp theo", re.IGNORECASE)
_SPAN = re.compile(r"(?P<a>20\d\d)\s?[-–]\s?(?P<b>20\d\d)|từ năm (?P<a2>20\d\d) đến (?:hết )?(?:năm )?(?P<b2>20\d\d)", re.IGNORECASE)
_YEAR = re.compile(r"(?<![/\d])(20\d\d)(?!\d)")
_BEFORE = re.compile(r"trước\s*$", re.IGNORECASE)
_FROM = re.compile(r"(?:kể )?từ\b", re.IGNORECASE)
_ROMAN = {"I": 1, "II": 2, "III": 3, "IV": 4, "1": 1, "2": 2, "3": 3, "4": 4}
_PROSE_DAY = r"\d{1,2}\s?(?:/|tháng\s)\s?\d{1,2}(?:\s?(?:/|,?\s?năm\s)\s?20\d\d)?"
_IN_PROSE = re.compile(
    r"(?:h[ằà]ng (?:năm|quý|tháng)[ (,]{1,3})?"
    r"(?:chậm nhất(?: là)? |[Tt]rước |[Xx]ong (?:trong|trước) |[Hh]oàn thành (?:trong|trước|vào) |[Tt]rong |[Đđ]ến hết )"
    rf"(?:ngày |thời gian )?(?:{_PROSE_DAY}|[Qq]uý (?:IV|I{{1,3}}|[1-4])(?:[/ ](?:năm )?20\d\d)?|tháng \d{{1,2}}(?:/| năm )20\d\d|năm 20\d\d"
    r"|\d{1,2}(?= h[ằà]ng))(?: h[ằà]ng (?:năm|tháng|quý))?"
)

@dataclass(frozen=True)
class Deadline:
    """A deadline as read.

    Attributes:
        kind: "day", "month", "quarter", "year": due by the end of it; "span": between two days; "open": from
            ``starts`` on without end; "habit": again and again ("thường xuyên", "hằng năm"); "event": after or with
            something else; "unclear": words that say no time; "none": the plan is silent.
        starts, due: first day and last day on which it is in time; None where there is none.
        text: as printed.
    """

    kind: DeadlineKind
    text: str = ""
    starts: date | None = None
    due: date | None = None

    def is_overdue(self, today: date) -> bool:
        """The last day has passed; whether the work was done a plan does not say."""
        return self.due is not None and self.kind != "habit" and self.due < today

    def falls_in(self, first: date, last: date) -> bool:
        """The last day lies between two days, both included; habits and what has no day never do."""
        return self.due is not None and self.kind != "habit" and first <= self.due <= last

    def runs_in(self, first: date, last: date) -> bool:
        """Work goes on between two days: it is due there or spans them, is open since before them, or is a habit."""
        if self.kind == "habit":
            return True
        if self.due is None:
            return self.kind == "open" and self.starts is not None and self.starts <= last
        return (self.starts or self.due) <= last and first <= self.due


def read_deadline(text: str, year: int | None = None) -> Deadline:
    """Read a printed deadline.

    Args:
        text: "Quý III", "trước ngày 30/6/2018", "Năm 2026 và các năm tiếp theo", "" …
        year: the plan's own year, for a day, month or quarter printed without one.
    """
    text = " ".join(text.split()).strip(" .;,")
    if not text:
        return Deadline("none")
    if _OPEN.search(text):
        first = next(filter(None, (read(text, year) for read in _READERS)), None)
        return Deadline("open", text, starts=first.starts or first.due) if first else Deadline("unclear", text)
    if _HABIT.search(text):
        return Deadline("habit", text)
    if _EVENT.match(text):
        return Deadline("event", text)
    for read in _READERS:
        found = read(text, year)
        if found:
            return found
    return Deadline("event" if _EVENT_INSIDE.search(text) else "unclear", text)


def find_deadline(prose: str) -> str:
    """The first deadline that a sentence sets, as printed ("trước ngày 30/6/2018"); "" when it sets none."""
    found = _IN_PROSE.search(prose)
    return found.group(0).strip() if found else ""


def _as_span(text: str, year: int | None) -> Deadline | None:
    found = _SPAN.search(text)
    if not found or "quý" in text.lower():
        return None
    first, last = int(found["a"] or found["a2"]), int(found["b"] or found["b2"])
    return Deadline("span", text, date(first, 1, 1), date(last, 12, 31)) if first <= last else None


def _as_quarter(text: str, year: int | None) -> Deadline | None:
    found = list(re.finditer(_QUARTER, text))
    if not found:
        return None
    last = found[-1]
    last_year = int(last["y"]) if last["y"] else _only_year(text) or year
    first_year = int(found[0]["y"]) if found[0]["y"] else last_year
    quarters = [_ROMAN[q] for m in found for q in re.findall(r"IV|I{1,3}|[1-4]", m["qs"])]
    if last_year is None or first_year is None:
        return Deadline("unclear", text)
    starts = date(first_year, 3 * quarters[0] - 2, 1)
    if _BEFORE.search(text[: last.start()]):
        return Deadline("quarter", text, None, date(last_year, 3 * quarters[-1] - 2, 1) - timedelta(days=1))
    due = month_end(last_year, 3 * quarters[-1])
    return Deadline("quarter", text, starts, due) if starts <= due else Deadline("unclear", text)


def _as_day(text: str, year: int | None) -> Deadline | None:
    days = []
    for found in re.finditer(_DAY, text):
        day = _day(int(found["d"]), int(found["m"]), int(found["y"]) if found["y"] else _only_year(text) or year)
        if day:
            days.append(day)
    if not days:
        return None
    starts = days[0] if len(days) > 1 and _FROM.match(text) else None
    if len(days) == 1 and _FROM.match(text):
        return Deadline("open", text, starts=days[0])
    return Deadline("span" if starts else "day", text, starts, days[-1])


def _as_month(text: str, year: int | None) -> Deadline | None:
    found = list(re.finditer(_MONTH, text))
    if not found:
        return None
    last = found[-1]
    month, of_year = int(last["m"] or last["m2"]), int(last["y"]) if last["y"] else _only_year(text) or year
    if of_year is None or not 1 <= month <= 12:
        return Deadline("unclear", text)
    if _BEFORE.search(text[: last.start()]):
        return Deadline("month", text, None, date(of_year, month, 1) - timedelta(days=1))
    if len(found) == 1 and _FROM.match(text):
        return Deadline("open", text, starts=date(of_year, month, 1))
    return Deadline("month", text, date(of_year, month, 1), month_end(of_year, month))


def _as_year(text: str, year: int | None) -> Deadline | None:
    years = [int(y) for y in _YEAR.findall(text)]
    if not years:
        return None
    if re.search(r"trước\s+(?:năm\s+)?20\d\d", text, re.IGNORECASE):
        return Deadline("year", text, None, date(years[-1] - 1, 12, 31))
    is_until = re.search(r"đến\s+(?:hết\s+)?(?:năm\s+)?20\d\d", text, re.IGNORECASE)
    return Deadline("year", text, None if is_until else date(years[0], 1, 1), date(years[-1], 12, 31))


def _only_year(text: str) -> int | None:
    years = set(_YEAR.findall(text))
    return int(years.pop()) if len(years) == 1 else None


def _day(day: int, month: int, year: int | None) -> date | None:
    try:
        return date(year, month, day) if year else None
    except ValueError:
        return None


def month_end(year: int, month: int) -> date:
    """The last day of a month."""
    return date(year, month, monthrange(year, month)[1])


_READERS = (_as_span, _as_quarter, _as_day, _as_month, _as_year)
