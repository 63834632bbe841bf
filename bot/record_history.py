"""Earlier readings of procedures for the public pages, from the versions that the ingest keeps."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import date, timedelta

from connectors.pages.ports import RecordChange, RecordVersion
from connectors.pages.record_changes import changed_parts
from knowledge.model import Procedure
from knowledge.store.history import Version, VersionHistory

_VIETNAM = timedelta(hours=7)
_N_LOOKED_AT = 300
_KEPT_S = 60.0


class HistoryPort:
    """``connectors.pages.ports.RecordHistory`` over the database of content."""

    def __init__(self, history: VersionHistory, clock: Callable[[], float] = time.monotonic) -> None:
        self._history, self._clock = history, clock
        self._kept: dict[tuple[date, date], tuple[float, tuple[RecordChange, ...]]] = {}

    def versions(self, procedure: Procedure) -> Sequence[RecordVersion]:
        """Raises ContentStoreError when the database is away."""
        rows = []
        before: Procedure | None = None
        for version in self._history.versions("procedure", procedure.code):
            changed = changed_parts(before, version.record) if before else ()
            rows.append(_row(version, changed))
            before = version.record
        return tuple(reversed(rows))

    def changes(self, first: date, last: date) -> Sequence[RecordChange]:
        """The newest ``_N_LOOKED_AT`` wordings of the span are looked at; kept for a minute.

        Raises:
            ContentStoreError: the database is away.
        """
        made_at, kept = self._kept.get((first, last), (float("-inf"), ()))
        if self._clock() - made_at < _KEPT_S:
            return kept
        since = first - timedelta(days=1)  # the store counts in UTC
        found = [v for v in self._history.gone_live_since(since, "procedure") if first <= _live_day(v) <= last]
        changes = tuple(filter(None, (self._change(version) for version in found[:_N_LOOKED_AT])))
        self._kept = {**dict(list(self._kept.items())[-11:]), (first, last): (self._clock(), changes)}
        return changes

    def _change(self, version: Version) -> RecordChange | None:
        wordings = self._history.versions("procedure", version.record_id)
        at = next((n for n, each in enumerate(wordings) if each.id == version.id), 0)
        changed = changed_parts(wordings[at - 1].record, version.record) if at else ()
        return RecordChange(version.record_id, version.title, _live_day(version), changed) if changed else None


def _row(version: Version, changed: tuple[str, ...]) -> RecordVersion:
    record = version.record
    return RecordVersion(
        version.source_title, version.source_id, version.last_read_on or version.read_on, record.source.url,
        record.decision_number, changed,
    )  # fmt: skip


def _live_day(version: Version) -> date:
    return (version.first_live + _VIETNAM).date()
