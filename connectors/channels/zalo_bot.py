"""Zalo's Bot Platform, for a commune without an Official Account: webhook with a secret header, or polling.

No buttons: payloads become numbered lines. A poll hands an update over and forgets it, so one that arrives in the
moment this program dies is lost; the webhook repeats, so prefer it where there is a public address.
Facts: bot.zaloplatforms.com/docs as of October 2026; answers and bodies are read tolerantly.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from connectors.channels.base import ChannelCheck, ChannelLimits, ChannelPayload, PollBatch, SendReceipt
from connectors.channels.http_seam import call_json, for_reading, quiet_http_logs
from connectors.channels.layout import split_text, with_numbers
from connectors.channels.pacing import Pacer
from connectors.channels.reading import Tally, id_text
from connectors.channels.settings import ZaloBotSettings
from connectors.channels.zalo_bot_checks import check_bot
from connectors.channels.zalo_bot_events import EventReader
from connectors.errors import ChannelDown, ChannelError, ChannelRefused, ChannelThrottled, WebhookRefused
from connectors.http_client import HttpClient
from connectors.messages import IncomingMessage, OutgoingMessage

log = logging.getLogger(__name__)
SECRET_HEADER = "x-bot-api-secret-token"
NOTHING_NEW = 408  # what getUpdates says when no update came in time (seen in clients)
RATE_PAUSE_S = 10.0


class ZaloBotChannel:
    """``Channel`` for one bot.

    Attributes:
        ignored: events nobody handles, by name.
    """

    name = "zalo-bot"

    def __init__(self, settings: ZaloBotSettings) -> None:
        self.settings = settings
        self.limits = ChannelLimits(text_chars=settings.text_chars)
        self.ignored = Tally()
        timeout = httpx.Timeout(settings.timeout_s, connect=settings.connect_timeout_s)
        self._client = HttpClient(timeout=timeout)
        self._pacer = Pacer()
        self._reader = EventReader(settings.name, self.ignored)
        self._greeting: asyncio.Task[None] | None = None

    def __repr__(self) -> str:
        return f"ZaloBotChannel({self._reader.name or '?'})"

    # Coming in.

    def verify(self, raw: bytes, headers: Mapping[str, str]) -> None:
        given = headers.get(SECRET_HEADER, "")
        if not given:
            raise WebhookRefused("missing", f"no header {SECRET_HEADER}")
        if not hmac.compare_digest(given.encode(), self.settings.webhook_secret.encode()):
            raise WebhookRefused("wrong", f"header {SECRET_HEADER} is not our secret")

    def parse(self, raw: bytes, headers: Mapping[str, str]) -> Sequence[IncomingMessage]:
        return self._reader.read_body(raw)

    async def poll(self, cursor: str, timeout_s: float) -> PollBatch:
        """The platform keeps its own cursor; one update a call."""
        patience = httpx.Timeout(self.settings.timeout_s, read=timeout_s + self.settings.timeout_s)
        try:
            answer = await self._call("getUpdates", {"timeout": str(int(timeout_s))}, timeout=patience)
        except ChannelRefused as exc:
            if exc.code == str(NOTHING_NEW):
                return PollBatch((), cursor)
            raise
        except ChannelError as exc:
            raise for_reading(exc) from exc
        found = answer if isinstance(answer, list) else [answer]
        messages = [message for update in found if isinstance(update, dict) for message in self._reader.read(update)]
        return PollBatch(tuple(messages), cursor)

    # Going out.

    def render(self, message: OutgoingMessage) -> list[ChannelPayload]:
        text, numbered = with_numbers(message.text, message.buttons)
        pieces = split_text(text, self.settings.text_chars) or ["…"]
        payloads = [ChannelPayload("sendMessage", {"chat_id": message.chat_id, "text": piece}, message.chat_id) for piece in pieces]
        last = payloads[-1]
        return [*payloads[:-1], ChannelPayload(last.method, last.body, last.chat_id, numbered)]

    async def send(self, payload: ChannelPayload) -> SendReceipt:
        if payload.method != "sendMessage":
            raise ChannelRefused("method", f"expected sendMessage, got {payload.method}")
        await self._pacer.wait((f"{self.settings.per_second}/second", "all"))
        result = await self._call("sendMessage", dict(payload.body))
        return SendReceipt(id_text(result.get("message_id")) if isinstance(result, dict) else "")

    async def show_working(self, message: IncomingMessage) -> None:
        try:
            await self._call("sendChatAction", {"chat_id": message.chat_id, "action": "typing"})
        except ChannelError as exc:
            log.debug("zalo-bot: no typing notice (%s)", exc.code)

    # Operating.

    async def start(self) -> None:
        quiet_http_logs()
        if not self.settings.name:
            self._greeting = asyncio.create_task(self._introduce())

    async def check(self) -> list[ChannelCheck]:
        quiet_http_logs()
        return await check_bot(self.settings, self.ask)

    async def set_webhook(self, url: str) -> None:
        """ "" deletes it, which polling needs once."""
        quiet_http_logs()
        if url:
            await self.ask("setWebhook", {"url": url, "secret_token": self.settings.webhook_secret})
        else:
            await self.ask("deleteWebhook")

    async def ask(self, method: str, given: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """A call that may be made again whatever came of it. May raise ChannelError."""
        try:
            result = await self._call(method, given or {})
        except ChannelError as exc:
            raise for_reading(exc) from exc
        return result if isinstance(result, dict) else {}

    async def aclose(self) -> None:
        if self._greeting is not None:
            self._greeting.cancel()
            await asyncio.gather(self._greeting, return_exceptions=True)
        await self._client.aclose()

    async def _introduce(self, pauses_s: Sequence[float] = (0, 5, 30, 120, 600)) -> None:
        for pause_s in pauses_s:
            await asyncio.sleep(pause_s)
            try:
                me = await self.ask("getMe")
                self._reader.name = str(me.get("account_name") or me.get("name") or "")
                return
            except ChannelError as exc:
                log.warning("zalo-bot: name not known yet (%s)", exc.code)

    async def _call(self, method: str, given: Mapping[str, Any], **request: Any) -> Any:
        url = f"{self.settings.api_url.rstrip('/')}/bot{self.settings.token}/{method}"
        answer = await call_json(self._client, "POST", url, json=dict(given), **request)
        if answer.get("ok") is True:
            return answer.get("result")
        raise _error(answer)


def _error(answer: Mapping[str, Any]) -> ChannelError:
    """The platform's codes are HTTP's, in the body."""
    code, words = id_text(answer.get("error_code")) or "?", str(answer.get("description", "")).lower()
    if code == "429":
        return ChannelThrottled(code, _pause(answer))
    if code in ("401", "404"):  # the token is part of the address
        return ChannelDown("token", "Zalo does not know this token; see: motcua channels check")
    if code == "403" or "chat not found" in words:
        return ChannelRefused("blocked", "the person blocked the bot, or there is no such chat", is_gone=True)
    if code == "409":
        return ChannelRefused("webhook", "a webhook is set, so polling is impossible; delete it first")
    if code.startswith("5"):
        return ChannelDown("server", "the platform reported a fault of its own")
    return ChannelRefused(code, "the platform found the call wrong")


def _pause(answer: Mapping[str, Any]) -> float:
    found = answer.get("parameters")
    value = found.get("retry_after") if isinstance(found, dict) else None
    return float(value) if isinstance(value, (int, float)) and value > 0 else RATE_PAUSE_S
