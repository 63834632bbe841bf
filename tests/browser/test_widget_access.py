"""Accessibility as a gate: axe with 0 violations in every state, sizes of targets, zoom, keyboard, what screen readers hear.

Screenshots go to ``screenshots/`` to be looked at.
"""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.accessibility import violations
from tests.browser.conftest import FIELD, Portal, Served, ask, has_sideways_scroll, shoot

pytestmark = pytest.mark.browser
SIZES = {360: 740, 768: 1024, 1440: 900}
CHECKED = ((360, "light"), (1440, "dark"))
#: MOTCUA_SCREENSHOTS=all shoots every state at three widths in light and dark, to be looked at.
KINDS = [
    (width, height, scheme) for scheme in ("dark", "light") for width, height in SIZES.items()
    if os.environ.get("MOTCUA_SCREENSHOTS") == "all" or (width, scheme) in CHECKED
]  # fmt: skip
ZOOMED = {"320": (320, 568), "zoom-400": (320, 256)}  # 1280 × 1024 at 400 % is a window of 320 × 256 CSS pixels
SMALL_TARGETS = """(smallest) => [...document.querySelectorAll('.chat button, .chat summary, .chat textarea, .chat input[type=text], .chat label:has(input)')]
  .filter((node) => node.checkVisibility() && !node.closest('.notice'))
  .map((node) => [node.textContent.trim().slice(0, 40) || node.getAttribute('aria-label') || node.tagName, Math.round(node.getBoundingClientRect().height * 10) / 10, Math.round(node.getBoundingClientRect().width)])
  .filter(([, height, width]) => height < smallest || width < smallest)"""


@pytest.fixture
def chat(new_context: Callable[..., BrowserContext], served: Served) -> Page:
    page = new_context(viewport={"width": 420, "height": 760}, reduced_motion="reduce").new_page()
    page.goto(f"{served.url}/embed")
    expect(page.get_by_label(FIELD, exact=True)).to_be_visible()
    return page


def states(page: Page):
    """Leads a chat through its states, naming each."""
    yield "opened"
    ask(page, "khai sinh cần gì")
    expect(page.get_by_role("button", name="Chưa đúng")).to_be_visible()
    yield "answer"
    page.get_by_role("button", name="Xem đoạn được dẫn").click()
    expect(page.get_by_role("checkbox", name="Giấy chứng sinh")).to_be_visible()
    yield "card"
    page.get_by_role("button", name="Chưa đúng").click()
    page.get_by_label("Khó hiểu").check()
    yield "reasons"
    ask(page, "khai sinh lai")
    expect(page.locator(".choices li")).to_have_count(3)
    yield "choices"
    ask(page, "khong co")
    expect(page.get_by_text("Mình chưa tìm thấy.")).to_be_visible()
    yield "not-found"
    page.route("**/api/v1/ask", lambda route: route.abort())
    ask(page, "rat dai")
    expect(page.get_by_role("alert")).to_be_visible()
    yield "waiting"
    page.unroute("**/api/v1/ask")
    page.get_by_role("button", name="Gửi lại ngay").click()
    expect(page.get_by_text("Xem tiếp (còn")).to_be_visible()
    yield "long"
    ask(page, "số căn cước 001099012345")
    expect(page.get_by_role("alertdialog")).to_be_visible()
    yield "guard"
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Tùy chọn").click()
    yield "options"
    page.get_by_role("button", name="Gặp người hỗ trợ").last.click()
    expect(page.get_by_label("Số điện thoại hoặc thư điện tử")).to_be_visible()
    yield "person"
    page.get_by_role("button", name="Đóng", exact=True).click()
    page.get_by_role("button", name="Tùy chọn").click()
    page.get_by_role("button", name="Xóa cuộc trò chuyện").click()
    yield "delete"
    page.get_by_role("button", name="Thôi").click()
    page.get_by_role("button", name="Tùy chọn").click()
    page.get_by_role("button", name="Tiếp tục trên điện thoại").click()
    expect(page.get_by_role("img", name="Mở Telegram")).to_be_visible()
    yield "carry"
    page.get_by_role("button", name="Đóng", exact=True).click()


