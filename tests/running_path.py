"""A message path at work in this process, and a client of its webhooks."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from prometheus_client import CollectorRegistry, generate_latest
from sqlalchemy import text

from connectors.channel_path import ChannelParts, ChannelPath, ConnectedChannel, PathSettings
from connectors.channels.webhooks import create_webhooks
from connectors.inbox.database import InboxDatabase
from connectors.inbox.schedule import load_schedule
from connectors.messages import IncomingMessage
from nlu.privacy import mask_personal_data
from tests.channel_path_fakes import SECRET, EchoFlow, FakeChannel, event

SCHEDULE = replace(load_schedule(), settle_s=0.0, answer_retries_s=(0.01, 0.01), send_retries_s=(0.01,), channel_pause_s=0.02)


class Running:
    """A path at work, and a client of its webhooks."""

    def __init__(self, path: ChannelPath, channel: FakeChannel, flow: EchoFlow, registry: CollectorRegistry) -> None:
        self.path, self.channel, self.flow, self.registry = path, channel, flow, registry
        app = FastAPI()
        app.include_router(create_webhooks(path.channels, path.intake, path.metrics))
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://t")
        self._n = 0

    async def post(self, *messages: IncomingMessage, secret: str = SECRET) -> int:
        body = json.dumps([message.to_json() for message in messages])
        response = await self.client.post(f"/webhooks/{self.channel.name}", content=body, headers={"X-Secret": secret})
        return response.status_code

    async def write(self, words: str, chat: str = "c1", **more: Any) -> list[str]:
        """A citizen writes; returns what the channel was given for it, the first-contact notice left out."""
        before = len(self.channel.texts(chat))
        self._n += 1
        assert await self.post(event(f"w{self._n}", words, chat, **more)) == 200
        await self.settle()
        return [each for each in self.channel.texts(chat)[before:] if not each.startswith("Chào bạn! Mình là máy")]

    async def settle(self) -> None:
        """Until nothing waits in either direction."""
        for _ in range(400):
            rows = await self.path.database.arun(lambda tx: tx.execute(text(WAITING)).scalar())
            if rows == 0:
                return
            await asyncio.sleep(0.01)
        raise AssertionError("the path did not come to rest")

    async def rows(self, statement: Any) -> list[Any]:
        return await self.path.database.arun(lambda tx: tx.execute(statement).all())

    async def dump(self, *tables: str) -> str:
        """Everything in these tables, JSON unescaped, so that words can be looked for."""
        rows = [tuple(row) for table in tables for row in await self.rows(text(f"SELECT * FROM {table}"))]
        return str(rows).replace("\\\\", "\\").encode("latin-1", "backslashreplace").decode("unicode_escape")

    def figure(self, name: str) -> float:
        lines = generate_latest(self.registry).decode().splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(name))


WAITING = (
    "SELECT (SELECT count(*) FROM inbox_message WHERE state = 'new') "
    "+ (SELECT count(*) FROM outbox_message WHERE state IN ('ready', 'sending'))"
)


async def begin(folder: Path, channel: FakeChannel | None = None, is_polled: bool = False, **settings: Any) -> Running:
    """A path over a new database in ``folder``; stop it with ``end``."""
    channel, flow, registry = channel or FakeChannel(), EchoFlow(), CollectorRegistry()
    database = InboxDatabase(f"sqlite:///{folder / 'm.db'}")
    parts = ChannelParts(database, [ConnectedChannel(channel, is_polled)], PathSettings(**settings), SCHEDULE)
    running = Running(ChannelPath(parts, flow, mask_personal_data, registry), channel, flow, registry)
    await running.path.start()
    return running


async def end(running: Running) -> None:
    await running.path.stop()
    await running.client.aclose()
