"""Figures from outcomes. Pure functions; every share is 0..1 and comes with the number it is a share of.

A figure over nothing is None, never 0: an empty set must not look like a bad or a perfect one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np

from knowledge.evaluation.outcome import Outcome
from knowledge.model import ASPECTS

Figures = dict[str, Any]


def retrieval(outcomes: Sequence[Outcome]) -> Figures:
    """R@1, R@5, R@10 (any gold code among the first k) and MRR@10, over questions that have gold codes."""
    ranks = [o.rank for o in outcomes if o.question.gold]
    return {
        "n": len(ranks),
        **{f"r{k}": share(rank is not None and rank <= k for rank in ranks) for k in (1, 5, 10)},
        "mrr10": mean(1 / rank if rank else 0.0 for rank in ranks),
    }


def answering(outcomes: Sequence[Outcome]) -> Figures:
    """Of questions that expect an answer: answered, asked back, the procedure, its aspect and facts right."""
    answered = [o for o in outcomes if o.is_answered]
    judged = [o for o in outcomes if o.question.aspect in ASPECTS]
    facts = [o for o in outcomes if o.question.answer_must]
    return {
        "n": len(outcomes),
        "answered": share(o.is_answered for o in outcomes),
        "over_ask": share(o.is_clarified for o in outcomes),
        "procedure": share(o.is_procedure_right for o in outcomes),
        "procedure_of_answered": share(o.is_procedure_right for o in answered),
        "aspect_n": len(judged),
        "aspect": share(o.is_aspect_right for o in judged),
        "aspect_exact": share(o.asked.aspect == o.question.aspect for o in judged),
        "aspect_of_answered": share(o.is_aspect_right for o in judged if o.is_answered),
        "must_n": len(facts),
        "must": share(o.is_fact_told for o in facts),
        "must_and_procedure": share(o.is_fact_told and o.is_procedure_right for o in facts),
        "chars": mean(len(o.asked.text) for o in answered),
    }


def clarifying(ambiguous: Sequence[Outcome], control: Sequence[Outcome]) -> Figures:
    """Ambiguous questions asked back (and a sibling offered), and clear ones asked back needlessly."""
    asked_back = [o for o in ambiguous if o.is_clarified]
    return {
        "n_ambiguous": len(ambiguous),
        "clarify": share(o.is_clarified for o in ambiguous),
        "offers_sibling": share(bool(set(o.asked.choices) & set(o.question.siblings)) for o in asked_back),
        "answered_a_sibling": share(o.asked.code in o.question.siblings for o in ambiguous),
        "n_control": len(control),
        "over_ask": share(o.is_clarified for o in control),
    }


def out_of_scope(outcomes: Sequence[Outcome]) -> Figures:
    """Of questions that expect no answer: ended as expected, asked back, answered all the same (wrong)."""
    baited = [o for o in outcomes if o.question.bait]
    return {
        "n": len(outcomes),
        "as_expected": share(o.is_family_right for o in outcomes),
        "asked_back": share(o.is_clarified for o in outcomes),
        "wrong_answer": share(o.is_answered for o in outcomes),
        "bait_n": len(baited),
        "bait_answered": share(o.is_answered and o.asked.code in o.question.bait for o in baited),
    }


def dialogues(outcomes: Sequence[Outcome]) -> Figures:
    """Turns right, and dialogues all of whose turns are right."""
    names = list(dict.fromkeys(o.dialogue for o in outcomes))
    whole = [all(o.is_turn_right for o in outcomes if o.dialogue == name) for name in names]
    return {
        "n_turns": len(outcomes),
        "turns": share(o.is_turn_right for o in outcomes),
        "n_dialogues": len(names),
        "dialogues": share(whole),
    }


def lookups(outcomes: Sequence[Outcome]) -> Figures:
    """Exact numbers: known ones with a gold record first, unknown ones said to be unknown."""
    known = [o for o in outcomes if o.question.gold]
    unknown = [o for o in outcomes if not o.question.gold]
    return {
        "n": len(known),
        "rank1": share(o.rank == 1 for o in known),
        "answered": share(o.is_procedure_right for o in known),
        "n_unknown": len(unknown),
        "said_unknown": share(o.asked.status.startswith("unanswerable") for o in unknown),
    }


def plans(outcomes: Sequence[Outcome]) -> Figures:
    """Plan facts in the first passage of a search among plans, and told by the answer."""
    return {
        "n": len(outcomes),
        "top_passage": share(o.is_plan_found for o in outcomes),
        "top_ranked": share(o.is_plan_ranked_first for o in outcomes),
        "answer": share(o.is_plan_told for o in outcomes),
    }


@dataclass(frozen=True)
class CurvePoint:
    """Answering whatever has at least ``threshold``: share answered, and share of those that is wrong."""

    threshold: float
    coverage: float
    wrong: float


def abstention_curve(outcomes: Sequence[Outcome]) -> list[CurvePoint]:
    """Wrong answers against coverage, from the highest confidence down; one point a confidence.

    The first procedure found is taken as the answer; it is right when it is in gold, so every answer to
    a question without gold is wrong.
    """
    pairs = sorted(((o.confidence, o.rank == 1) for o in outcomes), key=lambda pair: -pair[0])
    points, n_answered, n_wrong = [], 0, 0
    for confidence, group in groupby(pairs, key=lambda pair: pair[0]):
        rights = [is_right for _, is_right in group]
        n_answered += len(rights)
        n_wrong += rights.count(False)
        points.append(CurvePoint(confidence, n_answered / len(pairs), n_wrong / n_answered))
    return points


def abstention(outcomes: Sequence[Outcome], threshold: float) -> Figures:
    """The curve's area and the two operating points.

    ``aurc``: area under wrong-against-coverage, lower is better. ``auc``: chance that a right answer has
    more confidence than a wrong one. ``at_threshold``: where the curve stands at ``threshold``;
    ``as_answered``: what the assistant did, dialogue and all.
    """
    if not outcomes:
        return {"n": 0, "aurc": None, "auc": None}
    points = abstention_curve(outcomes)
    steps = np.diff([0.0, *(p.coverage for p in points)])
    answered = [o for o in outcomes if o.is_answered]
    above = [o for o in outcomes if o.confidence >= threshold]
    return {
        "n": len(outcomes),
        "aurc": round(float(np.dot(steps, [p.wrong for p in points])), 4),
        "auc": _auc([o.confidence for o in outcomes if o.rank == 1], [o.confidence for o in outcomes if o.rank != 1]),
        "at_threshold": {
            "threshold": threshold,
            "coverage": share(o.confidence >= threshold for o in outcomes),
            "wrong": share(o.rank != 1 for o in above),
        },
        "as_answered": {
            "coverage": share(o.is_answered for o in outcomes),
            "wrong": share(not o.is_procedure_right for o in answered),
        },
    }


def latencies(outcomes: Sequence[Outcome]) -> Figures:
    """Milliseconds, p50 and p95: each stage of a search, the search whole, and a turn of ``/ask``."""
    searches = [o.found.stages_ms for o in outcomes if o.found.stages_ms]
    names = list(dict.fromkeys(name for stages in searches for name in stages))
    figures = {f"search_{name}": percentiles([s[name] for s in searches if name in s]) for name in names}
    figures["search"] = percentiles([sum(stages.values()) for stages in searches])
    figures["ask"] = percentiles([o.asked.took_ms for o in outcomes])
    return figures


def percentiles(values: Sequence[float]) -> Figures:
    """p50 and p95 with linear interpolation, and n."""
    if not values:
        return {"n": 0, "p50": None, "p95": None}
    p50, p95 = np.percentile(values, [50, 95])
    return {"n": len(values), "p50": round(float(p50), 1), "p95": round(float(p95), 1)}


def share(flags: Iterable[bool]) -> float | None:
    """Share of True, to four places; None of nothing."""
    return mean(map(float, flags))


def mean(values: Iterable[float]) -> float | None:
    """Arithmetic mean to four places; None of nothing."""
    numbers = list(values)
    return round(sum(numbers) / len(numbers), 4) if numbers else None


def by(outcomes: Sequence[Outcome], key: Callable[[Outcome], str]) -> dict[str, list[Outcome]]:
    """Groups in order of first appearance."""
    groups: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        groups.setdefault(key(outcome), []).append(outcome)
    return groups


def _auc(right: Sequence[float], wrong: Sequence[float]) -> float | None:
    if not right or not wrong:
        return None
    a, b = np.asarray(right)[:, None], np.asarray(wrong)[None, :]
    return round(float(np.mean((a > b) + 0.5 * (a == b))), 4)
