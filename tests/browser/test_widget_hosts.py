"""The loader on other people's pages: one strict, one newspaper, one old and hostile. Neither side breaks the other."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, FrameLocator, Page, expect

from tests.browser.conftest import FIELD, Portal, Served, ask, has_sideways_scroll, shoot, watch

pytestmark = pytest.mark.browser
LABELS = {"modern": "Hỏi Lam Giang", "news": "Ask about a procedure", "old": "Hỏi thủ tục"}
FIELDS = {"modern": FIELD, "news": "Your question", "old": FIELD}


@pytest.fixture
def host(new_context: Callable[..., BrowserContext], portal: Portal, served: Served):
    """Opens a host page; fails on requests to third parties, script errors and blocked resources."""
    watched: list[list[str]] = []

    def open_host(name: str, width: int = 1280, height: int = 800, **options: object) -> Page:
        page = new_context(viewport={"width": width, "height": height}, **options).new_page()
        watched.append(watch(page, served.url, portal.url, portal.same_site))
        page.goto(f"{portal.url}/{name}.html")
        return page

    yield open_host
    assert [faults for faults in watched if faults] == []


def chat(page: Page) -> FrameLocator:
    return page.frame_locator("hoi-mot-cua iframe")


def opened(page: Page, name: str = "modern") -> FrameLocator:
    page.get_by_role("button", name=LABELS[name]).click()
    expect(chat(page).get_by_label(FIELDS[name], exact=True)).to_be_focused()
    return chat(page)


@pytest.mark.parametrize("name", ["modern", "news", "old"])
def test_widget_works_on_the_page_and_the_page_beside_it(host: Callable[..., Page], served: Served, name: str) -> None:
    page = host(name)
    launcher = page.get_by_role("button", name=LABELS[name])
    box = launcher.bounding_box()
    assert box["height"] >= 44 and box["width"] >= 44
    shoot(page, f"host-{name}-closed")
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)  # whatever lies on top gets it
    frame = chat(page)
    expect(frame.get_by_label(FIELDS[name], exact=True)).to_be_focused()
    page.keyboard.type("khai sinh cần gì")
    page.keyboard.press("Enter")
    expect(frame.get_by_text("Giấy chứng sinh.")).to_be_visible()
    expect(frame.get_by_role("button", name="Hết bao nhiêu tiền?")).to_be_visible()
    font = frame.locator(".bubble").first.evaluate("node => getComputedStyle(node).fontSize")
    assert float(font.removesuffix("px")) >= 16, "the page's sizes do not reach it"
    shoot(page, f"host-{name}-open")
    page.keyboard.press("Escape")
    expect(launcher).to_be_focused()
    expect(launcher).to_have_attribute("aria-expanded", "false")
    if name == "old":
        page.get_by_role("link", name="Tin tuc").click()
        expect(page.locator("#news")).to_have_text("da doi")


def test_nothing_of_the_chat_is_loaded_before_it_is_opened(host: Callable[..., Page]) -> None:
    page = host("modern")
    page.wait_for_load_state("networkidle")
    loaded = page.evaluate("performance.getEntriesByType('resource').map((entry) => new URL(entry.name).pathname)")
    assert loaded == ["/widget.js"]
    opened(page)


@pytest.mark.parametrize("reach", ["hover", "focus"])
def test_reaching_for_the_button_loads_the_chat_before_the_press(host: Callable[..., Page], reach: str) -> None:
    page = host("modern")
    launcher = page.get_by_role("button", name=LABELS["modern"])
    getattr(launcher, reach)()
    expect(chat(page).locator("#chat[data-state=ready]")).to_be_attached()
    expect(chat(page).get_by_label(FIELD, exact=True)).to_be_hidden()
    expect(launcher).to_have_attribute("aria-expanded", "false")
    if reach == "focus":
        page.keyboard.press("Enter")
    else:
        launcher.click()
    expect(chat(page).get_by_label(FIELD, exact=True)).to_be_focused()


@pytest.mark.parametrize("saves_data", [False, True])
def test_a_portal_may_have_the_chat_loaded_when_its_page_has_nothing_to_do(host: Callable[..., Page], portal: Portal, saves_data: bool) -> None:
    page = host("modern")
    if saves_data:
        page.add_init_script("Object.defineProperty(navigator, 'connection', { value: { saveData: true } })")
    page.goto(f"{portal.url}/modern.html?preload=idle")
    if saves_data:
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(300)
        assert page.locator("hoi-mot-cua iframe").count() == 0, "not at the cost of a reader who saves data"
        return
    expect(chat(page).locator("#chat[data-state=ready]")).to_be_attached()
    expect(page.get_by_role("button", name=LABELS["modern"])).to_have_attribute("aria-expanded", "false")
    assert page.evaluate("document.activeElement === document.body"), "the page keeps the focus"
    opened(page)


def test_page_can_open_ask_close_and_hear_of_it_but_not_of_the_words(host: Callable[..., Page], served: Served) -> None:
    page = host("modern")
    page.get_by_role("button", name="Hỏi về khai sinh").click()
    expect(chat(page).get_by_text("Giấy chứng sinh.")).to_be_visible()
    assert served.dialogue.asked[0][0] == "khai sinh cần gì"
    expect(chat(page).get_by_role("heading", name="Trợ lý Lam Giang")).to_be_visible()
    expect(chat(page).get_by_text("Xin chào, bạn cần việc gì ở Lam Giang?")).to_be_attached()
    expect(page.locator("body")).to_have_attribute("data-heard", "open ready answer:answered_aspect")
    page.evaluate("HoiMotCua.close()")
    expect(page.locator("hoi-mot-cua iframe")).to_be_hidden()
    expect(page.locator("body")).to_have_attribute("data-heard", "open ready answer:answered_aspect close")
    assert page.evaluate("HoiMotCua.isOpen") is False


def test_an_answer_that_comes_while_the_chat_is_closed_is_counted_on_the_button(host: Callable[..., Page], served: Served) -> None:
    page = host("modern")
    frame = opened(page)
    served.dialogue.delay_s = 0.5
    frame.get_by_label(FIELD, exact=True).fill("khai sinh cần gì")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Hỏi Lam Giang, 1 có trả lời mới")).to_be_visible()
    page.get_by_role("button", name="Hỏi Lam Giang").click()
    expect(page.get_by_role("button", name="Đóng", exact=True)).to_be_visible()


def test_messages_of_strangers_are_not_heard(host: Callable[..., Page], served: Served) -> None:
    page = host("modern")
    frame = opened(page)
    page.evaluate("window.postMessage({hm: 1, type: 'close'}, '*')")  # right words, wrong window
    page.evaluate("window.postMessage({hm: 1, type: 'answer', status: 'forged'}, '*')")
    inner = next(each for each in page.frames if "/embed" in each.url)
    inner.evaluate("window.postMessage({hm: 1, type: 'ask', text: 'khai sinh'}, '*')")
    frame.get_by_label(FIELD, exact=True).fill("khong co")
    page.keyboard.press("Enter")
    expect(frame.get_by_text("Mình chưa tìm thấy.")).to_be_visible()
    assert [question for question, *_ in served.dialogue.asked] == ["khong co"]
    expect(page.locator("body")).to_have_attribute("data-heard", "open ready answer:unanswerable_not_found")
    assert page.evaluate("HoiMotCua.isOpen") is True


def test_two_loaders_on_one_page_make_one_button(host: Callable[..., Page], served: Served) -> None:
    page = host("news")
    expect(page.get_by_role("button", name=LABELS["news"])).to_be_visible()
    page.add_script_tag(url=f"{served.url}/widget.js?version=2")
    page.add_script_tag(content="window.kept = HoiMotCua.version")
    expect(page.locator("hoi-mot-cua")).to_have_count(1)
    opened(page, "news")
    assert page.evaluate("kept") == "1"


def test_an_older_loader_that_came_first_keeps_the_page(host: Callable[..., Page], served: Served, new_context: Callable[..., BrowserContext], portal: Portal) -> None:
    """Two versions on one page: a portal's template holds one line, an article of it another."""
    page = new_context().new_page()
    page.add_init_script("window.HoiMotCua = { version: '0', open() { document.title = 'older'; } }")
    page.goto(f"{portal.url}/news.html")
    expect(page.get_by_role("heading", name="Báo Lam Giang")).to_be_visible()
    page.evaluate("HoiMotCua.open()")
    assert page.title() == "older"
    expect(page.locator("hoi-mot-cua")).to_have_count(0)


