"""Reads a Word document: paragraphs with their automatic numbers, tables with merged cells, old fonts made Unicode.

Deleted text of tracked changes is left out, inserted text is in. Notes stand below the paragraph or table that refers to
them; headers and footers are not part of the text.
"""

from __future__ import annotations

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
from knowledge.sources.docx_text import DocxText
from knowledge.sources.faults import FileFault, warning
from knowledge.sources.guards import ReadLimits, check_office
from knowledge.sources.mending import mended
from knowledge.sources.report import ReadWarning

_WRAPPERS = tuple(map(qn, ("w:sdt", "w:sdtContent", "w:ins", "w:moveTo", "w:smartTag", "w:customXml")))
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"


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
    document = mended(path, Document(blocks, tuple(_warnings(path, word, reader.text))))
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
        self.text = DocxText(word, self._styles)

    def blocks(self) -> Iterator[Line | Table]:
        for child in self._word.element.body:
            yield from self._of(child)
            yield from (Line(note, is_paragraph=True) for note in self.text.notes())

    def _of(self, element: Any, in_cell: bool = False) -> Iterator[Line | Table]:
        if element.tag == qn("w:p"):
            yield from self._lines(WordParagraph(element, self._word), in_cell)
        elif element.tag == qn("w:tbl"):
            yield from self._table(WordTable(element, self._word))
        elif element.tag in _WRAPPERS:
            for child in element:
                yield from self._of(child, in_cell)

    def _lines(self, paragraph: WordParagraph, in_cell: bool) -> Iterator[Line]:
        """A number without words counts on too, and in a cell it is all that stands there ("1" in the column "STT")."""
        text = self.text.of(paragraph._p)
        if not text.strip() and _is_deleted(paragraph._p):
            return
        number = self._numbering.next_number(paragraph)
        if text.strip() or (in_cell and number != "-"):
            is_bold = self._is_bold(paragraph)
            for position, part in enumerate(text.split("\n")):
                yield Line(f"{number} {part}".strip() if not position else part, is_bold, is_paragraph=True)

    def _table(self, table: WordTable) -> Iterator[Line | Table]:
        """A table of one column is a frame around text."""
        rows, above = [], {}
        for row in _children(table._tbl, "w:tr"):
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
        for cell in _children(row, "w:tc"):
            origin = above.get(len(cells), cell) if cell.vMerge == "continue" else cell
            begun[len(cells)] = origin
            cells += [self._cell(origin), *[""] * (cell.grid_span - 1)]
        return cells, begun

    def _cell(self, cell: Any) -> str:
        """A cell's words; each cell is walked once, so that its numbers are counted once."""
        if cell not in self._cells:
            blocks = (
                block.text if isinstance(block, Line) else "\n".join(" ".join(row) for row in block.rows)
                for child in cell
                for block in self._of(child, in_cell=True)
            )
            self._cells[cell] = "\n".join(block for block in blocks if block.strip())
        return self._cells[cell]

    def _is_bold(self, paragraph: WordParagraph) -> bool:
        runs = [run for run in paragraph.runs if any(map(str.isalnum, run.text))]
        of_style = self._styles.of(paragraph).is_bold
        return bool(runs) and all(of_style if run.bold is None else run.bold for run in runs)


def _children(parent: Any, name: str) -> Iterator[Any]:
    """Rows of a table or cells of a row, those in content controls too, without deleted rows."""
    for child in parent:
        if child.tag == qn(name):
            if child.find(f"{qn('w:trPr')}/{qn('w:del')}") is None:
                yield child
        elif child.tag in _WRAPPERS:
            yield from _children(child, name)


def _is_deleted(paragraph: Any) -> bool:
    """Whether the end of a paragraph is deleted by a tracked change: it is none any more."""
    mark = f"{qn('w:pPr')}/{qn('w:rPr')}/"
    return any(paragraph.find(mark + qn(name)) is not None for name in ("w:del", "w:moveFrom"))


def _warnings(path: Path, word: WordDocument, text: DocxText) -> Iterator[ReadWarning]:
    for encoding in sorted(text.fonts.encodings):
        yield warning(path, "converted", encoding=encoding)
    if text.n_struck:
        yield warning(path, "struck_out", n=text.n_struck)
    boxes = sum(map(_is_box_of_words, word.element.body.iter(qn("w:txbxContent"))))
    if boxes:
        yield warning(path, "text_box", n=boxes)


def _is_box_of_words(box: Any) -> bool:
    """Word writes a box a second time for programs that do not know the first way."""
    has_words = any((text.text or "").strip() for text in box.iter(qn("w:t")))
    return has_words and not any(above.tag == _FALLBACK for above in box.iterancestors())
