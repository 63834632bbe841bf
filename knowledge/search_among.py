"""Search among some of the procedures: all are ranked, those that are not wanted are left out, then the list is cut."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from knowledge.model import Hit, Procedure, SearchResult
from knowledge.retrieval.search import Searcher, absolute_score


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
    fused, raw = searcher.rank_all(query)
    n_shown = top_k + searcher.config.near_misses
    order = sorted(rows, key=lambda row: (row not in exact, -fused[row]))[:n_shown]
    passage_scores = searcher.index.bm25_passages.scores(query.bare)
    hits = []
    for row in order:
        signals = {name: float(scores[row]) for name, scores in raw.items()}
        code = searcher.index.procedures[row].code
        signals |= {"fused": float(fused[row]), "overlap": searcher.record_coverage(query.telling, code), "exact": float(row in exact)}
        hits.append(Hit(searcher.best_passage(passage_scores, code), absolute_score(signals), signals))
    least = searcher.config.thresholds.hit
    kept = tuple(hit for hit in hits if hit.score >= least)[:top_k]
    near = tuple(hit for hit in hits if hit.score < least)[: searcher.config.near_misses]
    took_ms = (time.perf_counter() - started) * 1000
    return replace(empty, hits=kept, near_misses=near, exact=bool(exact & set(order)), stages_ms={"among": took_ms})

