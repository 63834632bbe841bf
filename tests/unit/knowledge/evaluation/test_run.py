"""Generate, summarise, print, draw and gate, with a deterministic stand-in for the assistant."""

from __future__ import annotations

from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from knowledge.evaluation.errors import GateError
from knowledge.evaluation.gate import falls_short, load_gate
from knowledge.evaluation.generate import count, generate
from knowledge.evaluation.outcome import Found, FoundPassage
from knowledge.evaluation.questions import Dialogue, Question
from knowledge.evaluation.summary import figure, summarise
from knowledge.evaluation.tables import print_summary


class EchoSystem:
    """Finds the code that stands in the question; answers it unless the question says otherwise."""

    def __init__(self) -> None:
        self.sessions: list[str] = []

    def find_procedures(self, question: str) -> Found:
        return Found((question.split()[-1],), 0.9, stages_ms={"encode": 1.0})

    def find_plans(self, question: str) -> Found:
        return Found(hits=(FoundPassage("xa-2020", "xa-2020.txt", question),), stages_ms={"encode": 2.0})

    def ask(self, question: str, session_id: str) -> Mapping[str, Any]:
        self.sessions.append(session_id)
        status, code = question.split()[0], question.split()[-1]
        return {
            "status": status,
            "aspect": "fee",
            "procedure": {"code": code, "name": "…"},
            "messages": [{"text": "Phí: 8.000 đồng"}, {"text": "Nguồn"}],
            "citations": [{"source": "xa-2020.txt"}],
            "confidence": 0.9,
            "degraded": True,
            "took_ms": 3,
        }


def question(text: str, expect: str = "answer", kind: str = "citizen", **fields: Any) -> Question:
    given = {"id": text, "set_name": "own", "variant": "plain", "gold": ("A",)} | fields
    return Question(text=text, kind=kind, expect=expect, **given)


ITEMS = [
    question("answered_aspect A", aspect="fee", answer_must=(("8.000",),)),
    question("answered_aspect B", variant="typo", aspect="fee"),
    question("clarification_procedure A", "clarify", gold=(), siblings=("A",), variant="ambiguous"),
    question("unanswerable_not_found A", "abstain", gold=(), variant="admin"),
    question("answered_aspect A", kind="lookup", id="look", variant="code"),
    question("answered_plan Phí: bao nhiêu", kind="plan", gold=(), source="xa-2020", must=("Phí:",)),
    Dialogue("d", "own", "ellipsis", (
        question("answered_aspect A", kind="turn", id="d.1", aspect="fee"),
        question("tracking_need_code", kind="turn", id="d.2", gold=(), act="track"),
    )),
]  # fmt: skip


@pytest.fixture
def summary() -> dict[str, Any]:
    return summarise(generate(EchoSystem(), ITEMS), threshold=0.5)


def test_turns_of_a_dialogue_share_a_session_and_questions_do_not() -> None:
    system = EchoSystem()
    done: list[int] = []
    generate(system, ITEMS, done.append)
    assert count(ITEMS) == len(system.sessions) == done[-1] == 8
    assert system.sessions[-1] == system.sessions[-2]
    assert len(set(system.sessions)) == 7


def test_each_kind_of_question_has_its_part_of_the_summary(summary: dict[str, Any]) -> None:
    assert figure(summary, "retrieval.own.all.r1") == 0.5
    assert figure(summary, "retrieval.own.typo.r1") == 0.0
    assert figure(summary, "answers.own.all.must") == 1.0
    assert figure(summary, "clarify.own.all.clarify") == 1.0
    assert figure(summary, "scope.own.all.as_expected") == 1.0
    assert figure(summary, "lookups.own.all.rank1") == 1.0
    assert figure(summary, "plans.own.all.answer") == 1.0
    assert figure(summary, "dialogues.own.all.dialogues") == 1.0
    assert figure(summary, "abstention.n") == 3
    assert (summary["n_questions"], summary["n_errors"], summary["n_degraded"]) == (8, 0, 8)


def test_parts_without_questions_are_left_out() -> None:
    summary = summarise(generate(EchoSystem(), ITEMS[:1]), threshold=0.5)
    assert {"plans", "dialogues", "lookups", "clarify", "scope"}.isdisjoint(summary)


def test_the_table_names_every_set_and_register(summary: dict[str, Any]) -> None:
    out = StringIO()
    print_summary(Console(file=out, width=120), summary)
    text = out.getvalue()
    assert all(word in text for word in ("own", "typo", "R@1", "AURC", "search_encode", "8 câu"))


def test_plots_are_drawn_without_a_display(tmp_path: Path, summary: dict[str, Any]) -> None:
    pytest.importorskip("matplotlib")
    from knowledge.evaluation.plots import draw_all

    outcomes = generate(EchoSystem(), ITEMS)
    files = draw_all(tmp_path, outcomes, summary, 0.5, [("ask_fee", "ask_fee"), ("ask_fee", "ask_time")])
    assert [f.name for f in files] == ["recall.png", "abstention.png", "intents.png"]
    assert all(f.read_bytes().startswith(b"\x89PNG") for f in files)


def gate(tmp_path: Path, text: str) -> dict[str, dict[str, float]]:
    path = tmp_path / "floors.yml"
    path.write_text(text, encoding="utf-8")
    return load_gate(path)


def test_a_gate_lets_the_limit_itself_pass_and_names_what_is_beyond(tmp_path: Path, summary: dict[str, Any]) -> None:
    at_limit = gate(tmp_path, "minimum: {retrieval.own.all.r1: 0.5}\nmaximum: {answers.own.all.over_ask: 0}")
    assert falls_short(summary, at_limit) == []
    beyond = gate(tmp_path, "minimum: {retrieval.own.all.r1: 0.51}\nmaximum: {n_degraded: 7}")
    assert falls_short(summary, beyond) == ["retrieval.own.all.r1 is 0.5, minimum 0.51", "n_degraded is 8, maximum 7"]


def test_a_gate_on_a_figure_that_is_not_there_proves_nothing_and_is_refused(tmp_path: Path, summary: dict[str, Any]) -> None:
    for name in ("retrieval.other.all.r1", "retrieval.own", "answers.own.typo.must"):
        with pytest.raises(GateError, match=name):
            falls_short(summary, gate(tmp_path, f"minimum: {{{name}: 0.1}}"))


@pytest.mark.parametrize("text", ["", "[1]", "floor: {a: 1}", "minimum: {a: high}", "minimum: [a]", "a: [", "minimum: {a: true}"])
def test_a_broken_gate_file_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(GateError, match="floors.yml"):
        gate(tmp_path, text)
