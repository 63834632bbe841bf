"""The galleries of public pages and kiosk: who may open them, and that they show what they should."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient

from connectors.gateway import create_gateway
from connectors.pages.gallery import scheme_style
from connectors.settings import GatewaySettings
from connectors.widget.settings import WidgetSettings
from tests.unit.connectors.fakes import dependencies


def here() -> TestClient:
    return TestClient(create_gateway(dependencies()), client=("127.0.0.1", 40_000))


@pytest.mark.parametrize("path", ["/pages/gallery", "/pages/gallery.css", "/kiosk/gallery"])
def test_the_galleries_are_for_this_machine_or_where_it_is_allowed(path: str) -> None:
    assert here().get(path).status_code == 200
    stranger = TestClient(create_gateway(dependencies()), client=("203.0.113.9", 1))
    assert stranger.get(path).status_code == 404
    settings = GatewaySettings(widget=WidgetSettings(shows_gallery=True))
    assert TestClient(create_gateway(dependencies(), settings), client=("203.0.113.9", 1)).get(path).status_code == 200


def test_the_gallery_tells_names_apart_and_shows_what_no_source_says() -> None:
    html = here().get("/pages/gallery").text
    names = re.findall(r'\sid="([^"]+)"', html)
    assert len(names) == len(set(names)) > 100
    asked = set(re.findall(r'(?:for|aria-labelledby|list)="([^"]+)"', html)) | set(re.findall(r'href="#([^"]+)"', html))
    assert asked <= set(names)
    for words in ("Nguồn ghi cả miễn phí lẫn số tiền", "nguồn không ghi đơn vị", "Nguồn không ghi nơi nhận hồ sơ", "Hạn đã qua", "Chưa đọc được lịch sử câu chữ", "Bạn tìm hơi nhanh"):
        assert words in html, words
    assert "<b>mã lạ</b>" not in html and "&lt;b&gt;mã lạ" in html


def test_the_gallerys_colours_are_the_tokens() -> None:
    light, dark = scheme_style().split(".scheme-dark")
    assert "--jade: #0b5c52" in light and "--jade: #6ccab7" in dark and "color-scheme: dark" in dark
