"""How much a word tells, and how much of a question's weight a record holds."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np


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


class HeldWords:
    """Which documents of a collection hold a word, so that many are compared with one question at a time."""

    def __init__(self, documents: Sequence[frozenset[str]]) -> None:
        rows: dict[str, list[int]] = defaultdict(list)
        for row, document in enumerate(documents):
            for term in document:
                rows[term].append(row)
        self._rows = {term: np.array(found, dtype=np.int32) for term, found in rows.items()}
        self._n = len(documents)

    def compare(self, terms: WeighedTerms, rows: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
        """For each of ``rows``, float64: the share 0..1 of a question's weight that the document holds, and the weight
        0..1 of the rarest word that it lacks."""
        weights = np.array(list(terms.weights.values()))
        is_held = np.zeros((len(weights), self._n), dtype=bool)
        for line, term in zip(is_held, terms.weights, strict=True):
            if term in self._rows:
                line[self._rows[term]] = True
        is_held = is_held[:, list(rows)]
        coverage = weights @ is_held / max(terms.total, 1e-9)
        missing = np.where(is_held, 0.0, weights[:, None]).max(axis=0, initial=0.0)
        return coverage, missing / terms.heaviest


class WeighedTerms:
    """The different terms of one question, each with its weight."""

    def __init__(self, weights: Mapping[str, float], heaviest: float) -> None:
        """``heaviest``: weight of a term that no document holds."""
        self.weights = weights
        self.total = sum(weights.values())
        self.heaviest = heaviest

    def coverage(self, document: frozenset[str]) -> float:
        """Share 0..1 of the weight whose terms stand in the document; 0 for a question without terms."""
        held = sum(self.weights[term] for term in self.weights.keys() & document)
        return held / self.total if self.total else 0.0
