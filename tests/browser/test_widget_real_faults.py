"""Faults that are really made, not played: a server that was stopped, ten slow seconds, cookies refused in the browser's own settings, two builds of the loader."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from connectors.settings import GatewaySettings
from connectors.widget.pages import STATIC
from tests.browser.conftest import CHROMIUM, Portal, Served, ask, new_store

pytestmark = pytest.mark.browser
LABEL = "Hỏi Lam Giang"


@pytest.fixture
def mortal(tmp_path: Path) -> Iterator[tuple[Portal, Served]]:
    """A portal with an assistant of its own, which a test may stop."""
    portal = Portal()
    served = Served(new_store(tmp_path), GatewaySettings(embed_origins=(portal.url, portal.same_site)))
    portal.assistant = served.url
    yield portal, served
    served.stop()
    portal.stop()


def test_a_server_that_stops_while_one_talks_is_told_and_the_question_is_kept(new_context: Callable[..., BrowserContext], mortal: tuple[Portal, Served]) -> None:
    portal, served = mortal
    page = new_context().new_page()
    page.goto(f"{portal.same_site}/modern.html")
    page.get_by_role("button", name=LABEL).click()
    frame = page.frame_locator("hoi-mot-cua iframe")
    ask(frame, "khai sinh cần gì")
    expect(frame.locator(".sources")).to_be_visible()
    served.stop()
    ask(frame, "khai sinh lai")
    expect(frame.get_by_role("alert")).to_contain_text("Câu này đang chờ", timeout=15_000)
    expect(frame.get_by_text("Giấy chứng sinh.")).to_be_visible()


def test_a_server_that_stopped_before_the_chat_was_opened_is_explained_on_the_page(new_context: Callable[..., BrowserContext], mortal: tuple[Portal, Served]) -> None:
    portal, served = mortal
    page = new_context().new_page()
    page.clock.install()
    page.goto(f"{portal.url}/modern.html")
    expect(page.get_by_role("button", name=LABEL)).to_be_visible()
    served.stop()
    page.get_by_role("button", name=LABEL).click()
    page.clock.run_for(10_500)
    expect(page.get_by_role("alert")).to_contain_text("Chưa mở được")
    expect(page.get_by_role("button", name="Thử lại")).to_be_focused()


def test_ten_seconds_of_a_real_server_are_explained_and_then_answered(chat: Page, served: Served) -> None:
    served.dialogue.delay_s = 11.0
    ask(chat, "khai sinh cần gì")
    expect(chat.get_by_text("Lâu hơn thường lệ một chút")).to_be_visible(timeout=8_000)
    expect(chat.get_by_text("Máy chủ đang rất bận")).to_be_visible(timeout=10_000)
    expect(chat.locator(".sources")).to_be_visible(timeout=10_000)
    expect(chat.get_by_text("Máy chủ đang rất bận")).to_have_count(0)
    assert len(served.dialogue.asked) == 1, "waiting asks nothing twice"


@pytest.fixture
def refusing(browser: Browser, tmp_path: Path) -> Iterator[BrowserContext]:
    """A browser whose settings block all cookies, and with them every store of a page."""
    profile = tmp_path / "profile" / "Default"
    profile.mkdir(parents=True)
    (profile / "Preferences").write_text(json.dumps({"profile": {"default_content_setting_values": {"cookies": 2}}}))
    context = browser.browser_type.launch_persistent_context(tmp_path / "profile", executable_path=CHROMIUM, args=["--no-sandbox"], locale="vi-VN")
    yield context
    context.close()


STORES = "['localStorage', 'sessionStorage'].map((name) => { try { return window[name] && 'there'; } catch (fault) { return fault.name; } })"


@pytest.mark.parametrize("where", ["/embed", "embedded", "/kiosk", "/ho-tro", "/thu-tuc"])
def test_a_browser_that_refuses_all_cookies_and_stores_still_serves(refusing: BrowserContext, portal: Portal, served: Served, where: str) -> None:
    page = refusing.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"{portal.same_site}/modern.html" if where == "embedded" else served.url + where)
    assert page.evaluate(STORES) == ["SecurityError", "SecurityError"], "the fault is there"
    if where == "/thu-tuc":
        expect(page.get_by_role("heading", name="Danh mục thủ tục")).to_be_visible()
    elif where in ("/embed", "embedded"):
        if where == "embedded":
            page.get_by_role("button", name=LABEL).click()
        frame = page.frame_locator("hoi-mot-cua iframe") if where == "embedded" else page
        expect(frame.get_by_text("Trình duyệt không cho lưu")).to_be_visible()
        ask(frame, "khai sinh cần gì")
        expect(frame.get_by_text("Giấy chứng sinh.")).to_be_visible()
    else:
        if where == "/kiosk":
            page.get_by_role("button", name="Gõ câu hỏi").click()
            page.get_by_label("Câu hỏi", exact=True).fill("khai sinh")
            page.keyboard.press("Enter")
        else:
            page.get_by_label("Việc cần làm").fill("làm khai sinh")
            page.get_by_role("button", name="Tìm giấy tờ").click()
            page.get_by_role("button", name="Hỏi trợ lý câu này").click()
        expect(page.get_by_text("chuẩn bị:")).to_be_visible()
    assert faults == []


@pytest.mark.parametrize("first", ["older", "newer"])
def test_two_builds_of_the_loader_on_one_page_make_one_chat_that_works(new_context: Callable[..., BrowserContext], portal: Portal, served: Served, first: str) -> None:
    built = (STATIC / "widget.js").read_text("utf-8")
    older = built.replace('version:"1"', 'version:"0"')
    assert older != built
    page = new_context().new_page()
    name = "first" if first == "older" else "second"
    page.route(re.compile(rf"/widget\.js\?{name}$"), lambda route: route.fulfill(body=older, content_type="text/javascript"))
    page.goto(f"{portal.same_site}/two.html")
    expect(page.locator("hoi-mot-cua")).to_have_count(1)
    assert page.evaluate("HoiMotCua.version") == ("0" if first == "older" else "1"), "the one that came first"
    page.get_by_role("button", name="Hỏi thủ tục").click()
    frame = page.frame_locator("hoi-mot-cua iframe")
    ask(frame, "khai sinh cần gì")
    expect(frame.get_by_text("Giấy chứng sinh.")).to_be_visible()
    assert len(served.dialogue.asked) == 1
