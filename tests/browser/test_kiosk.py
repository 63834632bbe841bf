"""The kiosk and the volunteer's screen in a real Chromium: by touch, wiped, locked, and when things break."""

# ruff: noqa: F811 - parameters of tests have the names of the fixtures above
from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from connectors.notice import CHECK_EVERY_S, turn_off, turn_on
from tests.browser.accessibility import violations
from tests.browser.conftest import Served, has_sideways_scroll, shoot, watch
from tests.browser.lobby import IDLE_S, WARNING_S, lobby, notice_file, served, type_by_touch  # noqa: F401 - fixtures
from tests.unit.connectors.fakes import BIRTH

pytestmark = pytest.mark.browser

TYPED = [
    ("hoa{huyen}", "hòa"), ("hoa{huyen}n", "hoàn"), ("quy{sac}", "quý"), ("gia{huyen}", "già"), ("gi{huyen}", "gì"),
    ("ngoai{huyen}", "ngoài"), ("dđuưo{huyen}ng", "đường"), ("giâ{sac}y tơ{huyen}", "giấy tờ"), ("thuê{sac}", "thuế"),
    ("nghiê{nang}p", "nghiệp"), ("quâ{nang}n", "quận"), ("ma{sac}{sac}", "ma"), ("ma{sac}{nang}", "mạ"), ("hoa{huyen}n<", "hòa"),
    ("khuy{hoi}u", "khuỷu"), ("xa{nga}{}", "xa"), ("1{sac}", "1"), ("con {sac}", "con "), ("eêm", "êm"),
]  # fmt: skip
COMPOSE = """async (keys) => {
  const { withTone, withLetter, withoutLast } = await import("/static/pages/compose.js");
  let text = "";
  for (const key of keys.match(/\\{\\w*\\}|./gu)) {
    if (key[0] === "{") text = withTone(text, key.slice(1, -1));
    else text = key === "<" ? withoutLast(text) : withLetter(text, key);
  }
  return text;
}"""


@pytest.fixture
def touch(new_context: Callable[..., BrowserContext], served: Served) -> Iterator[Page]:
    """A lobby's upright screen; its clock stands until a test moves it."""
    page = new_context(viewport={"width": 1080, "height": 1920}, has_touch=True).new_page()
    faults = watch(page, served.url)
    page.clock.install()
    page.goto(served.url + "/kiosk")
    expect(page.get_by_role("heading", name="Ông/bà cần làm việc gì?")).to_be_visible()
    yield page
    assert faults == []


def ask_by_touch(page: Page) -> None:
    page.get_by_role("button", name="Gõ câu hỏi").tap()
    type_by_touch(page, *"khai", "Dấu cách", *"sinh", "Gửi câu hỏi")


def test_a_question_typed_by_touch_is_answered_and_its_papers_open(touch: Page, served: Served) -> None:
    touch.get_by_role("button", name="Gõ câu hỏi").tap()
    type_by_touch(touch, *"lam", "Dấu huyền", "Dấu cách", *"giâ", "Dấu sắc", "y", "Dấu cách", *"khai", "x", "Xóa một chữ", "Dấu cách", *"sinh")
    expect(touch.get_by_label("Câu hỏi", exact=True)).to_have_value("làm giấy khai sinh")
    assert violations(touch) == []
    shoot(touch, "kiosk-keys-1080")
    type_by_touch(touch, "Gửi câu hỏi")
    log = touch.get_by_role("log")
    expect(log.get_by_text("ông/bà chuẩn bị")).to_be_visible()
    expect(log.get_by_text("Nguồn: Thủ tục đăng ký khai sinh · 1.001193")).to_be_visible()
    assert served.dialogue.asked[0][0] == "làm giấy khai sinh"
    assert violations(touch) == []
    shoot(touch, "kiosk-answer-1080")
    touch.get_by_role("button", name="Xem giấy tờ cần mang, mã QR").tap()
    touch.get_by_role("checkbox", name="Giấy chứng sinh").check()
    expect(touch.get_by_role("img", name="Mã QR mở trang thủ tục này")).to_be_visible()
    assert violations(touch) == []
    shoot(touch, "kiosk-checklist-1080")


