"""First-stage scorers of procedures: by name and by body, by meaning and by word."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_matrix

from knowledge.index.bm25 import Bm25Index
from knowledge.index.dense import DenseIndex
from knowledge.index.store import SearchIndex
from knowledge.index.terms import bare_words
from knowledge.retrieval.confidence import TermWeights
from knowledge.retrieval.types import Query

_EMPTY_WORDS = frozenset({"thu", "tuc"})  # "Thủ tục …" heads half of all official names and says nothing
_WHOLE_MATTER = 0.9  # share of the matter's weight; leaves room for one light word


class TitleDenseScorer:
    """Best cosine over a procedure's names and aliases; whole question and bare matter are averaged."""

    name = "title_dense"

    def __init__(self, index: SearchIndex, top_k: int, matter_share: float) -> None:
        self._dense = index.dense_titles
        self._rows = np.array([t.row for t in index.titles], dtype=np.int64)
        self._n = len(index.procedures)
        self._top_k = top_k
        self._share = matter_share

    def score(self, query: Query) -> np.ndarray:
        return _dense_scores(
            self._dense, query, self._rows, self._n, self._top_k, self._share, query.hidden_titles
        )


class DigestDenseScorer:
    """Cosine with a procedure's digest (name, field, applicants, result, first documents)."""

    name = "digest_dense"

    def __init__(self, index: SearchIndex, top_k: int, matter_share: float) -> None:
        self._dense = index.dense_digests
        self._n = len(index.procedures)
        self._rows = np.arange(self._n)
        self._top_k = top_k
        self._share = matter_share

    def score(self, query: Query) -> np.ndarray:
        return _dense_scores(self._dense, query, self._rows, self._n, self._top_k, self._share)


class TitleBm25Scorer:
    """Best BM25 over a procedure's names and aliases, without diacritics, on the bare matter."""

    name = "title_bm25"

    def __init__(self, index: SearchIndex) -> None:
        self._bm25 = index.bm25_titles
        self._rows = np.array([t.row for t in index.titles], dtype=np.int64)
        self._n = len(index.procedures)

    def score(self, query: Query) -> np.ndarray:
        best = np.zeros(self._n, dtype=np.float32)
        if len(self._rows):
            scores = self._bm25.scores(query.matter_bare).copy()
            scores[list(query.hidden_titles)] = 0.0
            np.maximum.at(best, self._rows, scores)
        return best


class TitleMatchScorer:
    """How nearly a name or alias says what the question says, word for word and without diacritics.

    The harmonic mean of two shares of weight (inverse document frequency): of the matter's words that stand
    in the title, and of the title's words that stand in the matter. 1 when both hold the same words; unlike the
    other signals it means the same for every question, so confidence uses it too.
    """

    name = "title_match"

    def __init__(self, index: SearchIndex, weights: TermWeights) -> None:
        words = [sorted(set(bare_words(t.text)) - _EMPTY_WORDS) for t in index.titles]
        self._columns = {word: i for i, word in enumerate(sorted({w for ws in words for w in ws}))}
        rows = np.repeat(np.arange(len(words)), [len(ws) for ws in words])
        columns = np.array([self._columns[w] for ws in words for w in ws], dtype=np.int64)
        idf = np.array([weights.weight(w) for w in self._columns], dtype=np.float32)
        shape = (len(words), len(self._columns))
        self._matrix = csr_matrix((idf[columns], (rows, columns)), shape=shape).tocsc()
        self._title_weight = np.maximum(np.asarray(self._matrix.sum(axis=1)).ravel(), 1e-6)
        self._rows = np.array([t.row for t in index.titles], dtype=np.int64)
        self._n = len(index.procedures)
        self._weights = weights

    def score(self, query: Query) -> np.ndarray:
        best = np.zeros(self._n, dtype=np.float32)
        recall, precision = self._shares(query)
        match = 2 * recall * precision / np.maximum(recall + precision, 1e-6)
        match[list(query.hidden_titles)] = 0.0
        np.maximum.at(best, self._rows, match.astype(np.float32))
        return best

    def holders(self, query: Query) -> frozenset[int]:
        """Rows of procedures one of whose names holds (nearly) all of the matter: "đăng ký xe" has many."""
        recall, _ = self._shares(query)
        return frozenset(self._rows[recall >= _WHOLE_MATTER].tolist())

    def _shares(self, query: Query) -> tuple[np.ndarray, np.ndarray]:
        """Per title: share of the matter's weight it holds, and share of its own weight that the matter holds."""
        words = {t for t in query.matter_bare if "_" not in t} - _EMPTY_WORDS
        known = [self._columns[w] for w in words if w in self._columns]
        total = sum(self._weights.weight(w) for w in words)
        if not known or not total:
            return np.zeros(len(self._rows)), np.zeros(len(self._rows))
        shared = np.asarray(self._matrix[:, known].sum(axis=1)).ravel()
        return shared / total, shared / self._title_weight


class BodyBm25Scorer:
    """BM25 over whole records: ``bare`` without diacritics on the matter, ``marked`` with them."""

    def __init__(self, name: str, bm25: Bm25Index, marked: bool) -> None:
        self.name = name
        self._bm25 = bm25
        self._marked = marked

    def score(self, query: Query) -> np.ndarray:
        return self._bm25.scores(query.marked if self._marked else query.matter_bare)


def _dense_scores(
    dense: DenseIndex,
    query: Query,
    rows: np.ndarray,
    n: int,
    top_k: int,
    matter_share: float,
    hidden: frozenset[int] = frozenset(),
) -> np.ndarray:
    """Cosines pooled by maximum into procedures; those outside the top_k get the lowest cosine seen."""
    scores, found = dense.search(query.vectors, top_k)
    pooled = np.zeros(n, dtype=np.float32)
    for share, line, ids in zip((1 - matter_share, matter_share), scores, found, strict=True):
        if not len(line):
            continue
        best = np.full(n, line.min(), dtype=np.float32)
        if hidden:
            seen = np.array([i not in hidden for i in ids.tolist()], dtype=bool)
            line, ids = line[seen], ids[seen]
        np.maximum.at(best, rows[ids], line)
        pooled += share * best
    return pooled
