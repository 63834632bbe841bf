"""Printed lines of a PDF page with their place and boldness, in the order in which the file writes them."""

from __future__ import annotations

import ctypes
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import pypdfium2.raw as raw

from knowledge.sources.document import Line
from knowledge.sources.pdf_tables import Grid

_BOLD_WEIGHT = 600  # of 100 to 900
_GAP = 1.4  # times the usual step between lines from which on an empty line is seen


@dataclass(frozen=True)
class PrintedLine:
    """``text`` keeps the blank at its end that tells a wrapped line; ``left`` and ``middle`` are in points."""

    text: str
    left: float
    middle: float
    is_bold: bool

    def is_in(self, grid: Grid) -> bool:
        return grid.bottom <= self.middle <= grid.top and grid.columns[0] <= self.left <= grid.columns[-1]


def read_lines(text_page: Any) -> list[PrintedLine]:
    """Lines that hold more than blanks."""
    lines, start, letters = [], 0, []
    for position in range(text_page.count_chars() + 1):
        code = raw.FPDFText_GetUnicode(text_page, position) if position < text_page.count_chars() else 0x0A
        if code not in (0x0A, 0x0D):
            letters.append(chr(code) if code else "")
            continue
        text = unicodedata.normalize("NFC", plain_hyphens("".join(letters)))
        if text.strip():
            lines.append(_placed(text_page, text, start + len(text) - len(text.lstrip())))
        start, letters = position + 1, []
    return lines


def plain_hyphens(text: str) -> str:
    """pdfium's own marks for a hyphen at a line's end as a hyphen."""
    return text.replace("\ufffe", "-").replace("\x02", "-")


def usual_step(lines: Sequence[PrintedLine]) -> float:
    """Distance between lines that follow each other, in points; 0 for a page with one line."""
    steps = [one.middle - other.middle for one, other in zip(lines, lines[1:], strict=False) if one.middle > other.middle]
    return median(steps) if steps else 0.0


def with_gaps(lines: Sequence[PrintedLine], step: float) -> Iterator[Line]:
    """Lines with an empty one where the page leaves more room than usual."""
    above: PrintedLine | None = None
    for line in lines:
        if above and step and above.middle - line.middle > _GAP * step:
            yield Line("")
        yield Line(line.text, line.is_bold)
        above = line


def _placed(text_page: Any, text: str, position: int) -> PrintedLine:
    left, bottom, _, top = text_page.get_charbox(position, loose=True)
    return PrintedLine(text, left, (bottom + top) / 2, _is_bold(text_page, position))


def _is_bold(text_page: Any, position: int) -> bool:
    """By the weight of the line's first letter, or by its font's name ("TimesNewRoman,Bold")."""
    if raw.FPDFText_GetFontWeight(text_page, position) >= _BOLD_WEIGHT:
        return True
    name, flags = ctypes.create_string_buffer(128), ctypes.c_int()
    raw.FPDFText_GetFontInfo(text_page, position, name, 128, flags)
    return b"bold" in name.value.lower()
