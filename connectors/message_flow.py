"""The way of a channel's message, top to bottom: who is it for, is it a command, a number, a question; what is said.

Pure but for the two collaborators it is handed: the way of a question (``AskFlow``) and a desk for what has to be
looked up in the store. Storing and sending are the workers' (``connectors/workers.py``).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from connectors import channel_texts as say
from connectors import texts
from connectors.ask_flow import Turn
from connectors.channels.base import ChannelLimits
from connectors.inbox.carry import new_code, read_code
from connectors.inbox.chats import ChatChange, ChatState
from connectors.inbox.outbox import DISCLOSURE
from connectors.inbox.retention import Kept, Person
from connectors.inbox.schedule import Schedule
from connectors.messages import SPOKEN_KINDS, Button, IncomingMessage, OutgoingMessage
from connectors.sessions import AgeingCache
from nlu.privacy import LABELS, SECRET_KINDS

HUMAN, MACHINE, ERASE_ALL, KEEP_ALL, SEND_AGAIN = "#nguoi", "#may", "#xoahet", "#giunguyen", "#guilai"
GOOD, BAD, RESTART, HELP = "#tot", "#chuatot", "#batdau", "Bạn giúp được gì?"
RATING = (Button("Đúng ý tôi", GOOD), Button("Chưa đúng", BAD))
#: Command → what it stands for. Several spellings, for a command is typed in a hurry.
COMMANDS = {
    "start": "start", "batdau": "restart", "reset": "restart", "restart": "restart", "new": "restart",
    "help": "help", "trogiup": "help", "giupdo": "help", "nguoi": "human", "human": "human", "canbo": "human",
    "may": "machine", "bot": "machine", "xoadulieu": "erase", "xoa": "erase", "erase": "erase", "delete": "erase",
    "ma": "code", "code": "code", "privacy": "privacy", "riengtu": "privacy",
}  # fmt: skip
#: Stands in for a dossier code that was masked before storing: the dialogue only needs to know that there was one.
SOME_DOSSIER = "H00.00.00-000000-0000"
MEDIA_QUIET_S = 20.0
MAX_SOURCES = 2
MOST_SHOWN = 20  # of a person's messages, when they ask what is kept


class AskLike(Protocol):
    async def ask(self, question: str, session_id: str | None, context: dict[str, Any] | None = None) -> Turn: ...

    async def forget(self, session_id: str) -> None: ...


class FlowDesk(Protocol):
    """What the flow looks up or keeps while it thinks; each call is a transaction of its own and may raise StoreError."""

    async def keep_code(self, code: str, context: Mapping[str, Any], origin: str) -> None: ...

    async def take_code(self, code: str, taker: str) -> Mapping[str, Any] | None: ...

    async def kept_of(self, person: Person, n_latest: int) -> Kept: ...

    async def sessions_of(self, person: Person) -> Sequence[str]: ...

    async def count_unsure(self, chat: ChatState) -> int: ...

    async def is_ours(self, chat: ChatState, message_id: str) -> bool: ...


@dataclass(frozen=True)
class Incoming:
    """A stored message as the flow sees it. ``digest`` names it for idempotent look-ups."""

    message: IncomingMessage
    kinds: tuple[str, ...]
    chat: ChatState
    digest: str
    limits: ChannelLimits


@dataclass(frozen=True)
class Said:
    """What the flow decided. ``turn``: what the recorder should see, None where no question was asked.

    ``ticket``: open one. ``entries``: (who, text) for an open ticket. ``is_failed``: no answer could be made.
    """

    status: str
    messages: tuple[OutgoingMessage, ...] = ()
    change: ChatChange = field(default_factory=ChatChange)
    ticket: bool = False
    ends_ticket: bool = False
    entries: tuple[tuple[str, str], ...] = ()
    erase: bool = False
    send_again: bool = False
    turn: Turn | None = None
    is_failed: bool = False


class MessageFlow:
    """Decides what a message gets. Raises only for faults; the worker tries again then."""

    def __init__(self, flow: AskLike, desk: FlowDesk, schedule: Schedule, keep_days: int) -> None:
        self._flow, self._desk, self._schedule, self._keep_days = flow, desk, schedule, keep_days
        self._media: AgeingCache[bool] = AgeingCache(5_000, MEDIA_QUIET_S)
        self._commands: dict[str, Callable[[Incoming, str], Awaitable[Said]]] = {
            "start": self._start, "restart": self._restart, "help": self._help, "human": self._human,
            "machine": self._machine, "erase": self._erase, "code": self._give_code, "privacy": self._privacy,
        }  # fmt: skip

    async def handle(self, incoming: Incoming) -> Said:
        """The first step that has something to say ends it."""
        kind = incoming.message.kind
        if kind == "staff":
            if await self._desk.is_ours(incoming.chat, incoming.message.message_id):
                return Said("echo")  # of what another process sent, or this one before it was started anew
            return Said("staff_wrote", change=ChatChange(mute_s=self._schedule.mute_s))
        if kind == "unfollow":
            return Said("left", change=ChatChange(is_gone=True))
        if kind == "follow":
            return await self._start(incoming, "")
        said = await self._answer(incoming)
        return self._with_first_contact(incoming, self._with_ticket_entries(incoming, said))

    async def _answer(self, incoming: Incoming) -> Said:
        if SECRET_KINDS.intersection(incoming.kinds):
            return self._say(incoming, "refused_personal_data", texts.SECRET)
        incoming = _with_number_read(incoming)
        command, rest = command_of(incoming.message)
        if command:
            step = self._commands.get(COMMANDS.get(command, ""))
            if step is not None:
                return await step(incoming, rest)
            if incoming.message.kind == "command":
                return self._say(incoming, "command_unknown", say.UNKNOWN_COMMAND)
        own = await self._own_payload(incoming)
        if own is not None:
            return own
        if incoming.chat.is_muted:
            return Said("muted")  # a person is talking; what was written stands in the ticket
        if incoming.message.kind not in SPOKEN_KINDS and not incoming.message.text.strip():
            return self._about_media(incoming)
        return await self._ask(incoming)

    # Commands

    async def _start(self, incoming: Incoming, rest: str) -> Said:
        """Also the follow event and Telegram's deep link ``/start CODE``."""
        code = read_code(rest)
        if code:
            return await self._take_code(incoming, code)
        is_first = incoming.chat.is_first_contact
        texts_ = (self._first_contact(), say.WELCOME) if is_first else (say.WELCOME_BACK,)
        messages = tuple(_bubble(incoming, text, kind="notice") for text in texts_)
        return Said("chitchat_greeting", messages, ChatChange(is_noticed=True, is_gone=False))

    async def _restart(self, incoming: Incoming, _rest: str) -> Said:
        return await self._ask(_reading(incoming, RESTART))

    async def _help(self, incoming: Incoming, _rest: str) -> Said:
        said = await self._ask(_reading(incoming, HELP))
        return replace(said, messages=(*said.messages, _bubble(incoming, say.HELP_COMMANDS, kind="notice")))

    async def _privacy(self, incoming: Incoming, _rest: str) -> Said:
        return self._say(incoming, "chitchat_privacy", self._first_contact(), change=ChatChange(is_noticed=True))

    async def _human(self, incoming: Incoming, _rest: str) -> Said:
        if incoming.chat.ticket_state:
            return self._say(incoming, "handoff_requested", say.ALREADY_HANDED_OVER)
        said = await self._ask(_reading(incoming, HUMAN))
        return said if said.ticket else self._handed_over_all_the_same(incoming, said)

    def _handed_over_all_the_same(self, incoming: Incoming, said: Said) -> Said:
        """The assistant is broken or switched off by a notice: a reason more to reach a person."""
        messages = (*said.messages, _bubble(incoming, say.HANDED_OVER))
        return replace(said, status="handoff_requested", messages=messages, ticket=True, is_failed=False)

    async def _machine(self, incoming: Incoming, _rest: str) -> Said:
        return replace(self._say(incoming, "chitchat_restart", say.MACHINE_AGAIN), ends_ticket=True)

    async def _give_code(self, incoming: Incoming, rest: str) -> Said:
        code = read_code(rest)
        if code:
            return await self._take_code(incoming, code)
        code = new_code()
        await self._desk.keep_code(code, incoming.chat.context, incoming.message.channel)
        text = say.CODE_GIVEN.format(code=code, minutes=round(self._schedule.carry_s / 60))
        return self._say(incoming, "code_given", text)

    async def _erase(self, incoming: Incoming, _rest: str) -> Said:
        """Show what is kept, as it is kept, and ask. In a group others read along: no words, and only what belongs there."""
        person = _person(incoming)
        kept = await self._desk.kept_of(person, 0 if person.is_group else MOST_SHOWN)
        if kept.is_nothing:
            return self._say(incoming, "erase_nothing", say.ERASE_NOTHING.format(days=self._keep_days))
        change = ChatChange(erase_s=self._schedule.erase_confirm_s)
        buttons = (Button("Xóa hết", ERASE_ALL), Button("Giữ lại", KEEP_ALL))
        if person.is_group:
            return self._say(incoming, "erase_asked", say.kept_in_group(kept), buttons, change)
        shown = _bubble(incoming, say.kept_of_person(kept, _subject(incoming.chat)), kind=DISCLOSURE)
        asked = _bubble(incoming, say.ERASE_ASK.format(days=self._keep_days), buttons)
        return Said("erase_asked", (shown, asked), change)

    async def _erase_all(self, incoming: Incoming) -> Said:
        """The dialogue engine forgets first: should we die on the way, the message is handled anew."""
        if not incoming.chat.may_erase:
            return self._say(incoming, "erase_late", say.ERASE_LATE)
        for session_id in await self._desk.sessions_of(_person(incoming)):
            await self._flow.forget(session_id)
        farewell = say.ERASED_IN_GROUP if incoming.message.is_group else say.ERASED
        return replace(self._say(incoming, "erased", farewell), erase=True)

    # Payloads of our own buttons, and codes

    async def _own_payload(self, incoming: Incoming) -> Said | None:
        text = incoming.message.text.strip().lower()
        if text == ERASE_ALL:
            return await self._erase_all(incoming)
        if text == KEEP_ALL:
            return self._say(incoming, "erase_kept", say.ERASE_KEPT, change=ChatChange(erase_s=0))
        if text == SEND_AGAIN:
            if not await self._desk.count_unsure(incoming.chat):
                return self._say(incoming, "sent_again_nothing", say.NOTHING_TO_SEND)
            return replace(self._say(incoming, "sent_again", say.SENT_AGAIN), send_again=True)
        if text == HUMAN:
            return await self._human(incoming, "")
        if text == MACHINE:
            return await self._machine(incoming, "")
        code = read_code(text)
        return await self._take_code(incoming, code) if code else None

    async def _take_code(self, incoming: Incoming, code: str) -> Said:
        if incoming.chat.n_wrong_codes >= self._schedule.carry_wrong_codes:
            return self._say(incoming, "code_locked", say.CODE_LOCKED)
        taken = await self._desk.take_code(code, incoming.digest)
        if taken is None:
            return self._say(incoming, "code_wrong", say.CODE_WRONG, change=ChatChange(wrong_code=True))
        origin = say.CHANNEL_NAMES.get(str(taken.get("origin", "")), "kênh kia")
        change = ChatChange(context=taken["context"], wrong_code=False)
        return self._say(incoming, "code_taken", say.CODE_TAKEN.format(origin=origin), change=change)

    # Questions

    async def _ask(self, incoming: Incoming) -> Said:
        question = incoming.message.text.replace(LABELS["dossier_code"], SOME_DOSSIER)
        turn = await self._flow.ask(question, incoming.chat.session_id, dict(incoming.chat.context))
        status = turn.response.status
        if status == "error_internal":
            return Said(status, is_failed=True)
        if status == "chitchat_privacy":  # what the dialogue says there is true of the web chat only
            return replace(await self._privacy(incoming, ""), turn=turn)
        messages = list(_bubbles(incoming, turn))
        if incoming.message.kind not in SPOKEN_KINDS:
            messages.insert(0, _bubble(incoming, say.CAPTION_ONLY))
        named = [kind for kind in incoming.kinds if kind != "dossier_code"]
        if named:
            messages.append(_bubble(incoming, texts.personal_notice(named)))
        is_handoff = status == "handoff_requested"
        if is_handoff:
            messages.append(_bubble(incoming, say.HANDED_OVER))
        change = ChatChange(context=turn.next_context)
        return Said(status, tuple(messages), change, ticket=is_handoff, turn=turn)

    def _about_media(self, incoming: Incoming) -> Said:
        """Once for a whole album: the others of it get no line of their own."""
        key = f"{incoming.message.channel}\0{incoming.message.chat_id}\0{incoming.message.kind}"
        if self._media.get(key):
            return Said("media_again")
        self._media.set(key, True)
        text = say.MEDIA.get(incoming.message.kind, say.MEDIA["unsupported"])
        return self._say(incoming, f"media_{incoming.message.kind}", text)

    # What surrounds every answer

    def _with_ticket_entries(self, incoming: Incoming, said: Said) -> Said:
        """Staff who open the ticket read what was written and what the assistant said."""
        if said.erase or not (said.ticket or incoming.chat.ticket_state):
            return said
        entries = [("citizen", _shown(incoming))]
        entries += [("assistant", message.text) for message in said.messages if message.kind == "reply"]
        return replace(said, entries=tuple(entries))

    def _with_first_contact(self, incoming: Incoming, said: Said) -> Said:
        if not incoming.chat.is_first_contact or said.erase or said.change.is_noticed or not said.messages:
            return said
        notice = _bubble(incoming, self._first_contact(), kind="notice")
        return replace(said, messages=(notice, *said.messages), change=replace(said.change, is_noticed=True))

    def _first_contact(self) -> str:
        return say.FIRST_CONTACT.format(days=self._keep_days)

    def _say(
        self, incoming: Incoming, status: str, text: str, buttons: tuple[Button, ...] = (), change: ChatChange | None = None
    ) -> Said:
        return Said(status, (_bubble(incoming, text, buttons),), change or ChatChange())


