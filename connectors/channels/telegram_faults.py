"""The library's errors as ours. Its words are not passed on: some of them hold the token or what a citizen wrote.

    RetryAfter                          → ChannelThrottled
    Forbidden, "chat not found"         → ChannelRefused, is_gone
    other BadRequest, ChatMigrated      → ChannelRefused
    InvalidToken                        → ChannelDown "token": an operator can mend it, the answer waits
    Conflict                            → ChannelRefused (webhook set) or ChannelDown (two pollers)
    TimedOut, NetworkError before the request left → ChannelDown; afterwards → ChannelUnsure
    5xx reported by the Bot API itself  → ChannelDown; by a gateway on the way, or no JSON → ChannelUnsure
"""

from __future__ import annotations

from datetime import timedelta

import httpx
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from connectors.channels.http_seam import failure_of
from connectors.errors import ChannelDown, ChannelError, ChannelRefused, ChannelThrottled, ChannelUnsure

_GONE = ("chat not found", "user is deactivated", "peer_id_invalid", "user not found")


class FateUnknown(NetworkError):
    """Something between us and the Bot API answered in its place."""


def translate(exc: TelegramError) -> ChannelError:
    """Our error for the library's."""
    if isinstance(exc, RetryAfter):
        return ChannelThrottled("429", _pause_s(exc))
    if isinstance(exc, Forbidden):
        return ChannelRefused("blocked", "the person blocked the bot, or it was put out of the group", is_gone=True)
    if isinstance(exc, InvalidToken):
        return ChannelDown("token", "Telegram does not know this token; see: motcua channels check")
    if isinstance(exc, ChatMigrated):
        return ChannelRefused("migrated", "the group has moved twice")
    if isinstance(exc, Conflict):
        return _conflict(exc)
    if isinstance(exc, BadRequest):  # a NetworkError to the library
        return _bad_request(exc)
    if isinstance(exc, FateUnknown):
        return ChannelUnsure("gateway", "no answer of the Bot API itself")
    if isinstance(exc.__cause__, httpx.HTTPError):
        return failure_of(exc.__cause__)
    if isinstance(exc, TimedOut):
        return ChannelUnsure("timeout")
    if isinstance(exc, NetworkError):
        return ChannelDown("server", "the Bot API reported a fault of its own")
    return ChannelUnsure("telegram", type(exc).__name__)


def _bad_request(exc: BadRequest) -> ChannelError:
    words = str(exc).lower()
    if any(sign in words for sign in _GONE):
        return ChannelRefused("gone", "no such chat any more", is_gone=True)
    if "too long" in words:
        return ChannelRefused("too_long")
    if "rights" in words or "restricted" in words:
        return ChannelRefused("rights", "the bot may not write in this group")
    return ChannelRefused("400", "Telegram found the call wrong")


def _conflict(exc: Conflict) -> ChannelError:
    if "webhook" in str(exc).lower():
        return ChannelRefused("webhook", "a webhook is set, so polling is impossible; delete it first")
    return ChannelDown("conflict", "another program polls with this token")


def _pause_s(exc: RetryAfter) -> float:
    """Whole seconds today, a timedelta in the library's next major version (and by PTB_TIMEDELTA)."""
    value = exc.retry_after
    return value.total_seconds() if isinstance(value, timedelta) else float(value)
