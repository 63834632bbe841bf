"""Reads a PDF: the text layer with its ruled tables, and scanned pages by optical character recognition.

pdfium is the only library; it runs no scripts (built without a JavaScript engine) and is not safe across threads, so a
lock is held while a file is open.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from knowledge.sources.document import Document, Line, Table, join_lines
from knowledge.sources.faults import FileFault, warning
from knowledge.sources.guards import ReadLimits, check_pdf, holds_script
from knowledge.sources.mending import mended
from knowledge.sources.ocr import Recogniser
from knowledge.sources.pdf_lines import PrintedLine, plain_hyphens, read_lines, usual_step, with_gaps
from knowledge.sources.pdf_tables import Grid, find_grids
from knowledge.sources.report import ReadWarning

_PDFIUM = threading.Lock()
_MADE_ON = re.compile(r"D:(\d{4})(\d\d)(\d\d)")
_PAGE_NUMBER = re.compile(r"(?:[-–] ?)?\d{1,4}(?: ?[-–])?|(?:Trang|Page) \d{1,4}(?: ?/ ?\d{1,4})?", re.IGNORECASE)
_FEW_LETTERS = 25  # a page with fewer and a picture is a scan; stamps and page numbers of a signed scan stay below it
_STAMP_LETTERS = 200  # fewer on a page that a picture covers may be a stamp or a signature over a scan
_COVERED = 0.6  # share of the page's area
_EDGE_TOLERANCE = 3.0  # points


def read_pdf(path: Path, limits: ReadLimits, recogniser: Recogniser | None = None) -> Document:
    """Lines and tables of all pages; scanned ones among others are named where there is no tesseract.

    Raises:
        FileFault: password, truncated, damaged, no words, or nothing but scans without tesseract.
    """
    check_pdf(path)
    with _PDFIUM:
        file = _open(path)
        try:
            return _read(path, file, limits, recogniser or Recogniser())
        finally:
            file.close()


def _open(path: Path) -> pdfium.PdfDocument:
    try:
        return pdfium.PdfDocument(path)
    except pdfium.PdfiumError as exc:
        if getattr(exc, "err_code", None) == raw.FPDF_ERR_PASSWORD or "password" in str(exc).lower():
            raise FileFault(path, "password") from exc
        raise FileFault(path, "damaged", format="PDF", came=str(exc)) from exc


def _read(path: Path, file: pdfium.PdfDocument, limits: ReadLimits, recogniser: Recogniser) -> Document:
    warnings: list[ReadWarning] = []
    if raw.FPDFDoc_GetJavaScriptActionCount(file) > 0 or holds_script(path):
        warnings.append(warning(path, "javascript"))
    blocks: list[Line | Table] = []
    edges: tuple[float, ...] = ()
    scans: list[int] = []
    no_program: FileFault | None = None
    for number in range(len(file)):
        page = _page(path, file, number)
        found, is_scan = _page_blocks(page)
        if is_scan:
            scans.append(number)
            if len(scans) <= limits.max_ocr_pages and no_program is None:
                try:
                    found = _recognised(path, page, number, len(file), recogniser, warnings)
                except FileFault as exc:
                    no_program = exc
        elif _is_stamped(page, found):
            warnings.append(warning(path, "page_covered", field=f"trang {number + 1}", page=number + 1))
        edges = _append(blocks, found, edges)
        page.close()
    if no_program is not None:
        pages = ", ".join(str(number + 1) for number in scans)
        warnings.append(warning(path, "scans_unread", field=f"trang {pages}", pages=pages, came=no_program.came))
    elif scans:
        warnings += _scan_warnings(path, len(scans), limits)
    document = mended(path, Document(tuple(blocks), tuple(warnings), _made_on(file)))
    if not document.n_letters:
        raise no_program or FileFault(path, "no_words")
    return document


def _page(path: Path, file: pdfium.PdfDocument, number: int) -> pdfium.PdfPage:
    try:
        return file[number]
    except pdfium.PdfiumError as exc:
        raise FileFault(path, "damaged", format="PDF", came=f"page {number + 1} cannot be opened") from exc


def _page_blocks(page: pdfium.PdfPage) -> tuple[list[tuple[Line | Table, tuple[float, ...]]], bool]:
    """(blocks with a table's column edges, whether the page is a picture of text)."""
    text_page = page.get_textpage()
    try:
        words = text_page.get_text_range()
        if sum(map(str.isalpha, words)) < _FEW_LETTERS and _has_picture(page):
            return [], True
        return list(_blocks(page, text_page)), False
    finally:
        text_page.close()


def _has_picture(page: pdfium.PdfPage) -> bool:
    return any(True for _ in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=3))


