"""BM25 over lists of terms. The bm25s library computes the weights (the only place that imports it); they are kept as
its sparse columns, mapped into memory on load, beside a vocabulary of 64-bit digests.

A dictionary of two million terms would take half a gigabyte and seconds to read; sorted digests take sixteen bytes a
term and nothing to load. Two terms share a digest with a chance of one in ten million at that size.
"""

from __future__ import annotations

import hashlib
import json
from array import array
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

import bm25s
import numpy as np

from knowledge.index.errors import IndexDamagedError

_LOOKED_AT = 20_000  # documents of a column from which a bound is taken: enough to make it a good one
_LEADING = 2  # documents that are looked up first, for each one wanted
_ROUNDED = 1 - 1e-5  # float32 sums of the same numbers in another order differ by less
_ARRAYS = {
    "data": "data.csc.index.npy",  # weight of a term in a document, column by column
    "indices": "indices.csc.index.npy",  # the document, rising within a column
    "indptr": "indptr.csc.index.npy",  # where a column begins
    "digests": "terms.npy",  # of the terms, rising
    "columns": "columns.npy",  # of each digest
    "bounds": "bounds.npy",  # greatest weight of each column
}
_OLD_VOCABULARY = "vocab.index.json"  # builds before the digests
_PARAMETERS = "params.index.json"


