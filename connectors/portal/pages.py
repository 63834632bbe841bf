"""The demonstration portal, the embeddable chat and the API page. No request leaves for a third party."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from connectors.ports import Catalogue
from connectors.settings import GatewaySettings

HERE = Path(__file__).parent
STATIC = HERE / "static"
WIDGET_STATIC = HERE.parent / "widget" / "static"
TOPICS = (
    ("Khai sinh cho con", "Làm khai sinh cho con cần giấy tờ gì?", "Gia đình"),
    ("Đăng ký kết hôn", "Đăng ký kết hôn cần giấy tờ gì?", "Gia đình"),
    ("Xác nhận độc thân", "Xin giấy xác nhận độc thân ở đâu?", "Gia đình"),
    ("Đăng ký tạm trú", "Đăng ký tạm trú cần giấy tờ gì?", "Cư trú"),
    ("Đổi thẻ căn cước", "Đổi thẻ căn cước mất bao nhiêu tiền?", "Cư trú"),
    ("Mở hộ kinh doanh", "Mở hộ kinh doanh thì làm thế nào?", "Làm ăn"),
    ("Chứng thực bản sao", "Chứng thực bản sao hết bao nhiêu tiền?", "Giấy tờ"),
    ("Sổ đỏ", "Cấp sổ đỏ lần đầu mất bao lâu?", "Đất đai"),
)
STARTERS = ("Làm khai sinh cho con cần giấy tờ gì?", "Đổi thẻ căn cước mất bao nhiêu tiền?", "Đăng ký tạm trú online được không?")


def create_portal(settings: GatewaySettings, catalogue: Catalogue, chat: Callable[[], Mapping[str, object]]) -> APIRouter:
    """``chat``: gives what the chat of the front page is told now (``connectors/widget/pages.py``)."""
    portal = APIRouter(include_in_schema=False)
    environment = page_environment(HERE / "templates", HERE.parent / "widget" / "templates")

    def page(name: str, **values: object) -> HTMLResponse:
        shared = {"province": settings.province, "config": chat()}
        return HTMLResponse(environment.get_template(name).render(**shared, **values))

    @portal.get("/")
    def home() -> HTMLResponse:
        return page("home.html", topics=TOPICS, n_procedures=catalogue.list("", "", "", 0, 1).total)

    @portal.get("/docs")
    def docs() -> HTMLResponse:
        return page("docs.html")

    return portal


def page_environment(*folders: Path) -> Environment:
    """Templates that escape everything and refuse an unknown name; ``asset`` adds a digest for caches."""
    environment = Environment(loader=FileSystemLoader(folders), autoescape=True, undefined=StrictUndefined)
    environment.globals["asset"] = _asset
    environment.filters["thousands"] = lambda number: f"{number:,}".replace(",", ".")
    return environment


@cache
def _asset(name: str) -> str:
    path = WIDGET_STATIC / name.removeprefix("widget/") if name.startswith("widget/") else STATIC / name
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"
