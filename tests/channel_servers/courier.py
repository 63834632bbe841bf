"""Brings updates to a webhook as the vendors do: again until it is acknowledged; also twice, late, out of order."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import httpx

from connectors.http_client import HttpClient

#: The vendors go on for hours (Zalo 2, Telegram 24); here for half an hour, so that a product that a loaded machine is slow to
#: start again is not taken for one that lost a message.
RETRY_AFTER_S = (0.1, 0.3, 1, 2, 5, 10, 30, *[60] * 30)


@dataclass(frozen=True)
class Parcel:
    """One update on its way. ``key`` names it in the records; ``headers`` are made anew for each attempt."""

    key: str
    url: str
    body: bytes
    headers: Callable[[int], Mapping[str, str]]
    delay_s: float = 0.0


@dataclass(frozen=True)
class Attempt:
    """What came of one attempt; ``status`` 0 where no answer came."""

    key: str
    number: int
    status: int
    took_s: float


@dataclass
class Chaos:
    """Shares (0..1) of updates that are brought twice, or late by up to ``late_s``; the seed makes runs equal."""

    twice: float = 0.0
    late: float = 0.0
    late_s: float = 1.0
    seed: int = 7


class Courier:
    """Attributes: ``retry_after_s`` are the pauses between attempts; ``timeout_s`` the vendor's patience;
    ``undelivered`` the keys that were given up; ``attempts`` everything that was tried, in order of its end."""

    def __init__(self, retry_after_s: Sequence[float], timeout_s: float, side_by_side: int = 40) -> None:
        self.retry_after_s, self.timeout_s = tuple(retry_after_s), timeout_s
        self.attempts: list[Attempt] = []
        self.undelivered: list[str] = []
        self.on_the_way = 0
        self._side_by_side = side_by_side
        self._chaos, self._random = Chaos(), random.Random(7)
        self._held: list[Parcel] | None = None
        self._client: httpx.AsyncClient | None = None
        self._slots: asyncio.Semaphore | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def chaos(self) -> Chaos:
        return self._chaos

    @chaos.setter
    def chaos(self, chaos: Chaos) -> None:
        self._chaos, self._random = chaos, random.Random(chaos.seed)

    def hold(self) -> None:
        """Keep what comes from now on, until ``release``."""
        self._held = self._held or []

    def release(self, order: str = "reversed") -> None:
        """Send what was held: ``kept``, ``reversed`` or ``shuffled``, one after the other."""
        held, self._held = self._held or [], None
        if order == "reversed":
            held.reverse()
        elif order == "shuffled":
            self._random.shuffle(held)
        self._start(self._bring_in_turn(held))

    def post(self, parcel: Parcel) -> None:
        """Take a parcel; runs inside the server's event loop."""
        if self._held is not None:
            self._held.append(parcel)
            return
        extra = self._random.random() * self._chaos.late_s if self._random.random() < self._chaos.late else 0.0
        self._start(self.bring(parcel, extra))
        if self._random.random() < self._chaos.twice:
            self._start(self.bring(parcel, self._random.random() * self._chaos.late_s))

    async def bring(self, parcel: Parcel, extra_s: float = 0.0) -> None:
        await asyncio.sleep(parcel.delay_s + extra_s)
        for number, pause_s in enumerate((*self.retry_after_s, None), start=0):
            if await self._attempt(parcel, number):
                return
            if pause_s is not None:
                await asyncio.sleep(pause_s)
        self.undelivered.append(parcel.key)

    async def aclose(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._client is not None:
            await self._client.aclose()
        self._client = self._slots = None

    async def _bring_in_turn(self, parcels: list[Parcel]) -> None:
        for parcel in parcels:
            await self.bring(parcel)

    async def _attempt(self, parcel: Parcel, number: int) -> bool:
        if self._client is None or self._slots is None:
            limits = httpx.Limits(max_connections=self._side_by_side)
            self._client = HttpClient(timeout=self.timeout_s, limits=limits, trust_env=False)
            self._slots = asyncio.Semaphore(self._side_by_side)
        async with self._slots:
            loop = asyncio.get_running_loop()
            began = loop.time()
            try:
                answer = await self._client.post(parcel.url, content=parcel.body, headers=dict(parcel.headers(number)))
                status = answer.status_code
            except httpx.HTTPError:
                status = 0
            self.attempts.append(Attempt(parcel.key, number, status, loop.time() - began))
        return 200 <= status < 300

    def _start(self, work: object) -> None:
        task = asyncio.get_running_loop().create_task(work)  # type: ignore[arg-type]
        self.on_the_way += 1
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self.on_the_way -= 1
        self._tasks.discard(task)
