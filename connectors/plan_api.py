"""``/api/v1/plans`` and ``/api/v1/tasks``: plans as structure and their tasks over all plans."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path, Query

from connectors.api import FAULTS
from connectors.models import ErrorResponse
from connectors.plan_models import PlanDetail, PlanList, PlanQuery, TaskList, TaskQuery
from connectors.plan_shapes import plan_detail, plan_summary, task_json
from knowledge.plan_catalogue import PlanCatalogue, PlanFilter
from knowledge.plan_tasks import TaskFilter

NOWHERE: dict[int | str, dict[str, Any]] = {404: {"model": ErrorResponse, "description": "Không có văn bản này / No such plan"}}


def create_plan_api(catalogue: Callable[[], PlanCatalogue]) -> APIRouter:
    """Routes over the plans known now; each request sees one catalogue from beginning to end."""
    api = APIRouter(prefix="/api/v1", responses=FAULTS, tags=["Kế hoạch"])

    @api.get("/plans", summary="Danh sách kế hoạch / List plans")
    def plans(query: Annotated[PlanQuery, Query()]) -> PlanList:
        """Mới ban hành trước. / Latest first."""
        known = catalogue()
        found = known.list(PlanFilter(query.kind, query.authority, query.year, query.over, query.text))
        items = [plan_summary(plan, known) for plan in _page(found, query)]
        return PlanList.model_validate({"items": items, "total": len(found), "page": query.page, "page_size": query.page_size})

    @api.get("/plans/{plan_id}", summary="Một kế hoạch / One plan", responses=NOWHERE)
    def plan(plan_id: Annotated[str, Path(max_length=200, description="Mã văn bản trong danh sách. / Id as listed.")]) -> PlanDetail:
        """Đầu văn bản, cây mục và các việc, đúng như nguồn. / Head, section tree and tasks, as printed."""
        known = catalogue()
        found = known.get(plan_id)
        if found is None:
            raise HTTPException(404)
        return PlanDetail.model_validate(plan_detail(found, known))

    @api.get("/tasks", summary="Việc trong mọi kế hoạch / Tasks over all plans", responses=NOWHERE)
    def tasks(query: Annotated[TaskQuery, Query()]) -> TaskList:
        """Văn bản còn thời gian thực hiện trước, hạn gần trước. / Running plans first, soonest due first."""
        known = catalogue()
        found = known.filter(task_filter(query, known))
        items = [task_json(planned, known) for planned in _page(found, query)]
        return TaskList.model_validate(
            {"items": items, "total": len(found), "page": query.page, "page_size": query.page_size, "as_of": known.today}
        )

    return api


def task_filter(query: TaskQuery, known: PlanCatalogue) -> TaskFilter:
    """The query as the catalogue takes it.

    Raises:
        HTTPException: 404 when a plan is named that is not known.
    """
    plan_ids = known.plan_ids(query.plan) if query.plan else ()
    if query.plan and not plan_ids:
        raise HTTPException(404)
    first, last = query.period()
    return TaskFilter(
        query.agency, query.role, first, last, query.going_on, known.today if query.overdue else None, plan_ids,
        query.text, query.current,
    )  # fmt: skip


def _page(found: tuple[Any, ...], query: PlanQuery | TaskQuery) -> tuple[Any, ...]:
    start = (query.page - 1) * query.page_size
    return found[start : start + query.page_size]
