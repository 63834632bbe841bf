"""One way to drive each channel's connector against its server, for the contract suite."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from connectors.channels.base import Channel
from connectors.channels.settings import TelegramSettings, ZaloBotSettings, ZaloOaSettings
from connectors.channels.telegram import TelegramChannel
from connectors.channels.zalo_bot import ZaloBotChannel
from connectors.channels.zalo_oa import ZaloOaChannel
from connectors.messages import IncomingMessage
from connectors.store.database import Store
from connectors.store.zalo_tokens import TokenPair, ZaloTokenStore
from tests.channel_servers import telegram, zalo_bot, zalo_oa
from tests.channel_servers.receiver import Receiver
from tests.channel_servers.serving import ChannelServer, running

SECRET = "a-secret-of-the-tests_01"
PATIENT_S = 20.0


class Harness:
    """A connector, its channel's server and a webhook.

    Attributes:
        person, other: two people's ids, as text.
        send_method: the server's name of the call that shows a message.
        gone_error, rate_error: protocol errors for "blocked us" and "too fast", as ``faults.add`` takes them.
        secrets: words that must stand in no log, repr or error.
        has_webhook_call, has_polling, has_buttons: what the channel can do.
    """

    channel: Channel
    server: Any
    receiver: Receiver
    person, other = "5550001", "5550002"
    send_method = "sendMessage"
    gone_error: dict[str, Any]
    rate_error: dict[str, Any]
    secrets: tuple[str, ...] = ()
    has_webhook_call = has_polling = has_buttons = True

    @property
    def name(self) -> str:
        return self.channel.name

    def connect(self, timeout_s: float = PATIENT_S) -> None:
        """Make the connector; again for one with another patience."""
        raise NotImplementedError

    def hook_url(self) -> str:
        return f"{self.receiver.url}/webhooks/{self.name}"

    async def use_webhook(self) -> None:
        await self.channel.set_webhook(self.hook_url())

    def say(self, text: str, person: str = "", **how: Any) -> None:
        raise NotImplementedError

    def say_with_wrong_secret(self, text: str, is_missing: bool) -> None:
        raise NotImplementedError

    def odd_ids(self, text: str) -> dict[str, Any]:
        """A text event whose ids have the other JSON type."""
        raise NotImplementedError

    def signed_post(self, body: bytes) -> httpx.Response:
        """Bring any bytes to the webhook as the channel would sign them."""
        raise NotImplementedError

    def press(self, title_start: str, person: str = "") -> None:
        """Press the button of the last message whose title begins so."""
        raise NotImplementedError

    def meet(self, person: str = "") -> None:
        """Let the person write once, so that we may answer."""
        raise NotImplementedError

    def revoke_token(self) -> None:
        raise NotImplementedError

    def messages(self, count: int = 1) -> list[IncomingMessage]:
        """Wait until so many came in."""
        self.server.wait_until(lambda: len(self.receiver.taken) >= count, f"{count} messages")
        self.server.wait_delivered()
        return self.receiver.taken

    def shown(self) -> list[str]:
        """Texts the person sees, in order."""
        return [message["text"] for message in self.server.sent]


class TelegramHarness(Harness):
    gone_error = {"kind": "error", "code": 403, "detail": {"description": "Forbidden: bot was blocked by the user"}}
    rate_error = {"kind": "error", "code": 429, "detail": {"description": "Too Many Requests: retry after 7", "retry_after": 7}}
    secrets = (telegram.TOKEN, telegram.TOKEN.split(":")[1], SECRET)

    def __init__(self, _folder: Path) -> None:
        self.server = telegram.TelegramServer()

    def connect(self, timeout_s: float = PATIENT_S) -> None:
        self.channel = TelegramChannel(TelegramSettings(
            telegram.TOKEN, SECRET, api_url=self.server.url, username=telegram.BOT["username"], timeout_s=timeout_s,
            per_chat_5s=50,  # the contract sends many to one person; the pace itself is tried in test_telegram_channel
        ))  # fmt: skip

    def say(self, text: str, person: str = "", **how: Any) -> None:
        self.server.say(int(person or self.person), text, **how)

    def say_with_wrong_secret(self, text: str, is_missing: bool) -> None:
        self.server.say(int(self.person), text, secret="" if is_missing else "not-the-secret")

    def odd_ids(self, text: str) -> dict[str, Any]:
        someone = {"id": self.person, "is_bot": False, "first_name": "Người thử"}
        chat = {"id": self.person, "type": "private"}
        return {"update_id": "9001", "message": {"message_id": "77", "from": someone, "chat": chat, "date": int(time.time()), "text": text}}

    def signed_post(self, body: bytes) -> httpx.Response:
        return httpx.post(self.hook_url(), content=body, headers={"X-Telegram-Bot-Api-Secret-Token": SECRET}, trust_env=False)

    def press(self, title_start: str, person: str = "") -> None:
        last = self.server.sent[-1]
        button = next(b for row in last["buttons"] for b in row if b["text"].startswith(title_start))
        self.server.press(int(person or self.person), last["message_id"], button["callback_data"])

    def meet(self, person: str = "") -> None:
        self.say("xin chào", person)

    def revoke_token(self) -> None:
        self.server.token = "1:revoked-and-replaced-by-another-one"


class ZaloOaHarness(Harness):
    send_method = "v3.0/message/cs"
    gone_error = {"kind": "error", "code": -213}
    rate_error = {"kind": "error", "code": -32}
    secrets = (zalo_oa.APP_SECRET, zalo_oa.OA_SECRET)
    has_webhook_call = has_polling = False

    def __init__(self, folder: Path) -> None:
        self.server = zalo_oa.ZaloOaServer()
        self.database = Store(f"sqlite:///{folder / 'zalo.db'}")
        self.tokens = ZaloTokenStore(self.database, zalo_oa.APP_ID, zalo_oa.SEAL)
        self.alarms: list[str] = []

    def connect(self, timeout_s: float = PATIENT_S) -> None:
        pair = self.server.new_pair()
        self.secrets = (*self.secrets, *pair.values())[:4]
        self.tokens.seed(TokenPair(pair["access_token"], pair["refresh_token"], float(pair["expires_in"])))
        settings = ZaloOaSettings(
            zalo_oa.APP_ID, zalo_oa.APP_SECRET, zalo_oa.OA_SECRET, api_url=self.server.url, oauth_url=self.server.url,
            public_url="https://hoi.example.vn/webhooks/zalo", timeout_s=timeout_s, refresh_wait_s=5.0,
        )  # fmt: skip
        self.channel = ZaloOaChannel(settings, self.tokens, self.alarms.append)

    async def use_webhook(self) -> None:
        self.server.set_webhook_url(self.hook_url())

    def say(self, text: str, person: str = "", **how: Any) -> None:
        self.server.say(person or self.person, text, **how)

    def say_with_wrong_secret(self, text: str, is_missing: bool) -> None:
        self.server.say(self.person, text, **({"signature": ""} if is_missing else {"secret": "not-the-key"}))

    def odd_ids(self, text: str) -> dict[str, Any]:
        return {
            "app_id": int(zalo_oa.APP_ID), "event_name": "user_send_text", "sender": {"id": int(self.person)},
            "recipient": {"id": int(zalo_oa.OA_ID)}, "message": {"text": text, "msg_id": 77}, "timestamp": int(time.time() * 1000),
        }  # fmt: skip

    def signed_post(self, body: bytes) -> httpx.Response:
        try:
            timestamp = str(json.loads(body)["timestamp"])
        except (ValueError, KeyError, TypeError, RecursionError):
            timestamp = str(int(time.time() * 1000))
        headers = {"X-ZEvent-Signature": zalo_oa.sign(body, timestamp), "X-ZEvent-Timestamp": timestamp}
        return httpx.post(self.hook_url(), content=body, headers=headers, trust_env=False)

    def press(self, title_start: str, person: str = "") -> None:
        button = next(b for b in self.server.sent[-1]["buttons"] if b["title"].startswith(title_start))
        self.server.say(person or self.person, button["payload"])

    def meet(self, person: str = "") -> None:
        self.server.last_interaction[person or self.person] = self.server.now()

    def revoke_token(self) -> None:
        self.server.revoke_all()


class ZaloBotHarness(Harness):
    gone_error = {"kind": "error", "code": 403}
    rate_error = {"kind": "error", "code": 429}
    secrets = (zalo_bot.TOKEN, SECRET)
    has_buttons = False

    def __init__(self, _folder: Path) -> None:
        self.server = zalo_bot.ZaloBotServer()

    def connect(self, timeout_s: float = PATIENT_S) -> None:
        self.channel = ZaloBotChannel(ZaloBotSettings(zalo_bot.TOKEN, SECRET, api_url=self.server.url, name="bot.hoimotcua", timeout_s=timeout_s))

    def say(self, text: str, person: str = "", **how: Any) -> None:
        self.server.say(person or self.person, text, **how)

    def say_with_wrong_secret(self, text: str, is_missing: bool) -> None:
        self.server.say(self.person, text, secret="" if is_missing else "not-the-secret")

    def odd_ids(self, text: str) -> dict[str, Any]:
        message = {
            "from": {"id": int(self.person), "is_bot": False}, "chat": {"id": int(self.person), "chat_type": "PRIVATE"},
            "message_id": 77, "date": str(int(time.time())), "text": text,
        }  # fmt: skip
        return {"event_name": "message.text.received", "message": message}

    def signed_post(self, body: bytes) -> httpx.Response:
        return httpx.post(self.hook_url(), content=body, headers={"X-Bot-Api-Secret-Token": SECRET}, trust_env=False)

    def press(self, title_start: str, person: str = "") -> None:
        """No buttons: the number in front of the title is typed."""
        line = next(line for line in self.server.sent[-1]["text"].split("\n") if line[line.find(". ") + 2 :].startswith(title_start))
        self.say(line.split(".")[0], person)

    def meet(self, person: str = "") -> None:
        self.server.chats.add(person or self.person)

    def revoke_token(self) -> None:
        self.server.token = "revoked-and-replaced-by-another-one"


HARNESSES: dict[str, type[Any]] = {"telegram": TelegramHarness, "zalo": ZaloOaHarness, "zalo-bot": ZaloBotHarness}


@contextmanager
def connected(name: str, folder: Path) -> Iterator[Any]:
    """The harness with its servers running."""
    harness = HARNESSES[name](folder)
    server: ChannelServer = harness.server
    with running(server):
        harness.connect()
        harness.receiver = Receiver(harness.channel)
        with running(harness.receiver):
            yield harness
