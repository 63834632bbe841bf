"""Long numbers in any dress: "0912 345 678", "0 9 1 2…", "0792 rồi 0300 rồi 1234", "không chín một hai…".

The net under the named kinds of nlu/privacy.py: nine digits or more that are no amount, date, year list or
count are taken for somebody's number. All patterns read folded text (lower case, no diacritics).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

MIN_DIGITS = 9  # the shortest number that names a person: the old identity card, a mobile number without its zero
MIN_SPELLED = 8

_STEP = r"(?:[\s._()–-]{1,3}|\s*,\s*|\s+(?:roi(?: den| toi)?|toi|tiep(?: theo| den)?|den|va|xong)\s+)"
#: Letters o and l typed for 0 and 1 count where digits stand on both sides of the run.
_RUN = re.compile(r"(?:(?<![a-z])o(?=\d)|\d)(?:\d|[ol](?=\d))*(?:" + _STEP + r"\d(?:\d|[ol](?=\d))*)*")
_DIGIT = re.compile(r"\d|(?<=\d)[ol](?=\d)|^o")
_DATE = re.compile(r"(?<!\d)(?:(?:19|20)\d{2}[-./ ]\d{1,2}[-./ ]\d{1,2}|\d{1,2}[-./ ]\d{1,2}[-./ ](?:19|20)\d{2})(?!\d)")
_HOTLINE = re.compile(r"(?<!\d)1[89]00[ .]?\d{2}[ .]?\d{2}(?:[ .]?\d{2})?(?!\d)")
_AMOUNT = re.compile(r"[1-9]\d{0,2}(?:[.,]\d{3})+|[1-9]\d*000")
_YEAR = re.compile(r"(?:19|20)\d{2}")
_UNIT = re.compile(r"\s*(?:dong|d\b|vnd|trieu|ty\b|nghin|ngan|usd|m2|met|ha\b|kg|tan\b|nguoi|thang|ngay)")
_NO_PERSON = re.compile(r"(?:gia|so tien|tong|het|phi|luong|von|tra|no|thu|thua|ban do|so vao so|dien tich)\s*(?:dat|dieu le|so|la|:)?\s*$")

_DIGIT_WORD = r"(?:khong|mot|hai|ba|bon|tu|nam|lam|sau|bay|tam|chin)"
_SPELLED = re.compile(rf"\b{_DIGIT_WORD}(?:[\s,.-]+{_DIGIT_WORD}){{{MIN_SPELLED - 1},}}\b")


def find_number_runs(folded: str) -> Iterator[tuple[int, int]]:
    """Start and end of every run of digits or digit words that may name a person."""
    text = _HOTLINE.sub(_blank, _DATE.sub(_blank, folded))
    for match in _RUN.finditer(text):
        if _may_name_somebody(match):
            yield match.span()
    for match in _SPELLED.finditer(text):
        yield match.span()


def _blank(match: re.Match[str]) -> str:
    return "x" * len(match.group())


def _may_name_somebody(match: re.Match[str]) -> bool:
    run = match.group()
    if len(_DIGIT.findall(run)) < MIN_DIGITS:
        return False
    tokens = run.split()
    if all(_AMOUNT.fullmatch(token) for token in tokens) or _is_list(re.findall(r"\d+", run)):
        return False
    if run.startswith(("0", "o", "(")):
        return True
    return not (_UNIT.match(match.string, match.end()) or _NO_PERSON.search(match.string[: match.start()]))


def _is_list(groups: list[str]) -> bool:
    """Years, or numbers that count up: several numbers and no single one."""
    if len(groups) < 3 or any(len(group) > 1 and group.startswith("0") for group in groups):
        return False
    values = [int(group) for group in groups]
    return all(_YEAR.fullmatch(group) for group in groups) or all(a < b for a, b in zip(values, values[1:], strict=False))
