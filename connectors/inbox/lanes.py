"""Who works on which chat: claims, fences, releases. Every function runs inside a transaction of its caller."""

from __future__ import annotations

import os
import socket
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Literal

import psutil
from sqlalchemy import case, delete, exists, or_, select, update

from connectors.errors import ConnectorError
from connectors.inbox.database import Transaction
from connectors.inbox.tables import InboxMessage, Lane, OutboxMessage

#: ``ask``: a channel without webhook, whose one lane gives the right to ask it for messages.
Direction = Literal["in", "out", "ask"]


class LeaseLost(ConnectorError):
    """The lane was given to somebody else in the meantime; whatever was to be written is not."""


@dataclass(frozen=True)
class Claim:
    """The right to work on one lane until the lease ends."""

    lane_id: int
    direction: Direction
    channel: str
    chat_id: str
    owner: str
    lease_no: int


def add_work(tx: Transaction, direction: Direction, channel: str, chat_id: str, due_at: datetime) -> int:
    """The lane's id; the lane is made where there is none and is due at ``due_at`` at the latest."""
    statement = tx.insert(Lane).values(
        direction=direction, channel=channel, chat_id=chat_id, due_at=due_at, lease_by="", lease_no=0
    )
    fresh = statement.excluded.due_at
    sooner = case((Lane.due_at.is_(None), fresh), (Lane.due_at > fresh, fresh), else_=Lane.due_at)
    statement = statement.on_conflict_do_update(
        index_elements=["direction", "channel", "chat_id"], set_={"due_at": sooner}
    )
    return tx.execute(statement.returning(Lane.id)).scalar_one()


def claim_lanes(
    tx: Transaction, direction: Direction, owner: str, n: int, lease_s: float, channels: Collection[str]
) -> list[Claim]:
    """Take up to ``n`` lanes of ``channels`` that are due and nobody holds, longest due first."""
    is_free = (Lane.lease_until.is_(None)) | (Lane.lease_until <= tx.now)
    chosen = (
        select(Lane.id)
        .where(Lane.direction == direction, Lane.due_at <= tx.now, is_free, Lane.channel.in_(channels))
        .order_by(Lane.due_at, Lane.id)
        .limit(n)
    )
    if not tx.is_sqlite:
        chosen = chosen.with_for_update(skip_locked=True)
    taken = tx.execute(
        update(Lane)
        .where(Lane.id.in_(chosen.scalar_subquery()) if tx.is_sqlite else Lane.id.in_(tx.execute(chosen).scalars().all()))
        .values(lease_by=owner, lease_until=tx.now + timedelta(seconds=lease_s), lease_no=Lane.lease_no + 1)
        .returning(Lane.id, Lane.channel, Lane.chat_id, Lane.lease_no)
    )
    return [Claim(row.id, direction, row.channel, row.chat_id, owner, row.lease_no) for row in taken]


def claim_asking(tx: Transaction, owner: str, channel: str, lease_s: float) -> Claim | None:
    """The right to ask a channel for messages, which one process has at a time; None while another has it."""
    add_work(tx, "ask", channel, "", tx.now)
    return next(iter(claim_lanes(tx, "ask", owner, 1, lease_s, [channel])), None)


def hold(tx: Transaction, claim: Claim, lease_s: float) -> None:
    """Prolong the lease, and lock the lane until the transaction ends.

    Raises:
        LeaseLost: somebody else has the lane.
    """
    held = tx.execute(
        update(Lane)
        .where(Lane.id == claim.lane_id, Lane.lease_by == claim.owner, Lane.lease_no == claim.lease_no)
        .values(lease_until=tx.now + timedelta(seconds=lease_s))
    )
    if held.rowcount != 1:
        raise LeaseLost(f"lane {claim.lane_id} was given to another worker")


def release(tx: Transaction, claim: Claim) -> None:
    """Give the lane back, due when its first row is. The caller holds it, so nobody adds a row meanwhile."""
    tx.execute(
        update(Lane).where(Lane.id == claim.lane_id).values(lease_by="", lease_until=None, due_at=_next_due(tx, claim))
    )


def forget_lane(tx: Transaction, claim: Claim) -> None:
    """Delete a lane just given back, where nothing is left in it: its chat's id is the person's. The caller held it, so
    that whoever adds a row meanwhile makes a new one."""
    tx.execute(delete(Lane).where(Lane.id == claim.lane_id, Lane.due_at.is_(None), Lane.lease_by == "", ~has_rows()))


def has_rows() -> Any:
    """Whether anything, finished or not, still names this lane."""
    return or_(exists().where(InboxMessage.lane_id == Lane.id), exists().where(OutboxMessage.lane_id == Lane.id))


def free_leases_of_the_dead(tx: Transaction) -> int:
    """End leases of processes of this machine that are no more; returns how many lanes came free."""
    owners = tx.execute(select(Lane.lease_by).where(Lane.lease_by != "").distinct()).scalars().all()
    dead = [owner for owner in owners if is_dead(owner)]
    if not dead:
        return 0
    return tx.execute(update(Lane).where(Lane.lease_by.in_(dead)).values(lease_by="", lease_until=None)).rowcount


def give_back(tx: Transaction, owner: str) -> None:
    """Free whatever ``owner`` still holds; for an orderly end."""
    tx.execute(update(Lane).where(Lane.lease_by == owner).values(lease_by="", lease_until=None))


def owner_name(part: str = "") -> str:
    """This process, so that others on this machine can tell whether it lives: place, pid, start, part."""
    process = psutil.Process(os.getpid())
    return f"{_place()}|{process.pid}|{process.create_time():.2f}|{part}"


def is_dead(owner: str) -> bool:
    """True only where it is certain: a process of this very machine (and container) that is no more."""
    place, _, rest = owner.partition("|")
    pid, _, rest = rest.partition("|")
    started = rest.partition("|")[0]
    if place != _place() or not pid.isdigit():
        return False
    try:
        process = psutil.Process(int(pid))
        return process.status() == psutil.STATUS_ZOMBIE or f"{process.create_time():.2f}" != started
    except psutil.NoSuchProcess:
        return True


@cache
def _place() -> str:
    """This machine and its process numbering: two containers of one host name must not judge each other."""
    try:
        namespace = os.readlink("/proc/self/ns/pid")
    except OSError:
        namespace = ""
    return f"{socket.gethostname()[:60]} {namespace}"


def _next_due(tx: Transaction, claim: Claim) -> datetime | None:
    if claim.direction == "in":
        head = select(InboxMessage.due_at).where(InboxMessage.lane_id == claim.lane_id, InboxMessage.state == "new")
        head = head.order_by(InboxMessage.order_key, InboxMessage.id)
    else:
        head = select(OutboxMessage.due_at).where(
            OutboxMessage.lane_id == claim.lane_id, OutboxMessage.state.in_(("ready", "sending"))
        )
        head = head.order_by(OutboxMessage.id)
    return tx.execute(head.limit(1)).scalar_one_or_none()
