"""What a Word paragraph takes from its style: font, boldness and the list it counts in, looked up once a style."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from docx.document import Document as WordDocument
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph as WordParagraph

_LONGEST_CHAIN = 20  # styles that build on each other; a damaged file can make a circle


@dataclass(frozen=True)
class StyleFacts:
    """``font`` is the document's own where no style names one, ``own_font`` "" then; ``list_id`` is "" and ``depth`` 0
    outside lists."""

    font: str = ""
    own_font: str = ""
    is_bold: bool = False
    list_id: str = ""
    depth: int = 0


class Styles:
    """Styles of one document, those that a style builds on included."""

    def __init__(self, word: WordDocument) -> None:
        self._by_id = {style.style_id: style for style in word.styles}
        self._default = word.styles.default(WD_STYLE_TYPE.PARAGRAPH)
        self._font = _default_font(word)
        self._known: dict[str, StyleFacts] = {}

    def of(self, paragraph: WordParagraph) -> StyleFacts:
        return self.of_id(paragraph._p.style or "")

    def of_id(self, style_id: str) -> StyleFacts:
        """Facts of a style of paragraphs or letters; of the document's default one where there is no such style."""
        if style_id not in self._known:
            self._known[style_id] = self._facts(self._by_id.get(style_id, self._default))
        return self._known[style_id]

    def _facts(self, style: Any) -> StyleFacts:
        chain = []
        while style is not None and len(chain) < _LONGEST_CHAIN:
            chain.append(style)
            style = style.base_style
        fonts = [style.font for style in chain if hasattr(style, "font")]
        bolds = (font.bold for font in fonts if font.bold is not None)
        lists = (list_of(style.element.find(qn("w:pPr"))) for style in chain)
        list_id, depth = next((found for found in lists if found[0]), ("", 0))
        named = next((font.name for font in fonts if font.name), "")
        return StyleFacts(named or self._font, named, next(bolds, False), list_id, depth or 0)


def _default_font(word: WordDocument) -> str:
    """The font that the document gives to whatever names none."""
    path = "/".join(map(qn, ("w:docDefaults", "w:rPrDefault", "w:rPr", "w:rFonts")))
    fonts = word.styles.element.find(path)
    return "" if fonts is None else fonts.get(qn("w:ascii")) or fonts.get(qn("w:hAnsi")) or ""


def list_of(properties: Any) -> tuple[str, int | None]:
    """(list id, level) that paragraph properties name, "" and None where they name none."""
    numbered = None if properties is None else properties.find(qn("w:numPr"))
    if numbered is None:
        return "", None
    depth = value_of(numbered, "w:ilvl")
    return value_of(numbered, "w:numId"), int(depth) if depth.isdigit() else None


def value_of(parent: Any, name: str) -> str:
    """The value of a child element that holds only one, "" where there is none."""
    child = parent.find(qn(name))
    return "" if child is None else child.get(qn("w:val")) or ""
