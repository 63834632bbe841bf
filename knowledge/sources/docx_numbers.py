"""Works out the numbers that Word prints before paragraphs: they stand in no text, only in numbering definitions.

A paragraph names a list and a level (ECMA-376 part 1, 17.9); the level tells the kind of number, its first value and
the text around it ("%1.%2."). A counter starts anew when a higher level moves on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from docx.document import Document as WordDocument
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph as WordParagraph

from knowledge.sources.docx_styles import Styles, list_of, value_of


@dataclass(frozen=True)
class _Level:
    kind: str
    text: str
    start: int


class Numbering:
    """Counts the numbered paragraphs of one document, in the order they are asked for."""

    def __init__(self, word: WordDocument, styles: Styles) -> None:
        self._styles = styles
        self._abstract_of, self._levels = _definitions(word)
        self._counters: dict[str, dict[int, int]] = defaultdict(dict)

    def next_number(self, paragraph: WordParagraph) -> str:
        """The paragraph's number as printed ("II.", "1.2.", "a)", "-"), "" where it has none."""
        list_id, depth = list_of(paragraph._p.pPr)
        if not list_id:
            facts = self._styles.of(paragraph)
            list_id, depth = facts.list_id, facts.depth
        abstract = self._abstract_of.get(list_id, "")
        level = self._levels.get(abstract, {}).get(depth)
        if level is None or level.kind == "none":
            return ""
        if level.kind == "bullet":
            return "-"
        counters = self._counters[abstract]
        counters[depth] = counters.get(depth, level.start - 1) + 1
        for deeper in [other for other in counters if other > depth]:
            del counters[deeper]
        return self._printed(abstract, level, depth)

    def _printed(self, abstract: str, level: _Level, depth: int) -> str:
        text = level.text
        for position in range(depth + 1):
            there = self._levels[abstract].get(position, level)
            count = self._counters[abstract].get(position, there.start)
            text = text.replace(f"%{position + 1}", _numeral(count, there.kind))
        return text.strip()


def _definitions(word: WordDocument) -> tuple[Mapping[str, str], Mapping[str, dict[int, _Level]]]:
    """(list id → definition id, definition id → its levels)."""
    part = next((rel.target_part for rel in word.part.rels.values() if rel.reltype.endswith("/numbering")), None)
    if part is None or not hasattr(part, "element"):
        return {}, {}
    root = part.element
    levels = {
        abstract.get(qn("w:abstractNumId")): {
            int(level.get(qn("w:ilvl"))): _level(level) for level in abstract.findall(qn("w:lvl"))
        }
        for abstract in root.findall(qn("w:abstractNum"))
    }
    lists = {
        number.get(qn("w:numId")): number.find(qn("w:abstractNumId")).get(qn("w:val"))
        for number in root.findall(qn("w:num"))
    }
    return lists, levels


def _level(level: Any) -> _Level:
    start = value_of(level, "w:start") or "1"
    return _Level(value_of(level, "w:numFmt") or "decimal", value_of(level, "w:lvlText"), int(start) if start.isdigit() else 1)


def _numeral(count: int, kind: str) -> str:
    if kind in ("upperRoman", "lowerRoman"):
        roman = _roman(count)
        return roman if kind == "upperRoman" else roman.lower()
    if kind in ("upperLetter", "lowerLetter"):
        letter = chr(ord("a") + (count - 1) % 26) * ((count - 1) // 26 + 1)
        return letter.upper() if kind == "upperLetter" else letter
    return f"{count:02d}" if kind == "decimalZero" else str(count)


def _roman(count: int) -> str:
    values = ((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"),
              (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))  # fmt: skip
    text = ""
    for value, letters in values:
        text += letters * (count // value)
        count %= value
    return text
