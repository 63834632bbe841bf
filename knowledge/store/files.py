"""What is known of the files that were taken in: how far each was read, and what its reading gave."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from knowledge.sources.report import ReadReport, ReadWarning
from knowledge.store.database import ContentDatabase
from knowledge.store.records import (
    Record,
    digest_of_words,
    id_of,
    kind_of,
    number_of,
    source_json,
    title_of,
    to_json,
    validity_of,
)
from knowledge.store.tables import Reading, RecordVersion, SourceFile, SourceRoot, utc_now

_AT_ONCE = 400  # ids in one query: PostgreSQL and SQLite both take them


@dataclass(frozen=True)
class Bytes:
    """What a file was when it was looked at: ``digest`` sha256 of its bytes."""

    digest: str
    size: int
    mtime_ns: int


@dataclass(frozen=True)
class FileState:
    """A row of source_file as the ingest needs it."""

    id: int
    path: str
    bytes: Bytes
    reader: str
    state: str
    batch: int
    n_attempts: int
    fault: str
    warnings: tuple[ReadWarning, ...]


@dataclass(frozen=True)
class ReadOutcome:
    """What storing a reading did: records never read before under this id, records in words never read before, records
    that the file's batch before still held, and records in known words."""

    n_new: int = 0
    n_changed: int = 0
    n_ended: int = 0
    n_same: int = 0
    n_procedures: int = 0
    n_plans: int = 0


class SourceFiles:
    """Roots, files and their readings. Every method may raise ContentStoreError."""

    def __init__(self, database: ContentDatabase) -> None:
        self._database = database

    def roots(self) -> list[str]:
        """Paths taken in, oldest first."""
        with self._database.session() as session:
            return list(session.scalars(select(SourceRoot.path).order_by(SourceRoot.id)))

    def add_roots(self, paths: Iterable[str]) -> None:
        """Remember paths; one that is known stays where it was."""
        with self._database.session() as session:
            known = set(session.scalars(select(SourceRoot.path_digest)))
            for path in dict.fromkeys(paths):
                if digest_of_path(path) not in known:
                    session.add(SourceRoot(path=path, path_digest=digest_of_path(path)))

    def forget_root(self, path: str) -> bool:
        """Stop reading a path; True when it was one of the roots."""
        with self._database.session() as session:
            gone = session.execute(delete(SourceRoot).where(SourceRoot.path_digest == digest_of_path(path)))
            return bool(gone.rowcount)

    def known(self) -> dict[str, FileState]:
        """Every file ever read, by path."""
        with self._database.session() as session:
            return {row.path: _state(row) for row in session.scalars(select(SourceFile).order_by(SourceFile.id))}

    def begin(self, path: str, found: Bytes, reader: str) -> int:
        """Note that a file is about to be read, so that a crash in its reader leaves a trace; its id."""
        with self._database.session() as session:
            row = session.scalar(select(SourceFile).where(SourceFile.path_digest == digest_of_path(path)))
            if row is None:
                row = SourceFile(path=path, path_digest=digest_of_path(path))
                session.add(row)
            is_same_try = (row.digest, row.reader) == (found.digest, reader)
            row.n_attempts = (row.n_attempts or 0) + 1 if is_same_try else 1
            row.state, row.fault = "reading", ""
            row.digest, row.size, row.mtime_ns, row.reader = found.digest, found.size, found.mtime_ns, reader
            session.flush()
            return row.id

    def finish(self, file_id: int, report: ReadReport) -> ReadOutcome:
        """Keep what a file gave, in one transaction: all of it or nothing."""
        records: list[Record] = [*report.records, *report.plans]
        with self._database.session() as session:
            row = session.get_one(SourceFile, file_id)
            before = _records_of_batch(session, file_id, row.batch)
            versions, fresh, ever = _keep_versions(session, records)
            row.batch = 1 + (session.scalar(select(func.max(Reading.batch)).where(Reading.file_id == file_id)) or 0)
            row.state, row.n_attempts, row.fault, row.read_at = "read", 0, "", utc_now()
            row.warnings = _warnings_json(report.warnings)
            readings = [
                {"file_id": file_id, "batch": row.batch, "position": n, "version_id": version, "source": source_json(record.source)}
                for n, (record, version) in enumerate(zip(records, versions, strict=True))
            ]
            if readings:
                session.execute(Reading.__table__.insert(), readings)
        return _outcome(records, before, fresh, ever)

    def fail(self, file_id: int, fault: str, warnings: Sequence[ReadWarning] = ()) -> None:
        """Note why a file could not be read; what it gave before stays in use."""
        with self._database.session() as session:
            row = session.get_one(SourceFile, file_id)
            row.state, row.n_attempts, row.fault, row.read_at = "failed", 0, fault, utc_now()
            row.warnings = _warnings_json(warnings)

    def touch(self, file_id: int, found: Bytes) -> None:
        """The same bytes under a new date: remember the date, so that they are not digested again."""
        with self._database.session() as session:
            session.execute(update(SourceFile).where(SourceFile.id == file_id).values(size=found.size, mtime_ns=found.mtime_ns))

    def mark_gone(self, file_ids: Sequence[int]) -> None:
        """Files that are no longer there: the next release leaves them out; history keeps their versions."""
        with self._database.session() as session:
            for start in range(0, len(file_ids), _AT_ONCE):
                ids = file_ids[start : start + _AT_ONCE]
                session.execute(update(SourceFile).where(SourceFile.id.in_(ids)).values(state="gone"))


