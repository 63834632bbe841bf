"""How much a word tells, and how much of a question's weight a record holds."""

from __future__ import annotations

import math
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise

import numpy as np

_NOBODY = np.zeros(0, dtype=np.int32)


class TermWeights:
    """Inverse document frequency of bare syllables over whole records."""

    def __init__(self, documents: Iterable[frozenset[str]]) -> None:
        counts: Counter[str] = Counter()
        n = 0
        for document in documents:
            n += 1
            counts.update(document)
        self._take(n, counts)

    @classmethod
    def of(cls, *collections: HeldWords) -> TermWeights:
        """The same over all documents of some collections, without reading them again."""
        weights = cls(())
        weights._take(sum(c.n_documents for c in collections), sum((c.counts() for c in collections), Counter()))
        return weights

    def weight(self, term: str) -> float:
        """Natural-log idf, smoothed; an unknown term weighs most."""
        return self._weights.get(term, self._heaviest)

    def weigh(self, question: Iterable[str]) -> WeighedTerms:
        """A question's terms with their weights, to be held against many documents."""
        return WeighedTerms({term: self.weight(term) for term in question}, self._heaviest)

    def weigh_pairs(self, words: Sequence[str]) -> WeighedTerms:
        """The same for pairs of neighbours ("khai_sinh"), each as heavy as both of its syllables."""
        pairs = {f"{a}_{b}": self.weight(a) + self.weight(b) for a, b in pairwise(words)}
        return WeighedTerms(pairs, 2 * self._heaviest)

    def coverage(self, question: Iterable[str], document: frozenset[str]) -> float:
        """Share 0..1 of the question's weight whose terms stand in the document."""
        return self.weigh(question).coverage(document)

    def _take(self, n_documents: int, counts: Mapping[str, int]) -> None:
        n = max(n_documents, 1)
        self._heaviest = math.log(1 + n)
        self._weights = {term: math.log(1 + n / (1 + count)) for term, count in counts.items()}


class HeldWords:
    """Which documents of a collection hold a word, so that many are compared with one question at a time."""

    def __init__(self, documents: Iterable[frozenset[str]]) -> None:
        """``documents``: read once and not kept, so they may be made as they are read."""
        rows: dict[str, array[int]] = defaultdict(lambda: array("i"))
        self.n_documents = 0
        for row, document in enumerate(documents):
            self.n_documents += 1
            for term in document:
                rows[term].append(row)
        self._rows = {term: np.frombuffer(found, dtype=np.int32) for term, found in rows.items()}

    def counts(self) -> Counter[str]:
        """How many documents hold each word."""
        return Counter({term: len(rows) for term, rows in self._rows.items()})

    def compare(self, terms: WeighedTerms, rows: Sequence[int] | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """For each of ``rows``, float64: the share 0..1 of a question's weight that the document holds, and the weight
        0..1 of the rarest word that it lacks."""
        return compare_held(terms, rows, lambda term: self._rows.get(term, _NOBODY))


def compare_held(
    terms: WeighedTerms, rows: Sequence[int] | np.ndarray, holders: Callable[[str], np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """For each of ``rows``, float64: the share 0..1 of the terms' weight that the document holds, and the weight 0..1 of
    the rarest term that it lacks; ``holders`` gives the documents of a term, int32 ascending."""
    weights = np.array(list(terms.weights.values()))
    wanted = np.asarray(rows, dtype=np.int32)
    is_held = np.zeros((len(weights), len(wanted)), dtype=bool)
    for line, term in zip(is_held, terms.weights, strict=True):
        found = holders(term)
        if len(found):
            line[:] = is_among(wanted, found)
    coverage = weights @ is_held / max(terms.total, 1e-9)
    missing = np.where(is_held, 0.0, weights[:, None]).max(axis=0, initial=0.0)
    return coverage, missing / terms.heaviest


def is_among(rows: np.ndarray, found: np.ndarray) -> np.ndarray:
    """Which of ``rows`` (any order) stand in ``found`` (ascending, of the same type, not empty): bool."""
    return found[np.minimum(np.searchsorted(found, rows), len(found) - 1)] == rows


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
