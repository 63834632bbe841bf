"""First stage over any number of passages: the nearest by meaning and the best by words, in one list.

Every list here is short and every step costs by the candidates, not by the collection, so it serves a million passages
as it serves a thousand. What ranks within a document (knowledge/retrieval/plans.py) comes after it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from knowledge.index.bm25 import Bm25Index
from knowledge.index.dense import DenseIndex
from knowledge.retrieval.fusion import min_max


@dataclass(frozen=True)
class PassageCandidates:
    """Rows of passages, best first, with their fused score, cosine and BM25 (all of one length)."""

    rows: np.ndarray
    scores: np.ndarray
    cosines: np.ndarray
    bm25: np.ndarray


class PassageFinder:
    """Finds passages for a query in one dense and one BM25 index over the same rows; safe to use from many threads."""

    def __init__(self, dense: DenseIndex, bm25: Bm25Index, n_candidates: int, words_share: float) -> None:
        """
        Args:
            n_candidates: rows taken from each of the two.
            words_share: weight 0..1 of words beside meaning.
        """
        self._dense, self._bm25 = dense, bm25
        self._n_candidates = n_candidates
        self._words_share = words_share

    def find(self, vector: np.ndarray, terms: tuple[str, ...], top_k: int) -> PassageCandidates:
        """The best ``top_k`` passages, or as many as the two lists hold.

        Args:
            vector: the query, float32 (dim,), unit length.
            terms: BM25 terms of the query (knowledge.index.terms.bare_terms).
        """
        near, near_rows = (line[0] for line in self._dense.search(vector[None, :], self._n_candidates))
        held, held_rows = self._bm25.top(terms, self._n_candidates)
        rows, is_first = np.unique(np.concatenate([near_rows, held_rows]), return_index=True)
        is_near = is_first < len(near_rows)
        cosines, bm25 = np.empty(len(rows), dtype=np.float32), np.empty(len(rows), dtype=np.float32)
        cosines[is_near] = near[is_first[is_near]]
        cosines[~is_near] = self._dense.cosines_of(vector, rows[~is_near])
        bm25[~is_near] = held[is_first[~is_near] - len(near_rows)]
        bm25[is_near] = self._bm25.scores_of(terms, rows[is_near])
        scores = (1 - self._words_share) * min_max(cosines) + self._words_share * min_max(bm25)
        best = np.lexsort((rows, -scores))[:top_k]
        return PassageCandidates(rows[best], scores[best], cosines[best], bm25[best])
