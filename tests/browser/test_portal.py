"""The portal, API and staff pages in a real Chromium against a real server; only the answers are scripted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import LONG_NAME, PASSWORD, SCREENSHOTS, Served, ask, has_sideways_scroll, shoot
from tests.unit.connectors.fakes import CITATION

pytestmark = pytest.mark.browser

WIDTHS = {360: 740, 768: 1024, 1440: 900}


def assert_last_turn_in_sight(page: Page, window_height: int | None = None) -> None:
    """The newest question stands at the top of the log, the start of its answer within it."""
    log, question, answer = (
        page.locator(where).bounding_box() for where in ("#chat-log", ".turn.person >> nth=-1", ".turn.machine >> nth=-1")
    )
    assert log["y"] <= question["y"] <= log["y"] + 40, (log, question)
    assert question["y"] < answer["y"] < log["y"] + log["height"] - 40, (log, answer)
    if window_height:
        assert question["y"] >= 0 and answer["y"] + 40 < window_height, (question, answer)


def test_question_is_answered_with_its_source(page: Page, served: Served) -> None:
    page.goto(served.url)
    ask(page, "khai sinh cần gì")
    log = page.get_by_role("log")
    expect(log.get_by_text("Giấy chứng sinh.")).to_be_visible()
    expect(log.get_by_text("Mình hiểu là: Làm khai sinh cần giấy tờ gì?")).to_be_attached()
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


def test_touch_keyboard_is_closed_by_asking_and_not_opened_by_the_answer(
    new_context: Callable[..., BrowserContext], served: Served
) -> None:
    page = new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True).new_page()
    page.goto(served.url)
    page.get_by_label("Câu hỏi của bạn", exact=True).tap()
    expect(page.get_by_label("Câu hỏi của bạn", exact=True)).to_be_focused()
    page.keyboard.type("khai sinh cần gì")
    page.get_by_role("button", name="Gửi", exact=True).tap()
    expect(page.locator("#chat-log")).to_have_attribute("aria-busy", "false")
    expect(page.locator(".sources")).to_be_attached()
    expect(page.get_by_label("Câu hỏi của bạn", exact=True)).not_to_be_focused()


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
    expect(page.get_by_label("Câu hỏi của bạn", exact=True)).to_be_focused()
    expect(page.get_by_role("button", name="Chưa đúng")).to_be_visible()
    wanted = page.get_by_role("button", name="Hết bao nhiêu tiền?")
    for _ in range(12):
        page.keyboard.press("Shift+Tab")
        if wanted.evaluate("node => node === document.activeElement"):
            break
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
    page.get_by_role("button", name="Tùy chọn").click()
    page.get_by_role("button", name="Xóa cuộc trò chuyện").click()
    page.get_by_role("button", name="Xóa hết").click()
    expect(page.locator(".turn.person")).to_have_count(0)
    ask(page, "khai sinh cần gì")
    expect(page.locator(".sources")).to_be_visible()
    assert len({session for _, session, _, _ in served.dialogue.asked}) == 2


def test_lost_connection_offers_to_try_again_and_then_answers(page: Page, served: Served) -> None:
    page.goto(served.url)
    page.route("**/api/v1/ask", lambda route: route.abort())
    ask(page, "khai sinh cần gì")
    expect(page.get_by_role("alert")).to_contain_text("Mất kết nối. Câu này đang chờ")
    shoot(page, "error-1440")
    page.unroute("**/api/v1/ask")
    page.get_by_role("button", name="Gửi lại ngay").click()
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
