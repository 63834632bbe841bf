"""kill -9 at every point a message passes: nothing is lost, nothing is said twice, and doubt is told."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from connectors import channel_texts as say
from connectors.store.database import Store
from connectors.store.records import feedback_totals, list_questions
from tests.channel_path_victim import POINTS

pytestmark = pytest.mark.integration
ROOT = Path(__file__).resolve().parents[2]
UNSURE = say.UNSURE.split("\n")[0]
#: Point of death → (answers that reached the channel, notices that one may be missing) after the next start.
EXPECTED = {
    "stored": (1, 0), "claimed": (1, 0), "answering": (1, 0), "before_done": (1, 0), "done": (1, 0),
    "before_call": (0, 1), "after_call": (1, 1), "settled": (1, 0),
}  # fmt: skip


def run(url: str, sent: Path, point: str, words: str) -> int:
    command = [sys.executable, "-m", "tests.channel_path_victim", url, str(sent), point, words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode in (0, -signal.SIGKILL), done.stderr[-2000:]
    return done.returncode


def lines(sent: Path) -> list[str]:
    return sent.read_text(encoding="utf-8").splitlines() if sent.exists() else []


def test_every_point_is_tried() -> None:
    assert set(EXPECTED) == set(POINTS)


@pytest.mark.parametrize("point", POINTS)
def test_a_process_killed_on_the_way_loses_nothing_and_says_nothing_twice(tmp_path: Path, point: str) -> None:
    url, sent = f"sqlite:///{tmp_path / 'm.db'}", tmp_path / "sent.txt"
    assert run(url, sent, point, "hỏi") == -signal.SIGKILL
    assert run(url, sent, "", "hỏi") == 0
    said = lines(sent)
    assert (said.count("re: hỏi"), said.count(UNSURE)) == EXPECTED[point]


@pytest.mark.parametrize("point", ["before_done", "before_call"])
def test_the_same_on_postgresql_and_the_person_gets_what_was_missing(tmp_path: Path, fresh_postgres_url: str, point: str) -> None:
    sent = tmp_path / "sent.txt"
    assert run(fresh_postgres_url, sent, point, "hỏi") == -signal.SIGKILL
    assert run(fresh_postgres_url, sent, "", "#guilai") == 0
    assert lines(sent).count("re: hỏi") == 1


@pytest.mark.parametrize("words", ["chưa biết", "#tot"])
@pytest.mark.parametrize("point", ["answering", "before_done", "done", "before_call", "after_call"])
def test_what_staff_should_see_is_kept_once_wherever_the_process_is_killed(tmp_path: Path, point: str, words: str) -> None:
    url, sent = f"sqlite:///{tmp_path / 'm.db'}", tmp_path / "sent.txt"
    assert run(url, sent, point, words) == -signal.SIGKILL
    assert kept(url, words) == (0 if point in ("answering", "before_done") else 1), "with the answer, not after it"
    assert run(url, sent, "", words) == 0
    assert kept(url, words) == 1


def kept(url: str, words: str) -> int:
    """How often the question was counted, or rated."""
    store = Store(url)
    try:
        rows, _ = list_questions(store, "open", 0, 10)
        return feedback_totals(store)[0] if words == "#tot" else sum(row.count for row in rows if row.text == words)
    finally:
        store.close()
