"""The product on its bundled knowledge answers our own questions at least as well as expected.yml says."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from bot.errors import CommandFailed
from bot.evaluating import run_evaluation
from bot.settings import Settings
from knowledge.content.loader import load_bundled
from knowledge.evaluation.gate import falls_short, load_gate
from knowledge.evaluation.questions import Dialogue, Question, read_file
from knowledge.evaluation.summary import figure

pytestmark = pytest.mark.integration
HERE = Path(__file__).resolve().parents[3] / "knowledge" / "evaluation"
QUERIES, EXPECTED = HERE / "queries.jsonl", HERE / "expected.yml"


@pytest.fixture(scope="session")
def results(bundled_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results folder of one run over our own questions."""
    output = tmp_path_factory.mktemp("results")
    run_evaluation(bundled_settings, [QUERIES], False, False, "", output, Console(file=StringIO()))
    (folder,) = output.iterdir()
    return folder


@pytest.fixture(scope="session")
def summary(results: Path) -> dict:
    return json.loads((results / "summary.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("side", "name"), [(side, name) for side, limits in load_gate(EXPECTED).items() for name in limits]
)
def test_a_figure_is_within_its_limit(summary: dict, side: str, name: str) -> None:
    limit = load_gate(EXPECTED)[side][name]
    assert falls_short(summary, {side: {name: limit}}) == []


def test_no_question_ends_in_an_error(summary: dict) -> None:
    assert summary["n_errors"] == 0


def test_a_run_leaves_answers_figures_and_configuration(results: Path, summary: dict) -> None:
    answers = [json.loads(line) for line in (results / "answers.jsonl").read_text(encoding="utf-8").splitlines()]
    configuration = json.loads((results / "configuration.json").read_text(encoding="utf-8"))
    assert len(answers) == summary["n_questions"]
    assert all(row["asked"]["status"] and "rank" in row for row in answers)
    assert configuration["system"]["manifest"]["n_procedures"] == len(load_bundled().records)
    assert configuration["search"]["thresholds"]["answer"] == figure(summary, "abstention.at_threshold.threshold")
    assert configuration["sets"] == ["queries.jsonl"]


def test_a_figure_below_its_floor_fails_the_run(bundled_settings: Settings, tmp_path: Path) -> None:
    one = tmp_path / "one.jsonl"
    one.write_text(QUERIES.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    floors = tmp_path / "floors.yml"
    floors.write_text("minimum: {retrieval.one.all.r1: 1.01}", encoding="utf-8")
    with pytest.raises(CommandFailed, match="retrieval.one.all.r1"):
        run_evaluation(bundled_settings, [one], False, False, "", tmp_path / "out", Console(file=StringIO()), floors)


def test_every_code_in_our_questions_is_bundled() -> None:
    known = {procedure.code for procedure in load_bundled().records}
    items = read_file(QUERIES)
    questions = [q for item in items for q in (item.turns if isinstance(item, Dialogue) else (item,))]
    named = {code for question in questions for code in (*question.gold, *question.siblings)}
    assert named - known == set()


def test_our_questions_cover_every_register_and_ending() -> None:
    questions = [item for item in read_file(QUERIES) if isinstance(item, Question)]
    registers = [q.variant for q in questions if q.kind == "citizen" and q.expect == "answer"]
    assert len(registers) >= 60
    assert {"plain", "nodiacritics", "teencode", "typo", "dialect_indirect"} == set(registers)
    assert {"answer", "clarify", "abstain", "chitchat", "refuse", "handoff"} == {q.expect for q in questions}
    assert sum(q.kind == "plan" for q in questions) >= 10
