"""A circuit breaker: after some failures in a row, stop trying for a while, then let one try through."""

from __future__ import annotations

import time
from collections.abc import Callable

from connectors.errors import DialogueUnavailable


class CircuitBreaker:
    """Counts failures in a row. Libraries at hand wrap calls in decorators; three methods suffice here."""

    def __init__(self, failures_to_open: int, open_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._failures_to_open, self._open_s, self._clock = failures_to_open, open_s, clock
        self._n_failures = 0
        self._closed_again_at = 0.0

    @property
    def is_open(self) -> bool:
        return self._n_failures >= self._failures_to_open and self._clock() < self._closed_again_at

    def check(self) -> None:
        """Let the call through, or raise.

        After the pause exactly one caller passes; the next pause begins at once, so that the others
        stay out until that one has succeeded.

        Raises:
            DialogueUnavailable: cause ``circuit_open``.
        """
        if self._n_failures < self._failures_to_open:
            return
        wait_s = self._closed_again_at - self._clock()
        if wait_s > 0:
            raise DialogueUnavailable("circuit_open", f"{self._n_failures} failures in a row", retry_after_s=wait_s)
        self._closed_again_at = self._clock() + self._open_s

    def succeeded(self) -> None:
        self._n_failures = 0

    def failed(self) -> None:
        self._n_failures += 1
        self._closed_again_at = self._clock() + self._open_s
