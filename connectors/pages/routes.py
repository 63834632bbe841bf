"""The public pages: search, catalogue, procedures, checklists, plans, changes, sitemap. All read without JavaScript."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Annotated

from fastapi import APIRouter, FastAPI, Query, Request
from fastapi.responses import RedirectResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from connectors.pages import addresses
from connectors.pages.changes import changes_by_month, days_of, is_month, months_beside
from connectors.pages.finding import LEVELS, Pager, fields_by_letter, find, fits
from connectors.pages.life_events import LifeEvent, life_event, life_events
from connectors.pages.plan_routes import add_plans
from connectors.pages.procedure_view import view_procedure
from connectors.pages.render import STATIC, PageKit, answers_head, validated
from connectors.pages.sources import PAGE, PageSources, linker
from connectors.pages.structured import breadcrumb, government_service, to_script
from knowledge.model import Procedure


def create_pages(kit: PageKit, sources: PageSources) -> APIRouter:
    pages = APIRouter(include_in_schema=False)
    _add_search(pages, kit, sources)
    _add_catalogue(pages, kit, sources)
    _add_procedure(pages, kit, sources)
    add_plans(pages, kit, sources)
    _add_changes(pages, kit, sources)
    _add_for_machines(pages, kit, sources)
    return answers_head(pages)


def mount_static(app: FastAPI) -> None:
    """Before the portal's own ``/static``, which would swallow it."""
    app.mount("/static/pages", PageFiles(directory=STATIC), name="static-pages")


