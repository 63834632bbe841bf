"""The kiosk's own routes: no links out, nothing kept, modes told apart."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient

from connectors.errors import SettingsError
from connectors.gateway import create_gateway
from connectors.pages.settings import PagesSettings
from connectors.settings import GatewaySettings
from tests.unit.connectors.fakes import FakeSearcher, dependencies


def client(settings: GatewaySettings | None = None, **given: object) -> TestClient:
    return TestClient(create_gateway(dependencies(**given), settings), client=("127.0.0.1", 4))


@pytest.mark.parametrize("path", ["/kiosk", "/ho-tro"])
def test_screen_holds_no_link_but_for_readers_without_javascript(path: str) -> None:
    html = client().get(path).text
    noscript = re.search(r"<noscript>.*?</noscript>", html, re.DOTALL)[0]
    assert "cần JavaScript" in noscript and 'href="/thu-tuc"' in noscript
    assert "<a " not in html.replace(noscript, "")
    assert "onclick" not in html and "style=" not in html


def test_lobby_says_ong_ba_and_volunteers_get_their_own_manner() -> None:
    settings = GatewaySettings(pages=PagesSettings(kiosk_idle_s=45, helper_idle_s=300))
    lobby, helper = (client(settings).get(path).text for path in ("/kiosk", "/ho-tro"))
    assert "Ông/bà cần làm việc gì?" in lobby and 'data-idle-s="45"' in lobby and 'id="k-keys"' in lobby
    assert "Người mới" in helper and 'data-idle-s="300"' in helper and 'id="k-keys"' not in helper
    assert 'id="k-print"' not in lobby and 'id="k-print"' in helper
    with_printer = GatewaySettings(pages=PagesSettings(has_kiosk_printer=True))
    assert 'id="k-print"' in client(with_printer).get("/kiosk").text


def test_checklist_comes_without_links_and_unknown_codes_as_404() -> None:
    given = client().get("/kiosk/thu-tuc/1.001193")
    assert "Giấy chứng sinh" in given.text and "<svg" in given.text and "<a " not in given.text
    assert given.headers["cache-control"] == "no-store"
    assert client().get("/kiosk/thu-tuc/9.999999").status_code == 404


def test_search_goes_by_post_and_masks() -> None:
    searcher = FakeSearcher()
    found = client(searcher=searcher).post("/kiosk/tim", json={"q": "sđt 0912345678 làm khai sinh"})
    assert 'data-code="1.001193"' in found.text
    assert "0912345678" not in searcher.asked[0][0]
    assert "Đừng gõ mã OTP" in client().post("/kiosk/tim", json={"q": "mật khẩu: Abc12345"}).text
    assert "Không tìm thấy" in client().post("/kiosk/tim", json={"q": "???"}).text


def test_idle_time_shorter_than_its_warning_is_refused() -> None:
    with pytest.raises(SettingsError, match="kiosk_idle_s"):
        PagesSettings(kiosk_idle_s=20)
    with pytest.raises(SettingsError, match="public_url"):
        PagesSettings(public_url="hoi.tinh.gov.vn")