def _person(incoming: Incoming) -> Person:
    chat = incoming.chat
    return Person(chat.channel, chat.chat_id, chat.sender_id, incoming.message.is_group)


def _subject(chat: ChatState) -> str:
    """Code of the procedure that is being talked about."""
    return str(chat.context.get("procedure_code") or "")


def apology_for(channel: str, chat_id: str) -> OutgoingMessage:
    """What is said when an answer's fate is unknown."""
    return OutgoingMessage(channel, chat_id, say.UNSURE, (Button("Gửi lại", SEND_AGAIN),), kind="notice")


def command_of(message: IncomingMessage) -> tuple[str, str]:
    """(command, what follows) of a message, however its channel marks commands; ("", "") when it is none."""
    if message.kind == "command":
        return _plain(message.command), message.text.strip()
    text = message.text.strip()
    if message.kind not in ("text", "button", "edit") or not text.startswith("/"):
        return "", ""
    head, _, rest = text[1:].partition(" ")
    return _plain(head.partition("@")[0]), rest.strip()


def _plain(word: str) -> str:
    """Without diacritics and in lower case: "/Người" is "/nguoi"."""
    decomposed = unicodedata.normalize("NFD", word.lower().replace("đ", "d"))
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def _with_number_read(incoming: Incoming) -> Incoming:
    """A bare number presses the button of that number, where numbers were shown."""
    text = incoming.message.text.strip().rstrip(".")
    numbered = incoming.chat.numbered
    if incoming.message.kind == "text" and text.isascii() and text.isdigit() and 1 <= int(text) <= len(numbered):
        return _reading(incoming, numbered[int(text) - 1])
    return incoming


