"""Telegram's updates as ``IncomingMessage``. Read by the library's own classes; what is missing makes no fault."""

from __future__ import annotations

import logging
import re
from typing import Any

from telegram import CallbackQuery, ChatMemberUpdated, InaccessibleMessage, Message, MessageEntity, Update

from connectors.channels.reading import Tally, id_text, json_object, part, split_command, words
from connectors.channels.telegram_commands import COMMANDS
from connectors.errors import WebhookUnreadable
from connectors.messages import IncomingMessage

log = logging.getLogger(__name__)
#: What we ask Telegram for; everything else is not even sent to us.
ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")
#: Attribute of a message → our kind, in the order they are looked for.
_CONTENTS = (
    ("photo", "photo"), ("voice", "voice"), ("audio", "voice"), ("video", "video"), ("video_note", "video"),
    ("animation", "video"), ("sticker", "sticker"), ("document", "file"), ("venue", "location"), ("location", "location"),
    ("contact", "contact"), ("poll", "unsupported"), ("dice", "unsupported"), ("game", "unsupported"), ("story", "unsupported"),
    ("invoice", "unsupported"), ("paid_media", "unsupported"), ("checklist", "unsupported"), ("giveaway", "unsupported"),
)  # fmt: skip
_FACTS = {"file_id": "id", "file_size": "size", "mime_type": "mime", "latitude": "latitude", "longitude": "longitude"}
_PLAIN_PARTS = {
    "message_id", "from", "chat", "date", "edit_date", "text", "caption", "entities", "caption_entities", "message_thread_id",
    "is_topic_message",
}  # fmt: skip
_GONE = ("left", "kicked")


