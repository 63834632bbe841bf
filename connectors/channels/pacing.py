"""How fast a connector sends, by the library ``limits``: moving windows, in memory, one a process."""

from __future__ import annotations

import asyncio
import time

from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

from connectors.errors import ChannelThrottled

#: Waiting longer than this is left to the outbox, which lets other chats go first.
LONGEST_WAIT_S = 3.0


class Pacer:
    """Waits for a turn in every window named; short waits here, long ones as ``ChannelThrottled``."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    async def wait(self, *windows: tuple[str, str]) -> None:
        """Wait until all windows have room.

        Args:
            windows: rate as ``limits`` writes it ("25/second") and whom it is counted for.

        Raises:
            ChannelThrottled: it would take longer than ``LONGEST_WAIT_S``; nothing was sent.
        """
        for rate, key in windows:
            await self._wait_for(parse(rate), key)

    async def _wait_for(self, rate: RateLimitItem, key: str) -> None:
        until = time.monotonic() + LONGEST_WAIT_S
        while not await self._limiter.hit(rate, key):
            stats = await self._limiter.get_window_stats(rate, key)
            wait_s = max(0.02, stats.reset_time - time.time())
            if time.monotonic() + wait_s > until:
                raise ChannelThrottled("own_rate", wait_s, f"our own limit of {rate} is reached")
            await asyncio.sleep(wait_s)
