"""The language of buttons (docs/architecture.md): short, readable, the same on every channel.

A person may type a payload too, so reading is tolerant of case and white space; writing is exact.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from nlu.types import ASPECTS, Entity

MAX_PAYLOAD_BYTES = 64  # Telegram's limit on callback_data, the tightest of our channels
_MAX_PLACES = 9  # codes of five digits that fit

_COMMAND_WORDS = {
    "handoff": "#nguoi",
    "positive": "#tot",
    "negative": "#chuatot",
    "restart": "#batdau",
    "repair": "#khac",
    "more": "#tiep",
}
_COMMANDS = {word: command for command, word in _COMMAND_WORDS.items()}
_COMMAND_INTENTS = {
    "handoff": "handoff",
    "positive": "feedback_positive",
    "negative": "feedback_negative",
    "restart": "restart",
    "repair": "repair",
    "more": "ask_plan_task",
}
_PROCEDURE = re.compile(r"\s*#tt\s+(\d\.\d{6})(?:\s+([a-z_]+))?\s*", re.IGNORECASE)
_CODE = re.compile(r"\d\.\d{6}")
_PLACE = re.compile(r"\s*#noi\s+(\d{2,5}(?:,\d{2,5})*)\s*", re.IGNORECASE)


@dataclass(frozen=True)
class Payload:
    """What a button says: either a procedure (with or without an aspect) or a command.

    Attributes:
        procedure_code: "" for commands.
        aspect: "" when the button names the procedure only.
        command: ``handoff``, ``positive``, ``negative``, ``restart``, ``repair`` ("not what I meant") or ``more``
            (the next items of the list); "" for procedures.
        places: codes of today's communes, or of one province, that the button names; () for everything else.
    """

    procedure_code: str = ""
    aspect: str = ""
    command: str = ""
    places: tuple[str, ...] = ()

    @property
    def intent(self) -> str:
        """The intent this payload stands for."""
        if self.command:
            return _COMMAND_INTENTS[self.command]
        if self.places:
            return "ask_place"
        if not self.aspect:
            return "choose_procedure"
        return "ask_procedure" if self.aspect == "general" else f"ask_{self.aspect}"


def read_payload(text: str) -> Payload | None:
    """Read a text that is a payload and nothing else; None for everything a person would write."""
    command = _COMMANDS.get(text.strip().lower())
    if command:
        return Payload(command=command)
    place = _PLACE.fullmatch(text)
    if place:
        return Payload(places=tuple(place.group(1).split(",")))
    match = _PROCEDURE.fullmatch(text)
    if match is None:
        return None
    aspect = (match.group(2) or "").lower()
    return Payload(match.group(1), aspect) if aspect in ASPECTS or not aspect else None


def write_payload(
    *, procedure_code: str = "", aspect: str = "", command: str = "", places: Sequence[str] = ()
) -> str:
    """Write a payload of at most 64 bytes.

    Raises:
        ValueError: unknown command or aspect, a malformed code, too many places, or two kinds of payload together.
    """
    if places:
        written = f"#noi {','.join(places)}"
        if procedure_code or aspect or command or not _PLACE.fullmatch(written) or len(written) > MAX_PAYLOAD_BYTES:
            raise ValueError(f"expected codes of up to {_MAX_PLACES} communes alone, got {written!r}")
        return written
    if command:
        if command not in _COMMAND_WORDS or procedure_code or aspect:
            raise ValueError(f"expected one command of {sorted(_COMMAND_WORDS)} alone, got {command!r}")
        return _COMMAND_WORDS[command]
    if not _CODE.fullmatch(procedure_code):
        raise ValueError(f"expected a procedure code like 1.001193, got {procedure_code!r}")
    if aspect and aspect not in ASPECTS:
        raise ValueError(f"expected an aspect of {list(ASPECTS)}, got {aspect!r}")
    return f"#tt {procedure_code} {aspect}".rstrip()


def payload_entities(payload: Payload, text: str) -> tuple[Entity, ...]:
    """The payload's code and aspect as entities, with their offsets in the text it was read from."""
    entities = []
    if payload.procedure_code:
        start = text.index(payload.procedure_code)
        end = start + len(payload.procedure_code)
        entities.append(Entity("procedure_code", payload.procedure_code, start, end))
        if payload.aspect:
            start = text.lower().index(payload.aspect, end)
            entities.append(Entity("aspect", payload.aspect, start, start + len(payload.aspect)))
    return tuple(entities)