def test_colours_place_language_and_size_are_the_portals(host: Callable[..., Page]) -> None:
    page = host("news")
    launcher = page.get_by_role("button", name=LABELS["news"])
    assert launcher.bounding_box()["x"] == 16
    style = launcher.evaluate("node => [getComputedStyle(node).backgroundColor, getComputedStyle(node).color]")
    assert style == ["rgb(242, 193, 78)", "rgb(16, 24, 24)"], "dark letters on the light accent"
    frame = opened(page, "news")
    root = frame.locator("#chat")
    expect(root).to_have_attribute("data-scheme", "dark")
    expect(root).to_have_attribute("data-size", "1")
    expect(frame.get_by_text("Answers are in Vietnamese.")).to_be_visible()
    accent = host("modern").get_by_role("button", name=LABELS["modern"]).evaluate("node => getComputedStyle(node).backgroundColor")
    assert accent == "rgb(29, 79, 145)", "from the page's CSS variable"


def test_on_a_telephone_it_fills_the_screen_and_keeps_the_focus(host: Callable[..., Page]) -> None:
    page = host("modern", 360, 740)
    frame = opened(page)
    box = page.locator("hoi-mot-cua iframe").bounding_box()
    assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, 360, 740)
    dialog = page.locator("hoi-mot-cua [role=dialog]")
    expect(dialog).to_have_attribute("aria-modal", "true")
    for _ in range(14):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.localName") == "hoi-mot-cua"
    frame.get_by_role("button", name="Đóng khung hỏi đáp").click()
    expect(page.get_by_role("button", name=LABELS["modern"])).to_be_focused()
    assert not has_sideways_scroll(page)