def test_choices_stand_beneath_the_question_they_belong_to(touch: Page) -> None:
    touch.get_by_role("button", name="Gõ câu hỏi").tap()
    type_by_touch(touch, *"moi", "Dấu cách", *"sinh", "Gửi câu hỏi")
    log = touch.get_by_role("log")
    expect(log.locator(".k-list button")).to_have_count(3)
    expect(log.locator(".k-answer")).to_have_count(3)  # answers appear one after the other
    parts = log.locator(".k-answer, .k-list").evaluate_all("nodes => nodes.map((node) => node.classList.contains('k-list') ? 'list' : 'answer')")
    assert parts == ["answer", "answer", "list", "answer"], "greeting, question, its choices, the answer"


@pytest.mark.parametrize(("keys", "expected"), TYPED)
def test_tones_land_where_they_belong_in_whatever_order(page: Page, served: Served, keys: str, expected: str) -> None:
    page.goto(served.url + "/robots.txt")
    assert page.evaluate(COMPOSE, keys) == expected


def test_idle_screen_warns_then_wipes_everything(touch: Page, served: Served) -> None:
    ask_by_touch(touch)
    expect(touch.get_by_text("ông/bà chuẩn bị")).to_be_visible()
    touch.evaluate("localStorage.x = sessionStorage.y = 'khai sinh'; window.marked = 1")
    touch.clock.run_for((IDLE_S - WARNING_S + 1) * 1000)
    expect(touch.get_by_role("dialog")).to_be_visible()
    assert violations(touch) == []
    shoot(touch, "kiosk-idle-1080")
    touch.get_by_role("button", name="Còn, dùng tiếp").tap()
    touch.clock.run_for((IDLE_S - WARNING_S - 2) * 1000)
    expect(touch.get_by_text("ông/bà chuẩn bị")).to_be_visible()
    touch.clock.run_for((WARNING_S + 4) * 1000)
    expect(touch.get_by_role("heading", name="Ông/bà cần làm việc gì?")).to_be_visible()
    assert touch.evaluate("[window.marked, localStorage.length, sessionStorage.length, document.body.innerText.includes('chuẩn bị')]") == [None, 0, 0, False]
    first = served.dialogue.asked[0][1]
    ask_by_touch(touch)
    expect(touch.get_by_text("ông/bà chuẩn bị")).to_be_visible()
    assert served.dialogue.asked[-1][1] != first, "a session of its own per person"
    assert touch.evaluate("history.length") <= 2, "no way back to the person before"


def test_an_answer_that_comes_late_is_not_shown_to_the_next_person(touch: Page, served: Served) -> None:
    served.dialogue.delay_s = 0.6
    ask_by_touch(touch)
    expect(touch.get_by_text("Đang tìm")).to_be_visible()
    touch.get_by_role("button", name="Xong, xóa hết").tap()
    expect(touch.get_by_role("heading", name="Ông/bà cần làm việc gì?")).to_be_visible()
    served.dialogue.delay_s = 0.0
    touch.get_by_role("button", name="Gõ câu hỏi").tap()
    type_by_touch(touch, *"lai", "Gửi câu hỏi")
    expect(touch.get_by_text("Có mấy thủ tục gần")).to_be_visible()
    expect(touch.get_by_text("chuẩn bị")).to_have_count(0)


def test_the_screen_offers_no_way_out(touch: Page) -> None:
    assert touch.locator("a").count() == 0
    stopped = touch.evaluate("""() => {
      const send = (event) => !document.querySelector("h1").dispatchEvent(event);
      const key = (key, more) => send(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more }));
      return [send(new MouseEvent("contextmenu", { bubbles: true, cancelable: true })), key("F5"), key("ArrowLeft", { altKey: true }),
              key("t", { ctrlKey: true }), window.open("https://example.vn"), key("v", { ctrlKey: true }), key("b"), key("z", { ctrlKey: true })];
    }""")
    assert stopped == [True, True, True, True, None, True, False, False]


def test_numbers_of_a_person_do_not_leave_the_screen(touch: Page, served: Served) -> None:
    touch.get_by_role("button", name="Gõ câu hỏi").tap()
    touch.get_by_label("Câu hỏi", exact=True).fill("căn cước 079 085 001 234 mã 1.001193 làm khai sinh")
    type_by_touch(touch, "Gửi câu hỏi")
    expect(touch.get_by_text("Máy đã che dãy số")).to_be_visible()
    expect(touch.get_by_text("ông/bà chuẩn bị")).to_be_visible()
    assert served.dialogue.asked[0][0] == "căn cước [số đã che] mã 1.001193 làm khai sinh"
    expect(touch.get_by_text("079 085")).to_have_count(0)


