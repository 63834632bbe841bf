"""Cosines of one question with everything that has a vector, looked up while the words are scored.

FAISS works without the interpreter's lock, so on a second processor these searches cost a waiting person nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np

from knowledge.index.store import SearchIndex
from knowledge.retrieval.config import Candidates
from knowledge.retrieval.passages import Nearest, PassageFinder

_NEAREST_SIGNS = 300  # names of families and matters outside of which the cosine is looked up


class DenseCosines:
    """Results of the searches for one question; each is waited for when it is first asked for."""

    def __init__(self, titles: Future[np.ndarray], digests: Future[np.ndarray], plans: Future[Nearest], signs: Future[np.ndarray]) -> None:
        self._titles, self._digests, self._plans, self._signs = titles, digests, plans, signs

    def titles(self) -> np.ndarray:
        """float32 (2, n_titles): question and matter with each name or alias; read only."""
        return self._titles.result()

    def digests(self) -> np.ndarray:
        """float32 (2, n_procedures): the same with each digest; read only."""
        return self._digests.result()

    def plans(self) -> Nearest:
        """Cosines and rows of the passages of plans that are nearest to the question, best first; read only."""
        return self._plans.result()

    def signs(self) -> np.ndarray:
        """float32 (n_signs,): mean of question and matter with each sign; read only."""
        return self._signs.result()


class DenseLookup:
    """Starts the searches of a question. One for an index; safe to call from several threads."""

    def __init__(self, index: SearchIndex, candidates: Candidates, plans: PassageFinder) -> None:
        self._index, self._candidates, self._plans = index, candidates, plans
        # One thread keeps up with whatever the word scorers of all others let through.
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="dense-search")

    def start(self, vectors: np.ndarray) -> DenseCosines:
        """Args: vectors: float32 (2, dim): question and matter."""
        index, candidates = self._index, self._candidates
        mean = vectors.mean(axis=0, keepdims=True)  # the mean of inner products is the inner product with the mean
        return DenseCosines(  # in the order in which they are asked for
            plans=self._pool.submit(self._plans.nearest, vectors[0]),
            titles=self._pool.submit(index.dense_titles.cosines, vectors, candidates.titles),
            digests=self._pool.submit(index.dense_digests.cosines, vectors, candidates.digests),
            signs=self._pool.submit(_only_row, index.dense_signs.cosines, mean, _NEAREST_SIGNS),
        )


def _only_row(cosines: Callable[[np.ndarray, int], np.ndarray], vector: np.ndarray, top_k: int) -> np.ndarray:
    return cosines(vector, top_k)[0]
