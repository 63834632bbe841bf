"""``rasa test`` on the trained model: every story of tests/dialogue, and the held-back examples."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from bot.rasa_process import RasaPaths
from tests.integration.rasa_home import environment, trained

pytestmark = [pytest.mark.rasa, pytest.mark.integration]
LEAST_MACRO_F1 = 0.93


@pytest.fixture(scope="module")
def rasa() -> RasaPaths:
    return trained()


def rasa_test(rasa: RasaPaths, out: Path, *arguments: str) -> str:
    done = subprocess.run(
        [str(rasa.python), "-m", "bot.rasa_launcher", "test", *arguments, "--model", str(rasa.model), "--out", str(out), "--no-plot"],
        cwd=rasa.repository, env=environment(rasa), capture_output=True, text=True, timeout=900,
    )  # fmt: skip
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    return done.stdout + done.stderr


def test_every_story_is_predicted_to_its_end(rasa: RasaPaths, tmp_path: Path) -> None:
    rasa_test(rasa, tmp_path, "core", "--stories", "tests/dialogue")
    report = json.loads((tmp_path / "story_report.json").read_text(encoding="utf-8"))
    whole = report["conversation_accuracy"]
    failed = (tmp_path / "failed_test_stories.yml").read_text(encoding="utf-8")
    n_stories = sum(path.read_text(encoding="utf-8").count("- story:") for path in (rasa.repository / "tests/dialogue").glob("*.yml"))
    assert whole["total"] == n_stories
    assert whole["correct"] == whole["total"], failed[:3000]


def test_held_back_examples_reach_the_macro_f1(rasa: RasaPaths, tmp_path: Path) -> None:
    rasa_test(rasa, tmp_path, "nlu", "--nlu", "tests/data/nlu_holdout.yml")
    report = json.loads((tmp_path / "intent_report.json").read_text(encoding="utf-8"))
    weakest = sorted((v["f1-score"], k) for k, v in report.items() if isinstance(v, dict) and " avg" not in k)[:5]
    assert report["macro avg"]["support"] > 300
    assert report["macro avg"]["f1-score"] >= LEAST_MACRO_F1, weakest
