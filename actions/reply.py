"""What one turn gives back, before any channel renders it. Serialises to the JSON of ``/api/v1/ask``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Button:
    """A suggestion. ``payload`` is what comes back when it is pressed (see nlu/payloads.py)."""

    title: str
    payload: str


@dataclass(frozen=True)
class ReplyMessage:
    """One bubble: plain text (paragraphs by blank lines, lists by "- "), buttons, optional card."""

    text: str
    buttons: tuple[Button, ...] = ()
    card: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Citation:
    """Where an answer comes from; ``as_of`` is when the source was read, ``expired`` for plans only."""

    kind: str
    source: str
    title: str
    number: str
    section: str
    quote: str
    url: str
    as_of: str
    expired: bool = False


@dataclass(frozen=True)
class Choice:
    """One procedure offered for clarification and the facet that sets it apart."""

    code: str
    name: str
    facet: str


@dataclass(frozen=True)
class Listing:
    """A list that was begun and can go on: its conditions in words of the plans, and how far it was shown.

    Attributes:
        kind: ``tasks``, ``plans`` or ``mentions``.
        agency: of tasks, bare; of plans whose they are, as it is to be told.
        first, last, overdue_on: ISO days, "" for none.
        words: phrase that tasks or plans hold.
        is_year_open: a quarter, month or day of any year.
        year: of plans issued or running then, 0 for any.
        validity: ``running`` or ``over``, "" for both.
        document: "Quyết định" and the like, "" for any.
        shown: items shown so far.
    """

    kind: str
    agency: str = ""
    role: str = "any"
    first: str = ""
    last: str = ""
    is_going_on: bool = False
    overdue_on: str = ""
    plan_ids: tuple[str, ...] = ()
    words: str = ""
    is_year_open: bool = False
    year: int = 0
    validity: str = ""
    document: str = ""
    shown: int = 0


@dataclass(frozen=True)
class Context:
    """What a conversation carries from turn to turn. Codes and short marks only, no citizen's words.

    Attributes:
        procedure_code: procedure in focus, "" when none.
        aspect: aspect last asked, "" when none.
        choices: procedures offered by the last clarification, in order shown.
        pending_aspect: aspect to answer once the choice is made.
        plan_id: plan in focus, "" when none.
        last_status: status of the previous turn.
        n_clarifications: clarifications asked in a row.
        family: id of the family whose question was asked last, "" when none.
        recent: procedures answered before the one in focus, latest first.
        rivals: procedures ranked next to the one in focus, offered when the reader says it was not meant.
        listed: what stood numbered above the last answer; read by number only, since a question was answered already.
        listing: the list shown last, None when the last turn was none.
        place: code of today's commune or province that the person named, "" when none; of a split unit the codes of the
            communes that remain, joined by commas.
    """

    procedure_code: str = ""
    aspect: str = ""
    choices: tuple[Choice, ...] = ()
    pending_aspect: str = ""
    plan_id: str = ""
    last_status: str = ""
    n_clarifications: int = 0
    family: str = ""
    rivals: tuple[str, ...] = ()
    recent: tuple[str, ...] = ()
    listed: tuple[Choice, ...] = ()
    listing: Listing | None = None
    place: str = ""


@dataclass(frozen=True)
class Reply:
    """One whole turn. ``status`` is a key of bot/outcomes.yml."""

    status: str
    messages: tuple[ReplyMessage, ...]
    intent: str = ""
    aspect: str | None = None
    understood: str = ""
    procedure: Mapping[str, str] | None = None
    choices: tuple[Choice, ...] = ()
    citations: tuple[Citation, ...] = ()
    confidence: float = 0.0
    context: Context = field(default_factory=Context)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)
