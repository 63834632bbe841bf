"""Shapes inside retrieval: a prepared query, and the role of a scorer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from knowledge.model import QueryForms
from knowledge.retrieval.dense_cosines import DenseCosines


@dataclass(frozen=True)
class Query:
    """A question ready for scoring.

    Attributes:
        forms: original, normalised and restored text.
        matter: restored text without its question words (nlu.frames).
        vectors: float32 (2, dim): the restored text, and the matter.
        dense: their cosines with everything in the index that has a vector.
        bare, marked: BM25 terms of the restored text, without and with diacritics.
        matter_bare: BM25 terms of the matter, without diacritics.
        telling: bare syllables of the matter, politeness and particles left out.
        hidden_titles: rows of titles that are treated as absent; only tuning uses it, to see what a
            procedure is worth without its aliases.
        hidden_signs: the same for rows of signs.
    """

    forms: QueryForms
    matter: str
    vectors: np.ndarray
    dense: DenseCosines
    bare: tuple[str, ...]
    marked: tuple[str, ...]
    matter_bare: tuple[str, ...]
    telling: tuple[str, ...] = ()
    hidden_titles: frozenset[int] = frozenset()
    hidden_signs: frozenset[int] = frozenset()


class ProcedureScorer(Protocol):
    """Gives every procedure of an index a raw score for a query; only the order and gaps matter."""

    name: str

    def score(self, query: Query) -> np.ndarray:
        """float32 (n_procedures,); higher is better; all equal when it knows nothing."""
        ...
