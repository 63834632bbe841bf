"""First-stage scorers of procedures: by name and by body, by meaning and by word."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from knowledge.index.bm25 import Bm25Index
from knowledge.index.store import SearchIndex
from knowledge.retrieval.matching import NameMatcher, harmonic, telling_terms, without_brackets
from knowledge.retrieval.term_weights import TermWeights
from knowledge.retrieval.types import Query

_WHOLE_MATTER = 0.9  # share of the matter's weight; leaves room for one light word
_NEAREST_NAMES = 5
_UNRELATED = 0.8  # cosine of texts with nothing in common


class TitleDenseScorer:
    """Best cosine over a procedure's names and aliases; whole question and bare matter are averaged."""

    name = "title_dense"

    def __init__(self, index: SearchIndex, matter_share: float) -> None:
        self._rows = np.array([t.row for t in index.titles], dtype=np.int64)
        self._n = len(index.procedures)
        self._share = matter_share

    def score(self, query: Query) -> np.ndarray:
        return _dense_scores(query.dense.titles(), self._rows, self._n, self._share, query.hidden_titles)


class NamesDense:
    """How near a procedure's nearest few names lie on average: one near name may be chance, five are none."""

    def __init__(self, index: SearchIndex) -> None:
        self._titles = index.dense_titles
        rows = np.array([t.row for t in index.titles], dtype=np.int64)
        self._order = np.argsort(rows, kind="stable")
        self._ends = np.cumsum(np.bincount(rows, minlength=len(index.procedures)))

    def score(self, query: Query, rows: np.ndarray) -> np.ndarray:
        """Mean cosine of whole question and bare matter with the nearest names of each procedure in ``rows``, as far as
        it lies above that of unrelated texts: float32 (len(rows),)."""
        names = [self._names_of(int(row), query.hidden_titles) for row in rows]
        cosines = self._titles.cosines_of(query.vectors.mean(axis=0), np.concatenate([*names, np.zeros(0, dtype=np.int64)]))
        parts = np.split(cosines, np.cumsum([len(part) for part in names], dtype=np.int64))[:-1]  # behind the last is nothing
        nearest = [np.sort(part)[-_NEAREST_NAMES:].mean() if len(part) else 0.0 for part in parts]
        return np.maximum(np.array(nearest, dtype=np.float32) - _UNRELATED, 0)

    def _names_of(self, row: int, hidden: frozenset[int]) -> np.ndarray:
        names = self._order[self._ends[row - 1] if row else 0 : self._ends[row]]
        return np.setdiff1d(names, list(hidden)) if hidden else names


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


class TitleWords:
    """How nearly a name or alias says what the question says, by syllables and by pairs of them, which most
    Vietnamese words are (knowledge/retrieval/matching.py)."""

    def __init__(self, index: SearchIndex, weights: TermWeights) -> None:
        texts = [t.text for t in index.titles]
        self._words = NameMatcher(texts, weights)
        self._pairs = NameMatcher(texts, weights, pairs=True)
        self._rows = np.array([t.row for t in index.titles], dtype=np.int32)
        self._n = len(index.procedures)
        self._names = np.bincount(self._rows, minlength=self._n)
        self._weights = weights

    def scores(self, query: Query) -> dict[str, np.ndarray]:
        """Per procedure, float32 (n_procedures,), 0..1 each.

        ``title_match`` and ``title_pairs``: the nearest name by words and by pairs. Of the name nearest by both:
        ``title_recall``, the share of the question's weight that it holds, and ``title_precision``, the share of its own
        weight that the question holds.
        """
        recall, precision = self._words.shares(query.telling)
        match, pairs = harmonic(recall, precision), self._pairs.match(query.telling)
        for values in (match, pairs):
            values[list(query.hidden_titles)] = 0.0
        nearest = self._best(match + pairs)
        is_nearest = match + pairs >= nearest[self._rows]
        is_nearest[list(query.hidden_titles)] = False
        return {
            "title_match": self._best(match),
            "title_pairs": self._best(pairs),
            "title_recall": self._best(is_nearest * recall),
            "title_precision": self._best(is_nearest * precision),
        }

    def together(self, query: Query, rows: np.ndarray) -> dict[str, np.ndarray]:
        """What all names of each procedure in ``rows`` say together, float32 (len(rows),), 0..1 each: the share of the
        question's weight whose words (``names_words``) or pairs (``names_pairs``) they hold, a word the more the more of
        them hold it. A story's words stand in no single name, but several of them may in several."""
        n_names = np.log1p(np.maximum(self._n_names(query, rows), 1))
        shares = {}
        for name, matcher, terms in (
            ("names_words", self._words, self._weights.weigh(query.telling)),
            ("names_pairs", self._pairs, self._weights.weigh_pairs(query.telling)),
        ):
            held = np.log1p(self._count(matcher, terms.weights, query, rows))
            shares[name] = (list(terms.weights.values()) @ held / n_names / max(terms.total, 1e-9)).astype(np.float32)
        return shares

    def _count(self, matcher: NameMatcher, terms: Iterable[str], query: Query, rows: np.ndarray) -> np.ndarray:
        """How many names of each procedure hold each term: (n_terms, n_rows)."""
        hidden = list(query.hidden_titles)
        held = (np.setdiff1d(matcher.holders(term), hidden) if hidden else matcher.holders(term) for term in terms)
        counted = [np.bincount(self._rows[names], minlength=self._n)[rows] for names in held]
        return np.array(counted, dtype=np.float64).reshape(-1, len(rows))

    def _n_names(self, query: Query, rows: np.ndarray) -> np.ndarray:
        hidden = np.bincount(self._rows[list(query.hidden_titles)], minlength=self._n)
        return (self._names - hidden)[rows]

    def holders(self, query: Query) -> frozenset[int]:
        """Rows of procedures one of whose names holds (nearly) all of the matter: "đăng ký xe" has many."""
        recall, _ = self._words.shares(query.telling)
        return frozenset(self._rows[recall >= _WHOLE_MATTER].tolist())

    def holders_of_pair(self, query: Query, pair: str) -> np.ndarray:
        """Rows of procedures one of whose names holds a pair of syllables ("khai_sinh"): int32, ascending."""
        names = self._pairs.holders(pair)
        if query.hidden_titles:
            names = np.setdiff1d(names, list(query.hidden_titles))
        return np.unique(self._rows[names])

    def _best(self, values: np.ndarray) -> np.ndarray:
        """Each procedure's best name: float32 (n_procedures,)."""
        best = np.zeros(self._n, dtype=np.float32)
        np.maximum.at(best, self._rows, values.astype(np.float32, copy=False))  # of two types it takes ten times as long
        return best


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
    """One count of circumstances as a signal (knowledge/retrieval/circumstances.py)."""

    def __init__(self, name: str, count: Callable[[Query], np.ndarray]) -> None:
        self.name = name
        self._count = count

    def score(self, query: Query) -> np.ndarray:
        return self._count(query)


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
