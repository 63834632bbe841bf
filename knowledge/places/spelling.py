"""Words of a place name: the same syllable in every habit of writing it.

A syllable has three forms: as typed, *marked* (lower case, tone mark at its end, so that ``hoà`` equals
``hòa``) and *bare* (no marks at all). ``y`` and ``i`` after a consonant are one (Quy Nhơn, Qui Nhơn), as are
``đắc`` and ``đắk``.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_PIECE = re.compile(r"[^\W\d_]+|\d+")
_TONES = "\u0300\u0301\u0303\u0309\u0323"
_FINAL_Y = re.compile(r"(?<=[bcghklmnrstvx])y$|(?<=^qu)y$")


@dataclass(frozen=True, slots=True)
class Word:
    """A run of letters or digits; ``start`` and ``end`` are offsets in the text given."""

    typed: str
    marked: str
    bare: str
    start: int
    end: int

    @property
    def has_marks(self) -> bool:
        return self.marked != self.bare


@lru_cache(maxsize=8192)
def forms(syllable: str) -> tuple[str, str]:
    """(marked, bare) of one syllable; leading zeros of numbers fall."""
    if syllable.isdigit():
        number = syllable.lstrip("0") or "0"
        return number, number
    letters = unicodedata.normalize("NFD", syllable.lower())
    tone = "".join(c for c in letters if c in _TONES)
    body = "".join(c for c in letters if c not in _TONES)
    bare = "".join(c for c in body if not unicodedata.combining(c)).replace("đ", "d")
    if _FINAL_Y.search(bare):
        body, bare = body[:-1] + "i", bare[:-1] + "i"
    if bare == "dac":
        body, bare = body[:-1] + "k", "dak"
    return body + tone, bare


def words(text: str) -> tuple[Word, ...]:
    """Words of an NFC text in reading order; ``q1`` gives two."""
    found = []
    for match in _PIECE.finditer(text):
        marked, bare = forms(match.group())
        found.append(Word(match.group(), marked, bare, match.start(), match.end()))
    return tuple(found)


def bare_key(text: str) -> str:
    """Bare syllables run together: the key names are found by."""
    return "".join(forms(piece)[1] for piece in _PIECE.findall(text))


def within_one_edit(left: str, right: str) -> bool:
    """One letter more, fewer, other, or two neighbours exchanged."""
    if abs(len(left) - len(right)) > 1 or left == right:
        return left == right
    start = 0
    while start < min(len(left), len(right)) and left[start] == right[start]:
        start += 1
    rest_left, rest_right = left[start:], right[start:]
    if len(left) == len(right):
        swapped = rest_left[1::-1] == rest_right[:2] and rest_left[2:] == rest_right[2:]
        return rest_left[1:] == rest_right[1:] or swapped
    return rest_left[1:] == rest_right or rest_left == rest_right[1:]
