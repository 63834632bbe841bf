"""Finds names and numbers of forms in a text: CT01, TK05, 01/LPTB, 13-MST, Mẫu số 01, mẫu 1a, ĐKX11.

Law and dispatch numbers look alike ("61/2023/TT-BTC", "34/KH-UBND") and are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from knowledge.sources.text import collapse

_TAIL = r"(?![\w/])"
_SLASH = r"\d{1,2}[a-zđA-ZĐ]?(?:-\d{1,2}[A-Z]?)?/[A-ZĐ]{2,}(?:-[A-ZĐ]{2,})*"
_DASH = r"(?:[A-ZĐ]{1,3})?\d{1,2}[A-Za-zđ]?-(?:ĐK-TCT|MST|TS|LT|HSB|ĐKT|TCT|CNKD|BCA|DS|TT|GTGT|TNCN|TNDN)(?![\w-])"
_DOTTED = r"\d{1,2}[a-zđ]?\.(?:[A-ZĐ]{2,4}\d{0,2})"
_LETTERED = r"(?:ĐKX|[A-ZĐ]{2,3})\d{2}[a-zđ]?(?:/\d{2})?"
_AFTER_WORD = re.compile(
    r"\b[Mm]ẫu(?: đơn| tờ khai| giấy| biên bản)?(?: số| ký hiệu)?:? ?\(?"
    rf"(?P<form>{_SLASH}|{_DASH}|{_DOTTED}|[A-ZĐ]{{1,4}}\d{{1,2}}[a-zđ]?(?:/\d{{2}})?(?![\w])"
    r"|[IVX]{1,4}\.\d{1,2}(?:\.(?:\d{1,2}|[a-z])(?!\w))*"
    rf"|\d{{1,3}}[a-zđA-Z]?{_TAIL})"
)
_HAS_NUMBER_WORD = re.compile(r"\b[Mm]ẫu số")
_BARE = re.compile(
    rf"(?<![\w/.-])(?:(?P<lettered>{_LETTERED})(?!\w|-[A-ZĐ])|(?P<dash>{_DASH})|(?P<slash>{_SLASH})(?![\w/-]))"
)
_NO_FORM_LETTERS = ("QH", "NĐ", "ND", "TT", "QĐ", "NQ", "CP", "KQ", "VN", "EU", "CV", "UB", "PL", "TW", "HN", "SG", "DN")
_NO_FORM_SUFFIX = (
    "NĐ-", "NQ-", "QĐ-", "TT-", "TTLT", "CT-", "KH-", "VBHN", "PL-", "CV-", "BC-", "HD-", "CĐ-", "QH", "UBTVQH",
    "UBND", "TTR", "HĐND", "BTC", "TCHQ", "TTG", "BB-VPHC",
)  # fmt: skip


def find_forms(texts: Iterable[str]) -> tuple[str, ...]:
    """Forms in the order found, each once, as one would cite them ("CT01", "Mẫu số 01", "01/LPTB")."""
    found: dict[str, None] = {}
    for text in texts:
        for form in _forms_of(collapse(text)):
            found.setdefault(form)
    return tuple(found)


def _forms_of(text: str) -> Iterable[str]:
    hits: list[tuple[int, str]] = []
    for match in _AFTER_WORD.finditer(text):
        hits.append((match.start("form"), _named(match)))
    for match in _BARE.finditer(text):
        if not _is_law_like(match):
            hits.append((match.start(), match.group(0)))
    return [name for _, form in sorted(hits) if form for name in _with_base(form)]


def _with_base(form: str) -> tuple[str, ...]:
    """"ĐKX11/79" is asked for as ĐKX11 too."""
    base = re.fullmatch(r"([A-ZĐ]{2,3}\d{2}[a-zđ]?)/\d{2}", form)
    return (base.group(1), form) if base else (form,)


def _named(match: re.Match[str]) -> str:
    form = match.group("form")
    if "/" in form and form.split("/", 1)[1].startswith(_NO_FORM_SUFFIX):
        return ""
    if re.fullmatch(r"\d{1,3}[a-zđA-Z]?", form):
        return f"Mẫu số {form}"
    return form


def _is_law_like(match: re.Match[str]) -> bool:
    if match.group("lettered"):
        return match.group("lettered").startswith(_NO_FORM_LETTERS)
    if match.group("slash"):
        return match.group("slash").split("/", 1)[1].startswith(_NO_FORM_SUFFIX)
    return False
