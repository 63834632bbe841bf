"""Staff pages: lookup with everything search knows, the record, and the questions nobody answered.

No ``from __future__ import annotations`` here: FastAPI resolves annotations by module globals, and the
dependencies of these routes are local to the functions that add them.
"""

import secrets
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, HTTPException, Query, Request, Response
from fastapi.responses import HTMLResponse

from connectors.errors import StoreError
from connectors.portal.pages import page_environment
from connectors.ports import Catalogue, Searcher
from connectors.settings import GatewaySettings
from connectors.staff.calendar import FeedTokens
from connectors.staff.guard import LOGIN_COOKIE, LoginThrottle, StaffGate, check_token
from connectors.staff.plan_pages import add_plan_pages
from connectors.store.accounts import StaffAccounts, StaffUser
from connectors.store.database import Store
from connectors.store.records import feedback_totals, list_questions, set_question_state
from knowledge.model import Procedure
from knowledge.plan_catalogue import PlanCatalogue

HERE = Path(__file__).parent
LEVELS = ("Cấp xã", "Cấp huyện", "Cấp tỉnh", "Cấp bộ", "Cơ quan khác")
KINDS = {"": "Tất cả", "procedure": "Thủ tục", "plan": "Kế hoạch", "faq": "Hỏi đáp"}
TOP_K, PAGE_SIZE = 10, 25
Render = Callable[..., HTMLResponse]
WRONG = "Tên hoặc mật khẩu chưa đúng."
LOCKED = "Sai nhiều lần liên tiếp. Bạn chờ vài phút rồi thử lại."


def create_staff(
    settings: GatewaySettings, accounts: StaffAccounts, store: Store, searcher: Searcher, catalogue: Catalogue,
    plans: Callable[[], PlanCatalogue] | None = None,
) -> APIRouter:  # fmt: skip
    staff = APIRouter(prefix="/staff", include_in_schema=False)
    gate = StaffGate(accounts, settings.staff_session_s)
    environment = page_environment(HERE / "templates", HERE.parent / "portal" / "templates")

    def render(name: str, code: int = 200, **values: object) -> HTMLResponse:
        return HTMLResponse(environment.get_template(name).render(province=settings.province, **values), code)

    _add_login(staff, gate, accounts, LoginThrottle(settings.login_failures, settings.lockout_s), settings, render)
    _add_lookup(staff, gate, searcher, catalogue, render)
    _add_questions(staff, gate, store, render)
    add_plan_pages(staff, gate, accounts, plans or _no_plans, FeedTokens(settings.calendar_secret), render)
    return staff


def _no_plans() -> PlanCatalogue:
    return PlanCatalogue((), date.today())


def _add_login(
    staff: APIRouter, gate: StaffGate, accounts: StaffAccounts, throttle: LoginThrottle,
    settings: GatewaySettings, render: Render,
) -> None:  # fmt: skip
    def form(request: Request, fault: str = "", code: int = 200) -> Response:
        token = secrets.token_urlsafe(24)
        response = render("login.html", code, csrf_token=token, fault=fault)
        gate.set_login_token(request, response, token)
        return response

    @staff.get("/login")
    def login_page(request: Request) -> Response:
        return form(request)

    @staff.post("/login")
    def login(
        request: Request,
        name: Annotated[str, Form(max_length=64)] = "",
        password: Annotated[str, Form(max_length=256)] = "",
        csrf_token: Annotated[str, Form()] = "",
    ) -> Response:
        check_token(csrf_token, request.cookies.get(LOGIN_COOKIE, ""))
        if throttle.is_locked(name):
            return form(request, LOCKED, 429)
        try:
            token = accounts.sign_in(name, password, settings.staff_session_s)
        except StoreError as exc:
            raise HTTPException(503) from exc
        if token is None:
            throttle.failed(name)
            return form(request, WRONG, 401)
        throttle.succeeded(name)
        return gate.open(request, token)

    @staff.post("/logout")
    def logout(
        request: Request, user: Annotated[StaffUser, Depends(gate.user)], csrf_token: Annotated[str, Form()] = ""
    ) -> Response:
        check_token(csrf_token, user.csrf_token)
        return gate.close(request)


