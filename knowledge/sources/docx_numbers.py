"""Works out the numbers that Word prints before paragraphs: they stand in no text, only in numbering definitions.

A paragraph names a list and a level (ECMA-376 part 1, 17.9); the level tells the kind of number, its first value and
the text around it ("%1.%2."). A counter starts anew when a higher level moves on, unless the level says otherwise, and
where a list that shares its definition with others is told to.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from docx.document import Document as WordDocument
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph as WordParagraph

from knowledge.sources.docx_styles import Styles, list_of, value_of


@dataclass(frozen=True)
class _Level:
    """``restarts_below``: levels above this one (counted from 0) start it anew; ``is_legal``: all numerals decimal."""

    kind: str
    text: str
    start: int
    restarts_below: int
    is_legal: bool
    style: str


@dataclass(frozen=True)
class _List:
    """A list: the definition it counts in, its levels, and those it starts anew when it is first used."""

    abstract: str
    levels: Mapping[int, _Level]
    begins: frozenset[int]


class Numbering:
    """Counts the numbered paragraphs of one document, in the order they are asked for."""

    def __init__(self, word: WordDocument, styles: Styles) -> None:
        self._styles = styles
        self._lists = _lists(word)
        self._counters: dict[str, dict[int, int]] = defaultdict(dict)
        self._begun: set[str] = set()

    def next_number(self, paragraph: WordParagraph) -> str:
        """The paragraph's number as printed ("II.", "1.2.", "a)", "-"), "" where it has none."""
        list_id, depth = self._place(paragraph)
        found = self._lists.get(list_id)
        level = found.levels.get(depth) if found else None
        if found is None or level is None or level.kind == "none":
            return ""
        if level.kind == "bullet":
            return "-"
        counters = self._counters[found.abstract]
        if list_id not in self._begun:
            self._begun.add(list_id)
            for begun in found.begins:
                counters.pop(begun, None)
        counters[depth] = counters.get(depth, level.start - 1) + 1
        for deeper in [other for other in counters if other > depth]:
            if (other := found.levels.get(deeper)) and depth < other.restarts_below:
                del counters[deeper]
        return _printed(found, counters, level, depth)

    def _place(self, paragraph: WordParagraph) -> tuple[str, int]:
        """(list id, level); a style's level is the one that names the style."""
        own_list, own_depth = list_of(paragraph._p.pPr)
        if own_list:
            return own_list, own_depth or 0
        facts = self._styles.of(paragraph)
        if own_depth is not None:
            return facts.list_id, own_depth
        found = self._lists.get(facts.list_id)
        style = paragraph._p.style or ""
        named = (depth for depth, level in found.levels.items() if style and level.style == style) if found else iter(())
        return facts.list_id, next(named, facts.depth)


def _printed(of: _List, counters: Mapping[int, int], level: _Level, depth: int) -> str:
    text = level.text
    for position in range(depth + 1):
        there = of.levels.get(position, level)
        kind = "decimal" if level.is_legal else there.kind
        text = text.replace(f"%{position + 1}", _numeral(counters.get(position, there.start), kind))
    return text.strip()


def _lists(word: WordDocument) -> Mapping[str, _List]:
    """List id → list."""
    part = next((rel.target_part for rel in word.part.rels.values() if rel.reltype.endswith("/numbering")), None)
    if part is None or not hasattr(part, "element"):
        return {}
    root = part.element
    abstracts = {abstract.get(qn("w:abstractNumId")): abstract for abstract in root.findall(qn("w:abstractNum"))}
    numbers = {number.get(qn("w:numId")): number for number in root.findall(qn("w:num"))}
    of_number = {name: value_of(number, "w:abstractNumId") for name, number in numbers.items()}
    by_style = _abstracts_by_style(word, of_number)
    found = {}
    for name, number in numbers.items():
        linked = value_of(abstracts[of_number[name]], "w:numStyleLink") if of_number[name] in abstracts else ""
        abstract = by_style.get(linked, of_number[name])
        levels = {int(level.get(qn("w:ilvl"))): _level(level) for level in _levels_of(abstracts.get(abstract))}
        found[name] = _overridden(abstract, levels, number)
    return found


def _abstracts_by_style(word: WordDocument, of_number: Mapping[str, str]) -> Mapping[str, str]:
    """Id of a numbering style → the definition it names."""
    styles = (style for style in word.styles.element.findall(qn("w:style")) if style.get(qn("w:type")) == "numbering")
    named = ((style.get(qn("w:styleId")), list_of(style.find(qn("w:pPr")))[0]) for style in styles)
    return {style: of_number[number] for style, number in named if number in of_number}


def _levels_of(abstract: Any) -> list[Any]:
    return [] if abstract is None else abstract.findall(qn("w:lvl"))


def _overridden(abstract: str, levels: dict[int, _Level], number: Any) -> _List:
    """A list with what it says otherwise than its definition."""
    begins = set()
    for override in number.findall(qn("w:lvlOverride")):
        depth = int(override.get(qn("w:ilvl")))
        own, start = override.find(qn("w:lvl")), value_of(override, "w:startOverride")
        if own is not None:
            levels[depth] = _level(own)
        if start.isdigit():
            begins.add(depth)
            if depth in levels:
                levels[depth] = replace(levels[depth], start=int(start))
    return _List(abstract, levels, frozenset(begins))


def _level(level: Any) -> _Level:
    start, restart = value_of(level, "w:start") or "1", value_of(level, "w:lvlRestart")
    depth = int(level.get(qn("w:ilvl")))
    legal = level.find(qn("w:isLgl"))
    return _Level(
        value_of(level, "w:numFmt") or "decimal",
        value_of(level, "w:lvlText"),
        int(start) if start.isdigit() else 1,
        min(int(restart), depth) if restart.isdigit() else depth,
        legal is not None and legal.get(qn("w:val"), "1") not in ("0", "false", "off"),
        value_of(level, "w:pStyle"),
    )


def _numeral(count: int, kind: str) -> str:
    if kind in ("upperRoman", "lowerRoman"):
        roman = roman_numeral(count)
        return roman if kind == "upperRoman" else roman.lower()
    if kind in ("upperLetter", "lowerLetter"):
        letter = chr(ord("a") + (count - 1) % 26) * ((count - 1) // 26 + 1)
        return letter.upper() if kind == "upperLetter" else letter
    return f"{count:02d}" if kind == "decimalZero" else str(count)


def roman_numeral(count: int) -> str:
    """A number from 1 on in capital Roman digits."""
    values = ((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"),
              (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))  # fmt: skip
    text = ""
    for value, letters in values:
        text += letters * (count // value)
        count %= value
    return text
