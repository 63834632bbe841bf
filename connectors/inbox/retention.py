"""What is forgotten: after the days set, and at once when a person asks.

Digests of message ids stay a day longer than the words, or a redelivered message would be answered again; they tell
nobody who wrote or what.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, exists, func, or_, select, update

from connectors.inbox.database import Transaction
from connectors.inbox.tables import CarryCode, Chat, InboxMessage, Lane, OutboxMessage, Ticket, TicketEntry

#: Channels repeat a delivery for at most two hours (Zalo) or a day (Telegram keeps updates 24 hours).
DEDUPLICATION = timedelta(hours=48)
FINISHED = ("sent", "refused", "unsure", "dead", "dropped", "resent")


@dataclass(frozen=True)
class Kept:
    """What is kept of one person on one channel."""

    n_received: int
    n_sent: int
    n_tickets: int
    since: datetime | None


def kept_of(tx: Transaction, channel: str, chat_id: str, sender_id: str) -> Kept:
    received = select(func.count(), func.min(InboxMessage.received_at)).where(
        InboxMessage.channel == channel, InboxMessage.sender_id == sender_id
    )
    n_received, since = tx.execute(received).one()
    lanes = _lanes_of(channel, chat_id, "out")
    n_sent = tx.execute(
        select(func.count()).select_from(OutboxMessage).where(OutboxMessage.lane_id.in_(lanes), OutboxMessage.state != "resent")
    ).scalar_one()
    n_tickets = tx.execute(
        select(func.count()).select_from(Ticket).where(Ticket.channel == channel, Ticket.sender_id == sender_id)
    ).scalar_one()
    return Kept(n_received, n_sent, n_tickets, since)


def erase_person(tx: Transaction, channel: str, chat_id: str, sender_id: str) -> None:
    """Delete everything of this person on this channel. Answers in a group stay until their days are over.

    Messages that wait unanswered are deleted too; the digests of all of them stay without any other field.
    """
    mine = (InboxMessage.channel == channel, InboxMessage.sender_id == sender_id)
    tx.execute(
        update(InboxMessage).where(*mine).values(sender_id="", body={}, masked="", kind="", state="done", lane_id=0)
    )
    tickets = select(Ticket.id).where(Ticket.channel == channel, Ticket.sender_id == sender_id)
    tx.execute(delete(TicketEntry).where(TicketEntry.ticket_id.in_(tickets)))
    tx.execute(delete(Ticket).where(Ticket.channel == channel, Ticket.sender_id == sender_id))
    if chat_id == sender_id or not _others_in(tx, channel, chat_id, sender_id):
        tx.execute(delete(OutboxMessage).where(OutboxMessage.lane_id.in_(_lanes_of(channel, chat_id, "out"))))
    tx.execute(delete(Chat).where(Chat.channel == channel, Chat.sender_id == sender_id))


def purge(tx: Transaction, keep_days: int) -> dict[str, int]:
    """Forget what is older than ``keep_days``; returns how many rows of each kind went.

    Dead letters and messages of unknown fate go too: whoever did not look at them for so long never will.
    """
    before = tx.now - timedelta(days=keep_days)
    gone = {
        "ticket_entry": delete(TicketEntry).where(TicketEntry.ticket_id.in_(select(Ticket.id).where(Ticket.changed_at < before))),
        "ticket": delete(Ticket).where(Ticket.changed_at < before),
        "outbox": delete(OutboxMessage).where(OutboxMessage.created_at < before, OutboxMessage.state.in_(FINISHED)),
        "inbox": delete(InboxMessage).where(
            InboxMessage.received_at < min(before, tx.now - DEDUPLICATION), InboxMessage.state != "new"
        ),
        "chat": delete(Chat).where(Chat.last_message_at < before, or_(Chat.muted_until.is_(None), Chat.muted_until < tx.now)),
        "carry_code": delete(CarryCode).where(CarryCode.expires_at < tx.now - timedelta(hours=1)),
        "lane": delete(Lane).where(Lane.due_at.is_(None), Lane.lease_by == "", ~_has_rows()),
    }
    return {name: tx.execute(statement).rowcount for name, statement in gone.items()}


def _has_rows() -> object:
    return or_(
        exists().where(InboxMessage.lane_id == Lane.id),
        exists().where(OutboxMessage.lane_id == Lane.id),
    )


def _lanes_of(channel: str, chat_id: str, direction: str) -> object:
    return select(Lane.id).where(Lane.channel == channel, Lane.chat_id == chat_id, Lane.direction == direction)


def _others_in(tx: Transaction, channel: str, chat_id: str, sender_id: str) -> bool:
    others = select(Chat.id).where(Chat.channel == channel, Chat.chat_id == chat_id, Chat.sender_id != sender_id)
    return tx.execute(others.limit(1)).first() is not None
