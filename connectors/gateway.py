"""The FastAPI application that hosts everything HTTP. ``bot/app.py`` hands in the real collaborators."""

from __future__ import annotations

import logging
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request
from starlette.concurrency import run_in_threadpool
from starlette.staticfiles import StaticFiles

from connectors.api import create_api
from connectors.ask_flow import AskFlow
from connectors.carry_api import create_carry_api
from connectors.channel_path import ChannelParts, ChannelPath
from connectors.channels.webhooks import create_webhooks
from connectors.errors import StoreError
from connectors.faults import add_fault_handlers
from connectors.http_guard import HttpGuard, is_direct_loopback
from connectors.metrics import Metrics
from connectors.models import AskResponse
from connectors.notice import NoticeSwitch
from connectors.ops import create_ops
from connectors.packing import PublicPacking
from connectors.pages.gallery import create_gallery
from connectors.pages.kiosk import create_kiosk
from connectors.pages.ports import LastReadingOnly, NoPlans, PlanShelf, RecordHistory
from connectors.pages.render import PageKit
from connectors.pages.routes import PageSources, create_pages, mount_static
from connectors.pages.status import StatusBoard, create_status
from connectors.plan_api import create_plan_api
from connectors.portal.pages import create_portal
from connectors.ports import Catalogue, Dialogue, DirectAnswerer, Health, Masker, Searcher, Versions
from connectors.settings import GatewaySettings
from connectors.staff.calendar import FeedTokens
from connectors.staff.inbox_pages import create_staff_inbox
from connectors.staff.pages import create_staff
from connectors.staff.plan_pages import create_calendar
from connectors.store.accounts import StaffAccounts
from connectors.store.contacts import StoreContacts
from connectors.store.database import Store
from connectors.store.records import StoreRecorder
from connectors.versions_api import create_versions_api
from connectors.widget.api import create_widget_api
from connectors.widget.pages import STATIC as WIDGET_STATIC
from connectors.widget.pages import chat_config, create_widget_pages, with_notice
from connectors.widget.ports import CarryOn, ContactDesk
from connectors.widget.session_limit import SessionLimiter
from knowledge.plan_catalogue import PlanCatalogue
from nlu.privacy import mask_personal_data

log = logging.getLogger(__name__)
ACTION_SECRET_HEADER = "X-Motcua-Action-Secret"
STATIC = Path(__file__).parent / "portal" / "static"
NO_TELEMETRY = {"tracing": False, "metrics": False, "logs": False, "operation_spans": False, "auto_configure": False}


@dataclass(frozen=True)
class GatewayDependencies:
    """The gateway's collaborators.

    Attributes:
        dialogue: None where Rasa is not installed; every answer is then direct and degraded.
        store: None for no database: staff pages are closed and nothing is recorded.
        versions: what the API tells of versions; None where none are kept.
        plans, history: what the public pages show of plans, and of earlier readings of a procedure.
        plan_catalogue: gives the plans and tasks known now; None leaves their routes and staff pages out.
        channels: Telegram and Zalo with their message path; None where there is none.
        action_router: routes below ``/actions`` for Rasa's calls; served on loopback with the secret only.
        contact_desk: takes requests to be called back; None keeps them in the store for the staff pages.
        carry_on: issues codes that carry a conversation to another channel; None where there is no other channel.
    """

    direct: DirectAnswerer
    searcher: Searcher
    catalogue: Catalogue
    health: Health
    mask: Masker = mask_personal_data
    dialogue: Dialogue | None = None
    store: Store | None = None
    plan_catalogue: Callable[[], PlanCatalogue] | None = None
    action_router: APIRouter | None = None
    contact_desk: ContactDesk | None = None
    carry_on: CarryOn | None = None
    plans: PlanShelf = field(default_factory=NoPlans)
    history: RecordHistory = field(default_factory=LastReadingOnly)
    channels: ChannelParts | None = None
    versions: Versions | None = None


