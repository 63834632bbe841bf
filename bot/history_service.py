"""Versions of records for answers, the API and the public pages, from the content database; away when it is away."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

from connectors.errors import StoreError
from connectors.pages.ports import RecordChange, RecordVersion
from knowledge.chunking import ASPECT_HEADINGS, passages_of_procedure
from knowledge.errors import KnowledgeError
from knowledge.history.timeline import Step, as_of, timeline
from knowledge.model import Procedure
from knowledge.store.database import ContentDatabase
from knowledge.store.errors import ContentStoreError
from knowledge.store.history import Version, VersionHistory

_KEPT_S = 30.0  # how long what was read is told again without asking the database
_AWAY_S = 30.0  # how long a dead database is left alone
_MAX_KEPT = 500
_VIETNAM = timedelta(hours=7)


class ContentHistory:
    """``actions.over_time.History``: versions of procedures, kept for a little while."""

    def __init__(self, database: ContentDatabase, clock: Callable[[], float] = time.monotonic) -> None:
        self._history, self._clock, self._lock = VersionHistory(database), clock, threading.Lock()
        self._kept: dict[str, tuple[float, tuple[Version, ...]]] = {}
        self._away_until, self._fault = 0.0, ""

    def versions(self, code: str) -> tuple[Version, ...]:
        """All versions of a procedure that were ever live, oldest first. Raises ContentStoreError while it is away."""
        now = self._clock()
        with self._lock:
            kept = self._kept.get(code)
            if kept and now - kept[0] < _KEPT_S:
                return kept[1]
        found = self._asked(lambda: self._history.versions("procedure", code))
        with self._lock:
            if len(self._kept) >= _MAX_KEPT:
                self._kept.clear()
            self._kept[code] = (now, found)
        return found

    def plan_versions(self, plan_id: str) -> tuple[Version, ...]:
        return self._asked(lambda: self._history.versions("plan", plan_id))

    def since(self, day: date, kind: str | None, limit: int, offset: int = 0) -> tuple[Version, ...]:
        return self._asked(lambda: self._history.gone_live_since(day, kind, limit, offset))

    def _asked(self, ask: Callable[[], tuple[Version, ...]]) -> tuple[Version, ...]:
        now = self._clock()
        if now < self._away_until:
            raise ContentStoreError(self._fault)
        try:
            return ask()
        except ContentStoreError as exc:
            self._away_until, self._fault = now + _AWAY_S, str(exc)
            raise


class VersionsPort:
    """``connectors.ports.Versions``: the history as JSON."""

    def __init__(self, history: ContentHistory) -> None:
        self._history = history

    def of_procedure(self, code: str) -> list[dict[str, Any]]:
        try:
            versions = self._history.versions(code)
        except KnowledgeError as exc:
            raise StoreError(str(exc)) from exc
        steps = {step.version.id: step for step in timeline(versions)}
        return [_json(version, steps.get(version.id)) for version in versions]

    def since(self, day: date, kind: str | None, limit: int, offset: int = 0) -> list[dict[str, Any]]:
        try:
            found = self._history.since(day, kind, limit, offset)
            return [_json(version, self._step(version)) for version in found]
        except KnowledgeError as exc:
            raise StoreError(str(exc)) from exc

    def _step(self, version: Version) -> Step | None:
        of_record = self._history.versions(version.record_id) if version.kind == "procedure" else (version,)
        return next((step for step in timeline(of_record) if step.version.id == version.id), None)


class PageHistory:
    """``connectors.pages.ports.RecordHistory``: readings of procedures, and which got new words between two days."""

    def __init__(self, history: ContentHistory) -> None:
        self._history = history

    def versions(self, procedure: Procedure) -> Sequence[RecordVersion]:
        source = procedure.source
        live = RecordVersion(source.title, source.id, source.read_on, source.url, procedure.decision_number)
        try:
            steps = timeline(self._history.versions(procedure.code))
        except KnowledgeError:
            return (live,)
        return tuple(_row(step) for step in reversed(steps)) or (live,)

    def changes(self, first: date, last: date) -> Sequence[RecordChange]:
        """Of the newest ``_MAX_KEPT`` wordings since ``first``. Raises ContentStoreError while the database is away."""
        since = first - timedelta(days=1)  # the store counts in UTC
        found = (v for v in self._history.since(since, "procedure", _MAX_KEPT) if first <= _live_day(v) <= last)
        return tuple(filter(None, (self._change(version) for version in found)))

    def _change(self, version: Version) -> RecordChange | None:
        """None for the first wording of a record: it replaced nothing."""
        steps = timeline(self._history.versions(version.record_id))
        step = next((step for step in steps if step.version.id == version.id), None)
        if step is None or not step.differences:
            return None
        return RecordChange(
            version.record_id, version.title, _live_day(version), _parts(step), step.since, step.until, step.is_stated
        )


def hits_as_of(found: dict[str, Any], day: date, history: ContentHistory) -> dict[str, Any]:
    """A search's hits with the words of the versions that stood on a day, each told which; a procedure's hit without
    one keeps its words and has ``version`` null."""
    return {
        **found,
        **{key: [_hit_as_of(hit, day, history) for hit in found[key]] for key in ("hits", "near_misses")},
    }


def _hit_as_of(hit: dict[str, Any], day: date, history: ContentHistory) -> dict[str, Any]:
    if hit["kind"] != "procedure":
        return hit
    try:
        step = as_of(history.versions(hit["code"]), day)
    except KnowledgeError:
        step = None
    if step is None or not isinstance(step.version.record, Procedure):
        return {**hit, "version": None}
    version = {"read_on": step.version.read_on, "since": step.since, "until": step.until, "status": step.version.status}
    same = next((p for p in passages_of_procedure(step.version.record) if p.id == hit["id"]), None)
    words = {"text": same.text, "title": same.title, "source": same.source, "url": same.url} if same else {}
    return {**hit, **words, "version": version}


def _json(version: Version, step: Step | None) -> dict[str, Any]:
    """A version as the API sends it; ``since`` and ``until`` are None where another version stood in its place."""
    return {
        "kind": version.kind,
        "id": version.record_id,
        "number": version.number,
        "title": version.title,
        "digest": version.digest,
        "source": version.source_id,
        "source_title": version.source_title,
        "origin": version.origin,
        "read_on": version.read_on,
        "last_read_on": version.last_read_on,
        "in_force_from": version.in_force_from,
        "in_force_to": version.in_force_to,
        "since": step.since if step else None,
        "until": step.until if step else None,
        "is_stated": bool(step and step.is_stated),
        "replaces": list(version.replaces),
        "replaced_by": version.replaced_by,
        "status": version.status,
        "went_live": version.first_live,
        "differences": [
            {"part": d.part, "added": list(d.added), "removed": list(d.removed)} for d in (step.differences if step else ())
        ],
    }


def _row(step: Step) -> RecordVersion:
    version, record = step.version, step.version.record
    number = record.decision_number if isinstance(record, Procedure) else ""
    return RecordVersion(version.source_title, version.source_id, version.last_read_on, record.source.url, number, _parts(step))


def _parts(step: Step) -> tuple[str, ...]:
    return tuple(ASPECT_HEADINGS.get(d.part, d.part) for d in step.differences)


def _live_day(version: Version) -> date:
    """The day in Vietnam; what was never live is of no day."""
    return (version.first_live + _VIETNAM).date() if version.first_live else date.min
