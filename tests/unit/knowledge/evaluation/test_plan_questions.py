"""The bundled questions on plans: readable, and each fact stands in the plan it names."""

from __future__ import annotations

from pathlib import Path

from knowledge.evaluation.questions import read_file
from knowledge.sources.plans import read_plan

FOLDER = Path(__file__).resolve().parents[4] / "knowledge" / "evaluation"
FILES = (FOLDER / "plan_questions.jsonl", FOLDER / "plan_questions_fresh.jsonl")


def test_every_question_is_read_and_asks_for_a_short_fact():
    questions = [question for file in FILES for question in read_file(file)]
    assert len(questions) >= 80
    assert all(q.kind == "plan" and all(len(word) <= 60 for word in q.must) for q in questions)


def test_every_fact_stands_in_its_plan(corpus_dir):
    files = [f for folder in ("plans", "plans-2025") for f in (corpus_dir / folder).iterdir()]
    for question in (q for file in FILES for q in read_file(file)):
        (file,) = [f for f in files if f.name.startswith(question.source)]
        text = " ".join(" ".join(" ".join(s.paragraphs) for s in read_plan(file).sections).split())
        assert all(word in text for word in question.must), question.id