def _is_stamped(page: pdfium.PdfPage, found: list[tuple[Line | Table, tuple[float, ...]]]) -> bool:
    """Whether a page of few letters lies under one large picture, whose words, if it has any, were not read."""
    if Document(tuple(block for block, _ in found)).n_letters >= _STAMP_LETTERS:
        return False
    width, height = page.get_size()
    pictures = (picture.get_bounds() for picture in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=3))
    largest = max(((right - left) * (top - bottom) for left, bottom, right, top in pictures), default=0)
    return largest >= _COVERED * width * height


def _blocks(page: pdfium.PdfPage, text_page: Any) -> Iterator[tuple[Line | Table, tuple[float, ...]]]:
    grids = find_grids(page)
    lines = _without_page_numbers([line for line in read_lines(text_page) if not any(line.is_in(grid) for grid in grids)])
    step = usual_step(lines)
    position = 0
    for grid in (*grids, None):
        bottom = grid.top if grid else float("-inf")
        strip = []
        while position < len(lines) and lines[position].middle >= bottom:
            strip.append(lines[position])
            position += 1
        yield from ((line, ()) for line in with_gaps(strip, step))
        rows = _rows(text_page, grid) if grid else ()
        if grid and rows:
            yield Table(rows), grid.columns


def _without_page_numbers(lines: list[PrintedLine]) -> list[PrintedLine]:
    """Without a number that stands alone at the very top or bottom of the page."""
    if lines and _PAGE_NUMBER.fullmatch(lines[0].text.strip()):
        lines = lines[1:]
    return lines[:-1] if lines and _PAGE_NUMBER.fullmatch(lines[-1].text.strip()) else lines


def _lines(text_page: Any, box: tuple[float, float, float, float]) -> list[str]:
    left, bottom, right, top = box
    words = text_page.get_text_bounded(left, bottom, right, top)
    return unicodedata.normalize("NFC", plain_hyphens(words.replace("\r\n", "\n"))).split("\n")


def _rows(text_page: Any, grid: Grid) -> tuple[tuple[str, ...], ...]:
    rows = []
    for boxes in grid.rows:
        cells = tuple("" if box is None else join_lines(_lines(text_page, box)) for box in boxes)
        if any(cell.strip() for cell in cells):
            rows.append(cells)
    return tuple(rows)


def _append(
    blocks: list[Line | Table], found: list[tuple[Line | Table, tuple[float, ...]]], edges: tuple[float, ...]
) -> tuple[float, ...]:
    """Add a page's blocks; a table that goes on from the page before is joined to it. Returns the last one's edges."""
    for position, (block, columns) in enumerate(found):
        above = blocks[-1] if blocks else None
        if position == 0 and isinstance(block, Table) and isinstance(above, Table) and _are_alike(columns, edges):
            rows = block.rows[1:] if block.rows[0] == above.rows[0] else block.rows
            starts = (*above.page_starts, len(above.rows))
            blocks[-1] = Table(above.rows + rows, starts)
        else:
            blocks.append(block)
        edges = columns
    return edges


def _are_alike(columns: tuple[float, ...], others: tuple[float, ...]) -> bool:
    return len(columns) == len(others) and all(
        abs(one - other) <= _EDGE_TOLERANCE for one, other in zip(columns, others, strict=True)
    )


def _recognised(
    path: Path, page: pdfium.PdfPage, number: int, n_pages: int, recogniser: Recogniser, warnings: list[ReadWarning]
) -> list[tuple[Line | Table, tuple[float, ...]]]:
    lines, problem = recogniser.read_page(path, page, number + 1, n_pages)
    warnings += problem
    return [(Line(unicodedata.normalize("NFC", line)), ()) for line in lines]


def _scan_warnings(path: Path, n_scans: int, limits: ReadLimits) -> list[ReadWarning]:
    n_read = min(n_scans, limits.max_ocr_pages)
    found = [warning(path, "ocr_used", n_pages=n_read)] if n_read else []
    if n_scans > n_read:
        found.append(warning(path, "pages_left", limit=limits.max_ocr_pages, n_left=n_scans - n_read))
    return found


def _made_on(file: pdfium.PdfDocument) -> str:
    found = _MADE_ON.match(file.get_metadata_dict().get("CreationDate", ""))
    return "-".join(found.groups()) if found else ""
