"""Office hours as an operator writes them: ``T2-T6 07:30-11:30 13:30-17:00; T7 07:30-11:30``.

Read in Vietnam's time (UTC+7, no summer time) by the server's clock, so that a wrong clock at the reader's does no harm.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta, timezone

from connectors.errors import SettingsError

VIETNAM = timezone(timedelta(hours=7))
DAYS = {"T2": 0, "T3": 1, "T4": 2, "T5": 3, "T6": 4, "T7": 5, "CN": 6}
NAMES = ("thứ hai", "thứ ba", "thứ tư", "thứ năm", "thứ sáu", "thứ bảy", "chủ nhật")
DAY_RANGE = re.compile(r"(T[2-7]|CN)(?:-(T[2-7]|CN))?")
TIME_RANGE = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")
EXPECTED = "office hours such as “T2-T6 07:30-11:30 13:30-17:00; T7 07:30-11:30”"


@dataclass(frozen=True)
class Shift:
    """Open from ``begins`` to before ``ends`` on every day from ``first_day`` to ``last_day`` (0 is Monday)."""

    first_day: int
    last_day: int
    begins: time
    ends: time


@dataclass(frozen=True)
class OfficeHours:
    shifts: tuple[Shift, ...]

    def is_open(self, now: datetime) -> bool:
        """Whether ``now`` (with a zone) is within the hours."""
        local = now.astimezone(VIETNAM)
        return any(
            shift.first_day <= local.weekday() <= shift.last_day and shift.begins <= local.time() < shift.ends
            for shift in self.shifts
        )

    def words(self) -> str:
        """"Thứ hai đến thứ sáu 7:30–11:30, 13:30–17:00; thứ bảy 7:30–11:30"; "" when there are none."""
        by_days: dict[tuple[int, int], list[str]] = {}
        for shift in self.shifts:
            hours = f"{_clock(shift.begins)}–{_clock(shift.ends)}"
            by_days.setdefault((shift.first_day, shift.last_day), []).append(hours)
        text = "; ".join(f"{_days(*days)} {', '.join(hours)}" for days, hours in by_days.items())
        return text[:1].upper() + text[1:]


def read_office_hours(text: str) -> OfficeHours:
    """Read what an operator wrote; "" is no hours.

    Raises:
        SettingsError: not of the form above; names the part that is wrong.
    """
    shifts: list[Shift] = []
    for part in filter(None, (part.strip() for part in text.split(";"))):
        days, *hours = part.split()
        day_match = DAY_RANGE.fullmatch(days)
        if day_match is None or not hours:
            raise SettingsError(f"setting office_hours: expected {EXPECTED}, got “{part}”")
        first = DAYS[day_match.group(1)]
        last = DAYS[day_match.group(2) or day_match.group(1)]
        for each in hours:
            match = TIME_RANGE.fullmatch(each)
            begins, ends = (time(int(match[1]), int(match[2])), time(int(match[3]), int(match[4]))) if match else (time(), time())
            if begins >= ends or first > last:
                raise SettingsError(f"setting office_hours: expected {EXPECTED}, got “{each}” in “{part}”")
            shifts.append(Shift(first, last, begins, ends))
    return OfficeHours(tuple(shifts))


def _days(first: int, last: int) -> str:
    return NAMES[first] if first == last else f"{NAMES[first]} đến {NAMES[last]}"


def _clock(moment: time) -> str:
    return f"{moment.hour}:{moment.minute:02d}"
