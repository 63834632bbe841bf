"""The inbox: store once, hand out in order, one at a time a chat, until it is done or dead.

    (webhook) → new → done          answered; its replies went into the outbox in the same transaction
                 ↻  wait and again  answering failed; schedule.yml says when
                 → dead             failed too often, or took the process down each time: staff see and replay it

A worker that dies leaves the message ``new``; its lane comes free when the lease ends, or at once where another
process of this machine sees that the worker is no more. Nothing was said, for replies exist only with ``done``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from connectors.channels.base import ChannelPayload
from connectors.inbox.chats import NEVER, ChatChange, ChatState, change_chat, open_chat, touch_chat
from connectors.inbox.database import Transaction
from connectors.inbox.lanes import Claim, LeaseLost, add_work, claim_lanes, forget_lane, hold, release
from connectors.inbox.outbox import Apology, add_outgoing, drop_waiting, remind_of_doubt, send_unsure_again
from connectors.inbox.retention import Person, erase_person
from connectors.inbox.schedule import Schedule
from connectors.inbox.tables import InboxMessage
from connectors.inbox.tickets import add_entry, close_ticket_of, open_ticket
from connectors.messages import IncomingMessage
from connectors.store.records import Record, write_record

#: Events that open no window for writing to the citizen.
NOT_OF_THE_CITIZEN = frozenset({"staff", "unfollow"})


@dataclass(frozen=True)
class MaskedMessage:
    """A message fit to be stored: personal data and dossier codes are out, ``kinds`` names what was."""

    message: IncomingMessage
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True)
class Job:
    """A message to answer now, with the right to do so."""

    claim: Claim
    inbox_id: int
    message: IncomingMessage
    kinds: tuple[str, ...]
    chat: ChatState
    n_tries: int


@dataclass(frozen=True)
class Answered:
    """What came of a message; stored as a whole or not at all.

    Attributes:
        status: how the turn ended, for staff and figures.
        outgoing: (kind, payload), in order.
        ticket: True opens one where none is. ends_ticket: closes it, the assistant speaks again.
        entries: (who, text) for the open ticket.
        erase: delete everything of this person on this channel.
        send_again: send once more what may not have arrived.
        is_dead: no answer could be made; what goes out is an apology, and staff see the message.
        record: a rating, or a question without a full answer, for staff.
    """

    status: str
    outgoing: tuple[tuple[str, ChannelPayload], ...] = ()
    chat: ChatChange = ChatChange()
    ticket: bool = False
    ends_ticket: bool = False
    entries: tuple[tuple[str, str], ...] = ()
    erase: bool = False
    send_again: bool = False
    is_dead: bool = False
    record: Record | None = None


def receive(tx: Transaction, messages: Sequence[MaskedMessage], settle_s: float) -> list[bool]:
    """Store messages; for each whether it is new (False: it was delivered before)."""
    digests = [digest_of(each.message) for each in messages]
    known = set(tx.execute(select(InboxMessage.digest).where(InboxMessage.digest.in_(digests))).scalars())
    is_new = [False] * len(messages)
    due_at = tx.now + timedelta(seconds=settle_s)
    # In one order everywhere, so that two processes never wait for each other's lanes.
    for place in sorted(range(len(messages)), key=lambda i: (messages[i].message.channel, messages[i].message.chat_id)):
        if digests[place] in known:
            continue
        known.add(digests[place])
        lane_id = add_work(tx, "in", messages[place].message.channel, messages[place].message.chat_id, due_at)
        is_new[place] = _insert(tx, messages[place], digests[place], lane_id, due_at)
    return is_new


def claim_jobs(
    tx: Transaction, owner: str, n: int, schedule: Schedule, channels: Sequence[str]
) -> tuple[list[Job], int]:
    """Take up to ``n`` chats with work; the first message of each, and how many were given up as dead."""
    jobs, n_dead = [], 0
    for claim in claim_lanes(tx, "in", owner, n, schedule.lease_s, channels):
        job, n_buried = _begin_next(tx, claim, schedule)
        n_dead += n_buried
        if job is None:
            release(tx, claim)
        else:
            jobs.append(job)
    return jobs, n_dead


def finish(
    tx: Transaction, job: Job, answered: Answered, schedule: Schedule, apology: Apology | None = None
) -> Job | None:
    """Done: store what came of it. Returns the chat's next message, or None after giving the chat back.

    Args:
        apology: said besides where an earlier answer may not have arrived and the person was not told so.

    Raises:
        LeaseLost: another worker has the chat, or has answered already; nothing is stored.
    """
    hold(tx, job.claim, schedule.lease_s)
    _mark_done(tx, job, answered)
    if answered.erase:
        erase_person(tx, person_of(job))
    else:
        _change_chat(tx, job, answered)
    add_outgoing(tx, job.chat.channel, job.chat.chat_id, answered.outgoing, job.inbox_id, _naive(job.message.received_at))
    if answered.record is not None:
        write_record(tx.connection, answered.record, tx.now)
    if answered.send_again:
        send_unsure_again(tx, job.chat.channel, job.chat.chat_id)
    if apology is not None and answered.outgoing and not answered.send_again:
        remind_of_doubt(tx, job.chat.channel, job.chat.chat_id, apology)
    following = _go_on(tx, job.claim, schedule)
    if answered.erase and following is None:
        forget_lane(tx, job.claim)
    return following


def postpone(tx: Transaction, job: Job, error: str, wait_s: float, schedule: Schedule) -> None:
    """Answering failed: try again after ``wait_s``; the chat waits with it, for order. Raises LeaseLost."""
    hold(tx, job.claim, schedule.lease_s)
    tx.execute(
        update(InboxMessage)
        .where(InboxMessage.id == job.inbox_id, InboxMessage.state == "new")
        .values(error=error[:64], due_at=tx.now + timedelta(seconds=wait_s))
    )
    release(tx, job.claim)


def person_of(job: Job) -> Person:
    return Person(job.chat.channel, job.chat.chat_id, job.chat.sender_id, job.message.is_group)


def digest_of(message: IncomingMessage) -> str:
    """The name of a message for deduplication; it tells nobody who wrote."""
    return hashlib.sha256(f"{message.channel}\0{message.message_id}".encode()).hexdigest()


def _change_chat(tx: Transaction, job: Job, answered: Answered) -> None:
    chat = job.chat
    if job.message.kind not in NOT_OF_THE_CITIZEN:
        touch_chat(tx, chat.channel, chat.chat_id, chat.sender_id, _naive(job.message.received_at))
    change_chat(tx, chat, answered.chat)
    if answered.chat.is_gone:
        drop_waiting(tx, chat.channel, chat.chat_id)
    if answered.ticket:
        open_ticket(tx, chat)
    for who, text in answered.entries:
        add_entry(tx, chat, who, text)
    if answered.ends_ticket:
        close_ticket_of(tx, chat)


def _insert(tx: Transaction, masked: MaskedMessage, digest: str, lane_id: int, due_at: datetime) -> bool:
    message = masked.message
    statement = tx.insert(InboxMessage).values(
        lane_id=lane_id, channel=message.channel, digest=digest, sender_id=message.sender_id, kind=message.kind,
        body=message.to_json(), masked=",".join(masked.kinds),
        order_key=message.order or int(message.received_at.timestamp() * 1000),
        received_at=_naive(message.received_at), due_at=due_at, state="new", n_tries=0, error="", status="",
    )  # fmt: skip
    statement = statement.on_conflict_do_nothing(index_elements=["digest"]).returning(InboxMessage.id)
    return tx.execute(statement).one_or_none() is not None


def _go_on(tx: Transaction, claim: Claim, schedule: Schedule) -> Job | None:
    job, _ = _begin_next(tx, claim, schedule)
    if job is None:
        release(tx, claim)
    return job


def _begin_next(tx: Transaction, claim: Claim, schedule: Schedule) -> tuple[Job | None, int]:
    """The chat's first message when it is due; each beginning counts, so that one that kills workers ends."""
    n_dead = 0
    while True:
        head = tx.execute(
            select(*InboxMessage.__table__.columns)
            .where(InboxMessage.lane_id == claim.lane_id, InboxMessage.state == "new")
            .order_by(InboxMessage.order_key, InboxMessage.id)
            .limit(1)
        ).one_or_none()
        if head is None or head.due_at > tx.now:
            return None, n_dead
        row = update(InboxMessage).where(InboxMessage.id == head.id)
        if head.n_tries > len(schedule.answer_retries_s):
            tx.execute(row.values(state="dead", done_at=tx.now, error=head.error or "worker_died"))
            n_dead += 1
            continue
        tx.execute(row.values(n_tries=head.n_tries + 1))
        is_theirs = head.kind not in NOT_OF_THE_CITIZEN
        person, wrote_at = (head.sender_id, head.received_at) if is_theirs else (claim.chat_id, NEVER)
        chat = open_chat(tx, claim.channel, claim.chat_id, person, wrote_at)
        kinds = tuple(filter(None, head.masked.split(",")))
        return Job(claim, head.id, IncomingMessage.from_json(head.body), kinds, chat, head.n_tries + 1), n_dead


def _mark_done(tx: Transaction, job: Job, answered: Answered) -> None:
    values: dict[str, Any] = {"state": "done", "error": ""}
    if answered.is_dead:
        values = {"state": "dead", "error": "no_answer"}
    done = tx.execute(
        update(InboxMessage)
        .where(InboxMessage.id == job.inbox_id, InboxMessage.state == "new")
        .values(done_at=tx.now, status=answered.status[:64], **values)
    )
    if done.rowcount != 1:
        raise LeaseLost(f"message {job.inbox_id} was answered by another worker")


def _naive(at: datetime) -> datetime:
    return at.replace(tzinfo=None)
