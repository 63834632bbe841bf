"""The neutral shape of a read file: lines and tables in reading order, whatever format they came from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from knowledge.sources.plan_lines import EMPTY_CELL
from knowledge.sources.report import ReadWarning
from knowledge.sources.text import collapse

_ONSET_ALONE = re.compile(r"(?<!\w)(?:ngh?|nh|ch|gh|gi|kh|ph|qu|th|tr|[bcdđghklmnpqrstvx])$", re.IGNORECASE)
_CODA_ALONE = re.compile(r"(?:ng|nh|ch|[cmnpt])(?!\w|\))")
_ENDS = re.compile(r"[.;:!?]$")
_ITEM = re.compile(r"[-+•–*]\s|\d+[.)]\s|[a-zđ]\)\s")


@dataclass(frozen=True)
class Line:
    """One printed line or one whole paragraph.

    Attributes:
        text: NFC; a blank at its end means that the sentence runs on in the next line.
        is_bold: all of it is printed bold.
        is_paragraph: a whole paragraph (docx, html), not a line that may be wrapped (pdf, scans).
    """

    text: str
    is_bold: bool = False
    is_paragraph: bool = False


@dataclass(frozen=True)
class Table:
    """Rows of equally many cells.

    Attributes:
        rows: each cell's words, lines of a paragraph joined; a cell that spans rows is repeated in each of them, one
            that spans columns stands in the first and leaves the others empty.
        page_starts: positions of rows that open a page; such a row may go on with the one above it.
    """

    rows: tuple[tuple[str, ...], ...]
    page_starts: tuple[int, ...] = ()


@dataclass(frozen=True)
class Document:
    """Blocks in reading order, what could not be read, and the day the file itself says it was made ("" if silent)."""

    blocks: tuple[Line | Table, ...]
    warnings: tuple[ReadWarning, ...] = ()
    made_on: str = ""

    @property
    def n_letters(self) -> int:
        lines = sum(sum(map(str.isalpha, block.text)) for block in self.blocks if isinstance(block, Line))
        cells = (cell for block in self.blocks if isinstance(block, Table) for row in block.rows for cell in row)
        return lines + sum(sum(map(str.isalpha, cell)) for cell in cells)


def as_plan_text(document: Document) -> str:
    """The document in the layout the plan parser reads: bold between ``**``, cells between tabs, a paragraph a line."""
    return "\n".join(_plan_lines(document))


def _plan_lines(document: Document) -> Iterator[str]:
    for block in document.blocks:
        if isinstance(block, Table):
            yield ""
            for row in _whole_rows(block):
                yield "\t".join([collapse(row[0]) or EMPTY_CELL, *map(collapse, row[1:])])
            yield ""
            continue
        text = collapse(block.text)
        yield f"**{text}**" if block.is_bold and text else text
        if block.is_paragraph:
            yield ""


def _whole_rows(table: Table) -> tuple[tuple[str, ...], ...]:
    """Rows with those that a page break cut in two put together: their first cell is empty below the break."""
    rows: list[tuple[str, ...]] = []
    for position, row in enumerate(table.rows):
        if rows and position in table.page_starts and not row[0].strip():
            rows[-1] = join_rows(rows[-1], row)
        else:
            rows.append(row)
    return tuple(rows)


def join_rows(above: tuple[str, ...], below: tuple[str, ...]) -> tuple[str, ...]:
    """One row of two halves, cell by cell."""
    return tuple(join_broken(first, second) for first, second in zip(above, below, strict=True))


def join_broken(above: str, below: str) -> str:
    """Two halves of one text that a page break cut, in the middle of a word as likely as between two.

    A first half that ends, or a second one that begins, with letters that make no syllable of their own ("sở h" /
    "ữu") belong together, whatever blanks the page layout put there. Else a blank at the cut parts two words, and
    without one the cut went through a word, unless the second half opens a new item.
    """
    first, second = above.rstrip(), below.lstrip()
    if not first or not second:
        return above if first else below
    if _ONSET_ALONE.search(first) or _CODA_ALONE.match(second):
        return first + second
    if first != above or second != below:
        return f"{first} {second}"
    opens = _ITEM.match(second) or (_ENDS.search(first) and second[:1].isupper())
    return f"{first}\n{second}" if opens else first + second


def join_lines(lines: list[str]) -> str:
    """Printed lines as paragraphs: a blank at a line's end goes on, a cut number ("52/2021/", "NĐ-") too."""
    text = ""
    for line in lines:
        goes_on = not text or text.endswith(" ") or re.search(r"\w[/-]$", text)
        text = text + line if goes_on else f"{text}\n{line}"
    return text
