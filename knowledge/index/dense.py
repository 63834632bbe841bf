"""Nearest vectors by inner product, by FAISS; the only place that imports it."""

from __future__ import annotations

from pathlib import Path

import faiss
import numpy as np

from knowledge.index.errors import IndexDamagedError


class DenseIndex:
    """Unit vectors in a flat (exact) index. Searching from several threads at once is safe; it never grows."""

    def __init__(self, index: faiss.Index) -> None:
        self._index = index

    @property
    def n_vectors(self) -> int:
        return self._index.ntotal

    @property
    def dimension(self) -> int:
        return self._index.d

    @classmethod
    def build(cls, vectors: np.ndarray) -> DenseIndex:
        """Index ``vectors``: float32 (n, dim), rows of unit length."""
        faiss.omp_set_num_threads(1)
        index = faiss.IndexFlatIP(vectors.shape[1])
        if len(vectors):
            index.add(np.ascontiguousarray(vectors, dtype=np.float32))
        return cls(index)

    def search(self, vectors: np.ndarray, top_k: int) -> tuple[np.ndarray, np.ndarray]:
        """Nearest rows for each query row: (scores, row numbers), both (n_queries, k), best first."""
        k = min(top_k, self.n_vectors)
        if k == 0:
            empty = np.zeros((len(vectors), 0))
            return empty.astype(np.float32), empty.astype(np.int64)
        return self._index.search(np.ascontiguousarray(vectors, dtype=np.float32), k)

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

    def save(self, path: Path) -> None:
        faiss.write_index(self._index, str(path))

    @classmethod
    def load(cls, path: Path, n_vectors: int, dimension: int) -> DenseIndex:
        """Read what :meth:`save` wrote.

        Raises:
            IndexDamagedError: file missing, damaged, or of another size than the manifest says.
        """
        try:
            index = faiss.read_index(str(path))
        except (RuntimeError, OSError) as exc:
            raise IndexDamagedError(path.name, "a readable FAISS file", "damaged or missing") from exc
        if (index.ntotal, index.d) != (n_vectors, dimension):
            raise IndexDamagedError(path.name, f"{n_vectors} × {dimension}", f"{index.ntotal} × {index.d}")
        faiss.omp_set_num_threads(1)
        return cls(index)
