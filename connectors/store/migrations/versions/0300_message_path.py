"""The message path: lanes, inbox, outbox, chats, tickets, carry-on codes, alarms."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0300"
down_revision = "0600"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "lane",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("direction", sa.String(3), nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("chat_id", sa.String(128), nullable=False),
        sa.Column("due_at", sa.DateTime),
        sa.Column("lease_by", sa.String(160), nullable=False),
        sa.Column("lease_until", sa.DateTime),
        sa.Column("lease_no", sa.Integer, nullable=False),
        sa.UniqueConstraint("direction", "channel", "chat_id", name="uq_lane"),
    )
    op.create_index("ix_lane_due", "lane", ["direction", "due_at"])
    op.create_table(
        "inbox_message",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("lane_id", BIG, nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False, unique=True),
        sa.Column("sender_id", sa.String(128), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("body", sa.JSON, nullable=False),
        sa.Column("masked", sa.String(256), nullable=False),
        sa.Column("order_key", sa.BigInteger, nullable=False),
        sa.Column("received_at", sa.DateTime, nullable=False),
        sa.Column("due_at", sa.DateTime, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("n_tries", sa.Integer, nullable=False),
        sa.Column("error", sa.String(64), nullable=False),
        sa.Column("status", sa.String(64), nullable=False),
        sa.Column("done_at", sa.DateTime),
    )
    op.create_index("ix_inbox_message_lane", "inbox_message", ["lane_id", "state", "order_key", "id"])
    op.create_index("ix_inbox_message_received", "inbox_message", ["received_at"])
    op.create_index("ix_inbox_message_sender", "inbox_message", ["channel", "sender_id"])
    op.create_table(
        "outbox_message",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("lane_id", BIG, nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("inbox_id", BIG),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("payload", sa.JSON, nullable=False),
        sa.Column("received_at", sa.DateTime),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("due_at", sa.DateTime, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("n_tries", sa.Integer, nullable=False),
        sa.Column("error", sa.String(64), nullable=False),
        sa.Column("receipt", sa.String(128), nullable=False),
        sa.Column("sent_at", sa.DateTime),
        sa.UniqueConstraint("inbox_id", "position", name="uq_outbox_answer"),
    )
    op.create_index("ix_outbox_message_lane", "outbox_message", ["lane_id", "state", "id"])
    op.create_index("ix_outbox_message_state", "outbox_message", ["state", "created_at"])
    op.create_table(
        "chat",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("chat_id", sa.String(128), nullable=False),
        sa.Column("sender_id", sa.String(128), nullable=False),
        sa.Column("session_id", sa.String(64), nullable=False),
        sa.Column("context", sa.JSON, nullable=False),
        sa.Column("numbered", sa.JSON, nullable=False),
        sa.Column("first_seen", sa.DateTime, nullable=False),
        sa.Column("last_message_at", sa.DateTime, nullable=False),
        sa.Column("noticed_at", sa.DateTime),
        sa.Column("muted_until", sa.DateTime),
        sa.Column("erase_until", sa.DateTime),
        sa.Column("is_gone", sa.Boolean, nullable=False),
        sa.Column("n_wrong_codes", sa.Integer, nullable=False),
        sa.Column("wrong_code_at", sa.DateTime),
        sa.UniqueConstraint("channel", "chat_id", "sender_id", name="uq_chat"),
    )
    op.create_table(
        "ticket",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("chat_id", sa.String(128), nullable=False),
        sa.Column("sender_id", sa.String(128), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("opened_at", sa.DateTime, nullable=False),
        sa.Column("changed_at", sa.DateTime, nullable=False),
        sa.Column("taken_by", sa.String(64), nullable=False),
    )
    op.create_index("ix_ticket_state", "ticket", ["state", "changed_at"])
    op.create_index("ix_ticket_chat", "ticket", ["channel", "chat_id", "sender_id"])
    op.create_table(
        "ticket_entry",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("ticket_id", BIG, sa.ForeignKey("ticket.id", ondelete="CASCADE"), nullable=False),
        sa.Column("who", sa.String(12), nullable=False),
        sa.Column("author", sa.String(64), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("outbox_id", BIG),
    )
    op.create_index("ix_ticket_entry_ticket", "ticket_entry", ["ticket_id"])
    op.create_table(
        "carry_code",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("context", sa.JSON, nullable=False),
        sa.Column("origin", sa.String(16), nullable=False),
        sa.Column("expires_at", sa.DateTime, nullable=False),
        sa.Column("used_by", sa.String(64), nullable=False),
    )
    op.create_table(
        "channel_alarm",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("detail", sa.String(300), nullable=False),
        sa.Column("first_at", sa.DateTime, nullable=False),
        sa.Column("last_at", sa.DateTime, nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.UniqueConstraint("channel", "code", name="uq_channel_alarm"),
    )


def downgrade() -> None:
    for table in ("channel_alarm", "carry_code", "ticket_entry", "ticket", "chat", "outbox_message", "inbox_message", "lane"):
        op.drop_table(table)
