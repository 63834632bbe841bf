"""Lists over all plans: tasks by agency and time, what is overdue, and which plans speak of something.

Only questions that ask for such a list are taken (knowledge/plan_questions.py); the rest goes on to the search.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from actions.phrases import say
from actions.reply import Button, Citation, Context, Listing, Reply, ReplyMessage
from actions.time_notes import text_notes
from knowledge.model import Plan
from knowledge.plan_catalogue import PlanCatalogue
from knowledge.plan_questions import (
    TaskQuestion,
    any_year,
    read_detail,
    read_mention_question,
    read_task_question,
    same_season,
)
from knowledge.plan_tasks import Mention, PlannedTask, TaskFilter, find_mentions, plain_key
from nlu.diacritics import bare
from nlu.payloads import read_payload, write_payload

MAX_ITEMS = 8  # what one bubble holds and a reader can take in
_MAX_WHAT = 150
_MAX_SECTION = 60
_MAX_QUOTE = 600
_AROUND = 110  # characters shown either side of a phrase that a plan mentions
_LONG_PHRASE = 5  # syllables from which a phrase is seldom written word for word: the search answers instead
_GO_ON = re.compile(r"(?:xem |cho (?:toi |em |minh )?xem |ke |noi )?(?:tiep|them|nua|tiep theo|phan con lai|cac viec con lai|het)(?: di| nhe| nua| a| voi)*|con gi nua(?: khong| ko)?|con nua(?: khong| ko)?")
_PLAN_INTENT = "ask_plan_"


@dataclass(frozen=True)
class _Items:
    """What fits a listing: ``tasks`` in the order shown, of which the first ``n_this_year`` are of this year."""

    tasks: tuple[PlannedTask, ...]
    n_this_year: int = 0


class TaskLists:
    """Answers questions for lists.

    Args:
        catalogue: gives the plans known now.
    """

    def __init__(self, catalogue: Callable[[], PlanCatalogue]) -> None:
        self._catalogue = catalogue

    def answer(self, question: str, intent: str, context: Context) -> Reply | None:
        """The list that a message asks for or goes on with; None where it asks for something else.

        Args:
            question: as typed, or a button's payload.
            intent: what the message was taken for; decides where its words leave it open.
        """
        payload = read_payload(question)
        if payload is not None and payload.command != "more":
            return None
        catalogue = self._catalogue()
        if context.listing is not None and (payload is not None or _GO_ON.fullmatch(_plain(question))):
            return self._shown(catalogue, context.listing)
        if payload is not None:
            return Reply("clarification_topic", (ReplyMessage(say("topic")),), context=Context(last_status="clarification_topic"))
        if not catalogue.plans:
            return None
        return self._tasks(question, catalogue) or self._mentions(question, intent, catalogue) or self._changed(question, context, catalogue)

    def _tasks(self, question: str, catalogue: PlanCatalogue) -> Reply | None:
        asked = read_task_question(question, catalogue.tasks, catalogue.today)
        if asked is None or _asks_one_plan(asked):
            return None
        return self._shown(catalogue, _listing(asked.wanted, asked.is_year_open))

    def _changed(self, question: str, context: Context, catalogue: PlanCatalogue) -> Reply | None:
        """ "Còn Sở Tài chính?", "thế quý IV?": the last list with another agency or time."""
        if context.listing is None or context.listing.kind != "tasks":
            return None
        detail = read_detail(question, catalogue.tasks, catalogue.today)
        if detail is None:
            return None
        new, last = _listing(detail.wanted, detail.is_year_open), replace(context.listing, shown=0)
        if new.agency:
            last = replace(last, agency=new.agency, role=new.role)
        if new.plan_ids:
            last = replace(last, plan_ids=new.plan_ids)
        if new.last:
            last = replace(last, first=new.first, last=new.last, is_year_open=new.is_year_open)
        return self._shown(catalogue, last)

    def _mentions(self, question: str, intent: str, catalogue: PlanCatalogue) -> Reply | None:
        asked = read_mention_question(question)
        if asked is None or not (asked.is_sure or intent.startswith(_PLAN_INTENT)):
            return None
        listing = Listing("mentions", words=asked.phrase)
        if not find_mentions(catalogue.plans, asked.phrase):
            is_long = len(asked.phrase.split()) >= _LONG_PHRASE
            return None if is_long else _no_mention(_as_printed(question, asked.phrase), catalogue)
        return self._shown(catalogue, listing)

    def _shown(self, catalogue: PlanCatalogue, listing: Listing) -> Reply:
        if listing.kind == "mentions":
            return _mention_reply(catalogue, listing)
        items = _items(catalogue, listing)
        return _task_reply(catalogue, listing, items) if items.tasks else _no_task(catalogue, listing)


def _asks_one_plan(asked: TaskQuestion) -> bool:
    """One fact of one plan ("Sở Nội vụ được giao gì theo kế hoạch 34/KH-UBND") is better quoted than listed."""
    wanted = asked.wanted
    has_time = wanted.first or wanted.last or wanted.overdue_on
    return asked.names_plan and len(wanted.plan_ids) == 1 and not has_time and not asked.is_plural


def _listing(wanted: TaskFilter, is_year_open: bool) -> Listing:
    return Listing(
        "tasks", wanted.agency, wanted.role, _iso(wanted.first), _iso(wanted.last), wanted.is_going_on,
        _iso(wanted.overdue_on), wanted.plan_ids, wanted.words, is_year_open,
    )  # fmt: skip


def _filter(listing: Listing) -> TaskFilter:
    role = listing.role if listing.role in ("lead", "co") else "any"
    return TaskFilter(
        listing.agency, role, _day(listing.first), _day(listing.last), listing.is_going_on,
        _day(listing.overdue_on), listing.plan_ids, listing.words,
    )  # fmt: skip


def _items(catalogue: PlanCatalogue, listing: Listing) -> _Items:
    wanted = _filter(listing)
    found = catalogue.filter(wanted)
    if wanted.agency and not wanted.last:  # what an agency leads before what it only helps with
        found = tuple(sorted(found, key=lambda t: (t.is_plan_over, not _is_lead(t, wanted.agency))))
    if wanted.overdue_on:  # what ran out last is what somebody can still act on
        found = tuple(sorted(found, key=lambda t: (t.is_plan_over, -(t.deadline.due or date.min).toordinal())))
    if not listing.is_year_open or wanted.overdue_on:
        return _Items(found, len(found))
    if wanted.is_going_on and found:
        return _Items(found, len(found))
    question = TaskQuestion(wanted)
    kept = {planned.id for planned in found}
    others = [t for t in catalogue.filter(any_year(question)) if t.id not in kept and same_season(t, wanted)]
    others.sort(key=lambda t: -(t.deadline.due or date.min).toordinal())
    return _Items((*found, *others), len(found))


def _is_lead(planned: PlannedTask, agency: str) -> bool:
    return f" {agency} " in f" {plain_key(planned.task.lead)} "


def _task_reply(catalogue: PlanCatalogue, listing: Listing, items: _Items) -> Reply:
    shown = items.tasks[listing.shown : listing.shown + MAX_ITEMS]
    if not shown:
        last = items.tasks[-MAX_ITEMS:]
        return _reply("answered_tasks", say("lists.end"), tuple(_cite(t, catalogue.get(t.plan_id)) for t in last), listing, 0, 0)
    name = _shown_name(catalogue, listing.agency)
    lines = [] if listing.shown else [_head(catalogue, listing, items)]
    lines += [f"{n}. {_line(planned, listing, name)}" for n, planned in enumerate(shown, listing.shown + 1)]
    n_rest = len(items.tasks) - listing.shown - len(shown)
    if n_rest:
        lines.append(say("lists.rest", n=n_rest) + ("" if listing.plan_ids else " " + say("lists.narrow")))
    lines += text_notes("\n".join(f"{planned.task.what} {planned.task.lead}" for planned in shown), catalogue.today)
    citations = tuple(_cite(planned, catalogue.get(planned.plan_id)) for planned in shown)
    return _reply("answered_tasks", "\n\n".join(lines), citations, listing, len(shown), n_rest)


def _reply(status: str, text: str, citations: tuple[Citation, ...], listing: Listing, n_shown: int, n_rest: int) -> Reply:
    more = (Button(say("lists.more"), write_payload(command="more")),) if n_rest else ()
    person = Button(say("ask_person"), write_payload(command="handoff"))
    return Reply(
        status=status,
        messages=(ReplyMessage(text, (*more, person)),),
        citations=citations,
        confidence=1.0,
        context=Context(last_status=status, listing=replace(listing, shown=listing.shown + n_shown)),
    )


def _head(catalogue: PlanCatalogue, listing: Listing, items: _Items) -> str:
    n_plans = len({planned.plan_id for planned in items.tasks})
    values = {"n": len(items.tasks), "plans": n_plans, "time": _said_time(listing), "today": _vietnamese(catalogue.today)}
    if listing.agency:
        key = {"lead": "lists.agency_lead", "co": "lists.agency_co"}.get(listing.role, "lists.agency")
        return say(key, agency=_shown_name(catalogue, listing.agency), **values) + _years(catalogue, listing, items)
    if listing.overdue_on and not listing.last:
        return say("lists.overdue", **values)
    return say("lists.time", **values) + _years(catalogue, listing, items)


def _years(catalogue: PlanCatalogue, listing: Listing, items: _Items) -> str:
    n_this, n_all = items.n_this_year, len(items.tasks)
    if not listing.is_year_open or n_this == n_all:
        return ""
    key = "lists.other_years" if n_this else "lists.no_this_year"
    return "\n" + say(key, n_this=n_this, year=catalogue.today.year)


def _said_time(listing: Listing) -> str:
    parts = []
    first, last = _vietnamese(_day(listing.first)), _vietnamese(_day(listing.last))
    if listing.last and listing.is_year_open and not listing.is_going_on:
        parts.append(say("lists.due_between", first=first[:5], last=last[:5]) if first else say("lists.due_until", last=last[:5]))
    elif listing.last and listing.is_going_on:
        parts.append(say("lists.going_on", first=first, last=last))
    elif listing.last:
        parts.append(say("lists.due_between", first=first, last=last) if first else say("lists.due_until", last=last))
    if listing.overdue_on and (listing.agency or listing.last):
        parts.append(say("lists.overdue_too", today=_vietnamese(_day(listing.overdue_on))))
    if listing.words:
        parts.append(say("lists.about", words=listing.words))
    return "".join(parts)


def _line(planned: PlannedTask, listing: Listing, agency: str) -> str:
    task = planned.task
    facts = [say("lists.lead", lead=_clip(task.lead, 100)) if task.lead else say("lists.lead_missing")]
    if agency and not _is_lead(planned, listing.agency):
        facts.append(say("lists.helps", agency=agency))
    facts.append(_said_deadline(planned))
    where = ", ".join(filter(None, [planned.number or planned.title, planned.place, f"mục {_clip(planned.heading, _MAX_SECTION)}"]))
    over = "; " + _said_over(planned.replaced_by) if planned.is_plan_over else ""
    return f"“{_clip(task.what, _MAX_WHAT)}”\n   {'; '.join(facts)}\n   {where}{over}"


def _said_deadline(planned: PlannedTask) -> str:
    deadline = planned.deadline
    if deadline.kind == "none":
        return say("lists.due_none")
    if deadline.due is not None and deadline.kind in ("quarter", "month", "year"):
        return say("lists.due_as", text=deadline.text, day=_vietnamese(deadline.due))
    return say("lists.due", text=_clip(deadline.text, 90))


def _cite(planned: PlannedTask, plan: Plan | None) -> Citation:
    source = plan.source if plan else None
    return Citation(
        kind="plan", source=source.id if source else planned.plan_id, title=planned.title, number=planned.number,
        section=planned.heading, quote=_clip(planned.quote, _MAX_QUOTE), url=source.url if source else "",
        as_of=source.read_on if source else "", expired=planned.is_plan_over,
    )  # fmt: skip


def _no_task(catalogue: PlanCatalogue, listing: Listing) -> Reply:
    """Says that nothing fits; where an agency has other tasks, how many, and offers them."""
    name = _shown_name(catalogue, listing.agency)
    of_agency = say("lists.none_of", agency=name) if name else ""
    lines = [say("lists.none", plans=len(catalogue.plans), agency=of_agency, time=_said_time(replace(listing, is_year_open=False)))]
    others = catalogue.filter(TaskFilter(listing.agency, plan_ids=listing.plan_ids)) if listing.agency else ()
    wider = Listing("tasks", listing.agency, plan_ids=listing.plan_ids)
    if others:
        lines.append(say("lists.none_dated", n=len(others), agency=name))
    button = (Button(say("lists.show_all"), write_payload(command="more")),) if others else ()
    return Reply(
        status="unanswerable_no_task",
        messages=(ReplyMessage("\n".join(lines), (*button, Button(say("ask_person"), write_payload(command="handoff")))),),
        confidence=1.0,
        context=Context(last_status="unanswerable_no_task", listing=wider if others else None),
    )


def _mention_reply(catalogue: PlanCatalogue, listing: Listing) -> Reply:
    mentions = _newest_first(catalogue, find_mentions(catalogue.plans, listing.words))
    shown = mentions[listing.shown : listing.shown + MAX_ITEMS]
    if not shown:
        last = mentions[-MAX_ITEMS:]
        return _reply("answered_mentions", say("lists.end"), tuple(_cite_mention(catalogue, m) for m in last), listing, 0, 0)
    said = _as_printed(shown[0].quote, listing.words)
    lines = [] if listing.shown else [say("lists.mentions", n=len(mentions), words=said)]
    lines += [f"{n}. {_mention_line(catalogue, mention, listing.words)}" for n, mention in enumerate(shown, listing.shown + 1)]
    n_rest = len(mentions) - listing.shown - len(shown)
    if n_rest:
        lines.append(say("lists.rest_mentions", n=n_rest))
    lines += text_notes("\n".join(lines), catalogue.today)
    citations = tuple(_cite_mention(catalogue, mention) for mention in shown)
    return _reply("answered_mentions", "\n\n".join(lines), citations, listing, len(shown), n_rest)


def _newest_first(catalogue: PlanCatalogue, mentions: Sequence[Mention]) -> list[Mention]:
    def key(mention: Mention) -> tuple[bool, int]:
        plan = catalogue.get(mention.plan_id)
        issued = plan.issued_on if plan and plan.issued_on else date.min
        return bool(plan and (catalogue.replaced_by(plan) or plan.is_expired(catalogue.today))), -issued.toordinal()

    return sorted(mentions, key=key)


def _mention_line(catalogue: PlanCatalogue, mention: Mention, words: str) -> str:
    plan = catalogue.get(mention.plan_id)
    head = " ".join(filter(None, [plan.kind, mention.number])) if plan and mention.number else mention.title
    who = f" của {plan.authority}" if plan and plan.authority else ""
    newer = _newer_number(catalogue, plan)
    over = "; " + _said_over(newer) if newer or (plan and plan.is_expired(catalogue.today)) else ""
    section = f", mục {_clip(mention.section, _MAX_SECTION)}" if mention.section else ""
    return f"{head}{who}{section}{over}:\n   “{_around(mention.quote, words)}”"


def _cite_mention(catalogue: PlanCatalogue, mention: Mention) -> Citation:
    plan = catalogue.get(mention.plan_id)
    return Citation(
        kind="plan", source=plan.source.id if plan else mention.plan_id, title=mention.title, number=mention.number,
        section=mention.section, quote=_clip(mention.quote, _MAX_QUOTE), url=plan.source.url if plan else "",
        as_of=plan.source.read_on if plan else "", expired=bool(_newer_number(catalogue, plan) or (plan and plan.is_expired(catalogue.today))),
    )  # fmt: skip


def _newer_number(catalogue: PlanCatalogue, plan: Plan | None) -> str:
    """Number of what took a plan's place, "" where nothing did."""
    return next((newer.number or newer.title for newer in catalogue.replaced_by(plan)), "") if plan else ""


