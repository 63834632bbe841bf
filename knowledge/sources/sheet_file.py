"""Reads sheets: .xlsx and .csv become tables of text, a line with the sheet's name before each."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
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
from knowledge.sources.portal_jsonl import CODE
from knowledge.sources.report import ReadWarning
from knowledge.sources.sheet_cells import CellReader, Number, SheetFacts, sheet_facts

_SMALL_BYTES = 2_000_000  # up to here a workbook is loaded whole, which is quicker
_SAMPLE_ROWS = 40
_SEP = re.compile(r'"?sep=([,;\t|])"?\r?\n', re.IGNORECASE)  # first line that Excel writes and reads
_CUT_CODE = re.compile(r"\d\.\d{1,5}")
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
        book, facts, cells = openpyxl.load_workbook(path, read_only=is_streamed, data_only=True), sheet_facts(path), CellReader()
        try:
            for sheet in book.worksheets:
                if sheet.sheet_state == "visible":
                    blocks += _sheet_blocks(path, sheet, limits, warnings, cells, facts.get(sheet.title, SheetFacts()))
                else:
                    warnings.append(warning(path, "hidden_sheet", field=sheet.title, sheet=sheet.title))
        finally:
            book.close()
    except (KeyError, ValueError, TypeError, XMLSyntaxError, ParseError, zipfile.BadZipFile, InvalidFileException, OSError) as exc:
        raise FileFault(path, "damaged", format="Excel (.xlsx)", came=f"{type(exc).__name__} while reading it") from exc
    warnings += (warning(path, "converted", encoding=name) for name in sorted(cells.fonts.encodings))
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
        text, delimiter = _SEP.sub("", decoded.text, count=1), _delimiter(decoded.text)
        _refuse_open_quotation(text, delimiter)
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
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


def _refuse_open_quotation(text: str, delimiter: str) -> None:
    """Raise csv.Error where a quotation reaches to the end of the file: all rows from there on would be one cell."""
    try:
        for _ in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            pass
    except csv.Error as exc:
        if "end of data" in str(exc):
            raise


def _sheet_blocks(
    path: Path, sheet: Any, limits: ReadLimits, warnings: list[ReadWarning], cells: CellReader, facts: SheetFacts
) -> Iterator[Line | Table]:
    if hasattr(sheet, "reset_dimensions"):
        sheet.reset_dimensions()  # some programs write a wrong size, and rows beyond it would be lost
    cells.n_errors = 0
    read = ([cells.printed(cell) for cell in row] for row in sheet.iter_rows(max_row=limits.max_rows + 1))
    yield from _named(path, sheet.title, _table(path, sheet.title, facts.with_merged(read), limits, warnings))
    for kind, n in (("cell_errors", cells.n_errors), ("formulas_left", facts.n_formulas_left)):
        if n:
            warnings.append(warning(path, kind, field=sheet.title, sheet=sheet.title, n=n))


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
    kept = _with_whole_codes(kept)
    n_columns = max(max((n + 1 for n, cell in enumerate(row) if cell.strip()), default=1) for row in kept)
    return Table(tuple(tuple((row + [""] * n_columns)[:n_columns]) for row in kept))


def _with_whole_codes(rows: list[list[str]]) -> list[list[str]]:
    """Codes of procedures that a sheet took for numbers get back the zeros at their end (1.00023 is 1.000230)."""
    columns = {n for row in rows for n, cell in enumerate(row) if CODE.fullmatch(cell)}
    return [[_whole_code(cell) if n in columns else cell for n, cell in enumerate(row)] for row in rows]


def _whole_code(cell: str) -> str:
    return f"{float(cell):.6f}" if isinstance(cell, Number) and _CUT_CODE.fullmatch(cell) else cell


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
