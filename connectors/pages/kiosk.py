"""``/kiosk`` for a lobby and ``/ho-tro`` for volunteers: one screen, two manners.

The browser holds everything about a person in one document, and ends it by loading a fresh one. What the screen shows
of procedures comes from here as escaped HTML without a single link.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Request
from fastapi.responses import HTMLResponse, Response
from starlette.concurrency import run_in_threadpool

from connectors.pages.finding import find
from connectors.pages.life_events import life_events
from connectors.pages.procedure_view import view_procedure
from connectors.pages.render import PageKit, answers_head
from connectors.pages.routes import errands_of
from connectors.pages.sources import PageSources

FRAGMENT = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
N_FOUND = 8


def create_kiosk(kit: PageKit, sources: PageSources) -> APIRouter:
    kiosk = APIRouter(include_in_schema=False)

    def screen(request: Request, mode: str, you: str, idle_s: float) -> Response:
        pages = kit.settings.pages
        events = [(event, errands_of(event, sources)) for event in life_events()]
        return kit.page(
            request, "kiosk.html", is_private=True, mode=mode, you=you, idle_s=idle_s, warning_s=pages.kiosk_warning_s,
            has_printer=mode == "helper" or pages.has_kiosk_printer, limit=kit.settings.question_limit,
            events=[row for row in events if row[1]],
        )  # fmt: skip

    @kiosk.get("/kiosk")
    def lobby(request: Request) -> Response:
        return screen(request, "kiosk", "ông/bà", kit.settings.pages.kiosk_idle_s)

    @kiosk.get("/ho-tro")
    def helper(request: Request) -> Response:
        return screen(request, "helper", "bạn", kit.settings.pages.helper_idle_s)

    @kiosk.get("/kiosk/thu-tuc/{code}")
    def checklist(request: Request, code: str) -> Response:
        found = sources.catalogue.get(code)
        if found is None:
            return HTMLResponse("", 404, FRAGMENT)
        view = view_procedure(found)
        qr, qr_opens = kit.procedure_qr(request, found, view.source_url)
        html = kit.render(request, "_kiosk_procedure.html", view=view, record=found, qr=qr, qr_opens=qr_opens)
        return HTMLResponse(html, headers=FRAGMENT)

    @kiosk.post("/kiosk/tim")
    async def search(request: Request, q: Annotated[str, Body(embed=True)] = "") -> Response:
        """By POST, so that words of a citizen stand in no address and no proxy's log."""
        if wait_s := kit.search_wait_s(request):
            return HTMLResponse("", 429, {**FRAGMENT, "Retry-After": str(wait_s)})
        found = await run_in_threadpool(find, q, sources.searcher, sources.catalogue, sources.mask)
        html = kit.render(request, "_kiosk_found.html", found=found, rows=found.procedures[:N_FOUND])
        return HTMLResponse(html, headers=FRAGMENT)

    return answers_head(kiosk)
