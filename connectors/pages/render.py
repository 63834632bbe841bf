"""Pages as HTTP answers: escaped templates, a validator for caches, and the policy that lets structured data through."""

from __future__ import annotations

import base64
import hashlib
import math
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from markupsafe import Markup

from connectors.http_guard import CSP, RateLimiter, is_direct_loopback
from connectors.notice import NoticeSwitch
from connectors.pages.addresses import is_reachable_from_elsewhere, procedure_path
from connectors.pages.qr import qr_svg
from connectors.portal.pages import page_environment
from connectors.settings import GatewaySettings
from knowledge.model import Procedure

HERE = Path(__file__).parent
STATIC = HERE / "static"
#: Caches may keep a page but ask before they show it: a notice has to be seen within seconds.
REVALIDATE = "no-cache"


class PageKit:
    """Renders every page of this room."""

    def __init__(self, settings: GatewaySettings, notice: NoticeSwitch) -> None:
        self.settings, self.notice = settings, notice
        self._searches = RateLimiter(settings.rate_limit_per_minute)
        self._environment = page_environment(HERE / "templates")
        self._environment.globals["portal_asset"] = self._environment.globals["asset"]
        self._environment.globals["asset"] = _asset
        self._environment.globals["path_of"] = procedure_path
        self._environment.filters["day"] = readable_day

    def page(
        self, request: Request, name: str, *, code: int = 200, is_private: bool = False, json_ld: str = "", **values: Any
    ) -> Response:
        """One page.

        Args:
            is_private: it holds words of a citizen; nothing may keep it.
            json_ld: text of one structured-data script, already safe (``structured.to_script``).
        """
        html = self.render(request, name, json_ld=Markup(json_ld), **values)
        headers = {"Cache-Control": "no-store" if is_private else REVALIDATE}
        if json_ld:
            headers["Content-Security-Policy"] = _policy_with(json_ld)
        if is_private or code != 200:
            return HTMLResponse(html, code, headers)
        return validated(request, html.encode(), "text/html; charset=utf-8", headers)

    def render(self, request: Request, name: str, **values: Any) -> str:
        shared = {
            "province": self.settings.province,
            "notice": self.notice.current(),
            "here": request.url.path,
            "base": self.base(request),
            "canonical": "",
            "json_ld": "",
        }
        return self._environment.get_template(name).render({**shared, **values})

    def search_wait_s(self, request: Request) -> int:
        """Seconds until this address may search again, 0 for now; searching is what costs the server.

        As many a minute as API calls, counted apart; this machine itself is never limited.
        """
        if is_direct_loopback(request):
            return 0
        return math.ceil(self._searches.wait_s(request.client.host if request.client else ""))

    def missing(self, request: Request, what: str, q: str = "", links: tuple[tuple[str, str], ...] = ()) -> Response:
        """404 with ways on: what was looked for, a search field, nearest records."""
        return self.page(request, "missing.html", code=404, what=what, q=q, links=links)

    def base(self, request: Request) -> str:
        """Scheme and host that addresses begin with, without a slash at the end."""
        return (self.settings.pages.public_url or str(request.base_url)).rstrip("/")

    def procedure_qr(self, request: Request, procedure: Procedure, source_url: str) -> tuple[Markup, str]:
        """A code to take away and what it opens: our page where telephones can reach it, else the source's."""
        base = self.base(request)
        if is_reachable_from_elsewhere(base):
            return qr_svg(f"{base}/thu-tuc/{procedure.code}", "Mã QR mở trang thủ tục này"), "trang thủ tục này"
        if source_url:
            return qr_svg(source_url, "Mã QR mở trang của nguồn"), procedure.source.title or "trang của nguồn"
        return Markup(""), ""


def answers_head(router: APIRouter) -> APIRouter:
    """Let monitors and crawlers ask for headers alone wherever a page can be read."""
    for route in router.routes:
        methods = getattr(route, "methods", None)
        if methods and "GET" in methods:
            methods.add("HEAD")
    return router


def validated(request: Request, body: bytes, media_type: str, headers: Mapping[str, str]) -> Response:
    """200 with an ETag, or 304 where the reader already has these bytes."""
    tag = f'W/"{hashlib.sha256(body).hexdigest()[:24]}"'
    headers = {**headers, "ETag": tag}
    known = {each.strip() for each in request.headers.get("if-none-match", "").split(",")}
    if tag in known or "*" in known:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=media_type, headers=headers)


def readable_day(given: date | str) -> str:
    """"2026-07-17" → "17/7/2026", "2026-07" → "tháng 7/2026"; anything else as it stands."""
    parts = str(given).split("-")
    if not all(part.isdigit() for part in parts):
        return str(given)
    if len(parts) == 3:
        return f"{int(parts[2])}/{int(parts[1])}/{parts[0]}"
    return f"tháng {int(parts[1])}/{parts[0]}" if len(parts) == 2 else str(given)


def _policy_with(script: str) -> str:
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return CSP.format(ancestors="'none'").replace("script-src 'self'", f"script-src 'self' 'sha256-{digest}'")


@cache
def _asset(name: str) -> str:
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/pages/{name}?v={digest}"
