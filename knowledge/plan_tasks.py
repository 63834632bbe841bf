"""Tasks of all plans together: filtered by agency and time, overdue on a day, and read from a question.

A plan says by when work is due, never whether it was done: "overdue" means that the last day has passed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from knowledge.model import Plan, PlanTask
from knowledge.plan_deadlines import Deadline, read_deadline
from nlu.diacritics import bare
from nlu.normalizer import expand_abbreviations

_FAR = date(9999, 1, 1)
_LISTS = re.compile(r"\b(?:viec|nhiem vu|cong viec) (?:nao|gi)|lam (?:nhung )?(?:gi|viec gi)|(?:duoc|phai) (?:giao|lam)|den han|het han|qua han|tre han|phai xong|danh sach (?:viec|nhiem vu)|chu tri (?:nhung )?(?:gi|viec|nhiem vu)")
_OVERDUE = re.compile(r"qua han|tre han|da het han|cham tien do")
_MENTION = re.compile(r"(?:ke hoach|van ban|tai lieu|quyet dinh) nao (?:co |da )?(?:nhac|noi|de cap|quy dinh|de)(?: den| toi| ve)? (.+?)[ ?.]*$")
_TIME = re.compile(r"trước (?:ngày )?\d{1,2}[/-]\d{1,2}(?:[/-]20\d\d)?|quý (?:IV|I{1,3}|[1-4])\b(?:[/ ,]*(?:năm )?20\d\d)?|tháng \d{1,2}(?:[/ ]*(?:năm )?20\d\d)?|năm (?:nay|sau|20\d\d)|ngày \d{1,2}/\d{1,2}(?:/20\d\d)?", re.IGNORECASE)
_GENERIC = frozenset({"cac", "so", "ban", "nganh", "co", "quan", "don", "vi", "dia", "phuong", "phong", "lien"})


@dataclass(frozen=True)
class PlannedTask:
    """A task with the plan it stands in and its deadline as read.

    Attributes:
        number, title, authority, place: the plan's.
        is_plan_over: the plan's own period had ended on the day the tasks were collected.
    """

    plan_id: str
    number: str
    title: str
    authority: str
    place: str
    is_plan_over: bool
    task: PlanTask
    deadline: Deadline


@dataclass(frozen=True)
class TaskFilter:
    """What to list; every condition that is given has to hold.

    Attributes:
        agency: as typed; short forms and missing diacritics are understood.
        is_lead_only: leave out tasks where the agency only works with others.
        first, last: due between these days, both included; either may be None.
        overdue_on: the last day lies before this day.
        plan_ids: only these plans; () for all.
        words: all of them stand in the task.
    """

    agency: str = ""
    is_lead_only: bool = False
    first: date | None = None
    last: date | None = None
    overdue_on: date | None = None
    plan_ids: tuple[str, ...] = ()
    words: str = ""


@dataclass(frozen=True)
class Mention:
    """A paragraph in which a plan speaks of something."""

    plan_id: str
    number: str
    title: str
    section: str
    quote: str


def planned_tasks(plans: Iterable[Plan], today: date) -> tuple[PlannedTask, ...]:
    """Tasks of all plans in their order; deadlines without a year get the plan's."""
    return tuple(
        PlannedTask(
            plan.id, plan.number, plan.title, plan.authority, plan.place, plan.is_expired(today), task,
            read_deadline(task.deadline, _year_of(plan)),
        )
        for plan in plans
        for task in plan.tasks
    )  # fmt: skip


def filter_tasks(tasks: Iterable[PlannedTask], wanted: TaskFilter) -> tuple[PlannedTask, ...]:
    """Tasks that meet every condition, of plans still running first, soonest due first, those without a day last."""
    found = [task for task in tasks if _meets(task, wanted)]
    return tuple(sorted(found, key=lambda t: (t.is_plan_over, t.deadline.due or _FAR)))


def overdue_tasks(tasks: Iterable[PlannedTask], today: date) -> tuple[PlannedTask, ...]:
    """Tasks whose last day has passed, longest overdue first."""
    found = filter_tasks(tasks, TaskFilter(overdue_on=today))
    return tuple(sorted(found, key=lambda t: t.deadline.due or _FAR))


def read_task_question(question: str, tasks: Sequence[PlannedTask], today: date) -> TaskFilter | None:
    """The list that a question asks for, None where it asks for something else.

    Args:
        question: with or without diacritics ("viec nao den han trong quy III", "Sở Nội vụ phải làm gì?").
        tasks: all tasks: their agencies, places and numbers are what can be named.
    """
    text = _key(question)
    if not _LISTS.search(text):
        return None
    agency = _named(text, (name for t in tasks for name in _agencies(t)))
    first, last = _period(question, today)
    overdue_on = today if _OVERDUE.search(text) else None
    if not agency and not first and not last and not overdue_on:
        return None
    return TaskFilter(agency, False, first, last, overdue_on, _plans_named(question, text, tasks))


