"""What is known of a chat between two messages. Codes and marks, no words."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, func, select, update

from connectors.inbox.database import Transaction
from connectors.inbox.tables import Chat, Ticket

WRONG_CODES_FORGOTTEN_AFTER_S = 3600.0
#: Stands for "the person has not written yet": the channel's window is closed.
NEVER = datetime(1970, 1, 1)


@dataclass(frozen=True)
class ChatState:
    """One person in one chat, as a turn begins.

    Attributes:
        context: the dialogue's context after the last turn (``actions.reply.Context`` as JSON).
        numbered: payloads that numbers in the message shown last stand for; () where it had none.
        is_muted: a person is writing; the assistant keeps quiet.
        is_first_contact: never told yet that this is a machine and what is kept.
        may_erase: the person was asked whether everything is to be deleted, just now.
        ticket_state: ``""`` (none open), ``waiting`` or ``open``.
        n_wrong_codes: wrong carry-on codes of the last hour.
    """

    channel: str
    chat_id: str
    sender_id: str
    session_id: str
    context: Mapping[str, Any] = field(default_factory=dict)
    numbered: tuple[str, ...] = ()
    is_muted: bool = False
    is_first_contact: bool = True
    may_erase: bool = False
    is_gone: bool = False
    ticket_state: str = ""
    n_wrong_codes: int = 0


@dataclass(frozen=True)
class ChatChange:
    """What a turn changes; None leaves as it is.

    ``mute_s``: 0 ends the quiet. ``erase_s``: how long "delete everything" may be confirmed; 0 ends it.
    """

    context: Mapping[str, Any] | None = None
    is_noticed: bool = False
    mute_s: float | None = None
    erase_s: float | None = None
    is_gone: bool | None = None
    wrong_code: bool | None = None


def open_chat(tx: Transaction, channel: str, chat_id: str, sender_id: str, last_message_at: datetime | None = None) -> ChatState:
    """The chat's state; a chat never seen begins with a session of its own.

    Args:
        last_message_at: when the person wrote what opens a new chat; now unless given.
    """
    row = _find(tx, channel, chat_id, sender_id)
    if row is None:
        statement = tx.insert(Chat).values(
            channel=channel, chat_id=chat_id, sender_id=sender_id, session_id=secrets.token_urlsafe(18), context={},
            numbered=[], first_seen=tx.now, last_message_at=last_message_at or tx.now, is_gone=False, n_wrong_codes=0,
        )  # fmt: skip
        tx.execute(statement.on_conflict_do_nothing(index_elements=["channel", "chat_id", "sender_id"]))
        row = _find(tx, channel, chat_id, sender_id)
    return _state(tx, row)


def touch_chat(tx: Transaction, channel: str, chat_id: str, sender_id: str, at: datetime) -> None:
    """The person wrote: the channel's window begins anew. A message answered late takes nothing back."""
    latest = case((Chat.last_message_at < at, at), else_=Chat.last_message_at)
    tx.execute(_update(channel, chat_id, sender_id).values(last_message_at=latest, is_gone=False))


def change_chat(tx: Transaction, state: ChatState, change: ChatChange) -> None:
    values: dict[str, Any] = {}
    if change.context is not None:
        values["context"] = dict(change.context)
    if change.is_noticed:
        values["noticed_at"] = tx.now
    if change.mute_s is not None:
        values["muted_until"] = tx.now + timedelta(seconds=change.mute_s) if change.mute_s else None
    if change.erase_s is not None:
        values["erase_until"] = tx.now + timedelta(seconds=change.erase_s) if change.erase_s else None
    if change.is_gone is not None:
        values["is_gone"] = change.is_gone
    if change.wrong_code is not None:
        values["n_wrong_codes"] = state.n_wrong_codes + 1 if change.wrong_code else 0
        values["wrong_code_at"] = tx.now
    if values:
        tx.execute(_update(state.channel, state.chat_id, state.sender_id).values(**values))


def show_numbers(tx: Transaction, channel: str, chat_id: str, numbered: Sequence[str], sender_id: str | None = None) -> None:
    """A message was shown: what a typed number presses from now on. ``sender_id``: whom it answers; None for everybody here."""
    shown = update(Chat).where(Chat.channel == channel, Chat.chat_id == chat_id)
    if sender_id is not None:
        shown = shown.where(Chat.sender_id == sender_id)
    tx.execute(shown.values(numbered=list(numbered)))


def mute_chat(tx: Transaction, channel: str, chat_id: str, mute_s: float) -> None:
    """A person writes in this chat (0: no longer); whoever takes part in it is not answered by the assistant."""
    until = tx.now + timedelta(seconds=mute_s) if mute_s else None
    tx.execute(update(Chat).where(Chat.channel == channel, Chat.chat_id == chat_id).values(muted_until=until))


def mark_gone(tx: Transaction, channel: str, chat_id: str) -> None:
    """The person blocked us or left: nothing is sent there until they write again."""
    tx.execute(update(Chat).where(Chat.channel == channel, Chat.chat_id == chat_id).values(is_gone=True))


def last_words_at(tx: Transaction, channel: str, chat_id: str) -> datetime | None:
    """When somebody of this chat last wrote; the channel's windows count from here."""
    return tx.execute(
        select(func.max(Chat.last_message_at)).where(Chat.channel == channel, Chat.chat_id == chat_id)
    ).scalar_one_or_none()


def _find(tx: Transaction, channel: str, chat_id: str, sender_id: str) -> Any:
    return tx.execute(
        select(*Chat.__table__.columns).where(
            Chat.channel == channel, Chat.chat_id == chat_id, Chat.sender_id == sender_id
        )
    ).one_or_none()


def _update(channel: str, chat_id: str, sender_id: str) -> Any:
    return update(Chat).where(Chat.channel == channel, Chat.chat_id == chat_id, Chat.sender_id == sender_id)


def _state(tx: Transaction, row: Any) -> ChatState:
    ticket = tx.execute(
        select(Ticket.state).where(
            Ticket.channel == row.channel, Ticket.chat_id == row.chat_id, Ticket.sender_id == row.sender_id,
            Ticket.state != "closed",
        )
    ).scalars().first()  # fmt: skip
    has_lately = row.wrong_code_at is not None and row.wrong_code_at > tx.now - timedelta(seconds=WRONG_CODES_FORGOTTEN_AFTER_S)
    return ChatState(
        channel=row.channel,
        chat_id=row.chat_id,
        sender_id=row.sender_id,
        session_id=row.session_id,
        context=row.context,
        numbered=tuple(row.numbered),
        is_muted=row.muted_until is not None and row.muted_until > tx.now,
        is_first_contact=row.noticed_at is None,
        may_erase=row.erase_until is not None and row.erase_until > tx.now,
        is_gone=row.is_gone,
        ticket_state=ticket or "",
        n_wrong_codes=row.n_wrong_codes if has_lately else 0,
    )
