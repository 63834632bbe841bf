"""The age that a message tells: "mẹ tôi 95 tuổi", "bé mới 2 tháng tuổi", "chín mươi lăm tuổi", "con học lớp 3"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from nlu.diacritics import bare

_ONES = ("khong", "mot", "hai", "ba", "bon", "nam", "sau", "bay", "tam", "chin")
_AFTER_TENS = {1: ("mot",), 4: ("bon", "tu"), 5: ("lam", "nham", "nam"), 7: ("bay",)}  # "hai mươi tư", "bảy mươi lăm"
_OLDEST = 120
_SCHOOL_FROM = 5  # in class 1 a child turns six or is six already
_BEFORE = r"(?:(?P<bound>duoi|chua(?: du| toi| den| tron)?|tren|hon) )?(?:du |tron |moi |gan |khoang )?"


@dataclass(frozen=True)
class ToldAge:
    """Whole years, and where the words stand in the text."""

    years: int
    start: int
    end: int


def told_age(text: str, year: int) -> ToldAge | None:
    """The one age that a text tells; None where it tells none, or several.

    Args:
        text: NFC, with or without diacritics.
        year: the present one, for "sinh năm 2010".
    """
    mask = bare(text.lower())
    if len(mask) != len(text):  # a letter outside NFC Vietnamese: offsets would slip
        return None
    found = [age for match in _pattern().finditer(mask) if (age := _read(match, year)) is not None]
    return found[0] if len({age.years for age in found}) == 1 else None


def _read(match: re.Match[str], year: int) -> ToldAge | None:
    groups = match.groupdict()
    if groups["months"]:
        years = _number(groups["months"]) // 12
    elif groups["form"]:
        years = int(groups["form"]) + _SCHOOL_FROM
    elif groups["born"]:
        years = year - int(groups["born"])
    elif groups["newborn"]:
        years = 0
    else:
        years = _number(groups["years"])
        bound = groups["bound"] or ""
        years += 1 if bound in ("tren", "hon") else -1 if bound else 0
    return ToldAge(years, *match.span()) if 0 <= years <= _OLDEST else None


def _number(word: str) -> int:
    return int(word) if word.isdigit() else _words()[word]


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    words = "|".join(sorted(_words(), key=len, reverse=True))
    number = rf"\d{{1,3}}|{words}"
    return re.compile(
        rf"(?<![^\W_])(?:(?P<months>{number}) thang tuoi|{_BEFORE}(?P<years>{number}) ?tuoi(?! (?:dang|nghe|doan|quan))"
        r"|(?:hoc )?lop (?P<form>1[0-2]|[1-9])|sinh nam (?P<born>(?:19|20)\d\d)|(?P<newborn>so sinh|lot long))(?![^\W_])"
    )


@lru_cache(maxsize=1)
def _words() -> dict[str, int]:
    """Every way to say a whole number below a hundred, without diacritics."""
    ways = {name: n for n, name in enumerate(_ONES) if n}
    for n in range(10, 100):
        tens, ones = divmod(n, 10)
        heads = ["muoi"] if tens == 1 else [f"{_ONES[tens]} muoi", _ONES[tens]] + ["ham"] * (tens == 2)
        tails = _AFTER_TENS.get(ones, (_ONES[ones],)) if ones else ("",)
        for head in heads:
            for tail in tails:
                if tail or head.endswith("muoi"):  # "bảy" alone is seven
                    ways.setdefault(f"{head} {tail}".strip(), n)
    return ways
