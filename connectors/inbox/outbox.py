"""The outbox: what goes out, in order in each chat, each at most once where the channel cannot tell a repetition.

    ready → sending → sent       the channel took it
      ↑        ├────→ refused    it never will (blocked, window closed, too long)
      └────────┤                 surely not delivered: wait and try again, for a day, then → dead
               └────→ unsure     nobody knows: time-out after the request went out, or the worker died while sending

``sending`` is durable before the channel is called, so a worker's death leaves either ``ready`` (never tried) or
``sending``; whoever takes the lane next makes the latter ``unsure`` and never repeats it by itself. The person is
told that something may be missing and can have it sent again, and staff see it in their list (docs/decisions/0016).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select, update

from connectors.channels.base import ChannelPayload
from connectors.inbox.chats import last_words_at, mark_gone, show_numbers
from connectors.inbox.database import Transaction
from connectors.inbox.lanes import Claim, add_work, claim_lanes, forget_lane, hold, release
from connectors.inbox.schedule import Schedule
from connectors.inbox.tables import InboxMessage, Lane, OutboxMessage, TicketEntry

#: Kind of the line that says that something may be missing.
DOUBT = "doubt"
#: Kind of the last line to somebody who had everything deleted; it goes with its lane once it is through, whatever came of it.
FAREWELL = "erased"
#: Kind of the list of what is kept of a person; its words are deleted once it is sent.
DISCLOSURE = "shown"
#: Kinds about which the person is not told when their fate is unknown: a notice about a notice helps nobody.
QUIET_KINDS = ("notice", DOUBT, FAREWELL)
#: States of which a copy may be sent.
REPEATABLE = ("unsure", "dead", "refused", "dropped")
#: What is sent when something may not have arrived, rendered for a chat: (channel, chat_id) → payloads.
Apology = Callable[[str, str], Sequence[ChannelPayload]]


@dataclass(frozen=True)
class Sending:
    """A message to send now; it already counts as ``sending``. ``last_words_at``: when the person last wrote, where known."""

    claim: Claim
    outbox_id: int
    inbox_id: int | None
    kind: str
    payload: ChannelPayload
    n_tries: int
    created_at: datetime
    received_at: datetime | None
    last_words_at: datetime | None = None


@dataclass(frozen=True)
class Fate:
    """What became of a try. ``state``: ``sent``, ``refused``, ``unsure`` or ``again`` (surely not delivered).

    ``wait_s``: how long to wait before trying again, None for the schedule's own.
    """

    state: str
    code: str = ""
    receipt: str = ""
    wait_s: float | None = None
    is_gone: bool = False


def add_outgoing(
    tx: Transaction, channel: str, chat_id: str, outgoing: Iterable[tuple[str, ChannelPayload]],
    inbox_id: int | None = None, received_at: datetime | None = None, ticket_id: int | None = None,
) -> list[int]:  # fmt: skip
    """Put payloads (kind, payload) at the end of a chat's outbox; their ids. All or nothing with the transaction.

    Args:
        inbox_id: the message they answer, behind what was said to it before. ticket_id: the ticket they answer.
    """
    lane_id, ids = None, []
    for position, (kind, payload) in enumerate(outgoing, start=_n_said(tx, inbox_id)):
        if lane_id is None:
            lane_id = add_work(tx, "out", channel, chat_id, tx.now)
        statement = tx.insert(OutboxMessage).values(
            lane_id=lane_id, channel=channel, inbox_id=inbox_id, position=position, kind=kind,
            payload=payload.to_json(), received_at=received_at, created_at=tx.now, due_at=tx.now, state="ready",
            n_tries=0, error="", receipt="", ticket_id=ticket_id,
        )  # fmt: skip
        ids.append(tx.execute(statement.returning(OutboxMessage.id)).scalar_one())
    return ids


def claim_sendings(
    tx: Transaction, owner: str, n: int, schedule: Schedule, channels: Sequence[str], idempotent: Sequence[str], apology: Apology
) -> tuple[list[Sending], int]:
    """Take up to ``n`` chats with something to send; the first of each, and how many were found of unknown fate."""
    sendings, n_unsure = [], 0
    for claim in claim_lanes(tx, "out", owner, n, schedule.lease_s, channels):
        n_unsure += _settle_interrupted(tx, claim, claim.channel in idempotent, apology)
        sending = _begin_next(tx, claim)
        if sending is None:
            release(tx, claim)
        else:
            sendings.append(sending)
    return sendings, n_unsure


def settle(tx: Transaction, sending: Sending, fate: Fate, schedule: Schedule, apology: Apology) -> Sending | None:
    """Store a try's fate. Returns the chat's next message, or None after giving the chat back.

    Raises:
        LeaseLost: the lane was given away meanwhile; call ``settle_late``.
    """
    hold(tx, sending.claim, schedule.lease_s)
    if fate.state == "again":
        _try_again(tx, sending, fate, schedule)
    else:
        _write_fate(tx, sending, fate, ("sending",))
        _note_numbers(tx, sending, fate)
    if fate.state == "unsure" and sending.kind not in QUIET_KINDS:
        _apologise(tx, sending.claim, apology)
    if fate.is_gone:
        mark_gone(tx, sending.claim.channel, sending.claim.chat_id)
        drop_waiting(tx, sending.claim.channel, sending.claim.chat_id)
    following = _begin_next(tx, sending.claim) if fate.state != "again" else None
    if following is None:
        release(tx, sending.claim)
        if sending.kind == FAREWELL and fate.state != "again":
            forget_lane(tx, sending.claim)
    return following


def settle_late(tx: Transaction, sending: Sending, fate: Fate) -> None:
    """The lane is another worker's by now, which called this message unsure; what we know is better."""
    if fate.state in ("sent", "refused"):
        _write_fate(tx, sending, fate, ("sending", "unsure"))


