"""What crosses between a channel and the message path, whatever the channel: immutable, JSON-able, no markup.

A connector turns its channel's events into ``IncomingMessage`` and renders ``OutgoingMessage`` back. Nothing
here knows a channel's limits; ``connectors/channels/base.py`` does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Literal

#: What came. ``edit``: the words of an earlier message were changed. ``unsupported``: a message whose content
#: the channel did not hand over or nobody reads (a call, a poll, a business card).
#: Not from a citizen's keyboard: ``follow`` (began to follow, or unblocked), ``unfollow`` (left, or blocked us),
#: ``contact`` (filled in the channel's own form; its values are not carried), ``staff`` (a person wrote from the
#: channel's own console, so the assistant keeps quiet in that chat).
IncomingKind = Literal[
    "text", "button", "command", "edit", "photo", "voice", "video", "file", "sticker", "location", "contact",
    "unsupported", "follow", "unfollow", "staff",
]  # fmt: skip

#: Kinds whose ``text`` is answered as a question.
SPOKEN_KINDS: frozenset[str] = frozenset({"text", "button", "command", "edit"})


def now_utc() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class IncomingMessage:
    """One event of a channel that the message path has to handle.

    Attributes:
        channel: ``Channel.name``, for example ``telegram``, ``zalo``, ``zalo-bot``.
        message_id: unique in the channel for at least 24 hours and the same when the channel delivers the event
            again; deduplication goes by it (Telegram: update_id; Zalo: msg_id, else event + user + timestamp).
        sender_id: who wrote; the channel's own id, never a telephone number. Order holds for each chat_id.
        chat_id: where an answer goes; the sender in private chats.
        kind: see ``IncomingKind``.
        text: what was written, a caption, a button's payload, a command's words after its name. Personal data
            still in it: it is masked before anything stores it.
        command: without slash, lower case, as typed before any "@bot" (``start``, ``nguoi``); "" otherwise.
        sent_at: when the channel says it was sent, UTC; None when it says nothing. Only for ordering, never trusted.
        received_at: our clock, UTC.
        order: grows with the channel's own order inside a chat where it has one (update_id, timestamp in ms);
            0 where it has none. Pending messages of a chat are handled by it.
        is_group: several people read along. Connectors drop group messages that do not address the assistant.
        reply_to_id: the channel's id of the message this one answers or quotes; "" when none.
        origin_id: the channel's id of the message itself, to quote it (Telegram: message_id). "" when none.
        ack_ref: what the channel wants back at once (Telegram: callback query id); "" when nothing.
        language: language tag of the sender's app (``vi``, ``en``); "" when unknown.
        media: facts about an attachment, JSON-able: ``id``, ``size``, ``mime``, ``latitude``, ``longitude``.
            No name, no words, no public address of the file.
    """

    channel: str
    message_id: str
    sender_id: str
    chat_id: str
    kind: IncomingKind
    text: str = ""
    command: str = ""
    sent_at: datetime | None = None
    received_at: datetime = field(default_factory=now_utc)
    order: int = 0
    is_group: bool = False
    reply_to_id: str = ""
    origin_id: str = ""
    ack_ref: str = ""
    language: str = ""
    media: Mapping[str, Any] = field(default_factory=dict)

    def with_text(self, text: str) -> IncomingMessage:
        return replace(self, text=text)

    def to_json(self) -> dict[str, Any]:
        shown = asdict(self)
        shown["sent_at"] = self.sent_at.isoformat() if self.sent_at else None
        shown["received_at"] = self.received_at.isoformat()
        return shown

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> IncomingMessage:
        """Undo ``to_json``; fields of a later version are left out, missing ones take their defaults."""
        known = {key: value for key, value in stored.items() if key in cls.__dataclass_fields__}
        for key in ("sent_at", "received_at"):
            if isinstance(known.get(key), str):
                known[key] = datetime.fromisoformat(known[key])
        return cls(**known)


@dataclass(frozen=True)
class Button:
    """Something to press. Exactly one of ``payload``, ``url`` and ``phone`` is filled.

    Attributes:
        title: what it says, plain text.
        payload: comes back as the next message (nlu/payloads.py, at most 64 bytes, or words a person could type).
        url: https address to open.
        phone: number to call, digits with an optional leading "+".
    """

    title: str
    payload: str = ""
    url: str = ""
    phone: str = ""


@dataclass(frozen=True)
class OutgoingMessage:
    """One bubble. Text is plain: paragraphs by blank lines, lists by "- "; every channel escapes it itself.

    Buttons that a channel cannot show become numbered lines; the payloads behind the numbers are handed back in
    ``ChannelPayload.numbered``, so that a typed "2" presses the second one.

    Attributes:
        reply_to_id: ``origin_id`` of the message answered, quoted where the channel can (groups); "" for none.
        kind: ``reply``, ``notice`` (of the service itself), ``staff`` (words of a person). For figures only.
    """

    channel: str
    chat_id: str
    text: str
    buttons: tuple[Button, ...] = ()
    reply_to_id: str = ""
    kind: str = "reply"
