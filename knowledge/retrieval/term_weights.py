"""How much a word tells, and how much of a question's weight a record holds."""

from __future__ import annotations

import math
from collections.abc import Iterable


class TermWeights:
    """Inverse document frequency of bare syllables over whole records."""

    def __init__(self, documents: Iterable[frozenset[str]]) -> None:
        counts: dict[str, int] = {}
        n = 0
        for document in documents:
            n += 1
            for term in document:
                counts[term] = counts.get(term, 0) + 1
        self._n = max(n, 1)
        self._counts = counts

    def weight(self, term: str) -> float:
        """Natural-log idf, smoothed; an unknown term weighs most."""
        return math.log(1 + self._n / (1 + self._counts.get(term, 0)))

    def coverage(self, question: Iterable[str], document: frozenset[str]) -> float:
        """Share 0..1 of the question's weight whose terms stand in the document."""
        terms = set(question)
        total = sum(self.weight(t) for t in terms)
        if total == 0:
            return 0.0
        return sum(self.weight(t) for t in terms if t in document) / total

    def rarest_missing(self, question: Iterable[str], document: frozenset[str]) -> float:
        """Weight 0..1 of the question's rarest word that the document lacks: "karaoke" in a record of shops."""
        heaviest = math.log(1 + self._n)
        return max((self.weight(t) / heaviest for t in set(question) if t not in document), default=0.0)
