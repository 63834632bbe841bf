"""The talk itself, in the frame's page: waiting, losing the net, rating, cards, panels, and what must not break it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect
from sqlalchemy import select

from connectors.store.tables import Feedback
from tests.browser.conftest import FIELD, MARKUP, Served, ask, shoot, watch

pytestmark = pytest.mark.browser
ASK = "**/api/v1/ask"


# Waiting and failing


def test_questions_wait_while_the_net_is_gone_and_go_out_in_order_when_it_is_back(chat: Page, served: Served) -> None:
    chat.context.set_offline(True)
    ask(chat, "khai sinh cần gì")
    expect(chat.get_by_role("alert")).to_contain_text("Mất kết nối. Câu này đang chờ")
    ask(chat, "khai sinh lai")
    expect(chat.get_by_text("2 câu đang chờ gửi")).to_be_visible()
    shoot(chat, "talk-offline")
    chat.context.set_offline(False)
    expect(chat.locator(".choices li")).to_have_count(3)
    assert [question for question, *_ in served.dialogue.asked] == ["khai sinh cần gì", "khai sinh lai"]
    kinds = chat.locator(".turn").evaluate_all("nodes => nodes.map((node) => node.classList[1])")
    assert kinds == ["machine", "person", "machine", "person", "machine"], "each answer beneath its question"
    expect(chat.get_by_role("alert")).to_have_count(0)


def test_a_waiting_question_outlives_a_reload(chat: Page, served: Served) -> None:
    chat.route(ASK, lambda route: route.abort())
    ask(chat, "khai sinh cần gì")
    expect(chat.get_by_role("alert")).to_be_visible()
    chat.unroute(ASK)
    chat.reload()
    expect(chat.locator(".sources")).to_be_visible()
    assert len(served.dialogue.asked) == 1


def test_server_that_is_down_is_told_tried_again_and_given_up_at_last(chat: Page) -> None:
    chat.clock.install()
    calls: list[Route] = []
    chat.route(ASK, lambda route: (calls.append(route), route.fulfill(status=502, body="Bad gateway"))[1])
    ask(chat, "khai sinh cần gì")
    expect(chat.get_by_role("alert")).to_contain_text("Máy chủ chưa trả lời được")
    for seconds in (2, 5, 10, 20, 30, 60):
        n = len(calls)
        chat.clock.run_for(seconds * 1000 + 100)
        expect(chat.get_by_role("alert")).to_be_visible()
        assert len(calls) == n + 1, seconds
    expect(chat.get_by_role("alert")).to_contain_text("Mình đã thử nhiều lần")
    chat.get_by_role("button", name="Sửa câu hỏi").click()
    expect(chat.get_by_label(FIELD, exact=True)).to_have_value("khai sinh cần gì")
    expect(chat.locator(".turn.person")).to_have_count(0)


def test_rasa_that_is_down_goes_unnoticed(chat: Page, served: Served) -> None:
    served.dialogue.is_away = True
    ask(chat, "khai sinh cần gì")
    expect(chat.get_by_text("Trả lời trực tiếp.")).to_be_visible()
    expect(chat.get_by_role("alert")).to_have_count(0)


def test_ten_slow_seconds_are_explained_and_can_be_stopped(chat: Page) -> None:
    chat.clock.install()
    held: list[Route] = []
    chat.route(ASK, lambda route: held.append(route))
    ask(chat, "khai sinh cần gì")
    expect(chat.get_by_text("Đang tìm câu trả lời")).to_be_visible()
    chat.clock.run_for(4_100)
    expect(chat.get_by_text("Lâu hơn thường lệ một chút")).to_be_visible()
    chat.clock.run_for(6_000)
    expect(chat.get_by_text("Máy chủ đang rất bận")).to_be_visible()
    shoot(chat, "talk-slow")
    chat.get_by_role("button", name="Dừng, không chờ nữa").click()
    expect(chat.get_by_role("alert")).to_contain_text("Đã dừng")
    chat.unroute(ASK)
    chat.get_by_role("button", name="Gửi lại ngay").click()
    expect(chat.locator(".sources")).to_be_visible()


def test_the_sixteenth_question_of_a_minute_waits_and_goes_out_by_itself(new_context: Callable[..., BrowserContext], served: Served) -> None:
    page = new_context(extra_http_headers={"X-Forwarded-For": "203.0.113.7"}).new_page()
    page.goto(f"{served.url}/embed")
    page.evaluate("localStorage.setItem('motcua.chat.v2', JSON.stringify({session: 'busy', turns: [], at: Date.now()}))")
    for _ in range(15):
        page.request.post(f"{served.url}/api/v1/ask", data={"question": "khong co", "session_id": "busy"}, headers={"X-Forwarded-For": "203.0.113.7"})
    page.reload()
    ask(page, "khong co")
    note = page.get_by_role("alert")
    expect(note).to_contain_text("Bạn hỏi hơi nhanh. Câu này tự gửi sau")
    shoot(page, "talk-too-fast")


def test_answer_that_is_no_json_is_explained(chat: Page) -> None:
    chat.route(ASK, lambda route: route.fulfill(status=200, body="<html>proxy</html>"))
    ask(chat, "khai sinh cần gì")
    expect(chat.get_by_role("alert")).to_contain_text("không đúng dạng")


# What must not break it


def test_answer_of_twenty_thousand_characters_opens_on_demand(chat: Page) -> None:
    ask(chat, "rat dai")
    rest = chat.get_by_text("Xem tiếp (còn")
    expect(rest).to_be_visible()
    shoot(chat, "talk-long")
    shown = len(chat.locator(".turn.machine .bubble").last.inner_text())
    assert shown < 4_000
    rest.click()
    expect(chat.get_by_text("Đoạn 33.")).to_be_attached()


def test_markup_everywhere_stays_text(chat: Page) -> None:
    title = chat.title()
    chat.get_by_label(FIELD, exact=True).fill(f"ma la {MARKUP}")
    chat.keyboard.press("Enter")
    expect(chat.get_by_text("Chưa đúng")).to_be_visible()
    chat.get_by_text("Xem đoạn được dẫn").click()
    assert chat.locator("#chat img, #chat script, #chat a[href^='javascript']").count() == 0
    assert chat.title() == title
    chat.reload()
    expect(chat.locator(".turn.person .bubble")).to_contain_text("<script>")
    assert chat.title() == title


def test_storage_that_is_refused_costs_only_the_history(new_context: Callable[..., BrowserContext], served: Served) -> None:
    page = new_context().new_page()
    faults = watch(page, served.url)
    page.add_init_script("for (const name of ['localStorage', 'sessionStorage']) Object.defineProperty(window, name, { get() { throw new DOMException('refused', 'SecurityError'); } });"
                         "Object.defineProperty(document, 'cookie', { get() { throw new DOMException('refused', 'SecurityError'); } });")  # fmt: skip
    page.goto(f"{served.url}/embed")
    expect(page.get_by_text("Trình duyệt không cho lưu")).to_be_visible()
    ask(page, "khai sinh cần gì")
    expect(page.locator(".sources")).to_be_visible()
    ask(page, "khai sinh lai")
    expect(page.locator(".choices li")).to_have_count(3)
    assert len({session for _, session, *_ in served.dialogue.asked}) == 1
    assert faults == []


def test_choices_stand_beneath_the_question_they_belong_to(chat: Page) -> None:
    ask(chat, "vợ em moi sinh")
    expect(chat.locator(".choices li")).to_have_count(3)
    expect(chat.locator(".turn.machine").last.locator(".bubble")).to_have_count(2)  # bubbles appear one after the other
    parts = chat.locator(".turn.machine").last.locator(".bubble, .choices").evaluate_all("nodes => nodes.map((node) => node.className)")
    assert parts == ["bubble", "choices", "bubble"]
    expect(chat.locator(".turn.machine").last.locator(".bubble").first).not_to_contain_text("1.")
    shoot(chat, "talk-event")


def test_storage_that_is_full_or_damaged_costs_only_the_history(new_context: Callable[..., BrowserContext], served: Served) -> None:
    page = new_context().new_page()
    page.add_init_script("localStorage.setItem('motcua.chat.v2', '{\"turns\": [{\"id\": 1}], \"at\":'); Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };")
    page.goto(f"{served.url}/embed")
    ask(page, "khai sinh cần gì")
    expect(page.locator(".sources")).to_be_visible()


@pytest.mark.parametrize("year", ["1999-01-01", "2049-12-31"])
def test_a_wrong_clock_changes_nothing(new_context: Callable[..., BrowserContext], served: Served, year: str) -> None:
    page = new_context().new_page()
    page.clock.install(time=f"{year}T03:00:00")
    page.goto(f"{served.url}/embed")
    ask(page, "khai sinh cần gì")
    expect(page.get_by_text("Giấy chứng sinh.")).to_be_visible()
    page.clock.run_for(2_000)
    expect(page.locator(".sources")).to_be_visible()
    page.reload()
    expect(page.locator(".turn.person")).to_have_count(1)
    page.clock.set_fixed_time("1990-01-01T00:00:00")  # set back while the talk is kept
    page.reload()
    expect(page.locator(".turn.person")).to_have_count(1)


def test_private_numbers_never_leave_the_browser(chat: Page, served: Served) -> None:
    sent: list[str] = []
    chat.on("request", lambda request: sent.append(request.post_data or ""))
    for text in ("Căn cước của tôi là 001099012345, đổi ở đâu?", "mã OTP là 482913", "số tài khoản 0123456789 có sao không", "thẻ 9704 1234 5678 9012", "mật khẩu của tôi là Abc@123"):
        ask(chat, text)
        box = chat.get_by_role("alertdialog")
        expect(box).to_be_visible()
        expect(box.get_by_role("button", name="Che đi rồi gửi")).to_be_focused()
        chat.get_by_role("button", name="Sửa lại câu").click()
        expect(chat.get_by_label(FIELD, exact=True)).to_have_value(text)
    assert not sent
    ask(chat, "Căn cước của tôi là 001099012345, đổi ở đâu?")
    shoot(chat, "talk-guard")
    chat.get_by_role("button", name="Che đi rồi gửi").click()
    expect(chat.locator(".sources")).to_be_visible()
    assert served.dialogue.asked[0][0] == "Căn cước của tôi là [đã che], đổi ở đâu?"
    assert "001099012345" not in chat.evaluate("JSON.stringify(localStorage)")


def test_a_password_that_was_covered_is_no_secret_to_the_server_nor_to_the_browser_again(chat: Page, served: Served) -> None:
    ask(chat, "mật khẩu VNeID là Hoa@123 thì vào ở đâu")
    chat.get_by_role("button", name="Che đi rồi gửi").click()
    expect(chat.locator(".sources")).to_be_visible()
    covered = "mật khẩu VNeID là [đã che] thì vào ở đâu"
    ask(chat, covered)
    expect(chat.locator(".sources")).to_have_count(2)
    assert [asked[0] for asked in served.dialogue.asked] == [covered, covered]


@pytest.mark.parametrize("harmless", ["thủ tục 1.001193.000.00.00.H01 cần gì", "Mẫu CT01, thủ tục 1.001193, Quyết định 1234/QĐ-BCA ngày 15/07/2026", "lệ phí 1.500.000 đồng hay 2000000 đồng", "mật khẩu là gì, lấy ở đâu", "quên mã OTP thì làm sao", "gọi 18001096"])
def test_harmless_numbers_go_through(chat: Page, served: Served, harmless: str) -> None:
    ask(chat, harmless)
    expect(chat.locator(".turn.person")).to_have_count(1)
    expect(chat.get_by_role("alertdialog")).to_have_count(0)


# What one can do with an answer


def test_misunderstanding_is_mended_with_one_tap(chat: Page, served: Served) -> None:
    ask(chat, "khai sinh cần gì")
    expect(chat.get_by_text("Mình hiểu là: Làm khai sinh cần giấy tờ gì?")).to_be_attached()
    assert chat.get_by_role("button", name="Không phải việc này").count() == 0, "not twice"
    chat.get_by_role("button", name="Không phải, tìm việc khác").click()
    expect(chat.locator(".sources")).to_have_count(2)
    assert served.dialogue.asked[1][0] == "#khac"


def test_an_answer_that_says_nothing_of_how_it_was_understood_can_be_corrected_too(chat: Page, served: Served) -> None:
    ask(chat, "ro rang: khai sinh online")
    expect(chat.get_by_text("Bạn nộp trực tuyến được.")).to_be_visible()
    expect(chat.get_by_text("Mình hiểu là:")).to_have_count(0)
    chat.get_by_role("button", name="Không phải, tìm việc khác").click()
    expect(chat.locator(".sources")).to_have_count(2)
    assert served.dialogue.asked[1][0] == "#khac"


def test_good_answer_is_rated_with_one_tap_and_a_bad_one_with_a_reason(chat: Page, served: Served) -> None:
    ask(chat, "khai sinh cần gì")
    chat.get_by_role("button", name="Đúng ý").click()
    expect(chat.get_by_text("Cảm ơn bạn đã cho biết.")).to_be_focused()
    ask(chat, "khong co")
    chat.get_by_role("button", name="Chưa đúng").click()
    expect(chat.get_by_label("Nhầm sang việc khác")).to_be_focused()
    chat.get_by_label("Thiếu điều mình cần").check()
    chat.get_by_label("Nói thêm (không bắt buộc)").fill("Thiếu lệ phí, căn cước 001099012345")
    shoot(chat, "talk-rating")
    chat.get_by_role("button", name="Gửi góp ý").click()
    expect(chat.get_by_text("Cảm ơn bạn đã cho biết.")).to_have_count(2)
    with served.store.session() as session:
        good, bad = session.scalars(select(Feedback).order_by(Feedback.id.desc()).limit(2)).all()[::-1]
    assert (good.rating, good.procedure_code, bad.rating, bad.reason) == (1, "1.001193", -1, "missing")
    assert bad.comment == "Thiếu lệ phí, căn cước [đã che]"
    chat.reload()
    expect(chat.get_by_text("Cảm ơn bạn đã cho biết.")).to_have_count(2)


def test_card_holds_a_checklist_a_table_and_opens_at_the_passage(chat: Page) -> None:
    ask(chat, "khai sinh cần gì")
    chat.get_by_role("button", name="Xem đoạn được dẫn").click()
    tick = chat.get_by_role("checkbox", name="Giấy chứng sinh")
    expect(tick).to_be_visible()
    expect(chat.get_by_role("group", name="Giấy tờ cần có")).to_be_focused()
    tick.check()
    expect(chat.get_by_text("Đã có 1 trên 1")).to_be_visible()
    expect(chat.get_by_role("row", name="Trực tiếp Ngay trong ngày Miễn phí")).to_be_attached()
    expect(chat.get_by_role("row", name="Trực tuyến 2 (nguồn không ghi đơn vị) nguồn không ghi")).to_be_attached()
    expect(chat.get_by_role("link", name="Nộp trực tuyến")).to_have_attribute("href", "https://example.vn/1.001193")
    shoot(chat, "talk-card")
    chat.reload()
    chat.locator("details.card > summary").click()
    expect(chat.get_by_role("checkbox", name="Giấy chứng sinh")).to_be_checked()


def test_what_a_card_shows_is_brought_into_sight(chat: Page) -> None:
    ask(chat, "khai sinh cần gì")
    card = chat.locator(".card")
    expect(card).to_be_visible()
    chat.locator("#chat-log").evaluate("log => log.scrollTop += log.querySelector('.card').getBoundingClientRect().bottom - log.getBoundingClientRect().bottom")
    card.locator("> summary").click()
    expect(chat.get_by_role("checkbox", name="Giấy chứng sinh")).to_be_in_viewport()
    expect(card.locator("> summary")).to_be_in_viewport()


def test_card_that_cannot_be_read_says_so_and_opens_later(chat: Page) -> None:
    chat.route("**/api/v1/procedures/*", lambda route: route.abort())
    ask(chat, "khai sinh cần gì")
    chat.locator("details.card > summary").click()
    expect(chat.get_by_text("Chưa mở được thẻ này.")).to_be_visible()
    chat.unroute("**/api/v1/procedures/*")
    chat.get_by_role("button", name="Thử lại").click()
    expect(chat.get_by_role("checkbox", name="Giấy chứng sinh")).to_be_visible()


def test_answer_can_be_copied_with_its_source_and_read_aloud(new_context: Callable[..., BrowserContext], served: Served) -> None:
    page = new_context(permissions=["clipboard-read", "clipboard-write"]).new_page()
    page.add_init_script("""
      window.said = [];
      const voices = [{ lang: 'vi-VN', name: 'Giọng thử' }];
      Object.defineProperty(window, 'speechSynthesis', { value: { getVoices: () => voices, speaking: false, speak: (each) => said.push(each.text), cancel() {} } });
      window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
    """)
    page.goto(f"{served.url}/embed")
    ask(page, "khai sinh cần gì")
    page.get_by_role("button", name="Chép").click()
    expect(page.get_by_role("button", name="Đã chép")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "Giấy chứng sinh" in copied and "https://example.vn/1.001193" in copied
    page.get_by_role("button", name="Nghe").click()
    assert "Giấy chứng sinh" in page.evaluate("said[0]") and "https" not in page.evaluate("said[0]")


def test_a_voice_that_comes_late_is_offered_for_what_is_there_already(new_context: Callable[..., BrowserContext], served: Served) -> None:
    """Chromium names no voice when it is first asked."""
    page = new_context().new_page()
    page.add_init_script("""
      const speech = new EventTarget(), voices = [];
      speech.getVoices = () => voices;
      window.comeVoice = () => { voices.push({ lang: 'vi-VN', name: 'Giọng thử' }); speech.dispatchEvent(new Event('voiceschanged')); };
      Object.defineProperty(window, 'speechSynthesis', { value: speech });
    """)
    page.goto(f"{served.url}/embed")
    ask(page, "khai sinh cần gì")
    expect(page.get_by_role("button", name="Chép")).to_be_visible()
    expect(page.get_by_role("button", name="Nghe")).to_have_count(0)
    page.evaluate("comeVoice()")
    expect(page.get_by_role("button", name="Nghe")).to_be_visible()


def test_without_a_vietnamese_voice_reading_aloud_is_not_offered(chat: Page) -> None:
    ask(chat, "khai sinh cần gì")
    expect(chat.get_by_role("button", name="Chép")).to_be_visible()
    expect(chat.get_by_role("button", name="Nghe")).to_have_count(0)


def test_voice_typing_says_first_who_hears_it_and_fills_the_field(new_context: Callable[..., BrowserContext], served: Served) -> None:
    page = new_context().new_page()
    page.add_init_script("""
      window.webkitSpeechRecognition = window.SpeechRecognition = class {
        start() { window.started = (window.started || 0) + 1; setTimeout(() => { this.onresult({ results: [[{ transcript: 'khai sinh cần gì' }]] }); this.onend(); }, 20); }
        stop() {}
      };
    """)
    page.goto(f"{served.url}/embed")
    page.get_by_role("button", name="Nói thay vì gõ").click()
    expect(page.get_by_role("dialog")).to_contain_text("Có trình duyệt gửi âm thanh cho nhà cung cấp")
    assert page.evaluate("window.started") is None
    page.get_by_role("button", name="Đồng ý, bắt đầu nói").click()
    expect(page.get_by_label(FIELD, exact=True)).to_have_value("khai sinh cần gì")
    assert served.dialogue.asked == [], "it is sent by the person"
    page.get_by_role("button", name="Nói thay vì gõ").click()
    assert page.evaluate("window.started") == 2, "asked once only"
