"""Takes the portal's glued "căn cứ pháp lý" table apart: title and number of each law, decree, circular."""

from __future__ import annotations

import re

from knowledge.model import LegalBasis
from knowledge.sources.text import collapse, is_none_word

HEAD = "Tên văn bản pháp lýMã văn bản"
_SEAM = "\ue000"  # private use: never in a source
_BODIES = (
    "BNNPTNT|BNNMT|BTNMT|BLĐTBXH|BVHTTDL|BGDĐT|BGDDT|BKHCN|BKHĐT|BTTTT|BGTVT|VKSNDTC|TANDTC|UBTVQH|TTCP|VPCP|NHNN"
    "|BDTTG|BNG|BNV|BQP|BTC|BTP|BCA|BCT|BXD|BYT|BTS|BNN|TTg|CP|CTN"
)
_SUFFIX = (
    rf"(?:(?:UBTVQH|QH)\d{{1,2}}|PL-UBTVQH\d{{1,2}}|NQ-UBTVQH\d{{1,2}}|NQ-HĐND|HĐTP"
    rf"|(?:TTLT|TTLN|TT|NĐ|NQ|QĐ|CT|VBHN|L) ?- ?(?:{_BODIES})(?:-(?:{_BODIES}))*"
    rf"|[A-ZĐ]+(?:-[A-ZĐ]+)+(?![a-zà-ỹ]))"
)
NUMBER = rf"\d{{1,5}}(?:\.\d{{1,2}})?[a-z]?/(?:\d{{4}}/)?{_SUFFIX}"
_CELL = re.compile(
    rf"(?P<prefix>(?:Thông tư liên tịch|Thông tư|Nghị định|Nghị quyết|Quyết định|Luật|Bộ luật|Pháp lệnh|NĐ|TT|số)"
    rf"(?: số:?)? ?)?(?P<number>{NUMBER})"
)


def split_legal_basis(cell: str) -> tuple[tuple[LegalBasis, ...], tuple[str, ...]]:
    """Documents in order (repetitions dropped), and what could not be split with certainty."""
    text = collapse(cell).removeprefix(HEAD).strip()
    if is_none_word(text):
        return (), ()
    text = _mark_seams(text)
    found: list[LegalBasis] = []
    start = 0
    while cell_of := _next_cell(text, start):
        found.append(LegalBasis(_unmark(text[start : cell_of.start()]), cell_of.group("number")))
        start = cell_of.end()
        start += text.startswith(_SEAM, start)
    rest = _unmark(text[start:])
    if not rest:
        return tuple(dict.fromkeys(found)), ()
    numbers = list(dict.fromkeys(re.findall(NUMBER, rest)))
    found.append(LegalBasis(rest, numbers[0] if len(numbers) == 1 else ""))
    problem = () if len(numbers) == 1 else (f"no number cell after: {rest[:80]!r}",)
    return tuple(dict.fromkeys(found)), problem


def _mark_seams(text: str) -> str:
    """A mark where one cell's digits run into the next cell's: "QH13|90/2015/QH13", "năm 2012|13/2012/QH13"."""
    text = re.sub(r"(QH\d\d)(?=\d{1,4}/\d{4})", rf"\1{_SEAM}", text)
    return re.sub(r"((?:19|20)\d\d)(?=\d{1,4}(?:\.\d)?/\d{4}/)", rf"\1{_SEAM}", text)


def _next_cell(text: str, start: int) -> re.Match[str] | None:
    """The next number cell: glued to the title before it (never the title itself)."""
    for found in _CELL.finditer(text, start + 1):
        before = text[found.start() - 1]
        after = text[found.end() :][:1]
        is_glued = not before.isspace() and before not in "/(-“" and not (before.isdigit() and text[found.start()].isdigit())
        opens_title = found.group("prefix") and re.match(r" [a-zà-ỹ]", text[found.end() : found.end() + 2])
        if found.start() > start and is_glued and not opens_title and after not in tuple(",;)"):
            return found
    return None


def _unmark(text: str) -> str:
    return text.replace(_SEAM, "").strip().rstrip(";.").strip()

