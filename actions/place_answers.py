"""Where to go: the place that a message or the conversation names, put beside what the record says.

The place is read by knowledge/places, never guessed: a split or shared name is asked back, an unknown one is said to be
unknown. It stays in the context as a code, so that the next question need not name it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from actions.choices import buttons_of
from actions.phrases import say
from actions.reply import Button, Context, Reply, ReplyMessage
from actions.same_answer import at_same_centre
from knowledge.model import Procedure
from knowledge.places.resolver import PlaceReading, PlaceResolver
from knowledge.places.sentences import (
    MAX_OPTIONS,
    PlaceAdvice,
    PlaceOption,
    full_name,
    place_sentence,
    read_place,
    receiver_of,
)
from knowledge.places.units import Units
from nlu.aspects import aspects_asked
from nlu.diacritics import bare
from nlu.frames import content_words
from nlu.payloads import payload_entities, read_payload, write_payload
from nlu.types import Understanding

_KIND = r"(?:xã|phường|thị trấn|thị xã|đặc khu|quận|huyện|tỉnh|thành phố|xa|phuong|thi tran|thi xa|quan|huyen|tinh|thanh pho|tp\.?|p\.|q\.|h\.|x\.|tx\.)"
_UPPER = "A-ZĐ" + "".join(letter for letter in map(chr, range(0xC0, 0x1EFA)) if letter.isupper())
_NAME = rf"[{_UPPER}]\w*(?: [{_UPPER}]\w*){{0,3}}"
_CAPITAL = re.compile(rf"\b(?P<name>(?:{_KIND}|{_KIND.title()}) ?{_NAME})")
_SMALL = re.compile(rf"(?:^|\b(?:ở|o|tại|tai|thuộc|thuoc) ){_KIND} (?P<rest>[^\s,.?!]+(?: [^\s,.?!]+){{0,2}})", re.IGNORECASE)
_NO_NAME = frozenset(
    ["nao", "nay", "kia", "do", "em", "toi", "minh", "anh", "chi", "ban", "ta", "moi", "cu", "thi", "la", "co", "nop", "dau", "nha", "que", "khac", "gan", "cac", "nhieu", "voi", "hay", "hoac", "nhung", "ay", "hoi", "lam", "dang", "xin", "o", "tren", "duoi", "vung", "cap", "thuong", "tam", "phai", "can", "duoc", "khong", "va", "cua", "khi", "neu", "de", "a", "ha", "nhi", "u", "truoc", "sau", "cung", "nhu", "cho"]
)
_LEAD = re.compile(r"(?:\b(?:ở|o|tại|tai|thuộc|thuoc|còn|con|thế|the|mình|em|tôi)\s+)+$", re.IGNORECASE)
_FILLERS = frozenset(["xa", "phuong", "quan", "huyen", "tinh", "thanh", "pho", "tp", "cu", "moi", "nha", "em", "minh", "toi", "anh", "chi", "con", "o", "thi", "sao", "con", "the", "a", "con", "vay", "nop", "ho", "so", "dan", "song"])
_NATIONAL = ("fee", "time", "documents", "conditions", "steps", "form", "result")
_SURE = 0.8  # as sure as initials with their kind before them ("q.LB"); a slip or a wrong mark is less


@dataclass(frozen=True)
class PlaceNote:
    """What a message says about a place.

    Attributes:
        question, understanding: the message to answer; a message that is a place and nothing else becomes the question
            of the turn before, asked of that place.
        whole: the message with the place in it, where that was taken out of the question; else "".
        reading: the place of this message, else the one kept from before.
        is_new: this message names a place.
        is_alone: it says nothing else.
        unknown: a name that looks like a place and is none, "" when there is none.
    """

    question: str
    understanding: Understanding
    reading: PlaceReading
    is_new: bool = False
    is_alone: bool = False
    unknown: str = ""
    whole: str = ""


class PlaceSkill:
    """Reads places and adds them to answers.

    Args:
        resolver: None takes the tables of today, loaded at the first message.
    """

    def __init__(self, resolver: PlaceResolver | None = None) -> None:
        self._resolver = resolver or PlaceResolver()

    def units(self) -> Units:
        """The administrative units places are read by; loaded at the first call."""
        return self._resolver.units

    def read(self, question: str, understanding: Understanding, context: Context) -> PlaceNote:
        """The place that a message or the conversation names."""
        payload = read_payload(question)
        if payload is not None and not payload.places:
            return PlaceNote(question, understanding, self._kept(context))
        if payload is not None:
            return self._in_focus(PlaceNote(question, understanding, self._resolver.known(payload.places), True, True), context)
        kept = self._kept(context)
        found = self._found(question, kept)
        rest = _without(question, found)
        unknown = _unknown_name(rest)
        if found.status == "none":
            is_alone = bool(unknown) and not _says_more(rest, unknown)
            reading = self._resolver.known(()) if unknown else kept
            return self._in_focus(PlaceNote(question, understanding, reading, False, is_alone, unknown), context)
        note = PlaceNote(question, understanding, found, True, not _says_more(rest, unknown), unknown)
        return self._in_focus(note, context) if note.is_alone else self._apart(note, rest)

    def ask_matter(self, note: PlaceNote, context: Context) -> Reply | None:
        """A place and nothing else where no procedure is in focus: it is noted, and the matter asked for; where a choice
        of procedures waits for an answer, that choice once more."""
        if not note.is_alone or context.plan_id or (context.procedure_code and not context.choices):
            return None
        said = read_place(note.reading) if note.is_new else ""
        if context.choices:
            lines = [self._said_unknown(note), said, say("places.choose"), *(f"{n}. {c.name}" for n, c in enumerate(context.choices, 1))]
            message = ReplyMessage("\n".join(filter(None, lines)), buttons_of(context.choices))
            return Reply("clarification_procedure", (message,), choices=context.choices, context=context)
        text = "\n".join(filter(None, [self._said_unknown(note), say("places.noted", place=said).strip() if said else say("topic")]))
        return Reply("clarification_topic", (ReplyMessage(text),), context=replace(context, last_status="clarification_topic"))

    def add(self, reply: Reply, note: PlaceNote, procedure_of: Callable[[str], Procedure | None]) -> Reply:
        """The reply with where to go in it where that was asked, and the place kept for later."""
        reply = replace(reply, context=replace(reply.context, place=_codes(note.reading) or reply.context.place))
        if reply.status == "clarification_procedure" and reply.aspect == "place":
            return self._before_choices(reply, note, procedure_of)
        procedure = procedure_of(reply.procedure["code"]) if reply.procedure else None
        if procedure is None or not reply.status.startswith("answered"):
            return reply
        if reply.aspect == "place":
            return self._with_advice(reply, note, procedure)
        if note.is_alone and note.is_new and reply.aspect in _NATIONAL and (name := _name(note.reading)):
            return _with_text(reply, say("places.same", place=name))
        return reply

    def _found(self, question: str, kept: PlaceReading) -> PlaceReading:
        """A name is read in the province named before, unless it does not lie there."""
        if kept.province is None:
            return self._resolver.resolve(question)
        inside = self._resolver.resolve(question, kept.province.code)
        return self._resolver.resolve(question) if inside.is_elsewhere else inside

    def _kept(self, context: Context) -> PlaceReading:
        return self._resolver.known(tuple(context.place.split(",")) if context.place else ())

    def _in_focus(self, note: PlaceNote, context: Context) -> PlaceNote:
        """A place alone asks what was asked before, of this place."""
        if not note.is_alone or not context.procedure_code or context.choices:
            return note
        said = aspects_asked(note.question)
        aspect = said[0] if said else context.aspect if context.aspect not in ("", "general") else "place"
        text = write_payload(procedure_code=context.procedure_code, aspect=aspect)
        payload = read_payload(text)
        entities = payload_entities(payload, text) if payload else ()
        return replace(note, question=text, understanding=Understanding(text, f"ask_{aspect}", 1.0, (), entities))

    def _apart(self, note: PlaceNote, rest: str) -> PlaceNote:
        """A question about a procedure is searched without the place in it: its words belong to no procedure."""
        is_sure = note.reading.confidence >= _SURE
        if note.understanding.intent.startswith("ask_plan_") or not is_sure or not content_words(rest):
            return note
        whole = "" if note.understanding.intent == "ask_place" else note.question
        return replace(note, question=" ".join(rest.split()), whole=whole)

    def _before_choices(self, reply: Reply, note: PlaceNote, procedure_of: Callable[[str], Procedure | None]) -> Reply:
        """Where to go, told before asking which procedure is meant where all of them are taken at the same kind of place;
        else what was understood of the place just named."""
        procedures = [p for choice in reply.choices if (p := procedure_of(choice.code))]
        if at_same_centre(procedures):
            receivers = {receiver_of(p): p for p in procedures}
            widest = receivers.get("commune_or_province") or procedures[0]
            told = place_sentence(widest, note.reading, quotes_record=False).text
        else:
            told = read_place(note.reading) if note.is_new else ""
        parts = "\n".join(filter(None, [self._said_unknown(note), told]))
        if not parts:
            return reply
        first, *others = reply.messages
        return replace(reply, messages=(replace(first, text=f"{parts}\n\n{first.text}"), *others))

    def _with_advice(self, reply: Reply, note: PlaceNote, procedure: Procedure) -> Reply:
        advice = place_sentence(procedure, note.reading, quotes_record=False)
        is_open = note.is_new and advice.question is not None and note.reading.status in ("ambiguous", "district")
        if advice.question and note.reading.province and not _takes_communes(advice, procedure):
            advice = replace(advice, question=None)  # the province is all that matters
        is_open = is_open and advice.question is not None
        parts = [self._said_unknown(note), advice.text, advice.question.text if advice.question else ""]
        reply = _with_text(reply, "\n".join(filter(None, parts)), without="\n\n" + say("district") if "cấp huyện" in advice.text else "")
        options = advice.question.options if advice.question and (is_open or note.reading.status != "none") else ()
        buttons = tuple(button for option in options if (button := _button(option)))
        if buttons:
            first, *others = reply.messages
            reply = replace(reply, messages=(replace(first, buttons=(*buttons, *first.buttons[-1:])), *others))
        return replace(reply, status="clarification_place", context=replace(reply.context, last_status="clarification_place")) if is_open else reply

    def _said_unknown(self, note: PlaceNote) -> str:
        if not note.unknown:
            return ""
        province = note.reading.province if note.is_new else None
        if province is None:
            return say("places.unknown", name=note.unknown)
        return say("places.unknown_in", name=note.unknown, province=f"{province.kind.lower()} {province.name}")


def _takes_communes(advice: PlaceAdvice, procedure: Procedure) -> bool:
    """Whether it matters in which commune somebody lives: not for what only a province or its offices take."""
    return advice.receiver not in ("province", "ministry") and (
        advice.receiver not in ("police", "own_office") or "Cấp xã" in procedure.levels or not procedure.levels
    )


def _with_text(reply: Reply, text: str, without: str = "") -> Reply:
    """The first message with a paragraph more."""
    first, *others = reply.messages
    kept = first.text.replace(without, "") if without else first.text
    return replace(reply, messages=(replace(first, text=f"{kept}\n\n{text}"), *others))


def _button(option: PlaceOption) -> Button | None:
    """A press of it names the place by code; None where the codes do not fit a payload."""
    try:
        return Button(option.label, write_payload(places=option.codes)) if option.codes else None
    except ValueError:
        return None


def _codes(reading: PlaceReading) -> str:
    """Of the commune or province read; of the communes that remain of a split unit where they are few and of one province."""
    if reading.commune is not None:
        return reading.commune.code
    remaining = tuple(dict.fromkeys(c.commune.code for c in reading.candidates))
    if reading.province is not None and reading.missing != "which" and 1 < len(remaining) <= MAX_OPTIONS:
        return ",".join(remaining)
    return reading.province.code if reading.province is not None else ""


def _name(reading: PlaceReading) -> str:
    if reading.commune is not None and reading.province is not None:
        return full_name(reading.commune, reading.province)
    return f"{reading.province.kind.lower()} {reading.province.name}" if reading.province is not None else ""


def _without(question: str, reading: PlaceReading) -> str:
    """The question without the words read as a place and the little words that lead to them."""
    kept = question
    for start, end in sorted(reading.spans, reverse=True):
        kept = f"{_LEAD.sub('', kept[:start])} {kept[end:]}"
    return kept


def _says_more(rest: str, unknown: str) -> bool:
    """Something is asked or told beside the place."""
    rest = rest.replace(unknown, " ") if unknown else rest
    return any(bare(word).lower().strip(".,?!") not in _FILLERS for word in content_words(rest))


def _unknown_name(rest: str) -> str:
    """A name behind the kind of a unit that nothing was read from ("phường Lạc Trôi"), "" where there is none."""
    found = _CAPITAL.search(rest)
    if found:
        return found["name"]
    small = _SMALL.search(rest)
    words = []
    for word in small["rest"].split() if small else ():
        if bare(word).lower() in _NO_NAME:
            break
        words.append(word)
    return f"{small.group(0)[: small.start('rest') - small.start()].split()[-1]} {' '.join(words)}" if small and words else ""