@pytest.mark.parametrize(("typed", "sent"), [
    ("mã OTP là 482913 thì nhập ở đâu", "mã OTP là [số đã che] thì nhập ở đâu"),
    ("thẻ 9704 1234 5678 9012 nộp phí được không", "thẻ [số đã che] nộp phí được không"),
    ("gọi 0912 345 678 giúp", "gọi [số đã che] giúp"),
])  # fmt: skip
def test_codes_passwords_and_telephones_do_not_leave_the_screen_either(page: Page, served: Served, typed: str, sent: str) -> None:
    bodies: list[str] = []
    page.on("request", lambda request: bodies.append(request.post_data or ""))
    page.goto(served.url + "/ho-tro")
    page.get_by_label("Việc cần làm").fill(typed)
    page.get_by_role("button", name="Tìm giấy tờ").click()
    expect(page.get_by_text("Máy đã che dãy số trước khi tìm")).to_be_visible()
    page.get_by_role("button", name="Hỏi trợ lý câu này").click()
    expect(page.get_by_text("Máy đã che dãy số trong câu hỏi")).to_be_visible()
    expect(page.get_by_text("chuẩn bị")).to_be_visible()
    assert served.dialogue.asked[0][0] == sent
    assert not [body for body in bodies if "482913" in body or "5678" in body or "345 678" in body]


@pytest.mark.parametrize(("typed", "reached"), [
    ("thủ tục 1.001193.000.00.00.H01 cần gì", "thủ tục 1.001193.000.00.00.H01 cần gì"),
    ("mã 1.001193.000.00.00, căn cước 079085001234", "mã 1.001193.000.00.00, căn cước [số đã che]"),
    ("mã 1.001193 0912345678", "mã 1.001193 [số đã che]"),
    ("số 1.001193.000.00.001 là gì", "số [số đã che] là gì"),
    ("mật khẩu VNeID là Hoa@123 thì sao", "mật khẩu VNeID là [số đã che] thì sao"),
])  # fmt: skip
def test_codes_of_procedures_stay_and_what_was_covered_reaches_the_assistant_as_it_was(page: Page, served: Served, typed: str, reached: str) -> None:
    """Behind the server's own mask too: what the screen covered is no secret to it."""
    page.goto(served.url + "/ho-tro")
    page.get_by_label("Việc cần làm").fill(typed)
    page.get_by_role("button", name="Tìm giấy tờ").click()
    page.get_by_role("button", name="Hỏi trợ lý câu này").click()
    expect(page.get_by_text("chuẩn bị")).to_be_visible()
    assert served.dialogue.asked[0][0] == reached


def test_the_person_who_leaves_is_forgotten_by_the_server_with_every_word(touch: Page, served: Served) -> None:
    ask_by_touch(touch)
    expect(touch.get_by_text("ông/bà chuẩn bị")).to_be_visible()
    session = served.dialogue.asked[0][1]
    with touch.expect_response("**/api/v1/forget") as told:
        touch.get_by_role("button", name="Xong, xóa hết").tap()
    assert told.value.ok and served.dialogue.forgotten == [session]


def test_a_screen_left_while_the_server_is_away_is_wiped_says_so_and_comes_back(touch: Page, served: Served) -> None:
    ask_by_touch(touch)
    expect(touch.get_by_text("ông/bà chuẩn bị")).to_be_visible()
    touch.route("**/kiosk", lambda route: route.abort())
    touch.get_by_role("button", name="Xong, xóa hết").tap()
    expect(touch.get_by_text("đã xóa hết thông tin của lượt trước")).to_be_visible()
    expect(touch.get_by_text("chuẩn bị")).to_have_count(0)
    touch.clock.run_for(6_500)
    expect(touch.get_by_text("đã xóa hết thông tin của lượt trước")).to_be_visible()
    touch.unroute("**/kiosk")
    touch.clock.run_for(3_500)
    expect(touch.get_by_role("heading", name="Ông/bà cần làm việc gì?")).to_be_visible()


