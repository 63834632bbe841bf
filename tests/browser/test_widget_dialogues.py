"""Whole dialogues through the widget in Chromium against the real product, beside the same through the API.

Checks that every turn gets an answer shown, and that it ended as it does through the API; not that answers are right.
Runs where MOTCUA_WIDGET_DIALOGUES names a file of dialogues ({"id", "turns": [{"q"}]} a line) and an index is built:
``make widget-dialogues DIALOGUES=…/s5.jsonl``.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import FIELD, Server

pytestmark = [pytest.mark.browser, pytest.mark.corpus]
GIVEN = os.environ.get("MOTCUA_WIDGET_DIALOGUES", "")
LAST_STATUS = "(() => { const turns = JSON.parse(localStorage.getItem('motcua.chat.v2')).turns; const last = turns[turns.length - 1]; return last.reply ? last.reply.status : last.state; })()"


@pytest.fixture(scope="module")
def product() -> Iterator[Server]:
    if not GIVEN or not Path(GIVEN).is_file():
        pytest.skip("MOTCUA_WIDGET_DIALOGUES names no file of dialogues")
    from bot.app import build_server
    from bot.settings import load_settings
    from knowledge.errors import KnowledgeError

    try:
        server = Server(build_server(load_settings().model_copy(update={"rasa": False})).app)
    except KnowledgeError as exc:
        pytest.skip(f"no index at hand: {exc}")
    yield server
    server.stop()


def test_every_turn_is_answered_and_ends_as_through_the_api(new_context: Callable[..., BrowserContext], product: Server) -> None:
    dialogues = [json.loads(line) for line in Path(GIVEN).read_text("utf-8").splitlines() if line.strip()]
    assert dialogues
    differing, n_turns = [], 0
    page = new_context(viewport={"width": 420, "height": 760}, reduced_motion="reduce").new_page()
    with httpx.Client(base_url=product.url, timeout=60, trust_env=False) as api:
        for dialogue in dialogues:
            page.goto(f"{product.url}/embed")
            page.evaluate("localStorage.clear()")
            page.reload()
            session = None
            for n, turn in enumerate(dialogue["turns"], 1):
                shown = ask_in_widget(page, turn["q"], n)
                body = api.post("/api/v1/ask", json={"question": turn["q"], "session_id": session}).json()
                session = body["session_id"]
                n_turns += 1
                if shown != body["status"]:
                    differing.append((dialogue["id"], n, shown, body["status"]))
    print(f"{len(dialogues)} dialogues, {n_turns} turns, {len(differing)} ended otherwise")
    assert differing == []


def ask_in_widget(page: Page, question: str, n: int) -> str:
    """Ask; returns the status of the answer that is shown. A question stopped for private numbers is covered and sent."""
    page.get_by_label(FIELD, exact=True).fill(question)
    page.keyboard.press("Enter")
    guard = page.get_by_role("button", name="Che đi rồi gửi")
    answers = page.locator(".turn.machine:not(#chat-hello):not(.waiting)")
    expect(answers.nth(n - 1).or_(guard)).to_be_visible(timeout=30_000)
    if guard.is_visible():
        guard.click()
        expect(answers).to_have_count(n, timeout=30_000)
    expect(answers.nth(n - 1).locator(".bubble").first).not_to_be_empty()
    expect(page.locator("#chat-log")).to_have_attribute("aria-busy", "false")
    return page.evaluate(LAST_STATUS)
