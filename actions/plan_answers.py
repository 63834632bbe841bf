"""Answers from plans: the passage quoted, with document, section, date and whether its period has passed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from actions.phrases import say
from actions.reply import Button, Citation, ReplyMessage
from knowledge.model import Hit, Plan
from knowledge.retrieval.plan_quotes import quoted_lines
from nlu.payloads import write_payload

MAX_QUOTE = 900
_MORE = 2  # further passages cited beside the first
_RUNNER_UP = 0.88  # share of the first passage's fused score from which the second is quoted too
_SECOND_QUOTE = 340  # characters kept free for it at most
_MAX_SECTION = 140


def answer_plan(
    hits: Sequence[Hit], plans: dict[str, Plan], today: date, question: str = ""
) -> tuple[ReplyMessage, tuple[Citation, ...]]:
    """Quote the best passage and cite the next ones of the same plan.

    Where the second passage of the plan is nearly as good, its best lines are quoted too, and both share the room.

    Args:
        hits: plan passages, best first, at least one.
        question: as typed; chooses the lines of what is longer than there is room for.
    """
    first = hits[0]
    plan = plans[first.passage.record_id]
    same = [h for h in hits[1:] if h.passage.record_id == plan.id][:_MORE]
    second = same[0] if question and same and same[0] is hits[1] and _is_near(first, hits[1]) else None
    kept_free = min(len(second.passage.text), _SECOND_QUOTE) if second else 0
    quote = _quote(first, question, MAX_QUOTE - kept_free)
    parts = [_head(plan, first), f"“{quote}”"]
    if second:
        parts += [say("plan_also", section=_section(second)), f"“{_quote(second, question, MAX_QUOTE - len(quote))}”"]
    if plan.is_expired(today):
        parts.append(say("plan_expired", to=_vietnamese(plan.period_to)))
    button = Button(say("ask_person"), write_payload(command="handoff"))
    citations = tuple(cite_plan(hit, plan, today) for hit in (first, *same))
    return ReplyMessage("\n\n".join(parts), (button,)), citations


def cite_plan(hit: Hit, plan: Plan, today: date) -> Citation:
    """The source of one passage: document number, section, date it was issued, period passed or not."""
    return Citation(
        kind="plan",
        source=plan.source.id,
        title=plan.title,
        number=plan.number,
        section=hit.passage.section,
        quote=hit.passage.text[:MAX_QUOTE],
        url=plan.source.url,
        as_of=plan.issued_on.isoformat() if plan.issued_on else plan.source.read_on,
        expired=plan.is_expired(today),
    )


def _quote(hit: Hit, question: str, room: int) -> str:
    text = hit.passage.text
    if len(text) <= room:
        return text
    return quoted_lines(text, question, room) if question else text[:room]


def _is_near(first: Hit, second: Hit) -> bool:
    best = first.signals.get("fused", 0.0)
    return best > 0 and second.signals.get("fused", 0.0) >= _RUNNER_UP * best


def _head(plan: Plan, hit: Hit) -> str:
    if plan.number and plan.authority:
        return say(
            "plan_head",
            kind=plan.kind or "văn bản",
            number=plan.number,
            authority=plan.authority,
            section=_section(hit),
        ) + (f" (ngày {_vietnamese(plan.issued_on)})" if plan.issued_on else "")
    return say("plan_head_plain", title=plan.title, section=_section(hit))


def _section(hit: Hit) -> str:
    section = hit.passage.section
    return section if len(section) <= _MAX_SECTION else f"{section[:_MAX_SECTION].rsplit(' ', 1)[0]} …"


def _vietnamese(day: date | None) -> str:
    return day.strftime("%d/%m/%Y") if day else ""