def test_a_telephone_some_years_old_can_still_help(new_context: Callable[..., BrowserContext], served: Served) -> None:
    """Safari before 17.4 has no AbortSignal.any."""
    page = new_context(viewport={"width": 390, "height": 844}).new_page()
    page.add_init_script("delete AbortSignal.any; delete AbortSignal.timeout")
    page.goto(served.url + "/ho-tro")
    page.get_by_label("Việc cần làm").fill("làm khai sinh")
    page.get_by_role("button", name="Tìm giấy tờ").click()
    page.get_by_role("button", name="Hỏi trợ lý câu này").click()
    expect(page.get_by_text("chuẩn bị")).to_be_visible()


def test_a_lost_server_is_told_plainly_and_the_question_can_be_sent_again(touch: Page, served: Served) -> None:
    touch.route("**/api/v1/**", lambda route: route.abort())
    ask_by_touch(touch)
    expect(touch.get_by_text("Máy chủ chưa trả lời. Ông/bà thử lại")).to_be_visible()
    touch.clock.run_for(6_000)
    expect(touch.get_by_text("đang mất kết nối")).to_be_visible()
    shoot(touch, "kiosk-offline-1080")
    touch.unroute("**/api/v1/**")
    touch.get_by_role("button", name="Thử lại").tap()
    expect(touch.get_by_text("ông/bà chuẩn bị")).to_be_visible()


def test_a_slow_server_is_told_twice_and_the_question_can_be_sent_again(touch: Page, served: Served) -> None:
    touch.route("**/api/v1/ask", lambda route: None)  # never answered
    ask_by_touch(touch)
    expect(touch.get_by_text("Đang tìm…")).to_be_visible()
    touch.clock.run_for(10_000)
    expect(touch.get_by_text("Vẫn đang tìm, ông/bà chờ thêm một chút")).to_be_visible()
    assert violations(touch) == []
    touch.unroute("**/api/v1/ask")
    touch.evaluate("AbortSignal.timeout = undefined")  # the browser's own timer does not follow this test's clock
    with touch.expect_navigation():
        touch.get_by_role("button", name="Xong, xóa hết").tap()
    expect(touch.get_by_role("heading", name="Ông/bà cần làm việc gì?")).to_be_visible()
    touch.evaluate("AbortSignal.timeout = undefined")
    touch.route("**/api/v1/ask", lambda route: None)
    ask_by_touch(touch)
    expect(touch.get_by_text("Đang tìm…")).to_be_visible()
    touch.clock.run_for(20_500)
    expect(touch.get_by_text("Máy chủ chưa trả lời. Ông/bà thử lại")).to_be_visible()
    touch.unroute("**/api/v1/ask")
    touch.get_by_role("button", name="Thử lại").tap()
    expect(touch.get_by_text("ông/bà chuẩn bị")).to_be_visible()


@pytest.mark.parametrize("year", ["1999", "2049"])
def test_a_wrong_clock_changes_nothing(new_context: Callable[..., BrowserContext], served: Served, year: str) -> None:
    page = new_context(viewport={"width": 1080, "height": 1920}, has_touch=True).new_page()
    page.clock.install(time=f"{year}-12-31T23:59:50")
    page.goto(served.url + "/kiosk")
    ask_by_touch(page)
    expect(page.get_by_text("ông/bà chuẩn bị")).to_be_visible()
    page.clock.run_for((IDLE_S + 4) * 1000)
    expect(page.get_by_role("heading", name="Ông/bà cần làm việc gì?")).to_be_visible()


def test_the_operators_notice_reaches_a_screen_that_is_already_open(touch: Page, notice_file: Path) -> None:
    turn_on(notice_file, "Trợ lý tạm nghỉ đến 14 giờ.")
    try:
        touch.clock.run_for(5_100)
        expect(touch.get_by_text("Trợ lý tạm nghỉ đến 14 giờ.")).to_be_visible(timeout=15_000)
        expect(touch.get_by_role("button", name="Gõ câu hỏi")).to_be_hidden()
        touch.get_by_role("button", name="Sinh con").tap()
        touch.get_by_role("button", name="Khai sinh cho con", exact=True).tap()
        expect(touch.get_by_role("checkbox", name="Giấy chứng sinh")).to_be_visible()
        shoot(touch, "kiosk-notice-1080")
    finally:
        turn_off(notice_file)