class PageFiles(StaticFiles):
    """Files that are asked for by their digest never change; the others (modules, letters) are asked for anew."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        is_pinned = b"v=" in scope.get("query_string", b"")
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if is_pinned else "no-cache"
        return response


def _add_search(pages: APIRouter, kit: PageKit, sources: PageSources) -> None:
    @pages.get("/tim")
    def search(request: Request, q: str = "", cap: str = "", trang: PAGE = 1) -> Response:
        level = cap if cap in LEVELS else ""
        if q.strip() and (wait_s := kit.search_wait_s(request)):
            page = kit.page(request, "busy.html", code=429, is_private=True, wait_s=wait_s)
            page.headers["Retry-After"] = str(wait_s)
            return page
        found = find(q, sources.searcher, sources.catalogue, sources.mask, level) if q.strip() else None
        pager = Pager.of(trang, len(found.procedures) if found else 0, 10)
        link = linker("/tim", q=found.asked if found else "", cap=level)
        return kit.page(
            request, "search.html", is_private=bool(q), found=found, pager=pager, link=link, level=level, levels=LEVELS,
            rows=pager.cut(found.procedures) if found else (), events=life_events(),
        )  # fmt: skip


def _add_catalogue(pages: APIRouter, kit: PageKit, sources: PageSources) -> None:
    @pages.get("/thu-tuc")
    def catalogue(
        request: Request,
        linh_vuc: Annotated[str, Query(alias="linh-vuc")] = "",
        cap: str = "",
        trang: PAGE = 1,
    ) -> Response:
        procedures = sources.procedures()
        chosen = {"linh-vuc": linh_vuc[:300], "cap": cap[:40]}
        is_list = any(chosen.values())
        rows = [each for each in procedures if fits(each, cap, linh_vuc)] if is_list else []
        pager = Pager.of(trang, len(rows), 20)
        levels = [(level, sum(level in each.levels for each in procedures)) for level in LEVELS]
        return kit.page(
            request, "catalogue.html", canonical=linker("/thu-tuc", **chosen)(pager.page), chosen=chosen, pager=pager,
            is_list=is_list, rows=pager.cut(rows), link=linker("/thu-tuc", **chosen), total=len(procedures),
            levels=[row for row in levels if row[1]], letters=fields_by_letter(procedures), events=life_events(),
        )  # fmt: skip

    @pages.get("/thu-tuc/viec/{event_id}")
    def event(request: Request, event_id: str) -> Response:
        found = life_event(event_id)
        if found is None:
            return kit.missing(request, "việc này")
        return kit.page(request, "event.html", canonical=f"/thu-tuc/viec/{found.id}", event=found, errands=errands_of(found, sources))


def errands_of(event: LifeEvent, sources: PageSources) -> list[tuple[str, Procedure]]:
    """Labels with their procedures; codes that this installation does not hold are left out."""
    found = ((errand.label, sources.catalogue.get(errand.code)) for errand in event.errands)
    return [(label, procedure) for label, procedure in found if procedure is not None]


def _add_procedure(pages: APIRouter, kit: PageKit, sources: PageSources) -> None:
    @pages.get("/thu-tuc/{reference}")
    def procedure(request: Request, reference: str) -> Response:
        found = sources.catalogue.get(addresses.code_of(reference))
        if found is None:
            return _no_such_procedure(kit, request, reference, sources)
        view = view_procedure(found)
        if request.url.path != view.path:
            return RedirectResponse(view.path, status_code=308)
        base = kit.base(request)
        json_ld = to_script(government_service(view, base), breadcrumb(view, base))
        qr, qr_opens = kit.procedure_qr(request, found, view.source_url)
        return kit.page(
            request, "procedure.html", canonical=view.path, json_ld=json_ld, view=view, record=found, qr=qr,
            qr_opens=qr_opens, versions=sources.versions(found), events=_events_of(found.code),
        )  # fmt: skip

    @pages.get("/thu-tuc/{reference}/danh-sach")
    def checklist(request: Request, reference: str) -> Response:
        found = sources.catalogue.get(addresses.code_of(reference))
        if found is None:
            return _no_such_procedure(kit, request, reference, sources)
        view = view_procedure(found)
        qr, qr_opens = kit.procedure_qr(request, found, view.source_url)
        return kit.page(
            request, "checklist.html", canonical=view.path, view=view, record=found, qr=qr, qr_opens=qr_opens,
        )  # fmt: skip


def _events_of(code: str) -> list[LifeEvent]:
    return [event for event in life_events() if any(errand.code == code for errand in event.errands)]


def _no_such_procedure(kit: PageKit, request: Request, reference: str, sources: PageSources) -> Response:
    """A code that changed or was mistyped: the words of the address, and the nearest codes."""
    code = addresses.code_of(reference)[:32]
    words = reference[len(code) :].replace("-", " ").strip()[:120]
    known = {each.code: each for each in sources.procedures()}
    near = [known[each] for each in get_close_matches(code, known, n=4, cutoff=0.8)]
    links = tuple((f"{each.code} {each.name}", addresses.procedure_path(each.code, each.name)) for each in near)
    return kit.missing(request, f"thủ tục mã {code}", words or code, links)


def _add_changes(pages: APIRouter, kit: PageKit, sources: PageSources) -> None:
    @pages.get("/thay-doi")
    def changes(request: Request, thang: str = "", trang: PAGE = 1) -> Response:
        months = changes_by_month(sources.procedures(), sources.plans.plans())
        this_month = sources.today().isoformat()[:7]
        chosen = thang if is_month(thang) else this_month
        month = months.get(chosen)
        past = [each for each in months.values() if each.id <= this_month]
        ahead = [each for each in reversed(months.values()) if each.id > this_month]
        pager = Pager.of(trang, len(month.procedures) if month else 0, 30)
        link = linker("/thay-doi", thang=chosen)
        reworded = sources.changes(*days_of(chosen)) if pager.page == 1 else ()
        return kit.page(
            request, "changes.html", canonical=linker("/thay-doi", thang="" if chosen == this_month else chosen)(pager.page), chosen=chosen, reworded=reworded, month=month, past=past, ahead=ahead,
            this_month=this_month, pager=pager, link=link, rows=pager.cut(month.procedures) if month else (),
            path_of_plan=addresses.plan_path, beside=months_beside(chosen),
        )  # fmt: skip


def _add_for_machines(pages: APIRouter, kit: PageKit, sources: PageSources) -> None:
    @pages.get("/sitemap.xml")
    def sitemap(request: Request) -> Response:
        rows = [(path, "") for path in ("/", "/thu-tuc", "/ke-hoach", "/ke-hoach/nhiem-vu", "/thay-doi")]  # /tim asks not to be indexed
        rows += [(f"/thu-tuc/viec/{event.id}", "") for event in life_events()]
        rows += [(addresses.procedure_path(each.code, each.name), each.source.read_on) for each in sources.procedures()]
        rows += [(addresses.plan_path(each.id), each.source.read_on) for each in sources.plans.plans()]
        xml = kit.render(request, "sitemap.xml", rows=rows[:50_000])  # the protocol's limit of one file
        return validated(request, xml.encode(), "application/xml; charset=utf-8", {"Cache-Control": "no-cache"})

    @pages.get("/robots.txt")
    def robots(request: Request) -> Response:
        closed = "".join(f"Disallow: {path}\n" for path in ("/api/", "/staff", "/actions", "/webhooks", "/kiosk", "/ho-tro", "/tim?"))
        text = f"User-agent: *\n{closed}Allow: /\n\nSitemap: {kit.base(request)}/sitemap.xml\n"
        return validated(request, text.encode(), "text/plain; charset=utf-8", {"Cache-Control": "no-cache"})
