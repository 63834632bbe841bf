"""One log line a minute for a fault that repeats with every request."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable


class ThrottledLog:
    """Logs a message of a kind at most once in ``every_s`` seconds and says how many were left out."""

    def __init__(self, log: logging.Logger, every_s: float = 60.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._log, self._every_s, self._clock = log, every_s, clock
        self._last: dict[str, tuple[float, int]] = {}

    def warning(self, kind: str, message: str, *args: object) -> None:
        now = self._clock()
        logged_at, n_left_out = self._last.get(kind, (float("-inf"), 0))
        if now - logged_at < self._every_s:
            self._last[kind] = (logged_at, n_left_out + 1)
            return
        self._last[kind] = (now, 0)
        suffix = f" ({n_left_out} more since the last line)" if n_left_out else ""
        self._log.warning(message + suffix, *args)
