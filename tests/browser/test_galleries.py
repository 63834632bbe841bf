"""The galleries of the public pages and of the screens: every state is there, passes axe, and asks nothing of the assistant."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from connectors.pages.gallery import page_states
from connectors.widget.gallery import replies
from tests.browser.accessibility import violations
from tests.browser.conftest import Served, has_sideways_scroll, shoot

pytestmark = pytest.mark.browser
BOTH = ["bắt đầu", "có thông báo thay cho trợ lý", "mất kết nối", "sắp xóa vì không ai dùng", "đang mở danh sách", "chưa mở được danh sách",
        "danh sách giấy tờ", "mới mở ô hỏi", "đang tìm, rồi tìm lâu", "máy chủ không trả lời", *replies()]  # fmt: skip
SCREENS = [f"{who}: {state}" for who in ("Màn hình chạm", "Người hỗ trợ") for state in BOTH] + [
    "Màn hình chạm: số và dấu câu", "Người hỗ trợ: tìm thấy", "Người hỗ trợ: không tìm thấy", "Người hỗ trợ: mã bí mật", "Người hỗ trợ: đã che số",
]  # fmt: skip
PAGES = ["Thông báo, đầu trang, chân trang", *(name for name, *_ in page_states())]


@pytest.mark.parametrize(("address", "wanted"), [("/pages/gallery", PAGES), ("/kiosk/gallery", SCREENS)])
def test_every_state_stands_light_beside_dark_and_passes_axe(new_context: Callable[..., BrowserContext], served: Served, address: str, wanted: list[str]) -> None:
    page = new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce").new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/api/" in request.url else None)
    opened(page, served.url + address)
    shown = page.locator(".specimen").evaluate_all("nodes => nodes.map((node) => node.getAttribute('aria-label'))")
    assert sorted(shown) == sorted(f"{name}, {scheme}" for name in wanted for scheme in ("light", "dark"))
    for device in ("light", "dark"):  # each specimen keeps its own colours, whatever the device has
        page.emulate_media(color_scheme=device)
        assert violations(page, is_wcag_only=True) == [], device
        papers = page.locator(".specimen").evaluate_all("nodes => nodes.map((node) => [node.className.includes('scheme-dark'), getComputedStyle(node).backgroundColor])")
        assert {tuple(each) for each in papers} == {(False, "rgb(246, 243, 235)"), (True, "rgb(16, 25, 26)")}
    page.emulate_media(color_scheme="light", forced_colors="active")
    assert violations(page, is_forced=True, is_wcag_only=True) == []
    page.emulate_media(forced_colors="none")
    page.set_viewport_size({"width": 360, "height": 740})
    assert not has_sideways_scroll(page)
    assert asked == []


def test_what_the_screens_show_there_is_what_their_own_script_makes(page: Page, served: Served) -> None:
    opened(page, f"{served.url}/kiosk/gallery")

    def screen(name: str):
        return page.get_by_role("region", name=f"{name}, light", exact=True)

    expect(screen("Màn hình chạm: máy chủ không trả lời").get_by_role("button", name="Thử lại")).to_be_visible()
    expect(screen("Màn hình chạm: đang tìm, rồi tìm lâu").get_by_text("Vẫn đang tìm, ông/bà chờ thêm một chút")).to_be_visible()
    expect(screen("Người hỗ trợ: đang tìm, rồi tìm lâu").get_by_text("Vẫn đang tìm, bạn chờ thêm một chút")).to_be_visible()
    expect(screen("Người hỗ trợ: đã che số").get_by_text("căn cước [số đã che], nuôi ong")).to_be_visible()
    expect(screen("Màn hình chạm: số và dấu câu").get_by_role("button", name="7", exact=True)).to_be_visible()
    expect(screen("Màn hình chạm: danh sách giấy tờ").get_by_role("img", name="Mã QR mở trang thủ tục này")).to_be_visible()
    expect(screen("Màn hình chạm: Hỏi lại để chọn").get_by_role("button", name="Sổ bị mất")).to_be_visible()
    assert page.locator(".k-log img, .k-log script").count() == 0, "markup in a reply stays text"


def opened(page: Page, address: str) -> None:
    page.goto(address)
    if "kiosk" in address:
        page.locator("#gallery[data-state=ready]").wait_for()
        expect(page.get_by_text("Vẫn đang tìm").first).to_be_visible()
    name = address.rsplit("/", 2)[1]
    for width in (360, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        shoot(page, f"gallery-{name}-{width}")
