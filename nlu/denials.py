"""What a message says it is not about: "tách sổ đỏ, không phải tách hộ khẩu" is not about the household."""

from __future__ import annotations

import re

_MOST = 6  # syllables that are denied; more is a clause that tells something
_DENIED = r"(?P<what>[^,.;:!?()\n]+)"
_BESIDE = re.compile(rf"(?:[,;]\s*|\(\s*|\s+)(?:chứ|chớ) không (?:phải )?(?:là )?{_DENIED}\)?|[,;(]\s*không phải (?:là )?{_DENIED.replace('what', 'other')}\)?", re.IGNORECASE)
_INSTEAD = re.compile(rf"(?<!\w)không phải (?:là )?{_DENIED} mà (?:là )?(?=\w)", re.IGNORECASE)
_ASKS = re.compile(r"(?<!\w)(?:gì|nào|đâu|sao|mấy|bao|chi|mô|răng|thế nào|có được|được không)(?!\w)|(?<!\w)(?:không|chưa|hả|à|nhỉ)\s*$", re.IGNORECASE)


def without_denied(text: str) -> str:
    """Leave away what is said not to be meant; a part that asks, a long one, or all there is stays.

    Args:
        text: normalised, with its diacritics.
    """
    left = _INSTEAD.sub(lambda match: _kept(match, " "), text)
    left = _BESIDE.sub(lambda match: _kept(match, " "), left)
    if left == text:
        return text
    left = re.sub(r"\s+(?=[,.;:?!])", "", re.sub(r"\s+", " ", left)).strip(" ,;")
    return left if len(left.split()) > 1 else text


def _kept(match: re.Match[str], instead: str) -> str:
    what = next(part for part in match.groups() if part is not None)
    is_denied = len(what.split()) <= _MOST and not _ASKS.search(what)
    return instead if is_denied else match.group()
