"""Finds every aspect that one question asks for ("cần giấy tờ gì và mất bao nhiêu tiền")."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from re import Pattern
from typing import Any

import yaml

from nlu.diacritics import bare

_FILE = Path(__file__).with_name("aspects.yml")
MAX_ASPECTS = 3  # what one message can hold and a reader can follow


def aspects_asked(question: str) -> tuple[str, ...]:
    """Aspects whose words stand in the question, in order of their first word; () when none does.

    Args:
        question: NFC, abbreviations written out, with or without diacritics.

    Returns:
        At most three. Words that two aspects claim count for the longer match only.
    """
    text = bare(question)
    found = [(m.start(), m.end(), aspect) for aspect, cues in _cues().items() for cue in cues for m in cue.finditer(text)]
    kept: list[tuple[int, int, str]] = []
    for start, end, aspect in sorted(found, key=lambda f: (f[0] - f[1], f[0])):
        if all(end <= s or start >= e for s, e, _ in kept):
            kept.append((start, end, aspect))
    return tuple(dict.fromkeys(aspect for _, _, aspect in sorted(kept)))[:MAX_ASPECTS]


def is_open(question: str) -> bool:
    """Whether it only asks what then ("… thì sao?"), with no words for any one aspect."""
    return _has("open", question) and not aspects_asked(question)


def asks_again(question: str) -> bool:
    """Whether it puts the question before to something else ("còn … thì sao?"), with no words for any one aspect.

    Args:
        question: with diacritics: "con" is a child.
    """
    return any(cue.search(question.lower().rstrip(" ?!.")) for cue in _table("again")) and not aspects_asked(question)


def opens_with_again(question: str) -> bool:
    """Whether it says so at its beginning ("còn …"); "… thì sao?" may be a detail.

    Args:
        question: as above.
    """
    return _table("again")[0].search(question.lower()) is not None


def asks_whether_needed(question: str) -> bool:
    """Whether it asks if one more paper or thing is needed ("… có cần không?")."""
    return _has("needed", question)


def asks_whether_allowed(question: str) -> bool:
    """Whether it asks if something may be done ("con 13 tuổi tự đi làm được không"), with no words for any one aspect."""
    return _has("allowed", question) and not aspects_asked(question)


def speaks_of_online(question: str) -> bool:
    """Whether any word of it is about the net, an app or a telephone."""
    return _has("online_words", question)


def _has(table: str, question: str) -> bool:
    text = bare(question).rstrip(" ?!.")
    return any(cue.search(text) for cue in _table(table))


@lru_cache(maxsize=1)
def _cues() -> dict[str, list[Pattern[str]]]:
    return {aspect: _compiled(lines) for aspect, lines in _read()["aspects"].items()}


@lru_cache(maxsize=8)
def _table(name: str) -> list[Pattern[str]]:
    return _compiled(_read()[name])


def _compiled(lines: list[str]) -> list[Pattern[str]]:
    return [re.compile(rf"(?<![^\W_])(?:{line})(?![^\W_])") for line in lines]


@lru_cache(maxsize=1)
def _read() -> dict[str, Any]:
    return yaml.safe_load(_FILE.read_text(encoding="utf-8"))