def _said_over(newer: str) -> str:
    return say("lists.replaced", newer=newer) if newer else say("lists.over")


def _no_mention(phrase: str, catalogue: PlanCatalogue) -> Reply:
    text = say("lists.none_mentions", plans=len(catalogue.plans), words=phrase)
    person = Button(say("ask_person"), write_payload(command="handoff"))
    return Reply("unanswerable_no_task", (ReplyMessage(text, (person,)),), confidence=1.0, context=Context(last_status="unanswerable_no_task"))


def _around(text: str, phrase: str) -> str:
    """The part of a paragraph that holds a phrase, cut at words."""
    found = _find(text, phrase)
    if found is None or len(text) <= 2 * _AROUND + len(phrase):
        return _clip(text, 3 * _AROUND)
    start, end = max(0, found[0] - _AROUND), min(len(text), found[1] + _AROUND)
    start = 0 if start == 0 else text.find(" ", start) + 1
    end = len(text) if end == len(text) else text.rfind(" ", 0, end)
    return ("… " if start else "") + text[start:end] + (" …" if end < len(text) else "")


def _as_printed(text: str, phrase: str) -> str:
    found = _find(text, phrase)
    return text[found[0] : found[1]] if found else phrase


def _find(text: str, phrase: str) -> tuple[int, int] | None:
    """Where a phrase without diacritics stands in a text; None where short forms hide it."""
    plain = bare(text).lower()
    if len(plain) != len(text):
        return None
    found = re.search(r"\W+".join(map(re.escape, phrase.split())), plain)
    return found.span() if found else None


def _shown_name(catalogue: PlanCatalogue, agency: str) -> str:
    """The agency as the plans print it."""
    if not agency:
        return ""
    names = [name for t in catalogue.tasks for name in (*re.split(r"[;,] (?=[A-ZĐ])", t.task.lead), *t.task.co_agencies)]
    return next((name for name in names if plain_key(name) == agency), agency)


def _clip(text: str, limit: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= limit else text[:limit].rsplit(" ", 1)[0].rstrip(",;:") + " …"


def _plain(question: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", bare(question).lower()))


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _vietnamese(day: date | None) -> str:
    return day.strftime("%d/%m/%Y") if day else ""
