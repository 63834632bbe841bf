"""Puts the message path together: intake, flow, workers, webhook routes. The gateway starts and stops it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from prometheus_client import CollectorRegistry

from connectors.channel_metrics import ChannelMetrics
from connectors.channels.base import Channel
from connectors.errors import SettingsError
from connectors.inbox.carry import keep_code, new_code, take_code
from connectors.inbox.chats import ChatState
from connectors.inbox.database import InboxDatabase
from connectors.inbox.outbox import count_unsure, was_sent_as
from connectors.inbox.retention import Keep, Kept, Person, kept_of, sessions_of
from connectors.inbox.schedule import Schedule, load_schedule
from connectors.intake import Intake
from connectors.message_flow import AskLike, MessageFlow
from connectors.ports import Masker
from connectors.widget.ports import CarryCode
from connectors.workers import Workers

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ConnectedChannel:
    """A channel and how its messages come: by webhook, or by asking."""

    channel: Channel
    is_polled: bool = False


@dataclass(frozen=True)
class PathSettings:
    """What an operator can set about the message path.

    Attributes:
        keep_days: after so many days messages, chats and tickets are deleted.
        keep_questions_days: after so many days without being asked again, questions without an answer are; ratings too.
        n_answering: messages answered side by side in this process; 0 leaves answering and sending to others (taking in,
            asking channels, figures and forgetting stay).
        carry_links: (title, address) of the channels a web conversation can move to, ``{code}`` for the code.
    """

    keep_days: int = 30
    n_answering: int = 8
    carry_links: tuple[tuple[str, str], ...] = ()
    keep_questions_days: int = 180

    def __post_init__(self) -> None:
        for name in ("keep_days", "keep_questions_days"):
            if getattr(self, name) < 1:
                raise SettingsError(f"setting {name}: expected 1 or more, got {getattr(self, name)}")
        if self.n_answering < 0:
            raise SettingsError(f"setting n_answering: expected 0 or more, got {self.n_answering}")


@dataclass(frozen=True)
class ChannelParts:
    """What the gateway is handed about channels; it adds the way of a question."""

    database: InboxDatabase
    connected: Sequence[ConnectedChannel] = ()
    settings: PathSettings = PathSettings()
    schedule: Schedule | None = None


class StoreDesk:
    """``FlowDesk`` over the database."""

    def __init__(self, database: InboxDatabase, schedule: Schedule) -> None:
        self._database, self._schedule = database, schedule

    async def keep_code(self, code: str, context: Mapping[str, Any], origin: str) -> None:
        await self._database.arun(keep_code, code, context, origin, self._schedule.carry_s)

    async def take_code(self, code: str, taker: str) -> Mapping[str, Any] | None:
        return await self._database.arun(take_code, code, taker)

    async def kept_of(self, person: Person, n_latest: int) -> Kept:
        return await self._database.arun(kept_of, person, n_latest)

    async def sessions_of(self, person: Person) -> Sequence[str]:
        return await self._database.arun(sessions_of, person)

    async def count_unsure(self, chat: ChatState) -> int:
        return await self._database.arun(count_unsure, chat.channel, chat.chat_id)

    async def is_ours(self, chat: ChatState, message_id: str) -> bool:
        return await self._database.arun(was_sent_as, chat.channel, chat.chat_id, message_id)


class WebCarryOn:
    """``CarryOn`` of the widget: codes that carry a web conversation to a channel."""

    def __init__(self, desk: StoreDesk, schedule: Schedule, links: tuple[tuple[str, str], ...]) -> None:
        self._desk, self._schedule, self._links = desk, schedule, links

    async def issue(self, context: Mapping[str, Any]) -> CarryCode:
        """Raises StoreError."""
        code = new_code()
        await self._desk.keep_code(code, context, "web")
        links = tuple((title, address.replace("{code}", code)) for title, address in self._links)
        return CarryCode(code, round(self._schedule.carry_s / 60), links)


class ChannelPath:
    """The whole path. One for one event loop."""

    def __init__(
        self, parts: ChannelParts, flow: AskLike, mask: Masker, registry: CollectorRegistry
    ) -> None:
        self.database, self.settings = parts.database, parts.settings
        self.schedule = parts.schedule or load_schedule()
        self.channels = {each.channel.name: each.channel for each in parts.connected}
        self.metrics = ChannelMetrics(registry)
        self.desk = StoreDesk(parts.database, self.schedule)
        self.intake = Intake(parts.database, mask, self.schedule, self.metrics, self._on_stored)
        polled = frozenset(each.channel.name for each in parts.connected if each.is_polled)
        keep_days = parts.settings.keep_days
        self.workers = Workers(
            parts.database, self.channels, polled, MessageFlow(flow, self.desk, self.schedule, keep_days), self.intake,
            self.schedule, self.metrics, Keep(keep_days, parts.settings.keep_questions_days), parts.settings.n_answering,
        )  # fmt: skip
        self.carry_on = WebCarryOn(self.desk, self.schedule, parts.settings.carry_links) if self.channels else None
        self._is_answering = False

    async def start(self) -> None:
        """Open the channels and begin to work; a channel that is away is tried again by its sends."""
        for name, channel in self.channels.items():
            try:
                await channel.start()
            except Exception as exc:  # one channel's fault keeps nobody else from starting
                log.error("channel=%s could not be started: %s", name, type(exc).__name__)
        await self.workers.start()
        self._is_answering = self.settings.n_answering > 0

    async def stop(self) -> None:
        await self.workers.stop()
        await asyncio.gather(*(channel.aclose() for channel in self.channels.values()), return_exceptions=True)
        await asyncio.to_thread(self.database.close)

    def _on_stored(self) -> None:
        if self._is_answering:
            self.workers.wake("in", self.schedule.settle_s)
