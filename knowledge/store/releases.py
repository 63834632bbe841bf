"""Releases: what went live together, in which order it is merged, and the way back.

The index folder's ``current`` file decides what is live; rows here follow it (``reconcile``), so that a program ended
between the two leaves nothing half done.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from knowledge.sources.report import ReadReport
from knowledge.store.database import ContentDatabase
from knowledge.store.errors import ReleaseMissing
from knowledge.store.records import from_json, source_from
from knowledge.store.statuses import mark_statuses
from knowledge.store.tables import Reading, RecordVersion, Release, ReleaseFile, SourceFile

_AT_ONCE = 400
_KEPT_RELEASES = 20  # older ones keep their row, not their list of batches


@dataclass(frozen=True)
class Batch:
    """One reading of one file."""

    file_id: int
    batch: int


@dataclass(frozen=True)
class ReleaseInfo:
    """A row of content_release; see tables.py."""

    id: int
    created: datetime
    state: str
    index_name: str
    source_digest: str
    n_procedures: int
    n_plans: int
    n_new: int
    n_changed: int
    n_ended: int
    note: str


class Releases:
    """Every method may raise ContentStoreError."""

    def __init__(self, database: ContentDatabase) -> None:
        self._database = database

    def reports(self, batches: Sequence[Batch]) -> list[ReadReport]:
        """The records of batches, one report a batch, in order, each with the source it was read from."""
        with self._database.session() as session:
            return [_report(session, batch) for batch in batches]

    def begin(self, batches: Sequence[Batch], source_digest: str) -> int:
        """Note a release that is about to be built; its id."""
        with self._database.session() as session:
            release = Release(source_digest=source_digest, state="building")
            session.add(release)
            session.flush()
            rows = [
                {"release_id": release.id, "position": n, "file_id": b.file_id, "batch": b.batch}
                for n, b in enumerate(batches)
            ]
            if rows:
                session.execute(ReleaseFile.__table__.insert(), rows)
            return release.id

    def built(self, release_id: int, index_name: str, n_procedures: int, n_plans: int) -> None:
        """The index of a release lies ready under this name; it is not live yet."""
        with self._database.session() as session:
            release = session.get_one(Release, release_id)
            release.index_name, release.n_procedures, release.n_plans = index_name, n_procedures, n_plans

    def fail(self, release_id: int, note: str) -> None:
        with self._database.session() as session:
            session.execute(update(Release).where(Release.id == release_id).values(state="failed", note=note))

    def went_live(self, release_id: int, left_as: str = "past") -> None:
        """Mark a release as the live one, the one before as ``left_as``, and every version's status anew."""
        with self._database.session() as session:
            _make_live(session, release_id, left_as)

    def reconcile(self, live_index_name: str) -> None:
        """Make the rows say what the index folder says: a release whose index is live is, one never published failed."""
        with self._database.session() as session:
            stuck = list(session.scalars(select(Release).where(Release.state == "building")))
            for release in stuck:
                if live_index_name and release.index_name == live_index_name:
                    _make_live(session, release.id, "past")
                else:
                    release.state, release.note = "failed", "ended before it went live"

    def live(self) -> ReleaseInfo | None:
        """The live release, None before the first."""
        with self._database.session() as session:
            row = session.scalar(select(Release).where(Release.state == "live").order_by(Release.id.desc()).limit(1))
            return _info(row) if row else None

    def list(self, limit: int = _KEPT_RELEASES) -> list[ReleaseInfo]:
        """Newest first."""
        with self._database.session() as session:
            return [_info(row) for row in session.scalars(select(Release).order_by(Release.id.desc()).limit(limit))]

    def batches(self, release_id: int) -> list[Batch]:
        """What a release holds, in order of merging; empty where it is too old to be kept."""
        with self._database.session() as session:
            rows = session.execute(
                select(ReleaseFile.file_id, ReleaseFile.batch)
                .where(ReleaseFile.release_id == release_id)
                .order_by(ReleaseFile.position)
            )
            return [Batch(file_id, batch) for file_id, batch in rows]

    def one_before(self, live: ReleaseInfo | None) -> ReleaseInfo:
        """The release to go back to from the live one.

        Raises:
            ReleaseMissing: nothing is live, or nothing was before it.
        """
        if live is None:
            raise ReleaseMissing("rollback: expected a live release; came none; run: motcua index")
        with self._database.session() as session:
            row = session.scalar(
                select(Release).where(Release.state == "past", Release.id < live.id).order_by(Release.id.desc()).limit(1)
            )
        if row is None:
            raise ReleaseMissing(f"rollback: expected a release before {live.id}; came none; nothing was changed")
        return _info(row)

    def hold_files(self, target: Sequence[Batch]) -> None:
        """Make the files' batches those of a release gone back to: a file that changes is read and proposed again, one
        that does not stays as it is here."""
        wanted = {b.file_id: b.batch for b in target}
        with self._database.session() as session:
            for row in session.scalars(select(SourceFile)):
                if row.batch != wanted.get(row.id, 0) or (row.state == "gone" and row.id in wanted):
                    row.batch, row.state = wanted.get(row.id, 0), "held"

    def count_changes(self, release_id: int, before_id: int | None) -> tuple[int, int, int]:
        """Records new, in other words and gone in a release, beside the one before; kept in its row."""
        with self._database.session() as session:
            now, before = _words_of(session, release_id), _words_of(session, before_id) if before_id else {}
            n_new = len(now.keys() - before.keys())
            n_changed = sum(1 for key in now.keys() & before.keys() if now[key] != before[key])
            n_ended = len(before.keys() - now.keys())
            session.execute(
                update(Release).where(Release.id == release_id).values(n_new=n_new, n_changed=n_changed, n_ended=n_ended)
            )
            return n_new, n_changed, n_ended


