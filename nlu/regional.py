"""Regional words in standard Vietnamese ("mần răng" is "làm sao"): for searching, never for showing."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from nlu.abbreviations import Abbreviations, read_entries
from nlu.senses import with_deaths_named

TABLE_PATH = Path(__file__).with_name("regional.yml")


@dataclass(frozen=True)
class RegionalWords:
    """The table: whole phrases, then single words by their neighbours."""

    phrases: dict[str, str]
    pattern: re.Pattern[str]
    words: Abbreviations


def standard_wording(text: str) -> str:
    """Write regional words as records do, and a death as such; everything else stays as it is.

    Args:
        text: normalised, with its diacritics: "mo" alone says neither "mô" nor "mở".
    """
    table = load_regional()
    text = table.pattern.sub(lambda match: table.phrases[match.group().lower()], text)
    return with_deaths_named(table.words.expand(text))


@lru_cache(maxsize=1)
def load_regional() -> RegionalWords:
    """Read the shipped table once.

    Raises:
        ValueError: an entry has neither a text nor readings, or a key stands twice; names the key.
    """
    table = yaml.safe_load(TABLE_PATH.read_text(encoding="utf-8"))
    phrases = {unicodedata.normalize("NFC", key): value for key, value in table["phrases"].items()}
    longest_first = sorted(phrases, key=len, reverse=True)
    pattern = re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, longest_first)) + r")(?!\w)", re.IGNORECASE)
    return RegionalWords(phrases, pattern, Abbreviations(read_entries(TABLE_PATH.name, table["words"])))


def is_regional(word: str) -> bool:
    """Whether a lower-case word stands in the table: it is no misspelling."""
    return word in load_regional().words.entries
