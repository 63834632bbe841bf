"""Answers from plans: the passage quoted, with document, section, date and whether its period has passed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from actions.phrases import say
from actions.reply import Button, Citation, ReplyMessage
from actions.time_notes import text_notes
from knowledge.model import Hit, Plan
from knowledge.retrieval.plan_quotes import quoted_lines
from nlu.payloads import write_payload

MAX_QUOTE = 900
_MORE = 2  # further passages cited beside the first
_RUNNER_UP = 0.88  # share of the first passage's fused score from which the second is quoted too
_SECOND_QUOTE = 340  # characters kept free for it at most
_MAX_SECTION = 140


def answer_plan(
    hits: Sequence[Hit], plans: dict[str, Plan], today: date, question: str = "", newer: Plan | None = None, lead: str = ""
) -> tuple[ReplyMessage, tuple[Citation, ...]]:
    """Quote the best passage and cite the next ones of the same plan.

    Where the second passage of the plan is nearly as good, its best lines are quoted too, and both share the room.

    Args:
        hits: plan passages, best first, at least one.
        question: as typed; chooses the lines of what is longer than there is room for.
        newer: the plan that took the place of the first hit's; it is named and cited too.
        lead: a sentence to be said first.
    """
    first = hits[0]
    plan = plans[first.passage.record_id]
    same = [h for h in hits[1:] if h.passage.record_id == plan.id][:_MORE]
    second = same[0] if question and same and same[0] is hits[1] and _is_near(first, hits[1]) else None
    kept_free = min(len(second.passage.text), _SECOND_QUOTE) if second else 0
    quote = _quote(first, question, MAX_QUOTE - kept_free)
    parts = [*filter(None, [lead]), _head(plan, first), f"“{quote}”"]
    if second:
        parts += [say("plan_also", section=_section(second)), f"“{_quote(second, question, MAX_QUOTE - len(quote))}”"]
    parts += _time_notes(plan, newer, "\n".join(parts), today)
    button = Button(say("ask_person"), write_payload(command="handoff"))
    citations = [cite_plan(hit, plan, today, is_replaced=newer is not None) for hit in (first, *same)]
    if newer:
        citations.append(_cite_newer(newer, today))
    return ReplyMessage("\n\n".join(parts), (button,)), tuple(citations)


def name_of(plan: Plan) -> str:
    """A plan as it is named in a sentence: kind, number, authority and day, or its title where those are not all known."""
    if not (plan.number and plan.authority and plan.issued_on):
        return f"{plan.number} “{plan.title}”".strip()
    return say("plan_newer", kind=plan.kind or "Văn bản", number=plan.number, authority=plan.authority, day=_vietnamese(plan.issued_on))


def cite_plan(hit: Hit, plan: Plan, today: date, is_replaced: bool = False) -> Citation:
    """The source of one passage: document number, section, date it was read; expired where its period has passed or
    another document took its place."""
    return Citation(
        kind="plan",
        source=plan.source.id,
        title=plan.title,
        number=plan.number,
        section=hit.passage.section,
        quote=hit.passage.text[:MAX_QUOTE],
        url=plan.source.url,
        as_of=plan.source.read_on,
        expired=is_replaced or plan.is_expired(today),
    )


def _time_notes(plan: Plan, newer: Plan | None, text: str, today: date) -> list[str]:
    notes = [say("plan_replaced", newer=name_of(newer))] if newer else []
    notes += [say("plan_expired", to=_vietnamese(plan.period_to))] if plan.is_expired(today) else []
    return [*notes, *text_notes(text, today)]


def _cite_newer(plan: Plan, today: date) -> Citation:
    source = plan.source
    return Citation("plan", source.id, plan.title, plan.number, "", "", source.url, source.read_on, plan.is_expired(today))


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
