"""``make run`` on a machine without a Python 3.10: it says what to install, goes on, and the product answers directly."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
from pathlib import Path

import pytest

from bot.settings import REPOSITORY, Settings
from tests.integration.serving import Served, copy_home, serving, until

pytestmark = pytest.mark.integration
TOOLS = (
    "awk", "bash", "cat", "column", "cut", "dirname", "env", "grep", "id", "ls", "make", "mkdir", "rm", "sed", "sh", "sha256sum",
)  # fmt: skip
LINKED = ("actions", "connectors", "knowledge", "nlu", "config.yml", ".venv", ".tools")
COPIED = ("bot", "requirements", "scripts", "Makefile", "pyproject.toml")
BIRTH = "1.001193"


def digest_of(*paths: Path) -> str:
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()[:32]


def stamped(stamp: Path) -> str:
    return stamp.read_text() if stamp.is_file() else ""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """The product without Rasa's environment; skips where make would have to install anything first."""
    product = digest_of(REPOSITORY / "requirements/product.txt", REPOSITORY / "pyproject.toml")
    if stamped(REPOSITORY / ".venv/.stamps/product") != product:
        pytest.skip("the product's environment is not up to date: make setup-dev")
    if stamped(REPOSITORY / ".tools/.stamps/uv") != digest_of(REPOSITORY / "requirements/uv.txt"):
        pytest.skip("no uv in .tools: make setup-dev")
    repository = tmp_path / "repository"
    repository.mkdir()
    for name in LINKED:
        (repository / name).symlink_to(REPOSITORY / name)
    for name in COPIED:
        source = REPOSITORY / name
        shutil.copytree(source, repository / name) if source.is_dir() else shutil.copy(source, repository / name)
    return repository


@pytest.fixture
def without_python_3_10(tmp_path: Path) -> dict[str, str]:
    """A PATH with make, a shell and their tools only; uv must look no further and fetch nothing."""
    path = tmp_path / "path"
    path.mkdir()
    for tool in TOOLS:
        if found := shutil.which(tool):
            (path / tool).symlink_to(found)
    nothing = str(tmp_path / "nothing")
    return {"PATH": str(path), "HOME": nothing, "UV_PYTHON_DOWNLOADS": "never", "UV_PYTHON_INSTALL_DIR": nothing, "UV_NO_CACHE": "1"}


def test_make_run_answers_directly_and_says_what_to_install(
    bundled_settings: Settings, repository: Path, without_python_3_10: dict[str, str], tmp_path: Path
) -> None:
    home = copy_home(bundled_settings.home, tmp_path / "home")
    environment = {**without_python_3_10, "PYTHONPATH": str(repository)}
    with serving(home, repository, ["make", "run"], environment) as served:
        served.start()
        reply = served.ask("đăng ký khai sinh cho con cần giấy tờ gì", "direct")
        parts = served.client.get("/readyz").json()["parts"]
        said = served.said()
        end_below_make(served)
    assert (reply["degraded"], reply["status"], reply["procedure"]["code"]) == (True, "answered_aspect", BIRTH)
    assert parts["index"]["ok"] and not parts["rasa"]["ok"] and not parts["rasa"]["required"]
    for words in ("Không tìm thấy Python 3.10", ".tools/bin/uv python install 3.10", "Chạy không có Rasa: trả lời trực tiếp"):
        assert words in said
    assert not (repository / ".venv-rasa").exists()


def end_below_make(served: Served) -> None:
    """make passes no signal on: the product is its child."""
    for pid in served.family()[1:]:
        os.kill(pid, signal.SIGTERM)
    until(lambda: served.process.poll() is not None, "make has ended")
