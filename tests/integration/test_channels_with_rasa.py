"""``motcua channels work`` as an operator starts it, beside ``motcua serve`` whose Rasa it uses: Telegram in, Telegram out."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from bot.rasa_process import free_port
from bot.settings import Settings
from tests.channel_servers import telegram
from tests.channel_servers.serving import running
from tests.channel_servers.telegram import TelegramServer
from tests.integration.rasa_home import home_with_rasa
from tests.integration.serving import PATIENCE_S, Served, serving

pytestmark = [pytest.mark.rasa, pytest.mark.integration]
WORK = (sys.executable, "-m", "bot.cli", "channels", "work")
LAN, MINH = 501, 502
MARRIAGE, BIRTH = "1.000894", "1.001193"
TURN = re.compile(r'^motcua_turns_total\{degraded="(\w+)",status="(\w+)"\} (\S+)$', re.MULTILINE)


@contextmanager
def working(served: Served, folder: Path, api_url: str) -> Iterator[int]:
    """A worker beside ``serve``, with its settings; gives the port of its figures."""
    port = free_port()
    own = {"MOTCUA_TELEGRAM_TOKEN": telegram.TOKEN, "MOTCUA_TELEGRAM_API_URL": api_url, "MOTCUA_CHANNEL_METRICS_PORT": str(port)}
    with (folder / "work.log").open("ab") as log:
        process = subprocess.Popen(WORK, cwd=folder, env=served.environment | own, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        yield port
    finally:
        process.kill()
        process.wait()


def ask(server: TelegramServer, person: int, words: str) -> str:
    """What the person is shown last for it."""
    before = len(shown(server, person))
    server.say(person, words)
    server.wait_until(lambda: any("Nguồn:" in each for each in shown(server, person)[before:]), f"an answer to {words!r}", PATIENCE_S)
    return shown(server, person)[-1]


def shown(server: TelegramServer, person: int) -> list[str]:
    with server.lock:
        return [each["text"] for each in server.sent if each["chat"] == str(person)]


def turns(port: int) -> dict[tuple[str, str], float]:
    """(degraded, status) → how many, as the worker counts them."""
    figures = httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False).text
    return {(degraded, status): float(n) for degraded, status, n in TURN.findall(figures)}


def test_a_message_is_answered_through_rasa_and_the_next_goes_on_though_the_worker_was_replaced(
    bundled_settings: Settings, tmp_path: Path
) -> None:
    home = home_with_rasa(bundled_settings.home, tmp_path / "home")
    with running(TelegramServer()) as server, serving(home, tmp_path) as served:
        served.start()
        served.wait_for_rasa()
        with working(served, tmp_path, server.url) as port:
            assert MARRIAGE in ask(server, LAN, "đăng ký kết hôn cần giấy tờ gì")
            assert BIRTH in ask(server, MINH, "đăng ký khai sinh cho con cần giấy tờ gì")
            fee = ask(server, LAN, "còn lệ phí?")
            assert MARRIAGE in fee and BIRTH not in fee, "of what this person talked about, not of what was asked last"
            assert "lệ phí" in fee.lower()
            assert turns(port) == {("false", "answered_aspect"): 3.0}, "through Rasa, none of them directly"
        with working(served, tmp_path, server.url) as port:
            time = ask(server, LAN, "bao lâu thì xong?")
            assert MARRIAGE in time
            assert turns(port) == {("false", "answered_aspect"): 1.0}
