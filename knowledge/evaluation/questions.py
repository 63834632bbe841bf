"""Question sets: JSON Lines, one question or dialogue a line, recognised by their keys.

========  ==============================  ==========================================
kind      keys that tell it               asks
========  ==============================  ==========================================
dialogue  ``turns``                       a conversation, turn by turn
plan      ``src`` and ``must``            a fact of a plan
faq       ``covered``                     a portal's own FAQ question
lookup    ``lookup``                      an exact number (code, document, form)
citizen   ``expect`` and ``gold``         everything else
========  ==============================  ==========================================
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from knowledge.evaluation.errors import QuestionError

QuestionKind = Literal["citizen", "lookup", "faq", "plan", "turn"]
EXPECTATIONS = ("answer", "clarify", "abstain", "chitchat", "refuse", "handoff")
COVERED = ("yes", "procedure-only", "no")
ABSTAIN = ("", "clean", "hard")
NO_ACCENT = "nodiacritics"


@dataclass(frozen=True)
class Question:
    """One question with what is right for it.

    Attributes:
        set_name: where it stands; the file's name without its end.
        variant: its register or sort ("plain", "typo", "ambiguous", "code" …).
        gold: codes that are right, best first.
        aspect: "" where none is judged; ``aspect_alt``: neighbours that are no gross error.
        answer_must: every group has to hold, in a group any alternative will do.
        expect: one of EXPECTATIONS; "answer" for plans.
        siblings: codes of procedures that an ambiguous question fits.
        covered, abstain, bait: of FAQ questions only.
        source, must: of plan questions only: the start of the record's id, words of the passage.
        act: of turns only ("ask", "track" …).
    """

    id: str
    text: str
    kind: QuestionKind
    set_name: str
    variant: str
    expect: str
    gold: tuple[str, ...] = ()
    aspect: str = ""
    aspect_alt: tuple[str, ...] = ()
    answer_must: tuple[tuple[str, ...], ...] = ()
    siblings: tuple[str, ...] = ()
    covered: str = ""
    abstain: str = ""
    bait: tuple[str, ...] = ()
    source: str = ""
    must: tuple[str, ...] = ()
    act: str = ""


@dataclass(frozen=True)
class Dialogue:
    """A conversation whose turns share one session; ``variant`` is its sort ("ellipsis", "track" …)."""

    id: str
    set_name: str
    variant: str
    turns: tuple[Question, ...]


Item = Question | Dialogue


def read_sets(paths: Sequence[Path]) -> list[Item]:
    """Read files and folders (every ``*.jsonl`` below them, in order of their names).

    Raises:
        QuestionError: nothing there, or a line that is no question; names file and line.
    """
    files = [file for path in paths for file in _files(path)]
    stems = [file.stem for file in files]
    names = [f"{f.parent.name}-{f.stem}" if stems.count(f.stem) > 1 else f.stem for f in files]
    return [item for file, name in zip(files, names, strict=True) for item in read_file(file, name)]


def read_file(path: Path, set_name: str = "") -> list[Item]:
    """Read one file; a FAQ line that brings a form without diacritics gives two questions."""
    items: list[Item] = []
    for number, line in enumerate(_text(path).splitlines(), 1):
        if line.strip():
            items += _items(_Row(path, number, _object(path, number, line)), set_name or path.stem)
    if not items:
        raise QuestionError(path, 0, "one question a line", "none")
    _refuse_doubles(path, items)
    return items


class _Row:
    """One line's object, read with complaints that name the place."""

    def __init__(self, path: Path, line: int, data: Mapping[str, Any]) -> None:
        self.path, self.line, self.data = path, line, data

    def __contains__(self, key: str) -> bool:
        return key in self.data

    def text(self, key: str, default: str | None = None) -> str:
        value = self.data.get(key, default)
        if value is None and default is not None:
            return default
        if not isinstance(value, str) or (default is None and not value.strip()):
            raise self.error(f"text in {key!r}", value)
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.data.get(key) or []
        if not isinstance(value, list) or not all(isinstance(v, str) and v for v in value):
            raise self.error(f"a list of texts in {key!r}", value)
        return tuple(value)

    def groups(self, key: str) -> tuple[tuple[str, ...], ...]:
        value = self.data.get(key) or []
        if not isinstance(value, list) or not all(
            isinstance(group, list) and group and all(isinstance(v, str) and v for v in group) for group in value
        ):
            raise self.error(f"a list of lists of texts in {key!r}", value)
        return tuple(tuple(group) for group in value)

    def one_of(self, key: str, allowed: Sequence[str], default: str | None = None) -> str:
        value = self.text(key, default)
        if value not in allowed:
            raise self.error(f"{key!r} to be one of {', '.join(a or '(nothing)' for a in allowed)}", value)
        return value

    def error(self, expected: str, came: object) -> QuestionError:
        return QuestionError(self.path, self.line, expected, "nothing" if came is None else repr(came)[:80])