def test_every_state_at_every_size_and_colour(new_context: Callable[..., BrowserContext], served: Served) -> None:
    """One walk; in each state: axe, targets, no sideways scroll, 400 % zoom, and pictures of six kinds."""
    page = new_context(viewport={"width": 360, "height": 740}, reduced_motion="reduce").new_page()
    page.goto(f"{served.url}/embed")
    found: dict[str, list] = {}

    def note(what: str, faults: list) -> None:
        if faults:
            found[what] = faults

    for state in states(page):
        for width, height, scheme in KINDS:
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": height})
            shoot(page, f"state-{width}-{scheme}-{state}")
            note(f"{state} {width} scrolls sideways", [True] if has_sideways_scroll(page) else [])
            if (width, scheme) in CHECKED:
                note(f"{state} {width} {scheme}", violations(page))
        for name, (width, height) in ZOOMED.items():
            page.set_viewport_size({"width": width, "height": height})
            note(f"{state} {name} scrolls sideways", [True] if has_sideways_scroll(page) else [])
            if state in ("answer", "choices", "not-found"):
                page.locator(".turn").last.scroll_into_view_if_needed()
                field, last = page.get_by_label(FIELD, exact=True).bounding_box(), page.locator(".turn").last.bounding_box()
                is_seen = 0 <= field["y"] <= height - field["height"] and last["y"] < field["y"] - 20 and last["y"] + last["height"] > 20
                note(f"{state} {name}: field or talk out of sight", [] if is_seen else [field, last])
        page.set_viewport_size({"width": 360, "height": 740})
        note(f"{state} targets", page.evaluate(SMALL_TARGETS, 43.5))
    assert found == {}


@pytest.mark.parametrize("mode", ["plain", "accent"])
def test_words_only_large_letters_and_a_portals_colour_pass_too(new_context: Callable[..., BrowserContext], served: Served, mode: str) -> None:
    page = new_context(viewport={"width": 360, "height": 740}, reduced_motion="reduce", color_scheme="dark" if mode == "accent" else "light").new_page()
    settings = {"accent": '{"size": 2}', "plain": '{"plain": true}'}[mode]
    page.add_init_script(f"localStorage.setItem('motcua.settings.v1', '{settings}')")
    page.goto(f"{served.url}/embed#v=1&accent=%231d4f91")
    found: dict[str, list[str]] = {}
    for state in states(page):
        shoot(page, f"mode-{mode}-{state}")
        if state in ("card", "choices"):
            faults = violations(page) + (["scrolls sideways"] if has_sideways_scroll(page) else [])
            found |= {state: faults} if faults else {}
        if state == "choices":
            break
    assert found == {}


def test_the_largest_letters_on_a_small_telephone_leave_half_of_it_to_the_talk(new_context: Callable[..., BrowserContext], served: Served) -> None:
    page = new_context(viewport={"width": 320, "height": 568}, reduced_motion="reduce").new_page()
    page.add_init_script("localStorage.setItem('motcua.settings.v1', '{\"size\": 2}')")
    page.goto(f"{served.url}/embed")
    ask(page, "khai sinh cần gì")
    expect(page.locator(".sources")).to_be_visible()
    assert page.get_by_role("log").bounding_box()["height"] > 568 / 2
    expect(page.get_by_label(FIELD, exact=True)).to_be_in_viewport()
    shoot(page, "large-320")


def test_axe_finds_nothing_in_the_gallery_and_on_the_portal(new_context: Callable[..., BrowserContext], served: Served, portal: Portal) -> None:
    page = new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce").new_page()
    for address in (f"{served.url}/widget/gallery", f"{served.url}/"):
        page.goto(address)
        expect(page.get_by_label(FIELD, exact=True).first).to_be_visible()
        for colours in ({"color_scheme": "light"}, {"color_scheme": "dark"}, {"forced_colors": "active"}):
            page.emulate_media(**colours)
            assert violations(page, "forced_colors" in colours) == [], (address, colours)
        page.emulate_media(forced_colors="none")
    page.goto(f"{portal.url}/news.html")
    page.get_by_role("button", name="Ask about a procedure").click()
    expect(page.frame_locator("hoi-mot-cua iframe").get_by_label("Your question", exact=True)).to_be_focused()
    assert violations(page) == [], "the loader in the page, the frame within"