@pytest.mark.parametrize("path", ["/kiosk", "/ho-tro"])
def test_the_operators_notice_is_there_when_the_screen_opens(page: Page, served: Served, notice_file: Path, path: str) -> None:
    turn_on(notice_file, "Trợ lý tạm nghỉ đến 14 giờ.")
    try:
        time.sleep(CHECK_EVERY_S)
        page.route("**/api/v1/status", lambda route: route.abort())  # told by the page itself, not asked for afterwards
        page.goto(served.url + path)
        expect(page.get_by_text("Trợ lý tạm nghỉ đến 14 giờ.")).to_be_visible()
        expect(page.get_by_role("button", name="Gõ câu hỏi")).to_have_count(0)
        expect(page.get_by_role("button", name="Sinh con")).to_be_visible()
        assert violations(page) == []
    finally:
        turn_off(notice_file)


def test_a_helper_still_finds_papers_while_the_assistant_is_off(page: Page, served: Served, notice_file: Path) -> None:
    turn_on(notice_file, "Trợ lý tạm nghỉ đến 14 giờ.")
    try:
        page.goto(served.url + "/ho-tro")
        expect(page.get_by_text("Trợ lý tạm nghỉ đến 14 giờ.")).to_be_visible(timeout=15_000)
        page.get_by_label("Việc cần làm").fill("làm khai sinh")
        page.get_by_role("button", name="Tìm giấy tờ").click()
        expect(page.get_by_role("button", name=f"{BIRTH.name} 1.001193")).to_be_visible()
        expect(page.get_by_role("button", name="Hỏi trợ lý câu này")).to_be_hidden()
        shoot(page, "helper-notice-1440")
    finally:
        turn_off(notice_file)


@pytest.mark.parametrize("is_markup", [True, False])
def test_markup_and_very_long_answers_stay_readable(touch: Page, served: Served, is_markup: bool) -> None:
    touch.get_by_role("button", name="Gõ câu hỏi").tap()
    touch.get_by_label("Câu hỏi", exact=True).fill("ma la" if is_markup else "rat dai")
    type_by_touch(touch, "Gửi câu hỏi")
    expect(touch.get_by_text("<img src=x" if is_markup else "Đoạn 0.").first).to_be_visible()
    assert touch.title() == "Hỏi Một Cửa tại quầy"
    assert touch.locator(".k-log img, .k-log script").count() == 0
    assert not has_sideways_scroll(touch)


def test_helper_finds_papers_first_and_starts_anew_with_one_tap(page: Page, served: Served) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(served.url + "/ho-tro")
    page.get_by_label("Việc cần làm").fill("làm khai sinh")
    page.get_by_role("button", name="Tìm giấy tờ").click()
    page.get_by_role("button", name=f"{BIRTH.name} 1.001193").click()
    page.get_by_role("checkbox", name="Giấy chứng sinh").check()
    assert violations(page) == []
    shoot(page, "helper-checklist-390")
    page.evaluate("localStorage.x = 1")
    page.get_by_role("button", name="Người mới").click()
    expect(page.get_by_label("Việc cần làm")).to_have_value("")
    assert page.evaluate("localStorage.length") == 0
    expect(page.get_by_text("Giấy chứng sinh")).to_have_count(0)


@pytest.mark.parametrize(("path", "width", "height"), [("/kiosk", 1920, 1080), ("/kiosk", 1366, 768), ("/kiosk", 320, 640), ("/ho-tro", 360, 740), ("/ho-tro", 768, 1024)])
def test_start_screens_fit_and_are_accessible_light_and_dark(page: Page, served: Served, path: str, width: int, height: int) -> None:
    page.set_viewport_size({"width": width, "height": height})
    page.goto(served.url + path)
    expect(page.get_by_role("button", name="Sinh con")).to_be_visible()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert violations(page) == []
        assert not has_sideways_scroll(page)
        shoot(page, f"{path[1:]}-{width}-{scheme}")


SMALL_TARGETS = """() => [...document.querySelectorAll('button, summary, select, textarea, input:not([type=checkbox]), label:has(input[type=checkbox])')]
  .filter((node) => node.checkVisibility())
  .map((node) => [node.textContent.trim().slice(0, 40) || node.getAttribute('aria-label') || node.tagName, node.getBoundingClientRect()])
  .filter(([, box]) => box.height < 43.5 || box.width < 43.5)
  .map(([name, box]) => [name, Math.round(box.width), Math.round(box.height)])"""


