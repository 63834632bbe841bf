"""All figures of a run as one nested dictionary: what ``summary.json`` holds and the table prints."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from knowledge.evaluation import metrics
from knowledge.evaluation.outcome import Outcome


def summarise(outcomes: Sequence[Outcome], threshold: float) -> dict[str, Any]:
    """Figures of each set by register; parts without questions are left out.

    Args:
        threshold: confidence from which the assistant answers (search.yml), for the abstention curve.
    """
    turns = [o for o in outcomes if o.question.kind == "turn"]
    plan_rows = [o for o in outcomes if o.question.kind == "plan"]
    single = [o for o in outcomes if o.question.kind in ("citizen", "faq", "lookup")]
    answerable = [o for o in single if o.question.expect == "answer" and o.question.kind != "lookup"]
    in_knowledge = [o for o in single if is_judged_for_abstention(o)]
    parts = {
        "retrieval": _by_register([o for o in answerable if o.question.gold], metrics.retrieval),
        "answers": _by_register(answerable, metrics.answering),
        "clarify": _clarify(single),
        "scope": _by_register([o for o in single if _is_out_of_scope(o)], metrics.out_of_scope, _scope_name),
        "lookups": _by_register([o for o in single if o.question.kind == "lookup"], metrics.lookups),
        "dialogues": _by_register(turns, metrics.dialogues, _no_register),
        "plans": _by_register(plan_rows, metrics.plans, _no_register),
        "abstention": metrics.abstention(in_knowledge, threshold) if in_knowledge else {},
    }
    return {
        "n_questions": len(outcomes),
        "n_errors": sum(o.asked.status.startswith("error") for o in outcomes),
        "n_degraded": sum(o.asked.is_degraded for o in outcomes),
        **{name: figures for name, figures in parts.items() if figures},
        "latency_ms": metrics.latencies(outcomes),
    }


def is_judged_for_abstention(outcome: Outcome) -> bool:
    """Questions on procedures that the knowledge answers or does not hold; exact numbers decide by themselves."""
    question = outcome.question
    return question.kind in ("citizen", "faq") and question.expect in ("answer", "abstain")


def figure(summary: dict[str, Any], path: str) -> Any:
    """The figure at a dotted path ("retrieval.s1.plain.r1").

    Raises:
        KeyError: there is none of that name in this run.
    """
    value: Any = summary
    for part in path.split("."):
        if not isinstance(value, dict) or part not in value:
            raise KeyError(path)
        value = value[part]
    return value


def _by_register(
    outcomes: Sequence[Outcome],
    measure: Callable[[Sequence[Outcome]], metrics.Figures],
    register: Callable[[Outcome], str] = lambda outcome: outcome.question.variant,
) -> dict[str, Any]:
    """{set: {"all": figures, register: figures}}; a set of one register has only "all"."""
    result: dict[str, Any] = {}
    for set_name, rows in metrics.by(outcomes, lambda o: o.question.set_name).items():
        groups = metrics.by(rows, register)
        result[set_name] = {"all": measure(rows)}
        if len(groups) > 1:
            result[set_name] |= {name: measure(group) for name, group in groups.items()}
    return result


def _clarify(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Sets that hold ambiguous questions; their control group are the set's own answerable ones."""
    result: dict[str, Any] = {}
    for set_name, rows in metrics.by(outcomes, lambda o: o.question.set_name).items():
        ambiguous = [o for o in rows if o.question.expect == "clarify"]
        if ambiguous:
            control = [o for o in rows if o.question.expect == "answer"]
            result[set_name] = {"all": metrics.clarifying(ambiguous, control)}
    return result


def _is_out_of_scope(outcome: Outcome) -> bool:
    return outcome.question.expect not in ("answer", "clarify") and outcome.question.kind != "lookup"


def _scope_name(outcome: Outcome) -> str:
    question = outcome.question
    return f"not_covered_{question.abstain or 'unsorted'}" if question.kind == "faq" else question.variant


def _no_register(outcome: Outcome) -> str:
    return "all"
