"""First-stage scorers of procedures: by name and by body, by meaning and by word."""

from __future__ import annotations

import numpy as np

from knowledge.index.bm25 import Bm25Index
from knowledge.index.store import SearchIndex
from knowledge.retrieval.circumstances import CircumstanceReader
from knowledge.retrieval.matching import NameMatcher, telling_terms, without_brackets
from knowledge.retrieval.term_weights import TermWeights
from knowledge.retrieval.types import Query

_WHOLE_MATTER = 0.9  # share of the matter's weight; leaves room for one light word


class TitleDenseScorer:
    """Best cosine over a procedure's names and aliases; whole question and bare matter are averaged."""

    name = "title_dense"

    def __init__(self, index: SearchIndex, matter_share: float) -> None:
        self._rows = np.array([t.row for t in index.titles], dtype=np.int64)
        self._n = len(index.procedures)
        self._share = matter_share

    def score(self, query: Query) -> np.ndarray:
        return _dense_scores(query.dense.titles(), self._rows, self._n, self._share, query.hidden_titles)


class DigestDenseScorer:
    """Cosine with a procedure's digest (name, field, applicants, result, first documents)."""

    name = "digest_dense"

    def __init__(self, index: SearchIndex, matter_share: float) -> None:
        self._n = len(index.procedures)
        self._rows = np.arange(self._n)
        self._share = matter_share

    def score(self, query: Query) -> np.ndarray:
        return _dense_scores(query.dense.digests(), self._rows, self._n, self._share)


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
    """How nearly a name or alias says what the question says, by syllables (knowledge/retrieval/matching.py)."""

    name = "title_match"

    def __init__(self, index: SearchIndex, weights: TermWeights) -> None:
        self._matcher = NameMatcher([t.text for t in index.titles], weights)
        self._rows = np.array([t.row for t in index.titles], dtype=np.int64)
        self._n = len(index.procedures)

    def score(self, query: Query) -> np.ndarray:
        return _best_of_rows(self._matcher.match(query.telling), self._rows, self._n, query)

    def holders(self, query: Query) -> frozenset[int]:
        """Rows of procedures one of whose names holds (nearly) all of the matter: "đăng ký xe" has many."""
        recall, _ = self._matcher.shares(query.telling)
        return frozenset(self._rows[recall >= _WHOLE_MATTER].tolist())


class TitlePairsScorer:
    """The same by pairs of syllables, which most Vietnamese words are; it judges, and ranks only by its weight."""

    name = "title_pairs"

    def __init__(self, index: SearchIndex, weights: TermWeights) -> None:
        self._matcher = NameMatcher([t.text for t in index.titles], weights, pairs=True)
        self._rows = np.array([t.row for t in index.titles], dtype=np.int64)
        self._n = len(index.procedures)

    def score(self, query: Query) -> np.ndarray:
        return _best_of_rows(self._matcher.match(query.telling), self._rows, self._n, query)


class TitleExactScorer:
    """1 where a name or alias is said syllable for syllable, what stands in its brackets (its level) or not; else 0."""

    name = "title_exact"

    def __init__(self, index: SearchIndex) -> None:
        self._rows = [t.row for t in index.titles]
        self._n = len(index.procedures)
        self._titles: dict[tuple[str, ...], set[int]] = {}
        for i, title in enumerate(index.titles):
            for text in {title.text, without_brackets(title.text)}:
                self._titles.setdefault(tuple(telling_terms(text)), set()).add(i)

    def score(self, query: Query) -> np.ndarray:
        said = np.zeros(self._n, dtype=np.float32)
        for i in self._titles.get(query.telling, set()) - query.hidden_titles:
            said[self._rows[i]] = 1.0
        return said


class BodyBm25Scorer:
    """BM25 over whole records: ``bare`` without diacritics on the matter, ``marked`` with them."""

    def __init__(self, name: str, bm25: Bm25Index, marked: bool) -> None:
        self.name = name
        self._bm25 = bm25
        self._marked = marked

    def score(self, query: Query) -> np.ndarray:
        return self._bm25.scores(query.marked if self._marked else query.matter_bare)


class CircumstancesScorer:
    """Circumstances that question and procedure share, or those that only the procedure names (as a negative number)."""

    def __init__(self, name: str, reader: CircumstanceReader, shared: bool) -> None:
        self.name = name
        self._count = reader.shared if shared else reader.unasked

    def score(self, query: Query) -> np.ndarray:
        return self._count(query)


def _best_of_rows(values: np.ndarray, rows: np.ndarray, n: int, query: Query) -> np.ndarray:
    """Each procedure's best title, hidden ones left out: float32 (n,)."""
    values = values.copy()
    values[list(query.hidden_titles)] = 0.0
    best = np.zeros(n, dtype=np.float32)
    np.maximum.at(best, rows, values)
    return best


def _dense_scores(
    cosines: np.ndarray, rows: np.ndarray, n: int, matter_share: float, hidden: frozenset[int] = frozenset()
) -> np.ndarray:
    """Cosines pooled by maximum into procedures; those of hidden rows count as the lowest."""
    pooled = np.zeros(n, dtype=np.float32)
    for share, line in zip((1 - matter_share, matter_share), cosines, strict=True):
        if not len(line):
            continue
        least = line.min()
        if hidden:
            line = line.copy()
            line[list(hidden)] = least
        best = np.full(n, least, dtype=np.float32)
        np.maximum.at(best, rows, line)
        pooled += share * best
    return pooled
