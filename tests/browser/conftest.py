"""A real Chromium and a real gateway on loopback; only the answers are scripted. One browser a file: Playwright holds the event loop while it is open."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from argon2 import PasswordHasher
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from connectors.errors import DialogueUnavailable
from connectors.gateway import create_gateway
from connectors.settings import GatewaySettings
from connectors.store.accounts import StaffAccounts
from connectors.store.database import Store
from connectors.widget.office_hours import read_office_hours
from connectors.widget.pages import widget_integrity
from connectors.widget.ports import CarryCode
from connectors.widget.settings import WidgetSettings
from tests.skipped_parts import chromium
from tests.unit.connectors.fakes import CITATION, FakeDialogue, dependencies, reply

CHROMIUM = chromium()
SCREENSHOTS = Path(__file__).parent / "screenshots"
HOSTS = Path(__file__).parent / "hosts"
PASSWORD = "mat-khau-dai-1"
FIELD = "Câu hỏi của bạn"

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
BIRTH = {"code": "1.001193", "name": "Thủ tục đăng ký khai sinh"}
MARKUP = '<img src=x onerror="document.title=1"><script>document.title=2</script> **đậm** [x](javascript:document.title=3)'


class ScriptedDialogue(FakeDialogue):
    """Answers by what the question holds, as the real one would in shape."""

    def __init__(self) -> None:
        super().__init__()
        self.reset()

    def reset(self) -> None:
        self.asked.clear()
        self.forgotten.clear()
        self.is_broken = self.is_away = False
        self.delay_s = 0.0

    async def ask(
        self, question: str, session_id: str, context: Mapping[str, Any] | None = None, is_stale: bool = False
    ) -> dict[str, Any]:
        self.asked.append((question, session_id, context, is_stale))
        await asyncio.sleep(self.delay_s)
        if self.is_broken:
            raise ValueError("broken on purpose")
        if self.is_away:
            raise DialogueUnavailable("connection", "away on purpose")
        if question == "#tt 1.001193 fee":
            return reply(text="Lệ phí: Miễn phí với trường hợp đăng ký đúng hạn.", aspect="fee", citations=[CITATION | {"section": "Phí, lệ phí"}])
        if "ro rang" in question:
            return reply(text="Bạn nộp trực tuyến được.", aspect="online", procedure=BIRTH, citations=[CITATION])
        if question == "#nguoi":
            return reply("handoff_requested", "Bạn tới bộ phận một cửa nơi cư trú.")
        if "khong" in question:
            return reply("unanswerable_not_found", messages=[{"text": "Mình chưa tìm thấy.", "card": None, "buttons": NEAR_BUTTONS}])
        if "lai" in question:
            return reply("clarification_procedure", "Có mấy thủ tục gần với câu hỏi. Bạn cần việc nào?", choices=CHOICES)
        if "moi sinh" in question:  # a life event: all that may have to be done, then the answer of the first
            asked = "\n".join(["Bạn cần làm việc nào?", *(f"{n}. {choice['name']}" for n, choice in enumerate(CHOICES, 1)), "Bạn bấm chọn nhé."])
            return reply(messages=[{"text": text, "card": None, "buttons": []} for text in (asked, DOCUMENTS)], choices=CHOICES, procedure=BIRTH)
        if "rat dai" in question:
            return reply(text="\n\n".join(f"Đoạn {n}. " + "Người nộp đối chiếu giấy tờ. " * 20 for n in range(34))[:20_000])
        if "ma la" in question:
            return reply(text=MARKUP, understood=MARKUP, procedure=BIRTH | {"name": MARKUP}, citations=[CITATION | {"title": MARKUP, "url": "javascript:document.title=4", "quote": MARKUP}])
        messages = [{
            "text": DOCUMENTS, "card": None,
            "buttons": [
                {"title": "Hết bao nhiêu tiền?", "payload": "#tt 1.001193 fee"},
                {"title": "Mất bao lâu?", "payload": "#tt 1.001193 time"},
                {"title": "Không phải việc này", "payload": "#khac"},
                {"title": "Gặp người hỗ trợ", "payload": "#nguoi"},
            ],
        }]  # fmt: skip
        return reply(messages=messages, citations=[CITATION], understood="Làm khai sinh cần giấy tờ gì?", procedure=BIRTH)


class SomeCodes:
    async def issue(self, context: Mapping[str, Any]) -> CarryCode:
        return CarryCode("K3TW-9FQA", 10, (("Mở Telegram", "https://t.example/bot?start=K3TW9FQA"),))


class Server:
    """An application on a free loopback port."""

    def __init__(self, app: FastAPI) -> None:
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self._server = uvicorn.Server(uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=1))
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [listener]}, daemon=True)
        self._thread.start()
        while not self._server.started:
            assert self._thread.is_alive(), "the server did not start"
            time.sleep(0.02)

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(10)


class Served(Server):
    """A gateway and what it was asked."""

    def __init__(self, store: Store, settings: GatewaySettings | None = None, **given: Any) -> None:
        self.dialogue, self.store = ScriptedDialogue(), store
        super().__init__(create_gateway(dependencies(dialogue=self.dialogue, store=store, **given), settings or GatewaySettings()))


def new_store(folder: Path) -> Store:
    store = Store(f"sqlite:///{folder / 'motcua.db'}")
    StaffAccounts(store, PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)).add("lan", PASSWORD)
    return store


class Portal(Server):
    """Other sites' pages (hosts/), on an origin of their own; ``assistant`` is told once it is there."""

    NONCE = "bm9uY2U"

    def __init__(self) -> None:
        self.assistant = ""
        app = FastAPI()

        @app.get("/{name}.html")
        def page(name: str, preload: str = "") -> HTMLResponse:
            text = (HOSTS / f"{name}.html").read_text("utf-8")
            for key, value in {"preload": preload, "assistant": self.assistant, "nonce": self.NONCE, "integrity": widget_integrity()}.items():
                text = text.replace("{{" + key + "}}", value)
            return HTMLResponse(text, headers=self._policy() if name == "modern" else {})

        super().__init__(app)
        self.same_site = self.url
        self.url = self.url.replace("127.0.0.1", "localhost")  # another site than the assistant's

    def _policy(self) -> dict[str, str]:
        """As strict as a portal can be: nonces, no inline style but its own, only this frame."""
        return {"Content-Security-Policy": (
            f"default-src 'none'; script-src 'nonce-{self.NONCE}'; style-src 'nonce-{self.NONCE}'; frame-src {self.assistant}; "
            "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'"
        )}  # fmt: skip


