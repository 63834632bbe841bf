"""Processes of a soak: three channel servers, the product, a database; started, killed, restarted."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil

from tests.channel_servers import telegram, zalo_bot, zalo_oa

ROOT = Path(__file__).resolve().parents[2]
SECRET = "soak-secret-of-the-tests"
START_S = 240.0


@dataclass
class Actor:
    """A channel server in a process of its own."""

    name: str
    process: subprocess.Popen[str]
    ready: dict[str, Any]
    client: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.client = httpx.Client(base_url=self.ready["url"], timeout=30, trust_env=False)

    def act(self, do: str, **given: Any) -> Any:
        answer = self.client.post("/_control/act", json={"do": do, **given})
        answer.raise_for_status()
        return answer.json()["result"]

    def post(self, what: str, **given: Any) -> None:
        self.client.post(f"/_control/{what}", json=given).raise_for_status()

    def get(self, what: str) -> Any:
        return self.client.get(f"/_control/{what}").json()

    def stop(self) -> None:
        self.client.close()
        _end(self.process)


@dataclass
class Product:
    """The product under test. ``module``: what is run by ``python -m``."""

    module: str
    arguments: list[str]
    environment: dict[str, str]
    port: int
    log: Path
    process: subprocess.Popen[str] | None = None
    n_kills: int = 0
    peak_rss_mb: float = 0.0
    rss_mb: list[float] = field(default_factory=list)

    def start(self) -> None:
        with self.log.open("a") as log:
            command = [sys.executable, "-m", self.module, *self.arguments]
            self.process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=log, stderr=log, text=True)
        until = time.monotonic() + START_S
        while time.monotonic() < until:
            if self.process.poll() is not None:
                raise RuntimeError(f"the product ended with {self.process.returncode}; see {self.log.name}: {self.log.read_text()[-1500:]}")
            try:
                if httpx.get(f"http://127.0.0.1:{self.port}/healthz", timeout=2, trust_env=False).status_code == 200:
                    return
            except httpx.HTTPError:
                time.sleep(0.2)
        raise RuntimeError(f"the product did not come up in {START_S:g} s")

    def kill(self) -> None:
        """kill -9, with whatever it started."""
        assert self.process is not None
        for child in psutil.Process(self.process.pid).children(recursive=True):
            child.kill()
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.n_kills += 1

    def measure(self) -> None:
        try:
            rss = psutil.Process(self.process.pid).memory_info().rss / 2**20
        except (psutil.Error, AttributeError):
            return
        self.rss_mb.append(rss)
        self.peak_rss_mb = max(self.peak_rss_mb, rss)

    def stop(self) -> None:
        if self.process is not None:
            _end(self.process)


@contextmanager
def stage(folder: Path, database_url: str, is_real: bool, home: Path | None = None) -> Iterator[tuple[dict[str, Actor], Product]]:
    """Everything running and the webhooks set: (channel → server, product)."""
    port = _free_port()
    with ExitStack() as stack:
        actors = {}
        for name in ("telegram", "zalo-oa", "zalo-bot"):
            actor = _start_actor(name)
            stack.callback(actor.stop)
            actors["zalo" if name == "zalo-oa" else name] = actor
        environment = _environment(actors, database_url, port, home or folder / "home")
        module, arguments = ("bot.cli", ["serve"]) if is_real else ("tests.soak.echo_product", [])
        product = Product(module, arguments, environment, port, folder / "product.log")
        stack.callback(product.stop)
        product.start()
        actors["zalo"].act("set_webhook_url", url=f"http://127.0.0.1:{port}/webhooks/zalo")
        command = [sys.executable, "-m", "bot.cli", "channels", "set-webhook", "telegram", "zalo-bot"]
        subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, timeout=120)
        yield actors, product


def _start_actor(name: str) -> Actor:
    command = [sys.executable, "-m", "tests.channel_servers", name]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise RuntimeError(f"the {name} server did not start")
    return Actor(name, process, json.loads(line))


def _environment(actors: dict[str, Actor], database_url: str, port: int, home: Path) -> dict[str, str]:
    pair = actors["zalo"].ready["pair"]
    own = {
        "MOTCUA_HOME": str(home), "MOTCUA_PORT": str(port), "MOTCUA_RASA": "false", "MOTCUA_DATABASE_URL": database_url,
        "MOTCUA_PUBLIC_URL": f"http://127.0.0.1:{port}", "MOTCUA_CHANNEL_MODE": "webhook", "MOTCUA_LOG_LEVEL": "WARNING",
        "MOTCUA_TELEGRAM_TOKEN": telegram.TOKEN, "MOTCUA_TELEGRAM_SECRET": SECRET,
        "MOTCUA_TELEGRAM_API_URL": actors["telegram"].ready["url"],
        "MOTCUA_ZALO_APP_ID": zalo_oa.APP_ID, "MOTCUA_ZALO_APP_SECRET": zalo_oa.APP_SECRET,
        "MOTCUA_ZALO_OA_SECRET_KEY": zalo_oa.OA_SECRET, "MOTCUA_ZALO_REFRESH_TOKEN": pair["refresh_token"],
        "MOTCUA_ZALO_ACCESS_TOKEN": pair["access_token"], "MOTCUA_ZALO_API_URL": actors["zalo"].ready["url"],
        "MOTCUA_ZALO_OAUTH_URL": actors["zalo"].ready["url"],
        "MOTCUA_ZALO_BOT_TOKEN": zalo_bot.TOKEN, "MOTCUA_ZALO_BOT_SECRET": SECRET,
        "MOTCUA_ZALO_BOT_API_URL": actors["zalo-bot"].ready["url"],
    }  # fmt: skip
    return {**os.environ, **own}


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def _end(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
