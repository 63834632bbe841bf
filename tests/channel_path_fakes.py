"""Stand-ins for tests of the message path: a channel that keeps what it is sent, and an answerer that says the question."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from connectors.ask_flow import Turn
from connectors.channels.base import ChannelCheck, ChannelLimits, ChannelPayload, PollBatch, SendReceipt
from connectors.errors import ChannelError, WebhookRefused, WebhookUnreadable
from connectors.messages import IncomingMessage, OutgoingMessage
from connectors.models import AskResponse

SECRET = "right"


def event(message_id: str, text: str = "hỏi", chat: str = "c1", order: int = 0, **more: Any) -> IncomingMessage:
    sender = more.pop("sender_id", chat)
    return IncomingMessage("fake", message_id, sender, chat, more.pop("kind", "text"), text, order=order, **more)


class FakeChannel:
    """``Channel`` in memory. ``faults``: raised by the next sends, one each; None lets one through."""

    def __init__(self, name: str = "fake", limits: ChannelLimits | None = None) -> None:
        self.name = name
        self.limits = limits or ChannelLimits(text_chars=4_000, buttons=10, button_title_chars=40, payload_bytes=64)
        self.sent: list[tuple[str, str]] = []
        self.payloads: list[ChannelPayload] = []
        self.faults: list[ChannelError | None] = []
        self.batches: list[PollBatch] = []
        self.cursors: list[str] = []
        self.shown: list[str] = []
        self.is_started = self.is_closed = False

    def verify(self, raw: bytes, headers: Mapping[str, str]) -> None:
        if headers.get("x-secret") != SECRET:
            raise WebhookRefused("wrong")

    def parse(self, raw: bytes, headers: Mapping[str, str]) -> Sequence[IncomingMessage]:
        try:
            return [IncomingMessage.from_json(each) for each in json.loads(raw)]
        except (ValueError, TypeError) as exc:
            raise WebhookUnreadable("expected a list of events") from exc

    def render(self, message: OutgoingMessage) -> list[ChannelPayload]:
        numbered = () if self.limits.buttons else tuple(button.payload for button in message.buttons)
        body = {"text": message.text, "buttons": [[button.title, button.payload] for button in message.buttons]}
        return [ChannelPayload("send", body, message.chat_id, numbered)]

    async def send(self, payload: ChannelPayload) -> SendReceipt:
        fault = self.faults.pop(0) if self.faults else None
        if fault is not None:
            raise fault
        self.sent.append((payload.chat_id, payload.body["text"]))
        self.payloads.append(payload)
        return SendReceipt(f"r{len(self.sent)}")

    async def show_working(self, message: IncomingMessage) -> None:
        self.shown.append(message.chat_id)

    async def poll(self, cursor: str, timeout_s: float) -> PollBatch:
        import asyncio

        self.cursors.append(cursor)
        if self.batches:
            return self.batches.pop(0)
        await asyncio.sleep(0.05)
        return PollBatch((), cursor)

    async def check(self) -> list[ChannelCheck]:
        return [ChannelCheck("token", True, "ok")]

    async def set_webhook(self, url: str) -> None:
        self.webhook = url

    async def start(self) -> None:
        self.is_started = True

    async def aclose(self) -> None:
        self.is_closed = True

    def texts(self, chat: str = "c1") -> list[str]:
        return [text for each, text in self.sent if each == chat]


class EchoFlow:
    """Answers "re: question"; ``statuses`` sets how the next turns end (an exception is raised)."""

    def __init__(self) -> None:
        self.forgotten: list[str] = []
        self.asked: list[tuple[str, str, dict[str, Any] | None]] = []
        self.statuses: list[str | Exception] = []

    async def ask(self, question: str, session_id: str | None, context: dict[str, Any] | None = None) -> Turn:
        self.asked.append((question, session_id or "", context))
        is_asked_for_a_person = question == "#nguoi" and not self.statuses
        status = self.statuses.pop(0) if self.statuses else "chitchat_smalltalk"
        if isinstance(status, Exception):
            raise status
        messages = [{"text": f"re: {question}", "buttons": [{"title": "Gặp cán bộ", "payload": "#nguoi"}]}]
        if is_asked_for_a_person:
            status, messages = "handoff_requested", [{"text": "Tổng đài 1800 1096"}]
        response = AskResponse.model_validate({"session_id": session_id or "s", "status": status, "messages": messages})
        return Turn(question, response, context or {}, {"procedure_code": question[-8:], "last_status": status})

    async def forget(self, session_id: str) -> None:
        self.forgotten.append(session_id)