def find_mentions(plans: Iterable[Plan], phrase: str) -> tuple[Mention, ...]:
    """The first paragraph of each plan that holds a phrase word for word; diacritics and case do not count."""
    wanted = _key(phrase)
    return tuple(mention for plan in plans if wanted and (mention := _first_mention(plan, wanted)))


def read_mention_question(question: str) -> str:
    """What "kế hoạch nào nhắc đến …?" asks for, without diacritics; "" where a question asks for something else."""
    found = _MENTION.search(_key(question))
    return found.group(1) if found else ""


def _meets(planned: PlannedTask, wanted: TaskFilter) -> bool:
    deadline = planned.deadline
    if wanted.plan_ids and planned.plan_id not in wanted.plan_ids:
        return False
    if wanted.agency and not _concerns(planned.task, wanted.agency, wanted.is_lead_only):
        return False
    if (wanted.first or wanted.last) and not deadline.falls_in(wanted.first or date.min, wanted.last or date.max):
        return False
    if wanted.overdue_on and not deadline.is_overdue(wanted.overdue_on):
        return False
    return set(_key(wanted.words).split()) <= set(_key(planned.task.what).split()) if wanted.words else True


def _concerns(task: PlanTask, agency: str, is_lead_only: bool) -> bool:
    wanted = f" {_key(agency)} "
    names = (task.lead,) if is_lead_only else (task.lead, *task.co_agencies)
    return any(wanted in f" {_key(name)} " for name in names)


def _agencies(planned: PlannedTask) -> Iterator[str]:
    yield from (*re.split(r"[;,] (?=[A-ZĐ])", planned.task.lead), *planned.task.co_agencies)


def _named(text: str, names: Iterable[str]) -> str:
    """The longest agency that stands in the text; groups ("các sở, ban, ngành") name nobody."""
    keys = {re.sub(r"^(?:phong|so) (?=cac )", "", _key(name)) for name in names}
    held = [key for key in keys if len(key.split()) >= 2 and f" {key} " in f" {text} " and not set(key.split()) <= _GENERIC]
    return max(held, key=len, default="")


def _period(question: str, today: date) -> tuple[date | None, date | None]:
    found = _TIME.search(question) or _TIME.search(_with_marks(question))
    if not found:
        return None, None
    text = found.group(0).lower().replace("năm nay", f"năm {today.year}").replace("năm sau", f"năm {today.year + 1}")
    text = re.sub(r"quý (iv|i{1,3})", lambda m: f"Quý {m.group(1).upper()}", text)
    deadline = read_deadline(text, today.year)
    if text.startswith("trước"):
        return None, deadline.due
    return (deadline.starts or deadline.due), deadline.due


def _with_marks(question: str) -> str:
    """The few words of time with their diacritics, for questions typed without."""
    marked = {"quy": "quý", "thang": "tháng", "nam": "năm", "ngay": "ngày", "truoc": "trước", "sau": "sau"}
    return re.sub(r"[A-Za-z]+", lambda m: marked.get(m.group(0).lower(), m.group(0)), question)


def _plans_named(question: str, text: str, tasks: Sequence[PlannedTask]) -> tuple[str, ...]:
    """Plans whose number stands in the question, else those of a place that stands in it."""
    numbered = tuple(dict.fromkeys(t.plan_id for t in tasks if t.number and t.number.lower() in question.lower()))
    if numbered:
        return numbered
    return tuple(dict.fromkeys(t.plan_id for t in tasks if _is_of_place(t, text)))


def _is_of_place(planned: PlannedTask, text: str) -> bool:
    """The plan's place stands in the text, and the plan is of that place (a decree signed in Hà Nội is not)."""
    place = _place(planned.place)
    return bool(place) and f" {place} " in f" {text} " and place in _key(planned.authority)


@lru_cache(maxsize=1_000)
def _place(place: str) -> str:
    return re.sub(r"^(?:tp|thanh pho|tinh|quan|huyen|xa|phuong)\b\s*", "", _key(place))


def _first_mention(plan: Plan, wanted: str) -> Mention | None:
    for section in plan.sections:
        for paragraph in section.paragraphs:
            if f" {wanted} " in f" {_key(paragraph)} ":
                heading = ". ".join(filter(None, [section.number, section.title]))
                return Mention(plan.id, plan.number, plan.title, heading, paragraph)
    return None


@lru_cache(maxsize=50_000)
def _key(text: str) -> str:
    """Bare lower-case words, short forms written out: "UBND TP" and "Ủy ban nhân dân thành phố" are one."""
    expanded = re.sub(r"\bTP\b\.?", "thành phố", expand_abbreviations(text))
    return " ".join(re.findall(r"[a-z0-9]+", bare(expanded).lower()))


def _year_of(plan: Plan) -> int | None:
    if plan.period_from and plan.period_to and plan.period_from.year == plan.period_to.year:
        return plan.period_from.year
    return plan.issued_on.year if plan.issued_on else plan.period_from.year if plan.period_from else None
