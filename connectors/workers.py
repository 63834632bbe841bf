"""The workers: answer what came in, send what goes out, ask where there is no webhook, sweep.

With no slots for answering a process still asks and sweeps: taking in, figures and forgetting are everybody's.

One event loop; many chats side by side, one message of a chat at a time. Several processes may run workers on one
database: leases and fences in ``connectors/inbox`` keep them apart.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

from connectors import channel_texts as say
from connectors.ask_flow import log_fault
from connectors.channel_metrics import ChannelMetrics
from connectors.channels.base import Channel, ChannelPayload, PollBatch
from connectors.channels.windows import window_at
from connectors.errors import (
    ChannelDown,
    ChannelError,
    ChannelRefused,
    ChannelThrottled,
    ChannelUnsure,
    ChatThrottled,
    StoreError,
)
from connectors.inbox.database import InboxDatabase
from connectors.inbox.lanes import (
    Claim,
    LeaseLost,
    claim_asking,
    free_leases_of_the_dead,
    give_back,
    hold,
    owner_name,
)
from connectors.inbox.letters import count_letters, lane_figures, list_alarms
from connectors.inbox.outbox import FAREWELL, Fate, Sending, claim_sendings, settle, settle_late
from connectors.inbox.receiving import Answered, Job, claim_jobs, digest_of, finish, postpone
from connectors.inbox.retention import Keep, purge
from connectors.inbox.schedule import Schedule
from connectors.intake import Intake
from connectors.message_flow import Incoming, MessageFlow, Said, apology_for
from connectors.messages import SPOKEN_KINDS, OutgoingMessage, now_utc
from connectors.pace import ChannelPace
from connectors.store.records import record_of
from connectors.throttled_log import ThrottledLog

log = logging.getLogger(__name__)
throttled = ThrottledLog(log)
Value = TypeVar("Value")
IDLE_S, FAULT_S, SWEEP_S, DAY_S = 0.5, 1.0, 5.0, 86_400.0
SEND_TIMEOUT_S, POLL_S, STOP_S = 40.0, 25.0, 10.0
TURN_S = 5.0  # how often the others look whether a channel is asked by nobody any more


class Workers:
    """Runs from ``start`` to ``stop``; both belong to one event loop."""

    def __init__(
        self,
        database: InboxDatabase,
        channels: Mapping[str, Channel],
        polled: frozenset[str],
        flow: MessageFlow,
        intake: Intake,
        schedule: Schedule,
        metrics: ChannelMetrics,
        keep: Keep,
        n_answering: int = 8,
        n_sending: int = 16,
    ) -> None:
        self._database, self._channels, self._polled = database, dict(channels), polled
        self._flow, self._intake, self._schedule, self._metrics = flow, intake, schedule, metrics
        self._keep = keep
        self._forget_at_s = float("-inf")
        self._slots = {"in": n_answering, "out": n_sending}
        self._pace = ChannelPace(schedule.channel_pause_s)
        self._idempotent = [name for name, channel in self._channels.items() if channel.limits.is_idempotent]
        self._owner = ""
        self._loops: list[asyncio.Task[None]] = []
        self._busy: dict[str, set[asyncio.Task[None]]] = {"in": set(), "out": set()}
        self._asides: set[asyncio.Task[Any]] = set()
        self._wake = {"in": asyncio.Event(), "out": asyncio.Event()}
        self._is_stopping = False

    async def start(self) -> None:
        self._owner = owner_name()
        loops: list[Callable[[], Coroutine[Any, Any, None]]] = [self._sweeping]
        loops += [partial(self._polling, self._channels[name]) for name in self._polled]
        if self._channels and self._slots["in"]:
            loops += [partial(self._claiming, "in", self._claim_in), partial(self._claiming, "out", self._claim_out)]
        self._loops = [asyncio.create_task(self._for_ever(loop)) for loop in loops]

    async def stop(self) -> None:
        """Claim nothing more, let what runs come to its end, give everything back."""
        self._is_stopping = True
        for loop in self._loops:
            loop.cancel()
        await asyncio.gather(*self._loops, return_exceptions=True)
        running = [*self._busy["in"], *self._busy["out"]]
        if running:
            await asyncio.wait(running, timeout=STOP_S)
        left = [task for task in (*running, *self._asides) if not task.done()]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        with suppress(StoreError):  # then the leases end by themselves
            await self._database.arun(give_back, self._owner)

    def wake(self, direction: str = "in", after_s: float = 0.0) -> None:
        """There is work; from the event loop's own thread."""
        event = self._wake[direction]
        if after_s:
            asyncio.get_running_loop().call_later(after_s, event.set)
        else:
            event.set()

    # Claiming

    async def _claiming(self, direction: str, claim: Callable[[int], Awaitable[int]]) -> None:
        while not self._is_stopping:
            n_free = self._slots[direction] - len(self._busy[direction])
            self._wake[direction].clear()
            try:
                n_claimed = await claim(n_free) if n_free > 0 else 0
            except StoreError as exc:
                throttled.warning("store", "the message path waits for its database: %s", exc)
                await asyncio.sleep(FAULT_S)
                continue
            if n_claimed == 0 or n_claimed == n_free:
                with suppress(TimeoutError):
                    async with asyncio.timeout(IDLE_S):  # wait_for may lose a cancellation (Python 3.11)
                        await self._wake[direction].wait()

    async def _claim_in(self, n: int) -> int:
        jobs, n_dead = await self._database.arun(claim_jobs, self._owner, n, self._schedule, list(self._channels))
        if n_dead:
            log.error("messages=%d took workers down again and again; they are dead letters now", n_dead)
        for job in jobs:
            self._run("in", self._answer_chat(job))
        return len(jobs)

    async def _claim_out(self, n: int) -> int:
        open_ = [name for name in self._channels if not self._pace.is_paused(name)]
        if not open_:
            return 0
        sendings, n_unsure = await self._database.arun(
            claim_sendings, self._owner, n, self._schedule, open_, self._idempotent, self._apology
        )
        if n_unsure:
            log.warning("messages=%d were being sent when a worker died; their fate is unknown", n_unsure)
        for sending in sendings:
            self._run("out", self._send_chat(sending))
        return len(sendings)

    def _run(self, direction: str, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._busy[direction].add(task)
        task.add_done_callback(lambda done: self._ended(direction, done))

    def _ended(self, direction: str, task: asyncio.Task[None]) -> None:
        self._busy[direction].discard(task)
        self._wake[direction].set()
        if not task.cancelled() and task.exception() is not None:
            log_fault(task.exception())

    # Answering

    async def _answer_chat(self, job: Job) -> None:
        following: Job | None = job
        while following is not None:
            following = await self._answer(following)

    async def _answer(self, job: Job) -> Job | None:
        channel = self._channels[job.claim.channel]
        if job.message.kind in SPOKEN_KINDS and not job.chat.is_muted:
            self._aside(channel.show_working(job.message))
        said = await self._decide(job, channel)
        if said.is_failed:
            wait_s = self._schedule.answer_wait_s(job.n_tries)
            if wait_s is not None:
                self._metrics.retries.labels(channel.name, "in").inc()
                with suppress(LeaseLost):
                    await self._insist(postpone, job, said.status, wait_s, self._schedule)
                self.wake("in", wait_s)
                return None
            self._metrics.dead.labels(channel.name, "in").inc()
            apology = OutgoingMessage(channel.name, job.message.chat_id, say.APOLOGY)
            said = Said("error_internal", (apology,), is_failed=True)
        try:
            following = await self._insist(finish, job, self._rendered(said, channel), self._schedule, self._apology)
        except LeaseLost as exc:
            log.warning("inbox=%d: %s; this answer is thrown away", job.inbox_id, exc)
            return None
        log.info(
            "answered channel=%s inbox=%d status=%s bubbles=%d try=%d",
            channel.name, job.inbox_id, said.status, len(said.messages), job.n_tries,
        )  # fmt: skip
        self.wake("out")
        return following

    async def _decide(self, job: Job, channel: Channel) -> Said:
        try:
            return await self._flow.handle(Incoming(job.message, job.kinds, job.chat, digest_of(job.message), channel.limits))
        except Exception as exc:  # the boundary: whatever it is, the message waits for another try
            return Said(f"error {log_fault(exc)}", is_failed=True)

    def _rendered(self, said: Said, channel: Channel) -> Answered:
        outgoing: list[tuple[str, ChannelPayload]] = []
        numbered: tuple[str, ...] = ()
        for message in said.messages:
            for payload in channel.render(message):
                numbered = payload.numbered or numbered  # numbers hold to the end of the turn that shows them
                outgoing.append((FAREWELL if said.erase else message.kind, replace(payload, numbered=numbered)))
        return Answered(
            said.status, tuple(outgoing), said.change, said.ticket, said.ends_ticket, said.entries, said.erase,
            said.send_again, is_dead=said.is_failed, record=record_of(said.turn) if said.turn else None,
        )  # fmt: skip

    # Sending

    async def _send_chat(self, sending: Sending) -> None:
        following: Sending | None = sending
        while following is not None:
            following = await self._send(following)

    async def _send(self, sending: Sending) -> Sending | None:
        name = sending.claim.channel
        fate = await self._try(self._channels[name], sending)
        self._metrics.outgoing.labels(name, fate.state, fate.code).inc()
        if fate.state == "sent" and sending.received_at is not None:
            took = now_utc().replace(tzinfo=None) - sending.received_at
            self._metrics.answer_s.labels(name).observe(max(took.total_seconds(), 0.0))
        if fate.state == "again":
            self._metrics.retries.labels(name, "out").inc()
        log.info(
            "out channel=%s outbox=%d inbox=%s kind=%s fate=%s code=%s try=%d",
            name, sending.outbox_id, sending.inbox_id, sending.kind, fate.state, fate.code or "-", sending.n_tries,
        )  # fmt: skip
        return await self._insist_fate(sending, fate)

    async def _try(self, channel: Channel, sending: Sending) -> Fate:
        """Send once and say what came of it; only this line knows the channel's errors."""
        if not window_at(channel.limits, sending.last_words_at, now_utc().replace(tzinfo=None)).allows(sending.kind):
            return Fate("refused", "window")
        try:
            async with asyncio.timeout(SEND_TIMEOUT_S):
                receipt = await channel.send(sending.payload)
        except ChannelRefused as exc:
            return Fate("refused", exc.code, is_gone=exc.is_gone)
        except ChatThrottled as exc:
            return Fate("again", exc.code, wait_s=exc.retry_after_s)
        except ChannelThrottled as exc:
            return Fate("again", exc.code, wait_s=self._pace.pause(channel.name, exc.retry_after_s))
        except ChannelDown as exc:
            self._pace.was_down(channel.name)
            return Fate("again", exc.code)
        except (ChannelUnsure, TimeoutError) as exc:
            self._pace.was_down(channel.name)  # or every answer of an outage would end in doubt
            return Fate("unsure", getattr(exc, "code", "timeout"))
        except Exception as exc:  # a fault of ours in the middle of sending: nobody knows either
            log_fault(exc)
            return Fate("unsure", "fault")
        self._pace.succeeded(channel.name)
        return Fate("sent", receipt=receipt.message_id)

    async def _insist_fate(self, sending: Sending, fate: Fate) -> Sending | None:
        try:
            return await self._insist(settle, sending, fate, self._schedule, self._apology, is_endless=True)
        except LeaseLost:
            await self._insist(settle_late, sending, fate, is_endless=True)
            return None

    def _apology(self, channel: str, chat_id: str) -> list[ChannelPayload]:
        return self._channels[channel].render(apology_for(channel, chat_id))

    # Asking where there is no webhook

    async def _polling(self, channel: Channel) -> None:
        """Of all processes on one database exactly one asks a channel: the one that holds its lease. The others look
        every few seconds whether it came free."""
        turn: Claim | None = None
        cursor, n_failures = "", 0
        while not self._is_stopping:
            try:
                turn = await self._turn_to_ask(channel, turn)
            except StoreError as exc:
                throttled.warning("store", "the message path waits for its database: %s", exc)
                await asyncio.sleep(FAULT_S)
                continue
            if turn is None:
                cursor, n_failures = "", 0
                await asyncio.sleep(TURN_S)
                continue
            try:
                batch = await channel.poll(cursor, POLL_S)
                await self._keep_batch(channel, batch)
                cursor, n_failures = batch.cursor, 0
            except ChannelError as exc:
                n_failures += 1
                wait_s = exc.retry_after_s if isinstance(exc, ChannelThrottled) else 2.0 ** min(n_failures, 6)
                throttled.warning(f"poll {channel.name}", "polling channel=%s failed: %s", channel.name, exc)
                await asyncio.sleep(min(wait_s, self._schedule.lease_s / 2))

    async def _turn_to_ask(self, channel: Channel, turn: Claim | None) -> Claim | None:
        """The right to ask, prolonged or got; None while another process has it."""
        if turn is None:
            turn = await self._database.arun(claim_asking, self._owner, channel.name, self._schedule.lease_s)
            if turn is not None:
                log.info("channel=%s is asked for messages by this process", channel.name)
            return turn
        try:
            await self._database.arun(hold, turn, self._schedule.lease_s)
        except LeaseLost:
            return None
        return turn

    async def _keep_batch(self, channel: Channel, batch: PollBatch) -> None:
        """Store what a poll brought, however long it takes: the next poll tells the channel that we have it."""
        while batch.messages:
            try:
                await self._intake.store(channel.name, batch.messages)
                return
            except StoreError as exc:
                throttled.warning("store", "the message path waits for its database: %s", exc)
                await asyncio.sleep(FAULT_S)

    # Sweeping

    async def _sweeping(self) -> None:
        while not self._is_stopping:
            try:
                freed = await self._database.arun(free_leases_of_the_dead)
                if freed:
                    log.warning("chats=%d came free from a worker that is no more", freed)
                    self.wake("in")
                    self.wake("out")
                await self._measure()
                await self._forget(time.monotonic())
            except StoreError as exc:
                throttled.warning("store", "the message path waits for its database: %s", exc)
            await asyncio.sleep(SWEEP_S)

    async def _forget(self, now_s: float) -> None:
        """At the start and once a day: what is older than the days set."""
        if now_s < self._forget_at_s:
            return
        gone = await self._database.arun(purge, self._keep)
        self._forget_at_s = now_s + DAY_S
        log.info("forgotten after %d days, questions after %d: %s", self._keep.days, self._keep.questions_days, gone)

    async def _measure(self) -> None:
        figures = await self._database.arun(lane_figures)
        letters = await self._database.arun(count_letters)
        self._metrics.alarms.set(len(await self._database.arun(list_alarms)))
        for gauge in (self._metrics.waiting, self._metrics.lag_s, self._metrics.letters):
            gauge.clear()
        for channel in self._channels:
            for direction in ("in", "out"):
                self._metrics.waiting.labels(channel, direction).set(0)
                self._metrics.lag_s.labels(channel, direction).set(0)
        for each in figures:
            self._metrics.waiting.labels(each.channel, each.direction).set(each.n_waiting)
            self._metrics.lag_s.labels(each.channel, each.direction).set(each.lag_s)
        for (direction, channel, state), n in letters.items():
            self._metrics.letters.labels(channel, direction, state).set(n)

    # Helpers

    async def _for_ever(self, loop: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """A fault nobody foresaw ends one round, not the loop."""
        while not self._is_stopping:
            try:
                await loop()
            except Exception as exc:
                log_fault(exc)
                await asyncio.sleep(FAULT_S)

    async def _insist(self, work: Callable[..., Value], *args: Any, is_endless: bool = False) -> Value:
        """Store what was done, however long the database is away; what is known must not be lost with it.

        Work that another worker may do instead is given up when the lease is over.
        """
        began = time.monotonic()
        while True:
            try:
                return await self._database.arun(work, *args)
            except StoreError as exc:
                if not is_endless and time.monotonic() - began > self._schedule.lease_s:
                    raise
                throttled.warning("store", "the message path waits for its database: %s", exc)
                await asyncio.sleep(FAULT_S)

    def _aside(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.create_task(work)
        self._asides.add(task)
        task.add_done_callback(self._asides.discard)
