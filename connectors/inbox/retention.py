"""What is forgotten: after the days set, and at once when a person asks.

Digests of message ids stay a day longer than the words, or a redelivered message would be answered again; they tell
nobody who wrote or what.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, delete, func, or_, select, update

from connectors.inbox.database import Transaction
from connectors.inbox.lanes import has_rows
from connectors.inbox.tables import CarryCode, Chat, InboxMessage, Lane, OutboxMessage, Ticket, TicketEntry
from connectors.store.contacts import KEPT
from connectors.store.tables import ContactNote, Feedback, OpenQuestion

#: Channels repeat a delivery for at most two hours (Zalo) or a day (Telegram keeps updates 24 hours).
DEDUPLICATION = timedelta(hours=48)
FINISHED = ("sent", "refused", "unsure", "dead", "dropped", "resent")


@dataclass(frozen=True)
class Keep:
    """For how many days. ``questions_days``: masked questions without an answer, since they were last asked, and ratings."""

    days: int = 30
    questions_days: int = 180


@dataclass(frozen=True)
class KeptMessage:
    """A message as it is stored: masked. ``text`` is "" where nothing of it was kept."""

    at: datetime
    kind: str
    text: str


@dataclass(frozen=True)
class Kept:
    """What is kept of one person on one channel, or in one group of it.

    Attributes:
        n_received, since, until: their messages, and when the first and the last came.
        n_sent: what was answered them.
        n_tickets, tickets_since: how often they asked for a person, and since when.
        latest: their latest messages, oldest first.
    """

    n_received: int
    since: datetime | None
    until: datetime | None
    n_sent: int
    n_tickets: int
    tickets_since: datetime | None
    latest: tuple[KeptMessage, ...] = ()

    @property
    def is_nothing(self) -> bool:
        """Nothing but the message that asks."""
        return self.n_received <= 1 and not self.n_sent and not self.n_tickets


@dataclass(frozen=True)
class Person:
    """Whose data. Asked in a group (``is_group``), only what belongs to that group is meant, for others read along."""

    channel: str
    chat_id: str
    sender_id: str
    is_group: bool = False

    def messages(self) -> tuple[Any, ...]:
        mine = (InboxMessage.channel == self.channel, InboxMessage.sender_id == self.sender_id)
        return (*mine, InboxMessage.lane_id.in_(self._lanes("in"))) if self.is_group else mine

    def answers(self) -> Any:
        """What answers their messages, the assistant's and staff's, and in a private chat all else that was said there."""
        ids, tickets = select(InboxMessage.id).where(*self.messages()), select(Ticket.id).where(*self.of(Ticket))
        answers = or_(OutboxMessage.inbox_id.in_(ids), OutboxMessage.ticket_id.in_(tickets))
        return answers if self.is_group else or_(answers, OutboxMessage.lane_id.in_(self._lanes("out")))

    def of(self, table: type[Chat] | type[Ticket]) -> tuple[Any, ...]:
        mine = (table.channel == self.channel, table.sender_id == self.sender_id)
        return (*mine, table.chat_id == self.chat_id) if self.is_group else mine

    def _lanes(self, direction: str) -> Any:
        return select(Lane.id).where(Lane.channel == self.channel, Lane.chat_id == self.chat_id, Lane.direction == direction)


def kept_of(tx: Transaction, person: Person, n_latest: int = 0) -> Kept:
    n_received, since, until = tx.execute(
        select(func.count(), func.min(InboxMessage.received_at), func.max(InboxMessage.received_at)).where(*person.messages())
    ).one()
    sent = select(func.count()).select_from(OutboxMessage).where(person.answers(), OutboxMessage.state != "resent")
    n_tickets, tickets_since = tx.execute(select(func.count(), func.min(Ticket.opened_at)).where(*person.of(Ticket))).one()
    latest = tx.execute(
        select(InboxMessage.received_at, InboxMessage.kind, InboxMessage.body)
        .where(*person.messages()).order_by(InboxMessage.id.desc()).limit(n_latest)
    ).all()  # fmt: skip
    shown = tuple(KeptMessage(row.received_at, row.kind, _words_of(row.body)) for row in reversed(latest))
    return Kept(n_received, since, until, tx.execute(sent).scalar_one(), n_tickets, tickets_since, shown)


def sessions_of(tx: Transaction, person: Person) -> Sequence[str]:
    """Names under which the dialogue engine knows this person."""
    return tx.execute(select(Chat.session_id).where(*person.of(Chat))).scalars().all()


def erase_person(tx: Transaction, person: Person) -> None:
    """Delete everything of this person on this channel, or in this group.

    Messages that wait unanswered are deleted too; the digests of all of them stay without any other field. The lanes
    of a private chat go when the farewell is through (``lanes.forget_lane``).
    """
    tx.execute(delete(OutboxMessage).where(person.answers()))
    tickets = select(Ticket.id).where(*person.of(Ticket))
    tx.execute(delete(TicketEntry).where(TicketEntry.ticket_id.in_(tickets)))
    tx.execute(delete(Ticket).where(*person.of(Ticket)))
    tx.execute(delete(Chat).where(*person.of(Chat)))
    tx.execute(
        update(InboxMessage)
        .where(*person.messages())
        .values(sender_id="", body={}, masked="", kind="", state="done", lane_id=0)
    )


def purge(tx: Transaction, keep: Keep) -> dict[str, int]:
    """Forget what is too old; returns how many rows of each kind went.

    Dead letters, messages of unknown fate, open tickets and requests to be called back go too: whoever did not look at
    them for so long never will.
    """
    before, before_questions = (tx.now - timedelta(days=days) for days in (keep.days, keep.questions_days))
    gone = {
        "ticket_entry": delete(TicketEntry).where(TicketEntry.ticket_id.in_(select(Ticket.id).where(Ticket.changed_at < before))),
        "ticket": delete(Ticket).where(Ticket.changed_at < before),
        "outbox": delete(OutboxMessage).where(OutboxMessage.created_at < before, OutboxMessage.state.in_(FINISHED)),
        "inbox": delete(InboxMessage).where(
            InboxMessage.state != "new",
            or_(
                InboxMessage.received_at < min(before, tx.now - DEDUPLICATION),
                and_(InboxMessage.sender_id == "", InboxMessage.received_at < tx.now - DEDUPLICATION),  # erased
            ),
        ),
        "chat": delete(Chat).where(Chat.last_message_at < before, or_(Chat.muted_until.is_(None), Chat.muted_until < tx.now)),
        "carry_code": delete(CarryCode).where(CarryCode.expires_at < tx.now - timedelta(hours=1)),
        "contact": delete(ContactNote).where(ContactNote.at < tx.now - KEPT),
        "question": delete(OpenQuestion).where(OpenQuestion.last_seen < before_questions),
        "rating": delete(Feedback).where(Feedback.at < before_questions),
        "lane": delete(Lane).where(Lane.due_at.is_(None), Lane.lease_by == "", ~has_rows()),
    }
    return {name: tx.execute(statement).rowcount for name, statement in gone.items()}


def _words_of(body: Mapping[str, Any]) -> str:
    """What was written; a command with its name."""
    command = body.get("command")
    return f"/{command} {body.get('text', '')}".strip() if command else str(body.get("text", ""))