def _reading(incoming: Incoming, text: str) -> Incoming:
    return replace(incoming, message=replace(incoming.message, text=text, kind="text"))


def _bubbles(incoming: Incoming, turn: Turn) -> list[OutgoingMessage]:
    """The turn's bubbles; sources under the last one, and a way to rate it."""
    response = turn.response
    bubbles = [
        _bubble(incoming, message.text, tuple(Button(b.title, b.payload) for b in message.buttons))
        for message in response.messages
        if message.text.strip()
    ]
    if not bubbles:
        return []
    last = bubbles[-1]
    sources = _sources(turn)
    if sources:
        last = replace(last, text=f"{last.text}\n\n{sources}")
    if response.status.startswith("answered"):
        last = _with_rating(last, incoming.limits.buttons, has_numbers_above=any(each.buttons for each in bubbles[:-1]))
    return [*bubbles[:-1], last]


def _with_rating(last: OutgoingMessage, room: int, has_numbers_above: bool) -> OutgoingMessage:
    """Two more buttons, or numbers where a channel has none. Where they have no room, or numbers stand above already, words
    to type: a message of its own under every answer would be one too many on a telephone."""
    fits = not has_numbers_above if room == 0 else len(last.buttons) + len(RATING) <= room
    if fits:
        return replace(last, buttons=(*last.buttons, *RATING))
    return replace(last, text=f"{last.text}\n\n{say.RATE_BY_WORD}")


