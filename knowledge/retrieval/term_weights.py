"""How much a word tells, and how much of a question's weight a record holds."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping


class TermWeights:
    """Inverse document frequency of bare syllables over whole records."""

    def __init__(self, documents: Iterable[frozenset[str]]) -> None:
        counts: dict[str, int] = {}
        n = 0
        for document in documents:
            n += 1
            for term in document:
                counts[term] = counts.get(term, 0) + 1
        n = max(n, 1)
        self._heaviest = math.log(1 + n)
        self._weights = {term: math.log(1 + n / (1 + count)) for term, count in counts.items()}

    def weight(self, term: str) -> float:
        """Natural-log idf, smoothed; an unknown term weighs most."""
        return self._weights.get(term, self._heaviest)

    def weigh(self, question: Iterable[str]) -> WeighedTerms:
        """A question's terms with their weights, to be held against many documents."""
        return WeighedTerms({term: self.weight(term) for term in question}, self._heaviest)

    def coverage(self, question: Iterable[str], document: frozenset[str]) -> float:
        """Share 0..1 of the question's weight whose terms stand in the document."""
        return self.weigh(question).coverage(document)


class WeighedTerms:
    """The different terms of one question, each with its weight."""

    def __init__(self, weights: Mapping[str, float], heaviest: float) -> None:
        """``heaviest``: weight of a term that no document holds."""
        self._weights = weights
        self._total = sum(weights.values())
        self._heaviest = heaviest

    def coverage(self, document: frozenset[str]) -> float:
        """Share 0..1 of the weight whose terms stand in the document; 0 for a question without terms."""
        held = sum(self._weights[term] for term in self._weights.keys() & document)
        return held / self._total if self._total else 0.0

    def rarest_missing(self, document: frozenset[str]) -> float:
        """Weight 0..1 of the rarest word that the document lacks: "karaoke" in a record of shops."""
        missing = (self._weights[term] for term in self._weights.keys() - document)
        return max(missing, default=0.0) / self._heaviest
