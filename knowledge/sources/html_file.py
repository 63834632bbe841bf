"""Reads a saved web page: the part that holds the words, its paragraphs, lists and tables; menus and scripts left out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from lxml import etree, html

from knowledge.sources.document import Document, Line, Table
from knowledge.sources.docx_numbers import roman_numeral
from knowledge.sources.encodings import Decoded, decode
from knowledge.sources.faults import FileFault, warning
from knowledge.sources.mending import encoding_warnings, mended
from knowledge.sources.text import collapse, raised

_NO_TEXT = (
    "script", "style", "noscript", "template", "svg", "iframe", "object", "nav", "footer", "head", "button", "select", "textarea",
)  # fmt: skip
_STRUCK = ("s", "strike", "del")
_FORM_SHARE = 0.5  # of the page's words; a form that holds more is the page (ASP.NET wraps all of it in one)
_BLOCKS = {
    "p", "div", "section", "article", "main", "header", "aside", "ul", "ol", "li", "dl", "dt", "dd", "h1", "h2", "h3",
    "h4", "h5", "h6", "blockquote", "pre", "tr", "td", "th", "table", "tbody", "thead", "tfoot", "figure", "center",
    "address", "fieldset", "details", "summary", "body", "html", "hr", "caption",
}  # fmt: skip
_LINES = {"p", "div", "ul", "ol", "li", "dl", "dt", "dd", "blockquote", "pre", "h1", "h2", "h3", "h4", "h5", "h6"}  # in a cell
_BOLD = {"b", "strong", "h1", "h2", "h3", "h4", "h5", "h6", "th"}
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?([\w-]+)", re.IGNORECASE)
_MAIN_SHARE = 0.7  # of the page's words that the chosen part must hold
_INSIDE_SHARE = 0.4  # of a table's words that may stand in tables inside it
_MENU_SHARE = 0.7  # of a block's words that stand in links
_MIN_LINKS = 4
_RECORD = re.compile(r"(?<![\d.])\d\.\d{6}(?!\d)|\d/(?:20\d\d/)?[A-ZĐ]{2,}")  # a procedure's code, a document's number
_WINDOWS = {n: bytes([n]).decode("cp1252") for n in range(0x80, 0xA0) if n not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)}


def read_html(path: Path) -> Document:
    """Paragraphs and tables in reading order.

    Raises:
        FileFault: no Vietnamese text in any known encoding, not HTML, or no words.
    """
    data = path.read_bytes()
    decoded = _decoded(data)
    if decoded is None:
        raise FileFault(path, "encoding")
    try:
        root = html.document_fromstring(_without_declaration(decoded.text))
    except (etree.ParserError, ValueError) as exc:
        raise FileFault(path, "damaged", format="HTML", came=type(exc).__name__) from exc
    n_struck = _drop_furniture(root)
    body = root.find("body")
    blocks = tuple(_Walker().walk(_main_part(root if body is None else body)))
    struck = (warning(path, "struck_out", n=n_struck),) if n_struck else ()
    document = mended(path, Document(blocks, (*encoding_warnings(path, decoded), *struck)))
    if not document.n_letters:
        raise FileFault(path, "no_words")
    return document


def _decoded(data: bytes) -> Decoded | None:
    """By the page's own word where that gives Vietnamese or plain text, else by its bytes."""
    found = decode(data)
    if found is not None and found.is_certain:
        return found
    declared = _CHARSET.search(data[:4096])
    if found is None and declared:
        try:
            return Decoded(data.decode(declared[1].decode("ascii")), declared[1].decode("ascii"), True)
        except (LookupError, UnicodeDecodeError):
            return None
    return found


def _without_declaration(text: str) -> str:
    return re.sub(r"^\s*<\?xml[^>]*\?>", "", text)


def _drop_furniture(root: Any) -> int:
    """Take out what is no content; how many struck places were among it."""
    _drop(root.iter(etree.Comment, etree.ProcessingInstruction, *_NO_TEXT))
    n_words = len(collapse(root.text_content()))
    _drop(form for form in list(root.iter("form")) if len(collapse(form.text_content())) <= _FORM_SHARE * n_words)
    _drop(element for element in list(root.iter("ul", "div", "table")) if _is_menu(element))
    _drop(element for element in list(root.iter()) if isinstance(element.tag, str) and element.get("hidden") is not None)
    struck = [element for element in root.iter(*_STRUCK) if element.text_content().strip()]
    _drop(struck)
    return len(struck)


def _drop(elements: Iterable[Any]) -> None:
    for element in list(elements):
        if element.getparent() is not None:
            element.drop_tree()


def _is_menu(element: Any) -> bool:
    links = element.findall(".//a")
    if len(links) < _MIN_LINKS or _RECORD.search(element.text_content()):
        return False
    in_links = sum(len(collapse(link.text_content())) for link in links)
    return in_links >= _MENU_SHARE * max(1, len(collapse(element.text_content())))


def _main_part(body: Any) -> Any:
    """The page's own main part, else the smallest element that still holds most of its words."""
    n_all = len(collapse(body.text_content()))
    named = body.xpath(".//main|.//article|.//*[@role='main']")
    best = max(named, key=lambda element: len(collapse(element.text_content())), default=None)
    if best is not None and len(collapse(best.text_content())) >= 0.5 * n_all:
        return best
    part = body
    while True:
        heavy = [
            child
            for child in part
            if child.tag in ("div", "section", "table", "tbody", "tr", "td", "center")
            and len(collapse(child.text_content())) >= _MAIN_SHARE * n_all
        ]
        if len(heavy) != 1 or (heavy[0].tag == "table" and _is_data(heavy[0])):
            return part
        part = heavy[0]