def send_unsure_again(tx: Transaction, channel: str, chat_id: str) -> int:
    """Somebody who can know asked for it: queue what is of unknown fate in this chat once more."""
    lane_id = add_work(tx, "out", channel, chat_id, tx.now)
    rows = tx.execute(
        select(OutboxMessage.id)
        .where(OutboxMessage.lane_id == lane_id, OutboxMessage.state == "unsure", OutboxMessage.kind.not_in(QUIET_KINDS))
        .order_by(OutboxMessage.id)
    )
    return sum(repeat_outgoing(tx, outbox_id) for outbox_id in rows.scalars().all())


def count_unsure(tx: Transaction, channel: str, chat_id: str) -> int:
    """How much of what was said in this chat is of unknown fate and could be sent again."""
    lanes = select(Lane.id).where(Lane.direction == "out", Lane.channel == channel, Lane.chat_id == chat_id)
    missing = select(func.count()).where(
        OutboxMessage.lane_id.in_(lanes), OutboxMessage.state == "unsure", OutboxMessage.kind.not_in(QUIET_KINDS)
    )
    return tx.execute(missing).scalar_one()


def was_sent_as(tx: Transaction, channel: str, chat_id: str, receipt: str) -> bool:
    """Whether the channel gave this name to a message of ours in this chat."""
    lanes = select(Lane.id).where(Lane.direction == "out", Lane.channel == channel, Lane.chat_id == chat_id)
    named = select(OutboxMessage.id).where(OutboxMessage.lane_id.in_(lanes), OutboxMessage.receipt == receipt[:128])
    return tx.execute(named.limit(1)).first() is not None


def repeat_outgoing(tx: Transaction, outbox_id: int) -> bool:
    """Queue a copy of a message that did not go out, or may not have; False when there is no such message.

    The copy belongs to the same person as the message. Of two who ask for it at once one gets it.
    """
    row = tx.execute(
        select(*OutboxMessage.__table__.columns)
        .where(OutboxMessage.id == outbox_id, OutboxMessage.state.in_(REPEATABLE)).with_for_update()
    ).one_or_none()  # fmt: skip
    if row is None or not row.payload:
        return False
    payload = ChannelPayload.from_json(row.payload)
    tx.execute(update(OutboxMessage).where(OutboxMessage.id == outbox_id).values(state="resent"))
    copies = add_outgoing(tx, row.channel, payload.chat_id, [(row.kind, payload)], row.inbox_id, row.received_at, row.ticket_id)
    tx.execute(update(TicketEntry).where(TicketEntry.outbox_id == outbox_id).values(outbox_id=copies[0]))
    return True


def _n_said(tx: Transaction, inbox_id: int | None) -> int:
    """The first free position behind what was said to a message."""
    if inbox_id is None:
        return 0
    latest = select(func.max(OutboxMessage.position)).where(OutboxMessage.inbox_id == inbox_id)
    said = tx.execute(latest).scalar_one()
    return 0 if said is None else said + 1


def drop_waiting(tx: Transaction, channel: str, chat_id: str) -> None:
    """The person left: what waits for them is not sent."""
    lanes = select(Lane.id).where(Lane.direction == "out", Lane.channel == channel, Lane.chat_id == chat_id)
    tx.execute(
        update(OutboxMessage)
        .where(OutboxMessage.lane_id.in_(lanes), OutboxMessage.state == "ready")
        .values(state="dropped", error="gone")
    )


