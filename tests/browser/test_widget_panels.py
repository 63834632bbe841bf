"""Panels of the talk and what is kept of it: a person, deletion, carrying on, tabs, print, settings."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from connectors.store.contacts import list_contacts
from connectors.widget.qr_path import qr_path
from tests.browser.conftest import FIELD, Served, ask, option, shoot

pytestmark = pytest.mark.browser
ASK = "**/api/v1/ask"


def test_person_with_hours_and_a_contact_that_reaches_the_staff_page(chat: Page, served: Served) -> None:
    ask(chat, "khai sinh cần gì")
    option(chat, "Gặp người hỗ trợ")
    panel = chat.get_by_role("dialog")
    expect(panel).to_contain_text("Thứ hai đến thứ sáu 7:30–11:30, 13:30–17:00")
    expect(panel.get_by_role("link", name="1022")).to_have_attribute("href", "tel:1022")
    expect(panel.get_by_label("Cần hỏi việc gì")).to_have_value("khai sinh cần gì")
    reach = panel.get_by_label("Số điện thoại hoặc thư điện tử")
    reach.fill("abc")
    panel.get_by_role("button", name="Gửi yêu cầu").click()
    expect(reach).to_be_focused()
    expect(panel.get_by_role("alert")).to_contain_text("cần một số điện thoại")
    reach.fill("0912 345 678")
    panel.get_by_role("button", name="Gửi yêu cầu").click()
    expect(panel.get_by_role("alert")).to_contain_text("Cần bạn đồng ý")
    panel.get_by_label("Tôi đồng ý để cơ quan").check()
    shoot(chat, "talk-contact")
    panel.get_by_role("button", name="Gửi yêu cầu").click()
    expect(panel).to_contain_text("Đã nhận yêu cầu số")
    kept = list_contacts(served.store)[-1]
    assert (kept.reach, kept.procedure_code) == ("0912 345 678", "1.001193")


def test_conversation_is_deleted_here_and_at_the_server(chat: Page, served: Served) -> None:
    ask(chat, "khai sinh cần gì")
    expect(chat.locator(".sources")).to_be_visible()
    session = served.dialogue.asked[0][1]
    option(chat, "Xóa cuộc trò chuyện")
    chat.get_by_role("button", name="Thôi").click()
    expect(chat.locator(".turn.person")).to_have_count(1)
    option(chat, "Xóa cuộc trò chuyện")
    chat.get_by_role("button", name="Xóa hết").click()
    expect(chat.get_by_text("Đã xóa cuộc trò chuyện.")).to_be_visible()
    expect(chat.locator(".turn.person")).to_have_count(0)
    assert served.dialogue.forgotten == [session]
    assert chat.evaluate("localStorage.getItem('motcua.chat.v2')") is None


def test_code_to_carry_on_is_shown_as_a_picture_and_in_letters(chat: Page) -> None:
    ask(chat, "khai sinh cần gì")
    expect(chat.locator(".sources")).to_be_visible()
    option(chat, "Tiếp tục trên điện thoại")
    picture = chat.get_by_role("img", name="Mở Telegram")
    expect(picture).to_be_visible()
    assert picture.locator("path").get_attribute("d") == qr_path("https://t.example/bot?start=K3TW9FQA")[0]
    expect(chat.get_by_text("K3TW-9FQA")).to_be_visible()
    shoot(chat, "talk-carry")


def test_talk_of_another_channel_goes_on_here_by_its_code(chat: Page, served: Served) -> None:
    taken: list[dict] = []

    def take(route: Route) -> None:
        taken.append(route.request.post_data_json)
        is_right = taken[-1]["code"] == "K3TW-9FQA"
        route.fulfill(status=200 if is_right else 404, json={"session_id": taken[-1]["session_id"], "origin": "telegram"})

    chat.route("**/api/v1/carry-on/take", take)
    option(chat, "Tiếp tục trên điện thoại")
    code = chat.get_by_label("Đang hỏi dở ở Zalo hoặc Telegram?")
    code.fill("SAI")
    chat.get_by_role("button", name="Hỏi tiếp ở đây").click()
    expect(chat.get_by_text("Mã chưa đúng hoặc đã hết hạn.")).to_be_visible()
    code.fill("K3TW-9FQA")
    chat.get_by_role("button", name="Hỏi tiếp ở đây").click()
    expect(chat.get_by_text("Đã nối với cuộc trước.")).to_be_visible()
    ask(chat, "khai sinh cần gì")
    expect(chat.locator(".sources")).to_be_visible()
    assert served.dialogue.asked[0][1] == taken[-1]["session_id"]


def test_talk_goes_along_in_another_tab(chat: Page, served: Served) -> None:
    ask(chat, "khai sinh cần gì")
    expect(chat.locator(".sources")).to_be_visible()
    other = chat.context.new_page()
    other.goto(f"{served.url}/embed")
    expect(other.locator(".turn.person")).to_have_count(1)
    ask(other, "khai sinh lai")
    expect(other.locator(".choices li")).to_have_count(3)
    expect(chat.locator(".choices li")).to_have_count(3)
    assert len({session for _, session, *_ in served.dialogue.asked}) == 1


def test_a_question_of_another_tab_is_seen_and_left_to_it(chat: Page, served: Served) -> None:
    other = chat.context.new_page()
    other.goto(f"{served.url}/embed")
    served.dialogue.delay_s = 1.0
    ask(chat, "khai sinh cần gì")
    expect(other.locator(".turn.person")).to_have_count(1)
    other.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(other.get_by_role("alert")).to_have_count(0)
    ask(other, "khai sinh lai")
    expect(other.locator(".choices li")).to_have_count(3)
    for page in (chat, other):
        expect(page.locator(".turn.person")).to_have_count(2)
        expect(page.locator(".sources")).to_have_count(1)
        expect(page.locator(".choices li")).to_have_count(3)
    assert sorted(question for question, *_ in served.dialogue.asked) == ["khai sinh cần gì", "khai sinh lai"]
    assert chat.evaluate("JSON.parse(localStorage['motcua.chat.v2']).turns.length") == 4


def test_what_is_deleted_in_one_tab_does_not_come_back_from_another_that_waits(chat: Page, served: Served) -> None:
    ask(chat, "khai sinh cần gì")
    expect(chat.locator(".sources")).to_be_visible()
    other = chat.context.new_page()
    other.goto(f"{served.url}/embed")
    served.dialogue.delay_s = 5.0  # longer than three taps take on a busy machine
    with other.expect_event("requestfailed", lambda request: request.url.endswith("/ask")):
        ask(other, "khai sinh lai")
        expect(other.get_by_text("Đang tìm câu trả lời")).to_be_visible()
        chat.get_by_role("button", name="Tùy chọn").click()
        chat.get_by_role("button", name="Xóa cuộc trò chuyện").click()
        chat.get_by_role("button", name="Xóa hết").click()
    for page in (chat, other):
        expect(page.locator(".turn.person")).to_have_count(0)
        expect(page.get_by_label(FIELD, exact=True)).to_be_visible()
    assert "khai sinh" not in chat.evaluate("localStorage['motcua.chat.v2'] || ''")
    expect(other.get_by_role("button", name="Gửi", exact=True)).to_be_enabled()


@pytest.mark.parametrize("kept", ["none", "tab"])
def test_kiosks_and_helpers_leave_nothing_on_the_device(page: Page, served: Served, kept: str) -> None:
    page.goto(f"{served.url}/embed#v=1&history={kept}")
    ask(page, "khai sinh cần gì")
    expect(page.locator(".sources")).to_be_visible()
    assert page.evaluate("localStorage.length") == 0
    page.reload()
    expect(page.get_by_label(FIELD, exact=True)).to_be_visible()
    expect(page.locator(".turn.person")).to_have_count(1 if kept == "tab" else 0)


def test_talk_is_downloaded_as_text_and_printed_without_controls(chat: Page) -> None:
    ask(chat, "khai sinh cần gì")
    expect(chat.locator(".sources")).to_be_visible()
    with chat.expect_download() as waiting:
        option(chat, "Tải về dạng chữ")
    text = Path(waiting.value.path()).read_text("utf-8-sig")
    assert text.startswith("Bạn: khai sinh cần gì") and "Nguồn:" in text
    chat.emulate_media(media="print")
    expect(chat.locator(".chat-form")).to_be_hidden()
    expect(chat.locator(".turn-tools")).to_be_hidden()
    expect(chat.get_by_text("Giấy chứng sinh.")).to_be_visible()


def test_settings_are_kept(chat: Page) -> None:
    chat.get_by_role("button", name="Tùy chọn").click()
    for name in ("Rất lớn", "Tối", "Chỉ chữ, không màu và hình"):
        chat.get_by_role("dialog").get_by_label(name, exact=True).check()
    chat.keyboard.press("Escape")
    expect(chat.get_by_role("button", name="Tùy chọn")).to_be_focused()
    chat.reload()
    root = chat.locator("#chat")
    for name, value in {"data-size": "2", "data-scheme": "dark", "data-plain": ""}.items():
        expect(root).to_have_attribute(name, value)
    assert float(root.evaluate("node => getComputedStyle(node).fontSize").removesuffix("px")) == 26
