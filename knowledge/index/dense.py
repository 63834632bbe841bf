"""Nearest vectors by inner product, by FAISS; the only place that imports it.

One class for every kind (knowledge/index/kinds.py): built from rows, saved to one file, mapped into memory on load.
"""

from __future__ import annotations

import os
from pathlib import Path

import faiss
import numpy as np

from knowledge.index.errors import IndexDamagedError
from knowledge.index.kinds import Flat, Hnsw, Ivf
from knowledge.index.role import DenseSearch, Rows

_BLOCK = 16_384  # rows read, turned into float32 and added at a time: 25 MB at 384 dimensions
_TRAINING_ROWS = 100_000  # from which the scales of an eight-bit form are taken
_ROWS_A_LIST = 40  # of training for its centre: FAISS warns below 39, and more took longer for nothing
_QUANTISERS = {"float16": faiss.ScalarQuantizer.QT_fp16, "int8": faiss.ScalarQuantizer.QT_8bit}
_IP = faiss.METRIC_INNER_PRODUCT


class DenseIndex(DenseSearch):
    """Unit vectors in an index of one kind. Searching from several threads at once is safe; it never grows."""

    def __init__(self, index: faiss.Index, kind: Flat | Hnsw | Ivf) -> None:
        self._index = index
        self.kind = kind

    @property
    def n_vectors(self) -> int:
        return self._index.ntotal

    @property
    def dimension(self) -> int:
        return self._index.d

    @classmethod
    def build(cls, vectors: Rows, kind: Flat | Hnsw | Ivf | None = None) -> DenseIndex:
        """Index ``vectors``: (n, dim), rows of unit length; flat unless another kind is given.

        Building a large graph or many lists uses every processor.
        """
        kind = kind or Flat()
        n, dimension = vectors.shape
        index = _empty_index(kind, n, dimension)
        faiss.omp_set_num_threads(os.cpu_count() or 1 if n > _BLOCK else 1)  # a small one is done before threads wake
        if not index.is_trained and n:
            index.train(_sample(vectors, _training_rows(kind, n)))
        for start in range(0, n, _BLOCK):
            index.add(np.ascontiguousarray(vectors[start : start + _BLOCK], dtype=np.float32))
        return cls(_addressable(index, kind), kind)

    def search(self, vectors: np.ndarray, top_k: int) -> tuple[np.ndarray, np.ndarray]:
        k = min(top_k, self.n_vectors)
        if k == 0:
            empty = np.zeros((len(vectors), 0))
            return empty.astype(np.float32), empty.astype(np.int64)
        queries = np.ascontiguousarray(vectors, dtype=np.float32)
        faiss.omp_set_num_threads(1)  # OpenMP keeps the number for each thread; more would spin while others wait
        scores, rows = self._index.search(queries, k, params=_breadth(self.kind, self._index, k))
        if (rows < 0).any():  # too few candidates within the breadth: look everywhere
            scores, rows = self._index.search(queries, k, params=_breadth(self.kind, self._index, self.n_vectors))
            n_found = int((rows >= 0).sum(axis=1).min())
            scores, rows = scores[:, :n_found], rows[:, :n_found]
        return scores, rows

    def cosines_of(self, vector: np.ndarray, rows: np.ndarray) -> np.ndarray:
        if not len(rows):
            return np.zeros(0, dtype=np.float32)
        return self._index.reconstruct_batch(np.ascontiguousarray(rows, dtype=np.int64)) @ vector

    def save(self, path: Path) -> None:
        faiss.write_index(self._index, str(path))

    @classmethod
    def load(cls, path: Path, n_vectors: int, dimension: int, kind: Flat | Hnsw | Ivf | None = None) -> DenseIndex:
        """Map what :meth:`save` wrote: pages are read as searches touch them, and processes share them.

        Args:
            kind: what the manifest says it is; flat unless given.

        Raises:
            IndexDamagedError: file missing, damaged, of another size or kind than the manifest says.
        """
        kind = kind or Flat()
        try:
            index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
        except (RuntimeError, OSError) as exc:
            raise IndexDamagedError(path.name, "a readable FAISS file", "damaged or missing") from exc
        if (index.ntotal, index.d) != (n_vectors, dimension):
            raise IndexDamagedError(path.name, f"{n_vectors} × {dimension}", f"{index.ntotal} × {index.d}")
        expected = type(_empty_index(kind, n_vectors, dimension)).__name__
        if type(index).__name__ != expected:
            raise IndexDamagedError(path.name, f"{expected} as the manifest says", type(index).__name__)
        return cls(_addressable(index, kind), kind)


def _addressable(index: faiss.Index, kind: Flat | Hnsw | Ivf) -> faiss.Index:
    """Lists alone do not know where a row lies; with vectors to compare again beside them that is not needed."""
    if isinstance(kind, Ivf) and not kind.refine:
        index.make_direct_map()
    return index


def _empty_index(kind: Flat | Hnsw | Ivf, n_vectors: int, dimension: int) -> faiss.Index:
    if isinstance(kind, Hnsw):
        index = (
            faiss.IndexHNSWFlat(dimension, kind.links, _IP)
            if kind.storage == "float32"
            else faiss.IndexHNSWSQ(dimension, _QUANTISERS[kind.storage], kind.links, _IP)
        )
        index.hnsw.efConstruction = kind.ef_construction
        return index
    if isinstance(kind, Ivf):
        index = faiss.index_factory(dimension, _factory_text(kind, n_vectors), _IP)
        return index
    return faiss.IndexFlatIP(dimension)


def _factory_text(kind: Ivf, n_vectors: int) -> str:
    storage = {"float32": "Flat", "float16": "SQfp16", "int8": "SQ8"}[kind.storage]
    refine = ",Refine(SQfp16)" if kind.refine else ""
    return f"IVF{_n_lists(kind, n_vectors)},{storage}{refine}"


def _n_lists(kind: Ivf, n_vectors: int) -> int:
    return max(1, min(round(kind.lists_per_root * n_vectors**0.5), n_vectors // _ROWS_A_LIST))


def _training_rows(kind: Flat | Hnsw | Ivf, n_vectors: int) -> int:
    wanted = _ROWS_A_LIST * _n_lists(kind, n_vectors) if isinstance(kind, Ivf) else _TRAINING_ROWS
    return min(n_vectors, wanted)


def _sample(vectors: Rows, n_rows: int) -> np.ndarray:
    """Rows spread evenly over all: neighbours in a library are about one thing."""
    return np.ascontiguousarray(vectors[np.linspace(0, len(vectors) - 1, n_rows).astype(np.int64)], dtype=np.float32)


def _breadth(kind: Flat | Hnsw | Ivf, index: faiss.Index, k: int) -> faiss.SearchParameters | None:
    """How far a search for ``k`` rows looks; given with each call, so that threads do not disturb each other."""
    if isinstance(kind, Hnsw):
        return faiss.SearchParametersHNSW(efSearch=max(kind.ef_search, k))
    if isinstance(kind, Ivf):
        base = faiss.downcast_index(index.base_index) if kind.refine else index
        share = 1.0 if k == index.ntotal else kind.n_probe_share
        lists = faiss.SearchParametersIVF(nprobe=max(1, round(share * base.nlist)))
        if not kind.refine:
            return lists
        return faiss.IndexRefineSearchParameters(k_factor=min(kind.refine, index.ntotal / k), base_index_params=lists)
    return None
