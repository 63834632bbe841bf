"""Small in-memory helpers for conversations: a bounded cache whose entries age, and one lock a key."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Generic, TypeVar

Value = TypeVar("Value")


class AgeingCache(Generic[Value]):
    """Keeps at most ``max_size`` values, each for ``ttl_s`` seconds after it was last set."""

    def __init__(self, max_size: int, ttl_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._max_size, self._ttl_s, self._clock = max_size, ttl_s, clock
        self._entries: OrderedDict[str, tuple[float, Value]] = OrderedDict()

    def get(self, key: str) -> Value | None:
        entry = self._entries.get(key)
        if entry is None:
            return None
        set_at, value = entry
        if self._clock() - set_at > self._ttl_s:
            del self._entries[key]
            return None
        return value

    def set(self, key: str, value: Value) -> None:
        self._entries[key] = (self._clock(), value)
        self._entries.move_to_end(key)
        while len(self._entries) > self._max_size:
            self._entries.popitem(last=False)

    def drop(self, key: str) -> None:
        self._entries.pop(key, None)

    def __len__(self) -> int:
        return len(self._entries)


class KeyedLocks:
    """One fair lock a key, forgotten when nobody holds or awaits it. For one event loop."""

    def __init__(self) -> None:
        self._locks: dict[str, tuple[asyncio.Lock, int]] = {}

    @asynccontextmanager
    async def hold(self, key: str) -> AsyncIterator[None]:
        lock, n_users = self._locks.get(key) or (asyncio.Lock(), 0)
        self._locks[key] = (lock, n_users + 1)
        try:
            async with lock:
                yield
        finally:
            lock, n_users = self._locks[key]
            if n_users == 1:
                del self._locks[key]
            else:
                self._locks[key] = (lock, n_users - 1)

    def __len__(self) -> int:
        return len(self._locks)
