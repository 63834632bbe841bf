"""What a message says it is not about: "tách sổ đỏ, không phải tách hộ khẩu" is not about the household."""

from __future__ import annotations

import re

_MOST = 6  # syllables that are denied; more is a clause that tells something
_DENIED = r"([^,.;:!?()\n]+)"
_OPENINGS = r"(?:(?:[,;]\s*|\(\s*|\s+)(?:chứ|chớ) không (?:phải )?|[,;(]\s*không phải )(?:là )?"
_BESIDE = re.compile(rf"{_OPENINGS}{_DENIED}\)?", re.IGNORECASE)
_INSTEAD = re.compile(rf"(?<!\w)không phải (?:là )?{_DENIED} mà (?:là )?(?=\w)", re.IGNORECASE)
_ASKS = re.compile(r"(?<!\w)(?:gì|nào|đâu|sao|mấy|bao|chi|mô|răng|thế nào|có được|được không)(?!\w)|(?<!\w)(?:không|chưa|hả|à|nhỉ)\s*$", re.IGNORECASE)


def without_denied(text: str) -> str:
    """Leave away what is said not to be meant; a part that asks, a long one, or all there is stays.

    Args:
        text: normalised, with its diacritics.
    """
    left = _BESIDE.sub(_kept, _INSTEAD.sub(_kept, text))
    if left == text:
        return text
    left = re.sub(r"\s+(?=[,.;:?!])", "", re.sub(r"\s+", " ", left)).strip(" ,;")
    return left if len(left.split()) > 1 else text


def _kept(match: re.Match[str]) -> str:
    denied = match.group(1)
    is_left_away = len(denied.split()) <= _MOST and not _ASKS.search(denied)
    return " " if is_left_away else match.group()
