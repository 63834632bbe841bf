"""Reads a Word document: paragraphs with their automatic numbers, tables with merged cells, old fonts made Unicode.

Deleted text of tracked changes is left out, inserted text is in. Headers, footers and notes are not part of the text.
"""

from __future__ import annotations

import unicodedata
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docx
from docx.document import Document as WordDocument
from docx.oxml.ns import qn
from docx.table import Table as WordTable
from docx.text.paragraph import Paragraph as WordParagraph
from lxml.etree import XMLSyntaxError

from knowledge.sources.document import Document, Line, Table
from knowledge.sources.docx_numbers import Numbering
from knowledge.sources.docx_styles import Styles
from knowledge.sources.encodings import from_tcvn3, from_vni
from knowledge.sources.faults import FileFault, warning
from knowledge.sources.guards import ReadLimits, check_office
from knowledge.sources.report import ReadWarning

_LEFT_OUT = {qn("w:del"), qn("w:moveFrom"), qn("w:pict"), qn("w:drawing"), qn("w:object")}
_BLANKS = {qn("w:tab"): " ", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}
_OLD_FONTS = ((".vn", "TCVN3"), ("vni-", "VNI"))


def read_docx(path: Path, limits: ReadLimits) -> Document:
    """Paragraphs and tables in reading order.

    Raises:
        FileFault: password, damaged, truncated, unpacks to too much, the old binary format, or no words.
    """
    check_office(path, "Word (.docx)", limits)
    try:
        word = docx.Document(str(path))
        reader = _Reader(word)
        blocks = tuple(reader.blocks())
    except (KeyError, ValueError, XMLSyntaxError, zipfile.BadZipFile, OSError) as exc:
        raise FileFault(path, "damaged", format="Word (.docx)", came=f"{type(exc).__name__} while reading it") from exc
    document = Document(blocks, tuple(_warnings(path, word, reader)))
    if not document.n_letters:
        raise FileFault(path, "no_words")
    return document


class _Reader:
    """Walks the body once; numbers count on from paragraph to paragraph."""

    def __init__(self, word: WordDocument) -> None:
        self._word = word
        self._styles = Styles(word)
        self._numbering = Numbering(word, self._styles)
        self._cells: dict[Any, str] = {}
        self.encodings: set[str] = set()

    def blocks(self) -> Iterator[Line | Table]:
        yield from self._of(self._word.element.body)

    def _of(self, parent: Any) -> Iterator[Line | Table]:
        for child in parent:
            if child.tag == qn("w:p"):
                yield from self._lines(WordParagraph(child, self._word))
            elif child.tag == qn("w:tbl"):
                yield from self._table(WordTable(child, self._word))
            elif child.tag in (qn("w:sdt"), qn("w:sdtContent"), qn("w:ins"), qn("w:smartTag"), qn("w:customXml")):
                yield from self._of(child)

    def _lines(self, paragraph: WordParagraph) -> Iterator[Line]:
        text = self._text(paragraph)
        if text.strip():
            number = self._numbering.next_number(paragraph)
            is_bold = self._is_bold(paragraph)
            for position, part in enumerate(text.split("\n")):
                yield Line(f"{number} {part}".strip() if not position else part, is_bold, is_paragraph=True)

    def _table(self, table: WordTable) -> Iterator[Line | Table]:
        """A table of one column is a frame around text."""
        rows, above = [], {}
        for row in table._tbl.tr_lst:
            cells, above = self._row(row, above)
            rows.append(cells)
        width = max((len(row) for row in rows), default=0)
        if width <= 1:
            yield from (Line(cell, is_paragraph=True) for row in rows for cell in row if cell.strip())
            return
        cells = tuple(tuple(row + [""] * (width - len(row))) for row in rows)
        yield Table(tuple(row for row in cells if any(cell.strip() for cell in row)))

    def _row(self, row: Any, above: dict[int, Any]) -> tuple[list[str], dict[int, Any]]:
        """Cells by grid column, and by column the cell they began with.

        A cell that spans columns fills the first; one that goes on from above says its words again.
        """
        cells, begun = [""] * row.grid_before, {}
        for cell in row.tc_lst:
            origin = above.get(len(cells), cell) if cell.vMerge == "continue" else cell
            begun[len(cells)] = origin
            cells += [self._cell(origin), *[""] * (cell.grid_span - 1)]
        return cells, begun

    def _cell(self, cell: Any) -> str:
        """A cell's words; each cell is walked once, so that its numbers are counted once."""
        if cell not in self._cells:
            blocks = (
                block.text if isinstance(block, Line) else "\n".join(" ".join(row) for row in block.rows)
                for block in self._of(cell)
            )
            self._cells[cell] = "\n".join(block for block in blocks if block.strip())
        return self._cells[cell]

    def _text(self, paragraph: WordParagraph) -> str:
        font = self._styles.of(paragraph).font
        return unicodedata.normalize("NFC", "".join(self._runs(paragraph._p, font)))

    def _is_bold(self, paragraph: WordParagraph) -> bool:
        runs = [run for run in paragraph.runs if any(map(str.isalnum, run.text))]
        of_style = self._styles.of(paragraph).is_bold
        return bool(runs) and all(of_style if run.bold is None else run.bold for run in runs)

    def _runs(self, parent: Any, font: str) -> Iterator[str]:
        for child in parent:
            if child.tag in _LEFT_OUT:
                continue
            if child.tag == qn("w:r"):
                yield self._mended("".join(_characters(child)), _font_of_run(child) or font)
            elif len(child):
                yield from self._runs(child, font)

    def _mended(self, text: str, font: str) -> str:
        encoding = next((name for mark, name in _OLD_FONTS if font.lower().startswith(mark)), "")
        if not encoding or text.isascii():
            return text
        self.encodings.add(encoding)
        mended = from_tcvn3(text) if encoding == "TCVN3" else from_vni(text)
        is_capital_font = encoding == "TCVN3" and font.endswith("H")
        return mended.upper() if is_capital_font else mended


def _characters(run: Any) -> Iterator[str]:
    for child in run:
        if child.tag == qn("w:t"):
            yield child.text or ""
        elif child.tag in _BLANKS:
            yield _BLANKS[child.tag]


def _font_of_run(run: Any) -> str:
    fonts = run.find(f"{qn('w:rPr')}/{qn('w:rFonts')}")
    return "" if fonts is None else fonts.get(qn("w:ascii")) or fonts.get(qn("w:hAnsi")) or ""


def _warnings(path: Path, word: WordDocument, reader: _Reader) -> Iterator[ReadWarning]:
    for encoding in sorted(reader.encodings):
        yield warning(path, "converted", encoding=encoding)
    boxes = sum(1 for _ in word.element.body.iter(qn("w:txbxContent")))
    if boxes:
        yield warning(path, "text_box", n=boxes)
