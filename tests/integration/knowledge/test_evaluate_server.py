"""`motcua eval --url`: the same questions through a server's own interface."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
import uvicorn
from rich.console import Console

from bot.app import build_server
from bot.errors import CommandFailed
from bot.evaluating import run_evaluation
from bot.rasa_process import free_port
from bot.settings import Settings

pytestmark = pytest.mark.integration
QUERIES = Path(__file__).resolve().parents[3] / "knowledge" / "evaluation" / "queries.jsonl"
WANTED = ("own-001", "own-026", "own-p01", "own-d1", "own-061")


@pytest.fixture(scope="module")
def url(bundled_settings: Settings) -> Iterator[str]:
    """A real gateway on a free loopback port, answering directly."""
    port = free_port()
    app = build_server(bundled_settings.model_copy(update={"port": port})).app
    server = uvicorn.Server(uvicorn.Config(app, "127.0.0.1", port, log_level="warning", access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.05)
    assert server.started
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(timeout=20)


@pytest.fixture
def few(tmp_path: Path) -> Path:
    """One question of each kind."""
    lines = [line for line in QUERIES.read_text(encoding="utf-8").splitlines() if json.loads(line)["id"] in WANTED]
    path = tmp_path / "few.jsonl"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_a_server_gives_the_figures_that_the_process_gives(
    url: str, few: Path, bundled_settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    summaries = []
    for way in (url, ""):
        run_evaluation(bundled_settings, [few], True, False, way, tmp_path / "out", Console(file=StringIO()))
        summaries.append(json.loads(capsys.readouterr().out))
    served, local = summaries
    assert served["n_questions"] == local["n_questions"] == 8
    assert served["n_errors"] == 0
    for part in ("retrieval", "lookups", "plans", "dialogues", "answers"):
        assert served[part] == local[part], part


def test_a_server_that_is_away_is_told_in_one_line(few: Path, bundled_settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(CommandFailed, match="/readyz: expected an answer of the server, came ConnectError"):
        run_evaluation(bundled_settings, [few], True, False, "http://127.0.0.1:9", tmp_path, Console(file=StringIO()))


def test_plots_without_matplotlib_are_refused_before_anything_is_asked(
    few: Path, bundled_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.evaluating.importlib.util.find_spec", lambda name: None)
    with pytest.raises(CommandFailed, match="expected matplotlib"):
        run_evaluation(bundled_settings, [few], False, True, "", tmp_path / "out", Console(file=StringIO()))
    assert not (tmp_path / "out").exists()
