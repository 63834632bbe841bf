"""Ratings with a reason, and requests to be called back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0600"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, kind in (("reason", sa.String(32)), ("comment", sa.Text), ("status", sa.String(64))):
        op.add_column("feedback", sa.Column(name, kind, nullable=False, server_default=""))
    op.create_table(
        "contact_note",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("number", sa.String(12), nullable=False, unique=True),
        sa.Column("session_digest", sa.String(64), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("reach", sa.String(120), nullable=False),
        sa.Column("matter", sa.Text, nullable=False),
        sa.Column("procedure_code", sa.String(32), nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
    )
    op.create_index("ix_contact_note_session_digest", "contact_note", ["session_digest"])


def downgrade() -> None:
    op.drop_table("contact_note")
    for name in ("status", "comment", "reason"):
        op.drop_column("feedback", name)
