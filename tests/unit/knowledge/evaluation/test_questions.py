"""Question files: recognised by keys, refused with file and line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from knowledge.evaluation.errors import QuestionError
from knowledge.evaluation.questions import Dialogue, Question, read_file, read_sets

CITIZEN = {"id": "c1", "q": "Phí bao nhiêu?", "variant": "typo", "gold": ["1.000001"], "aspect": "fee", "expect": "answer"}
PLAN = {"id": "p1", "q": "Ai chủ trì?", "src": "xa-2020", "must": ["Phòng Nội vụ"]}
FAQ = {"id": "f1", "q": "Hồ sơ gồm gì?", "q_noaccent": None, "gold": ["1.000001"], "covered": "yes", "aspect": "documents"}
TURN = {"q": "còn phí?", "gold": ["1.000001"], "aspect": "fee", "act": "ask", "expect": "answer"}
DIALOGUE = {"id": "d1", "kind": "ellipsis", "variant": "dialogue", "turns": [TURN, {**TURN, "act": "track", "gold": []}]}


def write(path: Path, *rows: object) -> Path:
    lines = (row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_a_file_may_mix_kinds_whatever_its_name(tmp_path: Path) -> None:
    lookup = {**CITIZEN, "id": "l1", "lookup": "code", "key": "1.000001"}
    items = read_file(write(tmp_path / "anything.jsonl", CITIZEN, PLAN, FAQ, lookup, DIALOGUE))
    assert [item.kind for item in items if isinstance(item, Question)] == ["citizen", "plan", "faq", "lookup"]
    dialogue = items[-1]
    assert isinstance(dialogue, Dialogue)
    assert [(t.id, t.kind, t.act) for t in dialogue.turns] == [("d1.1", "turn", "ask"), ("d1.2", "turn", "track")]


def test_a_faq_question_with_a_bare_form_is_asked_twice(tmp_path: Path) -> None:
    items = read_file(write(tmp_path / "faq.jsonl", {**FAQ, "q_noaccent": "Ho so gom gi?"}))
    assert [(q.id, q.text, q.variant) for q in items] == [
        ("f1", "Hồ sơ gồm gì?", "faq"),
        ("f1~nodiacritics", "Ho so gom gi?", "faq_nodiacritics"),
    ]


def test_an_uncovered_faq_question_expects_no_answer(tmp_path: Path) -> None:
    (question,) = read_file(write(tmp_path / "f.jsonl", {**FAQ, "covered": "no", "gold": [], "abstain": "hard", "bait": ["1.000002"]}))
    assert (question.expect, question.abstain, question.bait) == ("abstain", "hard", ("1.000002",))


def test_a_folder_is_read_whole_and_equal_names_are_told_apart(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write(tmp_path / name / "s1.jsonl", CITIZEN)
    assert [item.set_name for item in read_sets([tmp_path])] == ["a-s1", "b-s1"]


@pytest.mark.parametrize(
    ("row", "named"),
    [
        ("{broken", "broken JSON"),
        ("[1]", "list"),
        ({"id": "x", "q": "?"}, "the keys of a question"),
        ({**CITIZEN, "expect": "guess"}, "'expect' to be one of"),
        ({**CITIZEN, "q": ""}, "text in 'q'"),
        ({**CITIZEN, "gold": "1.000001"}, "a list of texts in 'gold'"),
        ({**CITIZEN, "answer_must": ["phí"]}, "a list of lists of texts in 'answer_must'"),
        ({**FAQ, "covered": "maybe"}, "'covered' to be one of"),
        ({**FAQ, "gold": []}, "codes in 'gold'"),
        ({**PLAN, "must": []}, "words in 'must'"),
        ({**DIALOGUE, "turns": []}, "a list of turns"),
        ({**DIALOGUE, "turns": [{**TURN, "expect": "nothing"}]}, "'expect' to be one of"),
    ],
)
def test_a_line_that_is_no_question_is_named_by_file_and_line(tmp_path: Path, row: object, named: str) -> None:
    with pytest.raises(QuestionError, match="set.jsonl:3: ") as caught:
        read_file(write(tmp_path / "set.jsonl", CITIZEN, "", row))
    assert named in str(caught.value)


def test_the_same_id_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(QuestionError, match="c1 twice"):
        read_file(write(tmp_path / "set.jsonl", CITIZEN, CITIZEN))


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xff\xfe"])
def test_a_file_without_questions_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "empty.jsonl"
    path.write_bytes(content)
    with pytest.raises(QuestionError, match="empty.jsonl"):
        read_sets([path])


def test_a_path_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(QuestionError, match="missing"):
        read_sets([tmp_path / "missing"])
