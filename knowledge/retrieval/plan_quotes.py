"""Which lines of a plan passage to quote for a question."""

from __future__ import annotations

from knowledge.index.terms import bare_terms
from knowledge.retrieval.plan_cues import asked_for, clearness, plan_terms

_CUES = 0.5


def quoted_lines(text: str, question: str, limit: int) -> str:
    """As many lines as there is room for, those that hold most of the question first; in reading order, "…" for gaps.

    Args:
        text: a passage; one line a paragraph or table row.
        question: as typed.
        limit: characters; the best line is cut there if it alone is longer.

    Returns:
        At most ``limit`` characters.
    """
    lines = text.split("\n")
    scores = _scores(lines, question)
    kept: list[int] = []
    for n in sorted(range(len(lines)), key=lambda n: (-scores[n], n)):
        if len(_shown(lines, sorted([*kept, n]))) <= limit:
            kept.append(n)
        elif not kept:
            return f"{lines[n][: limit - 1]}…"
    return _shown(lines, sorted(kept))


def _scores(lines: list[str], question: str) -> list[float]:
    wanted = set(plan_terms(question, bare_terms(question)))
    asked = asked_for(question)
    held = [wanted.intersection(bare_terms(line)) for line in lines]
    rarity = {term: 1.0 / sum(term in terms for terms in held) for term in set().union(*held)}
    scores = [sum(rarity[term] for term in terms) for terms in held]
    most = max(scores) or 1.0
    return [score / most + _CUES * clearness(line, asked) for score, line in zip(scores, lines, strict=True)]


def _shown(lines: list[str], kept: list[int]) -> str:
    shown = []
    for before, n in zip([-1, *kept], kept, strict=False):
        shown += ["…"] * (n > before + 1) + [lines[n]]
    return "\n".join(shown + ["…"] * bool(kept and kept[-1] < len(lines) - 1))
