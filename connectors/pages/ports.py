"""What the pages need beside the gateway's own ports. ``bot/app.py`` hands in the real ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from knowledge.model import Plan, Procedure


class PlanShelf(Protocol):
    """The plans that are known, as records. Quick enough for a worker thread."""

    def plans(self) -> Sequence[Plan]: ...

    def plan(self, plan_id: str) -> Plan | None: ...


@dataclass(frozen=True)
class RecordVersion:
    """One reading of a record.

    Attributes:
        source: what a person would call the source.
        number: the decision that published it, "" when unknown.
        read_on: ISO date or month.
        changed: names of what differs from the reading before, in Vietnamese; () when not known.
    """

    source: str
    source_id: str
    read_on: str
    url: str = ""
    number: str = ""
    changed: tuple[str, ...] = ()


@dataclass(frozen=True)
class RecordChange:
    """A procedure whose new wording went live on a day.

    Attributes:
        changed: as in :class:`RecordVersion`, not empty.
        since: first day of the new wording: as the record states it (``is_stated``), else when it was first read.
        until: its last day, None for no end.
    """

    code: str
    name: str
    day: date
    changed: tuple[str, ...]
    since: date
    until: date | None = None
    is_stated: bool = False


class RecordHistory(Protocol):
    """Earlier readings of procedures. Blocking; may raise, the pages then go on without."""

    def versions(self, procedure: Procedure) -> Sequence[RecordVersion]:
        """Readings, the newest first; () where none is kept."""
        ...

    def changes(self, first: date, last: date) -> Sequence[RecordChange]:
        """Wordings that replaced another between two days, both included, the newest first."""
        ...


class NoPlans:
    """The shelf where no plans are handed in."""

    def plans(self) -> Sequence[Plan]:
        return ()

    def plan(self, plan_id: str) -> Plan | None:
        return None


class LastReadingOnly:
    """The history where earlier readings are not kept: the one the record came from."""

    def versions(self, procedure: Procedure) -> Sequence[RecordVersion]:
        source = procedure.source
        return (RecordVersion(source.title, source.id, source.read_on, source.url, procedure.decision_number),)

    def changes(self, first: date, last: date) -> Sequence[RecordChange]:
        return ()
