"""The operator's notice in the chat: there on opening, taken up by a chat that is open, gone when it is switched off."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from connectors.notice import CHECK_EVERY_S, turn_off, turn_on
from connectors.pages.settings import PagesSettings
from connectors.settings import GatewaySettings
from connectors.widget.settings import WidgetSettings
from tests.browser.accessibility import violations
from tests.browser.conftest import FIELD, Portal, Served, ask, has_sideways_scroll, new_store, shoot

pytestmark = pytest.mark.browser
TEXT = "Trợ lý tạm nghỉ đến 14 giờ để bảo trì. <b>"


@pytest.fixture(scope="module")
def notice_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("notice") / "notice.json"


@pytest.fixture(scope="module")
def shared_server(tmp_path_factory: pytest.TempPathFactory, portal: Portal, notice_file: Path) -> Iterator[Served]:
    settings = GatewaySettings(
        widget=WidgetSettings(catalogue_path="/tim"), embed_origins=(portal.url, portal.same_site), pages=PagesSettings(notice_file=notice_file)
    )
    served = Served(new_store(tmp_path_factory.mktemp("store")), settings)
    portal.assistant = served.url
    yield served
    served.stop()


@pytest.fixture
def switch(notice_file: Path) -> Iterator[Callable[[bool], None]]:
    """Turns the notice on or off and waits until the server has seen it."""

    def turn(is_on: bool) -> None:
        if is_on:
            turn_on(notice_file, TEXT)
        else:
            turn_off(notice_file)
        time.sleep(CHECK_EVERY_S + 0.1)

    yield turn
    turn(False)


@pytest.mark.parametrize("path", ["/embed", "/"])
@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1440, "dark")])
def test_the_notice_takes_the_fields_place_on_opening(
    new_context: Callable[..., BrowserContext], served: Served, switch: Callable[[bool], None], path: str, width: int, scheme: str
) -> None:
    switch(True)
    page = new_context(viewport={"width": width, "height": 740}, color_scheme=scheme).new_page()
    page.route("**/api/v1/status", lambda route: route.abort())
    page.goto(served.url + path)
    expect(page.locator("#chat").get_by_role("status").filter(has_text=TEXT)).to_be_visible()
    expect(page.get_by_label(FIELD, exact=True)).to_be_hidden()
    expect(page.get_by_role("link", name="Tra cứu thủ tục")).to_have_attribute("href", "/tim")
    assert violations(page) == []
    assert not has_sideways_scroll(page)
    shoot(page, f"notice-{'embed' if path == '/embed' else 'home'}-{width}-{scheme}")


def test_a_panel_loaded_before_shows_the_notice_when_it_is_opened(
    new_context: Callable[..., BrowserContext], served: Served, portal: Portal, switch: Callable[[bool], None]
) -> None:
    page = new_context().new_page()
    page.goto(f"{portal.url}/modern.html")
    launcher = page.get_by_role("button", name="Hỏi Lam Giang")
    frame = page.frame_locator("hoi-mot-cua iframe")
    launcher.click()
    expect(frame.get_by_label(FIELD, exact=True)).to_be_focused()
    page.keyboard.type("dang go do")
    page.keyboard.press("Escape")
    switch(True)
    launcher.click()
    notice = frame.get_by_role("status").filter(has_text=TEXT)
    expect(notice).to_be_visible()
    expect(notice).to_be_focused()
    switch(False)
    page.keyboard.press("Escape")
    launcher.click()
    expect(frame.get_by_label(FIELD, exact=True)).to_have_value("dang go do")
    expect(notice).to_have_count(0)


def test_a_question_on_its_way_meets_the_notice_and_the_talk_stays(page: Page, served: Served, switch: Callable[[bool], None]) -> None:
    page.goto(f"{served.url}/embed")
    ask(page, "khai sinh cần gì")
    expect(page.locator(".sources")).to_be_visible()
    switch(True)
    ask(page, "khai sinh lai")
    expect(page.locator(".pause")).to_contain_text(TEXT)
    expect(page.get_by_label(FIELD, exact=True)).to_be_hidden()
    expect(page.locator(".sources")).to_be_visible()
    assert len(served.dialogue.asked) == 1


def test_an_open_chat_asks_for_the_notice_by_itself(page: Page, served: Served, switch: Callable[[bool], None]) -> None:
    page.clock.install()
    page.goto(f"{served.url}/embed")
    switch(True)
    page.clock.run_for(30_100)
    expect(page.locator(".pause")).to_contain_text(TEXT)
    switch(False)
    page.clock.run_for(30_100)
    expect(page.get_by_label(FIELD, exact=True)).to_be_visible()
