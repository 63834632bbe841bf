"""Resident memory of a process over a soak: how much, and whether it grows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

#: Ten thousand messages a day at this slope are 20 MB: noise of an allocator, not a leak one has to restart for.
FLAT_MB_PER_1000 = 2.0
LEAST_MESSAGES = 1_000  # a slope over fewer says nothing


@dataclass(frozen=True)
class Sample:
    """``n_sent``: messages the channels had taken by then, of all processes."""

    pid: int
    n_sent: int
    mb: float


@dataclass(frozen=True)
class Trend:
    """Memory of the process that lived longest, in MB; ``peak_mb`` is that of all.

    ``slope_mb``: MB per 1,000 messages over the second half of that life, by least squares: the first half fills caches.
    """

    first_mb: float = 0.0
    middle_mb: float = 0.0
    last_mb: float = 0.0
    peak_mb: float = 0.0
    slope_mb: float = 0.0
    n_messages: int = 0
    n_processes: int = 0

    @property
    def is_growing(self) -> bool:
        """Over enough messages to say so."""
        return self.n_messages >= LEAST_MESSAGES and self.slope_mb > FLAT_MB_PER_1000

    @property
    def verdict(self) -> str:
        if self.n_messages < LEAST_MESSAGES:
            return f"too short to say (fewer than {LEAST_MESSAGES:,} messages in the half that is judged)"
        return "flat" if abs(self.slope_mb) <= FLAT_MB_PER_1000 else "growing" if self.slope_mb > 0 else "shrinking"

    def __str__(self) -> str:
        return (
            f"first {self.first_mb:.0f}, middle {self.middle_mb:.0f}, last {self.last_mb:.0f}, peak {self.peak_mb:.0f} MB; "
            f"{self.slope_mb:+.2f} MB per 1,000 messages over {self.n_messages:,}: {self.verdict}"
        )


def trend_of(samples: Sequence[Sample]) -> Trend | None:
    """None where nothing was measured."""
    if not samples:
        return None
    longest = Counter(sample.pid for sample in samples).most_common(1)[0][0]
    life = [sample for sample in samples if sample.pid == longest]
    second_half = [sample for sample in life if sample.n_sent >= (life[0].n_sent + life[-1].n_sent) / 2]
    return Trend(
        life[0].mb, life[len(life) // 2].mb, life[-1].mb, max(sample.mb for sample in samples),
        1000 * _slope(second_half), second_half[-1].n_sent - second_half[0].n_sent, len({sample.pid for sample in samples}),
    )  # fmt: skip


def _slope(samples: Sequence[Sample]) -> float:
    """MB a message."""
    n = len(samples)
    mean_x, mean_y = sum(s.n_sent for s in samples) / n, sum(s.mb for s in samples) / n
    spread = sum((s.n_sent - mean_x) ** 2 for s in samples)
    return sum((s.n_sent - mean_x) * (s.mb - mean_y) for s in samples) / spread if spread else 0.0