class Bm25Index:
    """Scores documents of a fixed collection for a query given as terms. Safe to use from several threads."""

    def __init__(self, n_documents: int, arrays: dict[str, np.ndarray] | None, parameters: dict[str, float]) -> None:
        """``arrays`` by the keys of _ARRAYS, None where no document has a term."""
        self.n_documents = n_documents
        self._parameters = parameters
        self._is_empty = arrays is None
        if arrays is not None:
            self._data, self._indices, self._indptr = arrays["data"], arrays["indices"], arrays["indptr"]
            self._digests, self._columns, self._bounds = arrays["digests"], arrays["columns"], arrays["bounds"]

    @classmethod
    def build(cls, documents: Iterable[Sequence[str]], k1: float, b: float) -> Bm25Index:
        """Index documents; row i of every score array is ``documents[i]``. An empty collection is allowed.

        Args:
            documents: read once and not kept, so they may be made as they are read.
        """
        vocabulary: dict[str, int] = {}
        ids = [array("i", (vocabulary.setdefault(term, len(vocabulary)) for term in terms)) for terms in documents]
        if not vocabulary:
            return cls(len(ids), None, {"k1": k1, "b": b})
        library = bm25s.BM25(method="lucene", k1=k1, b=b)
        library.index((ids, vocabulary), create_empty_token=False, show_progress=False)
        arrays = {name: np.asarray(library.scores[name]) for name in ("data", "indices", "indptr")}
        return cls(len(ids), arrays | _vocabulary_arrays(vocabulary) | {"bounds": _bounds(arrays)}, {"k1": k1, "b": b})

    def scores(self, terms: Sequence[str]) -> np.ndarray:
        """BM25 of every document: float32 (n_documents,); zeros where no term is known."""
        columns = [self._column(column) for column in self._known(terms)]
        if not columns:
            return np.zeros(self.n_documents, dtype=np.float32)
        documents, weights = (np.concatenate(parts) for parts in zip(*columns, strict=True))
        return np.bincount(documents, weights, minlength=self.n_documents).astype(np.float32)

    def scores_of(self, terms: Sequence[str], rows: np.ndarray) -> np.ndarray:
        """BM25 of some documents: float32, one for each of ``rows`` (any order)."""
        scores = np.zeros(len(rows), dtype=np.float32)
        for column in self._known(terms):
            scores += self._weights_at(column, rows)
        return scores

    def top(self, terms: Sequence[str], top_k: int) -> tuple[np.ndarray, np.ndarray]:
        """The best documents that hold any term: (scores, rows), best first, at most ``top_k``; exact.

        Columns are added from the rarest term on. As soon as the terms left could not lift a document from nothing
        into the best ones, they are looked up for the documents found so far and no others (MaxScore: Turtle and
        Flood, Information Processing & Management 31(6), 1995): half a million rows of "thủ tục" are not read. The
        leading documents are looked up first: their whole scores say which of the others have any chance.
        """
        columns = sorted(self._known(terms), key=lambda column: -self._bounds[column])
        left = np.cumsum([0.0, *(self._bounds[column] for column in reversed(columns))])[::-1]
        scores = np.zeros(self.n_documents, dtype=np.float32)
        least = 0.0  # score that each of the best top_k is sure to reach
        n_read = 0
        while n_read < len(columns) and left[n_read] >= least:
            documents, weights = self._column(columns[n_read])
            np.add.at(scores, documents, weights)
            least = max(least, _least_of_best(scores[documents[:_LOOKED_AT]], top_k))
            n_read += 1
        rows = np.flatnonzero(scores > max(least - left[n_read], 0)).astype(np.int32)
        sums = scores[rows]
        if n_read < len(columns) and len(rows) > _LEADING * top_k:
            leading = np.sort(np.argpartition(-sums, _LEADING * top_k)[: _LEADING * top_k])
            whole = sums[leading] + sum(self._weights_at(column, rows[leading]) for column in columns[n_read:])
            least = max(least, _least_of_best(whole, top_k))
            is_near = sums + left[n_read] >= least
            rows, sums = rows[is_near], sums[is_near]
        for j in range(n_read, len(columns)):
            sums = sums + self._weights_at(columns[j], rows)
            is_near = sums + left[j + 1] >= least
            rows, sums = rows[is_near], sums[is_near]
        if len(rows) > top_k:
            is_best = sums >= np.partition(sums, -top_k)[-top_k]
            rows, sums = rows[is_best], sums[is_best]
        best = np.lexsort((rows, -sums))[:top_k]
        return sums[best], rows[best].astype(np.int64)

    def holders(self, term: str) -> np.ndarray:
        """Rows of the documents that hold a term, int32, ascending; empty for an unknown one."""
        columns = self._known([term])
        return self._column(columns[0])[0] if columns else np.zeros(0, dtype=np.int32)

    def save(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        if self._is_empty:
            return
        for name, file_name in _ARRAYS.items():
            np.save(folder / file_name, getattr(self, f"_{name}"))
        parameters = {**self._parameters, "num_docs": self.n_documents, "method": "lucene"}
        (folder / _PARAMETERS).write_text(json.dumps(parameters))

    @classmethod
    def load(cls, folder: Path, n_documents: int) -> Bm25Index:
        """Map what :meth:`save` wrote.

        Raises:
            IndexDamagedError: files missing, damaged or of another size than the manifest says.
        """
        if n_documents == 0 or not (folder / _PARAMETERS).exists():
            if n_documents and any(folder.glob("*.npy")):
                raise IndexDamagedError(folder.name, "a parameter file", "none")
            return cls(n_documents, None, {})
        try:
            parameters = json.loads((folder / _PARAMETERS).read_text())
            arrays = {name: _map(folder / _ARRAYS[name]) for name in ("data", "indices", "indptr")}
            if (folder / _OLD_VOCABULARY).exists():
                vocabulary = json.loads((folder / _OLD_VOCABULARY).read_text(encoding="utf-8"))
                arrays |= _vocabulary_arrays(vocabulary) | {"bounds": _bounds(arrays)}
            else:
                arrays |= {name: _map(folder / _ARRAYS[name]) for name in ("digests", "columns", "bounds")}
            found = int(parameters["num_docs"])
            _refuse_misfits(arrays)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as exc:
            raise IndexDamagedError(folder.name, "readable BM25 files", type(exc).__name__) from exc
        if found != n_documents:
            raise IndexDamagedError(folder.name, f"{n_documents} documents", f"{found}")
        return cls(n_documents, arrays, {name: parameters[name] for name in ("k1", "b")})

    def _known(self, terms: Sequence[str]) -> list[int]:
        """Columns of the terms that any document holds, as often as they stand in ``terms``."""
        if self._is_empty or not terms:
            return []
        wanted = np.array([_digest(term) for term in terms], dtype=np.uint64)
        places = np.minimum(np.searchsorted(self._digests, wanted), len(self._digests) - 1)
        return self._columns[places[self._digests[places] == wanted]].tolist()

    def _column(self, column: int) -> tuple[np.ndarray, np.ndarray]:
        start, end = int(self._indptr[column]), int(self._indptr[column + 1])
        return self._indices[start:end], self._data[start:end]

    def _weights_at(self, column: int, rows: np.ndarray) -> np.ndarray:
        documents, weights = self._column(column)
        rows = rows.astype(documents.dtype, copy=False)  # of another type, searchsorted would copy the whole column
        places = np.minimum(np.searchsorted(documents, rows), len(documents) - 1)
        return np.where(documents[places] == rows, weights[places], np.float32(0))


def _least_of_best(scores: np.ndarray, top_k: int) -> float:
    """The top_k-th best of some scores, a little less for the rounding of sums; 0 where there are fewer."""
    return float(np.partition(scores, -top_k)[-top_k]) * _ROUNDED if len(scores) >= top_k else 0.0


@lru_cache(maxsize=100_000)
def _digest(term: str) -> int:
    return int.from_bytes(hashlib.blake2b(term.encode(), digest_size=8).digest(), "big")


def _vocabulary_arrays(vocabulary: dict[str, int]) -> dict[str, np.ndarray]:
    digests = np.fromiter(map(_digest, vocabulary), dtype=np.uint64, count=len(vocabulary))
    columns = np.fromiter(vocabulary.values(), dtype=np.int32, count=len(vocabulary))
    order = np.argsort(digests)
    return {"digests": digests[order], "columns": columns[order]}


def _bounds(arrays: dict[str, np.ndarray]) -> np.ndarray:
    """Greatest weight of each column; 0 for one without documents (the library's empty term)."""
    starts, ends = arrays["indptr"][:-1], arrays["indptr"][1:]
    bounds = np.zeros(len(starts), dtype=np.float32)
    held = ends > starts
    bounds[held] = np.maximum.reduceat(arrays["data"], starts[held])
    return bounds


def _map(path: Path) -> np.ndarray:
    """A file's array, its pages read when they are touched; a plain array, since slices of np.memmap are slow."""
    return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))


def _refuse_misfits(arrays: dict[str, np.ndarray]) -> None:
    n_columns = len(arrays["indptr"]) - 1
    if arrays["indptr"][-1] != len(arrays["data"]) or len(arrays["data"]) != len(arrays["indices"]):
        raise ValueError("columns and weights of different lengths")
    if len(arrays["bounds"]) != n_columns or len(arrays["digests"]) != len(arrays["columns"]) or not n_columns:
        raise ValueError("vocabulary and columns of different lengths")
