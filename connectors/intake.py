"""From a channel's event to a durable row: verify, parse, mask, store, and only then acknowledge."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from connectors.channel_metrics import ChannelMetrics
from connectors.channels.base import Channel
from connectors.errors import StoreError, WebhookRefused, WebhookUnreadable
from connectors.inbox.database import InboxDatabase
from connectors.inbox.receiving import MaskedMessage, digest_of, receive
from connectors.inbox.schedule import Schedule
from connectors.messages import IncomingMessage
from connectors.ports import Masker
from nlu.privacy import SECRET_KINDS, mask_dossier_codes

log = logging.getLogger(__name__)
OnStored = Callable[[], None]


class Intake:
    """Takes events in. ``on_stored`` is called when there is something new to answer."""

    def __init__(
        self, database: InboxDatabase, mask: Masker, schedule: Schedule, metrics: ChannelMetrics, on_stored: OnStored
    ) -> None:
        self._database, self._mask, self._schedule = database, mask, schedule
        self._metrics, self._on_stored = metrics, on_stored

    async def take(self, channel: Channel, raw: bytes, headers: Mapping[str, str]) -> int:
        """One webhook body; returns how many new messages it held, once they are durable.

        Raises:
            WebhookRefused, WebhookUnreadable: not taken.
            StoreError: nothing was stored; the channel should bring it again.
        """
        try:
            channel.verify(raw, headers)
            messages = channel.parse(raw, headers)
        except WebhookRefused as exc:
            self._metrics.incoming.labels(channel.name, "refused").inc()
            log.warning("refused channel=%s cause=%s bytes=%d", channel.name, exc.cause, len(raw))
            raise
        except WebhookUnreadable:
            self._metrics.incoming.labels(channel.name, "unreadable").inc()
            log.warning("unreadable channel=%s bytes=%d", channel.name, len(raw))
            raise
        return await self.store(channel.name, messages)

    async def store(self, channel: str, messages: Sequence[IncomingMessage]) -> int:
        """Store what is new; returns how many were. Raises StoreError."""
        if not messages:
            self._metrics.incoming.labels(channel, "ignored").inc()
            return 0
        masked = [mask_message(message, self._mask) for message in messages]
        try:
            is_new = await self._database.arun_first(receive, masked, self._schedule.settle_s)
        except StoreError:
            self._metrics.incoming.labels(channel, "unstored").inc(len(messages))
            raise
        for each, is_fresh in zip(masked, is_new, strict=True):
            self._metrics.incoming.labels(channel, "stored" if is_fresh else "duplicate").inc()
            log.info("in channel=%s digest=%s kind=%s new=%s", channel, digest_of(each.message)[:12], each.message.kind, is_fresh)
        if any(is_new):
            self._on_stored()
        return sum(is_new)


def _tells_more_with(command: str, text: str, mask: Masker) -> bool:
    """Whether a command is no name but somebody's data ("/0912345678"), or what makes data of its words ("/otp 123456")."""
    return bool({*mask(f"{command} {text}").kinds} - {*mask(text).kinds})


def mask_message(message: IncomingMessage, mask: Masker) -> MaskedMessage:
    """Take out what may not be stored: personal data, dossier codes, facts about attachments.

    A text with a one-time code, a password or a card number is left out as a whole: what stands around it may tell
    more than the number itself.
    """
    if message.command and _tells_more_with(message.command, message.text, mask):
        message = replace(message, text=f"/{message.command} {message.text}", command="", kind="text")
    found = mask(message.text)
    masked = mask_dossier_codes(found.text)
    kinds = tuple(dict.fromkeys((*found.kinds, *masked.kinds)))
    text = "" if SECRET_KINDS.intersection(kinds) else masked.text
    return MaskedMessage(replace(message, text=text, media={}), kinds)
