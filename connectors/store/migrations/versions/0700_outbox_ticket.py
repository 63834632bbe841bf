"""Which ticket words of staff belong to, so that they go with it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0700"
down_revision = "0400"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("outbox_message", sa.Column("ticket_id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=True))
    op.create_index("ix_outbox_message_ticket", "outbox_message", ["ticket_id"])


def downgrade() -> None:
    op.drop_index("ix_outbox_message_ticket", "outbox_message")
    op.drop_column("outbox_message", "ticket_id")
