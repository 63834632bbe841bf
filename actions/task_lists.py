"""Lists of tasks over all plans, by agency and time, and what is overdue; lists of plans are told by actions/plan_lists.py.

Only questions that ask for such a list are taken (knowledge/plan_questions.py); the rest goes on to the search.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from actions.listing import MAX_QUOTE, clip, day_of, iso, paged_reply, said_over, vietnamese
from actions.phrases import say
from actions.plan_lists import PlanLists
from actions.plan_owners import PlanOwners
from actions.reply import Button, Citation, Context, Listing, Reply, ReplyMessage
from actions.time_notes import text_notes
from knowledge.model import Plan
from knowledge.places.units import load_units
from knowledge.plan_catalogue import PlanCatalogue
from knowledge.plan_questions import (
    TaskQuestion,
    any_year,
    read_detail,
    read_task_question,
    same_season,
)
from knowledge.plan_tasks import PlannedTask, TaskFilter, plain_key
from nlu.diacritics import bare
from nlu.payloads import read_payload, write_payload

MAX_ITEMS = 8  # what one bubble holds and a reader can take in
_MAX_WHAT = 150
_MAX_SECTION = 60
_GO_ON = re.compile(r"(?:xem |cho (?:toi |em |minh )?xem |ke |noi )?(?:tiep|them|nua|tiep theo|phan con lai|cac viec con lai|het)(?: di| nhe| nua| a| voi)*|con gi nua(?: khong| ko)?|con nua(?: khong| ko)?")


@dataclass(frozen=True)
class _Items:
    """What fits a listing: ``tasks`` in the order shown, of which the first ``n_this_year`` are of this year."""

    tasks: tuple[PlannedTask, ...]
    n_this_year: int = 0


class TaskLists:
    """Answers questions for lists.

    Args:
        catalogue: gives the plans known now.
        plans: tells lists of plans; None makes one that reads places by the tables of today.
    """

    def __init__(self, catalogue: Callable[[], PlanCatalogue], plans: PlanLists | None = None) -> None:
        self._catalogue = catalogue
        self._plans = plans or PlanLists(PlanOwners(load_units))

    def answer(self, question: str, intent: str, context: Context, restore: Callable[[str], str] = str) -> Reply | None:
        """The list that a message asks for or goes on with; None where it asks for something else.

        Args:
            question: as typed, or a button's payload.
            intent: what the message was taken for; decides where its words leave it open.
            restore: gives a question its diacritics; called where plans are named in one without.
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
        return (
            self._tasks(question, catalogue)
            or self._plans.answer(question, intent, catalogue, restore)
            or self._changed(question, context, catalogue)
            or self._plans.changed(question, context, catalogue, restore)
        )

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

    def _shown(self, catalogue: PlanCatalogue, listing: Listing) -> Reply:
        if listing.kind != "tasks":
            return self._plans.shown(catalogue, listing)
        items = _items(catalogue, listing)
        return _task_reply(catalogue, listing, items) if items.tasks else _no_task(catalogue, listing)


def _asks_one_plan(asked: TaskQuestion) -> bool:
    """One fact of one plan ("Sở Nội vụ được giao gì theo kế hoạch 34/KH-UBND") is better quoted than listed."""
    wanted = asked.wanted
    has_time = wanted.first or wanted.last or wanted.overdue_on
    return asked.names_plan and len(wanted.plan_ids) == 1 and not has_time and not asked.is_plural


def _listing(wanted: TaskFilter, is_year_open: bool) -> Listing:
    return Listing(
        "tasks", wanted.agency, wanted.role, iso(wanted.first), iso(wanted.last), wanted.is_going_on,
        iso(wanted.overdue_on), wanted.plan_ids, wanted.words, is_year_open,
    )  # fmt: skip