def create_gateway(deps: GatewayDependencies, settings: GatewaySettings | None = None) -> FastAPI:
    """Wire the routes. Opens nothing: the database is reached at start-up, in the lifespan."""
    settings = settings or GatewaySettings()
    metrics = Metrics()
    notice = NoticeSwitch(settings.pages.notice_file)
    flow = AskFlow(deps.dialogue, deps.direct, deps.mask, settings, metrics, notice)
    recorder = StoreRecorder(deps.store) if deps.store else None
    path = ChannelPath(deps.channels, flow, deps.mask, metrics.registry) if deps.channels else None
    app = FastAPI(
        title="Hỏi Một Cửa",
        version="1",
        summary="Hỏi đáp thủ tục hành chính và kế hoạch, có nguồn. / Answers on administrative procedures, with sources.",
        docs_url=None,
        redoc_url=None,
        telemetry=NO_TELEMETRY,
        lifespan=lambda _app: _lifespan(deps, path),
    )
    app.add_middleware(PublicPacking)
    app.add_middleware(HttpGuard, settings=settings, metrics=metrics)  # added last: outermost
    add_fault_handlers(app)
    limiter = SessionLimiter(settings.widget.questions_per_minute)
    app.include_router(create_api(flow, deps.searcher, deps.catalogue, recorder, limiter))
    if deps.plan_catalogue is not None:
        app.include_router(create_plan_api(deps.plan_catalogue))
    if deps.versions is not None:
        app.include_router(create_versions_api(deps.versions))
    app.include_router(create_ops(deps.health, deps.dialogue, deps.store, metrics))
    _include_widget(app, deps, settings, flow, deps.carry_on or (path.carry_on if path else None), notice)
    _include_pages(app, deps, PageKit(settings, notice))
    if deps.store is not None:
        accounts = StaffAccounts(deps.store)
        app.include_router(create_staff(settings, accounts, deps.store, deps.searcher, deps.catalogue, deps.plan_catalogue))
        app.include_router(create_staff_inbox(settings, accounts, deps.store, path))
        if deps.plan_catalogue is not None:
            app.include_router(create_calendar(accounts, deps.plan_catalogue, FeedTokens(settings.calendar_secret)))
    if path is not None:
        app.include_router(
            create_webhooks(path.channels, path.intake, path.metrics), max_body_size=settings.webhook_body_limit_bytes
        )
        app.include_router(create_carry_api(flow, path.desk))
    if deps.action_router is not None:
        _include_actions(app, deps.action_router, settings)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    _describe_outcomes(app, settings.outcomes)
    return app


def _describe_outcomes(app: FastAPI, outcomes: Mapping[str, str]) -> None:
    """Let the API's description name every status; the list is the assistant's, not the gateway's."""
    plain = app.openapi

    def described() -> dict[str, Any]:
        schema = plain()
        if outcomes:
            status = schema["components"]["schemas"][AskResponse.__name__]["properties"]["status"]
            status |= {"enum": list(outcomes), "x-enum-descriptions": dict(outcomes)}
        return schema

    app.openapi = described  # FastAPI's own way to extend a schema


def _include_pages(app: FastAPI, deps: GatewayDependencies, kit: PageKit) -> None:
    sources = PageSources(deps.searcher, deps.catalogue, deps.plans, deps.history, deps.mask)
    app.include_router(create_pages(kit, sources))
    app.include_router(create_status(kit, StatusBoard(deps.health, deps.dialogue, deps.store), kit.notice))
    app.include_router(create_kiosk(kit, sources))
    app.include_router(create_gallery(kit, kit.settings.widget.shows_gallery))
    mount_static(app)


def _include_widget(
    app: FastAPI, deps: GatewayDependencies, settings: GatewaySettings, flow: AskFlow, carry_on: CarryOn | None, notice: NoticeSwitch
) -> None:
    """The chat: its frame and loader, what it needs of the API, and the demonstration portal that shows it."""
    desk = deps.contact_desk
    if desk is None and deps.store is not None:
        desk = StoreContacts(deps.store)
    if not settings.widget.takes_contacts:
        desk = None
    offers = (desk is not None, carry_on is not None)
    app.include_router(create_widget_api(flow, settings.widget, deps.mask, deps.store, desk, carry_on))
    app.include_router(create_widget_pages(settings, notice, *offers))
    page_chat = chat_config(settings, "page", *offers)
    app.include_router(create_portal(settings, deps.catalogue, lambda: with_notice(page_chat, notice)))
    app.mount("/static/widget", StaticFiles(directory=WIDGET_STATIC), name="widget")


@asynccontextmanager
async def _lifespan(deps: GatewayDependencies, path: ChannelPath | None) -> AsyncIterator[None]:
    if deps.store is not None:
        try:
            await run_in_threadpool(deps.store.upgrade)
        except StoreError as exc:
            log.warning("starting without the database: %s", exc)
    if path is not None:
        await path.start()
    yield
    if path is not None:
        await path.stop()
    if deps.dialogue is not None:
        await deps.dialogue.aclose()
    if deps.store is not None:
        deps.store.close()


def _include_actions(app: FastAPI, router: APIRouter, settings: GatewaySettings) -> None:
    secret = settings.action_secret

    def guard(request: Request) -> None:
        given = request.headers.get(ACTION_SECRET_HEADER, "")
        is_right = bool(secret) and secrets.compare_digest(given.encode(), secret.encode())
        if not is_direct_loopback(request) or not is_right:
            raise HTTPException(403)

    app.include_router(
        router,
        prefix="/actions",
        dependencies=[Depends(guard)],
        include_in_schema=False,
        max_body_size=settings.action_body_limit_bytes,
    )
