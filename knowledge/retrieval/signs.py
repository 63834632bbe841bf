"""Finds the family of procedures, the matter outside the knowledge and the life event that a question names most nearly."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from knowledge.index.store import SearchIndex
from knowledge.model import FamilyHit, OutsideHit
from knowledge.retrieval.facets import FacetReader
from knowledge.retrieval.fusion import scaled_cosine
from knowledge.retrieval.matching import NameMatcher, harmonic
from knowledge.retrieval.term_weights import TermWeights
from knowledge.retrieval.types import Query

_MATCH_SHARE = 2.0  # how much a match of words counts beside the cosine, in cosine's own narrow range (about .15)


class Signs(NamedTuple):
    """The nearest of each kind, None where there is none of it."""

    family: FamilyHit | None = None
    outside: OutsideHit | None = None
    event: FamilyHit | None = None


class SignFinder:
    """Scores every name of the families, of the matters outside and of the life events; safe to call from several threads."""

    def __init__(self, index: SearchIndex, weights: TermWeights) -> None:
        self._index = index
        names = [sign.text for sign in index.signs]
        self._rows = np.array([sign.row for sign in index.signs], dtype=np.int64)
        self._words = NameMatcher(names, weights)
        self._pairs = NameMatcher(names, weights, pairs=True)
        self._n_families = len(index.families)
        self._is_outside = self._rows >= self._n_families
        self._is_event = np.array([not sign.row >= self._n_families and index.families[sign.row].is_event for sign in index.signs], dtype=bool)
        self.facets = FacetReader(weights)

    def find(self, query: Query) -> Signs:
        """The nearest of each kind."""
        if not len(self._rows):
            return Signs()
        recall, whole = self._words.shares(query.telling)  # whole: "khai sinh" does not say all of "khai sinh muộn"
        match, pairs = harmonic(recall, whole), self._pairs.match(query.telling)
        dense = query.dense.signs()
        score = scaled_cosine(dense) + _MATCH_SHARE * match + pairs
        is_shown = np.ones(len(self._rows), dtype=bool)
        is_shown[list(query.hidden_signs)] = False
        signals = {"dense": dense, "match": match, "pairs": pairs, "score": score, "whole": whole}
        family = self._best(score, is_shown & ~self._is_outside & ~self._is_event, signals)
        outside = self._best(score, is_shown & self._is_outside, signals)
        event = self._best(score, is_shown & self._is_event, signals)
        return Signs(
            self._family_hit(*family, query) if family else None,
            OutsideHit(self._index.outside[outside[0] - self._n_families], outside[1]) if outside else None,
            self._family_hit(*event, query) if event else None,
        )

    def _family_hit(self, row: int, signals: dict[str, float], query: Query) -> FamilyHit:
        family = self._index.families[row]
        option, lead, is_only = self.facets.named(family, query.telling)
        return FamilyHit(family, {**signals, "facet": lead, "facet_only": float(is_only)}, option if lead > 0 else None)

    def _best(
        self, score: np.ndarray, mask: np.ndarray, signals: dict[str, np.ndarray]
    ) -> tuple[int, dict[str, float]] | None:
        if not mask.any():
            return None
        i = int(np.where(mask, score, -np.inf).argmax())
        return int(self._rows[i]), {name: float(values[i]) for name, values in signals.items()}

