"""How nearly one of many short names says what a question says, word for word and without diacritics."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from scipy.sparse import csc_matrix, csr_matrix

from knowledge.index.terms import bare_word
from knowledge.retrieval.term_weights import TermWeights
from nlu.frames import telling_words
from nlu.tokenizer import with_arabic_classes


def telling_terms(text: str) -> list[str]:
    """Bare syllables of a text in order, politeness and particles left out: what names are compared by."""
    return [bare_word(word) for word in with_arabic_classes(telling_words(text))]


def without_brackets(name: str) -> str:
    """A name without what stands in brackets at its end, mostly a level: "… (thực hiện tại cấp tỉnh)"."""
    return re.sub(r"\s*\([^()]*\)\s*$", "", name)


def harmonic(recall: np.ndarray, precision: np.ndarray) -> np.ndarray:
    """Harmonic mean of two shares, 0 where both are: float32."""
    return (2 * recall * precision / np.maximum(recall + precision, 1e-6)).astype(np.float32)


class NameMatcher:
    """Weighted overlap of a query with every name of a list.

    The match is the harmonic mean of two shares of weight (inverse document frequency): of the query's terms that
    stand in the name, and of the name's terms that stand in the query. 1 when both hold the same terms; it means
    the same for every question, so confidence uses it too.

    Args:
        names: the list; results are in its order.
        weights: of single syllables.
        pairs: True compares pairs of neighbouring syllables: in Vietnamese most words are two of them.
    """

    def __init__(self, names: Sequence[str], weights: TermWeights, pairs: bool = False) -> None:
        self._weights = weights
        self._pairs = pairs
        terms = [sorted(self.terms(telling_terms(name))) for name in names]
        self._columns = {term: i for i, term in enumerate(sorted({t for ts in terms for t in ts}))}
        rows = np.repeat(np.arange(len(terms)), [len(ts) for ts in terms])
        columns = np.array([self._columns[t] for ts in terms for t in ts], dtype=np.int64)
        weight = np.array([self._weight(t) for t in self._columns], dtype=np.float32)
        shape = (len(terms), len(self._columns))
        self._matrix: csc_matrix = csr_matrix((weight[columns], (rows, columns)), shape=shape).tocsc()
        self._name_weight = np.maximum(np.asarray(self._matrix.sum(axis=1)).ravel(), 1e-6)

    def terms(self, words: Sequence[str]) -> set[str]:
        """Comparable terms of a text's telling syllables."""
        return {f"{a}_{b}" for a, b in pairwise(words)} if self._pairs else set(words)

    def match(self, words: Sequence[str]) -> np.ndarray:
        """Harmonic mean 0..1 of both shares for each name: float32 (n_names,)."""
        return harmonic(*self.shares(words))

    def shares(self, words: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """Per name: share of the query's weight it holds, and share of its own weight that the query holds."""
        terms = self.terms(words)
        known = [self._columns[t] for t in terms if t in self._columns]
        total = sum(self._weight(t) for t in terms)
        if not known or not total:
            zeros = np.zeros(len(self._name_weight), dtype=np.float32)
            return zeros, zeros
        # The columns' own arrays: slicing the sparse matrix takes ten times as long as adding them up.
        bounds = [(self._matrix.indptr[c], self._matrix.indptr[c + 1]) for c in known]
        rows = np.concatenate([self._matrix.indices[start:end] for start, end in bounds])
        weights = np.concatenate([self._matrix.data[start:end] for start, end in bounds])
        shared = np.bincount(rows, weights, minlength=len(self._name_weight))
        return shared / total, shared / self._name_weight

    def holders(self, term: str) -> np.ndarray:
        """Rows of the names that hold a term, int32, ascending; empty for an unknown one."""
        column = self._columns.get(term)
        if column is None:
            return np.zeros(0, dtype=np.int32)
        return self._matrix.indices[self._matrix.indptr[column] : self._matrix.indptr[column + 1]]

    def _weight(self, term: str) -> float:
        return sum(self._weights.weight(word) for word in term.split("_"))
