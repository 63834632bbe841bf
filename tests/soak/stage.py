"""Processes of a soak: three channel servers, the product, a database; started, killed, restarted."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import httpx
import psutil

from tests.channel_servers import telegram, zalo_bot, zalo_oa
from tests.soak.memory import Sample

ROOT = Path(__file__).resolve().parents[2]
SECRET = "soak-secret-of-the-tests"
START_S = 300.0
START_AGAIN_S = 2.0
RASA_START_S = 900.0  # trains first where the content changed
BORROWED = ("index", "models", "rasa/models")
Mode = Literal["rasa", "direct", "echo"]


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
    """The product under test.

    Attributes:
        module, arguments: what is run by ``python -m``.
        has_rasa: it runs a Rasa beside it.
        n_starts_failed: starts that ended by themselves and were tried again, as a service manager does.
        samples: memory of the gateway and of Rasa.
        turns: answered turns, through Rasa and directly, as its metrics counted them.
    """

    module: str
    arguments: list[str]
    environment: dict[str, str]
    port: int
    log: Path
    has_rasa: bool = False
    process: subprocess.Popen[str] | None = None
    is_up: bool = False
    n_kills: int = 0
    n_rasa_kills: int = 0
    n_starts_failed: int = 0
    rasa_back_s: float = 0.0
    samples: dict[str, list[Sample]] = field(default_factory=lambda: {"gateway": [], "rasa": []})
    turns: Counter[str] = field(default_factory=Counter)
    _hands: threading.Lock = field(default_factory=threading.Lock)

    def start(self) -> None:
        """Returns when it answers. One that ends on the way (its database locked) is started again.

        Raises:
            RuntimeError: it did not come up in ``START_S``; the end of its own words is in the message.
        """
        until = time.monotonic() + START_S
        self._launch()
        while time.monotonic() < until:
            if self.process is None or self.process.poll() is not None:
                self.n_starts_failed += 1
                time.sleep(START_AGAIN_S)
                self._launch()
            if self._status_of("/healthz") == 200:
                self.is_up = True
                return
            time.sleep(0.2)
        raise RuntimeError(f"the product did not come up in {START_S:g} s; see {self.log.name}: {self.log.read_text()[-1500:]}")

    def crash(self) -> None:
        """kill -9 of everything it started, a second of nothing, and a new start."""
        with self._hands:
            self.note_turns()
            self.is_up = False
            for child in self._children():
                child.kill()
            assert self.process is not None
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.n_kills += 1
            time.sleep(1.0)
            self.start()

    def crash_rasa(self) -> None:
        """kill -9 of Rasa. Raises AssertionError unless the gateway goes on answering, and answers through Rasa again later."""
        with self._hands:
            self.wait_for_rasa()
            rasa = self._rasa()
            assert rasa is not None, "the gateway says that Rasa answers, but it has no such child"
            rasa.kill()
            self.n_rasa_kills += 1
            began = time.monotonic()
            reply = self.ask("Làm khai sinh cho con cần giấy tờ gì?")
            assert reply["degraded"] and reply["status"].startswith("answered"), f"an answer without Rasa, got {reply['status']}"
            self.wait_for_rasa(but=rasa.pid)
            self.rasa_back_s = time.monotonic() - began

    def wait_for_rasa(self, but: int = 0) -> None:
        """Until the gateway answers through a Rasa whose process is not ``but``."""
        until = time.monotonic() + RASA_START_S
        while time.monotonic() < until:
            rasa = self._rasa()
            if rasa is not None and rasa.pid != but and self._has_rasa_part() and not self.ask("Lệ phí bao nhiêu?")["degraded"]:
                return
            time.sleep(1.0)
        raise AssertionError(f"Rasa did not come (back) in {RASA_START_S:g} s; see {self.log.name}: {self.log.read_text()[-1500:]}")

    def ask(self, question: str) -> dict[str, Any]:
        """A question of the web chat, in a conversation of its own."""
        answer = httpx.post(f"http://127.0.0.1:{self.port}/api/v1/ask", json={"question": question}, timeout=60, trust_env=False)
        answer.raise_for_status()
        return answer.json()

    def measure(self, n_sent: int) -> None:
        if not self.is_up:  # what it holds while it loads is no measure
            return
        rasa = self._rasa()
        found = {"gateway": self.process.pid if self.process else None, "rasa": rasa.pid if rasa else None}
        for name, pid in found.items():
            try:
                if pid is not None:
                    self.samples[name].append(Sample(pid, n_sent, psutil.Process(pid).memory_info().rss / 2**20))
            except psutil.Error:
                continue  # killed a moment ago

    def stop(self) -> None:
        if self.process is not None:
            _end(self.process)

    def _launch(self) -> None:
        with self.log.open("a") as log:
            command = [sys.executable, "-m", self.module, *self.arguments]
            self.process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=log, stderr=log, text=True)

    def _status_of(self, path: str) -> int:
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}{path}", timeout=2, trust_env=False).status_code
        except httpx.HTTPError:
            return 0

    def _has_rasa_part(self) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/readyz", timeout=10, trust_env=False).json()["parts"]["rasa"]["ok"]
        except httpx.HTTPError:
            return False

    def note_turns(self) -> None:
        """Counters die with the process, so they are read before."""
        if not self.has_rasa:
            return
        try:
            figures = httpx.get(f"http://127.0.0.1:{self.port}/metrics", timeout=10, trust_env=False).text
        except httpx.HTTPError:
            return  # it did not answer; then its turns are missing in the figure
        for degraded, n in re.findall(r'motcua_turns_total\{degraded="(true|false)",[^}]*\} ([0-9.e+]+)', figures):
            self.turns["direct" if degraded == "true" else "rasa"] += round(float(n))

    def _children(self) -> list[psutil.Process]:
        try:
            return psutil.Process(self.process.pid).children(recursive=True) if self.process else []
        except psutil.Error:
            return []

    def _rasa(self) -> psutil.Process | None:
        for child in self._children() if self.has_rasa else ():
            try:
                words = child.cmdline()
            except psutil.Error:
                continue
            if "bot.rasa_launcher" in words and "run" in words:
                return child
        return None


@contextmanager
def stage(folder: Path, database_url: str, mode: Mode, home: Path | None = None) -> Iterator[tuple[dict[str, Actor], Product]]:
    """Everything running and the webhooks set: (channel → server, product).

    Args:
        mode: the product with Rasa, the product answering directly, or without its knowledge (``echo_product``).
        home: MOTCUA_HOME whose index and models are used; built anew where there is none. Nothing else of it is touched.
    """
    port = _free_port()
    with ExitStack() as stack:
        actors = {}
        for name in ("telegram", "zalo-oa", "zalo-bot"):
            actor = _start_actor(name)
            stack.callback(actor.stop)
            actors["zalo" if name == "zalo-oa" else name] = actor
        own_home = folder / "home"
        _borrow(home, own_home)
        environment = _environment(actors, database_url, port, own_home, has_rasa=mode == "rasa")
        module, arguments = ("tests.soak.echo_product", []) if mode == "echo" else ("bot.cli", ["serve"])
        product = Product(module, arguments, environment, port, folder / "product.log", has_rasa=mode == "rasa")
        stack.callback(product.stop)
        product.start()
        if product.has_rasa:
            product.wait_for_rasa()
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


def _borrow(home: Path | None, own: Path) -> None:
    """Let ``own`` use the index and models of ``home``; database, logs, secrets and Rasa's trackers stay its own."""
    for part in BORROWED if home else ():
        source = (home / part).absolute()
        if not source.is_dir():
            raise FileNotFoundError(f"--home: expected {part}/ in {home}, found none; run `motcua index` and `motcua train` with that MOTCUA_HOME")
        (own / part).parent.mkdir(parents=True, exist_ok=True)
        (own / part).symlink_to(source, target_is_directory=True)


def _environment(actors: dict[str, Actor], database_url: str, port: int, home: Path, has_rasa: bool) -> dict[str, str]:
    pair = actors["zalo"].ready["pair"]
    own = {
        "MOTCUA_HOME": str(home), "MOTCUA_PORT": str(port), "MOTCUA_RASA": str(has_rasa).lower(), "MOTCUA_DATABASE_URL": database_url,
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
