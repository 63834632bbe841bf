"""The staff inbox: somebody asked for a person. Texts are masked; the citizen is a number and a channel."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update

from connectors.channels.base import ChannelPayload
from connectors.inbox.chats import ChatState, last_words_at, mute_chat
from connectors.inbox.database import Transaction
from connectors.inbox.outbox import add_outgoing
from connectors.inbox.tables import OutboxMessage, Ticket, TicketEntry

OPEN_STATES = ("waiting", "open")


@dataclass(frozen=True)
class TicketHead:
    """A ticket in the list. ``last_words_at``: when the citizen last wrote."""

    id: int
    channel: str
    chat_id: str
    state: str
    opened_at: datetime
    changed_at: datetime
    taken_by: str
    last_words_at: datetime | None
    n_entries: int
    last_text: str


@dataclass(frozen=True)
class TicketLine:
    """One line of a ticket; ``fate`` is the state of its row in the outbox, "" for words of the citizen."""

    who: str
    author: str
    text: str
    at: datetime
    fate: str


def open_ticket(tx: Transaction, chat: ChatState) -> int:
    """The chat's open ticket; a new one where there is none."""
    known = _open_id(tx, chat)
    if known is not None:
        return known
    statement = tx.insert(Ticket).values(
        channel=chat.channel, chat_id=chat.chat_id, sender_id=chat.sender_id, state="waiting",
        opened_at=tx.now, changed_at=tx.now, taken_by="",
    )  # fmt: skip
    return tx.execute(statement.returning(Ticket.id)).scalar_one()


def add_entry(tx: Transaction, chat: ChatState, who: str, text: str) -> None:
    """Add a line to the chat's open ticket; nothing where there is none."""
    ticket_id = _open_id(tx, chat)
    if ticket_id is not None:
        _insert_entry(tx, ticket_id, who, "", text, None)


def answer_ticket(
    tx: Transaction, ticket_id: int, staff: str, text: str, payloads: list[ChannelPayload], mute_s: float
) -> bool:
    """A person's words: into the outbox, and the assistant keeps quiet. False when the ticket is not open."""
    ticket = _open_row(tx, ticket_id)
    if ticket is None:
        return False
    ids = add_outgoing(tx, ticket.channel, ticket.chat_id, [("staff", payload) for payload in payloads], ticket_id=ticket_id)
    _insert_entry(tx, ticket_id, "staff", staff, text, ids[-1] if ids else None)
    tx.execute(update(Ticket).where(Ticket.id == ticket_id).values(state="open", taken_by=staff))
    mute_chat(tx, ticket.channel, ticket.chat_id, mute_s)
    return True


def close_ticket(tx: Transaction, ticket_id: int, staff: str, payloads: list[ChannelPayload]) -> bool:
    """The matter is done: the assistant speaks again. ``payloads`` tell the citizen so. False when not open."""
    ticket = _open_row(tx, ticket_id)
    if ticket is None:
        return False
    add_outgoing(tx, ticket.channel, ticket.chat_id, [("notice", payload) for payload in payloads])
    tx.execute(update(Ticket).where(Ticket.id == ticket_id).values(state="closed", changed_at=tx.now, taken_by=staff))
    mute_chat(tx, ticket.channel, ticket.chat_id, 0)
    return True


def close_ticket_of(tx: Transaction, chat: ChatState) -> None:
    """The citizen wants the assistant back."""
    ticket_id = _open_id(tx, chat)
    if ticket_id is not None:
        tx.execute(update(Ticket).where(Ticket.id == ticket_id).values(state="closed", changed_at=tx.now))
    mute_chat(tx, chat.channel, chat.chat_id, 0)


def list_tickets(tx: Transaction, is_closed: bool, offset: int, limit: int) -> tuple[list[TicketHead], int]:
    """Tickets with the longest waiting first (closed ones: latest first), and how many there are."""
    wanted = Ticket.state == "closed" if is_closed else Ticket.state.in_(OPEN_STATES)
    order = Ticket.changed_at.desc() if is_closed else Ticket.changed_at
    rows = tx.execute(select(*Ticket.__table__.columns).where(wanted).order_by(order).offset(offset).limit(limit)).all()
    total = tx.execute(select(func.count()).select_from(Ticket).where(wanted)).scalar_one()
    return [_head(tx, row) for row in rows], total


def read_ticket(tx: Transaction, ticket_id: int) -> tuple[TicketHead, list[TicketLine]] | None:
    row = tx.execute(select(*Ticket.__table__.columns).where(Ticket.id == ticket_id)).one_or_none()
    if row is None:
        return None
    lines = tx.execute(
        select(TicketEntry.who, TicketEntry.author, TicketEntry.text, TicketEntry.at, OutboxMessage.state)
        .join(OutboxMessage, OutboxMessage.id == TicketEntry.outbox_id, isouter=True)
        .where(TicketEntry.ticket_id == ticket_id)
        .order_by(TicketEntry.id)
    )
    return _head(tx, row), [TicketLine(each.who, each.author, each.text, each.at, each.state or "") for each in lines]


def count_open(tx: Transaction) -> int:
    return tx.execute(select(func.count()).select_from(Ticket).where(Ticket.state.in_(OPEN_STATES))).scalar_one()


def _head(tx: Transaction, row: object) -> TicketHead:
    entries = select(TicketEntry.text).where(TicketEntry.ticket_id == row.id)
    return TicketHead(
        id=row.id,
        channel=row.channel,
        chat_id=row.chat_id,
        state=row.state,
        opened_at=row.opened_at,
        changed_at=row.changed_at,
        taken_by=row.taken_by,
        last_words_at=last_words_at(tx, row.channel, row.chat_id),
        n_entries=tx.execute(select(func.count()).select_from(entries.subquery())).scalar_one(),
        last_text=tx.execute(entries.order_by(TicketEntry.id.desc()).limit(1)).scalar_one_or_none() or "",
    )


def _open_id(tx: Transaction, chat: ChatState) -> int | None:
    return tx.execute(
        select(Ticket.id).where(
            Ticket.channel == chat.channel, Ticket.chat_id == chat.chat_id, Ticket.sender_id == chat.sender_id,
            Ticket.state.in_(OPEN_STATES),
        )
    ).scalars().first()  # fmt: skip


def _open_row(tx: Transaction, ticket_id: int) -> object | None:
    return tx.execute(
        select(*Ticket.__table__.columns).where(Ticket.id == ticket_id, Ticket.state.in_(OPEN_STATES)).with_for_update()
    ).one_or_none()


def _insert_entry(tx: Transaction, ticket_id: int, who: str, author: str, text: str, outbox_id: int | None) -> None:
    tx.execute(
        tx.insert(TicketEntry).values(ticket_id=ticket_id, who=who, author=author, text=text, at=tx.now, outbox_id=outbox_id)
    )
    tx.execute(update(Ticket).where(Ticket.id == ticket_id).values(changed_at=tx.now))