@pytest.fixture(scope="module")
def portal() -> Iterator[Portal]:
    portal = Portal()
    yield portal
    portal.stop()


@pytest.fixture(scope="module")
def shared_server(tmp_path_factory: pytest.TempPathFactory, portal: Portal) -> Iterator[Served]:
    """One gateway with everything the widget can offer, which ``portal`` may embed."""
    widget = WidgetSettings(hotline="1022", office_hours=read_office_hours("T2-T6 07:30-11:30 13:30-17:00"), catalogue_path="/tim")
    served = Served(new_store(tmp_path_factory.mktemp("store")), GatewaySettings(widget=widget, embed_origins=(portal.url, portal.same_site)), carry_on=SomeCodes())
    portal.assistant = served.url
    yield served
    served.stop()


@pytest.fixture
def served(shared_server: Served) -> Served:
    shared_server.dialogue.reset()
    return shared_server


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
def new_context(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Makes browser contexts that end with the test."""
    made: list[BrowserContext] = []

    def make(**options: Any) -> BrowserContext:
        made.append(browser.new_context(**{"viewport": {"width": 1440, "height": 900}, "locale": "vi-VN", **options}))
        return made[-1]

    yield make
    for context in made:
        context.close()


@pytest.fixture
def page(new_context: Callable[..., BrowserContext], served: Served) -> Iterator[Page]:
    """A page that fails its test on a request elsewhere, a blocked resource or a script error."""
    page = new_context().new_page()
    faults = watch(page, served.url)
    yield page
    assert faults == []


def watch(page: Page, *origins: str) -> list[str]:
    """What must not happen on a page, as it happens."""
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(f"script error: {error}"))
    page.on("console", lambda line: faults.append(line.text) if "Content Security Policy" in line.text else None)
    page.on("request", lambda request: None if request.url.startswith((*origins, "blob:", "data:")) else faults.append(request.url))
    return faults


def ask(page: Any, question: str) -> None:
    page.get_by_label(FIELD, exact=True).fill(question)
    page.get_by_role("button", name="Gửi", exact=True).click()


def has_sideways_scroll(page: Page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")


def shoot(page: Page, name: str) -> None:
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png")


@pytest.fixture
def chat(page: Page, served: Served) -> Page:
    page.set_viewport_size({"width": 420, "height": 760})
    page.goto(f"{served.url}/embed")
    expect(page.get_by_label(FIELD, exact=True)).to_be_visible()
    return page


def option(page: Page, name: str) -> None:
    page.get_by_role("button", name="Tùy chọn").click()
    page.get_by_role("dialog").get_by_text(name, exact=True).click()
