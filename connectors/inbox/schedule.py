"""The numbers of schedule.yml."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml


@dataclass(frozen=True)
class Schedule:
    """See schedule.yml for what each number means."""

    settle_s: float
    lease_s: float
    answer_retries_s: tuple[float, ...]
    send_retries_s: tuple[float, ...]
    give_up_s: float
    channel_pause_s: float
    mute_s: float
    carry_s: float
    carry_wrong_codes: int
    erase_confirm_s: float

    def answer_wait_s(self, n_tries: int) -> float | None:
        """Seconds until the next try after ``n_tries`` failures; None when there is none."""
        return self.answer_retries_s[n_tries - 1] if n_tries <= len(self.answer_retries_s) else None

    def send_wait_s(self, n_tries: int) -> float:
        return self.send_retries_s[min(n_tries, len(self.send_retries_s)) - 1]


@cache
def load_schedule() -> Schedule:
    values = yaml.safe_load((Path(__file__).parent / "schedule.yml").read_text(encoding="utf-8"))
    return Schedule(**{key: tuple(value) if isinstance(value, list) else value for key, value in values.items()})