def digest_of_path(path: str) -> str:
    return hashlib.sha256(path.encode("utf-8", "surrogateescape")).hexdigest()


def _state(row: SourceFile) -> FileState:
    warnings = tuple(ReadWarning(*parts) for parts in json.loads(row.warnings))
    return FileState(
        row.id, row.path, Bytes(row.digest, row.size, row.mtime_ns), row.reader, row.state, row.batch, row.n_attempts,
        row.fault, warnings,
    )  # fmt: skip


def _warnings_json(warnings: Sequence[ReadWarning]) -> str:
    return json.dumps([[w.record, w.field, w.message] for w in warnings], ensure_ascii=False)


def _records_of_batch(session: Session, file_id: int, batch: int) -> set[tuple[str, str]]:
    """(kind, record id) of one batch."""
    rows = session.execute(
        select(RecordVersion.kind, RecordVersion.record_id)
        .join(Reading, Reading.version_id == RecordVersion.id)
        .where(Reading.file_id == file_id, Reading.batch == batch)
    )
    return {(kind, record_id) for kind, record_id in rows}


def _keep_versions(
    session: Session, records: Sequence[Record]
) -> tuple[list[int], set[tuple[str, str]], set[tuple[str, str]]]:
    """Version ids of the records, in order; (kind, id) of those whose words are new; and of those that had been read
    before, in any words."""
    digests = [digest_of_words(record) for record in records]
    known, ever = _known_versions(session, records)
    fresh: dict[tuple[str, str, str], Record] = {}
    for record, digest in zip(records, digests, strict=True):
        key = (kind_of(record), id_of(record), digest)
        if key in known:
            _read_again(session, known[key], record)
        else:
            fresh.setdefault(key, record)
    rows = [_row(record, key[2]) for key, record in fresh.items()]
    if rows:
        session.execute(RecordVersion.__table__.insert(), rows)
        added, _ = _known_versions(session, list(fresh.values()))
        known |= added
    ids = [known[(kind_of(r), id_of(r), d)][0] for r, d in zip(records, digests, strict=True)]
    return ids, {(kind, record_id) for kind, record_id, _ in fresh}, ever


def _known_versions(
    session: Session, records: Sequence[Record]
) -> tuple[dict[tuple[str, str, str], tuple[int, str]], set[tuple[str, str]]]:
    known: dict[tuple[str, str, str], tuple[int, str]] = {}
    ids = list(dict.fromkeys(id_of(record) for record in records))
    for start in range(0, len(ids), _AT_ONCE):
        rows = session.execute(
            select(RecordVersion.kind, RecordVersion.record_id, RecordVersion.digest, RecordVersion.id, RecordVersion.last_read_on)
            .where(RecordVersion.record_id.in_(ids[start : start + _AT_ONCE]))
        )  # fmt: skip
        known |= {(kind, record_id, digest): (version_id, last) for kind, record_id, digest, version_id, last in rows}
    return known, {(kind, record_id) for kind, record_id, _ in known}


def _read_again(session: Session, version: tuple[int, str], record: Record) -> None:
    """The same words, read later: the date moves on and the newest source is shown; no new version."""
    version_id, last_read_on = version
    if record.source.rank > last_read_on:
        session.execute(
            update(RecordVersion).where(RecordVersion.id == version_id)
            .values(last_read_on=record.source.rank, record=to_json(record), source_id=record.source.id, source_title=record.source.title)
        )  # fmt: skip


def _row(record: Record, digest: str) -> dict[str, Any]:
    source, validity = record.source, validity_of(record)
    return {
        "kind": kind_of(record), "record_id": id_of(record), "digest": digest, "raw_digest": source.digest,
        "number": number_of(record)[:255], "title": title_of(record).replace("\x00", ""), "source_id": source.id, "source_title": source.title,
        "origin": source.origin, "read_on": source.read_on[:10], "last_read_on": source.rank[:10],
        "in_force_from": validity.in_force_from, "in_force_to": validity.in_force_to,
        "replaces": json.dumps(validity.replaces, ensure_ascii=False), "replaced_by": "", "status": "draft",
        "first_seen": utc_now(), "first_live": None, "record": to_json(record),
    }  # fmt: skip


def _outcome(
    records: Sequence[Record],
    before: set[tuple[str, str]],
    fresh: set[tuple[str, str]],
    ever: set[tuple[str, str]],
) -> ReadOutcome:
    now = {(kind_of(record), id_of(record)) for record in records}
    return ReadOutcome(
        n_new=len(now - ever),
        n_changed=len(fresh & ever),
        n_ended=len(before - now),
        n_same=len((now & ever) - fresh),
        n_procedures=sum(1 for kind, _ in now if kind == "procedure"),
        n_plans=sum(1 for kind, _ in now if kind == "plan"),
    )
