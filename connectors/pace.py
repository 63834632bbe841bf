"""How hard a channel is tried while it is away or says "slower". In memory: every worker finds out for itself."""

from __future__ import annotations

import time
from collections.abc import Callable

LONGEST_DOUBLING = 20  # twelve days; beyond it only the float would overflow, a long outage later


class ChannelPace:
    """Pauses a channel after failures in a row (1, 2, 4 … s, at most ``max_pause_s``) and when it asks for it."""

    def __init__(self, max_pause_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._max_pause_s, self._clock = max_pause_s, clock
        self._until: dict[str, float] = {}
        self._n_failures: dict[str, int] = {}

    def is_paused(self, channel: str) -> bool:
        return self._until.get(channel, 0.0) > self._clock()

    def succeeded(self, channel: str) -> None:
        self._n_failures.pop(channel, None)

    def was_down(self, channel: str) -> float:
        """Pause and return for how long. Failures while the channel is paused already are of the same fault."""
        if self.is_paused(channel):
            return self._until[channel] - self._clock()
        n = self._n_failures[channel] = self._n_failures.get(channel, 0) + 1
        return self.pause(channel, min(self._max_pause_s, 2.0 ** min(n - 1, LONGEST_DOUBLING)))

    def pause(self, channel: str, wait_s: float) -> float:
        self._until[channel] = max(self._until.get(channel, 0.0), self._clock() + wait_s)
        return wait_s
