"""Answers from plans: the passage quoted, with document, section, date and whether its period has passed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from actions.phrases import say
from actions.reply import Button, Citation, ReplyMessage
from knowledge.model import Hit, Plan
from nlu.payloads import write_payload

MAX_QUOTE = 900
_MORE = 2  # further passages cited beside the first


def answer_plan(hits: Sequence[Hit], plans: dict[str, Plan], today: date) -> tuple[ReplyMessage, tuple[Citation, ...]]:
    """Quote the best passage and cite the next ones of the same plan.

    Args:
        hits: plan passages, best first, at least one.
    """
    first = hits[0]
    plan = plans[first.passage.record_id]
    same = [h for h in hits[1:] if h.passage.record_id == plan.id][:_MORE]
    parts = [_head(plan, first), f"“{first.passage.text[:MAX_QUOTE]}”"]
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


def _head(plan: Plan, hit: Hit) -> str:
    if plan.number and plan.authority:
        return say(
            "plan_head",
            kind=plan.kind or "văn bản",
            number=plan.number,
            authority=plan.authority,
            section=hit.passage.section,
        ) + (f" (ngày {_vietnamese(plan.issued_on)})" if plan.issued_on else "")
    return say("plan_head_plain", title=plan.title, section=hit.passage.section)


def _vietnamese(day: date | None) -> str:
    return day.strftime("%d/%m/%Y") if day else ""
