"""Orders procedures: fused signals, the prior for what citizens meet, exact numbers before all."""

from __future__ import annotations

import numpy as np

from knowledge.index.store import SearchIndex
from knowledge.model import Procedure
from knowledge.retrieval.circumstances import CircumstanceReader
from knowledge.retrieval.config import Prior, SearchConfig
from knowledge.retrieval.fusion import fuse, min_max
from knowledge.retrieval.scorers import (
    BodyBm25Scorer,
    CircumstancesScorer,
    DigestDenseScorer,
    NamesDense,
    TitleBm25Scorer,
    TitleDenseScorer,
    TitleExactScorer,
    TitleWords,
)
from knowledge.retrieval.term_weights import TermWeights
from knowledge.retrieval.types import ProcedureScorer, Query

TOGETHER = ("names_words", "names_pairs", "names_dense")  # of the first procedures only, 0 for all others
#: Mean the same for every question; not scaled.
ABSOLUTE = frozenset({"title_match", "title_pairs", "title_exact", "circumstances", "unasked", "contradicted", *TOGETHER})


class ProcedureRanker:
    """Scores every procedure of an index for a query."""

    def __init__(self, index: SearchIndex, config: SearchConfig, weights: TermWeights) -> None:
        self._weights = config.weights.model_dump()
        circumstances = CircumstanceReader(index.procedures)
        self.title_words = TitleWords(index, weights)
        self.scorers: tuple[ProcedureScorer, ...] = (
            TitleBm25Scorer(index),
            TitleExactScorer(index),
            BodyBm25Scorer("body_bm25", index.bm25_bodies, marked=False),
            BodyBm25Scorer("body_marked", index.bm25_marked, marked=True),
            CircumstancesScorer("circumstances", circumstances.shared),
            CircumstancesScorer("unasked", circumstances.unasked),
            CircumstancesScorer("contradicted", circumstances.contradicted),
            # Last: their cosines are looked up while the others score words.
            TitleDenseScorer(index, config.frames.share),
            DigestDenseScorer(index, config.frames.share),
        )
        self._names_dense = NamesDense(index)
        self._n_second = config.candidates.second_look
        self._prior = np.array([prior_of(p, config.prior) for p in index.procedures], dtype=np.float32)

    def rank(self, query: Query) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """Fused score (n_procedures,) with the prior in it, and the raw scores of each signal; some only judge."""
        raw = self.title_words.scores(query) | {scorer.name: scorer.score(query) for scorer in self.scorers}
        scaled = {name: raw[name] if name in ABSOLUTE else min_max(raw[name]) for name in self._weights if name not in TOGETHER}
        fused = fuse(scaled, self._weights) + self._prior
        raw |= self._second_look(query, np.argsort(-fused, kind="stable")[: self._n_second])
        return fused + fuse({name: raw[name] for name in TOGETHER}, self._weights), raw

    def _second_look(self, query: Query, rows: np.ndarray) -> dict[str, np.ndarray]:
        """All names of the first procedures together, beside the nearest one of each."""
        found = self.title_words.together(query, rows) | {"names_dense": self._names_dense.score(query, rows)}
        looked_at = {name: np.zeros(len(self._prior), dtype=np.float32) for name in TOGETHER}
        for name, scores in looked_at.items():
            scores[rows] = found[name]
        return looked_at


def prior_of(procedure: Procedure, prior: Prior) -> float:
    """How likely a citizen means this one before a word is read; parts in search.yml."""
    score = 0.0
    if "Cấp xã" in procedure.levels:
        score += prior.commune
    elif "Cấp tỉnh" in procedure.levels:
        score += prior.province
    if any(a == "Công dân Việt Nam" or "hộ gia đình" in a.lower() for a in procedure.applicants):
        score += prior.citizen
    if procedure.aliases:
        score += prior.curated
    return score
