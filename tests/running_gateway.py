"""The real gateway with real connectors on loopback, before servers that speak the channels' protocols.

Only knowledge and dialogue are stand-ins. ``ScriptedDialogue`` says what the conversation's context was, so that a test
sees where a conversation went on.
"""

from __future__ import annotations

import io
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from rich.console import Console
from sqlalchemy import text

from bot.channels import channel_parts, set_webhooks
from bot.settings import Settings
from connectors.gateway import create_gateway
from connectors.store.database import Store
from tests.channel_servers import telegram, zalo_bot, zalo_oa
from tests.channel_servers.serving import ChannelServer, running
from tests.channel_servers.telegram import TelegramServer
from tests.channel_servers.zalo_bot import ZaloBotServer
from tests.channel_servers.zalo_oa import ZaloOaServer
from tests.running_path import WAITING
from tests.unit.connectors.fakes import CITATION, dependencies, reply

SECRET = "a-secret-of-the-tests_01"
MENU = [{"title": "Lệ phí", "payload": "#tt 1.001193 fee"}, {"title": "Nơi nộp", "payload": "#tt 1.001193 place"}]
START_S, PATIENCE_S = 30.0, 20.0


class ScriptedDialogue:
    """Knows birth registration; "lệ phí" is answered for the procedure that was talked about before."""

    def __init__(self) -> None:
        self.menu = list(MENU)
        self.forgotten: list[str] = []

    async def ask(
        self, question: str, session_id: str, context: Mapping[str, Any] | None = None, is_stale: bool = False
    ) -> dict[str, Any]:
        known = dict(context or {})
        if question in ("#tot", "#chuatot"):
            return reply("feedback_positive" if question == "#tot" else "feedback_negative", "Cảm ơn bạn đã chấm.", context=known)
        if "lệ phí" in question or question.endswith(" fee"):
            return reply("answered_aspect", f"Lệ phí của {known.get('procedure_code', 'thủ tục nào?')}.", context=known, aspect="fee")
        if "khai sinh" in question:
            message = {"text": "Bạn cần Giấy chứng sinh.", "buttons": self.menu, "card": None}
            return reply(messages=[message], citations=[CITATION])
        return reply("chitchat_smalltalk", f"re: {question}", context=known)

    async def is_alive(self) -> bool:
        return True

    async def forget(self, session_id: str) -> None:
        self.forgotten.append(session_id)

    async def aclose(self) -> None:
        """Nothing is open."""


class Office:
    """The gateway and the three channels' servers. ``name`` of a channel is the product's (``zalo`` is the OA)."""

    def __init__(self, url: str, settings: Settings, servers: dict[str, Any], dialogue: ScriptedDialogue, store: Store) -> None:
        self.url, self.settings, self.servers, self.dialogue, self.store = url, settings, servers, dialogue, store
        self.web = httpx.Client(base_url=url, timeout=PATIENCE_S, trust_env=False)

    def say(self, channel: str, person: int, words: str) -> list[dict[str, Any]]:
        """A citizen writes; returns what they are shown for it, once something is and nothing more comes."""
        before = len(self.shown(channel, person))
        self.servers[channel].say(person if channel == "telegram" else str(person), words)
        return self._settled(channel, person, before)

    def press(self, channel: str, person: int, title: str) -> list[dict[str, Any]]:
        """Press a button of the last message, or type what stands for it where there is none."""
        server, shown = self.servers[channel], self.shown(channel, person)
        last, before = shown[-1], len(shown)
        if channel == "telegram":
            button = next(b for row in last["buttons"] for b in row if b["text"] == title)
            server.press(person, last["message_id"], button["callback_data"])
            return self._settled(channel, person, before)
        if channel == "zalo":
            return self.say(channel, person, next(b["payload"] for b in last["buttons"] if b["title"] == title))
        line = next(line for line in last["text"].split("\n") if line.endswith(f". {title}"))
        return self.say(channel, person, line.split(".")[0])

    def shown(self, channel: str, person: int) -> list[dict[str, Any]]:
        server = self.servers[channel]
        with server.lock:
            return [message for message in server.sent if message["chat"] == str(person)]

    def ask(self, session_id: str, question: str) -> dict[str, Any]:
        answer = self.web.post("/api/v1/ask", json={"question": question, "session_id": session_id})
        answer.raise_for_status()
        return answer.json()

    def _settled(self, channel: str, person: int, before: int) -> list[dict[str, Any]]:
        self.servers[channel].wait_until(lambda: len(self.shown(channel, person)) > before, "an answer", PATIENCE_S)
        self.servers[channel].wait_until(lambda: self._waiting() == 0, "rest", PATIENCE_S)
        return self.shown(channel, person)[before:]

    def _waiting(self) -> int:
        with self.store.session() as session:
            return int(session.execute(text(WAITING)).scalar() or 0)


@contextmanager
def office(folder: Path) -> Iterator[Office]:
    servers: dict[str, ChannelServer] = {"telegram": TelegramServer(has_rates=True), "zalo": ZaloOaServer(), "zalo-bot": ZaloBotServer()}
    with ExitStack() as stack:
        for server in servers.values():
            stack.enter_context(running(server))
        listener = stack.enter_context(socket.socket())
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        settings = channel_settings(folder, url, servers)
        dialogue, store = ScriptedDialogue(), Store(settings.database)
        app = create_gateway(dependencies(dialogue=dialogue, store=store, channels=channel_parts(settings, store)))
        stack.enter_context(_serving(app, listener))
        set_webhooks(settings, ["telegram", "zalo-bot"], Console(file=io.StringIO()))
        servers["zalo"].set_webhook_url(f"{url}/webhooks/zalo")
        here = Office(url, settings, servers, dialogue, store)
        stack.callback(here.web.close)
        yield here


def channel_settings(folder: Path, public_url: str, servers: Mapping[str, ChannelServer], **more: Any) -> Settings:
    """The product's settings with every channel connected to its server."""
    pair = servers["zalo"].new_pair()
    given = {
        "home": folder, "database_url": f"sqlite:///{folder / 'office.db'}", "public_url": public_url, "channel_mode": "webhook",
        "telegram_token": telegram.TOKEN, "telegram_secret": SECRET, "telegram_username": telegram.BOT["username"],
        "telegram_api_url": servers["telegram"].url,
        "zalo_app_id": zalo_oa.APP_ID, "zalo_app_secret": zalo_oa.APP_SECRET, "zalo_oa_secret_key": zalo_oa.OA_SECRET,
        "zalo_oa_id": zalo_oa.OA_ID, "zalo_refresh_token": pair["refresh_token"], "zalo_access_token": pair["access_token"],
        "zalo_api_url": servers["zalo"].url, "zalo_oauth_url": servers["zalo"].url,
        "zalo_bot_token": zalo_bot.TOKEN, "zalo_bot_secret": SECRET, "zalo_bot_api_url": servers["zalo-bot"].url,
    }  # fmt: skip
    return Settings(_env_file=None, **(given | more))


@contextmanager
def _serving(app: Any, listener: socket.socket) -> Iterator[None]:
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", access_log=False, timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True, name="gateway")
    thread.start()
    until = time.monotonic() + START_S
    while not server.started:
        if time.monotonic() > until:
            raise RuntimeError("the gateway did not start")
        time.sleep(0.02)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(START_S)
