"""``scripts/setup.sh`` itself, with a small program in uv's place: what it asks for, says, and how it ends."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ("bash", "cat", "cut", "dirname", "grep", "mkdir", "rm", "sha256sum")
TORCH = re.search(r"^torch==.*$", (ROOT / "requirements/train.in").read_text(encoding="utf-8"), re.MULTILINE)[0]

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """The script and the requirement files, and a ``.tools`` whose uv notes what it is called with."""
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts/setup.sh", tmp_path / "scripts/setup.sh")
    (tmp_path / "pyproject.toml").write_text("")
    for name in ("python", "uv"):
        program(tmp_path / ".tools/bin" / name, "exit 0")
    stamp = tmp_path / ".tools/.stamps/uv"
    stamp.parent.mkdir()
    stamp.write_text(hashlib.sha256((ROOT / "requirements/uv.txt").read_bytes()).hexdigest()[:32])
    return tmp_path


@pytest.fixture
def run(repository: Path) -> Run:
    """Runs the script with a PATH that holds the tools it needs and a Python 3.11, and nothing else."""
    path = repository / "path"
    path.mkdir()
    for tool in TOOLS:
        (path / tool).symlink_to(shutil.which(tool))
    program(path / "python3.11", 'case "$2" in *print*) echo "$0";; esac')

    def run_script(what: str, **environment: str) -> subprocess.CompletedProcess[str]:
        given = {"PATH": str(path), "HOME": str(repository), **environment}
        return subprocess.run([path / "bash", "scripts/setup.sh", what], cwd=repository, env=given, capture_output=True, text=True)

    return run_script


def program(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!{shutil.which('bash')}\n{text}\n")
    path.chmod(0o755)


def uv(repository: Path, text: str = "") -> Path:
    """Let uv write its arguments to a file, then do ``text``."""
    calls = repository / "calls"
    program(repository / ".tools/bin/uv", f'echo "$@ [$UV_FIND_LINKS]" >> {calls}\n{text}\nexit 0')
    return calls


# Rasa's environment is a wish, not a need: make run goes on without.


def test_without_python_3_10_it_says_what_to_install_and_stops_nothing(repository: Path, run: Run) -> None:
    uv(repository, '[ "$1" = venv ] && { mkdir -p ../../.venv-rasa; exit 2; }')
    done = run("rasa")
    assert done.returncode == 0
    for words in ("Không tìm thấy Python 3.10", "No Python 3.10 found", ".tools/bin/uv python install 3.10", "trả lời trực tiếp"):
        assert words in done.stderr
    assert not (repository / ".venv-rasa").exists(), "half an environment would look like one"


def test_a_rasa_that_cannot_be_installed_stops_nothing_and_leaves_no_half(repository: Path, run: Run) -> None:
    calls = uv(repository, '[ "$1" = pip ] && exit 1; mkdir -p ../../.venv-rasa/bin')
    done = run("rasa")
    assert done.returncode == 0 and "Không cài được Rasa" in done.stderr
    assert "--require-hashes -r requirements/rasa/rasa.txt" in calls.read_text()
    assert not (repository / ".venv-rasa").exists()


def test_without_python_3_11_it_stops_and_says_what_to_install(repository: Path, run: Run) -> None:
    (repository / "path/python3.11").unlink()
    (repository / ".tools/.stamps/uv").unlink()
    done = run("product")
    assert done.returncode == 1
    assert "apt-get install python3 python3-venv" in done.stderr and "MOTCUA_PYTHON" in done.stderr


def test_an_unknown_environment_is_refused_with_the_known_ones(run: Run) -> None:
    done = run("nonsense")
    assert done.returncode == 2 and "product|dev|rasa|train|system" in done.stderr


# torch.


@pytest.mark.parametrize(
    ("environment", "links"),
    [({}, ""), ({"PIP_FIND_LINKS": "/wheels"}, "/wheels"), ({"PIP_FIND_LINKS": "/wheels", "UV_FIND_LINKS": "/mine"}, "/mine")],
)
def test_torch_comes_in_the_pinned_version_from_where_pip_would_find_it(
    repository: Path, run: Run, environment: dict[str, str], links: str
) -> None:
    calls = uv(repository)
    done = run("train", **environment)
    assert done.returncode == 0, done.stderr
    installs = [line for line in calls.read_text().splitlines() if "torch==" in line and "--dry-run" not in line]
    assert installs == [f"pip install --quiet --python .venv-train/bin/python {TORCH} [{links}]"]
    assert re.fullmatch(r"torch==\d+\.\d+\.\d+", TORCH)


@pytest.mark.parametrize(
    ("coming", "is_cuda"),
    [(" + torch==2.13.0+cpu", False), (" + nvidia-cublas==13.1.1.3", True), (" + triton==3.6.0", True), (" + cuda-bindings==13.5.0", True)],
)
def test_a_cuda_build_is_announced_before_it_comes(repository: Path, run: Run, coming: str, is_cuda: bool) -> None:
    uv(repository, f'case "$*" in *--dry-run*) echo "Would install" >&2; echo "{coming}" >&2;; esac')
    done = run("train")
    assert done.returncode == 0
    assert ("CUDA" in done.stderr) is is_cuda and ("UV_FIND_LINKS" in done.stderr) is is_cuda


# What tests run beside.


def test_what_cannot_be_installed_for_tests_is_said_and_stops_nothing(repository: Path, run: Run) -> None:
    program(repository / "path/id", "echo 0")
    program(repository / "path/ls", "exit 0")
    program(repository / "path/apt-get", "exit 100")
    done = run("system")
    assert done.returncode == 0
    assert "Could not be installed" in done.stderr and "chromium" in done.stderr and "tesseract-ocr-vie" in done.stderr
