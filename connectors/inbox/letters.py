"""What needs a person's eye: dead letters, messages of unknown fate, alarms; and the figures of the path."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update

from connectors.inbox.chats import last_words_at
from connectors.inbox.database import Transaction
from connectors.inbox.lanes import add_work
from connectors.inbox.outbox import repeat_outgoing
from connectors.inbox.tables import ChannelAlarm, InboxMessage, Lane, OutboxMessage

#: States of the outbox that staff should see. ``dropped`` is none: the person left.
LOST_STATES = ("dead", "unsure", "refused")


@dataclass(frozen=True)
class Letter:
    """A message that did not come through. ``text`` is masked and cut; ``direction``: ``in`` or ``out``."""

    direction: str
    id: int
    channel: str
    state: str
    kind: str
    error: str
    at: datetime
    n_tries: int
    text: str


@dataclass(frozen=True)
class LetterPlace:
    """Whom a letter is from or for. ``kind``: the outbox's; an answer to a letter that came in is a ``reply``."""

    channel: str
    chat_id: str
    kind: str
    last_words_at: datetime | None


@dataclass(frozen=True)
class AlarmLine:
    id: int
    channel: str
    code: str
    detail: str
    first_at: datetime
    last_at: datetime
    count: int


@dataclass(frozen=True)
class LaneFigures:
    """``n_waiting`` messages of a channel and direction wait; the oldest for ``lag_s`` seconds."""

    direction: str
    channel: str
    n_waiting: int
    lag_s: float


def list_letters(tx: Transaction, limit: int = 200) -> list[Letter]:
    """Dead and unsure ones, latest first."""
    dead = tx.execute(
        select(*InboxMessage.__table__.columns)
        .where(InboxMessage.state == "dead").order_by(InboxMessage.id.desc()).limit(limit)
    )  # fmt: skip
    lost = tx.execute(
        select(*OutboxMessage.__table__.columns)
        .where(OutboxMessage.state.in_(LOST_STATES)).order_by(OutboxMessage.id.desc()).limit(limit)
    )  # fmt: skip
    letters = [
        Letter("in", row.id, row.channel, row.state, row.kind, row.error, row.received_at, row.n_tries, str(row.body.get("text", ""))[:300])
        for row in dead
    ]
    letters += [
        Letter("out", row.id, row.channel, row.state, row.kind, row.error, row.created_at, row.n_tries, _words_of(row.payload))
        for row in lost
    ]
    return sorted(letters, key=lambda letter: letter.at, reverse=True)[:limit]


def place_of(tx: Transaction, direction: str, letter_id: int) -> LetterPlace | None:
    """None where there is no such message."""
    table = InboxMessage if direction == "in" else OutboxMessage
    row = tx.execute(
        select(Lane.channel, Lane.chat_id, table.kind, table.received_at)
        .join(table, table.lane_id == Lane.id)
        .where(table.id == letter_id)
    ).one_or_none()
    if row is None:
        return None
    known = last_words_at(tx, row.channel, row.chat_id)
    latest = max(filter(None, (known, row.received_at)), default=None)
    return LetterPlace(row.channel, row.chat_id, "reply" if direction == "in" else row.kind, latest)


def replay_letter(tx: Transaction, direction: str, letter_id: int) -> bool:
    """Answer a dead message once more, or send one again. False when it is no letter any more."""
    if direction == "out":
        return repeat_outgoing(tx, letter_id)
    row = tx.execute(
        select(Lane.channel, Lane.chat_id)
        .join(InboxMessage, InboxMessage.lane_id == Lane.id)
        .where(InboxMessage.id == letter_id, InboxMessage.state == "dead")
    ).one_or_none()
    if row is None:
        return False
    add_work(tx, "in", row.channel, row.chat_id, tx.now)
    revived = {"state": "new", "n_tries": 0, "due_at": tx.now, "error": "", "done_at": None}
    return tx.execute(
        update(InboxMessage).where(InboxMessage.id == letter_id, InboxMessage.state == "dead").values(**revived)
    ).rowcount == 1  # fmt: skip


def drop_letter(tx: Transaction, direction: str, letter_id: int) -> bool:
    """Put a letter aside; it stays until its days are over, but is no longer shown."""
    table, states, aside = (InboxMessage, ("dead",), "done") if direction == "in" else (OutboxMessage, LOST_STATES, "dropped")
    return tx.execute(update(table).where(table.id == letter_id, table.state.in_(states)).values(state=aside)).rowcount == 1


def raise_alarm(tx: Transaction, channel: str, code: str, detail: str) -> None:
    """Tell staff of something only a person can mend; the same alarm counts up. ``detail`` holds no secret."""
    statement = tx.insert(ChannelAlarm).values(
        channel=channel, code=code[:32], detail=detail[:300], first_at=tx.now, last_at=tx.now, count=1
    )
    again = {"last_at": tx.now, "detail": detail[:300], "count": ChannelAlarm.count + 1}
    tx.execute(statement.on_conflict_do_update(index_elements=["channel", "code"], set_=again))


def clear_alarm(tx: Transaction, channel: str, code: str) -> None:
    tx.execute(delete(ChannelAlarm).where(ChannelAlarm.channel == channel, ChannelAlarm.code == code[:32]))


def list_alarms(tx: Transaction) -> list[AlarmLine]:
    rows = tx.execute(select(*ChannelAlarm.__table__.columns).order_by(ChannelAlarm.last_at.desc()))
    return [AlarmLine(r.id, r.channel, r.code, r.detail, r.first_at, r.last_at, r.count) for r in rows]


def count_letters(tx: Transaction) -> dict[tuple[str, str, str], int]:
    """(direction, channel, state) → how many letters wait for staff."""
    dead = tx.execute(
        select(InboxMessage.channel, func.count()).where(InboxMessage.state == "dead").group_by(InboxMessage.channel)
    )
    counts = {("in", channel, "dead"): n for channel, n in dead}
    lost = tx.execute(
        select(OutboxMessage.channel, OutboxMessage.state, func.count())
        .where(OutboxMessage.state.in_(LOST_STATES))
        .group_by(OutboxMessage.channel, OutboxMessage.state)
    )
    return counts | {("out", channel, state): n for channel, state, n in lost}


def lane_figures(tx: Transaction) -> list[LaneFigures]:
    waiting = tx.execute(
        select(InboxMessage.channel, func.count(), func.min(InboxMessage.received_at))
        .where(InboxMessage.state == "new").group_by(InboxMessage.channel)
    )  # fmt: skip
    figures = [LaneFigures("in", channel, n, _age_s(tx, oldest)) for channel, n, oldest in waiting]
    leaving = tx.execute(
        select(OutboxMessage.channel, func.count(), func.min(OutboxMessage.created_at))
        .where(OutboxMessage.state.in_(("ready", "sending"))).group_by(OutboxMessage.channel)
    )  # fmt: skip
    return figures + [LaneFigures("out", channel, n, _age_s(tx, oldest)) for channel, n, oldest in leaving]


def _age_s(tx: Transaction, at: datetime) -> float:
    return max(tx.now - at, timedelta()).total_seconds()


def _words_of(payload: dict[str, object]) -> str:
    """The text in a payload's body, wherever its channel keeps it."""
    body = payload.get("body") or {}
    text = body.get("text") or (body.get("message") or {}).get("text", "") if isinstance(body, dict) else ""
    return str(text)[:300]
