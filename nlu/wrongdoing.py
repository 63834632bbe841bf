"""Whether a message asks for help with something unlawful in so many words: forgery, bribes, evasion, bought degrees.

The phrases (nlu/wrongdoing.yml) are spelled; a message without diacritics is left to the classifier, since "gia" and
"né" are too many words without them.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from re import Pattern

import yaml

from nlu.normalizer import has_diacritics, normalise

_FILE = Path(__file__).with_name("wrongdoing.yml")


def asks_for_wrongdoing(message: str) -> bool:
    """Whether the message has a phrase of wrongdoing and none of reporting it or of suffering from it.

    Args:
        message: as typed.
    """
    text = normalise(message).lower()
    return has_diacritics(text) and _has("acts", text) and not _has("excused", text)


def _has(table: str, text: str) -> bool:
    return any(pattern.search(text) for pattern in _patterns(table))


@lru_cache(maxsize=2)
def _patterns(table: str) -> list[Pattern[str]]:
    lines = yaml.safe_load(_FILE.read_text(encoding="utf-8"))[table]
    return [re.compile(rf"(?<!\w)(?:{line})(?!\w)") for line in lines]
