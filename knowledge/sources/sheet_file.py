"""Reads sheets: .xlsx and .csv become tables of text, a line with the sheet's name before each."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import openpyxl
from lxml.etree import XMLSyntaxError
from openpyxl.utils.exceptions import InvalidFileException

from knowledge.sources.document import Document, Line, Table
from knowledge.sources.encodings import decode
from knowledge.sources.faults import FileFault, warning
from knowledge.sources.guards import ReadLimits, check_office
from knowledge.sources.mending import encoding_warnings, mended
from knowledge.sources.report import ReadWarning

_SMALL_BYTES = 2_000_000  # up to here a workbook is loaded whole, which alone tells its merged cells
_SAMPLE_ROWS = 40
_SEP = re.compile(r'"?sep=([,;\t|])"?\r?\n', re.IGNORECASE)  # first line that Excel writes and reads
_DELIMITERS = ",;\t|"


def read_xlsx(path: Path, limits: ReadLimits) -> Document:
    """One table a sheet; formulas by the value they were saved with.

    Raises:
        FileFault: password, damaged, truncated, unpacks to too much, the old binary format, or no words.
    """
    check_office(path, "Excel (.xlsx)", limits)
    warnings: list[ReadWarning] = []
    blocks: list[Line | Table] = []
    try:
        is_streamed = path.stat().st_size > _SMALL_BYTES
        book = openpyxl.load_workbook(path, read_only=is_streamed, data_only=True)
        try:
            for sheet in book.worksheets:
                blocks += _sheet_blocks(path, sheet, limits, warnings, is_streamed)
        finally:
            book.close()
    except (KeyError, ValueError, TypeError, XMLSyntaxError, ParseError, zipfile.BadZipFile, InvalidFileException, OSError) as exc:
        raise FileFault(path, "damaged", format="Excel (.xlsx)", came=f"{type(exc).__name__} while reading it") from exc
    return _with_words(path, blocks, warnings)


def read_csv(path: Path, limits: ReadLimits) -> Document:
    """One table; the delimiter and the encoding are found from the text.

    Raises:
        FileFault: no known encoding, a broken quotation, or no words.
    """
    decoded = decode(path.read_bytes())
    if decoded is None:
        raise FileFault(path, "encoding")
    warnings = list(encoding_warnings(path, decoded))
    try:
        rows = csv.reader(io.StringIO(_SEP.sub("", decoded.text, count=1), newline=""), delimiter=_delimiter(decoded.text))
        cells = ([unicodedata.normalize("NFC", cell) for cell in row] for row in rows)
        blocks = list(_named(path, path.stem, _table(path, path.stem, cells, limits, warnings)))
    except csv.Error as exc:
        raise FileFault(path, "damaged", format="CSV", came=str(exc)) from exc
    return _with_words(path, blocks, warnings)


def _with_words(path: Path, blocks: list[Line | Table], warnings: list[ReadWarning]) -> Document:
    document = mended(path, Document(tuple(blocks), tuple(warnings)))
    if not document.n_letters:
        raise FileFault(path, "no_words")
    return document


def _sheet_blocks(
    path: Path, sheet: Any, limits: ReadLimits, warnings: list[ReadWarning], is_streamed: bool
) -> Iterator[Line | Table]:
    if is_streamed:
        sheet.reset_dimensions()  # some programs write a wrong size, and rows beyond it would be lost
        rows: Iterable[list[str]] = ([_printed(cell) for cell in row] for row in sheet.iter_rows(values_only=True))
    else:
        rows = _with_merged(sheet, limits)
    yield from _named(path, sheet.title, _table(path, sheet.title, rows, limits, warnings))


def _with_merged(sheet: Any, limits: ReadLimits) -> list[list[str]]:
    """Rows in which a cell that spans rows says its words in each of them."""
    rows = [[_printed(cell) for cell in row] for row in sheet.iter_rows(values_only=True, max_row=limits.max_rows + 1)]
    for area in sheet.merged_cells.ranges:
        text = rows[area.min_row - 1][area.min_col - 1] if area.min_row <= len(rows) else ""
        for row in rows[area.min_row : area.max_row]:
            row[area.min_col - 1] = text
    return rows


def _named(path: Path, name: str, table: Table | None) -> Iterator[Line | Table]:
    """A line that names the sheet, the rows of one cell above the column names as lines, and the table."""
    if table is None:
        return
    yield Line(f"Bảng dữ liệu “{name}” trong tệp {path.name}", is_paragraph=True)
    n_titles = next((n for n, row in enumerate(table.rows) if sum(map(bool, row)) > 1), 0)
    for row in table.rows[:n_titles]:
        yield Line(next(filter(None, row)), is_paragraph=True)
    yield Table(table.rows[n_titles:])


def _table(
    path: Path, name: str, rows: Iterable[list[str]], limits: ReadLimits, warnings: list[ReadWarning]
) -> Table | None:
    kept = list(islice((row for row in rows if any(cell.strip() for cell in row)), limits.max_rows + 1))
    if len(kept) > limits.max_rows:
        warnings.append(warning(path, "rows_left", field=name, sheet=name, limit=limits.max_rows))
        kept = kept[: limits.max_rows]
    if not kept:
        return None
    n_columns = max(max((n + 1 for n, cell in enumerate(row) if cell.strip()), default=1) for row in kept)
    return Table(tuple(tuple((row + [""] * n_columns)[:n_columns]) for row in kept))


def _printed(value: Any) -> str:
    """A cell as text: dates in Vietnamese order, whole numbers without a point; number formats are not applied."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%d/%m/%Y}" if value.time() == time() else f"{value:%d/%m/%Y %H:%M}"
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return unicodedata.normalize("NFC", str(value)).strip()


def _delimiter(text: str) -> str:
    """The delimiter by which most of the first rows have one number of cells, two or more; of equals the one that gives more.

    Rows are parsed as such, so that what stands between quotation marks does not count; Excel's own "sep=;" decides.
    """
    if told := _SEP.match(text):
        return told[1]
    return max(_DELIMITERS, key=lambda mark: _fit(text, mark))


def _fit(text: str, delimiter: str) -> tuple[int, int]:
    """(rows among the first that have the commonest number of cells, that number); (0, 0) where it is one."""
    try:
        rows = islice(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), _SAMPLE_ROWS)
        widths = Counter(len(row) for row in rows if len(row) > 1)
    except csv.Error:
        return 0, 0
    width, n_rows = max(widths.items(), key=lambda item: (item[1], item[0]), default=(0, 0))
    return n_rows, width
