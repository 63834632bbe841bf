"""Shapes that leave the nlu room."""

from __future__ import annotations

from dataclasses import dataclass, field

#: What can be asked of a procedure; the same list as knowledge.model.ASPECTS (nlu cannot import it).
ASPECTS: tuple[str, ...] = (
    "documents", "fee", "time", "place", "online", "steps",
    "conditions", "legal_basis", "result", "form", "who", "general",
)


@dataclass(frozen=True)
class Token:
    """A word with its character offsets in the text that was tokenised (end exclusive)."""

    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Entity:
    """Something found in a text.

    Attributes:
        kind: ``procedure_code`` (1.001193), ``document_number`` (154/2024/NĐ-CP), ``form`` (CT01),
            ``dossier_code`` (H25.12-260701-0042), ``ordinal`` (value "1", "2" … or "-1" for the last),
            ``aspect`` (only from payloads).
        value: canonical form.
        start, end: character offsets in the text given, end exclusive.
    """

    kind: str
    value: str
    start: int
    end: int


@dataclass(frozen=True)
class Understanding:
    """What a text means to the dialogue.

    Attributes:
        intent: name of the best intent.
        confidence: 0..1.
        ranking: (intent, confidence) pairs, best first.
        entities: in reading order.
    """

    text: str
    intent: str
    confidence: float
    ranking: tuple[tuple[str, float], ...] = ()
    entities: tuple[Entity, ...] = field(default_factory=tuple)
