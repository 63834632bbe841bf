"""Texts that still speak of the abolished district level, and which body does its work now."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import yaml

from knowledge.errors import ContentError
from knowledge.validity.dated import SURE
from nlu.diacritics import bare

_FILE = Path(__file__).parent / "districts.yml"
#: A level or an office of it; an address ("quận Hoàn Kiếm") or "quận" in a name says nothing of who decides, nor does
#: "phân cấp quản lý", which reads like "cấp quận" without its marks.
_SPEAKS = re.compile(
    r"(?<!phan )\bcap (huyen|quan)\b(?! ly)|\b(uy ban nhan dan|ubnd|cong an|bao hiem xa hoi|bhxh|phong [a-z ]{3,40}?|toa an|chi cuc thue|hat kiem lam)"
    r"( cap| o| tai| cac)? (huyen|quan|thi xa)\b|\b(huyen|quan), (thi xa|thanh pho)\b"
)


@dataclass(frozen=True)
class Successor:
    """Who does the work of a body of the district level now.

    Attributes:
        was, now: names for people; ``now`` is "" where only the general rule is known.
        sure: ``high``, ``medium`` or ``low``.
        source, read_on: what it rests on and when that was read.
    """

    id: str
    was: str
    now: str
    sure: str
    source: str
    read_on: str


def successor_of(text: str, day: date) -> Successor | None:
    """Who is competent on a day in place of the district body that a text names first; None where it names none, or on
    a day when the district level still was."""
    found = _SPEAKS.search(bare(text))
    if not found or day < _table()[0]:
        return None
    around = bare(text)[max(0, found.start() - 40) : found.end() + 1]
    return next(successor for says, successor in _table()[1] if says.search(around))


def speaks_of_districts(text: str) -> bool:
    """Whether a text gives work to the district level."""
    return _SPEAKS.search(bare(text)) is not None


@cache
def _table() -> tuple[date, tuple[tuple[re.Pattern[str], Successor], ...]]:
    raw = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    rows = []
    for body in raw["bodies"]:
        if body["sure"] not in SURE or (not body["now"] and body["sure"] != "low"):
            raise ContentError(_FILE, body["id"], f"sure of {SURE}; low where nobody is named", str(body))
        source = body["source"]
        rows.append((re.compile(body["says"]), Successor(body["id"], body["was"], body["now"], body["sure"], source["title"], source["read_on"])))
    return raw["since"], tuple(rows)