def _make_live(session: Session, release_id: int, left_as: str) -> None:
    session.execute(update(Release).where(Release.state == "live", Release.id != release_id).values(state=left_as))
    session.execute(update(Release).where(Release.id == release_id).values(state="live"))
    if left_as == "withdrawn":
        _forget_withdrawn(session)
    mark_statuses(session, release_id)
    _drop_old_lists(session)


def _drop_old_lists(session: Session) -> None:
    """Keep the lists of the last releases that can be gone back to; those that failed in between do not count as such."""
    usable = select(Release.id).where(Release.state.in_(("live", "past"))).order_by(Release.id.desc()).limit(_KEPT_RELEASES)
    kept = list(session.scalars(usable))
    newest = session.scalar(select(func.max(Release.id))) or 0
    old = select(Release.id).where(Release.id.not_in(kept), Release.id <= newest - _KEPT_RELEASES)
    session.execute(delete(ReleaseFile).where(ReleaseFile.release_id.in_(old)), execution_options={"synchronize_session": False})


def _forget_withdrawn(session: Session) -> None:
    """Words that were live in withdrawn releases only become drafts again: citizens are not told of them as history."""
    def versions_in(*states: str) -> set[int]:
        return set(session.scalars(
            select(Reading.version_id)
            .join(ReleaseFile, (ReleaseFile.file_id == Reading.file_id) & (ReleaseFile.batch == Reading.batch))
            .join(Release, Release.id == ReleaseFile.release_id)
            .where(Release.state.in_(states))
        ))  # fmt: skip

    only = sorted(versions_in("withdrawn") - versions_in("live", "past"))
    for start in range(0, len(only), _AT_ONCE):
        chosen = RecordVersion.id.in_(only[start : start + _AT_ONCE])
        session.execute(update(RecordVersion).where(chosen).values(first_live=None, status="draft"))


def _report(session: Session, batch: Batch) -> ReadReport:
    rows = session.execute(
        select(RecordVersion.kind, RecordVersion.record, Reading.source)
        .join(Reading, Reading.version_id == RecordVersion.id)
        .where(Reading.file_id == batch.file_id, Reading.batch == batch.batch)
        .order_by(Reading.position)
    )
    records = [(kind, from_json(kind, text, source_from(source))) for kind, text, source in rows]
    return ReadReport(
        records=tuple(r for kind, r in records if kind == "procedure"), plans=tuple(r for kind, r in records if kind == "plan")
    )


def _words_of(session: Session, release_id: int) -> dict[tuple[str, str], frozenset[str]]:
    """(kind, record id) → digests of its words in a release."""
    found: dict[tuple[str, str], set[str]] = {}
    rows = session.execute(
        select(RecordVersion.kind, RecordVersion.record_id, RecordVersion.digest)
        .join(Reading, Reading.version_id == RecordVersion.id)
        .join(ReleaseFile, (ReleaseFile.file_id == Reading.file_id) & (ReleaseFile.batch == Reading.batch))
        .where(ReleaseFile.release_id == release_id)
    )
    for kind, record_id, digest in rows:
        found.setdefault((kind, record_id), set()).add(digest)
    return {key: frozenset(digests) for key, digests in found.items()}


def _info(row: Release) -> ReleaseInfo:
    return ReleaseInfo(
        row.id, row.created, row.state, row.index_name, row.source_digest, row.n_procedures, row.n_plans, row.n_new,
        row.n_changed, row.n_ended, row.note,
    )  # fmt: skip


def batches_of(files: Iterable[tuple[int, int]]) -> list[Batch]:
    """Batches in order, files without one left out."""
    return [Batch(file_id, batch) for file_id, batch in files if batch]
