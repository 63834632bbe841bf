"""Ranking of plan passages: meaning, words, and the document the question names."""

from __future__ import annotations

import numpy as np

from knowledge.index.store import SearchIndex
from knowledge.index.terms import bare_terms, bare_words
from knowledge.model import Plan
from knowledge.retrieval.config import SearchConfig
from knowledge.retrieval.fusion import fuse, min_max
from knowledge.retrieval.types import Query


class PlanRanker:
    """Scores every plan passage of an index."""

    def __init__(self, index: SearchIndex, config: SearchConfig) -> None:
        self._index = index
        self._config = config
        self._weights = config.plan_weights.model_dump()
        offset = index.manifest.n_passages
        self.passages = index.passages[offset:]
        plan_rows = {plan.id: i for i, plan in enumerate(index.plans)}
        self._plan_of_passage = np.array([plan_rows[p.record_id] for p in self.passages], dtype=np.int64)
        self._headings = [[w for w in bare_words(p.section) if w.isalpha()] for p in self.passages]
        self._marks = [_marks_of(plan) for plan in index.plans]

    def rank(self, query: Query, named: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
        """Score the passages.

        Args:
            named: ids of plans whose number stands in the question.

        Returns:
            (fused score, cosine), both float32 (n_plan_passages,).
        """
        n = len(self.passages)
        if n == 0:
            return np.zeros(0, dtype=np.float32), np.zeros(0, dtype=np.float32)
        cosine = self._cosines(query, n)
        scaled = {
            "dense": min_max(cosine),
            "bm25": min_max(self._index.bm25_plans.scores(query.bare)),
            "document": self._document_match(query, named)[self._plan_of_passage],
            "section": self._section_match(query),
        }
        return fuse(scaled, self._weights), cosine

    def _section_match(self, query: Query) -> np.ndarray:
        """Per passage 0..1: share of its heading that stands in the question ("V.7. Sở Tài chính")."""
        words = {t for t in query.bare if "_" not in t}
        shares = [sum(w in words for w in heading) / len(heading) if heading else 0.0 for heading in self._headings]
        return np.array(shares, dtype=np.float32)

    def _cosines(self, query: Query, n: int) -> np.ndarray:
        scores, found = self._index.dense_plans.search(query.vectors[:1], self._config.candidates.plan_passages)
        cosine = np.full(n, scores.min(initial=1.0), dtype=np.float32)
        cosine[found[0]] = scores[0]
        return cosine

    def _document_match(self, query: Query, named: tuple[str, ...]) -> np.ndarray:
        """Per plan 0..1: 1 when named by number, else the share of its marks (place, year) in the question."""
        terms = set(query.bare)
        out = np.zeros(len(self._index.plans), dtype=np.float32)
        for i, (plan, marks) in enumerate(zip(self._index.plans, self._marks, strict=True)):
            if plan.id in named:
                out[i] = 1.0
            elif marks:
                out[i] = sum(mark in terms for mark in marks) / len(marks)
        return out


def _marks_of(plan: Plan) -> tuple[str, ...]:
    """Terms that tell this plan from others: its place as a pair of syllables, and its year."""
    place = [t for t in bare_terms(plan.place) if "_" in t][-1:]
    year = [str(plan.issued_on.year)] if plan.issued_on else []
    return tuple(place + year)
