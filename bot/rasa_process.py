"""Rasa as a child process: found, trained where something changed, started, watched, stopped.

Only the parent (``bot/app.py``, ``motcua serve``) uses this. Where Rasa's environment is missing, that is
said once and the product answers directly.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import secrets
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

logger = logging.getLogger(__name__)

REPOSITORY = Path(__file__).resolve().parent.parent
PYTHON_VERSION = (3, 10)  # Rasa 3.6 runs on 3.8 to 3.10; its lock file is made for 3.10
START_TIMEOUT_S = 180.0  # 25 to 42 s on two idle cores, more while an index is being built
STOP_TIMEOUT_S = 15.0
TRAIN_TIMEOUT_S = 1800.0
FIRST_BACK_OFF_S, LONGEST_BACK_OFF_S = 2.0, 120.0
CALM_S = 300.0  # a process that lived this long starts the back-off anew
LIFELINE_VARIABLE = "MOTCUA_RASA_LIFELINE"  # bot/rasa_launcher.py reads it too, and imports nothing of ours
_MODEL = "motcua"
_INPUTS = ("config.yml", "bot/domain", "bot/data", "bot/rasa_launcher.py", "nlu")
_INPUT_SUFFIXES = (".yml", ".yaml", ".py", ".json")


class RasaError(Exception):
    """Rasa cannot be trained or started. The message says why and what to do."""


@dataclass(frozen=True)
class RasaPaths:
    """Where things lie; ``home`` is MOTCUA_HOME."""

    home: Path
    repository: Path = REPOSITORY

    @property
    def python(self) -> Path:
        return self.repository / ".venv-rasa" / "bin" / "python"

    @property
    def models(self) -> Path:
        return self.home / "rasa" / "models"

    @property
    def model(self) -> Path:
        return self.models / f"{_MODEL}.tar.gz"

    @property
    def fingerprint(self) -> Path:
        return self.models / f"{_MODEL}.fingerprint.json"

    @property
    def log(self) -> Path:
        return self.home / "logs" / "rasa.log"


def unavailable_reason(paths: RasaPaths) -> str | None:
    """Why Rasa cannot run here and what to do, or None when its environment stands."""
    if not paths.python.exists():
        return (
            f"expected Rasa's environment at {paths.python.parent.parent.name}, found none; install Python 3.10 "
            "(or uv) and run make setup-rasa. Until then: trả lời trực tiếp, không qua Rasa / answers directly, without Rasa"
        )
    probe = "import sys, importlib.metadata as m; print(*sys.version_info[:2], m.version('rasa'))"
    try:
        found = subprocess.run(
            [str(paths.python), "-c", probe], capture_output=True, text=True, timeout=60, check=True
        ).stdout.split()
    except (OSError, subprocess.SubprocessError) as exc:
        return f"Rasa's environment does not run ({type(exc).__name__}); remove .venv-rasa and run make setup-rasa"
    if (int(found[0]), int(found[1])) != PYTHON_VERSION:
        return f"Rasa needs Python 3.10, its environment has {found[0]}.{found[1]}; remove .venv-rasa and run make setup-rasa"
    return None


def train(paths: RasaPaths, force: bool = False) -> bool:
    """Train the Rasa model where data, domain, configuration or components changed since.

    Returns:
        True when a model was trained, False when the one at hand is current.

    Raises:
        RasaError: no environment, or training failed (the end of Rasa's own words is in the message).
    """
    reason = unavailable_reason(paths)
    if reason:
        raise RasaError(reason)
    digest = training_fingerprint(paths.repository)
    if not force and is_current(paths, digest):
        return False
    paths.models.mkdir(parents=True, exist_ok=True)
    # The new model takes the old one's place by one rename when it is whole.
    command = [
        "train", "--config", "config.yml", "--domain", "bot/domain", "--data", "bot/data",
        "--out", str(paths.models / "new"), "--fixed-model-name", _MODEL, "--force",
    ]  # fmt: skip
    try:
        with _lifeline() as (child_end, _):
            done = subprocess.run(
                _command(paths, *command), cwd=paths.repository, text=True, stdin=subprocess.DEVNULL,
                env=_training_environment(paths) | {LIFELINE_VARIABLE: str(child_end)}, pass_fds=(child_end,),
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=TRAIN_TIMEOUT_S,
            )  # fmt: skip
    except subprocess.TimeoutExpired as exc:
        raise RasaError(f"training Rasa took longer than {TRAIN_TIMEOUT_S:.0f} s and was ended; try again") from exc
    trained = paths.models / "new" / f"{_MODEL}.tar.gz"
    if done.returncode or not trained.is_file():
        raise RasaError(f"training Rasa failed (exit status {done.returncode}): {done.stdout.strip()[-800:]}")
    os.replace(trained, paths.model)
    paths.fingerprint.write_text(json.dumps({"inputs": digest, "model": _sha256(paths.model)}), encoding="utf-8")
    return True


def is_current(paths: RasaPaths, digest: str) -> bool:
    """Whether the model at hand is whole and was trained from the inputs with this fingerprint."""
    try:
        written = json.loads(paths.fingerprint.read_text(encoding="utf-8"))
        return written == {"inputs": digest, "model": _sha256(paths.model)}
    except (OSError, ValueError):
        return False


def training_fingerprint(repository: Path) -> str:
    """sha256 hex over everything a model is made of: configuration, domain, data, our components."""
    digest = hashlib.sha256()
    for path in _input_files(repository):
        digest.update(f"{path.relative_to(repository)}\n".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


@dataclass
class RasaProcess:
    """A running Rasa server on loopback.

    Attributes:
        action_url: where Rasa posts custom actions ("http://127.0.0.1:8000/actions").
        action_token: sent to the actions as ``Authorization: Bearer``.
        port: 0 picks a free one at ``start``; one that another program has by then is replaced by a free one.
        token: made anew for each object; the gateway sends it as ``?token=`` (never logged).
    """

    paths: RasaPaths
    action_url: str
    action_token: str = ""
    port: int = 0
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    start_timeout_s: float = START_TIMEOUT_S
    sleep: Callable[[float], bool] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._lifeline: int | None = None  # our end; closed by the system too, however we end
        self._stopping = threading.Event()
        self._watcher: threading.Thread | None = None
        self._lock = threading.Lock()
        self.n_restarts = 0

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def address(self) -> str | None:
        """Where to ask it now; None while no process of ours runs, so that nobody else on the port is asked."""
        return self.base_url if self.pid is not None else None

    @property
    def pid(self) -> int | None:
        """The child's process id, None when none runs."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def start(self) -> None:
        """Start Rasa and the thread that restarts it; returns at once (see ``wait_ready``).

        Raises:
            RasaError: no environment or no trained model.
        """
        reason = unavailable_reason(self.paths)
        if reason:
            raise RasaError(reason)
        if not self.paths.model.is_file():
            raise RasaError("expected a trained Rasa model, found none; run motcua train")
        self._stopping.clear()
        self._launch()
        self._watcher = threading.Thread(target=self._watch, name="rasa-watch", daemon=True)
        self._watcher.start()

    def wait_ready(self, timeout_s: float | None = None) -> bool:
        """Wait until Rasa has loaded its model; False when time is up or it was stopped."""
        deadline = time.monotonic() + (timeout_s or self.start_timeout_s)
        while time.monotonic() < deadline and not self._stopping.is_set():
            if self.is_ready():
                return True
            self._stopping.wait(0.5)
        return False

    def is_ready(self) -> bool:
        """Whether ``/status`` names a loaded model."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # loopback needs no proxy
        request = urllib.request.Request(f"{self.base_url}/status", headers={"Authorization": f"Bearer {self.token}"})
        try:
            with opener.open(request, timeout=2) as response:
                return bool(json.load(response).get("model_id"))
        except (OSError, ValueError):
            return False

    def stop(self) -> None:
        """End the child (asked first, then forced) and stop watching. Safe to call twice."""
        self._stopping.set()
        with self._lock:
            process, self._process = self._process, None
        if process is not None:
            _end(process)
        self._cut_lifeline()
        if self._watcher is not None and self._watcher is not threading.current_thread():
            self._watcher.join(timeout=STOP_TIMEOUT_S)

    def _launch(self) -> None:
        with self._lock:
            if self._stopping.is_set():
                return
            self._take_port()
            self._cut_lifeline()
            with _open_log(self.paths.log) as log, _lifeline(is_kept=True) as (child_end, self._lifeline):
                self._process = subprocess.Popen(
                    _command(
                        self.paths, "run", "--model", str(self.paths.model), "--enable-api",
                        "--interface", "127.0.0.1", "--port", str(self.port),
                        "--endpoints", "bot/endpoints.yml", "--credentials", "bot/credentials.yml",
                    ),
                    cwd=self.paths.repository, env=self._run_environment() | {LIFELINE_VARIABLE: str(child_end)},
                    pass_fds=(child_end,), stdin=subprocess.DEVNULL,
                    stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
                )  # fmt: skip
        logger.info("rasa-start: pid %s on port %s", self._process.pid, self.port)

    def _take_port(self) -> None:
        """Keep the port where it is free: a stranger on it would be sent the token and citizens' words."""
        if self.port and is_free(self.port):
            return
        wanted, self.port = self.port, free_port()
        if wanted:
            logger.warning(
                "rasa-port: expected port %s of 127.0.0.1 to be free for Rasa, another program has it; Rasa takes %s. "
                "End that program, or set MOTCUA_RASA_PORT to another port or to 0",
                wanted, self.port,
            )  # fmt: skip

    def _cut_lifeline(self) -> None:
        end, self._lifeline = self._lifeline, None
        if end is not None:
            os.close(end)

    def _run_environment(self) -> dict[str, str]:
        return _environment(self.paths) | {
            "MOTCUA_RASA_TOKEN": self.token,
            "MOTCUA_ACTION_URL": self.action_url,
            "MOTCUA_ACTION_TOKEN": self.action_token or "none",
        }

    def _watch(self) -> None:
        back_off_s = FIRST_BACK_OFF_S
        while not self._stopping.is_set():
            process, started = self._process, time.monotonic()
            if process is None:
                return
            status = process.wait()
            if self._stopping.is_set():
                return
            if time.monotonic() - started > CALM_S:
                back_off_s = FIRST_BACK_OFF_S
            logger.error("rasa-died: exit status %s, starting again in %.0f s (see %s)", status, back_off_s, self.paths.log.name)
            if (self.sleep or self._stopping.wait)(back_off_s):
                return
            back_off_s = min(2 * back_off_s, LONGEST_BACK_OFF_S)
            self.n_restarts += 1
            self._launch()


def _command(paths: RasaPaths, *arguments: str) -> list[str]:
    return [str(paths.python), "-m", "bot.rasa_launcher", *arguments]


def _training_environment(paths: RasaPaths) -> dict[str, str]:
    """With the direct answerer's classifier at hand, which Rasa takes over if it is of the same data."""
    return _environment(paths) | {"MOTCUA_INTENT_MODEL": str(paths.home / "models" / "intents")}


def _environment(paths: RasaPaths) -> dict[str, str]:
    """The parent's environment without its secrets, with what keeps Rasa quiet and small."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("MOTCUA_", "VIRTUAL_ENV", "PYTHON"))}
    return kept | {
        "PYTHONPATH": str(paths.repository),
        "PYTHONUNBUFFERED": "1",
        "PYTHONWARNINGS": "ignore",  # dozens of deprecations of Rasa's own pins at each start
        "OMP_WAIT_POLICY": "passive",  # small OpenMP libraries would spin and starve the other core
        "OMP_NUM_THREADS": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": "-1",
        "LOG_LEVEL": "WARNING",
        "LOG_LEVEL_LIBRARIES": "ERROR",
        "RASA_TELEMETRY_ENABLED": "false",
        "RASA_MAX_CACHE_SIZE": "0",
        "RASA_CACHE_DIRECTORY": str(paths.home / "rasa" / "cache"),
        "MPLCONFIGDIR": str(paths.home / "rasa" / "matplotlib"),
        "HOME": str(paths.home / "rasa" / "home"),  # Rasa and Keras write settings there even when told to keep quiet
    }


def _input_files(repository: Path) -> Iterator[Path]:
    for name in _INPUTS:
        path = repository / name
        found = [path] if path.is_file() else sorted(path.rglob("*")) if path.is_dir() else []
        yield from (file for file in found if file.is_file() and file.suffix in _INPUT_SUFFIXES)


@contextmanager
def _lifeline(is_kept: bool = False) -> Iterator[tuple[int, int]]:
    """The child's and our end of a pipe on which nothing is ever written.

    When we end in whatever way, SIGKILL too, the system closes our end; the child reads that and ends itself
    (``bot/rasa_launcher.py``). The child's end is closed here once it was handed over, ours unless it is kept.
    """
    child_end, our_end = os.pipe()
    try:
        yield child_end, our_end
    finally:
        os.close(child_end)
        if not is_kept:
            os.close(our_end)


def is_free(port: int) -> bool:
    """Whether a server could listen on this loopback port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do: old connections hinder nobody
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A loopback port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _open_log(path: Path, limit_bytes: int = 5_000_000) -> IO[bytes]:
    """Append to the log; a long one becomes ``….1`` first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > limit_bytes:
        os.replace(path, path.with_suffix(path.suffix + ".1"))
    return path.open("ab")


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the child's own process group: Rasa's server may have workers."""
    for kind in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is not None:
            return
        try:
            os.killpg(process.pid, kind)
        except ProcessLookupError:
            return
        try:
            process.wait(timeout=STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            continue


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()
