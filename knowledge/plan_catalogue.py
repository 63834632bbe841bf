"""All plans and their tasks, to be listed, filtered and looked up; made anew when the knowledge or the day changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from knowledge.history.relations import Replacements, replacements
from knowledge.model import Plan
from knowledge.plan_tasks import PlannedTask, TaskFilter, filter_tasks, heading_of, plain_key, planned_tasks

_NEVER = date(1, 1, 1)


@dataclass(frozen=True)
class PlanFilter:
    """Which plans to list; every condition that is given has to hold.

    Attributes:
        kind: "Kế hoạch", "Quyết định" …; diacritics and case do not count.
        authority: stands in the name of who issued it.
        year: it was issued in that year or its period holds a day of it.
        is_over: its period has passed or another plan has taken its place (True), or neither (False); one without a period
            has not passed.
        text: stands word for word in number, title or text.
        ids: only these; None for all.
    """

    kind: str = ""
    authority: str = ""
    year: int | None = None
    is_over: bool | None = None
    text: str = ""
    ids: frozenset[str] | None = None


@dataclass(frozen=True)
class SectionNode:
    """A section with those below it.

    Attributes:
        heading: number and title as cited.
        tasks: tasks that the plan sets in this section itself.
    """

    number: str
    heading: str
    paragraphs: tuple[str, ...]
    tasks: tuple[PlannedTask, ...]
    children: tuple[SectionNode, ...] = ()


class PlanCatalogue:
    """Plans of one reading of the knowledge, judged on one day."""

    def __init__(self, plans: tuple[Plan, ...], today: date) -> None:
        self.plans = plans
        self.today = today
        self._by_id = {plan.id: plan for plan in plans}

    @cached_property
    def tasks(self) -> tuple[PlannedTask, ...]:
        """Tasks of all plans, in the plans' order."""
        numbers = {plan.id: newer.number or newer.title for plan in self.plans for newer in self.replaced_by(plan)}
        return planned_tasks(self.plans, self.today, numbers)

    @cached_property
    def _replacements(self) -> Replacements:
        return replacements(self.plans)

    @cached_property
    def agencies(self) -> tuple[str, ...]:
        """Leads as the plans print them, most tasks first."""
        counts: dict[str, int] = {}
        for planned in self.tasks:
            if "lead_group" not in planned.doubts and planned.task.lead:
                counts[planned.task.lead] = counts.get(planned.task.lead, 0) + 1
        return tuple(sorted(counts, key=lambda name: -counts[name]))

    @cached_property
    def authorities(self) -> tuple[str, ...]:
        return tuple(sorted({plan.authority for plan in self.plans if plan.authority}))

    @cached_property
    def kinds(self) -> tuple[str, ...]:
        return tuple(sorted({plan.kind for plan in self.plans if plan.kind}))

    def get(self, plan_id: str) -> Plan | None:
        return self._by_id.get(plan_id)

    def plan_ids(self, named: str) -> tuple[str, ...]:
        """Plans that an id or a document number means; several may bear one number."""
        if named in self._by_id:
            return (named,)
        key = plain_key(named)
        return tuple(plan.id for plan in self.plans if plan.number and plain_key(plan.number) == key)

    def list(self, wanted: PlanFilter) -> tuple[Plan, ...]:
        """Plans that meet every condition, the latest first."""
        found = [plan for plan in self.plans if self._fits(plan, wanted)]
        return tuple(sorted(found, key=lambda plan: plan.issued_on or _NEVER, reverse=True))

    def filter(self, wanted: TaskFilter) -> tuple[PlannedTask, ...]:
        """Tasks that meet every condition, of plans still running first, soonest due first."""
        return filter_tasks(self.tasks, wanted)

    def tasks_of(self, plan_id: str) -> tuple[PlannedTask, ...]:
        """Tasks of one plan in its order."""
        return tuple(planned for planned in self.tasks if planned.plan_id == plan_id)

    def replaced_by(self, plan: Plan) -> tuple[Plan, ...]:
        """The plan known here that took this one's place on this day, if any; see knowledge.history.relations."""
        newer = self._replacements.newest(plan.id, self.today)
        return (newer,) if newer else ()

    def is_over(self, plan: Plan) -> bool:
        """On this day its period has passed, or another plan known here has taken its place."""
        return plan.is_expired(self.today) or bool(self.replaced_by(plan))

    def _fits(self, plan: Plan, wanted: PlanFilter) -> bool:
        if wanted.ids is not None and plan.id not in wanted.ids:
            return False
        if wanted.kind and plain_key(wanted.kind) != plain_key(plan.kind):
            return False
        if wanted.authority and f" {plain_key(wanted.authority)} " not in f" {plain_key(plan.authority)} ":
            return False
        if wanted.year and not _is_of_year(plan, wanted.year):
            return False
        if wanted.is_over is not None and self.is_over(plan) != wanted.is_over:
            return False
        return not wanted.text or _holds(plan, plain_key(wanted.text))

    def tree(self, plan: Plan) -> tuple[SectionNode, ...]:
        """Sections of a plan as they lie in each other."""
        tasks: dict[str, list[PlannedTask]] = {}
        for planned in self.tasks_of(plan.id):
            tasks.setdefault(planned.task.section, []).append(planned)
        flat = []
        for section in plan.sections:
            own = tuple(tasks.pop(section.number, ()))  # a number that comes twice keeps its tasks at the first
            flat.append(SectionNode(section.number, heading_of(section), section.paragraphs, own))
        return _nested(flat)