def _is_data(table: Any) -> bool:
    """Whether a table holds data and no page layout: two rows and columns at least, and most words in no table inside."""
    rows, inside = _rows_of(table), [t for t in table.findall(".//table") if next(t.iterancestors("table")) is table]
    n_inside = sum(len(collapse(t.text_content())) for t in inside)
    if n_inside > _INSIDE_SHARE * len(collapse(table.text_content())):
        return False
    return len(rows) >= 2 and max(len(_cells_of(row)) for row in rows) >= 2


class _Walker:
    """Gathers words into lines; a block element ends the line before and after it.

    Args:
        in_cell: tables are words too.
    """

    def __init__(self, in_cell: bool = False) -> None:
        self._words: list[tuple[str, bool]] = []
        self._in_cell = in_cell
        self._mark = ""

    def walk(self, element: Any) -> Iterator[Line | Table]:
        yield from self._of(element, False)
        yield from self._ended()

    def _of(self, element: Any, is_bold: bool) -> Iterator[Line | Table]:
        tag = element.tag
        if tag == "table" and not self._in_cell and _is_data(element):
            yield from self._ended()
            yield _table(element)
            return
        is_block = (tag in _BLOCKS) if not self._in_cell else tag in _LINES
        is_bold = is_bold or tag in _BOLD or "font-weight:bold" in (element.get("style") or "").replace(" ", "")
        if is_block or tag == "br":
            yield from self._ended()
        if tag == "li":
            self._mark = _item_mark(element)
        mend = raised if tag == "sup" else str
        self._words.append((mend(element.text or ""), is_bold))
        for child in element:
            if isinstance(child.tag, str):
                yield from self._of(child, is_bold)
            self._words.append((mend(child.tail or ""), is_bold))
        if is_block:
            yield from self._ended()
        elif self._in_cell and tag in ("td", "th", "tr"):
            self._words.append((" ", is_bold))

    def _ended(self) -> Iterator[Line]:
        """The line so far; the mark of an item waits for its first words."""
        text = collapse("".join(word for word, _ in self._words).translate(_WINDOWS))
        letters = [is_bold for word, is_bold in self._words for char in word if char.isalnum()]
        self._words = []
        if text and text != "-":
            yield Line(f"{self._mark}{text}", bool(letters) and all(letters), is_paragraph=True)
            self._mark = ""


def _item_mark(item: Any) -> str:
    """What a browser prints before a list's item, unless the item's own words begin with a mark."""
    parent = item.getparent()
    if parent is None or parent.tag != "ol":
        return "" if re.match(r"\s*[-+•–*]", item.text_content()) else "- "
    number = _item_number(item, parent.get("start") or "1")
    kind = parent.get("type") or "1"
    if kind in "iI":
        return f"{roman_numeral(number) if kind == 'I' else roman_numeral(number).lower()}. "
    return f"{chr(ord(kind) + number - 1)}) " if kind in "aA" and number <= 26 else f"{number}. "


def _item_number(item: Any, start: str) -> int:
    """Position counted from the list's start or from the last item that names its own number."""
    n_after = 0
    for sibling in (item, *item.itersiblings("li", preceding=True)):
        own = sibling.get("value") or ""
        if own.isdigit():
            return int(own) + n_after
        n_after += 1
    return n_after + (int(start) if start.isdigit() else 1) - 1


def _cell_text(cell: Any) -> str:
    """A cell's words, a line each paragraph, item or break."""
    lines = (block.text for block in _Walker(in_cell=True).walk(cell) if isinstance(block, Line))
    return unicodedata.normalize("NFC", "\n".join(lines))


def _table(table: Any) -> Table:
    """Rows of a table by grid column: a cell over several rows is said again in each, one over columns once."""
    grid: list[list[str]] = []
    reaching: dict[int, tuple[int, str]] = {}  # column → (rows it still reaches into, its text)
    for row in _rows_of(table):
        cells: list[str] = []
        below: dict[int, tuple[int, str]] = {}
        for cell in _cells_of(row):
            _take_over(cells, reaching, below)
            text = _cell_text(cell)
            width, height = _span(cell, "colspan"), _span(cell, "rowspan")
            if height > 1:
                below |= {len(cells) + offset: (height - 1, "" if offset else text) for offset in range(width)}
            cells += [text, *[""] * (width - 1)]
        _take_over(cells, reaching, below)
        grid.append(cells)
        reaching = below
    n_columns = max(len(cells) for cells in grid)
    rows = (tuple(cells + [""] * (n_columns - len(cells))) for cells in grid)
    return Table(tuple(row for row in rows if any(row)))


def _take_over(cells: list[str], reaching: dict[int, tuple[int, str]], below: dict[int, tuple[int, str]]) -> None:
    """Add the cells of rows above that reach into the next columns of this row."""
    while len(cells) in reaching:
        n_left, text = reaching.pop(len(cells))
        if n_left > 1:
            below[len(cells)] = (n_left - 1, text)
        cells.append(text)


def _rows_of(table: Any) -> list[Any]:
    return [row for row in table.iter("tr") if next(row.iterancestors("table")) is table]


def _cells_of(row: Any) -> list[Any]:
    return [cell for cell in row if cell.tag in ("td", "th")]


def _span(cell: Any, name: str) -> int:
    given = (cell.get(name) or "1").strip()
    return min(int(given), 1000) if given.isdigit() and int(given) else 1
