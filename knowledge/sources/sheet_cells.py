"""What one cell of a sheet says, as the sheet shows it, and what openpyxl does not tell of a sheet: merged cells of one that
is streamed, and formulas that were saved without a value."""

from __future__ import annotations

import re
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from posixpath import join, normpath
from typing import Any

from lxml import etree
from openpyxl.utils import range_boundaries

from knowledge.sources.old_fonts import OldFonts

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
#: Parts of a number format (ECMA-376 part 1, 18.8.31): words, currency, colours and conditions, blanks, the number itself.
_PART = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|\[\$(?P<currency>[^\]-]*)(?:-[^\]]*)?\]|(?P<other>\[[^\]]*\])|(?P<blank>_.)|(?P<fill>\*.)'
    r"|(?P<number>[#0?][#0?,.]*)|(?P<percent>%)|(?P<plain>[ ()\-+/:₫đ$])|(?P<unknown>.)"
)


class Number(str):
    """A printed number; the sheet holds a number there, not words."""

    __slots__ = ()


class CellReader:
    """Prints the cells of one workbook; counts cells with an error and converts old fonts."""

    def __init__(self) -> None:
        self.fonts = OldFonts()
        self.n_errors = 0

    def printed(self, cell: Any) -> str:
        """Dates in Vietnamese order as far as the sheet shows them, whole numbers without a point, units of formats."""
        value = cell.value
        if value is None:
            return ""
        if cell.data_type == "e":
            self.n_errors += 1
            return ""
        if isinstance(value, (datetime, date)):
            return _date(value, cell.number_format)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return _number(value, cell.number_format)
        text = unicodedata.normalize("NFC", str(value)).strip()
        if text.isascii():
            return text
        font = cell.font.name or ""
        self.fonts.note(text, font)
        return unicodedata.normalize("NFC", self.fonts.mended(text, font))


def _date(value: date, shown: str) -> str:
    """A date; without the day, or day and month, that the sheet does not show ("6/2031" is kept as the first of June)."""
    letters = re.sub(r'"[^"]*"|\[[^\]]*\]|\\.', "", shown).lower()
    if isinstance(value, datetime) and value.time() != time():
        return f"{value:%d/%m/%Y %H:%M}"
    if "y" in letters and "d" not in letters and "h" not in letters:
        return f"{value:%m/%Y}" if "m" in letters else f"{value:%Y}"
    return f"{value:%d/%m/%Y}"


def _number(value: float, shown: str) -> str:
    """A number, with the words or the percent sign that its format puts beside it."""
    plain = str(int(value)) if float(value).is_integer() else f"{value:.15g}"
    parts = list(_PART.finditer(shown.split(";", 1)[0]))
    kinds = [part.lastgroup for part in parts]
    position = kinds.index("number") if kinds.count("number") == 1 and "unknown" not in kinds else None
    if position is None or parts[position]["number"].endswith(","):  # a comma at the end counts in thousands
        return Number(plain)
    before, after = ("".join(map(_words, side)) for side in (parts[:position], parts[position + 1 :]))
    if not any(char.isalpha() or char in "₫$%" for char in before + after):
        return Number(plain)
    amount = value * 100 if "percent" in kinds else value
    grouped = f"{amount:,.10f}" if "," in parts[position]["number"] else f"{amount:.10f}"
    vietnamese = grouped.rstrip("0").rstrip(".").translate(str.maketrans(",.", ".,"))
    return f"{before}{vietnamese}{after}".strip()


def _words(part: re.Match[str]) -> str:
    return next((part[kind] for kind in ("quoted", "escaped", "currency", "percent", "plain") if part[kind] is not None), "")


@dataclass(frozen=True)
class SheetFacts:
    """``merged``: areas as (first column, first row, last column, last row), from 1; and formulas without a value."""

    merged: tuple[tuple[int, int, int, int], ...] = ()
    n_formulas_left: int = 0

    def with_merged(self, rows: Iterable[list[str]]) -> Iterator[list[str]]:
        """Rows in which a cell that spans rows says its words in each of them."""
        areas = sorted(((first, last, column) for column, first, _, last in self.merged if last > first), reverse=True)
        reaching: list[tuple[int, int, str]] = []  # (last row, column, words)
        for n, row in enumerate(rows, 1):
            reaching = [area for area in reaching if area[0] >= n]
            for _, column, words in reaching:
                row += [""] * (column - len(row))
                row[column - 1] = words
            while areas and areas[-1][0] <= n:
                first, last, column = areas.pop()
                if first == n and column <= len(row):
                    reaching.append((last, column, row[column - 1]))
            yield row


def sheet_facts(path: Path) -> Mapping[str, SheetFacts]:
    """Sheet name → its facts, read from the workbook's own XML; each sheet is gone through once, row by row."""
    with zipfile.ZipFile(path) as archive:
        parts = _parts_of_sheets(archive)
        return {name: _facts(archive, part) for name, part in parts.items() if part in archive.NameToInfo}


def _parts_of_sheets(archive: zipfile.ZipFile) -> dict[str, str]:
    """Sheet name → the part that holds it."""
    if "xl/workbook.xml" not in archive.NameToInfo or "xl/_rels/workbook.xml.rels" not in archive.NameToInfo:
        return {}  # a workbook laid out in another way: openpyxl finds it, merged rows are then said once
    parser = etree.XMLParser(resolve_entities=False)
    relations = etree.fromstring(archive.read("xl/_rels/workbook.xml.rels"), parser)
    targets = {relation.get("Id"): relation.get("Target") or "" for relation in relations}
    sheets = etree.fromstring(archive.read("xl/workbook.xml"), parser).iter(f"{_MAIN}sheet")
    named = ((sheet.get("name"), targets.get(sheet.get(_RELATION), "")) for sheet in sheets)
    return {name: target.lstrip("/") if target.startswith("/") else normpath(join("xl", target)) for name, target in named}


def _facts(archive: zipfile.ZipFile, part: str) -> SheetFacts:
    merged, n_formulas = [], 0
    with archive.open(part) as file:
        for _, element in etree.iterparse(file, tag=(f"{_MAIN}row", f"{_MAIN}mergeCell"), resolve_entities=False):
            if element.tag == f"{_MAIN}mergeCell":
                merged.append(range_boundaries(element.get("ref")))
                continue
            n_formulas += sum(map(_is_formula_left, element))
            element.clear()
    return SheetFacts(tuple(merged), n_formulas)


def _is_formula_left(cell: Any) -> bool:
    value = cell.find(f"{_MAIN}v")
    return cell.find(f"{_MAIN}f") is not None and (value is None or not value.text) and cell.get("t") != "str"