class UpdateReader:
    """Attributes: ``bot_id`` and ``username`` decide what addresses the bot in a group; the name may come later."""

    def __init__(self, bot_id: int, username: str, ignored: Tally) -> None:
        self.bot_id, self.username, self._ignored = bot_id, username, ignored

    def read_body(self, raw: bytes) -> tuple[IncomingMessage, ...]:
        """Raises WebhookUnreadable where the body is no update; one of a kind nobody knows is counted instead."""
        return self.read_update(json_object(raw))

    def read_update(self, body: dict[str, Any]) -> tuple[IncomingMessage, ...]:
        """The same of an update that a poll brought."""
        if not id_text(body.get("update_id")).isdigit():
            raise WebhookUnreadable("expected a Telegram update with a numeric update_id, got none")
        kinds = [name for name in body if name != "update_id"]
        if not set(kinds) & set(ALLOWED_UPDATES):
            self._ignored.add(kinds[0] if kinds else "empty")
            return ()
        try:
            return self.read(Update.de_json(body, None))
        except Exception:  # the library's readers raise whatever a missing field leads to
            return self._read_reduced(body)

    def _read_reduced(self, body: dict[str, Any]) -> tuple[IncomingMessage, ...]:
        """The plain parts alone: content that the library cannot read (a newer Bot API) must not swallow the message."""
        reduced: dict[str, Any] = {"update_id": body["update_id"]}
        for name in ("message", "edited_message"):
            if name in body:
                reduced[name] = {key: value for key, value in part(body, name).items() if key in _PLAIN_PARTS}
        try:
            return self.read(Update.de_json(reduced, None), otherwise="unsupported")
        except Exception as exc:
            log.warning("telegram: an update could not be read (%s)", type(exc).__name__)
            self._ignored.add("unreadable")  # refused, it would come again and again
            return ()

    def read(self, update: Update, otherwise: str = "") -> tuple[IncomingMessage, ...]:
        """One message, or none for what nobody handles. ``otherwise``: kind of a message without known content."""
        read = None
        if update.message is not None:
            read = self._message(update.message, "", otherwise)
        elif update.edited_message is not None:
            read = self._message(update.edited_message, "edit")
        elif update.callback_query is not None:
            read = self._press(update.callback_query)
        elif update.my_chat_member is not None:
            read = self._membership(update.my_chat_member)
        if read is None:
            self._ignored.add(_name_of(update))
            return ()
        number = int(update.update_id)
        return (IncomingMessage(channel="telegram", message_id=str(number), order=number, **read),)

    def _message(self, message: Message, kind: str, otherwise: str = "") -> dict[str, Any] | None:
        if message.from_user is None or message.from_user.is_bot:
            return None
        text = words(message.text or message.caption)
        command, rest = self._command(message, text)
        is_group = message.chat.type in ("group", "supergroup")
        if is_group:
            if not self._is_addressed(message, text, command):
                return None
            rest = self._without_mention(rest)
        elif message.chat.type != "private":
            return None
        content, media = _content(message)
        if not kind:
            kind = "command" if command else content or ("text" if text else otherwise)
        if not kind:
            return None  # somebody joined, a title changed, a message was pinned
        if kind == "edit" and not rest:
            return None  # a place that moves on, a picture changed: no words to answer
        return {
            "kind": kind, "text": rest, "command": command if kind == "command" else "", "media": media, "is_group": is_group,
            "sender_id": id_text(message.from_user.id), "chat_id": chat_key(message), "origin_id": id_text(message.message_id),
            "reply_to_id": id_text(message.reply_to_message.message_id) if message.reply_to_message else "",
            "sent_at": message.edit_date or message.date, "language": words(message.from_user.language_code),
        }  # fmt: skip

    def _command(self, message: Message, text: str) -> tuple[str, str]:
        """Name and the words after it; ("", text) where it is none, or another bot's."""
        name, at, bot = text.split(maxsplit=1)[0].partition("@") if text.startswith("/") and text.strip() else ("", "", "")
        if at and bot.lower() != self.username.lower():
            return "", text
        command, _ = split_command(name)
        return (command, text[len(name + at + bot) :].strip()) if command else ("", text)

    def _is_addressed(self, message: Message, text: str, command: str) -> bool:
        answered = message.reply_to_message
        if answered is not None and answered.from_user is not None and answered.from_user.id == self.bot_id:
            return True
        if command in COMMANDS:
            return True
        entities = message.parse_entities(["mention", "text_mention"]) or message.parse_caption_entities(["mention", "text_mention"])
        return any(self._is_us(entity, shown) for entity, shown in entities.items())

    def _is_us(self, entity: MessageEntity, shown: str) -> bool:
        if entity.user is not None:
            return entity.user.id == self.bot_id
        return bool(self.username) and shown.lower() == f"@{self.username}".lower()

    def _without_mention(self, text: str) -> str:
        if not self.username:
            return text.strip()
        return re.sub(rf"(?<!\S)@{re.escape(self.username)}(?!\w)[,.:;?!]*\s?", "", text, flags=re.IGNORECASE).strip()

    def _press(self, query: CallbackQuery) -> dict[str, Any] | None:
        message = query.message
        if message is None or not query.data:
            return None
        chat_id = id_text(message.chat.id) if isinstance(message, InaccessibleMessage) else chat_key(message)
        return {
            "kind": "button", "text": words(query.data), "sender_id": id_text(query.from_user.id), "chat_id": chat_id,
            "ack_ref": id_text(query.id), "origin_id": id_text(message.message_id), "is_group": message.chat.type != "private",
            "language": words(query.from_user.language_code),
        }  # fmt: skip

    def _membership(self, change: ChatMemberUpdated) -> dict[str, Any] | None:
        """In private: blocked and unblocked. In a group: only that we were put out."""
        is_private, was, now = change.chat.type == "private", change.old_chat_member.status, change.new_chat_member.status
        if now in _GONE:
            kind = "unfollow"
        elif is_private and was in _GONE:
            kind = "follow"
        else:
            return None
        return {
            "kind": kind, "sender_id": id_text(change.from_user.id), "chat_id": id_text(change.chat.id), "sent_at": change.date,
            "is_group": not is_private, "language": words(change.from_user.language_code),
        }  # fmt: skip


def chat_key(message: Message) -> str:
    """Where an answer goes; in a forum "group#topic", so that it does not land in the general topic."""
    thread = message.message_thread_id if message.is_topic_message else None
    return f"{message.chat.id}#{thread}" if thread else str(message.chat.id)


def _content(message: Message) -> tuple[str, dict[str, Any]]:
    for attribute, kind in _CONTENTS:
        found = getattr(message, attribute, None)
        if found:
            item = found[-1] if isinstance(found, (tuple, list)) else found
            facts = {ours: getattr(item, theirs, None) for theirs, ours in _FACTS.items()} if kind != "contact" else {}
            return kind, {key: value for key, value in facts.items() if isinstance(value, (str, int, float))}
    return "", {}


def _name_of(update: Update) -> str:
    """What Telegram calls the kind of update, for the figures."""
    for name in ALLOWED_UPDATES:
        if getattr(update, name) is not None:
            return name
    return "empty"


