"""Tables of the message path. Times are UTC without zone; texts are masked before they come here."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from connectors.store.tables import Base, utc_now

#: SQLite counts only INTEGER keys up by itself.
BigId = BigInteger().with_variant(Integer, "sqlite")


class Lane(Base):
    """One queue of one chat and direction (``in``, ``out``; ``ask``: who asks a channel for messages, without a chat). Whoever holds its lease works on it alone.

    ``due_at``: when its first row may be worked on; None when it is empty. ``lease_no`` grows with every claim, so
    that a worker whose lease was taken away notices (fencing).
    """

    __tablename__ = "lane"
    __table_args__ = (
        UniqueConstraint("direction", "channel", "chat_id", name="uq_lane"),
        Index("ix_lane_due", "direction", "due_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    direction: Mapped[str] = mapped_column(String(3))
    channel: Mapped[str] = mapped_column(String(16))
    chat_id: Mapped[str] = mapped_column(String(128))
    due_at: Mapped[datetime | None]
    lease_by: Mapped[str] = mapped_column(String(160), default="")
    lease_until: Mapped[datetime | None]
    lease_no: Mapped[int] = mapped_column(default=0)


class InboxMessage(Base):
    """What came in. ``state``: ``new``, ``done``, ``dead``.

    ``digest``: sha256 of channel and the channel's message id; unique, and it stays after the words were deleted.
    ``body``: ``IncomingMessage.to_json()``, masked. ``masked``: kinds of personal data taken out, comma separated.
    """

    __tablename__ = "inbox_message"
    __table_args__ = (
        Index("ix_inbox_message_lane", "lane_id", "state", "order_key", "id"),
        Index("ix_inbox_message_received", "received_at"),
        Index("ix_inbox_message_sender", "channel", "sender_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    lane_id: Mapped[int] = mapped_column(BigId)
    channel: Mapped[str] = mapped_column(String(16))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    sender_id: Mapped[str] = mapped_column(String(128))
    kind: Mapped[str] = mapped_column(String(16))
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    masked: Mapped[str] = mapped_column(String(256), default="")
    order_key: Mapped[int] = mapped_column(BigInteger)
    received_at: Mapped[datetime]
    due_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(8), default="new")
    n_tries: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(String(64), default="")
    status: Mapped[str] = mapped_column(String(64), default="")
    done_at: Mapped[datetime | None]


class OutboxMessage(Base):
    """What goes out. ``state``: ``ready``, ``sending``, ``sent``, ``refused``, ``unsure``, ``dead``, ``dropped``
    (the person left), ``resent`` (was unsure; somebody had it sent again).

    An inbox message has at most one row a ``position``: its answer cannot be put in twice. ``ticket_id``: of the ticket
    that words of staff answer.
    """

    __tablename__ = "outbox_message"
    __table_args__ = (
        UniqueConstraint("inbox_id", "position", name="uq_outbox_answer"),
        Index("ix_outbox_message_lane", "lane_id", "state", "id"),
        Index("ix_outbox_message_state", "state", "created_at"),
        Index("ix_outbox_message_ticket", "ticket_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    lane_id: Mapped[int] = mapped_column(BigId)
    channel: Mapped[str] = mapped_column(String(16))
    inbox_id: Mapped[int | None] = mapped_column(BigId)
    position: Mapped[int] = mapped_column(default=0)
    kind: Mapped[str] = mapped_column(String(8))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    received_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(8), default="ready")
    n_tries: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(String(64), default="")
    receipt: Mapped[str] = mapped_column(String(128), default="")
    sent_at: Mapped[datetime | None]
    ticket_id: Mapped[int | None] = mapped_column(BigId)


class Chat(Base):
    """One person in one chat of one channel: what has to survive a restart. Codes and marks, no words.

    ``numbered``: payloads behind the numbers last shown. ``muted_until``: a person writes, the assistant keeps quiet.
    """

    __tablename__ = "chat"
    __table_args__ = (UniqueConstraint("channel", "chat_id", "sender_id", name="uq_chat"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    channel: Mapped[str] = mapped_column(String(16))
    chat_id: Mapped[str] = mapped_column(String(128))
    sender_id: Mapped[str] = mapped_column(String(128))
    session_id: Mapped[str] = mapped_column(String(64))
    context: Mapped[dict[str, Any]] = mapped_column(JSON)
    numbered: Mapped[list[str]] = mapped_column(JSON)
    first_seen: Mapped[datetime]
    last_message_at: Mapped[datetime]
    noticed_at: Mapped[datetime | None]
    muted_until: Mapped[datetime | None]
    erase_until: Mapped[datetime | None]
    is_gone: Mapped[bool] = mapped_column(default=False)
    n_wrong_codes: Mapped[int] = mapped_column(default=0)
    wrong_code_at: Mapped[datetime | None]


class Ticket(Base):
    """Somebody asked for a person. ``state``: ``waiting``, ``open`` (a person answered), ``closed``."""

    __tablename__ = "ticket"
    __table_args__ = (
        Index("ix_ticket_state", "state", "changed_at"),
        Index("ix_ticket_chat", "channel", "chat_id", "sender_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    channel: Mapped[str] = mapped_column(String(16))
    chat_id: Mapped[str] = mapped_column(String(128))
    sender_id: Mapped[str] = mapped_column(String(128))
    state: Mapped[str] = mapped_column(String(8), default="waiting")
    opened_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    taken_by: Mapped[str] = mapped_column(String(64), default="")


class TicketEntry(Base):
    """One line of a ticket. ``who``: ``citizen``, ``assistant``, ``staff``. ``outbox_id``: where the answer waits."""

    __tablename__ = "ticket_entry"
    __table_args__ = (Index("ix_ticket_entry_ticket", "ticket_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(BigId, ForeignKey("ticket.id", ondelete="CASCADE"))
    who: Mapped[str] = mapped_column(String(12))
    author: Mapped[str] = mapped_column(String(64), default="")
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    outbox_id: Mapped[int | None] = mapped_column(BigId)


class CarryCode(Base):
    """Moves a conversation to another channel. Only the code's digest is kept; ``used_by`` names who took it."""

    __tablename__ = "carry_code"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    context: Mapped[dict[str, Any]] = mapped_column(JSON)
    origin: Mapped[str] = mapped_column(String(16))
    expires_at: Mapped[datetime]
    used_by: Mapped[str] = mapped_column(String(64), default="")


class ChannelAlarm(Base):
    """Something only a person can mend, such as a token that cannot be refreshed. One open row a channel and code."""

    __tablename__ = "channel_alarm"
    __table_args__ = (UniqueConstraint("channel", "code", name="uq_channel_alarm"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    channel: Mapped[str] = mapped_column(String(16))
    code: Mapped[str] = mapped_column(String(32))
    detail: Mapped[str] = mapped_column(String(300), default="")
    first_at: Mapped[datetime] = mapped_column(default=utc_now)
    last_at: Mapped[datetime] = mapped_column(default=utc_now)
    count: Mapped[int] = mapped_column(default=1)
