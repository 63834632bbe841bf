"""Telegram, by python-telegram-bot's ``Bot``: webhook with a secret header, or long polling.

The library speaks the Bot API; its ``Application`` stays out, since the message path has its own durable inbox,
order and retries. Facts: core.telegram.org/bots/api as of Bot API 9 (read October 2026).
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
from collections.abc import Awaitable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from telegram import Bot, InlineKeyboardMarkup, LinkPreviewOptions, ReplyParameters, User
from telegram.error import BadRequest, ChatMigrated, RetryAfter, TelegramError
from telegram.request import HTTPXRequest

from connectors.channels.base import ChannelCheck, ChannelLimits, ChannelPayload, PollBatch, SendReceipt
from connectors.channels.http_seam import for_reading, quiet_http_logs
from connectors.channels.pacing import Pacer
from connectors.channels.reading import Tally, id_text
from connectors.channels.settings import TelegramSettings
from connectors.channels.telegram_checks import check_bot
from connectors.channels.telegram_commands import COMMANDS
from connectors.channels.telegram_faults import FateUnknown, translate
from connectors.channels.telegram_render import (
    CALLBACK_BYTES,
    MOST_BUTTONS,
    TITLE_CHARS,
    plain_body,
    render_message,
)
from connectors.channels.telegram_updates import ALLOWED_UPDATES, UpdateReader
from connectors.errors import (
    ChannelError,
    ChannelRefused,
    ChannelThrottled,
    ChatThrottled,
    WebhookRefused,
    WebhookUnreadable,
)
from connectors.messages import IncomingMessage, OutgoingMessage

log = logging.getLogger(__name__)
SECRET_HEADER = "x-telegram-bot-api-secret-token"
Answer = TypeVar("Answer")


class TelegramChannel:
    """``Channel`` for one bot.

    Attributes:
        ignored: updates nobody handles, by kind, and group messages that do not address the bot.
    """

    name = "telegram"

    def __init__(self, settings: TelegramSettings) -> None:
        self.settings = settings
        self.limits = ChannelLimits(
            text_chars=settings.text_chars, buttons=MOST_BUTTONS, button_title_chars=TITLE_CHARS, payload_bytes=CALLBACK_BYTES
        )
        self.ignored = Tally()
        self._requests = _make_requests(settings)
        self._bot = _make_bot(settings, *self._requests)
        self._pacer = Pacer()
        self._reader = UpdateReader(int(settings.token.split(":")[0]), settings.username, self.ignored)
        self._greeting: asyncio.Task[None] | None = None

    def __repr__(self) -> str:
        return f"TelegramChannel(@{self._reader.username or '?'})"

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
        """Not by ``Bot.get_updates``: of a batch with one update it cannot read it hands over none, so that the same batch
        comes for ever, and it logs the citizens' words."""
        given = {"timeout": int(timeout_s), "allowed_updates": json.dumps(ALLOWED_UPDATES)} | ({"offset": cursor} if cursor else {})
        polls = self._requests[1]
        result = await _reading(
            polls.post(f"{self._bot.base_url}/getUpdates?{urlencode(given)}", read_timeout=timeout_s + self.settings.timeout_s)
        )
        updates = [each for each in result if isinstance(each, dict)] if isinstance(result, list) else []
        numbers = [int(number) for each in updates if (number := id_text(each.get("update_id"))).isdigit()]
        messages = [message for each in updates for message in self._read(each)]
        return PollBatch(tuple(messages), str(max(numbers) + 1) if numbers else cursor)

    def _read(self, update: dict[str, Any]) -> tuple[IncomingMessage, ...]:
        try:
            return self._reader.read_update(update)
        except WebhookUnreadable:
            self.ignored.add("unreadable")  # must not hold up all that came after it
            return ()

    # Going out.

    def render(self, message: OutgoingMessage) -> list[ChannelPayload]:
        return render_message(message, self.settings.text_chars)

    async def send(self, payload: ChannelPayload) -> SendReceipt:
        if payload.method != "sendMessage":
            raise ChannelRefused("method", f"expected sendMessage, got {payload.method}")
        await self._wait_turn(payload.chat_id)
        body = dict(payload.body)
        try:
            return await self._send(body)
        except ChatMigrated as exc:  # the group became a supergroup: surely not delivered, and its new id is told
            return await _sending(self._send({**body, "chat_id": exc.new_chat_id}))
        except BadRequest as exc:
            if "parse entities" not in str(exc).lower():
                raise translate(exc) from exc
            log.warning("telegram refused our markup; sent without it")
            return await _sending(self._send(plain_body(body)))
        except RetryAfter as exc:
            fault = translate(exc)
            raise ChatThrottled(fault.code, fault.retry_after_s) if _is_group(payload.chat_id) else fault from exc
        except TelegramError as exc:
            raise translate(exc) from exc

    async def show_working(self, message: IncomingMessage) -> None:
        chat_id, _, thread = message.chat_id.partition("#")
        calls: list[Awaitable[Any]] = [
            self._bot.send_chat_action(chat_id, "typing", message_thread_id=int(thread) if thread else None)
        ]
        if message.ack_ref:
            calls.append(self._bot.answer_callback_query(message.ack_ref))
        for fault in await asyncio.gather(*calls, return_exceptions=True):
            if isinstance(fault, BaseException):
                log.debug("telegram: no typing notice (%s)", type(fault).__name__)

    async def _wait_turn(self, chat_id: str) -> None:
        rate = f"{self.settings.per_group_minute}/minute" if _is_group(chat_id) else f"{self.settings.per_chat_5s}/5second"
        try:
            await self._pacer.wait((rate, chat_id))
        except ChannelThrottled as exc:
            raise ChatThrottled(exc.code, exc.retry_after_s, "this chat's own limit") from exc
        await self._pacer.wait((f"{self.settings.per_second}/second", "all"))

    async def _send(self, body: Mapping[str, Any]) -> SendReceipt:
        keyboard, reply_to = body.get("keyboard"), body.get("reply_to")
        sent = await self._bot.send_message(
            body["chat_id"],
            body["text"],
            parse_mode=body.get("parse_mode"),
            message_thread_id=body.get("message_thread_id"),
            link_preview_options=LinkPreviewOptions(is_disabled=True),
            reply_markup=InlineKeyboardMarkup.de_json({"inline_keyboard": keyboard}, None) if keyboard else None,
            reply_parameters=ReplyParameters(reply_to, allow_sending_without_reply=True) if reply_to else None,
        )
        return SendReceipt(str(sent.message_id))

    # Operating.

    async def start(self) -> None:
        """Learn the bot's name and register its commands, in the background: Telegram may be out of reach."""
        quiet_http_logs()
        self._greeting = asyncio.create_task(self._introduce())

    async def check(self) -> list[ChannelCheck]:
        quiet_http_logs()
        return await check_bot(self._bot, self.settings)

    async def set_webhook(self, url: str) -> None:
        """ "" deletes it, which polling needs once; updates that wait are kept."""
        quiet_http_logs()
        if not url:
            await _reading(self._bot.delete_webhook(drop_pending_updates=False))
            return
        await _reading(
            self._bot.set_webhook(url, allowed_updates=list(ALLOWED_UPDATES), secret_token=self.settings.webhook_secret)
        )

    async def aclose(self) -> None:
        if self._greeting is not None:
            self._greeting.cancel()
            await asyncio.gather(self._greeting, return_exceptions=True)
        for request in self._requests:
            await request.shutdown()

    async def _introduce(self, pauses_s: Sequence[float] = (0, 5, 30, 120, 600)) -> None:
        for pause_s in pauses_s:
            await asyncio.sleep(pause_s)
            try:
                await self.learn_name()
                await self.register_commands()
                return
            except ChannelError as exc:
                log.warning("telegram: name and commands not settled yet (%s)", exc.code)

    async def learn_name(self) -> User:
        """Ask Telegram who we are. May raise ChannelError."""
        me = await _reading(self._bot.get_me())
        self._reader.username = self.settings.username or me.username or ""
        return me

    async def register_commands(self) -> None:
        """The menu of commands: Vietnamese for everybody, English where the app speaks it. May raise ChannelError."""
        vietnamese = [(name, says[0]) for name, says in COMMANDS.items()]
        english = [(name, says[1]) for name, says in COMMANDS.items()]
        await _reading(self._bot.set_my_commands(vietnamese))
        await _reading(self._bot.set_my_commands(vietnamese, language_code="vi"))
        await _reading(self._bot.set_my_commands(english, language_code="en"))