SPECIMENS = [  # what the chat, its panels and the loader can be in, each light and dark or as the device
    "Mới mở", "Trả lời một mục", "Hỏi lại để chọn", "Nguồn im lặng", "Không tìm thấy", "Câu trả lời rất dài", "Chữ có mã lạ", "Trục trặc bên trong",
    "Chờ, chậm", "Mất mạng, còn chờ gửi", "Thông báo thay cho trợ lý", "Chặn thông tin riêng", "Thẻ thủ tục mở", "Thẻ đang mở, thẻ chưa mở được",
    "Đã đánh giá", "Nói vì sao chưa đúng", "Bảng: tùy chọn", "Bảng: gặp người, trong giờ", "Bảng: gặp người, ngoài giờ, không nhận liên hệ",
    "Bảng: gặp người, chưa biết giờ", "Bảng: hỏi tiếp trên điện thoại, đang tạo mã", "Bảng: hỏi tiếp trên điện thoại, có mã",
    "Bảng: hỏi tiếp trên điện thoại, chưa tạo được mã", "Bảng: xóa cuộc trò chuyện", "Bảng: nói thay vì gõ", "Chữ rất lớn", "Chỉ chữ", "Trình duyệt không cho lưu",
]  # fmt: skip
LOADER = ["Nút trên cổng", "Nút trên cổng, có trả lời mới", "Khung đang mở", "Khung bị chặn hoặc máy chủ tắt"]


def test_the_gallery_shows_every_component_in_every_state_without_asking_the_server(page: Page, served: Served) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/api/" in request.url else None)
    page.goto(f"{served.url}/widget/gallery")
    wanted = [f"{name} · {scheme}" for name in SPECIMENS for scheme in ("light", "dark")] + [f"{name} · theo máy" for name in LOADER]
    shown = page.locator(".specimen h2").all_text_contents()
    assert set(wanted) <= set(shown), set(wanted) - set(shown)

    def specimen(name: str) -> Locator:
        return page.get_by_role("region", name=f"{name}, light", exact=True)

    expect(specimen("Bảng: hỏi tiếp trên điện thoại, có mã").get_by_role("img", name="Mở Telegram")).to_be_visible()
    expect(specimen("Bảng: hỏi tiếp trên điện thoại, có mã").get_by_text("K3TW-9FQA")).to_be_visible()
    expect(specimen("Bảng: hỏi tiếp trên điện thoại, đang tạo mã").get_by_text("Đang tạo mã")).to_be_visible()
    expect(specimen("Bảng: hỏi tiếp trên điện thoại, chưa tạo được mã").get_by_text("Chưa tạo được mã")).to_be_visible()
    expect(specimen("Bảng: gặp người, chưa biết giờ").get_by_text("Chưa lấy được giờ làm việc")).to_be_visible()
    held = page.evaluate("""() => [...document.querySelectorAll('.loader-place')].filter((place) => {
      const [outer, inner] = [place, place.shadowRoot.querySelector('.launcher, .panel')].map((node) => node.getBoundingClientRect());
      return inner.height > 40 && inner.left >= outer.left && inner.bottom <= outer.bottom;
    }).length""")
    assert held == len(LOADER), "in the place of each, not in the window's corner"
    assert asked == []


def test_letters_follow_text_spacing_of_the_reader(chat: Page) -> None:
    """WCAG 1.4.12: wider spacing cuts nothing off."""
    ask(chat, "khai sinh lai")
    expect(chat.locator(".choices li")).to_have_count(3)
    chat.evaluate("() => { const sheet = new CSSStyleSheet(); sheet.replaceSync('* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important } p { margin-bottom: 2em !important }'); document.adoptedStyleSheets = [sheet]; }")
    assert not has_sideways_scroll(chat)
    cut = chat.evaluate("[...document.querySelectorAll('.chat button, .bubble')].filter((node) => node.scrollWidth > node.clientWidth + 1 || node.scrollHeight > node.clientHeight + 1).map((node) => node.textContent)")
    assert cut == []


def test_stacked_diacritics_are_not_cut(chat: Page) -> None:
    ask(chat, "Ẫ Ổ Ữ Ặ ỵ ỗ ậ – NGUYỄN ĐẶNG QUẾ: khai sinh lai")
    expect(chat.locator(".choices li")).to_have_count(3)
    lines = chat.evaluate("""() => [...document.querySelectorAll('.chat *')].filter((node) => node.checkVisibility() && [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim()) && !node.closest('.sr'))
      .map((node) => [node.className || node.localName, parseFloat(getComputedStyle(node).lineHeight) / parseFloat(getComputedStyle(node).fontSize)]).filter(([, ratio]) => ratio < 1.34)""")
    assert lines == []


def test_forced_colours_keep_shapes_and_words(new_context: Callable[..., BrowserContext], served: Served) -> None:
    page = new_context(viewport={"width": 420, "height": 760}, forced_colors="active", reduced_motion="reduce").new_page()
    page.goto(f"{served.url}/embed")
    ask(page, "khai sinh lai")
    expect(page.locator(".choices li")).to_have_count(3)
    shoot(page, "forced-colours")
    for selector in (".chip", ".choice", ".send", ".turn.person .bubble"):
        width = page.locator(selector).first.evaluate("node => parseFloat(getComputedStyle(node).borderTopWidth)")
        assert width >= 1, selector


