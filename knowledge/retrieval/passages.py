"""First stage over any number of passages: the nearest by meaning and the best by words, side by side.

A collection that is not larger than the number of candidates is taken whole, and so ranked exactly. Of a larger one every
list here is short and every step costs by the candidates, so it serves a million passages as it serves a thousand. What
ranks within a document (knowledge/retrieval/plans.py) comes after it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from knowledge.index.bm25 import Bm25Index
from knowledge.index.role import DenseSearch

Nearest = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class PassageCandidates:
    """Rows of passages, ascending, with their cosine and BM25 (all of one length)."""

    rows: np.ndarray
    cosines: np.ndarray
    bm25: np.ndarray


class PassageFinder:
    """Finds passages for a query in one dense and one BM25 index over the same rows; safe to use from many threads."""

    def __init__(self, dense: DenseSearch, bm25: Bm25Index, n_candidates: int) -> None:
        """``n_candidates``: rows taken from each of the two; a collection of no more is taken whole."""
        self._dense, self._bm25 = dense, bm25
        self._n_candidates = n_candidates

    def nearest(self, vector: np.ndarray) -> Nearest:
        """Cosines and rows of the nearest passages, best first: the half of the work that another thread may do.

        Args:
            vector: the query, float32 (dim,), unit length.
        """
        cosines, rows = self._dense.search(vector[None, :], self._n_candidates)
        return cosines[0], rows[0]

    def candidates(
        self, vector: np.ndarray, terms: Sequence[str], nearest: Callable[[], Nearest], also: Sequence[range] = ()
    ) -> PassageCandidates:
        """Whatever is near in meaning or good in words.

        Args:
            terms: BM25 terms of the query (knowledge.index.terms.bare_terms).
            nearest: gives what :meth:`nearest` gives for ``vector``; asked for when the words are done.
            also: rows that are candidates whatever they score.
        """
        if self._dense.n_vectors <= self._n_candidates:
            bm25 = self._bm25.scores(terms)
            near, near_rows = nearest()
            cosines = np.full(len(bm25), near.min(initial=1.0), dtype=np.float32)  # a graph may leave some out
            cosines[near_rows] = near
            return PassageCandidates(np.arange(len(bm25)), cosines, bm25)
        _, held_rows = self._bm25.top(terms, self._n_candidates)
        near, near_rows = nearest()
        rows, is_first = np.unique(np.concatenate([near_rows, held_rows, *also]), return_index=True)
        rows, is_near = rows.astype(np.int64), is_first < len(near_rows)
        cosines = np.empty(len(rows), dtype=np.float32)
        cosines[is_near] = near[is_first[is_near]]
        cosines[~is_near] = self._dense.cosines_of(vector, rows[~is_near])
        return PassageCandidates(rows, cosines, self._bm25.scores_of(terms, rows))
