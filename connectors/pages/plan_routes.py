"""Pages of plans: the shelf, one plan with its tasks, and the tasks of all plans by agency and time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from fastapi import APIRouter, Request
from fastapi.responses import Response

from connectors.pages import addresses
from connectors.pages.finding import Pager
from connectors.pages.render import PageKit
from connectors.pages.sources import PAGE, PageSources, linker
from knowledge.model import Plan
from knowledge.plan_deadlines import read_deadline
from knowledge.plan_tasks import PlannedTask, TaskFilter, filter_tasks, planned_tasks

#: Value of ``khi`` → its name and how its days follow from today.
TIMES: dict[str, str] = {"": "Mọi thời hạn", "30-ngay": "Đến hạn trong 30 ngày tới", "quy-nay": "Đến hạn trong quý này", "nam-nay": "Đến hạn trong năm nay", "qua-han": "Đã qua hạn"}
AGENCY_LIMIT = 120


def add_plans(pages: APIRouter, kit: PageKit, sources: PageSources) -> None:
    tasks_now = _task_reader(sources)

    @pages.get("/ke-hoach")
    def plans(request: Request, trang: PAGE = 1) -> Response:
        shelf = sorted(sources.plans.plans(), key=lambda plan: plan.issued_on or plan.period_from or date.min, reverse=True)
        pager = Pager.of(trang, len(shelf), 20)
        link = linker("/ke-hoach")
        return kit.page(
            request, "plans.html", canonical=link(pager.page), rows=pager.cut(shelf), pager=pager, link=link,
            today=sources.today(), path_of_plan=addresses.plan_path,
        )  # fmt: skip

    @pages.get("/ke-hoach/nhiem-vu")
    def tasks(request: Request, khi: str = "", trang: PAGE = 1) -> Response:
        agency = " ".join(request.query_params.get("co-quan", "").split())[:AGENCY_LIMIT]
        time = khi if khi in TIMES else ""
        is_lead_only = bool(request.query_params.get("chu-tri"))
        today, known = sources.today(), tasks_now()
        found = filter_tasks(known, _task_filter(agency, is_lead_only, time, today))
        pager = Pager.of(trang, len(found), 25)
        link = linker("/ke-hoach/nhiem-vu", **{"co-quan": agency, "khi": time, "chu-tri": "1" if is_lead_only else ""})
        return kit.page(
            request, "tasks.html", canonical=link(pager.page), rows=pager.cut(found), pager=pager, link=link, agency=agency, time=time,
            times=TIMES, is_lead_only=is_lead_only, agencies=_agencies(known), today=today, path_of_plan=addresses.plan_path,
        )  # fmt: skip

    @pages.get("/ke-hoach/{plan_id:path}")
    def plan(request: Request, plan_id: str) -> Response:
        found = sources.plans.plan(plan_id)
        if found is None:
            return kit.missing(request, "kế hoạch này", links=(("Mọi kế hoạch", "/ke-hoach"),))
        return kit.page(
            request, "plan.html", canonical=addresses.plan_path(found.id), plan=found, tasks=_with_deadlines(found),
            today=sources.today(), source_url=addresses.safe_url(found.source.url),
        )  # fmt: skip


def _task_reader(sources: PageSources) -> Callable[[], tuple[PlannedTask, ...]]:
    """Tasks of all plans, read anew only when plans or the day are others."""
    last: list[object] = [None, None, ()]

    def read() -> tuple[PlannedTask, ...]:
        plans, today = sources.plans.plans(), sources.today()
        if last[0] is not plans or last[1] != today:
            last[:] = [plans, today, planned_tasks(plans, today)]
        return last[2]  # type: ignore[return-value]

    return read


def _task_filter(agency: str, is_lead_only: bool, time: str, today: date) -> TaskFilter:
    wanted = TaskFilter(agency, role="lead" if is_lead_only else "any")
    if time == "qua-han":
        return replace(wanted, overdue_on=today)
    if time == "30-ngay":
        return replace(wanted, first=today, last=today + timedelta(days=30))
    if time == "quy-nay":
        first = date(today.year, 3 * ((today.month - 1) // 3) + 1, 1)
        return replace(wanted, first=first, last=(first + timedelta(days=95)).replace(day=1) - timedelta(days=1))
    if time == "nam-nay":
        return replace(wanted, first=date(today.year, 1, 1), last=date(today.year, 12, 31))
    return wanted


def _agencies(tasks: tuple[PlannedTask, ...], n_most: int = 60) -> list[str]:
    """Lead agencies as the plans print them, those with most tasks first."""
    counts: dict[str, int] = {}
    for planned in tasks:
        if planned.task.lead and len(planned.task.lead) <= 60:
            counts[planned.task.lead] = counts.get(planned.task.lead, 0) + 1
    return sorted(counts, key=lambda name: -counts[name])[:n_most]


def _with_deadlines(plan: Plan) -> list[tuple[object, object]]:
    dated = plan.period_to or plan.period_from or plan.issued_on
    return [(task, read_deadline(task.deadline, dated.year if dated else None)) for task in plan.tasks]
