"""Zalo's Bot Platform: ``/bot<token>/<method>``, webhook with a secret header, getUpdates with one object."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from tests.channel_servers.courier import RETRY_AFTER_S, Courier, Parcel
from tests.channel_servers.faults import answer_with, parameters
from tests.channel_servers.serving import ChannelServer

TOKEN = "4000000000000000004:TEST-only-zalo-bot-token"
TEXT_LIMIT = 2_000


class BotRefusal(Exception):
    def __init__(self, code: int, description: str) -> None:
        super().__init__(description)
        self.code = code


class ZaloBotServer(ChannelServer):
    """One bot. No buttons, no idempotence; polling and webhook exclude each other.

    Attributes:
        wraps: deliver webhooks inside ``{"ok": true, "result": …}`` as documented, or bare.
    """

    name = "zalo-bot"
    acts = ("say", "send", "block")

    def __init__(self, token: str = TOKEN, allow_http_webhook: bool = True, wraps: bool = True) -> None:
        super().__init__(Courier(retry_after_s=RETRY_AFTER_S, timeout_s=10))
        self.token, self.allow_http_webhook, self.wraps = token, allow_http_webhook, wraps
        self.webhook: dict[str, str] = {}
        self.chats: set[str] = set()
        self.blocked: set[str] = set()
        self._waiting: deque[dict[str, Any]] = deque()
        self._number = 0

    def routes(self) -> list[BaseRoute]:
        return [Route("/bot{token}/{method}", self._call, methods=["GET", "POST"])]

    async def _call(self, request: Request) -> Response:
        method, given = request.path_params["method"], await parameters(request)
        if request.path_params["token"] != self.token:
            return _error(401, {"description": "Unauthorized"})

        async def work() -> Response:
            try:
                result = await self._poll(given) if method == "getUpdates" else self._do(method, given)
            except BotRefusal as refusal:
                self.note_call(method, given, str(refusal))
                return _error(refusal.code, {"description": str(refusal)})
            self.note_call(method, given, "ok")
            return JSONResponse({"ok": True, "result": result})

        return await answer_with(self.faults.take(method), work, _error)

    def _do(self, method: str, given: dict[str, Any]) -> Any:
        with self.lock:
            if method == "getMe":
                return {"id": self.token.split(":")[0], "account_name": "bot.hoimotcua", "account_type": "BASIC", "can_join_groups": False}
            if method == "setWebhook":
                return self._set_webhook(given)
            if method == "deleteWebhook":
                self.webhook = {}
                return {"url": "", "updated_at": int(self.now() * 1000)}
            if method == "getWebhookInfo":
                return {"url": self.webhook.get("url", ""), "updated_at": int(self.now() * 1000)}
            if method == "sendMessage":
                return self._send(given)
            if method == "sendChatAction":
                if given.get("action") not in ("typing", "upload_photo"):
                    raise BotRefusal(400, "Bad Request: invalid action")
                self._chat(given)
                return {}
        raise BotRefusal(404, "Not Found")

    def _set_webhook(self, given: dict[str, Any]) -> dict[str, Any]:
        url, secret = str(given.get("url", "")), str(given.get("secret_token", ""))
        parts = urlsplit(url)
        is_local = parts.scheme == "http" and parts.hostname == "127.0.0.1" and self.allow_http_webhook
        if parts.scheme != "https" and not is_local:
            raise BotRefusal(400, "Bad Request: url must be https")
        if not 8 <= len(secret) <= 256:
            raise BotRefusal(400, "Bad Request: secret_token must be 8 to 256 characters")
        self.webhook = {"url": url, "secret": secret}
        return {"url": url, "updated_at": int(self.now() * 1000)}

    def _send(self, given: dict[str, Any]) -> dict[str, Any]:
        chat, text = self._chat(given), given.get("text")
        if not isinstance(text, str) or not text.strip():
            raise BotRefusal(400, "Bad Request: text is empty")
        if len(text) > TEXT_LIMIT:
            raise BotRefusal(400, "Bad Request: text is too long")
        message_id = self._new_id()
        self.sent.append({"chat": chat, "text": text, "buttons": [], "message_id": message_id, "reply_to": "", "at": self.now()})
        return {"message_id": message_id, "date": int(self.now() * 1000)}

    def _chat(self, given: dict[str, Any]) -> str:
        chat = str(given.get("chat_id", ""))
        if chat not in self.chats:
            raise BotRefusal(400, "Bad Request: chat not found")
        if chat in self.blocked:
            raise BotRefusal(403, "Forbidden: user has blocked the bot")
        return chat

    async def _poll(self, given: dict[str, Any]) -> dict[str, Any]:
        """One update, then it is gone; 408 where none came in time, as seen of the real one."""
        if self.webhook:
            raise BotRefusal(409, "Conflict: webhook is active")
        until = asyncio.get_running_loop().time() + float(given.get("timeout", 30))
        while not self._waiting:
            if asyncio.get_running_loop().time() >= until:
                raise BotRefusal(408, "Request timeout")
            await asyncio.sleep(0.01)
        return self._waiting.popleft()

    # What people do.

    def say(self, user: str, text: str, chat: str = "", message_id: str = "", secret: str | None = None, delay_s: float = 0.0) -> str:
        message_id = message_id or self._new_id()
        self._written(user, "message.text.received", {"text": text}, chat, message_id, secret, delay_s)
        return message_id

    def send(self, user: str, kind: str, content: dict[str, Any]) -> str:
        """``image``, ``sticker``, ``voice`` or ``unsupported``."""
        message_id = self._new_id()
        self._written(user, f"message.{kind}.received", content, "", message_id)
        return message_id

    def block(self, user: str) -> None:
        self.blocked.add(user)

    def _written(
        self, user: str, event: str, content: dict[str, Any], chat: str, message_id: str, secret: str | None = None, delay_s: float = 0.0
    ) -> None:
        where = chat or user
        self.chats.add(where)
        message = {
            "from": {"id": user, "display_name": "Người thử", "is_bot": False},
            "chat": {"id": where, "chat_type": "GROUP" if chat else "PRIVATE"},
            "message_id": message_id, "date": int(self.now() * 1000), **content,
        }  # fmt: skip
        self.deliver({"event_name": event, "message": message}, secret, delay_s)

    def deliver(self, update: dict[str, Any], secret: str | None = None, delay_s: float = 0.0) -> None:
        with self.lock:
            if not self.webhook:
                self._waiting.append(update)
                return
            shown = self.webhook["secret"] if secret is None else secret
            headers = {"content-type": "application/json"} | ({"X-Bot-Api-Secret-Token": shown} if shown else {})
            body = json.dumps({"ok": True, "result": update} if self.wraps else update, ensure_ascii=False).encode()
            key = str(update.get("message", {}).get("message_id", ""))
            self.post(Parcel(key, self.webhook["url"], body, lambda _attempt: headers, delay_s))

    def _new_id(self) -> str:
        with self.lock:
            self._number += 1
            return f"{self._number:020x}"


def _error(code: int, detail: dict[str, Any]) -> Response:
    """The platform answers with HTTP 200 and the code in the body (seen in clients; ours read both)."""
    status = code if detail.get("as_http_status") else 200
    return JSONResponse({"ok": False, "error_code": code, "description": detail.get("description", "fault on demand")}, status_code=status)
