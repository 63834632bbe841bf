"""In CI nothing great is missing unnoticed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.skipped_parts import MAY_LACK, lacking

ROOT = Path(__file__).resolve().parents[2]
MISSING = {"rasa": lambda: "no Rasa", "browser": lambda: "no Chromium"}


@pytest.mark.parametrize(
    ("environment", "found"),
    [
        ({}, []),
        ({"CI": "false"}, []),
        ({"CI": "true"}, ["browser", "rasa"]),
        ({"CI": "1", MAY_LACK: "browser"}, ["rasa"]),
        ({"CI": "true", MAY_LACK: "rasa, browser"}, []),
    ],
)
def test_in_ci_a_part_may_be_missing_only_where_it_is_excused(environment: dict[str, str], found: list[str]) -> None:
    assert list(lacking({"rasa", "browser", "integration"}, environment, MISSING)) == found


def test_a_part_that_is_there_or_that_no_test_needs_is_not_missed() -> None:
    assert lacking({"rasa"}, {"CI": "true"}, {**MISSING, "rasa": lambda: None}) == {}


SOME_TESTS = """
import pytest
from tests.skipped_parts import pytest_collection_finish, pytest_terminal_summary

@pytest.mark.browser
def test_page():
    pytest.skip("no Chromium here")

@pytest.mark.browser
def test_other_page():
    pytest.skip("no Chromium here")

def test_words():
    pass
"""


def run_pytest(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    (folder / "conftest.py").write_text(SOME_TESTS.split("\n@")[0])
    (folder / "test_some.py").write_text(SOME_TESTS)
    given = {"PATH": "", "PYTHONPATH": str(ROOT), **environment}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", str(ROOT / "pyproject.toml"), "--rootdir", str(folder), str(folder)]
    return subprocess.run(command, cwd=folder, env=given, capture_output=True, text=True)


def test_a_run_in_ci_fails_at_its_start_and_says_what_to_do(tmp_path: Path) -> None:
    done = run_pytest(tmp_path, CI="true")
    assert done.returncode != 0
    assert "no Chromium: install" in done.stderr + done.stdout and f"{MAY_LACK}=browser" in done.stderr + done.stdout
    assert "1 passed" not in done.stdout


def test_an_excused_run_passes_and_lists_what_was_skipped(tmp_path: Path) -> None:
    done = run_pytest(tmp_path, CI="true", **{MAY_LACK: "browser"})
    assert done.returncode == 0, done.stdout
    assert "2 tests were skipped, these parts are NOT tested" in done.stdout
    assert "    2  no Chromium here" in done.stdout
