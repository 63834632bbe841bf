"""The benchmark's own parts: load, processes, scores, the peer's project. No time is asserted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml

from bench.clients import measure
from bench.errors import BenchError
from bench.plain import KINDS, holdout_examples, score_intents, write_project
from bench.processes import Child
from bench.run import main, print_figures


class Echo(BaseHTTPRequestHandler):
    asked: list[str] = []

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append(body["question"])
        self.send_response(503 if body["question"] == "broken" else 200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def server() -> Iterator[str]:
    Echo.asked = []
    made = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=made.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{made.server_address[1]}"
    made.shutdown()
    made.server_close()


def ask(question: str, number: int) -> tuple[str, dict]:
    return "/ask", {"question": question}


def test_a_load_asks_as_often_as_told_and_every_question_in_turn(server: str) -> None:
    load = measure(server, ask, ["a", "b", "c"], n_clients=4, n=10)
    assert (load.n, load.n_clients) == (10, 4)
    counted = Echo.asked[5:]  # the first five warm up
    assert len(counted) == 10
    assert sorted(set(counted)) == ["a", "b", "c"]
    assert 0 < load.p50_ms <= load.p95_ms


def test_an_answer_that_is_not_200_ends_the_measurement(server: str) -> None:
    with pytest.raises(BenchError, match="came 503"):
        measure(server, ask, ["broken"], n_clients=1, n=1)


def test_a_server_that_is_not_there_ends_the_measurement() -> None:
    with pytest.raises(BenchError, match="/ask"):
        measure("http://127.0.0.1:9", ask, ["a"], n_clients=1, n=1)


PARENT = "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'], start_new_session=True); time.sleep(60)"


def test_a_child_is_weighed_and_ended_with_its_own_children(tmp_path: Path) -> None:
    with Child([sys.executable, "-c", PARENT], tmp_path, os.environ, tmp_path / "log") as child:
        child.wait(lambda: len(child.pids()) == 2, 20, "parent")
        pids = child.pids()
        assert child.resident_mib()["all"] > 0
    assert [pid for pid in pids if _runs(pid)] == []


def test_a_child_that_ends_early_is_told(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "raise SystemExit(3)"]
    with pytest.raises(BenchError, match="ended with 3"), Child(command, tmp_path, os.environ, tmp_path / "log") as child:
        child.wait(lambda: False, 20, "server")


def test_macro_f1_weighs_every_intent_alike() -> None:
    pairs = [("a", "a"), ("a", "a"), ("a", "b"), ("b", "b"), ("c", "a")]
    # F1: a 2·2/(3+3), b 2·1/(1+2), c 0 → mean (0.6667 + 0.6667 + 0) / 3
    assert score_intents(pairs) == {"n": 5, "accuracy": 0.6, "macro_f1": 0.4444}


@pytest.mark.parametrize("kind", KINDS)
def test_the_peer_is_a_whole_rasa_project_without_a_component_of_ours(tmp_path: Path, kind: str) -> None:
    write_project(tmp_path / "p", kind)
    config = yaml.safe_load((tmp_path / "p" / "config.yml").read_text(encoding="utf-8"))
    domain = yaml.safe_load((tmp_path / "p" / "domain.yml").read_text(encoding="utf-8"))
    rules = yaml.safe_load((tmp_path / "p" / "data" / "rules.yml").read_text(encoding="utf-8"))["rules"]
    assert not any("nlu.components" in part["name"] for part in config["pipeline"])
    assert config["policies"] is None  # Rasa's defaults
    assert {rule["steps"][1]["action"] for rule in rules} == set(domain["responses"]) - {"utter_restart"}
    assert {intent for _, intent in holdout_examples()} <= set(domain["intents"])


def test_a_wrong_part_is_refused_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--only", "search,tea"])
    assert caught.value.code == 2
    assert "search,tea" in capsys.readouterr().err


def test_the_table_sets_systems_side_by_side(capsys: pytest.CaptureFixture[str]) -> None:
    print_figures({"n": 1, "product": {"ask": {"1": {"p50_ms": 50.0}}}, "plain_diet": {"ask": {"1": {"p50_ms": 20.0}}, "train_s": 9.0}})
    shown = capsys.readouterr().out
    assert "ask 1 p50_ms" in shown
    assert "train_s" in shown


def _runs(pid: int) -> bool:
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True).stdout.strip()
    return bool(state) and not state.startswith("Z")
