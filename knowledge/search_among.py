"""Search among some of the procedures: all are ranked, those that are not wanted are left out, then the list is cut."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from knowledge.model import Hit, Passage, Procedure, SearchResult
from knowledge.retrieval.search import Searcher, absolute_score
from knowledge.retrieval.types import Query


def search_among(searcher: Searcher, question: str, wanted: Callable[[Procedure], bool], top_k: int) -> SearchResult:
    """The best procedures for a question among those wanted, however many others rank before them.

    Args:
        wanted: whether a procedure may be shown.
        top_k: most hits returned.

    Returns:
        Hits at or above ``thresholds.hit`` and the next ``near_misses`` below it, procedures only; no verdict.
    """
    started = time.perf_counter()
    query = searcher.prepare(question)
    rows = [row for row, procedure in enumerate(searcher.index.procedures) if wanted(procedure)]
    empty = SearchResult(query.forms, (), (), (), False, 0.0, {})
    if not rows or not query.bare:
        return empty
    exact = set(searcher.resolve_exact(question).rows)
    fused, raw = _ranked(searcher, query)
    n_shown = top_k + searcher.config.near_misses
    order = sorted(rows, key=lambda row: (row not in exact, -fused[row]))[:n_shown]
    best = _best_passages(searcher, query, {searcher.index.procedures[row].code for row in order})
    hits = []
    for row in order:
        signals = {name: float(scores[row]) for name, scores in raw.items()}
        code = searcher.index.procedures[row].code
        signals |= {"fused": float(fused[row]), "overlap": searcher.record_coverage(query.telling, code), "exact": float(row in exact)}
        hits.append(Hit(best[code], absolute_score(signals), signals))
    least = searcher.config.thresholds.hit
    kept = tuple(hit for hit in hits if hit.score >= least)[:top_k]
    near = tuple(hit for hit in hits if hit.score < least)[: searcher.config.near_misses]
    took_ms = (time.perf_counter() - started) * 1000
    return replace(empty, hits=kept, near_misses=near, exact=bool(exact & set(order)), stages_ms={"among": took_ms})


def _ranked(searcher: Searcher, query: Query) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Scores of all procedures, by the reading of the question that names each better."""
    fused, raw = searcher.ranker.rank(query)
    if not query.forms.second:
        return fused, raw
    its_fused, its_raw = searcher.ranker.rank(searcher.prepare(query.forms.second))
    is_better = its_fused > fused
    return np.where(is_better, its_fused, fused), {n: np.where(is_better, its_raw[n], s) for n, s in raw.items()}


def _best_passages(searcher: Searcher, query: Query, codes: set[str]) -> dict[str, Passage]:
    """Code → the procedure's passage that holds most of the question."""
    scores = searcher.index.bm25_passages.scores(query.bare)
    best: dict[str, int] = {}
    for row, passage in enumerate(searcher.index.passages[: searcher.index.manifest.n_passages]):
        code = passage.record_id
        if code in codes and (code not in best or scores[row] > scores[best[code]]):
            best[code] = row
    return {code: searcher.index.passages[row] for code, row in best.items()}
