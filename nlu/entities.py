"""Find codes, numbers, forms and ordinals in what people type.

Everything is matched on folded text (lower case, no diacritics), so "nghị định 154/2024/NĐ-CP" and
"nghi dinh 154/2024/nd-cp" read the same; offsets count in the text as given. Dates, amounts and
telephone numbers are no codes: each pattern asks for the shape or the word that tells them apart.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from nlu.normalizer import fold_with_offsets, strip_diacritics
from nlu.types import Entity


class _Found(NamedTuple):
    """A match in folded text."""

    kind: str
    value: str
    start: int
    end: int


def extract_entities(text: str) -> tuple[Entity, ...]:
    """Find every entity, in reading order, none overlapping.

    Values are canonical: ``1.001193``; ``154/2024/NĐ-CP`` or, where only part was given, ``154/2024``;
    ``CT01`` and ``01/LPTB`` in capitals; ``H25.12-260701-0042``; ordinals "1", "2" … and "-1" for the
    last. Numbers keep their leading zeros: compare documents by ``document_key``.
    """
    folded, offsets = fold_with_offsets(text)
    taken: list[_Found] = []
    for find in _FINDERS:
        for found in find(folded):
            if all(found.end <= other.start or found.start >= other.end for other in taken):
                taken.append(found)
    taken.sort(key=lambda found: found.start)
    return tuple(
        Entity(found.kind, found.value, offsets[found.start], offsets[found.end]) for found in taken
    )


def document_key(number: str) -> str:
    """The form in which two document or form numbers are compared: "05/2020/TT-BTP" is "5/2020/TT-BTP"."""
    return re.sub(r"(?<!\d)0+(?=\d)", "", strip_diacritics(number).upper().replace(" ", ""))


# Dossier codes.

_DOSSIER = re.compile(
    r"(?<![\w.-])((?:[a-z]\d{2,3}|\d{2,3})(?:\.[a-z]?\d{1,3})*)\s?-\s?(\d{6})\s?-\s?(\d{3,6})(?![\w-]|\.\d)"
)
_DOSSIER_CUE = re.compile(r"(?:ho so|ma|so|bien nhan|giay hen)[\s:]*$")


def _dossiers(folded: str) -> Iterator[_Found]:
    for match in _DOSSIER.finditer(folded):
        head = match.group(1)
        if "." in head or head[0].isalpha() or _DOSSIER_CUE.search(folded[: match.start()]):
            yield _Found("dossier_code", "-".join(match.groups()).upper(), match.start(), match.end())


# Document numbers.

_KINDS_WITHOUT_YEAR = "kh|qd|ct|tb|hd|bc|cv|ttr|kl"
_SYMBOL = r"(?:(?:nd|tt|ttlt|qd|kh|nq|ct|hd|tb|bc|cv|vbhn|pl|l|kl|ttr|lct|dlct)[\s-]+(?:[a-z]{2,}\d{0,2})(?:-[a-z]{1,}\d{0,2})*|ndcp|nd|qh\d{1,2}|ubtvqh\d{1,2})"
_FULL = re.compile(
    r"(?<![\w/.])(\d{1,5})\s?/\s?((?:19|20)\d{2})\s?[/\s]\s?(" + _SYMBOL + r")(?![\w/]|-\w)"
)
_YEARLESS = re.compile(
    r"(?<![\w/.])(\d{1,5})\s?/\s?((?:" + _KINDS_WITHOUT_YEAR + r")-[a-z]{2,}(?:-[a-z]{2,})*)(?![\w/]|-\w)"
)
_TITLE = r"(?:nghi dinh|thong tu(?: lien tich)?|quyet dinh|nghi quyet|chi thi|ke hoach|luat|phap lenh|huong dan|cong van|van ban)"
_PARTIAL = re.compile(
    r"\b(" + _TITLE + r"|nd|tt|qd|nq)\s+(?:so\s*:?\s*)?(\d{1,5})\s?(?:/|\s+nam\s+)\s?((?:19|20)\d{2})(?![\w/-])"
)
_NUMBER_ONLY = re.compile(
    r"\b(?:(?:" + _TITLE + r")\s+so|nghi dinh|thong tu|nghi quyet|nd(?= \d{2}))\s*:?\s*(\d{1,4})"
    r"(?![\w/.,-]*\d|[/-]\w|\s*(?:ngay|thang|nam|dong|nguoi|lan|trang|dieu|van|loai))(?!\w)"
)

_DIACRITIC_SYMBOLS = {
    "ND": "NĐ", "QD": "QĐ", "HDND": "HĐND", "DK": "ĐK", "DKX": "ĐKX", "BGDDT": "BGDĐT",
    "BLDTBXH": "BLĐTBXH", "BKHDT": "BKHĐT", "TLD": "TLĐ", "DKT": "ĐKT", "QDHT": "QĐHT", "DDK": "ĐĐK",
    "TTDB": "TTĐB", "BDS": "BĐS", "DLCT": "ĐLCT", "QSDD": "QSDĐ",
}  # fmt: skip


def _documents(folded: str) -> Iterator[_Found]:
    for match in _FULL.finditer(folded):
        value = f"{match.group(1)}/{match.group(2)}/{_symbol(match.group(3))}"
        yield _Found("document_number", value, match.start(), match.end())
    for match in _YEARLESS.finditer(folded):
        value = f"{match.group(1)}/{_symbol(match.group(2))}"
        yield _Found("document_number", value, match.start(), match.end())
    for match in _PARTIAL.finditer(folded):
        value = f"{match.group(2)}/{match.group(3)}"
        yield _Found("document_number", value, match.start(2), match.end())
    for match in _NUMBER_ONLY.finditer(folded):
        yield _Found("document_number", match.group(1), match.start(1), match.end(1))


def _symbol(folded: str) -> str:
    """A symbol typed anyhow in its printed form: "nd cp" and "ndcp" are "NĐ-CP"."""
    parts = re.sub(r"[\s-]+", "-", folded.upper()).replace("NDCP", "ND-CP").split("-")
    return "-".join(_DIACRITIC_SYMBOLS.get(part, part) for part in parts)


# Procedure codes.

_MONEY = r"(?!\s*(?:dong|d\b|vnd|vnđ|trieu|ty\b|nghin|ngan))"
_OFFICE = r"(?:\.\d{3}\.\d{2}\.\d{2}(?:\.[a-z]\d{2})?)?"  # the long form of before 2022: version and office behind the code
# No code begins with 0, identity numbers do: "0.010900 04567" is one.
_CODE = re.compile(r"(?<![\w.,/-])([1-9])\.(\d{6})" + _OFFICE + r"(?![\w/-]|[.,]\d)" + _MONEY)
_CODE_CUE = r"\b(?:ma(?: so)?(?: thu tuc| tthc)?|thu tuc(?: so| ma)?|tthc)\s*:?\s*"
_SPACED_CODE = re.compile(_CODE_CUE + r"(([1-9])\s*[.,\s_-]\s*(\d{6}))(?!\w|[.,]\d)" + _MONEY)
_GLUED_CODE = re.compile(r"\b(?:ma(?: so)? thu tuc|thu tuc(?: so| ma)?|tthc)\s*:?\s*(([1-9])(\d{6}))(?!\w|[.,]\d)" + _MONEY)


def _procedures(folded: str) -> Iterator[_Found]:
    for match in _CODE.finditer(folded):
        yield _Found("procedure_code", f"{match.group(1)}.{match.group(2)}", match.start(), match.end())
    for pattern in (_SPACED_CODE, _GLUED_CODE):
        for match in pattern.finditer(folded):
            value = f"{match.group(2)}.{match.group(3)}"
            yield _Found("procedure_code", value, match.start(1), match.end(1))


# Forms.

_FORM_CUE = r"\b(?:mau|bieu mau|to khai|bieu|phieu|don|van ban|giay|form)(?:\s+(?:so|to khai|don|giay|bieu|phieu))*\s*:?\s*"
_KNOWN_PREFIXES = "ct|tk|dc|pc|dkx|cc|bk|cv|tbxh|nc|xc|na|hkd"
_KNOWN_SUFFIXES = "lptb|mst|dk|tncn|gtgt|tndn|ttdb|hkd|cnkd|tts|bds|mgth|tb|ht|qdht|qtt|khbs|tk|sddpnn|bk|lxddt|pl"
_FORM_TAIL = r"(?:[/-][a-z]{1,8}\d{0,2})*"
_KNOWN_FORM = re.compile(r"(?<![\w./-])((?:" + _KNOWN_PREFIXES + r")\d{2}[a-z]?" + _FORM_TAIL + r")(?![\w/-])")
_NUMBERED_FORM = re.compile(
    r"(?<![\w./])(\d{1,2}(?:-\d)?[a-z]?[/-](?:" + _KNOWN_SUFFIXES + r")" + _FORM_TAIL + r")(?![\w/]|-\w)"
)
_CUED_FORM = re.compile(
    _FORM_CUE + r"((?:[a-z]{1,4}\d{2,3}[a-z]?|(?:" + _KNOWN_PREFIXES + r")\s\d{2}|\d{1,2}[a-z]|\d{1,2}(?:-\d)?[a-z]?[/-][a-z]{2,8})" + _FORM_TAIL + r")(?![\w/]|-\w|[.,]\d)"
)
_NO_FORM = re.compile(r"(?:so|lop|nam|khoa|hang|tu|thi|sau|khi)\d.*|\d{1,2}[hkm]")


def _forms(folded: str) -> Iterator[_Found]:
    for pattern in (_KNOWN_FORM, _NUMBERED_FORM, _CUED_FORM):
        for match in pattern.finditer(folded):
            if not _NO_FORM.fullmatch(match.group(1)):
                yield _Found("form", _form(match.group(1)), match.start(1), match.end(1))


def _form(folded: str) -> str:
    pieces = re.split(r"([/-]|\d+)", folded.replace(" ", "").upper())
    return "".join(_DIACRITIC_SYMBOLS.get(piece, piece) for piece in pieces)


# Ordinals: which of the options that were just listed.

_COUNTS = {
    "nhat": 1, "mot": 1, "hai": 2, "nhi": 2, "ba": 3, "tu": 4, "bon": 4, "nam": 5, "sau": 6,
    "bay": 7, "tam": 8, "chin": 9, "muoi": 10,
}  # fmt: skip
_NTH = r"(?:" + "|".join(_COUNTS) + r"|\d{1,2})"
_OPTION = r"(?:cai|lua chon|phuong an|dap an|muc|y|option|thu tuc|truong hop|dong)"
_LAST = r"(?:cuoi(?: cung)?|chot|sau cung)"
_FIRST = r"(?:dau(?: tien)?)"
_POINTED = re.compile(
    r"\b" + _OPTION + r"(?:\s+so)?\s+(?:thu\s+(" + _NTH + r")|(" + _FIRST + r")|(" + _LAST + r"))\b"
    r"(?!\s+(?:khi|tu|nam|ngay|cung ung))"
)
_BEFORE = r"(?:(?:a|da|vang|u|um|ok|cho|toi|em|minh|tui|chau|con|chon|lay|la|thi|muon|hoi|xem|vay|cai|so|cau|y|muc|dap an|lua chon|phuong an|option|thu tuc|truong hop)\s+)*"
_AFTER = r"(?:\s+(?:a|nhe|nha|di|do|ay|kia|thoi|giup|voi|ban|em|ad|admin|la|duoc|dung|roi|cam on|nhe ban))*[\s.!?)]*"
_WHOLE = re.compile(
    r"\s*" + _BEFORE + r"(?:thu\s+)?(?:(" + _NTH + r")|(" + _FIRST + r")|(" + _LAST + r"))" + _AFTER
)
_LETTERED = re.compile(
    r"\s*(?:(?:chon|lay|cho toi|cho em|toi chon|em chon)\s+)*(?:cau|y|dap an|muc|phuong an|lua chon)\s+([a-h])" + _AFTER
)


def _ordinals(folded: str) -> Iterator[_Found]:
    for match in _POINTED.finditer(folded):
        yield _Found("ordinal", _nth(match.groups()), match.start(), match.end())
    match = _LETTERED.fullmatch(folded)
    if match:
        yield _Found("ordinal", str(ord(match.group(1)) - ord("a") + 1), *match.span(1))
    match = _WHOLE.fullmatch(folded)
    if match and _is_choice(match):
        index = next(number for number in (1, 2, 3) if match.group(number))
        yield _Found("ordinal", _nth(match.groups()), *match.span(index))


def _is_choice(match: re.Match[str]) -> bool:
    """A bare digit chooses; a bare word ("ba", "năm", "tư") needs "thứ", "số" or "cái" before it."""
    counted = match.group(1)
    if counted is None:
        return True
    if counted.isdigit():
        return 1 <= int(counted) <= 20
    before = match.string[: match.start(1)].split()
    return bool(before) and before[-1] in {"thu", "so", "cai", "chon", "muc", "an", "option", "cau", "y"}


def _nth(groups: Sequence[str | None]) -> str:
    counted, first, _ = groups
    if first:
        return "1"
    if counted is None:
        return "-1"
    return str(_COUNTS.get(counted) or int(counted))


_FINDERS: tuple[Callable[[str], Iterable[_Found]], ...] = (
    _dossiers, _documents, _procedures, _forms, _ordinals,
)  # fmt: skip
