"""How long a channel still lets us write to somebody who wrote, and what may go out in that time.

Zalo OA: 48 hours for nothing, charged up to seven days, then refused. Only words of a person may cost something:
answers, notices and doubts of the assistant go out while it is free, or not at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from connectors.channels.base import ChannelLimits

#: The outbox's kind of words that a member of staff wrote.
STAFF = "staff"


@dataclass(frozen=True)
class Window:
    """``left_s``: seconds left in this state; None where it has no end."""

    state: Literal["free", "paid", "closed"]
    left_s: float | None = None

    def allows(self, kind: str) -> bool:
        """Whether a message of this kind (``OutgoingMessage.kind``) may go out now."""
        return self.state == "free" or (self.state == "paid" and kind == STAFF)


def window_at(limits: ChannelLimits, last_words_at: datetime | None, now: datetime) -> Window:
    """The window of a chat.

    Args:
        last_words_at: when the person last wrote, UTC without zone as ``now``; None where nobody knows.
    """
    if limits.send_window_s is None:
        return Window("free")
    if last_words_at is None:
        return Window("closed", 0.0)
    age_s = (now - last_words_at).total_seconds()
    free_s = limits.reply_window_s if limits.reply_window_s is not None else limits.send_window_s
    if age_s < free_s:
        return Window("free", free_s - age_s)
    if age_s < limits.send_window_s:
        return Window("paid", limits.send_window_s - age_s)
    return Window("closed", 0.0)
