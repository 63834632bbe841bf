"""Zalo OA's events as ``IncomingMessage``. Ids come as text, but numbers are taken; unknown events are counted."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from connectors.channels.reading import Tally, at_time, id_text, json_object, part, split_command, words
from connectors.errors import WebhookUnreadable
from connectors.messages import IncomingMessage
from nlu.payloads import read_payload

_KINDS = {
    "image": "photo", "gif": "photo", "audio": "voice", "video": "video", "file": "file", "sticker": "sticker",
    "location": "location", "business_card": "contact", "link": "unsupported",
}  # fmt: skip
_KEPT_FACTS = ("id", "size", "type")
_MOST_REMEMBERED = 2_000


class EventReader:
    """Reads events of one OA; remembers ids of our own messages, so that their echo is not taken for a person's."""

    def __init__(self, staff_needs_admin_id: bool, ignored: Tally) -> None:
        self._staff_needs_admin_id, self._ignored = staff_needs_admin_id, ignored
        self._ours: OrderedDict[str, None] = OrderedDict()

    def remember_ours(self, message_id: str) -> None:
        self._ours[message_id] = None
        while len(self._ours) > _MOST_REMEMBERED:
            self._ours.popitem(last=False)

    def read_body(self, raw: bytes) -> tuple[IncomingMessage, ...]:
        """Raises WebhookUnreadable where the body is no event."""
        event = json_object(raw)
        name = words(event.get("event_name"))
        if not name:
            raise WebhookUnreadable("expected a Zalo event with event_name, got none")
        read = self._read(name, event)
        if read is None:
            self._ignored.add(name)
            return ()
        sent_at = at_time(event.get("timestamp"))
        person = read["chat_id"]
        message_id = id_text(part(event, "message").get("msg_id")) or f"{name}:{person}:{id_text(event.get('timestamp'))}"
        order = int(sent_at.timestamp() * 1000) if sent_at else 0
        return (IncomingMessage(channel="zalo", message_id=message_id, sent_at=sent_at, order=order, **read),)

    def _read(self, name: str, event: Mapping[str, Any]) -> dict[str, Any] | None:
        if name in ("follow", "unfollow"):
            return _from(part(event, "follower") or part(event, "sender"), kind=name)
        if name == "user_submit_info":
            return _from(part(event, "sender"), kind="contact")  # the values stay out: nobody needs them
        if name == "user_send_text":
            return self._text(event)
        if name.startswith("user_send_"):
            return _attachment(name.removeprefix("user_send_"), event)
        if name.startswith("oa_send_"):
            return self._from_staff(event)
        return None

    def _text(self, event: Mapping[str, Any]) -> dict[str, Any] | None:
        """Words, a command typed, or a pressed query button, whose payload comes as if it had been typed."""
        message = part(event, "message")
        text = words(message.get("text"))
        command, rest = split_command(text)
        kind = "command" if command else "button" if read_payload(text) else "text"
        return _from(
            part(event, "sender"), kind=kind, text=rest, command=command, origin_id=id_text(message.get("msg_id")),
            reply_to_id=id_text(message.get("quote_msg_id")),
        )  # fmt: skip

    def _from_staff(self, event: Mapping[str, Any]) -> dict[str, Any] | None:
        """Somebody wrote from the OA manager. What the API sent comes back as the same event without admin_id."""
        sender, message_id = part(event, "sender"), id_text(part(event, "message").get("msg_id"))
        if message_id in self._ours or (self._staff_needs_admin_id and not id_text(sender.get("admin_id"))):
            return None
        return _from(part(event, "recipient"), kind="staff")


def _attachment(kind: str, event: Mapping[str, Any]) -> dict[str, Any] | None:
    message = part(event, "message")
    attachments = message.get("attachments")
    first = attachments[0] if isinstance(attachments, list) and attachments and isinstance(attachments[0], dict) else {}
    payload = part(first, "payload")
    ours = _KINDS.get(kind, "unsupported")
    media = {key: payload[key] for key in _KEPT_FACTS if isinstance(payload.get(key), (str, int))}
    if ours == "location":
        media |= {key: value for key, value in part(payload, "coordinates").items() if key in ("latitude", "longitude")}
    return _from(
        part(event, "sender"), kind=ours, text=words(message.get("text")), media={} if ours == "contact" else media,
        origin_id=id_text(message.get("msg_id")),
    )  # fmt: skip


def _from(person: Mapping[str, Any], **fields: Any) -> dict[str, Any] | None:
    """The person's id twice: Zalo knows no other chats. None where it is missing."""
    user_id = id_text(person.get("id"))
    return {"sender_id": user_id, "chat_id": user_id, **fields} if user_id else None
