"""The question sets of our own: as many as they say, well-formed, about procedures that exist."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from knowledge.content.loader import FOLDER as CONTENT
from knowledge.content.phrasings import load_phrasings
from knowledge.evaluation.questions import Question, read_file
from knowledge.model import ASPECTS

FOLDER = Path(__file__).resolve().parents[4] / "knowledge" / "evaluation"
REGISTERS = {"nodiacritics": 10, "teencode": 10, "typo": 10, "dialect_indirect": 10}
VARIANTS = {
    "unworded": {"plain": 90, **REGISTERS},
    "worded": {"plain": 90, **REGISTERS},
    "ambiguous": {"ambiguous": 50, "control": 40},
    "outside": {"admin_not_in_corpus": 70},
}
LEAST_FIELDS = {"unworded": 25, "worded": 25, "ambiguous": 20, "outside": 10}
EXPECT = {"ambiguous": "clarify", "admin_not_in_corpus": "abstain"}


@cache
def rows(name: str) -> tuple[dict[str, Any], ...]:
    return tuple(
        json.loads(line) for line in (FOLDER / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    )


@cache
def questions(name: str) -> tuple[Question, ...]:
    items = read_file(FOLDER / f"{name}.jsonl")
    assert all(isinstance(item, Question) for item in items)
    return tuple(item for item in items if isinstance(item, Question))


@pytest.mark.parametrize("name", VARIANTS)
def test_a_set_holds_the_sorts_it_announces(name: str) -> None:
    assert Counter(q.variant for q in questions(name)) == VARIANTS[name]
    assert all(q.kind == "citizen" and q.expect == EXPECT.get(q.variant, "answer") for q in questions(name))


@pytest.mark.parametrize("name", VARIANTS)
def test_a_set_is_spread_over_fields(name: str) -> None:
    assert len({row["field"] for row in rows(name)}) >= LEAST_FIELDS[name]


@pytest.mark.parametrize("name", VARIANTS)
def test_only_a_question_with_an_answer_has_gold_and_aspect(name: str) -> None:
    for q in questions(name):
        answers = q.expect == "answer"
        assert bool(q.gold) == answers == bool(q.aspect), q.id
        assert not answers or {q.aspect, *q.aspect_alt} <= set(ASPECTS), q.id


def test_an_ambiguous_question_names_two_procedures_and_what_parts_them() -> None:
    for row in rows("ambiguous"):
        if row["expect"] == "clarify":
            assert len(set(row["siblings"])) == len(row["siblings"]) >= 2 and row["facet"], row["id"]


@pytest.mark.parametrize("name", ["unworded", "worded"])
def test_plain_questions_say_what_the_answer_must_hold_and_versions_agree_with_theirs(name: str) -> None:
    plain = {q.id: q for q in questions(name) if q.variant == "plain"}
    assert all(1 <= len(q.answer_must) <= 2 for q in plain.values())
    assert len({q.gold[0] for q in plain.values()}) == len(plain)
    for row, q in zip(rows(name), questions(name), strict=True):
        if q.variant != "plain":
            pair = plain[row["pair"]]
            assert (q.gold, q.aspect, q.answer_must) == (pair.gold, pair.aspect, pair.answer_must), q.id


def test_no_text_stands_in_two_places() -> None:
    texts = Counter(" ".join(q.text.lower().split()) for name in VARIANTS for q in questions(name))
    assert [text for text, times in texts.items() if times > 1] == []


def test_worded_questions_are_about_procedures_with_citizens_words() -> None:
    assert {code for q in questions("worded") for code in q.gold} <= set(load_phrasings())


def test_codes_exist_in_the_corpus_or_in_the_bundled_content(corpus_dir: Path) -> None:
    with gzip.open(corpus_dir / "procedures-2026-07.jsonl.gz", "rt", encoding="utf-8") as lines:
        known = {json.loads(line)["ma_thu_tuc"] for line in lines}
    known |= {path.stem for path in (CONTENT / "procedures").glob("*.yml")}
    asked = {code for name in VARIANTS for q in questions(name) for code in (*q.gold, *q.siblings)}
    assert asked - known == set()