def test_blocked_frame_is_explained_with_a_way_on(host: Callable[..., Page], served: Served) -> None:
    """As an ad-blocker or a server that is down would do."""
    page = host("news")
    page.clock.install()
    page.route("**/embed*", lambda route: route.abort())
    page.get_by_role("button", name=LABELS["news"]).click()
    page.clock.run_for(10_500)
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("could not be opened")
    expect(page.get_by_role("button", name="Try again")).to_be_focused()
    expect(page.get_by_role("link", name="Open in a new tab")).to_have_attribute("href", f"{served.url}/embed")
    shoot(page, "host-blocked")
    page.unroute("**/embed*")
    page.get_by_role("button", name="Try again").click()
    expect(chat(page).get_by_label("Your question", exact=True)).to_be_focused()


def test_portal_that_is_not_allowed_gets_no_frame(new_context: Callable[..., BrowserContext], served: Served) -> None:
    stranger = Portal()
    stranger.assistant = served.url
    page = new_context().new_page()
    page.clock.install()
    page.goto(f"{stranger.url}/news.html")
    page.get_by_role("button", name=LABELS["news"]).click()
    page.clock.run_for(10_500)
    expect(page.get_by_role("alert")).to_contain_text("could not be opened")
    stranger.stop()


def test_page_without_the_loader_is_whole(host: Callable[..., Page], served: Served, new_context: Callable[..., BrowserContext], portal: Portal) -> None:
    page = new_context().new_page()
    page.route("**/widget.js", lambda route: route.abort())
    page.goto(f"{portal.url}/news.html")
    expect(page.get_by_role("heading", name="Báo Lam Giang")).to_be_visible()
    expect(page.locator("hoi-mot-cua")).to_have_count(0)


def test_history_goes_along_from_page_to_page_of_one_site(host: Callable[..., Page], portal: Portal) -> None:
    page = host("modern")
    page.goto(f"{portal.same_site}/news.html")
    frame = opened(page, "news")
    frame.get_by_label("Your question", exact=True).fill("khai sinh cần gì")
    page.keyboard.press("Enter")
    expect(frame.locator(".sources")).to_be_visible()
    page.goto(f"{portal.same_site}/modern.html")
    frame = opened(page, "modern")
    expect(frame.locator(".turn.person")).to_contain_text("khai sinh cần gì")


def test_browser_that_refuses_storage_to_frames_is_told_plainly_and_the_chat_works(host: Callable[..., Page]) -> None:
    """Chromium does so for frames of another site in private windows."""
    page = host("modern")
    frame = opened(page)
    assert next(each for each in page.frames if "/embed" in each.url).evaluate("(() => { try { return localStorage && 1 } catch { return 0 } })()") == 0
    expect(frame.get_by_text("Trình duyệt không cho lưu")).to_be_visible()
    ask(frame, "khai sinh lai")
    expect(frame.locator(".choices li")).to_have_count(3)
