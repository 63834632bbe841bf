"""The words of a Word paragraph: old fonts made Unicode, struck and hidden words left out, notes kept for below."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from docx.document import Document as WordDocument
from docx.oxml import parse_xml
from docx.oxml.ns import qn

from knowledge.sources.docx_styles import Styles, value_of
from knowledge.sources.old_fonts import OldFonts, encoding_of, is_capital
from knowledge.sources.text import collapse, raised

_LEFT_OUT = {qn("w:del"), qn("w:moveFrom"), qn("w:pict"), qn("w:drawing"), qn("w:object")}
_BLANKS = {qn("w:tab"): " ", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}
_NOTES = {qn("w:footnoteReference"): "footnotes", qn("w:endnoteReference"): "endnotes"}
_OFF = ("0", "false", "off")


class DocxText:
    """Reads paragraphs of one document.

    Attributes:
        fonts: what it keeps in old fonts.
        n_struck: places with struck words so far.
    """

    def __init__(self, word: WordDocument, styles: Styles) -> None:
        self._styles = styles
        self._notes = {kind: _notes_of(word, kind) for kind in _NOTES.values()}
        self._pending: list[tuple[str, str]] = []
        self._n_notes = 0
        self.fonts = OldFonts()
        self.n_struck = 0
        self._note_fonts(word)

    def of(self, paragraph: Any) -> str:
        """NFC words of a ``w:p``; line breaks as "\\n". Notes it refers to wait for :meth:`notes`."""
        return unicodedata.normalize("NFC", "".join(self.fonts.mended(*group) for group in self._groups(paragraph)))

    def notes(self) -> Iterator[str]:
        """Foot- and endnotes referred to since the last call, numbered as they come."""
        pending, self._pending = self._pending, []
        for kind, identifier in pending:
            self._n_notes += 1
            words = (self.of(paragraph) for paragraph in self._notes[kind].get(identifier, ()))
            text = collapse(" ".join(words))
            if text:
                yield f"Chú thích {self._n_notes}: {text}"

    def _groups(self, paragraph: Any) -> Iterator[tuple[str, str]]:
        """(text, font) with runs of one encoding together: a letter and its mark may be in two of them."""
        font = self._styles.of_id(paragraph.style or "").font
        for _, pieces in groupby(self._runs(paragraph, font), key=lambda run: (encoding_of(run[1]), is_capital(run[1]))):
            texts = list(pieces)
            yield "".join(text for text, _ in texts), texts[0][1]

    def _runs(self, parent: Any, font: str) -> Iterator[tuple[str, str]]:
        for child in parent:
            if child.tag in _LEFT_OUT:
                continue
            if child.tag == qn("w:r"):
                yield self._run(child), self._font_of(child) or font
            elif len(child):
                yield from self._runs(child, font)

    def _run(self, run: Any) -> str:
        text = "".join(self._characters(run))
        if not text or _is_on(run, "w:vanish"):
            return ""
        if _is_on(run, "w:strike") or _is_on(run, "w:dstrike"):
            self.n_struck += bool(text.strip())
            return ""
        properties = run.find(qn("w:rPr"))
        place = "" if properties is None else value_of(properties, "w:vertAlign")
        return raised(text) if place == "superscript" else text

    def _characters(self, run: Any) -> Iterator[str]:
        for child in run:
            if child.tag == qn("w:t"):
                yield child.text or ""
            elif child.tag in _BLANKS:
                yield _BLANKS[child.tag]
            elif child.tag in _NOTES:
                self._pending.append((_NOTES[child.tag], child.get(qn("w:id")) or ""))

    def _font_of(self, run: Any) -> str:
        properties = run.find(qn("w:rPr"))
        if properties is None:
            return ""
        fonts = properties.find(qn("w:rFonts"))
        own = "" if fonts is None else fonts.get(qn("w:ascii")) or fonts.get(qn("w:hAnsi")) or ""
        style = value_of(properties, "w:rStyle")
        return own or (self._styles.of_id(style).own_font if style else "")

    def _note_fonts(self, word: WordDocument) -> None:
        for paragraph in word.element.body.iter(qn("w:p")):
            for text, font in self._groups(paragraph):
                self.fonts.note(text, font)
        self._pending, self.n_struck = [], 0


def _is_on(run: Any, name: str) -> bool:
    found = run.find(f"{qn('w:rPr')}/{qn(name)}")
    return found is not None and found.get(qn("w:val"), "1") not in _OFF


def _notes_of(word: WordDocument, kind: str) -> dict[str, list[Any]]:
    """Note id → its paragraphs."""
    part = next((rel.target_part for rel in word.part.rels.values() if rel.reltype.endswith(f"/{kind}")), None)
    root = () if part is None else getattr(part, "element", None)
    if root is None:
        root = parse_xml(part.blob)
    return {note.get(qn("w:id")): note.findall(qn("w:p")) for note in root}
