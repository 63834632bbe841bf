"""Staff pages on plans: the list, one plan with its section tree, tasks with filters, and their calendar.

No ``from __future__ import annotations`` here: FastAPI resolves annotations by module globals, and the
dependencies of these routes are local to the functions that add them.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import ValidationError

from connectors.errors import StoreError
from connectors.faults import EXPECTED
from connectors.plan_api import task_filter
from connectors.plan_models import TaskQuery
from connectors.staff.calendar import FeedTokens, has_day, task_calendar
from connectors.staff.guard import StaffGate
from connectors.store.accounts import StaffAccounts, StaffUser
from knowledge.plan_catalogue import PlanCatalogue, PlanFilter
from knowledge.plan_doubts import DOUBTS
from knowledge.plan_tasks import PlannedTask, TaskFilter
from knowledge.validity.documents import ended_in

PAGE_SIZE = 25
ROLES = {"any": "Chủ trì hoặc phối hợp", "lead": "Chủ trì", "co": "Phối hợp"}
OVER = {"": "Tất cả", "false": "Chưa hết thời gian", "true": "Đã hết thời gian"}
FIELDS = ("agency", "role", "quarter", "due_after", "due_before", "going_on", "overdue", "current", "plan", "text")
NAMES = {"due_after": "Hạn từ", "due_before": "Hạn đến", "quarter": "Quý", "role": "Vai", "": "Bộ lọc"}
CALENDAR = "text/calendar; charset=utf-8"
Render = Callable[..., HTMLResponse]
Catalogue = Callable[[], PlanCatalogue]


def add_plan_pages(staff: APIRouter, gate: StaffGate, accounts: StaffAccounts, plans: Catalogue, tokens: FeedTokens, render: Render) -> None:
    """Add the routes below ``/staff``."""
    _add_plans(staff, gate, plans, render)
    _add_tasks(staff, gate, accounts, plans, tokens, render)


def create_calendar(accounts: StaffAccounts, plans: Catalogue, tokens: FeedTokens) -> APIRouter:
    """``/calendar/tasks.ics``: a filter's calendar for whoever holds its token."""
    router = APIRouter(include_in_schema=False)

    @router.get("/calendar/tasks.ics")
    def feed(request: Request, who: Annotated[str, Query(max_length=64)] = "", key: Annotated[str, Query(max_length=64)] = "") -> Response:
        given = dict(request.query_params)
        given.pop("who", None), given.pop("key", None)
        query, _ = _read(given)
        try:
            stamp = accounts.stamp(who)
        except StoreError as exc:
            raise HTTPException(503) from exc
        if query is None or not tokens.is_right(key, who, stamp, _written(query)):
            raise HTTPException(404)  # a stranger is not told whether the name or the key was wrong
        return _calendar(request, query, plans())

    return router


def _add_plans(staff: APIRouter, gate: StaffGate, plans: Catalogue, render: Render) -> None:
    @staff.get("/plans")
    def plan_list(
        user: Annotated[StaffUser, Depends(gate.user)],
        kind: Annotated[str, Query(max_length=60)] = "",
        authority: Annotated[str, Query(max_length=200)] = "",
        year: Annotated[str, Query(max_length=4)] = "",
        over: Annotated[str, Query(pattern="^(true|false|)$")] = "",
        text: Annotated[str, Query(max_length=200)] = "",
        page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    ) -> Response:
        known = plans()
        chosen = {"kind": kind, "authority": authority, "year": year, "over": over, "text": text}
        fault = f"Năm cần bốn chữ số, đã nhận “{year}”." if year and not (year.isdigit() and len(year) == 4) else ""
        wanted = PlanFilter(kind, authority, int(year) if year and not fault else None, {"true": True, "false": False}.get(over), text)
        found = () if fault else known.list(wanted)
        return render(
            "plans.html", user=user, known=known, chosen=chosen, fault=fault, over=OVER, total=len(found),
            plans=found[(page - 1) * PAGE_SIZE : page * PAGE_SIZE], **_pages(len(found), page, chosen),
        )  # fmt: skip

    @staff.get("/plans/{plan_id}")
    def plan(plan_id: str, user: Annotated[StaffUser, Depends(gate.user)]) -> Response:
        known = plans()
        found = known.get(plan_id)
        if found is None:
            raise HTTPException(404)
        return render(
            "plan.html", user=user, plan=found, known=known, tree=known.tree(found), tasks=known.tasks_of(plan_id),
            replaced_by=known.replaced_by(found), doubts=DOUBTS, said_day=said_day,
            ended_in=lambda basis: ended_in(f"{basis.number} {basis.title}", known.today),
        )  # fmt: skip


