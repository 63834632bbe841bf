"""The public pages in a real Chromium: read, printed, narrow, dark, by keyboard and without JavaScript."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from connectors.pages.settings import PagesSettings
from connectors.settings import GatewaySettings
from knowledge.model import Procedure, RequiredDocument, Source, Submission
from tests.browser.accessibility import violations
from tests.browser.conftest import Served, has_sideways_scroll, new_store, shoot, watch
from tests.fakes import LIVE_PLAN, OLD_PLAN
from tests.unit.connectors.fakes import BIRTH, MARRIAGE, TRADEMARK, FakeCatalogue
from tests.unit.connectors.test_pages import Shelf

pytestmark = pytest.mark.browser

LONG = Procedure(
    "1.009999", "Thủ tục có tên rất dài " * 25, Source("x", "Cổng Dịch vụ công quốc gia", read_on="2026-07-17"), field="Hộ tịch",
    levels=("Cấp tỉnh",), submissions=(Submission("desk", "8", is_time_certain=False, fees=("Miễn phí", "Lệ phí: 1.500.000 đồng/lần" * 8)),),
    documents=tuple(RequiredDocument(f"Giấy tờ số {n} " + "xác nhận của cơ quan có thẩm quyền " * 6, "01 bản chính và 02 bản sao") for n in range(9)),
    steps="\n".join(f"Bước {n}: Nộp\n- " + "đối chiếu giấy tờ " * 60 for n in range(1, 15)),
)  # fmt: skip
EMPTY = Procedure("1.000001", "Thủ tục mà nguồn để trống", Source("y", "Nguồn"))
PAGES = {
    "search": "/tim", "found": "/tim?q=khai sinh", "catalogue": "/thu-tuc", "field": "/thu-tuc?linh-vuc=Hộ tịch",
    "event": "/thu-tuc/viec/sinh-con", "procedure": "/thu-tuc/1.001193", "long": "/thu-tuc/1.009999", "empty": "/thu-tuc/1.000001",
    "checklist": "/thu-tuc/1.001193/danh-sach", "plans": "/ke-hoach", "plan": f"/ke-hoach/{OLD_PLAN.id}",
    "tasks": "/ke-hoach/nhiem-vu?co-quan=thuy loi", "changes": "/thay-doi?thang=2026-07", "no-changes": "/thay-doi?thang=1999-01", "status": "/trang-thai", "missing": "/thu-tuc/9.9",
}  # fmt: skip


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    catalogue = FakeCatalogue(BIRTH, MARRIAGE, TRADEMARK, LONG, EMPTY)
    settings = GatewaySettings(pages=PagesSettings(public_url="https://hoi.lamgiang.gov.vn"))
    served = Served(new_store(tmp_path_factory.mktemp("pages")), settings, catalogue=catalogue, plans=Shelf(replace(OLD_PLAN), LIVE_PLAN))
    yield served
    served.stop()


@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_accessible_light_and_dark_and_never_scrolls_sideways(page: Page, served: Served, name: str) -> None:
    page.goto(served.url + PAGES[name])
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert violations(page) == [], scheme
        for width in (320, 360, 768, 1440):  # 320: what 400 % zoom leaves of 1,280
            page.set_viewport_size({"width": width, "height": 800})
            assert not has_sideways_scroll(page), width
            if width > 320:
                shoot(page, f"pages-{name}-{width}-{scheme}")


def test_without_javascript_a_reader_finds_opens_and_prints(new_context: Callable[..., BrowserContext], served: Served) -> None:
    page = new_context(java_script_enabled=False).new_page()
    faults = watch(page, served.url)
    page.goto(served.url + "/tim")
    page.get_by_label("Bạn cần làm việc gì?").fill("khai sinh")
    page.get_by_role("button", name="Tìm", exact=True).click()
    page.get_by_role("link", name=BIRTH.name, exact=True).click()
    expect(page.get_by_role("row", name="Giấy chứng sinh 1 bản chính")).to_be_visible()
    page.get_by_role("link", name="Danh sách giấy tờ chữ to, để in").click()
    page.get_by_role("checkbox", name="Giấy chứng sinh").check()
    expect(page.get_by_role("img", name="Mã QR mở trang thủ tục này")).to_be_visible()
    page.goto(served.url + "/kiosk")
    expect(page.get_by_role("heading", name="Màn hình này cần JavaScript")).to_be_visible()
    assert faults == []


def test_structured_data_passes_the_policy_and_letters_are_our_own(page: Page, served: Served) -> None:
    page.goto(served.url + PAGES["procedure"])
    assert "GovernmentService" in page.locator('script[type="application/ld+json"]').text_content()
    loaded = page.evaluate("document.fonts.ready.then(fonts => [...fonts].filter(font => font.status === 'loaded').map(font => font.family))")
    assert {name.strip('"') for name in loaded} == {"Be Vietnam Pro"} and len(loaded) >= 3


def test_keyboard_skips_to_the_content_and_back_through_the_menu(page: Page, served: Served) -> None:
    page.goto(served.url + PAGES["procedure"])
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Tới nội dung chính")).to_be_focused()
    expect(page.get_by_role("link", name="Tới nội dung chính")).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_print_leaves_out_everything_but_the_record(page: Page, served: Served) -> None:
    page.goto(served.url + PAGES["checklist"])
    page.emulate_media(media="print", color_scheme="dark")
    expect(page.get_by_role("navigation", name="Chính")).to_be_hidden()
    expect(page.get_by_role("heading", name=BIRTH.name)).to_be_visible()
    expect(page.locator(".qr")).to_be_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.querySelector('h1')).color") == "rgb(0, 0, 0)"


def test_targets_to_press_are_large_enough(page: Page, served: Served) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    for name in ("catalogue", "procedure", "checklist"):
        page.goto(served.url + PAGES[name])
        small = page.evaluate(
            "[...document.querySelectorAll('nav.nav a, button, .button, input, select, .chips a, .events a')]"
            ".filter(each => { const box = each.getBoundingClientRect(); return box.width && box.height < 29.9 })"
            ".map(each => each.outerHTML.slice(0, 80))"
        )
        assert small == [], name
