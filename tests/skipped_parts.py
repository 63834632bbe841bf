"""Nothing is skipped silently: the end of a run lists what was, and in CI the great parts may not be missing.

Where ``CI`` is true, tests with a marker of ``PARTS`` stop the run at its start when their part is not installed,
unless ``MOTCUA_TESTS_MAY_LACK`` names it ("rasa,browser"). ``tests/conftest.py`` takes the two hooks over.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Mapping

import pytest

from bot import rasa_process
from bot.rasa_process import RasaPaths
from bot.settings import REPOSITORY

MAY_LACK = "MOTCUA_TESTS_MAY_LACK"


def chromium() -> str | None:
    """The browser of the browser tests."""
    return os.environ.get("MOTCUA_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


def _no_rasa() -> str | None:
    return rasa_process.unavailable_reason(RasaPaths(REPOSITORY / "var"))


def _no_browser() -> str | None:
    return None if chromium() else "no Chromium: install the package chromium, or set MOTCUA_CHROMIUM to its path"


PARTS: dict[str, Callable[[], str | None]] = {"rasa": _no_rasa, "browser": _no_browser}


def lacking(markers: Iterable[str], environment: Mapping[str, str], parts: Mapping[str, Callable[[], str | None]]) -> dict[str, str]:
    """Part → why it is not there, of the parts these markers need and this run may not do without."""
    if environment.get("CI", "").lower() not in ("1", "true", "yes"):
        return {}
    excused = {name.strip() for name in environment.get(MAY_LACK, "").split(",")}
    needed = (set(markers) & set(parts)) - excused
    return {name: reason for name in sorted(needed) if (reason := parts[name]())}


def pytest_collection_finish(session: pytest.Session) -> None:
    if session.config.option.collectonly:
        return
    markers = {mark.name for item in session.items for mark in item.iter_markers()}
    faults = lacking(markers, os.environ, PARTS)
    if faults:
        told = "".join(f"\n  {name}: {reason}" for name, reason in faults.items())
        raise pytest.UsageError(
            f"CI={os.environ['CI']}: expected all parts that the tests need, these are missing:{told}\n"
            f"Install them (make setup-rasa, make setup-system), or let their tests be skipped: {MAY_LACK}={','.join(faults)}"
        )


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reasons = Counter(str(report.longrepr[2]).removeprefix("Skipped: ") for report in terminalreporter.stats.get("skipped", []))
    if reasons:
        terminalreporter.section(f"{sum(reasons.values())} tests were skipped, these parts are NOT tested", "=", yellow=True)
        for reason, n_tests in reasons.most_common():
            terminalreporter.line(f"{n_tests:>5}  {reason}")
