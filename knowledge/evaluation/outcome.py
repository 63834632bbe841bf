"""What one question came to: the questions' side and the assistant's side together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from knowledge.evaluation.comparing import holds_all, quotes_all
from knowledge.evaluation.questions import Question

#: Beginnings of a status that are right for what a question expects.
FAMILIES: Mapping[str, tuple[str, ...]] = {
    "answer": ("answered",),
    "clarify": ("clarification",),
    "abstain": ("unanswerable", "refused_out_of_scope"),
    "chitchat": ("chitchat", "feedback"),
    "refuse": ("refused",),
    "handoff": ("handoff",),
    "track": ("tracking",),
}


@dataclass(frozen=True)
class FoundPassage:
    """A passage as search gave it; ``record`` is the record's or passage's id, ``source`` its file."""

    record: str
    source: str
    text: str

    def is_of(self, start: str) -> bool:
        return any(name.rsplit("/", 1)[-1].startswith(start) for name in (self.record, self.source))


@dataclass(frozen=True)
class Found:
    """One search.

    Attributes:
        codes: procedures, best first, at most ten.
        confidence: that the first is right; None where the search does not tell it.
        hits: passages at or above the threshold, best first; only asked for on plan questions.
        near_misses: the next ones below it.
        stages_ms: milliseconds by stage; empty where no search was made.
    """

    codes: tuple[str, ...] = ()
    confidence: float | None = None
    hits: tuple[FoundPassage, ...] = ()
    near_misses: tuple[FoundPassage, ...] = ()
    stages_ms: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """One turn of ``/api/v1/ask``, as far as it is judged; ``text`` holds all bubbles."""

    status: str
    intent: str = ""
    aspect: str = ""
    code: str = ""
    choices: tuple[str, ...] = ()
    text: str = ""
    sources: tuple[str, ...] = ()
    confidence: float = 0.0
    is_degraded: bool = False
    took_ms: float = 0.0


@dataclass(frozen=True)
class Outcome:
    """A question beside what search and the assistant made of it; ``dialogue`` names a turn's conversation."""

    question: Question
    found: Found
    asked: Asked
    dialogue: str = ""

    @property
    def rank(self) -> int | None:
        """1-based place of the first procedure in gold among the first ten, None when there is none."""
        gold = self.question.gold
        return next((n for n, code in enumerate(self.found.codes[:10], 1) if code in gold), None)

    @property
    def confidence(self) -> float:
        """Search's own where it tells it, else the reply's if it speaks of a search."""
        if self.found.confidence is not None:
            return self.found.confidence
        spoken = self.asked.status.startswith(("answered", "clarification", "unanswerable"))
        return self.asked.confidence if spoken else 0.0

    @property
    def is_answered(self) -> bool:
        return self.asked.status.startswith("answered")

    @property
    def is_clarified(self) -> bool:
        return self.asked.status.startswith("clarification")

    @property
    def is_family_right(self) -> bool:
        expected = "track" if self.question.act == "track" else self.question.expect
        return self.asked.status.startswith(FAMILIES[expected])

    @property
    def is_procedure_right(self) -> bool:
        return self.is_answered and self.asked.code in self.question.gold

    @property
    def is_aspect_right(self) -> bool:
        return self.asked.aspect in (self.question.aspect, *self.question.aspect_alt)

    @property
    def is_fact_told(self) -> bool:
        """Answered, and the text holds what ``answer_must`` asks for."""
        return self.is_answered and holds_all(self.asked.text, self.question.answer_must)

    @property
    def is_turn_right(self) -> bool:
        """Right family; where an answer about a procedure is expected, its code and aspect are right too."""
        question = self.question
        if not self.is_family_right:
            return False
        if question.expect != "answer" or question.act == "track" or not question.gold:
            return True
        return self.is_procedure_right and self.is_aspect_right

    @property
    def is_plan_found(self) -> bool:
        """The first hit is of the right plan and holds every word asked for."""
        return self._holds_plan(self.found.hits[:1])

    @property
    def is_plan_ranked_first(self) -> bool:
        """The same for the best passage even if it stays below the threshold of hits."""
        return self._holds_plan((*self.found.hits, *self.found.near_misses)[:1])

    @property
    def is_plan_told(self) -> bool:
        """The answer cites the right plan first and its text holds every word asked for."""
        asked, question = self.asked, self.question
        is_right_source = bool(asked.sources) and FoundPassage("", asked.sources[0], "").is_of(question.source)
        return asked.status == "answered_plan" and is_right_source and quotes_all(asked.text, question.must)

    def _holds_plan(self, passages: tuple[FoundPassage, ...]) -> bool:
        question = self.question
        return any(p.is_of(question.source) and quotes_all(p.text, question.must) for p in passages)

    def to_json(self) -> dict[str, Any]:
        """A row of ``answers.jsonl``: what was asked, what came, how it was judged."""
        question = {key: value for key, value in asdict(self.question).items() if value not in ("", ())}
        return {
            **question,
            "dialogue": self.dialogue,
            "rank": self.rank,
            "ranked": list(self.found.codes),
            "search_confidence": self.found.confidence,
            "top_passages": [asdict(p) for p in (*self.found.hits, *self.found.near_misses)[:2]],
            "stages_ms": dict(self.found.stages_ms),
            "asked": asdict(self.asked),
            "is_family_right": self.is_family_right,
            "is_procedure_right": self.is_procedure_right,
            "is_aspect_right": self.is_aspect_right,
            "is_fact_told": self.is_fact_told if self.question.answer_must else None,
        }
