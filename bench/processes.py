"""Child processes of a benchmark: started, waited for, weighed and ended by their ids."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType

from bench.errors import BenchError

_STOP_S = 25.0
_MIB = 1024 * 1024


class Child:
    """A server for the length of a ``with`` block; it and its own children are ended at the end of it."""

    def __init__(self, command: Sequence[str], cwd: Path, environment: Mapping[str, str], log: Path) -> None:
        self._command, self._cwd, self._environment, self._log = list(command), cwd, dict(environment), log
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0

    def __enter__(self) -> Child:
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("wb") as log:
            self._started = time.perf_counter()
            self._process = subprocess.Popen(
                self._command, cwd=self._cwd, env=self._environment, stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=log, start_new_session=True,
            )  # fmt: skip
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        family = self.pids()  # children with a session of their own would outlive a parent that is forced to end
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(timeout=_STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for pid in family[1:]:
            _end(pid)

    def wait(self, is_ready: Callable[[], bool], timeout_s: float, what: str) -> float:
        """Seconds from the start until ``is_ready``; looked at four times a second.

        Raises:
            BenchError: the process ended or time was up.
        """
        while time.perf_counter() - self._started < timeout_s:
            if self._process.poll() is not None:
                raise BenchError(f"{what}: expected a running server, it ended with {self._process.returncode}; see {self._log}")
            if is_ready():
                return round(time.perf_counter() - self._started, 1)
            time.sleep(0.25)
        raise BenchError(f"{what}: expected to be ready within {timeout_s:.0f} s; see {self._log}")

    def pids(self) -> list[int]:
        """The child and all below it, parents first."""
        return family_of(self._process.pid)

    def resident_mib(self) -> dict[str, float]:
        """Resident memory of each process, by a name that tells Rasa from the rest, and their sum."""
        sizes: dict[str, float] = {}
        for pid in self.pids():
            name = "rasa" if "rasa" in _command_line(pid) else "gateway"
            sizes[name] = round(sizes.get(name, 0.0) + _resident_bytes(pid) / _MIB, 1)
        return {**sizes, "all": round(sum(sizes.values()), 1)}


def family_of(pid: int) -> list[int]:
    """A process and all below it, parents first."""
    found, queue = [], [pid]
    while queue:
        pid = queue.pop(0)
        found.append(pid)
        queue += _children(pid)
    return found


def _children(pid: int) -> list[int]:
    """Children of every thread of a process; empty once it has gone."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [int(child) for child in task.read_text().split()]
        except OSError:  # the thread ended meanwhile
            continue
    return found


def _resident_bytes(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:")), 0)


def _command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def _end(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
