"""Tasks as a calendar (RFC 5545), and the tokens by which a calendar program fetches it without signing in."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from urllib.parse import quote

from icalendar import Calendar, Event, vText

from knowledge.plan_doubts import DOUBTS
from knowledge.plan_tasks import PlannedTask

PRODUCT = "-//Hoi Mot Cua//Viec theo ke hoach//VI"
UID_DOMAIN = "hoi-mot-cua.invalid"
_PERIODS = {"quarter": "quý", "month": "tháng", "year": "năm"}
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_MAX_SUMMARY = 120
_MAX_QUOTE = 900


def has_day(planned: PlannedTask) -> bool:
    """Whether a task has a last day to stand on; habits and what hangs on other things have none."""
    return planned.deadline.due is not None and planned.deadline.kind != "habit"


def task_calendar(tasks: Sequence[PlannedTask], name: str, page_of_plan: str, now: datetime | None = None) -> bytes:
    """One all-day event for each task with a last day, on that day.

    Args:
        name: shown by calendar programs.
        page_of_plan: address of a plan's page with ``{}`` for its id.
        now: moment of the export, UTC.
    """
    calendar = Calendar()
    dated = [planned for planned in tasks if has_day(planned)]
    n_left = len(tasks) - len(dated)
    for key, value in {
        "prodid": PRODUCT, "version": "2.0", "calscale": "GREGORIAN", "method": "PUBLISH", "x-wr-calname": vText(_one_line(name)),
        "x-wr-caldesc": vText(f"{len(dated)} việc có ngày; {n_left} việc không ghi ngày không nằm trong lịch này."),
    }.items():  # fmt: skip
        calendar.add(key, value)
    calendar.add("refresh-interval", timedelta(days=1), parameters={"VALUE": "DURATION"})
    for planned in dated:
        calendar.add_component(_event(planned, page_of_plan, now or datetime.now(UTC)))
    return calendar.to_ical()


def _event(planned: PlannedTask, page_of_plan: str, now: datetime) -> Event:
    due = planned.deadline.due or date.min
    event = Event()
    event.add("uid", f"{planned.id}@{UID_DOMAIN}")
    event.add("dtstamp", now)
    event.add("dtstart", due)
    event.add("dtend", due + timedelta(days=1))
    event.add("summary", _summary(planned))
    event.add("description", _description(planned))
    event.add("url", page_of_plan.format(quote(planned.plan_id, safe="")))
    event.add("transp", "TRANSPARENT")
    return event


def _summary(planned: PlannedTask) -> str:
    what = _one_line(planned.task.what)
    what = what if len(what) <= _MAX_SUMMARY else what[:_MAX_SUMMARY].rsplit(" ", 1)[0] + " …"
    period = _PERIODS.get(planned.deadline.kind)
    return f"Hạn ({_one_line(planned.deadline.text)}): {what}" if period else f"Hạn: {what}"


def _description(planned: PlannedTask) -> str:
    task, deadline = planned.task, planned.deadline
    period = _PERIODS.get(deadline.kind)
    lines = [
        f"Chủ trì: {task.lead or 'văn bản không nói rõ'}",
        f"Phối hợp: {'; '.join(task.co_agencies)}" if task.co_agencies else "",
        f"Hạn ghi trong văn bản: {deadline.text}",
        f"Văn bản chỉ ghi theo {period}; ngày trong lịch là ngày cuối {period} đó." if period else "",
        f"Sản phẩm: {task.product}" if task.product else "",
        *(f"Chưa chắc: {DOUBTS[doubt][0]}" for doubt in planned.doubts),
        f"Nguồn: {' '.join(filter(None, [planned.kind, planned.number or planned.title]))}, mục {planned.heading}",
        f"“{planned.quote[:_MAX_QUOTE]}”",
    ]
    return "\n".join(_one_line(line) for line in lines if line)


def _one_line(text: str) -> str:
    """Without line breaks and the control characters that RFC 5545 (3.1) forbids in a text; PDF files are full of both."""
    return " ".join(_CONTROLS.sub(" ", text).split())


class FeedTokens:
    """Signs a person's filter, so that its address works without a login and for nothing else.

    Args:
        secret: key of this installation; "" closes all tokened addresses.
    """

    def __init__(self, secret: str) -> None:
        self._secret = secret

    @property
    def is_open(self) -> bool:
        return bool(self._secret)

    def sign(self, account: str, stamp: str, query: str) -> str:
        """The token.

        Args:
            stamp: changes with the account's password, so that a new one ends the addresses given out before.
            query: the filter in its one written form.
        """
        words = "\n".join((account, stamp, query)).encode()
        return hmac.new(self._secret.encode(), words, hashlib.sha256).hexdigest()[:40]

    def is_right(self, token: str, account: str, stamp: str, query: str) -> bool:
        return bool(self._secret and stamp) and hmac.compare_digest(token.encode(), self.sign(account, stamp, query).encode())
