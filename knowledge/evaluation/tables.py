"""The figures of a run on a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

#: (title, columns as (heading, key)) by part of the summary; "aspects" shows more of "answers".
_PARTS: Mapping[str, tuple[str, tuple[tuple[str, str], ...]]] = {
    "retrieval": (
        "Tìm thủ tục / retrieval",
        (("n", "n"), ("R@1", "r1"), ("R@5", "r5"), ("R@10", "r10"), ("MRR@10", "mrr10")),
    ),
    "answers": (
        "Trả lời / answers",
        (
            ("n", "n"), ("answered", "answered"), ("over-ask", "over_ask"), ("procedure", "procedure"),
            ("of answered", "procedure_of_answered"),
        ),
    ),
    "aspects": (
        "Khía cạnh và dữ kiện / aspects and facts",
        (
            ("n", "aspect_n"), ("aspect", "aspect"), ("exact", "aspect_exact"), ("n", "must_n"),
            ("facts", "must"), ("+ procedure", "must_and_procedure"), ("chars", "chars"),
        ),
    ),
    "clarify": (
        "Hỏi lại / clarifying",
        (
            ("n", "n_ambiguous"), ("clarify", "clarify"), ("offers gold", "offers_sibling"),
            ("answered gold", "answered_a_sibling"), ("control n", "n_control"), ("over-ask", "over_ask"),
        ),
    ),
    "scope": (
        "Ngoài phạm vi / out of scope",
        (
            ("n", "n"), ("expected", "as_expected"), ("asked back", "asked_back"),
            ("wrong", "wrong_answer"), ("bait n", "bait_n"), ("bait", "bait_answered"),
        ),
    ),
    "lookups": (
        "Tra cứu chính xác / exact look-ups",
        (("n", "n"), ("rank 1", "rank1"), ("answered", "answered"), ("unknown n", "n_unknown"), ("said so", "said_unknown")),
    ),
    "dialogues": (
        "Hội thoại / dialogues",
        (("turns n", "n_turns"), ("turns", "turns"), ("dialogues n", "n_dialogues"), ("dialogues", "dialogues")),
    ),
    "plans": (
        "Kế hoạch / plans",
        (("n", "n"), ("top passage", "top_passage"), ("ranked first", "top_ranked"), ("answer", "answer")),
    ),
}  # fmt: skip


def print_summary(console: Console, summary: Mapping[str, Any]) -> None:
    """One table a part, shares as fractions of one."""
    for part, (title, columns) in _PARTS.items():
        rows = summary.get("answers" if part == "aspects" else part)
        if not rows:
            continue
        table = Table("", *(heading for heading, _ in columns), title=title, title_justify="left")
        for set_name, registers in rows.items():
            for register, figures in registers.items():
                name = set_name if register == "all" else f"  {register}"
                table.add_row(name, *(shown(figures[key]) for _, key in columns))
        console.print(table)
    if "abstention" in summary:
        _print_abstention(console, summary["abstention"])
    _print_latency(console, summary["latency_ms"])
    counts = f"{summary['n_questions']} câu / questions, {summary['n_errors']} lỗi / errors"
    console.print(counts, highlight=False)


def shown(value: object) -> str:
    """A figure as text: shares with three places, "-" for none."""
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.3f}" if value <= 1 else f"{value:.1f}"
    return str(value)


def _print_abstention(console: Console, figures: Mapping[str, Any]) -> None:
    table = Table("n", "AURC", "AUC", "", "coverage", "wrong", title="Trả lời sai và độ phủ / wrong against coverage", title_justify="left")
    at, done = figures["at_threshold"], figures["as_answered"]
    head = (shown(figures["n"]), shown(figures["aurc"]), shown(figures["auc"]))
    table.add_row(*head, f"threshold {at['threshold']}", shown(at["coverage"]), shown(at["wrong"]))
    table.add_row("", "", "", "as answered", shown(done["coverage"]), shown(done["wrong"]))
    console.print(table)


def _print_latency(console: Console, figures: Mapping[str, Any]) -> None:
    table = Table("", "n", "p50 ms", "p95 ms", title="Thời gian / milliseconds", title_justify="left")
    for name, row in figures.items():
        table.add_row(name, shown(row["n"]), _ms(row["p50"]), _ms(row["p95"]))
    console.print(table)


def _ms(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"
