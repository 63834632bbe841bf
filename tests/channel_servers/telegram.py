"""Telegram's Bot API: ``/bot<token>/<method>``, webhook deliveries and getUpdates."""

from __future__ import annotations

import asyncio
import json
import re
from collections import deque
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from tests.channel_servers.courier import RETRY_AFTER_S, Courier, Parcel
from tests.channel_servers.faults import answer_with, parameters
from tests.channel_servers.serving import ChannelServer
from tests.channel_servers.telegram_html import CannotParse, plain_text, utf16_units
from tests.channel_servers.telegram_people import TelegramPeople

TOKEN = "123456789:TEST-only-token-of-no-bot-AAAAAAAAA"
BOT = {
    "id": 123456789, "is_bot": True, "first_name": "Hỏi Một Cửa", "username": "hoi_mot_cua_bot",
    "can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": False,
}  # fmt: skip
TEXT_LIMIT, CALLBACK_BYTES, BUTTONS_LIMIT, ANSWER_LIMIT = 4096, 64, 100, 200
PORTS = {443, 80, 88, 8443}
SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
COMMAND = re.compile(r"[a-z0-9_]{1,32}")


class Refusal(Exception):
    """The API's error answer."""

    def __init__(self, code: int, description: str, **extra: Any) -> None:
        super().__init__(description)
        self.code, self.description, self.extra = code, description, extra


