"""``motcua serve`` itself: one parent, the gateway and Rasa below it. Nothing of it outlives it, however it ends."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from bench.processes import family_of
from bot.rasa_process import RasaPaths, free_port, is_free
from bot.settings import REPOSITORY, Settings
from tests.integration.rasa_home import link_model, trained

pytestmark = [pytest.mark.rasa, pytest.mark.integration]
BIRTH = "1.001193"
PATIENCE_S = 240.0  # a start on a busy machine; nothing is judged by it


class Served:
    """A running ``motcua serve`` and a client of it."""

    def __init__(self, home: Path, folder: Path, **settings: str | int) -> None:
        self.port, self.rasa_port = free_port(), free_port()
        given = {"HOME": home, "PORT": self.port, "RASA_PORT": self.rasa_port, "RASA_TIMEOUT_S": 30, **settings}
        self._environment = {key: value for key, value in os.environ.items() if not key.startswith("MOTCUA_")}
        self._environment |= {f"MOTCUA_{key}": str(value) for key, value in given.items()} | {"PYTHONPATH": str(REPOSITORY)}
        self._folder = folder
        self.process: subprocess.Popen[bytes] | None = None
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=60, trust_env=False)

    def start(self) -> None:
        """As an operator does; returns when the gateway answers (Rasa takes longer)."""
        with (self._folder / "serve.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "bot.cli", "serve"], cwd=self._folder, env=self._environment,
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip
        until(self._is_alive, "the gateway answers")

    def _is_alive(self) -> bool:
        assert self.process.poll() is None, (self._folder / "serve.log").read_text()[-2000:]
        try:
            return self.client.get("/healthz").is_success
        except httpx.TransportError:
            return False

    def ask(self, question: str, session: str) -> dict[str, Any]:
        response = self.client.post("/api/v1/ask", json={"question": question, "session_id": session})
        assert response.status_code == 200, response.text
        return response.json()

    def wait_for_rasa(self) -> None:
        n = iter(range(10_000))
        until(lambda: not self.ask("xin chào", f"probe-{next(n)}")["degraded"], "answers come through Rasa")

    def rasa(self) -> list[int]:
        """Process ids of Rasa and of its own children."""
        return [pid for pid in family_of(self.process.pid)[1:] if "bot.rasa_launcher" in command_line(pid)]

    def end(self, kind: signal.Signals) -> int:
        """Send a signal to the parent alone; its exit status, negative for a signal."""
        self.process.send_signal(kind)
        return self.process.wait(timeout=PATIENCE_S)


def command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def is_running(pid: int) -> bool:
    return bool(command_line(pid))  # empty for one that only waits to be collected


def until(is_so: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < deadline, f"waited in vain until {what}"
        time.sleep(0.2)


@pytest.fixture(scope="module")
def home(bundled_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home of its own with a trained model, an index and the caches of the test run."""
    paths = trained()
    home = tmp_path_factory.mktemp("serve-home")
    for name in ("index", "cache", "models"):
        shutil.copytree(bundled_settings.home / name, home / name, symlinks=True)
    link_model(paths, home)
    return home


@contextmanager
def serving(home: Path, folder: Path, **settings: str | int) -> Iterator[Served]:
    served = Served(home, folder, **settings)
    family: list[int] = []
    try:
        yield served
    finally:
        if served.process is not None:
            family = family_of(served.process.pid)
            served.process.kill()
            served.process.wait()
        for pid in family[1:]:
            if is_running(pid):
                os.kill(pid, signal.SIGKILL)
        served.client.close()


def test_sigterm_ends_everything_with_status_0_and_leaves_both_ports(home: Path, tmp_path: Path) -> None:
    with serving(home, tmp_path) as served:
        served.start()
        served.wait_for_rasa()
        reply = served.ask("đăng ký khai sinh cho con cần giấy tờ gì", "serve")
        assert (reply["degraded"], reply["status"], reply["procedure"]["code"]) == (False, "answered_aspect", BIRTH)
        rasa = served.rasa()
        assert rasa and not is_free(served.rasa_port)
        assert served.end(signal.SIGTERM) == 0
        assert [pid for pid in rasa if is_running(pid)] == []
        assert is_free(served.port) and is_free(served.rasa_port)


def test_after_kill_9_no_rasa_is_left_and_the_next_start_has_its_port(home: Path, tmp_path: Path) -> None:
    with serving(home, tmp_path) as served:
        served.start()
        until(lambda: not is_free(served.rasa_port), "Rasa listens")
        orphans = served.rasa()
        assert orphans
        assert served.end(signal.SIGKILL) == -signal.SIGKILL
        until(lambda: not any(is_running(pid) for pid in orphans), "Rasa has noticed that its parent is gone")
        served.start()
        until(lambda: bool(served.rasa()), "Rasa is started again")
        assert f"--port {served.rasa_port} " in command_line(served.rasa()[0])
        assert served.ask("đăng ký khai sinh cho con cần giấy tờ gì", "again")["procedure"]["code"] == BIRTH


@pytest.mark.parametrize("doing", ["loading", "training"])
def test_sigterm_while_rasa_is_made_ready_leaves_nothing(home: Path, tmp_path: Path, doing: str) -> None:
    own = tmp_path / "home"
    shutil.copytree(home, own, symlinks=True)
    if doing == "training":
        RasaPaths(own).models.unlink()
    with serving(own, tmp_path) as served:
        served.start()
        verb = {"loading": " run ", "training": " train "}[doing]
        until(lambda: any(verb in command_line(pid) for pid in served.rasa()), f"Rasa is {doing}")
        rasa = served.rasa()
        assert served.end(signal.SIGTERM) == 0
        until(lambda: not any(is_running(pid) for pid in rasa), "Rasa has gone")


def test_beyond_loopback_rasa_still_reaches_the_actions(home: Path, tmp_path: Path) -> None:
    """127.0.0.2 stands in for an address of the local network: 127.0.0.1 does not reach it."""
    with serving(home, tmp_path, HOST="127.0.0.2") as served:
        served.start()
        served.wait_for_rasa()
        reply = served.ask("đăng ký khai sinh cho con cần giấy tờ gì", "lan")
        assert (reply["degraded"], reply["procedure"]["code"]) == (False, BIRTH)
