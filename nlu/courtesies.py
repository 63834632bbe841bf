"""Openings and closings of messages, cut away so that "em chào anh chị, cho em hỏi …, em cảm ơn" is read as the
question it is. They live in nlu/courtesies.yml, written without diacritics."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from re import Match, Pattern

import yaml

from nlu.diacritics import bare

_FILE = Path(__file__).with_name("courtesies.yml")
_BETWEEN = " \t\n,.;:!…~-"
_WINDOW = 120  # letters at either end that are looked at
# Words that look like "nha", "nhé", "dạ", "vâng" without their marks.
_NO_COURTESY = frozenset({"nhà", "nhẹ", "nhả", "nhã", "đã", "đa", "dã", "vàng", "vắng"})
_LEAST_LEFT = 3  # syllables; with fewer the message is the courtesy itself


def without_courtesies(message: str) -> str:
    """The message between its openings and its closings.

    Args:
        message: as typed, NFC, with or without diacritics.

    Returns:
        The message itself where it has none, or where fewer than three syllables would be left.
    """
    mask = bare(message.lower())
    if len(mask) != len(message):  # a letter outside NFC Vietnamese: offsets would slip
        return message
    start, end = _middle(message, mask)
    left = message[start:end].strip(_BETWEEN)
    return left if len(left.split()) >= _LEAST_LEFT else message


def only_thanks(message: str) -> bool:
    """Whether a message thanks and says nothing besides ("dạ em cám ơn ạ, giúp em nhiều quá").

    Args:
        message: as typed, NFC, with or without diacritics.
    """
    mask = bare(message.lower())
    _, _, thanks = _patterns()
    if len(mask) != len(message) or not thanks.search(mask):
        return False
    start, end = _middle(message, mask)
    return not message[start:end].strip(_BETWEEN)


def _middle(message: str, mask: str) -> tuple[int, int]:
    """Where what stands between openings and closings begins and ends."""
    opening, closing, _ = _patterns()
    start, end = 0, len(mask)
    while (found := opening.match(mask, start, _WINDOW)) and _is_courtesy(message, found):
        start = found.end()
    while (found := closing.search(mask, max(start, len(mask) - _WINDOW), end)) and _is_courtesy(message, found):
        end = found.start()
    return start, end


def _is_courtesy(message: str, found: Match[str]) -> bool:
    """Whether no word of what was found is another one as it was typed: "xây nhà" does not close like "ở đâu nha"."""
    words = message[found.start() : found.end()].lower().replace(",", " ").replace("?", " ").split()
    return _NO_COURTESY.isdisjoint(word.strip(_BETWEEN) for word in words)


@lru_cache(maxsize=1)
def _patterns() -> tuple[Pattern[str], Pattern[str], Pattern[str]]:
    """One opening at the place where a text begins, one closing where it ends, a word of thanks anywhere; never empty."""
    tables = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    openings, closings = ("|".join(f"(?:{line})" for line in tables[key]) for key in ("openings", "closings"))
    between = rf"[{re.escape(_BETWEEN)}?]*"
    return (
        re.compile(rf"{between}(?:{openings})(?![^\W_]){between}"),
        re.compile(rf"(?<![^\W_])(?:{closings})(?![^\W_]){between}$"),
        re.compile(rf"(?<![^\W_])(?:{tables['thanks']})(?![^\W_])"),
    )