def _settle_interrupted(tx: Transaction, claim: Claim, is_idempotent: bool, apology: Apology) -> int:
    """What a worker was sending when it lost the lane: unsure, unless the channel knows repetitions."""
    tx.execute(
        delete(OutboxMessage)
        .where(OutboxMessage.lane_id == claim.lane_id, OutboxMessage.state == "sending", OutboxMessage.kind == FAREWELL)
    )  # fmt: skip
    interrupted = tx.execute(
        update(OutboxMessage)
        .where(OutboxMessage.lane_id == claim.lane_id, OutboxMessage.state == "sending")
        .values(state="ready" if is_idempotent else "unsure", error="interrupted")
        .returning(OutboxMessage.kind)
    ).all()
    if not is_idempotent and interrupted:
        show_numbers(tx, claim.channel, claim.chat_id, ())  # nobody knows what stands there now
    if not is_idempotent and any(row.kind not in QUIET_KINDS for row in interrupted):
        _apologise(tx, claim, apology)
    return 0 if is_idempotent else len(interrupted)


def _begin_next(tx: Transaction, claim: Claim) -> Sending | None:
    row = tx.execute(
        select(*OutboxMessage.__table__.columns)
        .where(OutboxMessage.lane_id == claim.lane_id, OutboxMessage.state == "ready")
        .order_by(OutboxMessage.id)
        .limit(1)
    ).one_or_none()
    if row is None or row.due_at > tx.now:
        return None
    tx.execute(update(OutboxMessage).where(OutboxMessage.id == row.id).values(state="sending", n_tries=row.n_tries + 1))
    payload = ChannelPayload.from_json(row.payload)
    wrote_at = max(filter(None, (last_words_at(tx, claim.channel, claim.chat_id), row.received_at)), default=None)
    return Sending(claim, row.id, row.inbox_id, row.kind, payload, row.n_tries + 1, row.created_at, row.received_at, wrote_at)


def _try_again(tx: Transaction, sending: Sending, fate: Fate, schedule: Schedule) -> None:
    is_given_up = tx.now - sending.created_at > timedelta(seconds=schedule.give_up_s)
    wait_s = fate.wait_s if fate.wait_s is not None else schedule.send_wait_s(sending.n_tries)
    values: dict[str, Any] = {"state": "dead"} if is_given_up else {"state": "ready", "due_at": tx.now + timedelta(seconds=wait_s)}
    tx.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id == sending.outbox_id, OutboxMessage.state == "sending")
        .values(error=fate.code[:64], **values)
    )


def _write_fate(tx: Transaction, sending: Sending, fate: Fate, from_states: tuple[str, ...]) -> None:
    values: dict[str, Any] = {"state": fate.state, "error": fate.code[:64], "receipt": fate.receipt[:128]}
    if fate.state == "sent":
        values["sent_at"] = tx.now
        if sending.kind == DISCLOSURE:  # a second copy of their words
            values["payload"] = {}
    this = (OutboxMessage.id == sending.outbox_id, OutboxMessage.state.in_(from_states))
    if sending.kind == FAREWELL:  # the last trace of somebody who had everything deleted
        tx.execute(delete(OutboxMessage).where(*this))
    else:
        tx.execute(update(OutboxMessage).where(*this).values(**values))


def _note_numbers(tx: Transaction, sending: Sending, fate: Fate) -> None:
    """A typed number stands for what was shown last: nothing where that had no options, or nobody knows whether it came."""
    if fate.state not in ("sent", "unsure"):
        return
    asker = None
    if sending.inbox_id is not None:
        asker = tx.execute(select(InboxMessage.sender_id).where(InboxMessage.id == sending.inbox_id)).scalar_one_or_none()
    shown = sending.payload.numbered if fate.state == "sent" else ()
    show_numbers(tx, sending.claim.channel, sending.claim.chat_id, shown, asker)


def _apologise(tx: Transaction, claim: Claim, apology: Apology) -> None:
    """Say once that something may be missing, behind what already waits."""
    waiting = select(OutboxMessage.id).where(
        OutboxMessage.lane_id == claim.lane_id, OutboxMessage.kind == DOUBT, OutboxMessage.state == "ready"
    )
    if tx.execute(waiting.limit(1)).first() is None:
        add_outgoing(tx, claim.channel, claim.chat_id, [(DOUBT, each) for each in apology(claim.channel, claim.chat_id)])


def remind_of_doubt(tx: Transaction, channel: str, chat_id: str, apology: Apology) -> None:
    """The person writes again: say that something may be missing, where it was not said or that too was of unknown fate."""
    rows = select(func.max(OutboxMessage.id)).join(Lane, Lane.id == OutboxMessage.lane_id)
    rows = rows.where(Lane.direction == "out", Lane.channel == channel, Lane.chat_id == chat_id)
    missing = tx.execute(rows.where(OutboxMessage.state == "unsure", OutboxMessage.kind.not_in(QUIET_KINDS))).scalar()
    if missing is None:
        return
    told = tx.execute(rows.where(OutboxMessage.kind == DOUBT, OutboxMessage.state.in_(("ready", "sending", "sent")))).scalar()
    if told is None or told < missing:
        add_outgoing(tx, channel, chat_id, [(DOUBT, each) for each in apology(channel, chat_id)])