def _sources(turn: Turn) -> str:
    lines = []
    for citation in turn.response.citations[:MAX_SOURCES]:
        facts = [citation.title or citation.source, citation.number]
        if citation.expired:
            facts.append("đã hết thời gian áp dụng")
        if citation.as_of:
            facts.append(f"đọc {_day(citation.as_of)}")
        lines.append("Nguồn: " + ", ".join(dict.fromkeys(filter(None, facts))) + (f"\n{citation.url}" if citation.url else ""))
    return "\n".join(dict.fromkeys(lines))


def _day(iso: str) -> str:
    return "/".join(reversed(iso[:10].split("-")))


def _bubble(incoming: Incoming, text: str, buttons: tuple[Button, ...] = (), kind: str = "reply") -> OutgoingMessage:
    quoted = incoming.message.origin_id if incoming.message.is_group else ""
    return OutgoingMessage(incoming.message.channel, incoming.message.chat_id, text, buttons, quoted, kind)


def _shown(incoming: Incoming) -> str:
    """What staff read of a message."""
    message = incoming.message
    if SECRET_KINDS.intersection(incoming.kinds):
        return "[tin nhắn có mã bí mật, không lưu]"
    if message.kind == "command":
        return f"/{message.command} {message.text}".strip()
    if message.kind in SPOKEN_KINDS:
        return message.text
    return f"[{message.kind}] {message.text}".strip()

