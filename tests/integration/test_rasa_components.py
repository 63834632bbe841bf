"""Our graph components and repairs inside a real Rasa 3.6, in its own environment."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
import yaml

from nlu.understanding import FALLBACK_THRESHOLD

CHECKS = (
    "validator_keeps_the_check",
    "validator_is_built_once",
    "log_entries_hold_no_words",
    "components_understand",
    "offsets_stay_true",
    "a_failed_load_is_an_error",
)


@pytest.mark.rasa
@pytest.mark.integration
@pytest.mark.parametrize("checks", [CHECKS[:1], CHECKS[1:2], CHECKS[2:3], CHECKS[3:]], ids="+".join)
def test_in_rasa(repository: Path, checks: tuple[str, ...]) -> None:
    """A process for each check that changes Rasa, one for those that share the encoder."""
    python = repository / ".venv-rasa" / "bin" / "python"
    if not python.exists():
        pytest.skip("no Rasa environment (.venv-rasa): run make setup-rasa with Python 3.10 at hand")
    environment = os.environ | {"PYTHONPATH": str(repository), "OMP_WAIT_POLICY": "passive", "LOG_LEVEL": "ERROR"}
    done = subprocess.run(
        [str(python), "-W", "ignore", "-m", "tests.integration.rasa_checks", *checks],
        cwd=repository, env=environment, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]


def test_the_fallback_threshold_is_the_same_with_and_without_rasa(repository: Path) -> None:
    pipeline = yaml.safe_load((repository / "config.yml").read_text(encoding="utf-8"))["pipeline"]
    (fallback,) = [part for part in pipeline if part["name"] == "FallbackClassifier"]
    assert fallback["threshold"] == FALLBACK_THRESHOLD
    assert fallback["ambiguity_threshold"] == 0.0


def test_every_component_of_the_pipeline_stands_before_those_that_need_it(repository: Path) -> None:
    pipeline = yaml.safe_load((repository / "config.yml").read_text(encoding="utf-8"))["pipeline"]
    names = [part["name"].rsplit(".", 1)[-1] for part in pipeline]
    assert names == [
        "TextNormalizer", "UndertheseaTokenizer", "EncoderFeaturizer", "NgramFeaturizer",
        "IntentClassifierComponent", "EntityExtractorComponent", "ButtonReader", "FallbackClassifier",
    ]  # fmt: skip
