"""The role of a dense index, whoever keeps the vectors: FAISS in a file (dense.py) or PostgreSQL (pgvectors.py).

Every implementation passes tests/dense_contract.py.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Protocol

import numpy as np


class Rows(Protocol):
    """Vectors to be indexed: a float32 matrix, or something that reads them block by block."""

    shape: tuple[int, ...]

    def __len__(self) -> int: ...

    def __getitem__(self, rows: slice | np.ndarray) -> np.ndarray: ...


class DenseSearch(ABC):
    """Nearest rows by inner product of unit vectors; safe to ask from several threads at once."""

    @property
    @abstractmethod
    def n_vectors(self) -> int: ...

    @property
    @abstractmethod
    def dimension(self) -> int: ...

    @abstractmethod
    def search(self, vectors: np.ndarray, top_k: int) -> tuple[np.ndarray, np.ndarray]:
        """Nearest rows for each query row: (scores, row numbers), both (n_queries, k), best first.

        k is ``top_k``, or fewer where there are no more rows; no row number is ever a stand-in.
        """

    @abstractmethod
    def cosines_of(self, vector: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """Cosine of one query with some rows, float32, one for each of ``rows``; as near as the storage keeps them."""

    def cosines(self, vectors: np.ndarray, top_k: int) -> np.ndarray:
        """Cosine of every row with each query, float32 (n_queries, n_vectors).

        Rows outside a query's ``top_k`` get the lowest cosine within it: how unlike the unlike ones are says nothing.
        """
        scores, found = self.search(vectors, top_k)
        if self.n_vectors == 0:
            return scores
        cosines = np.repeat(scores[:, -1:], self.n_vectors, axis=1)
        np.put_along_axis(cosines, found, scores, axis=1)
        return cosines