def test_reduced_motion_moves_nothing(chat: Page) -> None:
    chat.route("**/api/v1/ask", lambda route: None)
    ask(chat, "khai sinh cần gì")
    expect(chat.get_by_text("Đang tìm câu trả lời")).to_be_visible()
    moving = chat.evaluate("document.getAnimations().filter((each) => each.playState === 'running').length")
    assert moving == 0


def test_screen_reader_hears_question_waiting_and_answer_once(chat: Page) -> None:
    """Nothing is heard of a log that is busy: it is so only while the parts of an answer come together."""
    log = chat.get_by_role("log", name="Nội dung trò chuyện")
    expect(log).to_have_attribute("aria-live", "polite")
    chat.evaluate("""() => { window.heard = []; const log = document.getElementById('chat-log');
      new MutationObserver((changes) => changes.forEach((change) => change.addedNodes.forEach((node) => heard.push([node.nodeType, node.textContent, log.ariaBusy])))).observe(log, { childList: true, subtree: true }); }""")
    chat.clock.install()
    chat.route("**/api/v1/ask", lambda route: None)
    ask(chat, "khai sinh lai")
    expect(chat.get_by_text("Đang tìm câu trả lời")).to_be_visible()
    chat.clock.run_for(4_100)
    expect(chat.get_by_text("Lâu hơn thường lệ")).to_be_visible()
    chat.clock.run_for(6_000)
    chat.get_by_role("button", name="Dừng, không chờ nữa").click()
    chat.unroute("**/api/v1/ask")
    chat.get_by_role("button", name="Gửi lại ngay").click()
    expect(chat.locator(".choices li")).to_have_count(3)
    expect(log).to_have_attribute("aria-busy", "false")
    heard = [(text, busy) for kind, text, busy in chat.evaluate("heard") if kind == 1]
    assert [busy for text, busy in heard if "Có mấy thủ tục gần với câu hỏi" in text] == ["true"], "the answer once, as a whole"
    for waiting in ("Đang tìm câu trả lời", "Lâu hơn thường lệ", "Máy chủ đang rất bận"):
        assert {busy for text, busy in heard if text.startswith((waiting, f"Trợ lý: {waiting}"))} == {"false"}, waiting


def test_whole_talk_by_keyboard_panels_included(chat: Page) -> None:
    chat.keyboard.press("Tab")
    expect(chat.get_by_role("button", name="Tùy chọn")).to_be_focused()
    chat.keyboard.press("Enter")
    expect(chat.get_by_role("heading", name="Tùy chọn")).to_be_focused()
    chat.keyboard.press("Tab")
    chat.keyboard.press("Tab")
    chat.keyboard.press("ArrowRight")
    expect(chat.locator("#chat")).to_have_attribute("data-size", "1")
    for _ in range(20):  # the panel keeps the focus
        chat.keyboard.press("Tab")
        assert chat.evaluate("!document.hasFocus() || document.activeElement === document.body || !!document.activeElement.closest('dialog')")
    chat.keyboard.press("Escape")
    expect(chat.get_by_role("button", name="Tùy chọn")).to_be_focused()
    chat.get_by_label(FIELD, exact=True).focus()
    chat.keyboard.type("khai sinh lai")
    chat.keyboard.press("Enter")
    expect(chat.locator(".choices li")).to_have_count(3)
    expect(chat.get_by_label(FIELD, exact=True)).to_be_focused()
    chat.keyboard.type("1")
    chat.keyboard.press("Enter")
    expect(chat.locator(".sources")).to_be_visible()


def test_the_portal_at_400_percent_opens_at_its_top_with_its_suggestions_within_the_chat(new_context: Callable[..., BrowserContext], served: Served) -> None:
    page = new_context(viewport={"width": 320, "height": 256}).new_page()
    page.goto(served.url)
    expect(page.get_by_label(FIELD, exact=True)).to_be_attached()
    page.wait_for_timeout(200)
    assert page.evaluate("scrollY") == 0, "a greeting alone moves nothing"
    chat, last = (page.locator(where).bounding_box() for where in ("#chat", "#chat-hello .chip >> nth=-1"))
    assert last["y"] + last["height"] <= chat["y"] + chat["height"]
