"""The Bot Platform's events as ``IncomingMessage``; wrapped in ``{"ok", "result"}`` or bare, ids as text or number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.channels.reading import Tally, at_time, id_text, json_object, part, split_command, words
from connectors.errors import WebhookUnreadable
from connectors.messages import IncomingMessage
from nlu.payloads import read_payload

ZALO_BOT = "zalo-bot"
_KINDS = {"image": "photo", "photo": "photo", "sticker": "sticker", "voice": "voice", "unsupported": "unsupported"}


class EventReader:
    """Attributes: ``name``: how people address the bot in groups, "@" aside; may come later."""

    def __init__(self, name: str, ignored: Tally) -> None:
        self.name, self._ignored = name, ignored

    def read_body(self, raw: bytes) -> tuple[IncomingMessage, ...]:
        """Raises WebhookUnreadable where the body is no event."""
        body = json_object(raw)
        event = part(body, "result") or body
        if not words(event.get("event_name")):
            raise WebhookUnreadable("expected an event of Zalo's Bot Platform with event_name, got none")
        return self.read(event)

    def read(self, event: Mapping[str, Any]) -> tuple[IncomingMessage, ...]:
        """One message, or none for what nobody handles."""
        name, message = words(event.get("event_name")), part(event, "message")
        read = self._message(name, message)
        if read is None:
            self._ignored.add(name)
            return ()
        sent_at = at_time(message.get("date"))
        order = int(sent_at.timestamp() * 1000) if sent_at else 0
        return (IncomingMessage(channel=ZALO_BOT, sent_at=sent_at, order=order, **read),)

    def _message(self, name: str, message: Mapping[str, Any]) -> dict[str, Any] | None:
        sender, chat, message_id = part(message, "from"), part(message, "chat"), id_text(message.get("message_id"))
        sender_id, chat_id = id_text(sender.get("id")), id_text(chat.get("id"))
        kind = name.removeprefix("message.").removesuffix(".received")
        if not sender_id or not chat_id or not message_id or sender.get("is_bot") is True or (kind != "text" and kind not in _KINDS):
            return None
        text = words(message.get("text") or message.get("caption"))
        is_group = words(chat.get("chat_type")).upper() == "GROUP"
        if is_group:
            handle = f"@{self.name}".lower()
            if not self.name or handle not in text.lower():
                return None
            at = text.lower().index(handle)
            text = (text[:at] + text[at + len(handle) :]).strip()
        fields = _spoken(text) if kind == "text" else {"kind": _KINDS[kind], "text": text}
        return {"message_id": message_id, "origin_id": message_id, "sender_id": sender_id, "chat_id": chat_id, "is_group": is_group, **fields}


def _spoken(text: str) -> dict[str, str]:
    command, rest = split_command(text)
    return {"kind": "command" if command else "button" if read_payload(text) else "text", "text": rest, "command": command}

