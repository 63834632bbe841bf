"""Whole dialogues through the widget in Chromium against the real product with Rasa, beside the same through the API.

Checks that every turn gets an answer shown, and that it is the API's answer to the same turns; not that answers are right.
Runs where MOTCUA_WIDGET_DIALOGUES names a file of dialogues ({"id", "turns": [{"q"}]} a line) and an index is built:
``make widget-dialogues DIALOGUES=…/s5.jsonl``. MOTCUA_WIDGET_RASA=false starts the product without Rasa;
MOTCUA_WIDGET_PRODUCT=http://127.0.0.1:8000 takes one that runs (its limits on questions have to be lifted).
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from bench.processes import Child
from bot import rasa_process
from bot.rasa_process import RasaPaths
from bot.settings import REPOSITORY, load_settings
from tests.browser.conftest import FIELD

pytestmark = [pytest.mark.browser, pytest.mark.corpus]
GIVEN = os.environ.get("MOTCUA_WIDGET_DIALOGUES", "")
RUNNING = os.environ.get("MOTCUA_WIDGET_PRODUCT", "").rstrip("/")
HAS_RASA = os.environ.get("MOTCUA_WIDGET_RASA", "true") != "false"
START_S = 600.0  # a warm start takes one minute, training Rasa anew some more
LAST_REPLY = "(() => { const turns = JSON.parse(localStorage.getItem('motcua.chat.v2')).turns; const last = turns[turns.length - 1]; return last.reply || { status: last.state }; })()"


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the product as it is served, with a database of its own and no limits on questions."""
    if not GIVEN or not Path(GIVEN).is_file():
        pytest.skip("MOTCUA_WIDGET_DIALOGUES names no file of dialogues")
    if RUNNING:
        yield RUNNING
        return
    settings = load_settings()
    if HAS_RASA and (reason := rasa_process.unavailable_reason(RasaPaths(settings.home))):
        pytest.skip(f"no Rasa (MOTCUA_WIDGET_RASA=false goes without): {reason}")
    folder, port = tmp_path_factory.mktemp("product"), rasa_process.free_port()
    address = f"http://127.0.0.1:{port}"
    environment = dict(os.environ) | {
        "MOTCUA_HOST": "127.0.0.1", "MOTCUA_PORT": str(port), "MOTCUA_RASA": str(HAS_RASA).lower(), "MOTCUA_RASA_PORT": "0",
        "MOTCUA_DATABASE_URL": f"sqlite:///{folder / 'motcua.db'}", "MOTCUA_RATE_LIMIT_PER_MINUTE": "0", "MOTCUA_SESSION_QUESTIONS_PER_MINUTE": "0",
    }  # fmt: skip
    wanted = ("ready",) if HAS_RASA else ("ready", "degraded")
    with Child([sys.executable, "-m", "bot.cli", "serve"], REPOSITORY, environment, folder / "serve.log") as child:
        child.wait(lambda: readiness(address) in wanted, START_S, "the product")
        yield address


def readiness(address: str) -> str:
    try:
        return httpx.get(f"{address}/readyz", timeout=2, trust_env=False).json()["status"]
    except (httpx.HTTPError, ValueError, KeyError):
        return ""  # not up yet


def test_every_turn_is_answered_and_ends_as_through_the_api(new_context: Callable[..., BrowserContext], product: str) -> None:
    dialogues = [json.loads(line) for line in Path(GIVEN).read_text("utf-8").splitlines() if line.strip()]
    assert dialogues
    differing: list[dict[str, Any]] = []
    n_turns = n_degraded = 0
    page = new_context(viewport={"width": 420, "height": 760}, reduced_motion="reduce").new_page()
    with httpx.Client(base_url=product, timeout=60, trust_env=False) as api:
        for dialogue in dialogues:
            page.goto(f"{product}/embed")
            page.evaluate("localStorage.clear()")
            page.reload()
            session = None
            for n, turn in enumerate(dialogue["turns"], 1):
                shown = ask_in_widget(page, turn["q"], n)
                body = api.post("/api/v1/ask", json={"question": turn["q"], "session_id": session}).json()
                session = body["session_id"]
                n_turns += 1
                n_degraded += bool(shown.get("degraded")) + bool(body["degraded"])
                if told(shown) != told(body):
                    differing.append({"dialogue": dialogue["id"], "turn": n, "widget": told(shown), "api": told(body)})
    print(f"{len(dialogues)} dialogues, {n_turns} turns, {len(differing)} answered otherwise, {n_degraded} answers without Rasa")
    for each in differing:
        print(json.dumps(each, ensure_ascii=False))
    assert differing == []
    assert RUNNING or not HAS_RASA or n_degraded == 0, "Rasa answered"


def told(reply: dict[str, Any]) -> dict[str, Any]:
    """What a citizen gets of a reply: how it ended, about what, its words, buttons, choices and sources.

    Greetings, thanks and the like count by their kind: Rasa picks one of several wordings at random.
    """
    messages = reply.get("messages", [])
    is_chitchat = reply["status"].startswith("chitchat")
    return {
        "status": reply["status"],
        "aspect": reply.get("aspect"),
        "procedure": (reply.get("procedure") or {}).get("code"),
        "texts": [] if is_chitchat else [message["text"] for message in messages],
        "buttons": [button["payload"] for message in messages for button in message.get("buttons", [])],
        "choices": [choice["code"] for choice in reply.get("choices", [])],
        "sources": [(cited["source"], cited["section"]) for cited in reply.get("citations", [])],
    }


def ask_in_widget(page: Page, question: str, n: int) -> dict[str, Any]:
    """Ask; returns the reply that is shown. A question stopped for private numbers is covered and sent."""
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
    reply = page.evaluate(LAST_REPLY)
    bubble = "".join(answers.nth(n - 1).inner_text().split())
    for message in reply.get("messages", []):
        opening = "".join(message["text"].strip().split("\n")[0].lstrip("-• ").split())[:40]
        assert opening in bubble, f"turn {n} shows its words: {opening}"
    return reply