def kiosk_states(page: Page):
    """Leads a lobby's screen through its states, naming each."""
    yield "start"
    page.get_by_role("button", name="Gõ câu hỏi").click()
    yield "keys"
    page.get_by_label("Câu hỏi", exact=True).fill("căn cước 079085001234, khai sinh")
    page.keyboard.press("Enter")
    expect(page.get_by_text("ông/bà chuẩn bị")).to_be_visible()
    yield "answer"
    page.get_by_role("button", name="Xem giấy tờ cần mang, mã QR").click()
    expect(page.get_by_role("checkbox", name="Giấy chứng sinh")).to_be_visible()
    yield "checklist"
    with page.expect_navigation():
        page.get_by_role("button", name="Xong, xóa hết").click()
    page.get_by_role("button", name="Sinh con").click()
    expect(page.get_by_role("button", name="Khai sinh cho con", exact=True)).to_be_visible()
    yield "event"
    with page.expect_navigation():
        page.get_by_role("button", name="Xong, xóa hết").click()
    page.route("**/api/v1/ask", lambda route: route.abort())
    page.get_by_role("button", name="Gõ câu hỏi").click()
    page.get_by_label("Câu hỏi", exact=True).fill("khai sinh")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Thử lại")).to_be_visible()
    yield "fault"


def helper_states(page: Page):
    yield "start"
    page.get_by_label("Việc cần làm").fill("làm khai sinh")
    page.get_by_role("button", name="Tìm giấy tờ").click()
    expect(page.get_by_role("button", name=f"{BIRTH.name} 1.001193")).to_be_visible()
    yield "found"
    page.get_by_role("button", name=f"{BIRTH.name} 1.001193").click()
    expect(page.get_by_role("checkbox", name="Giấy chứng sinh")).to_be_visible()
    yield "checklist"


@pytest.mark.parametrize(("path", "states"), [("/kiosk", kiosk_states), ("/ho-tro", helper_states)])
def test_every_state_is_accessible_in_every_colour_and_at_400_percent(new_context: Callable[..., BrowserContext], served: Served, path: str, states: Callable) -> None:
    """In each state: axe light, dark and in forced colours, 44 px targets, no sideways scroll at 320 px."""
    page = new_context(viewport={"width": 768, "height": 1024}, reduced_motion="reduce").new_page()
    page.goto(served.url + path)
    found: dict[str, list] = {}
    for state in states(page):
        for name, colours in {"light": {"color_scheme": "light"}, "dark": {"color_scheme": "dark"}, "forced": {"forced_colors": "active"}}.items():
            page.emulate_media(**colours)
            found[f"{state} {name}"] = violations(page, is_forced=name == "forced")
            shoot(page, f"{path[1:]}-{state}-{name}")
        page.emulate_media(color_scheme="light", forced_colors="none")
        for width, height in ((768, 1024), (320, 256)):
            page.set_viewport_size({"width": width, "height": height})
            found[f"{state} targets at {width}"] = page.evaluate(SMALL_TARGETS)
            found[f"{state} scrolls sideways at {width}"] = [True] if has_sideways_scroll(page) else []
        page.set_viewport_size({"width": 768, "height": 1024})
    assert {what: faults for what, faults in found.items() if faults} == {}


def test_refused_storage_changes_nothing(new_context: Callable[..., BrowserContext], served: Served) -> None:
    page = new_context().new_page()
    page.add_init_script("for (const name of ['localStorage', 'sessionStorage']) Object.defineProperty(window, name, { get() { throw new DOMException('refused', 'SecurityError') } });"
                         "Object.defineProperty(document, 'cookie', { get() { throw new DOMException('refused', 'SecurityError') } })")  # fmt: skip
    page.goto(served.url + "/kiosk")
    page.get_by_role("button", name="Gõ câu hỏi").click()
    page.get_by_label("Câu hỏi", exact=True).fill("khai sinh")
    page.keyboard.press("Enter")
    expect(page.get_by_text("ông/bà chuẩn bị")).to_be_visible()
    page.get_by_role("button", name="Xong, xóa hết").click()
    expect(page.get_by_role("heading", name="Ông/bà cần làm việc gì?")).to_be_visible()
