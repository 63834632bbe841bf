"""Versions of one record, and what changed since a day, as the database holds them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import select

from knowledge.store.database import ContentDatabase
from knowledge.store.records import Record, from_json
from knowledge.store.tables import RecordVersion


@dataclass(frozen=True)
class Version:
    """One wording of a record; see RecordVersion in tables.py."""

    id: int
    kind: str
    record_id: str
    digest: str
    raw_digest: str
    number: str
    title: str
    source_id: str
    source_title: str
    origin: str
    read_on: str
    last_read_on: str
    in_force_from: date | None
    in_force_to: date | None
    replaces: tuple[str, ...]
    replaced_by: str
    status: str
    first_seen: datetime
    first_live: datetime | None
    record: Record


class VersionHistory:
    """Every method may raise ContentStoreError."""

    def __init__(self, database: ContentDatabase) -> None:
        self._database = database

    def versions(self, kind: str, record_id: str, with_drafts: bool = False) -> tuple[Version, ...]:
        """All wordings of a record that were ever live, in the order they were read."""
        chosen = select(RecordVersion).where(RecordVersion.kind == kind, RecordVersion.record_id == record_id)
        if not with_drafts:
            chosen = chosen.where(RecordVersion.first_live.is_not(None), RecordVersion.status != "draft")
        with self._database.session() as session:
            rows = session.scalars(chosen.order_by(RecordVersion.read_on, RecordVersion.id))
            return tuple(_version(row) for row in rows)

    def gone_live_since(self, since: date, kind: str | None = None, limit: int = 500, offset: int = 0) -> tuple[Version, ...]:
        """Wordings that went live on or after a day (UTC), newest first, from the one at ``offset`` on."""
        chosen = select(RecordVersion).where(RecordVersion.first_live >= datetime.combine(since, time.min))
        if kind:
            chosen = chosen.where(RecordVersion.kind == kind)
        with self._database.session() as session:
            rows = session.scalars(chosen.order_by(RecordVersion.first_live.desc(), RecordVersion.id.desc()).limit(limit).offset(offset))
            return tuple(_version(row) for row in rows)


def _version(row: RecordVersion) -> Version:
    return Version(
        row.id, row.kind, row.record_id, row.digest, row.raw_digest, row.number, row.title, row.source_id, row.source_title,
        row.origin, row.read_on, row.last_read_on, row.in_force_from, row.in_force_to, tuple(json.loads(row.replaces)),
        row.replaced_by, row.status, row.first_seen, row.first_live, from_json(row.kind, row.record),
    )  # fmt: skip
