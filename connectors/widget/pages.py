"""The frame, the loader and the gallery; and what the chat in any page of ours is told by the server."""

from __future__ import annotations

import base64
import gzip
import hashlib
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import FileResponse, HTMLResponse, Response
from markupsafe import Markup

from connectors.http_guard import frame_policy, is_direct_loopback
from connectors.notice import NoticeSwitch
from connectors.pages.render import validated
from connectors.portal.pages import STARTERS, page_environment
from connectors.settings import GatewaySettings
from connectors.widget.gallery import fixtures

HERE = Path(__file__).parent
STATIC = HERE / "static"
HTML = "text/html; charset=utf-8"


def chat_config(settings: GatewaySettings, mode: str, has_desk: bool, has_carry_on: bool) -> dict[str, Any]:
    """The data of ``data-config`` (src/app/types.ts, Config). ``mode``: ``frame`` or ``page``."""
    widget = settings.widget
    return {
        "mode": mode, "limit": settings.question_limit, "origins": list(settings.embed_origins), "hotline": widget.hotline,
        "starters": list(STARTERS), "voice": widget.has_voice, "contacts": has_desk, "carry_on": has_carry_on,
        "catalogue": widget.catalogue_path, "notice": "",
    }  # fmt: skip


def with_notice(config: Mapping[str, Any], notice: NoticeSwitch) -> dict[str, Any]:
    """The chat's data with the notice as it stands now, so that it is there at the first paint."""
    current = notice.current()
    return {**config, "notice": current.text if current else ""}


def create_widget_pages(settings: GatewaySettings, notice: NoticeSwitch, has_desk: bool, has_carry_on: bool) -> APIRouter:
    pages = APIRouter(include_in_schema=False)
    environment = page_environment(HERE / "templates", HERE.parent / "portal" / "templates")
    config = chat_config(settings, "frame", has_desk, has_carry_on)

    @lru_cache(maxsize=2)  # with the notice and without
    def frame(notice_text: str) -> tuple[bytes, bytes]:
        told = {**config, "notice": notice_text}
        html = environment.get_template("embed.html").render(config=told, style=_inline("chat.css"), script=_inline("chat.js"))
        return html.encode(), gzip.compress(html.encode(), 9, mtime=0)

    headers = {
        "Content-Security-Policy": _frame_policy(settings), "Cache-Control": "no-cache", "Vary": "Accept-Encoding",
    }  # fmt: skip

    @pages.get("/embed")
    async def embed(request: Request) -> Response:
        """The chat whole, style and script in the document: a citizen who opens it waits for one answer, not for two after each other."""
        plain, packed = frame(with_notice(config, notice)["notice"])
        if "gzip" in request.headers.get("accept-encoding", ""):
            return validated(request, packed, HTML, {**headers, "Content-Encoding": "gzip"})
        return validated(request, plain, HTML, headers)

    @pages.get("/widget.js")
    def widget() -> FileResponse:
        return FileResponse(STATIC / "widget.js", media_type="text/javascript", headers={
            "Cache-Control": "public, max-age=600", "Cross-Origin-Resource-Policy": "cross-origin",
            "Access-Control-Allow-Origin": "*",  # integrity= needs it; the file is public
        })  # fmt: skip

    @pages.get("/widget/gallery")
    def gallery(request: Request) -> HTMLResponse:
        if not (settings.widget.shows_gallery or is_direct_loopback(request)):
            raise HTTPException(404)
        page = environment.get_template("gallery.html")
        return HTMLResponse(page.render(fixtures=fixtures(config), integrity=widget_integrity(), base=str(request.base_url)))

    return pages


def _frame_policy(settings: GatewaySettings) -> str:
    """The frame's own policy, with its style and script let through by their digests."""
    policy = frame_policy(settings)
    for kind, name in (("script-src", "chat.js"), ("style-src", "chat.css")):
        digest = base64.b64encode(hashlib.sha256(_inline(name).encode()).digest()).decode()
        policy = policy.replace(f"{kind} 'self'", f"{kind} 'self' 'sha256-{digest}'")
    return policy


@cache
def _inline(name: str) -> Markup:
    """A built file as the content of its element; nothing in it may end that element early."""
    text = (STATIC / name).read_text("utf-8").strip()
    if "</s" in text.lower() or "<!--" in text:
        raise ValueError(f"{name} cannot stand in a page: it holds </s… or <!--")
    return Markup(text)


@cache
def widget_integrity() -> str:
    """The value for ``integrity=`` of this version's loader."""
    return "sha384-" + base64.b64encode(hashlib.sha384((STATIC / "widget.js").read_bytes()).digest()).decode()