class LiveCatalogue:
    """Gives the catalogue of the live knowledge; one catalogue serves until plans or day change.

    Args:
        plans: gives the live plans; the same tuple as long as the knowledge is the same.
        today: gives the day on which deadlines are judged.
    """

    def __init__(self, plans: Callable[[], tuple[Plan, ...]], today: Callable[[], date] = date.today) -> None:
        self._plans, self._today = plans, today
        self._last = PlanCatalogue((), date.min)

    def __call__(self) -> PlanCatalogue:
        plans, today, last = self._plans(), self._today(), self._last
        if last.plans is not plans or last.today != today:
            last = self._last = PlanCatalogue(plans, today)
        return last


def _is_of_year(plan: Plan, year: int) -> bool:
    if plan.issued_on and plan.issued_on.year == year:
        return True
    first, last = plan.period_from or plan.period_to, plan.period_to or plan.period_from
    return first is not None and last is not None and first.year <= year <= last.year


def _holds(plan: Plan, wanted: str) -> bool:
    heads = (plan.number, plan.title, *(section.title for section in plan.sections))
    paragraphs = (text for section in plan.sections for text in section.paragraphs)
    return bool(wanted) and any(f" {wanted} " in f" {plain_key(text)} " for part in (heads, paragraphs) for text in part)


def _nested(flat: list[SectionNode]) -> tuple[SectionNode, ...]:
    """Each section below the last one before it whose number its own begins with ("II.1" below "II")."""
    children: dict[int, list[int]] = {-1: []}
    open_: list[int] = []
    for n, node in enumerate(flat):
        while open_ and not _is_below(node.number, flat[open_[-1]].number):
            open_.pop()
        children.setdefault(open_[-1] if open_ else -1, []).append(n)
        open_.append(n)
    return tuple(_with_children(flat, children, n) for n in children[-1])


def _is_below(number: str, above: str) -> bool:
    return bool(above) and number.startswith((f"{above}.", f"{above} "))


def _with_children(flat: list[SectionNode], children: dict[int, list[int]], n: int) -> SectionNode:
    node = flat[n]
    below = tuple(_with_children(flat, children, child) for child in children.get(n, ()))
    return SectionNode(node.number, node.heading, node.paragraphs, node.tasks, below)