def _add_lookup(staff: APIRouter, gate: StaffGate, searcher: Searcher, catalogue: Catalogue, render: Render) -> None:
    @staff.get("")
    def lookup(
        user: Annotated[StaffUser, Depends(gate.user)],
        q: Annotated[str, Query(max_length=2_000)] = "",
        kind: Annotated[str, Query(max_length=20)] = "",
        level: Annotated[str, Query(max_length=40)] = "",
        field: Annotated[str, Query(max_length=200)] = "",
        as_of: Annotated[str, Query(max_length=10)] = "",
    ) -> Response:
        chosen = {"q": q, "kind": kind if kind in KINDS else "", "level": level, "field": field, "as_of": as_of}
        found, fault = None, ""
        day = _day(as_of)
        if as_of and day is None:
            fault = f"Ngày cần dạng 2026-07-31, đã nhận “{as_of}”."
        elif q.strip():
            found = _search(searcher, chosen, day)
        return render(
            "lookup.html", user=user, chosen=chosen, found=found, fault=fault,
            kinds=KINDS, levels=LEVELS, fields=catalogue.fields(),
        )  # fmt: skip

    @staff.get("/procedures/{code}")
    def record(code: str, user: Annotated[StaffUser, Depends(gate.user)]) -> Response:
        procedure = catalogue.get(code)
        if procedure is None:
            raise HTTPException(404)
        return render("record.html", user=user, procedure=procedure)


def _add_questions(staff: APIRouter, gate: StaffGate, store: Store, render: Render) -> None:
    @staff.get("/questions")
    def questions(
        user: Annotated[StaffUser, Depends(gate.user)],
        state: Annotated[str, Query(pattern="^(open|closed)$")] = "open",
        page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    ) -> Response:
        try:
            rows, total = list_questions(store, state, (page - 1) * PAGE_SIZE, PAGE_SIZE)
            n_good, n_bad = feedback_totals(store)
        except StoreError as exc:
            raise HTTPException(503) from exc
        n_pages = max(1, -(-total // PAGE_SIZE))
        return render(
            "questions.html", user=user, rows=rows, total=total, state=state,
            page=page, n_pages=n_pages, n_good=n_good, n_bad=n_bad,
        )  # fmt: skip

    @staff.post("/questions/{question_id}")
    def change(
        question_id: int,
        user: Annotated[StaffUser, Depends(gate.user)],
        state: Annotated[str, Form(pattern="^(open|closed)$")],
        csrf_token: Annotated[str, Form()] = "",
    ) -> Response:
        check_token(csrf_token, user.csrf_token)
        try:
            is_known = set_question_state(store, question_id, state)
        except StoreError as exc:
            raise HTTPException(503) from exc
        if not is_known:
            raise HTTPException(404)
        back = urlencode({"state": "open" if state == "closed" else "closed"})
        return Response(status_code=303, headers={"Location": f"/staff/questions?{back}"})


def _search(searcher: Searcher, chosen: dict[str, str], day: date | None) -> dict[str, Any]:
    """Search; with a level or field among the procedures that bear it, since plans have neither."""
    kinds = [chosen["kind"]] if chosen["kind"] else None
    if not (chosen["level"] or chosen["field"]):
        return searcher.search(chosen["q"], TOP_K, kinds, day)
    is_of_kind = chosen["kind"] in ("", "procedure")
    return searcher.search_procedures(chosen["q"], TOP_K, lambda procedure: is_of_kind and _fits(procedure, chosen), day)


def _fits(procedure: Procedure, chosen: dict[str, str]) -> bool:
    is_level = not chosen["level"] or chosen["level"] in procedure.levels
    return is_level and (not chosen["field"] or chosen["field"] == procedure.field)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