class _Request(HTTPXRequest):
    """Tells apart an error the Bot API itself reports (not done) from a gateway that failed on the way (unknown)."""

    async def do_request(self, *arguments: Any, **named: Any) -> tuple[int, bytes]:
        code, body = await super().do_request(*arguments, **named)
        if not _is_telegrams_own(body):
            raise FateUnknown(f"HTTP {code} without an answer of the Bot API")
        return code, body


def _is_telegrams_own(body: bytes) -> bool:
    try:
        return isinstance(json.loads(body).get("ok"), bool)
    except (ValueError, AttributeError):
        return False


def _make_requests(settings: TelegramSettings) -> tuple[_Request, _Request]:
    """One pool for calls, one connection for polling."""
    timeouts = {"read_timeout": settings.timeout_s, "write_timeout": settings.timeout_s, "connect_timeout": settings.connect_timeout_s}
    return _Request(connection_pool_size=32, pool_timeout=settings.timeout_s, **timeouts), _Request(connection_pool_size=1, **timeouts)


def _make_bot(settings: TelegramSettings, calls: _Request, polls: _Request) -> Bot:
    base = settings.api_url.rstrip("/")
    return Bot(settings.token, f"{base}/bot", f"{base}/file/bot", request=calls, get_updates_request=polls)


def _is_group(chat_id: str) -> bool:
    return chat_id.startswith("-")


async def _sending(request: Awaitable[Answer]) -> Answer:
    try:
        return await request
    except TelegramError as exc:
        raise translate(exc) from exc


async def _reading(request: Awaitable[Answer]) -> Answer:
    """A call that may be made again whatever came of it."""
    try:
        return await _sending(request)
    except ChannelError as exc:
        raise for_reading(exc) from exc