def _items(row: _Row, set_name: str) -> Iterator[Item]:
    if "turns" in row:
        yield _dialogue(row, set_name)
    elif "src" in row and "must" in row:
        yield _plan(row, set_name)
    elif "covered" in row:
        yield from _faq(row, set_name)
    elif "expect" in row and "gold" in row:
        yield _citizen(row, set_name)
    else:
        keys = ", ".join(sorted(row.data)) or "no key"
        raise QuestionError(
            row.path, row.line, "the keys of a question (expect and gold, covered, src and must, or turns)", keys
        )


def _citizen(row: _Row, set_name: str) -> Question:
    return Question(
        id=row.text("id"),
        text=row.text("q"),
        kind="lookup" if "lookup" in row else "citizen",
        set_name=set_name,
        variant=row.text("variant", "plain") or "plain",
        expect=row.one_of("expect", EXPECTATIONS),
        gold=row.texts("gold"),
        aspect=row.text("aspect", ""),
        aspect_alt=row.texts("aspect_alt"),
        answer_must=row.groups("answer_must"),
        siblings=row.texts("siblings"),
    )


def _faq(row: _Row, set_name: str) -> Iterator[Question]:
    covered = row.one_of("covered", COVERED)
    question = Question(
        id=row.text("id"),
        text=row.text("q"),
        kind="faq",
        set_name=set_name,
        variant="faq",
        expect="abstain" if covered == "no" else "answer",
        gold=row.texts("gold"),
        aspect=row.text("aspect", ""),
        covered=covered,
        abstain=row.one_of("abstain", ABSTAIN, ""),
        bait=row.texts("bait"),
    )
    if covered != "no" and not question.gold:
        raise row.error("codes in 'gold' where the question is covered", row.data.get("gold"))
    yield question
    bare = row.text("q_noaccent", "")
    if bare:
        yield replace(question, id=f"{question.id}~{NO_ACCENT}", text=bare, variant=f"faq_{NO_ACCENT}")


def _plan(row: _Row, set_name: str) -> Question:
    must = row.texts("must")
    if not must:
        raise row.error("words in 'must'", row.data["must"])
    return Question(
        id=row.text("id"),
        text=row.text("q"),
        kind="plan",
        set_name=set_name,
        variant=row.text("variant", "plan") or "plan",
        expect="answer",
        source=row.text("src"),
        must=must,
    )


def _dialogue(row: _Row, set_name: str) -> Dialogue:
    turns = row.data["turns"]
    if not isinstance(turns, list) or not turns or not all(isinstance(turn, dict) for turn in turns):
        raise row.error("a list of turns in 'turns'", turns)
    name = row.text("id")
    made = (_turn(_Row(row.path, row.line, turn), f"{name}.{n}", set_name) for n, turn in enumerate(turns, 1))
    return Dialogue(name, set_name, row.text("kind", "") or row.text("variant", "dialogue"), tuple(made))


def _turn(row: _Row, turn_id: str, set_name: str) -> Question:
    return Question(
        id=turn_id,
        text=row.text("q"),
        kind="turn",
        set_name=set_name,
        variant="dialogue",
        expect=row.one_of("expect", EXPECTATIONS),
        gold=row.texts("gold"),
        aspect=row.text("aspect", ""),
        aspect_alt=row.texts("aspect_alt"),
        siblings=row.texts("siblings"),
        act=row.text("act", "ask"),
    )


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    found = sorted(path.rglob("*.jsonl")) if path.is_dir() else []
    if not found:
        raise QuestionError(path, 0, "a file of questions or a folder with *.jsonl", "nothing of the kind")
    return found


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as exc:
        raise QuestionError(path, 0, "UTF-8", f"other bytes at {exc.start}") from exc
    except OSError as exc:
        raise QuestionError(path, 0, "a readable file", type(exc).__name__) from exc


def _object(path: Path, number: int, line: str) -> Mapping[str, Any]:
    try:
        data = json.loads(line)
    except ValueError as exc:
        raise QuestionError(path, number, "a JSON object", f"broken JSON ({exc})") from exc
    if not isinstance(data, dict):
        raise QuestionError(path, number, "a JSON object", type(data).__name__)
    return data


def _refuse_doubles(path: Path, items: Sequence[Item]) -> None:
    seen: set[str] = set()
    for item in items:
        if item.id in seen:
            raise QuestionError(path, 0, "each id once", f"{item.id} twice")
        seen.add(item.id)
