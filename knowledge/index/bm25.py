"""BM25 over lists of terms, by the bm25s library; the only place that imports it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import bm25s
import numpy as np

from knowledge.index.errors import IndexDamagedError


class Bm25Index:
    """Scores every document of a fixed collection for a query given as terms."""

    def __init__(self, retriever: bm25s.BM25 | None, n_documents: int) -> None:
        self._retriever = retriever
        self.n_documents = n_documents

    @classmethod
    def build(cls, documents: Sequence[Sequence[str]], k1: float, b: float) -> Bm25Index:
        """Index documents; row i of every score array is ``documents[i]``. An empty collection is allowed."""
        if not any(documents):
            return cls(None, len(documents))
        retriever = bm25s.BM25(method="lucene", k1=k1, b=b)
        retriever.index([list(d) for d in documents], show_progress=False)
        return cls(retriever, len(documents))

    def scores(self, terms: Sequence[str]) -> np.ndarray:
        """BM25 of every document: float32 (n_documents,); zeros where no term is known."""
        if self._retriever is None or not terms:
            return np.zeros(self.n_documents, dtype=np.float32)
        return self._retriever.get_scores(list(terms))

    def holders(self, term: str) -> np.ndarray:
        """Rows of the documents that hold a term, int32, ascending; empty for an unknown one."""
        column = self._retriever.vocab_dict.get(term) if self._retriever else None
        if column is None:
            return np.zeros(0, dtype=np.int32)
        matrix = self._retriever.scores
        return np.sort(matrix["indices"][matrix["indptr"][column] : matrix["indptr"][column + 1]])

    def save(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        if self._retriever is not None:
            self._retriever.save(str(folder), show_progress=False)

    @classmethod
    def load(cls, folder: Path, n_documents: int) -> Bm25Index:
        """Read what :meth:`save` wrote.

        Raises:
            IndexDamagedError: files missing or of another size than the manifest says.
        """
        if n_documents == 0 or not (folder / "params.index.json").exists():
            if n_documents and any(folder.glob("*.npy")):
                raise IndexDamagedError(folder.name, "a parameter file", "none")
            return cls(None, n_documents)
        try:
            retriever = bm25s.BM25.load(str(folder), show_progress=False)
        except Exception as exc:  # bm25s raises what numpy and json raise, and its own ValueErrors
            raise IndexDamagedError(folder.name, "readable BM25 files", type(exc).__name__) from exc
        found = int(retriever.scores["num_docs"])
        if found != n_documents:
            raise IndexDamagedError(folder.name, f"{n_documents} documents", f"{found}")
        return cls(retriever, n_documents)
