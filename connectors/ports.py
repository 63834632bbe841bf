"""What the gateway needs of the rest, one small protocol a role. ``bot/app.py`` hands in the real ones.

``ReplyJson`` is the JSON of one turn as ``actions/reply.py`` serialises it (``Reply.to_json()``):
status, messages, intent, aspect, understood, procedure, choices, citations, confidence, context.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from knowledge.model import Procedure

ReplyJson = dict[str, Any]
ContextJson = Mapping[str, Any]


class Dialogue(Protocol):
    """The dialogue engine that keeps a conversation's state."""

    async def ask(
        self, question: str, session_id: str, context: ContextJson | None = None, is_stale: bool = False
    ) -> ReplyJson:
        """Run one turn.

        Args:
            question: NFC, personal data masked, not empty; or a button's payload.
            session_id: ``^[A-Za-z0-9_-]{1,64}$``.
            context: what the gateway last knew of this conversation.
            is_stale: True when the engine missed a turn, so that ``context`` is newer than its own.

        Raises:
            DialogueUnavailable: no usable answer came.
        """
        ...

    async def is_alive(self) -> bool:
        """Whether the engine answers; never raises."""
        ...

    async def forget(self, session_id: str) -> None:
        """Drop the state of a conversation; never raises. An engine that cannot be reached forgets by itself in time."""
        ...

    async def aclose(self) -> None: ...


class DirectAnswerer(Protocol):
    """Answers without the dialogue engine. Blocking; the gateway calls it in a worker thread."""

    def answer(self, question: str, context: ContextJson | None) -> ReplyJson: ...


class Searcher(Protocol):
    """Stateless search. Blocking; called in a worker thread."""

    def search(
        self, query: str, top_k: int, kinds: Sequence[str] | None, as_of: date | None
    ) -> dict[str, Any]:
        """Find passages.

        Returns:
            The design's shape: ``hits`` and ``near_misses`` (score, kind, id, code, number, title,
            section, text, source, url), ``query`` (normalised, restored), ``stages_ms``. For staff also,
            where known: ``signals`` in each hit (name → number), ``confidence``, ``exact`` and
            ``operating`` (name → number: threshold, weights, top_k …). See ``shapes.search_json``.
        """
        ...

    def search_procedures(
        self, query: str, top_k: int, wanted: Callable[[Procedure], bool], as_of: date | None
    ) -> dict[str, Any]:
        """The best procedures among those wanted, however many others rank before them; shape as of :meth:`search`,
        without ``confidence``."""
        ...


@dataclass(frozen=True)
class ProcedurePage:
    """One page of the catalogue. ``total`` counts all that fit, not only ``items``."""

    items: tuple[Procedure, ...]
    total: int


class Catalogue(Protocol):
    """The procedures that are known, as records. Quick enough for a worker thread."""

    def list(self, q: str, field: str, level: str, offset: int, limit: int) -> ProcedurePage:
        """Procedures whose name, alias or code holds ``q``; "" means no filter."""
        ...

    def get(self, code: str) -> Procedure | None: ...

    def fields(self) -> Sequence[str]:
        """Every *lĩnh vực* that occurs, sorted."""
        ...


class Versions(Protocol):
    """Versions of records, as rows of ``versions_api.VersionRow``. Both raise StoreError while the database is away."""

    def of_procedure(self, code: str) -> Sequence[Mapping[str, Any]]:
        """Every version that was ever live, oldest first; empty for an unknown code."""
        ...

    def since(self, day: date, kind: str | None, limit: int, offset: int = 0) -> Sequence[Mapping[str, Any]]:
        """Versions that went live on or after a day, newest first."""
        ...


@dataclass(frozen=True)
class Part:
    """State of one part. A part that is required and not ok makes the gateway unready."""

    is_ok: bool
    detail: str = ""
    is_required: bool = True
    numbers: Mapping[str, float] = field(default_factory=dict)


class Health(Protocol):
    """State of the parts the gateway does not see itself: index, model, disk. Blocking, never raises."""

    def parts(self) -> Mapping[str, Part]: ...


class MaskedText(Protocol):
    """As ``nlu.privacy.mask_personal_data`` returns it."""

    @property
    def text(self) -> str: ...

    @property
    def kinds(self) -> Sequence[str]: ...


class Masker(Protocol):
    """Replaces personal data in a text by marks and names the kinds found."""

    def __call__(self, text: str) -> MaskedText: ...