class TelegramServer(TelegramPeople, ChannelServer):
    """The Bot API of one bot.

    Attributes:
        allow_http_webhook: take ``http://127.0.0.1`` as webhook, so that tests need no certificate.
        has_rates: refuse more than 1 message a second and chat (bursts of 5), ``per_second`` in all, 20 a minute and group.
        commands: what was registered, by language code.
        webhook: what was set; {} for none.
    """

    name = "telegram"

    def __init__(self, token: str = TOKEN, allow_http_webhook: bool = True, has_rates: bool = False) -> None:
        ChannelServer.__init__(self, Courier(retry_after_s=RETRY_AFTER_S, timeout_s=60))
        TelegramPeople.__init__(self, BOT)
        self.token, self.allow_http_webhook, self.has_rates, self.per_second = token, allow_http_webhook, has_rates, 30
        self.commands: dict[str, list[dict[str, str]]] = {}
        self.webhook: dict[str, Any] = {}
        self.open_presses: dict[str, bool] = {}
        self._waiting: deque[dict[str, Any]] = deque()
        self._polls = 0
        self._sent_at: deque[tuple[float, int]] = deque()

    def routes(self) -> list[BaseRoute]:
        return [Route("/bot{token}/{method}", self._call, methods=["GET", "POST"])]

    async def _call(self, request: Request) -> Response:
        method, given = request.path_params["method"], await parameters(request)
        if request.path_params["token"] != self.token:
            code = 401 if ":" in request.path_params["token"] else 404
            return _error(code, {"description": "Unauthorized" if code == 401 else "Not Found"})

        async def work() -> Response:
            try:
                result = await self._do(method, given)
            except Refusal as refusal:
                self.note_call(method, given, refusal.description)
                return _error(refusal.code, {"description": refusal.description, **refusal.extra})
            self.note_call(method, given, "ok")
            return JSONResponse({"ok": True, "result": result})

        return await answer_with(self.faults.take(method), work, _error)

    async def _do(self, method: str, given: dict[str, Any]) -> Any:
        handler = getattr(self, "_" + re.sub(r"(?<=[a-z])(?=[A-Z])", "_", method).lower(), None)
        if method == "getUpdates":
            return await self._poll(given)
        if handler is None or method not in METHODS:
            raise Refusal(404, "Not Found: method not found")
        with self.lock:
            return handler(given)

    # About the bot.

    def _get_me(self, _given: dict[str, Any]) -> dict[str, Any]:
        return BOT

    def _set_my_commands(self, given: dict[str, Any]) -> bool:
        commands = _json(given.get("commands"), [])
        if len(commands) > 100:
            raise Refusal(400, "Bad Request: BOT_COMMANDS_TOO_MUCH")
        for command in commands:
            if not COMMAND.fullmatch(command["command"]):
                raise Refusal(400, "Bad Request: BOT_COMMAND_INVALID")
            if not 1 <= len(command["description"]) <= 256:
                raise Refusal(400, "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID")
        self.commands[str(given.get("language_code", ""))] = commands
        return True

    def _get_my_commands(self, given: dict[str, Any]) -> list[dict[str, str]]:
        return self.commands.get(str(given.get("language_code", "")), [])

    # Webhook and polling.

    def _set_webhook(self, given: dict[str, Any]) -> bool:
        url, secret = str(given.get("url", "")), str(given.get("secret_token", ""))
        if not url:
            return self._delete_webhook(given)
        parts = urlsplit(url)
        is_local = parts.scheme == "http" and parts.hostname == "127.0.0.1" and self.allow_http_webhook
        if parts.scheme != "https" and not is_local:
            raise Refusal(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
        if not is_local and (parts.port or 443) not in PORTS:
            raise Refusal(400, "Bad Request: bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
        if secret and not SECRET.fullmatch(secret):
            raise Refusal(400, "Bad Request: secret token contains unallowed characters")
        if not 1 <= int(given.get("max_connections", 40)) <= 100:
            raise Refusal(400, "Bad Request: MAX_CONNECTIONS_INVALID")
        if given.get("drop_pending_updates") in (True, "true"):
            self._waiting.clear()
        self.webhook = {"url": url, "secret": secret, "allowed": _json(given.get("allowed_updates"), [])}
        for update in list(self._waiting):
            self.post(self._parcel(update))
        self._waiting.clear()
        return True

    def _delete_webhook(self, given: dict[str, Any]) -> bool:
        if given.get("drop_pending_updates") in (True, "true"):
            self._waiting.clear()
        self.webhook = {}
        return True

    def _get_webhook_info(self, _given: dict[str, Any]) -> dict[str, Any]:
        info: dict[str, Any] = {
            "url": self.webhook.get("url", ""), "has_custom_certificate": False,
            "pending_update_count": len(self._waiting) + self.courier.on_the_way, "max_connections": 40,
        }  # fmt: skip
        failed = [attempt for attempt in self.courier.attempts if not 200 <= attempt.status < 300]
        if failed:
            why = f"Wrong response from the webhook: {failed[-1].status}" if failed[-1].status else "Connection refused"
            info |= {"last_error_date": int(self.now()), "last_error_message": why}
        return info

    async def _poll(self, given: dict[str, Any]) -> list[dict[str, Any]]:
        if self.webhook:
            raise Refusal(409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first")
        self._polls += 1  # the latest request ends the one before it
        mine = self._polls
        offset, limit = int(given.get("offset", 0)), int(given.get("limit", 100))
        until = asyncio.get_running_loop().time() + float(given.get("timeout", 0))
        with self.lock:
            while self._waiting and offset > 0 and self._waiting[0]["update_id"] < offset:
                self._waiting.popleft()
        while not self._waiting and asyncio.get_running_loop().time() < until:
            await asyncio.sleep(0.01)
            if self._polls != mine:
                raise Refusal(409, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running")
        with self.lock:
            return list(self._waiting)[:limit]

    def deliver(self, update: dict[str, Any], secret: str | None = None, delay_s: float = 0.0) -> None:
        """To the webhook where one is set, else to whoever polls. ``secret`` overrides the right one."""
        with self.lock:
            if self.webhook:
                self.post(self._parcel(update, secret, delay_s))
            else:
                self._waiting.append(update)

    def _parcel(self, update: dict[str, Any], secret: str | None = None, delay_s: float = 0.0) -> Parcel:
        headers = {"content-type": "application/json"}
        token = self.webhook["secret"] if secret is None else secret
        if token:
            headers["X-Telegram-Bot-Api-Secret-Token"] = token
        body = json.dumps(update, ensure_ascii=False).encode()
        return Parcel(str(update["update_id"]), self.webhook["url"], body, lambda _attempt: headers, delay_s)

    # Messages.

    def _send_message(self, given: dict[str, Any]) -> dict[str, Any]:
        chat = self._chat(given)
        text = self._checked_text(given)
        keyboard = _checked_keyboard(given)
        reply_to = self._checked_reply(given, chat)
        self._check_rate(chat["id"])
        message = self.bot_message(chat, text, keyboard)
        if reply_to:
            message["reply_to_message"] = reply_to
        self.sent.append({
            "chat": str(chat["id"]), "text": text, "buttons": keyboard, "message_id": message["message_id"],
            "reply_to": str(reply_to["message_id"]) if reply_to else "", "at": self.now(),
        })  # fmt: skip
        return message

    def _edit_message_text(self, given: dict[str, Any]) -> dict[str, Any]:
        message = self._own_message(given)
        text = self._checked_text(given)
        keyboard = _checked_keyboard(given)
        if text == message.get("text") and keyboard == message.get("_keyboard"):
            raise Refusal(400, "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message")
        message.update(text=text, _keyboard=keyboard)
        return message

    def _edit_message_reply_markup(self, given: dict[str, Any]) -> dict[str, Any]:
        message = self._own_message(given)
        keyboard = _checked_keyboard(given)
        if keyboard == message.get("_keyboard"):
            raise Refusal(400, "Bad Request: message is not modified")
        message["_keyboard"] = keyboard
        return message

    def _send_chat_action(self, given: dict[str, Any]) -> bool:
        self._chat(given)
        if given.get("action") not in ("typing", "upload_photo", "record_voice", "upload_document", "find_location"):
            raise Refusal(400, "Bad Request: wrong parameter action in request")
        return True

    def _answer_callback_query(self, given: dict[str, Any]) -> bool:
        query = str(given.get("callback_query_id", ""))
        if not self.open_presses.pop(query, False):
            raise Refusal(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
        if utf16_units(str(given.get("text", ""))) > ANSWER_LIMIT:
            raise Refusal(400, "Bad Request: MESSAGE_TOO_LONG")
        return True

    def _chat(self, given: dict[str, Any]) -> dict[str, Any]:
        try:
            chat = self.chats[int(given["chat_id"])]
        except (KeyError, ValueError):
            raise Refusal(400, "Bad Request: chat not found") from None
        if chat.get("migrated_to"):
            raise Refusal(400, "Bad Request: group chat was upgraded to a supergroup chat", parameters={"migrate_to_chat_id": chat["migrated_to"]})
        if chat["id"] in self.blocked:
            is_group = chat["type"] != "private"
            raise Refusal(403, "Forbidden: bot was kicked from the group chat" if is_group else "Forbidden: bot was blocked by the user")
        return chat

    def _checked_text(self, given: dict[str, Any]) -> str:
        text, mode = str(given.get("text", "")), str(given.get("parse_mode", ""))
        if mode.lower() == "html":
            try:
                text, n_entities = plain_text(text)
            except CannotParse as exc:
                raise Refusal(400, f"Bad Request: can't parse entities: {exc}") from exc
            if n_entities > 100:
                raise Refusal(400, "Bad Request: ENTITIES_TOO_LONG")
        elif mode:
            raise Refusal(400, "Bad Request: unsupported parse_mode")
        if not text.strip():
            raise Refusal(400, "Bad Request: message text is empty")
        if utf16_units(text) > TEXT_LIMIT:
            raise Refusal(400, "Bad Request: message is too long")
        return text

    def _checked_reply(self, given: dict[str, Any], chat: dict[str, Any]) -> dict[str, Any] | None:
        wanted = _json(given.get("reply_parameters"), {})
        if not wanted:
            return None
        found = self.messages.get((chat["id"], int(wanted["message_id"])))
        if found is None and not wanted.get("allow_sending_without_reply"):
            raise Refusal(400, "Bad Request: message to be replied not found")
        return found

    def _own_message(self, given: dict[str, Any]) -> dict[str, Any]:
        chat = self._chat(given)
        message = self.messages.get((chat["id"], int(given.get("message_id", 0))))
        if message is None:
            raise Refusal(400, "Bad Request: message to edit not found")
        if message["from"]["id"] != BOT["id"]:
            raise Refusal(400, "Bad Request: message can't be edited")
        return message

    def _check_rate(self, chat_id: int) -> None:
        if not self.has_rates:
            return
        now = self.now()
        while self._sent_at and now - self._sent_at[0][0] > 60:
            self._sent_at.popleft()
        here = [at for at, chat in self._sent_at if chat == chat_id]
        is_too_fast = (
            sum(now - at < 1 for at, _ in self._sent_at) >= self.per_second
            or sum(now - at < 5 for at in here) >= 5
            or (chat_id < 0 and len(here) >= 20)
        )
        if is_too_fast:
            raise Refusal(429, "Too Many Requests: retry after 1", parameters={"retry_after": 1})
        self._sent_at.append((now, chat_id))


METHODS = {
    "getMe", "setMyCommands", "getMyCommands", "setWebhook", "deleteWebhook", "getWebhookInfo", "getUpdates", "sendMessage",
    "editMessageText", "editMessageReplyMarkup", "sendChatAction", "answerCallbackQuery",
}  # fmt: skip


def _checked_keyboard(given: dict[str, Any]) -> list[list[dict[str, str]]]:
    rows = _json(given.get("reply_markup"), {}).get("inline_keyboard", [])
    buttons = [button for row in rows for button in row]
    if len(buttons) > BUTTONS_LIMIT:
        raise Refusal(400, "Bad Request: REPLY_MARKUP_TOO_LONG")
    for button in buttons:
        if not button.get("text"):
            raise Refusal(400, "Bad Request: can't parse inline keyboard button: Text buttons are empty")
        if "callback_data" in button:
            if not 1 <= len(button["callback_data"].encode()) <= CALLBACK_BYTES:
                raise Refusal(400, "Bad Request: BUTTON_DATA_INVALID")
        elif not str(button.get("url", "")).startswith(("https://", "http://", "tg://")):
            raise Refusal(400, "Bad Request: BUTTON_URL_INVALID")
    return rows


def _json(value: Any, default: Any) -> Any:
    if value in (None, ""):
        return default
    return json.loads(value) if isinstance(value, str) else value


def _error(code: int, detail: dict[str, Any]) -> Response:
    body: dict[str, Any] = {"ok": False, "error_code": code, "description": detail.get("description", "fault on demand")}
    extra = dict(detail.get("parameters", {}))
    if "retry_after" in detail:
        extra["retry_after"] = detail["retry_after"]
    if extra:
        body["parameters"] = extra
    return JSONResponse(body, status_code=code)
