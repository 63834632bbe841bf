"""Files, versions of records, readings and releases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0100"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "source_root",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("path_digest", sa.String(64), nullable=False, unique=True),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("added", sa.DateTime, nullable=False),
    )
    op.create_table(
        "source_file",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("path_digest", sa.String(64), nullable=False, unique=True),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("mtime_ns", sa.BigInteger, nullable=False),
        sa.Column("reader", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("batch", sa.Integer, nullable=False),
        sa.Column("n_attempts", sa.Integer, nullable=False),
        sa.Column("fault", sa.Text, nullable=False),
        sa.Column("warnings", sa.Text, nullable=False),
        sa.Column("read_at", sa.DateTime, nullable=True),
    )
    op.create_table(
        "record_version",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("record_id", sa.String(255), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("raw_digest", sa.String(64), nullable=False),
        sa.Column("number", sa.String(255), nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("source_id", sa.Text, nullable=False),
        sa.Column("source_title", sa.Text, nullable=False),
        sa.Column("origin", sa.String(16), nullable=False),
        sa.Column("read_on", sa.String(10), nullable=False),
        sa.Column("last_read_on", sa.String(10), nullable=False),
        sa.Column("in_force_from", sa.Date, nullable=True),
        sa.Column("in_force_to", sa.Date, nullable=True),
        sa.Column("replaces", sa.Text, nullable=False),
        sa.Column("replaced_by", sa.String(255), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("first_seen", sa.DateTime, nullable=False),
        sa.Column("first_live", sa.DateTime, nullable=True),
        sa.Column("record", sa.Text, nullable=False),
        sa.UniqueConstraint("kind", "record_id", "digest", name="uq_record_version_words"),
    )
    op.create_index("ix_record_version_first_live", "record_version", ["first_live"])
    op.create_table(
        "record_reading",
        sa.Column("file_id", sa.Integer, sa.ForeignKey("source_file.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("batch", sa.Integer, primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("version_id", sa.Integer, sa.ForeignKey("record_version.id", ondelete="CASCADE"), nullable=False),
        sa.Column("source", sa.Text, nullable=False),
    )
    op.create_index("ix_record_reading_version_id", "record_reading", ["version_id"])
    op.create_table(
        "content_release",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("created", sa.DateTime, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("index_name", sa.String(255), nullable=False),
        sa.Column("source_digest", sa.String(64), nullable=False),
        sa.Column("n_procedures", sa.Integer, nullable=False),
        sa.Column("n_plans", sa.Integer, nullable=False),
        sa.Column("n_new", sa.Integer, nullable=False),
        sa.Column("n_changed", sa.Integer, nullable=False),
        sa.Column("n_ended", sa.Integer, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
    )
    op.create_table(
        "content_release_file",
        sa.Column("release_id", sa.Integer, sa.ForeignKey("content_release.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("file_id", sa.Integer, sa.ForeignKey("source_file.id", ondelete="CASCADE"), nullable=False),
        sa.Column("batch", sa.Integer, nullable=False),
    )


def downgrade() -> None:
    for name in ("content_release_file", "content_release", "record_reading", "record_version", "source_file", "source_root"):
        op.drop_table(name)
