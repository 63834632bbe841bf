"""``motcua serve`` as a process of its own, and a home for it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from bench.processes import family_of
from bot.rasa_process import free_port
from bot.settings import REPOSITORY

SERVE = (sys.executable, "-m", "bot.cli", "serve")
PATIENCE_S = 240.0  # a start on a busy machine; nothing is judged by it


class Asking:
    """Questions to a running gateway."""

    client: httpx.Client

    def ask(self, question: str, session: str) -> dict[str, Any]:
        response = self.client.post("/api/v1/ask", json={"question": question, "session_id": session})
        assert response.status_code == 200, response.text
        return response.json()

    def wait_for_rasa(self) -> None:
        """Until an answer comes through Rasa; the gateway spares it for a while after failures."""
        n = iter(range(10_000))
        until(lambda: not self.ask("xin chào", f"probe-{next(n)}")["degraded"], "answers come through Rasa")


class Served(Asking):
    """A running ``motcua serve`` and a client of it."""

    def __init__(
        self, home: Path, folder: Path, command: Sequence[str], environment: Mapping[str, str], **settings: str | int
    ) -> None:
        self.port, self.rasa_port = free_port(), free_port()
        given = {"HOME": home, "PORT": self.port, "RASA_PORT": self.rasa_port, "RASA_TIMEOUT_S": 30, **settings}
        self.environment = {key: value for key, value in os.environ.items() if not key.startswith("MOTCUA_")}
        self.environment |= {f"MOTCUA_{key}": str(value) for key, value in given.items()} | {"PYTHONPATH": str(REPOSITORY), **environment}
        self._folder, self._command = folder, list(command)
        self.process: subprocess.Popen[bytes] | None = None
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=60, trust_env=False)

    def start(self) -> None:
        """As an operator does; returns when the gateway answers (Rasa takes longer)."""
        with (self._folder / "serve.log").open("ab") as log:
            self.process = subprocess.Popen(
                self._command, cwd=self._folder, env=self.environment,
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip
        until(self._is_alive, "the gateway answers")

    def _is_alive(self) -> bool:
        assert self.process.poll() is None, self.said()[-2000:]
        try:
            return self.client.get("/healthz").is_success
        except httpx.TransportError:
            return False

    def said(self) -> str:
        """What the operator saw on the terminal."""
        return (self._folder / "serve.log").read_text(encoding="utf-8")

    def family(self) -> list[int]:
        """Process ids of what was started and all below it, parents first."""
        return family_of(self.process.pid)

    def rasa(self) -> list[int]:
        """Process ids of Rasa and of its own children."""
        return [pid for pid in self.family()[1:] if "bot.rasa_launcher" in command_line(pid)]

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


def copy_home(source: Path, target: Path) -> Path:
    """A home of its own with the index and the caches of another one."""
    for name in ("index", "cache", "models"):
        shutil.copytree(source / name, target / name, symlinks=True)
    return target


@contextmanager
def serving(
    home: Path, folder: Path, command: Sequence[str] = SERVE, environment: Mapping[str, str] | None = None, **settings: str | int
) -> Iterator[Served]:
    """A product that was not started yet; whatever was started is gone afterwards."""
    served = Served(home, folder, command, environment or {}, **settings)
    family: list[int] = []
    try:
        yield served
    finally:
        if served.process is not None:
            family = served.family()
            served.process.kill()
            served.process.wait()
        for pid in family[1:]:
            if is_running(pid):
                os.kill(pid, signal.SIGKILL)
        served.client.close()
