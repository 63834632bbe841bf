"""Tasks of all plans together: filtered by agency and time, overdue on a day.

A plan says by when work is due, never whether it was done: "overdue" means that the last day has passed.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal

from knowledge.model import Plan, PlanSection, PlanTask
from knowledge.plan_deadlines import Deadline, read_deadline
from knowledge.plan_doubts import doubts_of
from nlu.diacritics import bare
from nlu.normalizer import expand_abbreviations

_FAR = date(9999, 1, 1)
Role = Literal["any", "lead", "co"]


@dataclass(frozen=True)
class PlannedTask:
    """A task with the plan it stands in and its deadline as read.

    Attributes:
        id: stays the same as long as the plan prints the task in the same words.
        number, kind, title, authority, place: the plan's.
        is_plan_over: on the day the tasks were collected the plan's own period had ended or another had taken its place.
        heading: the section with its title ("V.7. Sở Tài chính").
        quote: the paragraph that sets the task, as printed; the task itself where it stands in a table.
        doubts: what is not certain about it, keys of knowledge.plan_doubts.DOUBTS.
        replaced_by: number of the plan that took the plan's place, "" when none did.
    """

    id: str
    plan_id: str
    number: str
    kind: str
    title: str
    authority: str
    place: str
    is_plan_over: bool
    task: PlanTask
    deadline: Deadline
    heading: str = ""
    quote: str = ""
    doubts: tuple[str, ...] = ()
    replaced_by: str = ""


@dataclass(frozen=True)
class TaskFilter:
    """What to list; every condition that is given has to hold.

    Attributes:
        agency: as typed; short forms and missing diacritics are understood.
        role: ``lead`` leaves out tasks where the agency only works with others, ``co`` those that it leads.
        first, last: due between these days, both included; either may be None.
        is_going_on: work in that period is enough ("nhiệm vụ năm 2026"), the last day may lie later.
        overdue_on: the last day lies before this day.
        plan_ids: only these plans; () for all.
        words: they stand in the task one after the other; diacritics and case do not count.
        is_current: leave out plans whose period has passed.
    """

    agency: str = ""
    role: Role = "any"
    first: date | None = None
    last: date | None = None
    is_going_on: bool = False
    overdue_on: date | None = None
    plan_ids: tuple[str, ...] = ()
    words: str = ""
    is_current: bool = False


@dataclass(frozen=True)
class Mention:
    """A paragraph in which a plan speaks of something."""

    plan_id: str
    number: str
    title: str
    section: str
    quote: str


def planned_tasks(plans: Iterable[Plan], today: date, replaced_by: Mapping[str, str] | None = None) -> tuple[PlannedTask, ...]:
    """Tasks of all plans in their order; deadlines without a year get the plan's.

    Args:
        replaced_by: id of a replaced plan → number of the one that took its place.
    """
    newer = replaced_by or {}
    return tuple(planned for plan in plans for planned in _of_plan(plan, today, newer.get(plan.id, "")))


def filter_tasks(tasks: Iterable[PlannedTask], wanted: TaskFilter) -> tuple[PlannedTask, ...]:
    """Tasks that meet every condition, of plans still running first, soonest due first, those without a day last."""
    found = [task for task in tasks if _meets(task, wanted)]
    return tuple(sorted(found, key=lambda t: (t.is_plan_over, t.deadline.due or _FAR)))


def overdue_tasks(tasks: Iterable[PlannedTask], today: date) -> tuple[PlannedTask, ...]:
    """Tasks whose last day has passed, longest overdue first."""
    found = filter_tasks(tasks, TaskFilter(overdue_on=today))
    return tuple(sorted(found, key=lambda t: t.deadline.due or _FAR))


def find_mentions(plans: Iterable[Plan], phrase: str) -> tuple[Mention, ...]:
    """The first paragraph of each plan that holds a phrase word for word; diacritics and case do not count."""
    wanted = plain_key(phrase)
    return tuple(mention for plan in plans if wanted and (mention := _first_mention(plan, wanted)))


def _of_plan(plan: Plan, today: date, newer: str) -> Iterator[PlannedTask]:
    headings = {section.number: heading_of(section) for section in reversed(plan.sections)}
    ids: Counter[str] = Counter()
    for task in plan.tasks:
        key = _id_of(plan, task)
        ids[key] += 1
        deadline = read_deadline(task.deadline, _year_of(plan))
        yield PlannedTask(
            key if ids[key] == 1 else f"{key}-{ids[key]}", plan.id, plan.number, plan.kind, plan.title, plan.authority,
            plan.place, bool(newer) or plan.is_expired(today), task, deadline, headings.get(task.section, task.section),
            _quote_of(plan, task), doubts_of(task, deadline), newer,
        )  # fmt: skip


def _id_of(plan: Plan, task: PlanTask) -> str:
    words = "\n".join((plan.id, task.section, task.what, task.lead, task.deadline))
    return hashlib.sha256(words.encode()).hexdigest()[:12]


def _quote_of(plan: Plan, task: PlanTask) -> str:
    paragraphs = (text for section in plan.sections if section.number == task.section for text in section.paragraphs)
    return next((text for text in paragraphs if task.what in text), task.what)


def heading_of(section: PlanSection) -> str:
    """A section as it is cited: "II.2. Nội dung"."""
    return ". ".join(filter(None, [section.number, section.title]))


def _meets(planned: PlannedTask, wanted: TaskFilter) -> bool:
    if wanted.plan_ids and planned.plan_id not in wanted.plan_ids:
        return False
    if wanted.is_current and planned.is_plan_over:
        return False
    if wanted.agency and not _concerns(planned.task, wanted.agency, wanted.role):
        return False
    if (wanted.first or wanted.last) and not _lies_in(planned.deadline, wanted):
        return False
    if wanted.overdue_on and not planned.deadline.is_overdue(wanted.overdue_on):
        return False
    return not wanted.words or f" {plain_key(wanted.words)} " in f" {plain_key(planned.task.what)} "


def _lies_in(deadline: Deadline, wanted: TaskFilter) -> bool:
    first, last = wanted.first or date.min, wanted.last or date.max
    return deadline.runs_in(first, last) if wanted.is_going_on else deadline.falls_in(first, last)


def _concerns(task: PlanTask, agency: str, role: Role) -> bool:
    wanted = f" {plain_key(agency)} "
    leads, helps = (task.lead,), task.co_agencies
    names = {"lead": leads, "co": helps, "any": (*leads, *helps)}[role]
    return any(wanted in f" {plain_key(name)} " for name in names)


def _first_mention(plan: Plan, wanted: str) -> Mention | None:
    for section in plan.sections:
        for paragraph in section.paragraphs:
            if f" {wanted} " in f" {plain_key(paragraph)} ":
                return Mention(plan.id, plan.number, plan.title, heading_of(section), paragraph)
    return None


@lru_cache(maxsize=50_000)
def plain_key(text: str) -> str:
    """Bare lower-case words, short forms written out: "UBND TP" and "Ủy ban nhân dân thành phố" are one."""
    expanded = re.sub(r"\bTP\b\.?", "thành phố", expand_abbreviations(text))
    return " ".join(re.findall(r"[a-z0-9]+", bare(expanded).lower()))


def _year_of(plan: Plan) -> int | None:
    if plan.period_from and plan.period_to and plan.period_from.year == plan.period_to.year:
        return plan.period_from.year
    return plan.issued_on.year if plan.issued_on else plan.period_from.year if plan.period_from else None
