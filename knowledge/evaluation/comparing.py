"""Whether a text holds a fact: spelling and number form do not count, digits do."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from nlu.normalizer import normalise

_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_LEADING_ZERO = re.compile(r"(?<![\d.,])0+(?=\d)")


def comparable(text: str) -> str:
    """NFC, lower case, white space collapsed, ``8,000`` as ``8.000``, ``07`` as ``7``, hoà as hòa."""
    text = " ".join(normalise(text).lower().split())
    return _LEADING_ZERO.sub("", _THOUSANDS.sub(".", text))


def holds(text: str, wanted: str) -> bool:
    """Whether ``wanted`` stands in ``text``; "7 ngày" does not stand in "17 ngày", nor "8.000" in "18.000"."""
    needle = re.escape(comparable(wanted))
    if not needle:
        return False
    before = r"(?<!\d)(?<!\d[.,])" if comparable(wanted)[0].isdigit() else ""
    after = r"(?!\d)(?![.,]\d)" if comparable(wanted)[-1].isdigit() else ""
    return re.search(before + needle + after, comparable(text)) is not None


def holds_all(text: str, groups: Sequence[Sequence[str]]) -> bool:
    """Every group holds; in a group any alternative will do. No groups hold trivially."""
    return all(any(holds(text, alternative) for alternative in group) for group in groups)


def quotes_all(text: str, words: Sequence[str]) -> bool:
    """Every string stands in ``text`` word for word; only white space and Unicode form are evened out."""
    def even(part: str) -> str:
        return " ".join(unicodedata.normalize("NFC", part).split())

    return all(even(part) in even(text) for part in words)