def _filter(listing: Listing) -> TaskFilter:
    role = listing.role if listing.role in ("lead", "co") else "any"
    return TaskFilter(
        listing.agency, role, day_of(listing.first), day_of(listing.last), listing.is_going_on,
        day_of(listing.overdue_on), listing.plan_ids, listing.words,
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
        return paged_reply("answered_tasks", say("lists.end"), tuple(_cite(t, catalogue.get(t.plan_id)) for t in last), listing, 0, 0)
    name = _shown_name(catalogue, listing.agency)
    lines = [] if listing.shown else [_head(catalogue, listing, items)]
    lines += [f"{n}. {_line(planned, listing, name)}" for n, planned in enumerate(shown, listing.shown + 1)]
    n_rest = len(items.tasks) - listing.shown - len(shown)
    if n_rest:
        lines.append(say("lists.rest", n=n_rest) + ("" if listing.plan_ids else " " + say("lists.narrow")))
    lines += text_notes("\n".join(f"{planned.task.what} {planned.task.lead}" for planned in shown), catalogue.today)
    citations = tuple(_cite(planned, catalogue.get(planned.plan_id)) for planned in shown)
    return paged_reply("answered_tasks", "\n\n".join(lines), citations, listing, len(shown), n_rest)


def _head(catalogue: PlanCatalogue, listing: Listing, items: _Items) -> str:
    n_plans = len({planned.plan_id for planned in items.tasks})
    values = {"n": len(items.tasks), "plans": n_plans, "time": _said_time(listing), "today": vietnamese(catalogue.today)}
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
    first, last = vietnamese(day_of(listing.first)), vietnamese(day_of(listing.last))
    if listing.last and listing.is_year_open and not listing.is_going_on:
        parts.append(say("lists.due_between", first=first[:5], last=last[:5]) if first else say("lists.due_until", last=last[:5]))
    elif listing.last and listing.is_going_on:
        parts.append(say("lists.going_on", first=first, last=last))
    elif listing.last:
        parts.append(say("lists.due_between", first=first, last=last) if first else say("lists.due_until", last=last))
    if listing.overdue_on and (listing.agency or listing.last):
        parts.append(say("lists.overdue_too", today=vietnamese(day_of(listing.overdue_on))))
    if listing.words:
        parts.append(say("lists.about", words=listing.words))
    return "".join(parts)


def _line(planned: PlannedTask, listing: Listing, agency: str) -> str:
    task = planned.task
    facts = [say("lists.lead", lead=clip(task.lead, 100)) if task.lead else say("lists.lead_missing")]
    if agency and not _is_lead(planned, listing.agency):
        facts.append(say("lists.helps", agency=agency))
    facts.append(_said_deadline(planned))
    where = ", ".join(filter(None, [planned.number or planned.title, planned.place, f"mục {clip(planned.heading, _MAX_SECTION)}"]))
    over = "; " + said_over(planned.replaced_by) if planned.is_plan_over else ""
    return f"“{clip(task.what, _MAX_WHAT)}”\n   {'; '.join(facts)}\n   {where}{over}"


def _said_deadline(planned: PlannedTask) -> str:
    deadline = planned.deadline
    if deadline.kind == "none":
        return say("lists.due_none")
    if deadline.due is not None and deadline.kind in ("quarter", "month", "year"):
        return say("lists.due_as", text=deadline.text, day=vietnamese(deadline.due))
    return say("lists.due", text=clip(deadline.text, 90))


def _cite(planned: PlannedTask, plan: Plan | None) -> Citation:
    source = plan.source if plan else None
    return Citation(
        kind="plan", source=source.id if source else planned.plan_id, title=planned.title, number=planned.number,
        section=planned.heading, quote=clip(planned.quote, MAX_QUOTE), url=source.url if source else "",
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


def _shown_name(catalogue: PlanCatalogue, agency: str) -> str:
    """The agency as the plans print it."""
    if not agency:
        return ""
    names = [name for t in catalogue.tasks for name in (*re.split(r"[;,] (?=[A-ZĐ])", t.task.lead), *t.task.co_agencies)]
    return next((name for name in names if plain_key(name) == agency), agency)


def _plain(question: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", bare(question).lower()))
