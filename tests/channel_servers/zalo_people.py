"""What people do in Zalo: citizens, and staff in the OA manager. Ids and times are strings, as Zalo sends them."""

from __future__ import annotations

from typing import Any


class ZaloPeople:
    acts = ("say", "send", "follow", "unfollow", "submit_info", "staff_says", "seen", "raw", "expire_tokens", "revoke_all", "set_webhook_url")

    def __init__(self, app_id: str, oa_id: str) -> None:
        self.app_id, self.oa_id = app_id, oa_id
        self.last_interaction: dict[str, float] = {}
        self.followers: set[str] = set()
        self.restricting: set[str] = set()
        self._number = 0

    def set_webhook_url(self, url: str) -> None:
        """What the OA's owner types into the developer console; there is no call for it."""
        self.webhook_url = url

    def say(self, user: str, text: str, msg_id: str = "", skew_s: float = 0.0, **delivery: Any) -> str:
        """A text message; a pressed query button arrives as one too, its payload being the text."""
        msg_id = msg_id or self._new_id()
        self._interacted(user)
        self.deliver(self._event("user_send_text", user, skew_s, message={"text": text, "msg_id": msg_id}), **delivery)
        return msg_id

    def send(self, user: str, kind: str, payload: dict[str, Any], text: str = "") -> str:
        """``image``, ``sticker``, ``audio``, ``file``, ``location`` … with its payload."""
        msg_id = self._new_id()
        self._interacted(user)
        message: dict[str, Any] = {"msg_id": msg_id, "attachments": [{"type": kind, "payload": payload}]}
        if text:
            message["text"] = text
        self.deliver(self._event(f"user_send_{kind}", user, message=message))
        return msg_id

    def follow(self, user: str) -> None:
        self._interacted(user)
        self.followers.add(user)
        self.deliver(self._follower_event("follow", user))

    def unfollow(self, user: str) -> None:
        self.followers.discard(user)
        self.deliver(self._follower_event("unfollow", user))

    def submit_info(self, user: str, info: dict[str, Any]) -> None:
        """The form "share your information" was filled in."""
        self._interacted(user)
        self.deliver(self._event("user_submit_info", user, info=info))

    def staff_says(self, user: str, text: str, admin_id: str = "3000000000000000003") -> None:
        """Somebody answered from the OA manager; admin_id "" is the echo of a message sent through the API."""
        sender = {"id": self.oa_id} | ({"admin_id": admin_id} if admin_id else {})
        event = self._event("oa_send_text", user, message={"text": text, "msg_id": self._new_id()})
        self.deliver(event | {"sender": sender, "recipient": {"id": user}})

    def seen(self, user: str, msg_ids: list[str]) -> None:
        event = self._event("user_seen_message", user, message={"msg_ids": msg_ids})
        self.deliver(event | {"sender": {"id": self.oa_id}, "recipient": {"id": user}})

    def raw(self, event: dict[str, Any]) -> None:
        """Any event as it is, signed."""
        self.deliver(event)

    def _event(self, name: str, user: str, skew_s: float = 0.0, **content: Any) -> dict[str, Any]:
        return {
            "app_id": self.app_id, "user_id_by_app": "9" + user[1:], "event_name": name, "sender": {"id": user},
            "recipient": {"id": self.oa_id}, "timestamp": self._timestamp(skew_s), **content,
        }  # fmt: skip

    def _follower_event(self, name: str, user: str) -> dict[str, Any]:
        return {
            "oa_id": self.oa_id, "follower": {"id": user}, "user_id_by_app": "9" + user[1:], "event_name": name,
            "source": "oa_profile", "app_id": self.app_id, "timestamp": self._timestamp(),
        }  # fmt: skip

    def _interacted(self, user: str) -> None:
        self.last_interaction[user] = self.now()

    def _timestamp(self, skew_s: float = 0.0) -> str:
        return str(int((self.now() + skew_s) * 1000))

    def _new_id(self) -> str:
        with self.lock:
            self._number += 1
            return f"{self._number:08x}{'a' * 16}"
