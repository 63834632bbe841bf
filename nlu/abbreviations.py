"""The table of abbreviations (``abbreviations.yml``) and how its context rules are applied."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

TABLE_PATH = Path(__file__).with_name("abbreviations.yml")

_WORD = re.compile(r"[^\W_]+")
_CHUNK = re.compile(r"\S+")
_DOCUMENT_SYMBOL = re.compile(r"(?:[a-z]{1,5}-)+[a-z]{2,8}\d{0,2}")
_VOWELS = frozenset("aeiouy")


@dataclass(frozen=True)
class Reading:
    """One meaning of an abbreviation and when it holds; any condition that is met suffices.

    Attributes:
        text: what to write; None keeps the word as it stands.
        after, before: words one of which stands directly before or after, each as it is spelt and
            in its form without diacritics (marked ``~``), so that "hàng" is not taken for "hạng".
        after_number, before_number: a number stands there.
        first, last: the abbreviation opens or closes the text.
    """

    text: str | None
    after: frozenset[str] = frozenset()
    before: frozenset[str] = frozenset()
    after_number: bool = False
    before_number: bool = False
    first: bool = False
    last: bool = False


@dataclass(frozen=True)
class Entry:
    """An abbreviation: its usual reading and the readings its neighbours can call for, first match wins."""

    default: str | None
    readings: tuple[Reading, ...] = ()


class Abbreviations:
    """Expands single words by table and neighbours."""

    def __init__(self, entries: Mapping[str, Entry]) -> None:
        self.entries: dict[str, Entry] = dict(entries)

    def expand(self, text: str) -> str:
        """Write out each known abbreviation; every other character stays where it was."""
        words = list(_WORD.finditer(text))
        written: list[str] = []
        pieces: list[str] = []
        end = 0
        for index, match in enumerate(words):
            protected = is_protected(text, match)
            replacement = match.group() if protected else self._replacement(words, index, written, text)
            pieces += [text[end : match.start()], replacement]
            written.append(replacement)
            end = match.end()
        return "".join(pieces) + text[end:]

    def _replacement(
        self, words: list[re.Match[str]], index: int, written: list[str], text: str
    ) -> str:
        word = words[index].group()
        entry = self.entries.get(word.lower())
        if entry is None:
            return word
        before = self._neighbours_before(words, index, written, text)
        after = self._neighbours_after(words, index, text)
        chosen = _choose(entry, before, after, first=index == 0, last=index == len(words) - 1)
        return word if chosen is None else _like(word, chosen)

    def _neighbours_before(
        self, words: list[re.Match[str]], index: int, written: list[str], text: str
    ) -> tuple[str, ...]:
        if index == 0 or _has_break(text, words[index - 1].end(), words[index].start()):
            return ()
        return _mark(words[index - 1].group().lower()), _mark(written[index - 1].lower().split()[-1])

    def _neighbours_after(self, words: list[re.Match[str]], index: int, text: str) -> tuple[str, ...]:
        if index + 1 == len(words) or _has_break(text, words[index].end(), words[index + 1].start()):
            return ()
        following = words[index + 1].group()
        entry = self.entries.get(following.lower())
        expanded = following if entry is None or entry.default is None else entry.default
        return _mark(following.lower()), _mark(expanded.lower().split()[0])


@lru_cache(maxsize=1)
def load_abbreviations() -> Abbreviations:
    """Read the shipped table once.

    Raises:
        ValueError: an entry has neither a text nor readings, or a key stands twice; names the key.
    """
    table = yaml.safe_load(TABLE_PATH.read_text(encoding="utf-8"))
    rows = [row for section in ("single", "ambiguous") for row in table[section].items()]
    entries = read_entries(TABLE_PATH.name, rows)
    for key in [key for key in entries if _is_skeleton(key)]:
        entries.setdefault(_bare(key), entries[key])
    return Abbreviations(entries)


def read_entries(file: str, rows: Mapping[str, Any] | Iterable[tuple[str, Any]]) -> dict[str, Entry]:
    """Read the rows of a table of this form; ``file`` names it in errors.

    Raises:
        ValueError: an entry has neither a text nor readings, or a key stands twice; names the key.
    """
    entries: dict[str, Entry] = {}
    for typed, value in rows.items() if isinstance(rows, Mapping) else rows:
        key = unicodedata.normalize("NFC", str(typed).lower())
        if key in entries:
            raise ValueError(f"{file}: expected each word once, {key!r} stands twice; merge them")
        entries[key] = _read_entry(file, key, value)
    return entries


def _read_entry(file: str, key: str, value: Any) -> Entry:
    if isinstance(value, str):
        return Entry(value)
    if not isinstance(value, dict) or not value.get("readings"):
        raise ValueError(
            f"{file}: {key!r} expected a text, or default and readings; got {value!r}"
        )
    return Entry(value.get("default"), tuple(_read_reading(reading) for reading in value["readings"]))


def _read_reading(reading: Mapping[str, Any]) -> Reading:
    return Reading(
        text=reading.get("text"),
        after=_words(reading.get("after", "")),
        before=_words(reading.get("before", "")),
        after_number=bool(reading.get("after_number")),
        before_number=bool(reading.get("before_number")),
        first=bool(reading.get("first")),
        last=bool(reading.get("last")),
    )


def _words(listed: str) -> frozenset[str]:
    words = unicodedata.normalize("NFC", listed.lower()).split()
    return frozenset(words) | frozenset("~" + _bare(word) for word in words)


def _mark(word: str) -> str:
    """How a neighbour is looked up: as it is, or as ``~`` and its letters when it has no diacritics."""
    return "~" + word if word == _bare(word) else word


def _choose(
    entry: Entry, before: tuple[str, ...], after: tuple[str, ...], first: bool, last: bool
) -> str | None:
    for reading in entry.readings:
        if (
            reading.after.intersection(before)
            or reading.before.intersection(after)
            or (reading.after_number and before and before[0][1:].isdigit())
            or (reading.before_number and after and after[0][1:].isdigit())
            or (reading.first and first)
            or (reading.last and last)
        ):
            return reading.text
    return entry.default


def is_protected(text: str, match: re.Match[str]) -> bool:
    """Whether a word is part of a code, address or document symbol ("154/2024/TT-BCA", "kh-ubnd", "a@b.vn")."""
    start = text.rfind(" ", 0, match.start()) + 1
    end = text.find(" ", match.end())
    chunk = text[start : end if end >= 0 else len(text)].strip(".,;:!?()[]\"'")
    if "@" in chunk or "://" in chunk or chunk.lower().startswith(("www.", "#")):
        return True
    if any(char.isdigit() for char in chunk) and any(char in "/-._" for char in chunk):
        return True
    return _DOCUMENT_SYMBOL.fullmatch(_bare(chunk)) is not None


def _has_break(text: str, start: int, end: int) -> bool:
    """Whether something other than white space stands between two words."""
    return not text[start:end].isspace()


def _is_skeleton(key: str) -> bool:
    """Consonants only: then the form without diacritics is no real syllable and means the same."""
    return not _VOWELS.intersection(_bare(key))


def _like(word: str, replacement: str) -> str:
    return replacement[0].upper() + replacement[1:] if word.istitle() else replacement


def _bare(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.lower())
    kept = "".join(char for char in decomposed if not unicodedata.category(char).startswith("M"))
    return kept.replace("đ", "d")
