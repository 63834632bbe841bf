"""The portal page in a real Chromium against a real server; only the answers are fakes."""

from __future__ import annotations

import os
import shutil
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from argon2 import PasswordHasher
from playwright.sync_api import Browser, Page, expect, sync_playwright

from connectors.gateway import create_gateway
from connectors.settings import GatewaySettings
from connectors.store.accounts import StaffAccounts
from connectors.store.database import Store
from tests.unit.connectors.fakes import CITATION, FakeDialogue, dependencies, reply

pytestmark = pytest.mark.browser

CHROMIUM = os.environ.get("MOTCUA_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
SCREENSHOTS = Path(__file__).parent / "screenshots"
PASSWORD = "mat-khau-dai-1"
WIDTHS = {360: 740, 768: 1024, 1440: 900}

DOCUMENTS = """Để làm Thủ tục đăng ký khai sinh, bạn chuẩn bị:

- Tờ khai đăng ký khai sinh theo mẫu (1 bản chính)
- Giấy chứng sinh. Không có thì nộp văn bản của người làm chứng xác nhận việc sinh
- Giấy tờ tùy thân của người đi khai sinh: xuất trình, không nộp

Trường hợp trẻ bị bỏ rơi, cần thêm biên bản do Ủy ban nhân dân xã lập."""
CHOICES = [
    {"code": "1.001193", "name": "Thủ tục đăng ký khai sinh", "facet": "con sinh trong nước, bố mẹ là người Việt Nam"},
    {"code": "2.000528", "name": "Thủ tục đăng ký khai sinh có yếu tố nước ngoài", "facet": "bố hoặc mẹ là người nước ngoài"},
    {"code": "1.004884", "name": "Thủ tục đăng ký lại khai sinh", "facet": "đã đăng ký trước đây nhưng mất cả sổ và bản chính"},
]

LONG_NAME = "Thủ tục cấp lại giấy chứng nhận đủ điều kiện kinh doanh dịch vụ trò chơi điện tử công cộng"
NEAR_BUTTONS = [{"title": LONG_NAME, "payload": "#tt 2.001885"}, {"title": "Gặp người hỗ trợ", "payload": "#nguoi"}]


class ScriptedDialogue(FakeDialogue):
    """Answers by what the question holds, as the real one would in shape."""

    def __init__(self) -> None:
        super().__init__()
        self.is_broken = False

    async def ask(
        self, question: str, session_id: str, context: Mapping[str, Any] | None = None, is_stale: bool = False
    ) -> dict[str, Any]:
        self.asked.append((question, session_id, context, is_stale))
        if self.is_broken:
            raise ValueError("broken on purpose")
        if question == "#tt 1.001193 fee":
            return reply(text="Lệ phí: Miễn phí với trường hợp đăng ký đúng hạn.", aspect="fee", citations=[CITATION | {"section": "Lệ phí"}])
        if "khong" in question:
            return reply("unanswerable_not_found", messages=[{"text": "Mình chưa tìm thấy.", "card": None, "buttons": NEAR_BUTTONS}])
        if "lai" in question:
            return reply("clarification_procedure", "Có mấy thủ tục gần với câu hỏi. Bạn cần việc nào?", choices=CHOICES)
        messages = [{
            "text": DOCUMENTS, "card": None,
            "buttons": [
                {"title": "Hết bao nhiêu tiền?", "payload": "#tt 1.001193 fee"},
                {"title": "Mất bao lâu?", "payload": "#tt 1.001193 time"},
                {"title": "Gặp người hỗ trợ", "payload": "#nguoi"},
            ],
        }]  # fmt: skip
        return reply(messages=messages, citations=[CITATION], understood="Làm khai sinh cần giấy tờ gì?")


class Served:
    """A gateway on a free loopback port, and what it was asked."""

    def __init__(self, store: Store) -> None:
        self.dialogue = ScriptedDialogue()
        app = create_gateway(dependencies(dialogue=self.dialogue, store=store), GatewaySettings())
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self._server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [listener]}, daemon=True)
        self._thread.start()
        while not self._server.started:
            assert self._thread.is_alive(), "the server did not start"
            time.sleep(0.02)

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(10)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    store = Store(f"sqlite:///{tmp_path / 'motcua.db'}")
    StaffAccounts(store, PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)).add("lan", PASSWORD)
    served = Served(store)
    yield served
    served.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not CHROMIUM:
        pytest.skip("no Chromium: install the package chromium, or set MOTCUA_CHROMIUM to its path")
    with sync_playwright() as playwright:
        # The sandbox needs rights a container may not give; every page here is our own.
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, served: Served) -> Iterator[Page]:
    """A page that fails its test on a request elsewhere, a blocked resource or a script error."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="vi-VN")
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(f"script error: {error}"))
    page.on("console", lambda line: faults.append(line.text) if "Content Security Policy" in line.text else None)
    page.on("request", lambda request: None if request.url.startswith(served.url) else faults.append(request.url))
    yield page
    context.close()
    assert faults == []


def ask(page: Page, question: str) -> None:
    page.get_by_label("Câu hỏi của bạn").fill(question)
    page.get_by_role("button", name="Gửi", exact=True).click()


def has_sideways_scroll(page: Page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")


def assert_last_turn_in_sight(page: Page, window_height: int | None = None) -> None:
    """The newest question stands at the top of the log, the start of its answer within it."""
    log, question, answer = (
        page.locator(where).bounding_box() for where in ("#chat-log", ".turn.person >> nth=-1", ".turn.machine >> nth=-1")
    )
    assert log["y"] <= question["y"] <= log["y"] + 40, (log, question)
    assert question["y"] < answer["y"] < log["y"] + log["height"] - 40, (log, answer)
    if window_height:
        assert question["y"] >= 0 and answer["y"] + 40 < window_height, (question, answer)


def shoot(page: Page, name: str) -> None:
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png")


def test_question_is_answered_with_its_source(page: Page, served: Served) -> None:
    page.goto(served.url)
    ask(page, "khai sinh cần gì")
    log = page.get_by_role("log")
    expect(log.get_by_text("Giấy chứng sinh.")).to_be_visible()
    expect(log.get_by_text("Mình hiểu bạn hỏi: Làm khai sinh cần giấy tờ gì?")).to_be_attached()
    expect(log.locator(".sources a")).to_have_attribute("href", CITATION["url"])
    expect(log.locator(".source-facts")).to_have_text("1.001193 · mục Thành phần hồ sơ · đọc 15/07/2026")
    expect(log.locator(".bubble li")).to_have_count(3)


def test_button_sends_its_payload_and_shows_its_title(page: Page, served: Served) -> None:
    page.goto(served.url)
    ask(page, "khai sinh cần gì")
    page.get_by_role("button", name="Hết bao nhiêu tiền?").click()
    expect(page.get_by_text("Miễn phí với trường hợp")).to_be_visible()
    assert served.dialogue.asked[1][0] == "#tt 1.001193 fee"
    assert served.dialogue.asked[0][1] == served.dialogue.asked[1][1], "one session"
    expect(page.locator(".turn.person").last).to_contain_text("Hết bao nhiêu tiền?")
    expect(page.get_by_text("#tt")).to_have_count(0)


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1280, 800), (844, 390)])
def test_question_and_the_start_of_its_answer_are_in_sight(page: Page, served: Served, width: int, height: int) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": height})
    page.goto(served.url)
    for n in range(1, 4):
        ask(page, f"khai sinh cần gì, lần {n}")
        expect(page.locator(".sources")).to_have_count(n)
    assert_last_turn_in_sight(page, height)
    shoot(page, f"answer-{width}")
    page.reload()
    expect(page.locator(".sources")).to_have_count(3)
    assert_last_turn_in_sight(page)


def test_topic_below_the_chat_brings_the_answer_into_sight(page: Page, served: Served) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(served.url)
    page.get_by_role("button", name="Cư trú Đăng ký tạm trú").click()
    expect(page.locator(".sources")).to_be_attached()
    assert_last_turn_in_sight(page, 844)
    shoot(page, "topic-390")


def test_question_longer_than_the_log_leaves_room_for_its_answer(page: Page, served: Served) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(served.url)
    ask(page, "tôi muốn hỏi " * 120)
    expect(page.locator(".sources")).to_be_attached()
    log, answer = (page.locator(where).bounding_box() for where in ("#chat-log", ".turn.machine >> nth=-1"))
    assert log["y"] < answer["y"] < log["y"] + 0.6 * log["height"]


def test_touch_keyboard_is_closed_by_asking_and_not_opened_by_the_answer(browser: Browser, served: Served) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(served.url)
    page.get_by_label("Câu hỏi của bạn").tap()
    expect(page.get_by_label("Câu hỏi của bạn")).to_be_focused()
    page.keyboard.type("khai sinh cần gì")
    page.get_by_role("button", name="Gửi", exact=True).tap()
    expect(page.locator("#chat-log")).to_have_attribute("aria-busy", "false")
    expect(page.locator(".sources")).to_be_attached()
    expect(page.get_by_label("Câu hỏi của bạn")).not_to_be_focused()
    context.close()


def test_long_button_title_is_cut_at_a_word_and_kept_whole_in_its_tooltip(page: Page, served: Served) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(served.url)
    ask(page, "khong co")
    shoot(page, "not-found-390")
    chip = page.locator(".turn.machine").last.locator(".chip").first
    expect(chip).to_have_attribute("title", LONG_NAME)
    label = chip.inner_text()
    assert label.endswith(" …") and len(label) < len(LONG_NAME)
    assert LONG_NAME.startswith(f"{label[:-2]} ")
    expect(page.get_by_role("button", name="Gặp người hỗ trợ")).not_to_have_attribute("title", LONG_NAME)
    chip.click()
    expect(page.locator(".turn.person").last).to_contain_text(label)
    assert served.dialogue.asked[1][0] == "#tt 2.001885"


def test_choice_is_a_button_with_its_facet(page: Page, served: Served) -> None:
    page.goto(served.url)
    ask(page, "khai sinh lai")
    choice = page.get_by_role("button", name="bố hoặc mẹ là người nước ngoài")
    choice.click()
    expect(page.locator(".turn.machine")).to_have_count(3)
    assert served.dialogue.asked[1][0] == "#tt 2.000528"


def test_whole_talk_works_by_keyboard(page: Page, served: Served) -> None:
    page.goto(served.url)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Tới ô đặt câu hỏi")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.type("khai sinh")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("cần gì")
    page.keyboard.press("Enter")
    expect(page.locator(".sources")).to_be_visible()
    assert served.dialogue.asked[0][0] == "khai sinh\ncần gì"
    expect(page.get_by_label("Câu hỏi của bạn")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("button", name="Gặp người hỗ trợ")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Miễn phí với trường hợp")).to_be_visible()


def test_history_outlives_a_reload_and_ends_when_cleared(page: Page, served: Served) -> None:
    page.goto(served.url)
    ask(page, "khai sinh cần gì")
    expect(page.locator(".sources")).to_be_visible()
    page.reload()
    expect(page.locator(".turn.person")).to_have_text("Bạn: khai sinh cần gì")
    ask(page, "khai sinh lai")
    expect(page.locator(".choices")).to_be_visible()
    assert len({session for _, session, _, _ in served.dialogue.asked}) == 1
    page.get_by_role("button", name="Hỏi lại từ đầu").click()
    expect(page.locator(".turn.person")).to_have_count(0)
    ask(page, "khai sinh cần gì")
    expect(page.locator(".sources")).to_be_visible()
    assert len({session for _, session, _, _ in served.dialogue.asked}) == 2


def test_lost_connection_offers_to_try_again_and_then_answers(page: Page, served: Served) -> None:
    page.goto(served.url)
    page.route("**/api/v1/ask", lambda route: route.abort())
    ask(page, "khai sinh cần gì")
    expect(page.get_by_role("alert")).to_contain_text("Chưa gửi được câu hỏi")
    shoot(page, "error-1440")
    page.unroute("**/api/v1/ask")
    page.get_by_role("button", name="Thử lại").click()
    expect(page.locator(".sources")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.locator(".turn.person")).to_have_count(1)


def test_waiting_is_shown_and_a_second_question_cannot_overtake(page: Page, served: Served) -> None:
    page.goto(served.url)
    held: list[Any] = []
    page.route("**/api/v1/ask", lambda route: held.append(route))
    ask(page, "khai sinh cần gì")
    expect(page.get_by_text("Đang tìm câu trả lời")).to_be_visible()
    expect(page.get_by_role("button", name="Gửi", exact=True)).to_be_disabled()
    held[0].continue_()
    expect(page.get_by_text("Đang tìm câu trả lời")).to_have_count(0)
    expect(page.locator(".sources")).to_be_visible()


def test_fault_inside_is_a_polite_bubble(page: Page, served: Served) -> None:
    served.dialogue.is_broken = True
    page.goto(served.url)
    ask(page, "khai sinh cần gì")
    expect(page.get_by_text("Xin lỗi bạn, mình vừa gặp trục trặc")).to_be_visible()


def test_page_says_it_is_a_machine_and_what_not_to_type(page: Page, served: Served) -> None:
    page.goto(served.url)
    expect(page.get_by_text("Bạn đang trò chuyện với máy.")).to_be_visible()
    expect(page.get_by_text("Đừng gõ số căn cước, mã OTP")).to_be_visible()


@pytest.mark.parametrize("width", list(WIDTHS))
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_scrolls_sideways(page: Page, served: Served, width: int, scheme: str) -> None:
    page.set_viewport_size({"width": width, "height": WIDTHS[width]})
    page.emulate_media(color_scheme=scheme)
    page.goto(served.url)
    assert not has_sideways_scroll(page)
    shoot(page, f"home-{width}-{scheme}")
    ask(page, "khai sinh cần gì")
    expect(page.locator(".sources")).to_be_attached()
    ask(page, "khai sinh lai")
    expect(page.locator(".choices")).to_be_attached()
    assert not has_sideways_scroll(page)
    page.locator("#chat-log").evaluate("log => { log.style.scrollBehavior = 'auto'; log.scrollTop = log.scrollHeight; }")
    page.locator("#chat").screenshot(path=SCREENSHOTS / f"chat-{width}-{scheme}.png")
    page.goto(f"{served.url}/docs")
    expect(page.get_by_role("heading", name="/api/v1/ask")).to_be_visible()
    assert not has_sideways_scroll(page)
    shoot(page, f"docs-{width}-{scheme}")


@pytest.mark.parametrize("width", [360, 1440])
def test_staff_sign_in_look_up_and_read_a_record(page: Page, served: Served, width: int) -> None:
    page.set_viewport_size({"width": width, "height": WIDTHS[width]})
    page.goto(f"{served.url}/staff")
    page.get_by_label("Tên đăng nhập").fill("lan")
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    shoot(page, f"staff-login-{width}")
    page.get_by_role("button", name="Đăng nhập").click()
    page.get_by_label("Câu hỏi, mã thủ tục").fill("lệ phí khai sinh")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Giữ lại (2)")).to_be_visible()
    expect(page.get_by_text("threshold")).to_be_visible()
    assert not has_sideways_scroll(page)
    page.screenshot(path=SCREENSHOTS / f"staff-lookup-{width}.png", full_page=True)
    page.get_by_role("link", name="Thủ tục đăng ký khai sinh").first.click()
    expect(page.get_by_role("heading", name="Thủ tục đăng ký khai sinh")).to_be_visible()
    assert not has_sideways_scroll(page)
    page.screenshot(path=SCREENSHOTS / f"staff-record-{width}.png", full_page=True)


def test_widget_opens_the_chat_in_a_frame(page: Page, served: Served) -> None:
    page.route(f"{served.url}/host", lambda route: route.fulfill(
        content_type="text/html", body='<!doctype html><h1>Cổng khác</h1><script src="/widget.js"></script>'
    ))  # fmt: skip
    page.goto(f"{served.url}/host")
    assert page.locator("#motcua-widget").is_hidden()
    page.get_by_role("button", name="Hỏi thủ tục").click()
    frame = page.frame_locator("#motcua-widget")
    expect(frame.get_by_role("heading", name="Hỏi Một Cửa")).to_be_visible()
