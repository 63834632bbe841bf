"""Asking from the command line: through the running server where there is one, else in this process."""

from __future__ import annotations

import asyncio
import secrets
import time
from typing import Any, Protocol

import httpx
from rich.console import Console
from rich.panel import Panel

from bot.errors import CommandFailed
from bot.serving import local_url
from bot.settings import Settings
from connectors.ask_flow import AskFlow
from connectors.metrics import Metrics
from connectors.settings import GatewaySettings
from nlu.privacy import mask_personal_data

_TIMEOUT_S = 30.0


class Conversation(Protocol):
    def ask(self, question: str, session_id: str | None) -> dict[str, Any]:
        """One turn in the shape of ``/api/v1/ask``."""
        ...


def open_conversation(settings: Settings) -> Conversation:
    """The running server on this machine's address, else the product in this process."""
    base = local_url(settings)
    try:
        httpx.get(f"{base}/healthz", timeout=1.0, trust_env=False).raise_for_status()
    except httpx.HTTPError:
        return LocalConversation(settings)
    return ServerConversation(base)


class ServerConversation:
    """Asks a running server."""

    def __init__(self, base_url: str) -> None:
        self._client = httpx.Client(base_url=base_url, timeout=_TIMEOUT_S, trust_env=False)

    def ask(self, question: str, session_id: str | None) -> dict[str, Any]:
        try:
            response = self._client.post("/api/v1/ask", json={"question": question, "session_id": session_id})
            response.raise_for_status()
        except httpx.HTTPError as exc:
            raise CommandFailed(f"the server gave no usable answer ({type(exc).__name__}); see motcua doctor") from exc
        return response.json()


class LocalConversation:
    """Answers in this process, without Rasa, by the gateway's own way of a question."""

    def __init__(self, settings: Settings) -> None:
        from bot.app import build_product
        from bot.pipeline import refresh_index
        from nlu.encoder import load_encoder

        encoder = load_encoder(settings.encoder)
        refresh_index(settings, encoder)
        product = build_product(settings, encoder)
        self._runner = asyncio.Runner()  # one loop for the whole conversation: the flow's locks belong to it
        self._flow = AskFlow(None, product.direct, mask_personal_data, GatewaySettings(), Metrics())

    def ask(self, question: str, session_id: str | None) -> dict[str, Any]:
        turn = self._runner.run(self._flow.ask(question, session_id))
        return turn.response.model_dump(mode="json")


def chat_loop(console: Console, conversation: Conversation) -> None:
    """Read, ask, print, until the input ends. A number presses the button of that number."""
    session = secrets.token_urlsafe(12)
    buttons: list[dict[str, str]] = []
    console.print("Bạn hỏi đi (Ctrl-D để thoát). / Ask away (Ctrl-D ends).")
    while True:
        try:
            question = console.input("[bold]> [/]")
        except EOFError:
            console.print()
            return
        if not question.strip():
            continue
        started = time.perf_counter()
        reply = conversation.ask(_pressed(question, buttons, bool(reply_choices(buttons))), session)
        print_reply(console, reply)
        buttons = [b for message in reply["messages"] for b in message["buttons"]]
        console.print(f"[dim]{reply['status']} · {round((time.perf_counter() - started) * 1000)} ms[/]")


def print_reply(console: Console, reply: dict[str, Any]) -> None:
    """Print bubbles, buttons and sources."""
    if reply.get("understood"):
        console.print(f"Mình hiểu: {reply['understood']}", style="dim", highlight=False, markup=False)
    for message in reply["messages"]:
        console.print(Panel(_escaped(message["text"]), expand=False))
        for button in message["buttons"]:
            console.print(f"  [{button['title']}]  {button['payload']}", style="cyan", highlight=False, markup=False)
    for citation in reply["citations"]:
        expired = " (đã hết thời gian thực hiện)" if citation["expired"] else ""
        read = f"đọc {citation['as_of']}" if citation["as_of"] else ""
        facts = " – ".join(filter(None, (citation["title"][:90], citation["number"], citation["section"], read)))
        console.print(f"Nguồn: {facts}{expired} {citation['url']}".rstrip(), style="dim", highlight=False, markup=False, soft_wrap=True)


def reply_choices(buttons: list[dict[str, str]]) -> list[dict[str, str]]:
    """Buttons that are numbered choices; a bare number then belongs to the dialogue, not to us."""
    return [b for b in buttons if b["title"][:1].isdigit()]


def _pressed(question: str, buttons: list[dict[str, str]], are_choices: bool) -> str:
    number = question.strip()
    if not are_choices and number.isdigit() and 1 <= int(number) <= len(buttons):
        return buttons[int(number) - 1]["payload"]
    return question


def _escaped(text: str) -> str:
    from rich.markup import escape

    return escape(text)
