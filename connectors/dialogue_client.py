"""Speaks Rasa's REST channel: one question out, one merged reply back.

Facts about Rasa 3.6.21 that shape this file: the channel swallows exceptions and answers ``[]`` with
200; the lock of one conversation polls every second, so messages of one sender queue here; a tracker
that grows for ever slows down, so the sender id is rotated; trackers live in bounded memory and may be
gone, so the context travels with every message as metadata (key ``session_context``), which Rasa hands to
the actions untouched; a text that begins with "/" after stripping is a command ("/restart"), so citizens'
leading slashes are dropped.
"""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from connectors.circuit import CircuitBreaker
from connectors.errors import DialogueUnavailable
from connectors.http_client import HttpClient
from connectors.models import SESSION_ID_PATTERN
from connectors.ports import ContextJson, ReplyJson
from connectors.sessions import AgeingCache, KeyedLocks
from connectors.settings import DialogueSettings

log = logging.getLogger(__name__)
MAX_SENDERS = 20_000


@dataclass
class _Sender:
    """The id under which Rasa knows a session now, and how many turns it has had."""

    id: str
    n_turns: int = 0


class RasaDialogue:
    """``Dialogue`` over HTTP. One instance for one event loop; close it with ``aclose``.

    ``address`` says where Rasa is now ("http://127.0.0.1:5005"), None while it does not run: its port may
    change when it starts again. Without it Rasa stays at ``settings.base_url``.
    """

    def __init__(
        self,
        settings: DialogueSettings,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
        address: Callable[[], str | None] | None = None,
    ) -> None:
        self._settings = settings
        self._address = address or (lambda: settings.base_url)
        self._client = HttpClient(
            params={"token": settings.token} if settings.token else None,
            timeout=httpx.Timeout(settings.timeout_s, connect=settings.connect_timeout_s),
            transport=transport,
            trust_env=False,  # a proxy of the environment must never see citizens' words
        )
        self._locks = KeyedLocks()
        self._senders: AgeingCache[_Sender] = AgeingCache(MAX_SENDERS, settings.sender_expiry_s, clock)
        self._breaker = CircuitBreaker(settings.failures_to_open, settings.open_s, clock)

    async def ask(
        self, question: str, session_id: str, context: ContextJson | None = None, is_stale: bool = False
    ) -> ReplyJson:
        if not re.fullmatch(SESSION_ID_PATTERN, session_id):
            raise ValueError(f"session_id: expected {SESSION_ID_PATTERN}, got {len(session_id)} characters")
        async with self._locks.hold(session_id):
            self._breaker.check()
            sender = self._sender_of(session_id, has_context=context is not None, is_stale=is_stale)
            body: dict[str, Any] = {"sender": sender.id, "message": without_command(question)}
            if context is not None:
                body["metadata"] = {"session_context": dict(context)}
            reply = await self._turn(body)
            sender.n_turns += 1
            self._senders.set(session_id, sender)
            return reply

    async def is_alive(self) -> bool:
        try:
            response = await self._client.get(self._url("/"), timeout=self._settings.connect_timeout_s)
        except (httpx.HTTPError, DialogueUnavailable):
            return False
        return response.is_success

    async def forget(self, session_id: str) -> None:
        """Empty the tracker of the session's present sender; earlier ones fall out of Rasa's bounded memory."""
        async with self._locks.hold(session_id):
            sender = self._senders.get(session_id)
            self._senders.drop(session_id)
            if sender is None:
                return
            try:
                await self._client.put(self._url(f"/conversations/{sender.id}/tracker/events"), json=[])
            except (httpx.HTTPError, DialogueUnavailable) as exc:
                log.warning("a tracker could not be emptied (%s)", type(exc).__name__)

    async def aclose(self) -> None:
        await self._client.aclose()

    def _url(self, path: str) -> str:
        address = self._address()
        if address is None:
            raise DialogueUnavailable("absent", "no process of Rasa runs")
        return address + path

    def _sender_of(self, session_id: str, has_context: bool, is_stale: bool) -> _Sender:
        """The sender to use. A stale one is left: the turn it missed may still hold its lock in Rasa."""
        sender = self._senders.get(session_id)
        if sender is not None and sender.n_turns < self._settings.turns_per_sender and not is_stale:
            return sender
        if sender is None and not has_context:
            return _Sender(session_id)
        # "." cannot stand in a session id, so a rotated id never meets another session's.
        return _Sender(f"{session_id}.{secrets.token_hex(4)}")

    async def _turn(self, body: dict[str, Any]) -> ReplyJson:
        url = self._url("/webhooks/rest/webhook")  # without a process nothing was tried: no failure for the breaker
        try:
            reply = merge_messages(await self._post(url, body))
        except DialogueUnavailable:
            self._breaker.failed()
            raise
        self._breaker.succeeded()
        return reply

    async def _post(self, url: str, body: dict[str, Any]) -> Any:
        """The one seam where httpx's errors become ours. Details name no word of the citizen."""
        try:
            response = await self._client.post(url, json=body)
            response.raise_for_status()
            return response.json()
        except httpx.TimeoutException as exc:
            raise DialogueUnavailable("timeout", f"no answer in {self._settings.timeout_s} s") from exc
        except httpx.HTTPStatusError as exc:
            raise DialogueUnavailable("http_status", str(exc.response.status_code)) from exc
        except httpx.HTTPError as exc:
            raise DialogueUnavailable("connection", type(exc).__name__) from exc
        except ValueError as exc:
            raise DialogueUnavailable("protocol", "the body is no JSON") from exc


def without_command(text: str) -> str:
    """The text without leading slashes: Rasa strips white space, then reads "/intent" as a command."""
    return re.sub(r"^[\s/]+", "", text)


def merge_messages(messages: Any) -> ReplyJson:
    """Make one reply of Rasa's list of messages.

    A ``custom.reply`` of our actions is whole and wins; texts beside it follow as further bubbles. Plain
    ``utter_`` responses are texts with their buttons, their status in ``custom.status``.

    Raises:
        DialogueUnavailable: ``empty`` for ``[]`` (Rasa swallowed an exception), ``protocol`` for a shape
            that holds neither a reply nor a status.
    """
    if not isinstance(messages, list) or not all(isinstance(message, dict) for message in messages):
        raise DialogueUnavailable("protocol", "expected a list of messages")
    if not messages:
        raise DialogueUnavailable("empty", "Rasa answered []")
    customs = [message["custom"] for message in messages if isinstance(message.get("custom"), dict)]
    bubbles = [_bubble(message) for message in messages if message.get("text")]
    whole = next((custom["reply"] for custom in customs if isinstance(custom.get("reply"), dict)), None)
    if whole is not None and isinstance(whole.get("status"), str):
        return {**whole, "messages": [*whole.get("messages", ()), *bubbles]}
    marks = {key: value for custom in customs for key, value in custom.items()}
    if isinstance(marks.get("status"), str) and bubbles:
        return {**marks, "messages": bubbles}
    raise DialogueUnavailable("protocol", "no message held a reply, or a text with a status")


def _bubble(message: dict[str, Any]) -> dict[str, Any]:
    buttons = [
        {"title": str(button.get("title", "")), "payload": str(button.get("payload", ""))}
        for button in message.get("buttons") or ()
    ]
    return {"text": str(message["text"]), "buttons": buttons, "card": None}
