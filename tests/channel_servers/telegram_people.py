"""What people do in Telegram: each act makes the update that the Bot API would deliver."""

from __future__ import annotations

from typing import Any

from tests.channel_servers.telegram_html import utf16_units


class TelegramPeople:
    """Chats, messages and updates. A person appears with their first act; ids are whole numbers."""

    acts = ("say", "edit", "press", "send", "say_in_group", "block", "unblock", "leave_chat")

    def __init__(self, bot: dict[str, Any]) -> None:
        self.bot = bot
        self.chats: dict[int, dict[str, Any]] = {}
        self.messages: dict[tuple[int, int], dict[str, Any]] = {}
        self.blocked: set[int] = set()
        self._next_update, self._next_message, self._next_press = 700_000_000, 1_000, 0

    def say(self, user: int, text: str, language: str = "vi", secret: str | None = None, delay_s: float = 0.0) -> int:
        """A private message, ``/commands`` marked as Telegram does. Returns the update's id."""
        message = self._written(self._private(user), user, language) | {"text": text}
        if text.startswith("/"):
            message["entities"] = [{"type": "bot_command", "offset": 0, "length": utf16_units(text.split()[0])}]
        return self._update("message", message, secret, delay_s)

    def send(self, user: int, content: dict[str, Any], caption: str = "") -> int:
        """A message that is no text: ``{"sticker": {…}}``, ``{"voice": {…}}`` …"""
        message = self._written(self._private(user), user) | content | ({"caption": caption} if caption else {})
        return self._update("message", message)

    def edit(self, user: int, message_id: int, text: str) -> int:
        message = dict(self.messages[user, message_id]) | {"text": text, "edit_date": int(self.now())}
        return self._update("edited_message", message)

    def move(self, user: int, message_id: int) -> int:
        """A live location moves on: Telegram brings it as an edit."""
        message = dict(self.messages[user, message_id]) | {"location": {"latitude": 21.0, "longitude": 105.8}, "edit_date": int(self.now())}
        return self._update("edited_message", message)

    def press(self, user: int, message_id: int, data: str, language: str = "vi") -> int:
        """Press an inline button of a message of the bot's."""
        self._next_press += 1
        query = str(4_382_000_000_000_000_000 + self._next_press)
        self.open_presses[query] = True
        shown = {key: value for key, value in self.messages[user, message_id].items() if not key.startswith("_")}
        pressed = {"id": query, "from": _person(user, language), "message": shown, "chat_instance": str(user), "data": data}
        return self._update("callback_query", pressed)

    def written_in_group(self, user: int, group: int, text: str) -> dict[str, Any]:
        """A message of a group that is not sent yet."""
        chat = self.chats.setdefault(group, {"id": group, "type": "supergroup", "title": "Tổ dân phố thử"})
        return self._written(chat, user) | {"text": text}

    def say_in_group(self, user: int, group: int, text: str, mentions: bool = False, reply_to: int = 0, command: bool = False) -> int:
        """Write in a group; ``mentions`` puts "@bot" in front, ``reply_to`` answers a message there."""
        message = self.written_in_group(user, group, text)
        handle = "@" + self.bot["username"]
        if mentions:
            message |= {"text": f"{handle} {text}", "entities": [{"type": "mention", "offset": 0, "length": len(handle)}]}
        elif command:
            message |= {"text": text, "entities": [{"type": "bot_command", "offset": 0, "length": utf16_units(text.split()[0])}]}
        if reply_to:
            message["reply_to_message"] = self.messages[group, reply_to]
        return self._update("message", message)

    def block(self, user: int) -> int:
        self.blocked.add(user)
        return self._membership(user, "member", "kicked")

    def unblock(self, user: int) -> int:
        self.blocked.discard(user)
        return self._membership(user, "kicked", "member")

    def leave_chat(self, group: int, user: int) -> int:
        """A group's owner removes the bot."""
        self.blocked.add(group)
        return self._membership(user, "member", "kicked", self.chats[group])

    def bot_message(self, chat: dict[str, Any], text: str, keyboard: list[Any]) -> dict[str, Any]:
        self._next_message += 1
        sender = {key: self.bot[key] for key in ("id", "is_bot", "first_name", "username")}
        message = {"message_id": self._next_message, "from": sender, "chat": chat, "date": int(self.now()), "text": text}
        if keyboard:
            message["reply_markup"] = {"inline_keyboard": keyboard}
        self.messages[chat["id"], self._next_message] = message | {"_keyboard": keyboard}
        return message

    def last_message_id(self, chat: int) -> int:
        """Of what was written last in a chat, by anybody."""
        return max(number for where, number in self.messages if where == chat)

    def _private(self, user: int) -> dict[str, Any]:
        return self.chats.setdefault(user, {"id": user, "type": "private", "first_name": "Người thử"})

    def _written(self, chat: dict[str, Any], user: int, language: str = "vi") -> dict[str, Any]:
        self._next_message += 1
        message = {"message_id": self._next_message, "from": _person(user, language), "chat": chat, "date": int(self.now())}
        self.messages[chat["id"], self._next_message] = message
        return message

    def _membership(self, user: int, old: str, new: str, chat: dict[str, Any] | None = None) -> int:
        def member(status: str) -> dict[str, Any]:
            return {"user": self.bot, "status": status} | ({"until_date": 0} if status == "kicked" else {})

        change = {
            "chat": chat or self._private(user), "from": _person(user), "date": int(self.now()),
            "old_chat_member": member(old), "new_chat_member": member(new),
        }  # fmt: skip
        return self._update("my_chat_member", change)

    def _update(self, kind: str, content: dict[str, Any], secret: str | None = None, delay_s: float = 0.0) -> int:
        with self.lock:
            self._next_update += 1
            number = self._next_update
            if kind == "message":
                self.messages[content["chat"]["id"], content["message_id"]] = content
        self.deliver({"update_id": number, kind: content}, secret, delay_s)
        return number


def _person(user: int, language: str = "vi") -> dict[str, Any]:
    return {"id": user, "is_bot": False, "first_name": "Người thử", "language_code": language}
