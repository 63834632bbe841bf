"""How often one session may ask. Beside the limit by address, which a whole commune may share."""

from __future__ import annotations

import time

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter


class SessionLimiter:
    """A moving window of one minute a session, in memory (one process, connectors/README.md)."""

    def __init__(self, per_minute: int) -> None:
        self._rule = RateLimitItemPerMinute(per_minute) if per_minute else None
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def wait_s(self, session_id: str) -> float:
        """Count one question; 0 when it may be asked, else the seconds until the next may."""
        if self._rule is None or self._limiter.hit(self._rule, session_id):
            return 0.0
        return max(1.0, self._limiter.get_window_stats(self._rule, session_id).reset_time - time.time())
