"""Tables of content and versions, portable between SQLite and PostgreSQL. Times are UTC without zone.

A *file* is read into a *batch* of *readings*; each reading points at a *version* of its record, which it shares with
every other reading of the same words. A *release* is a list of batches: what went live together.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


def utc_now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


class ContentBase(DeclarativeBase):
    pass


class SourceRoot(ContentBase):
    """A file or folder taken in by ``motcua ingest``; ``path_digest`` is sha256 of the path, which may be long."""

    __tablename__ = "source_root"

    id: Mapped[int] = mapped_column(primary_key=True)
    path_digest: Mapped[str] = mapped_column(String(64), unique=True)
    path: Mapped[str] = mapped_column(Text)
    added: Mapped[datetime] = mapped_column(default=utc_now)


class SourceFile(ContentBase):
    """One file and how far its reading came.

    ``digest``, ``size``, ``mtime_ns`` and ``reader`` (digest of the readers' code) tell whether it must be read again.
    ``batch`` is the reading that the next release takes, 0 for none. ``state``: ``reading`` (begun, not ended),
    ``read``, ``failed`` (``fault`` says why; an earlier batch stays in use), ``gone`` (no longer there), ``held`` (a
    rollback put an earlier batch back and keeps it until the file changes). ``n_attempts`` counts readings begun since
    the last that ended. ``warnings`` is a JSON list of [record, field, message].
    """

    __tablename__ = "source_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    path_digest: Mapped[str] = mapped_column(String(64), unique=True)
    path: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64), default="")
    size: Mapped[int] = mapped_column(BigInteger, default=0)
    mtime_ns: Mapped[int] = mapped_column(BigInteger, default=0)
    reader: Mapped[str] = mapped_column(String(64), default="")
    state: Mapped[str] = mapped_column(String(16), default="reading")
    batch: Mapped[int] = mapped_column(default=0)
    n_attempts: Mapped[int] = mapped_column(default=0)
    fault: Mapped[str] = mapped_column(Text, default="")
    warnings: Mapped[str] = mapped_column(Text, default="[]")
    read_at: Mapped[datetime | None] = mapped_column(default=None)


class RecordVersion(ContentBase):
    """The words of one record, once for each different wording.

    ``digest`` is sha256 of the record without its source; ``raw_digest`` that of the bytes it was first read from, so
    that a better reading of the same bytes is told from a change at the source. ``read_on`` and ``last_read_on`` are the
    first and the latest reading date (ISO day or month). ``in_force_from`` and ``in_force_to`` hold only what the record
    itself states. ``replaces`` is a JSON list of document numbers, ``replaced_by`` one number or "". ``status``:
    ``draft`` (in no release), ``current``, ``superseded``, ``ended``. ``record`` is JSON with the latest source.
    """

    __tablename__ = "record_version"
    __table_args__ = (
        UniqueConstraint("kind", "record_id", "digest", name="uq_record_version_words"),
        Index("ix_record_version_first_live", "first_live"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    record_id: Mapped[str] = mapped_column(String(255))
    digest: Mapped[str] = mapped_column(String(64))
    raw_digest: Mapped[str] = mapped_column(String(64), default="")
    number: Mapped[str] = mapped_column(String(255), default="")
    title: Mapped[str] = mapped_column(Text, default="")
    source_id: Mapped[str] = mapped_column(Text, default="")
    source_title: Mapped[str] = mapped_column(Text, default="")
    origin: Mapped[str] = mapped_column(String(16), default="imported")
    read_on: Mapped[str] = mapped_column(String(10), default="")
    last_read_on: Mapped[str] = mapped_column(String(10), default="")
    in_force_from: Mapped[date | None] = mapped_column(default=None)
    in_force_to: Mapped[date | None] = mapped_column(default=None)
    replaces: Mapped[str] = mapped_column(Text, default="[]")
    replaced_by: Mapped[str] = mapped_column(String(255), default="")
    status: Mapped[str] = mapped_column(String(16), default="draft")
    first_seen: Mapped[datetime] = mapped_column(default=utc_now)
    first_live: Mapped[datetime | None] = mapped_column(default=None)
    record: Mapped[str] = mapped_column(Text)


class Reading(ContentBase):
    """One record of one batch of a file, in the file's order; ``source`` is JSON of knowledge.model.Source."""

    __tablename__ = "record_reading"

    file_id: Mapped[int] = mapped_column(ForeignKey("source_file.id", ondelete="CASCADE"), primary_key=True)
    batch: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("record_version.id", ondelete="CASCADE"), index=True)
    source: Mapped[str] = mapped_column(Text)


class Release(ContentBase):
    """What went live together, or was to.

    ``state``: ``building``, ``live``, ``past``, ``failed``, ``withdrawn`` (gone back from). ``index_name`` is the folder
    of the index built for it; ``source_digest`` that of its records (knowledge/index/build.py).
    """

    __tablename__ = "content_release"

    id: Mapped[int] = mapped_column(primary_key=True)
    created: Mapped[datetime] = mapped_column(default=utc_now)
    state: Mapped[str] = mapped_column(String(16), default="building")
    index_name: Mapped[str] = mapped_column(String(255), default="")
    source_digest: Mapped[str] = mapped_column(String(64), default="")
    n_procedures: Mapped[int] = mapped_column(default=0)
    n_plans: Mapped[int] = mapped_column(default=0)
    n_new: Mapped[int] = mapped_column(default=0)
    n_changed: Mapped[int] = mapped_column(default=0)
    n_ended: Mapped[int] = mapped_column(default=0)
    note: Mapped[str] = mapped_column(Text, default="")


class ReleaseFile(ContentBase):
    """One batch of a release; ``position`` is the order in which readings are merged."""

    __tablename__ = "content_release_file"

    release_id: Mapped[int] = mapped_column(ForeignKey("content_release.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("source_file.id", ondelete="CASCADE"))
    batch: Mapped[int]