def _add_tasks(
    staff: APIRouter, gate: StaffGate, accounts: StaffAccounts, plans: Catalogue, tokens: FeedTokens, render: Render
) -> None:
    @staff.get("/tasks")
    def tasks(request: Request, user: Annotated[StaffUser, Depends(gate.user)]) -> Response:
        given, known = dict(request.query_params), plans()
        query, fault = _read(given)
        found = _found(query, known) if query else ()
        if query and found is None:
            found, fault = (), f"Không có văn bản “{query.plan}”."
        page = _page_number(given)
        chosen = {name: given.get(name, "") for name in FIELDS}
        written = _written(query) if query else ""
        return render(
            "tasks.html", user=user, known=known, chosen=chosen, fault=fault, roles=ROLES, quarters=_quarters(known.today),
            total=len(found), n_dated=sum(map(has_day, found)), tasks=found[(page - 1) * PAGE_SIZE : page * PAGE_SIZE],
            doubts=DOUBTS, said_day=said_day, written=written, feed=_feed(request, user, accounts, tokens, written),
            n_overdue=len(known.filter(TaskFilter(overdue_on=known.today))), **_pages(len(found), page, chosen),
        )  # fmt: skip

    @staff.get("/tasks.ics")
    def export(request: Request, user: Annotated[StaffUser, Depends(gate.user)]) -> Response:
        query, fault = _read(dict(request.query_params))
        if query is None:
            raise HTTPException(422, fault)
        return _calendar(request, query, plans())


def said_day(planned: PlannedTask) -> str:
    """The last day as staff read it, with a word where only a quarter, month or year is printed."""
    due = planned.deadline.due
    if due is None or planned.deadline.kind == "habit":
        return ""
    words = {"quarter": "cuối quý", "month": "cuối tháng", "year": "cuối năm", "span": "cuối giai đoạn"}
    word = words.get(planned.deadline.kind, "")
    return f"{due:%d/%m/%Y}" + (f" ({word})" if word else "")


def _read(given: Mapping[str, str]) -> tuple[TaskQuery | None, str]:
    """The filter of a page or feed, or what is wrong with it; fields left empty in a form count as not given."""
    filled = {name: value for name, value in given.items() if name in FIELDS and value.strip()}
    if filled.get("role") and not filled.get("agency"):
        filled.pop("role")
    try:
        return TaskQuery.model_validate(filled), ""
    except ValidationError as exc:
        return None, _fault(exc)


def _fault(exc: ValidationError) -> str:
    fault: Any = exc.errors(include_url=False)[0]
    field = str(fault["loc"][0]) if fault["loc"] else ""
    template = EXPECTED.get(fault["type"])
    expected = template.format(**fault.get("ctx", {})) if template else fault["msg"]
    return f"{NAMES.get(field, field)}: cần {expected.split(' / ')[0]}."


def _found(query: TaskQuery, known: PlanCatalogue) -> tuple[PlannedTask, ...] | None:
    try:
        return known.filter(task_filter(query, known))
    except HTTPException:
        return None


def _calendar(request: Request, query: TaskQuery, known: PlanCatalogue) -> Response:
    tasks = known.filter(task_filter(query, known))
    name = "Việc theo kế hoạch" + (f": {query.agency}" if query.agency else "")
    page = f"{str(request.base_url).rstrip('/')}/staff/plans/{{}}"
    headers = {"Content-Disposition": 'attachment; filename="viec.ics"', "Cache-Control": "private, max-age=3600"}
    return Response(task_calendar(tasks, name, page), media_type=CALENDAR, headers=headers)


def _written(query: TaskQuery) -> str:
    """A filter in its one written form: given fields in a fixed order."""
    values = query.model_dump(mode="json", exclude={"page", "page_size"}, exclude_defaults=True)
    return urlencode([(name, str(values[name]).lower() if values[name] is True else values[name]) for name in FIELDS if name in values])


def _feed(request: Request, user: StaffUser, accounts: StaffAccounts, tokens: FeedTokens, written: str) -> str:
    """The tokened address of a filter, "" where they are closed."""
    if not tokens.is_open:
        return ""
    try:
        stamp = accounts.stamp(user.name)
    except StoreError as exc:
        raise HTTPException(503) from exc
    signed = urlencode({"who": user.name, "key": tokens.sign(user.name, stamp, written)})
    return f"{str(request.base_url).rstrip('/')}/calendar/tasks.ics?{'&'.join(filter(None, [written, signed]))}"


def _page_number(given: Mapping[str, str]) -> int:
    text = given.get("page", "1")
    return max(1, int(text)) if text.isdigit() and len(text) <= 6 else 1


def _pages(total: int, page: int, chosen: Mapping[str, str]) -> dict[str, Any]:
    """What the pager of a template needs."""
    kept = urlencode({name: value for name, value in chosen.items() if value})
    return {"page": page, "n_pages": max(1, -(-total // PAGE_SIZE)), "kept": f"{kept}&" if kept else ""}


def _quarters(today: date) -> list[tuple[str, str]]:
    """Quarters offered: two before this one to five after it."""
    now = today.year * 4 + (today.month - 1) // 3
    names = ("I", "II", "III", "IV")
    return [(f"{n // 4}-Q{n % 4 + 1}", f"Quý {names[n % 4]}/{n // 4}") for n in range(now - 2, now + 6)]
