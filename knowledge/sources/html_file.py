"""Reads a saved web page: the part that holds the words, its paragraphs, lists and tables; menus and scripts left out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import etree, html

from knowledge.sources.document import Document, Line, Table
from knowledge.sources.encodings import Decoded, decode
from knowledge.sources.faults import FileFault
from knowledge.sources.mending import encoding_warnings, mended
from knowledge.sources.text import collapse

_NO_TEXT = ("script", "style", "noscript", "template", "svg", "iframe", "object", "form", "nav", "footer", "head", "button")
_BLOCKS = {
    "p", "div", "section", "article", "main", "header", "aside", "ul", "ol", "li", "dl", "dt", "dd", "h1", "h2", "h3",
    "h4", "h5", "h6", "blockquote", "pre", "tr", "td", "th", "table", "tbody", "thead", "tfoot", "figure", "center",
    "address", "fieldset", "details", "summary", "body", "html", "hr", "caption",
}  # fmt: skip
_BOLD = {"b", "strong", "h1", "h2", "h3", "h4", "h5", "h6", "th"}
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?([\w-]+)", re.IGNORECASE)
_MAIN_SHARE = 0.7  # of the page's words that the chosen part must hold
_MENU_SHARE = 0.7  # of a block's words that stand in links
_MIN_LINKS = 4


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
    _drop_furniture(root)
    body = root.find("body")
    blocks = tuple(_Walker().walk(_main_part(root if body is None else body)))
    document = mended(path, Document(blocks, encoding_warnings(path, decoded)))
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


def _drop_furniture(root: Any) -> None:
    for element in list(root.iter(etree.Comment, etree.ProcessingInstruction, *_NO_TEXT)):
        if element.getparent() is not None:
            element.drop_tree()
    for element in list(root.iter("ul", "div", "table")):
        if element.getparent() is not None and _is_menu(element):
            element.drop_tree()
    for element in list(root.iter()):
        if isinstance(element.tag, str) and element.get("hidden") is not None and element.getparent() is not None:
            element.drop_tree()


def _is_menu(element: Any) -> bool:
    links = element.findall(".//a")
    if len(links) < _MIN_LINKS:
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
    """Whether a table holds data and no page layout: two rows and columns at least, no table inside."""
    rows = _rows_of(table)
    return not table.findall(".//table") and len(rows) >= 2 and max(len(_cells_of(row)) for row in rows) >= 2


class _Walker:
    """Gathers words into lines; a block element ends the line before and after it."""

    def __init__(self) -> None:
        self._words: list[tuple[str, bool]] = []

    def walk(self, element: Any) -> Iterator[Line | Table]:
        yield from self._of(element, False)
        yield from self._ended()

    def _of(self, element: Any, is_bold: bool) -> Iterator[Line | Table]:
        tag = element.tag
        if tag == "table" and _is_data(element):
            yield from self._ended()
            yield _table(element)
            return
        is_block = tag in _BLOCKS
        is_bold = is_bold or tag in _BOLD or "font-weight:bold" in (element.get("style") or "").replace(" ", "")
        if is_block or tag == "br":
            yield from self._ended()
        if tag == "li":
            self._words.append((_item_mark(element), True))
        self._words.append((element.text or "", is_bold))
        for child in element:
            if isinstance(child.tag, str):
                yield from self._of(child, is_bold)
            self._words.append((child.tail or "", is_bold))
        if is_block:
            yield from self._ended()

    def _ended(self) -> Iterator[Line]:
        text = collapse("".join(word for word, _ in self._words))
        letters = [is_bold for word, is_bold in self._words for char in word if char.isalnum()]
        self._words = []
        if text and text != "-":
            yield Line(text, bool(letters) and all(letters), is_paragraph=True)


def _item_mark(item: Any) -> str:
    """What a browser prints before a list's item, unless the item's own words begin with a mark."""
    parent = item.getparent()
    if parent is None or parent.tag != "ol":
        return "" if re.match(r"\s*[-+•–*]", item.text_content()) else "- "
    position = 1 + sum(1 for _ in item.itersiblings("li", preceding=True))
    start = parent.get("start") or "1"
    number = position + (int(start) if start.isdigit() else 1) - 1
    kind = parent.get("type") or "1"
    return f"{chr(ord(kind) + number - 1)}) " if kind in "aA" and number <= 26 else f"{number}. "


def _table(table: Any) -> Table:
    """Rows of a table by grid column: a cell over several rows is said again in each, one over columns once."""
    grid: list[list[str]] = []
    reaching: dict[int, tuple[int, str]] = {}  # column → (rows it still reaches into, its text)
    for row in _rows_of(table):
        cells: list[str] = []
        below: dict[int, tuple[int, str]] = {}
        for cell in _cells_of(row):
            _take_over(cells, reaching, below)
            text = unicodedata.normalize("NFC", collapse(" ".join(cell.itertext())))
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
