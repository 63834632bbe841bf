"""Builds the section tree of a plan from its paragraphs: PHẦN, A, I, Điều, 1, 1.1, a), with Phụ lục and attached parts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from knowledge.model import PlanSection
from knowledge.sources.plan_lines import APPENDIX, KIND_LINE, MARKER, Paragraph, is_all_caps

_LEVELS = {"part": 1.0, "capital": 2.0, "roman": 3.0, "article": 3.5, "arabic": 4.0, "letter": 5.0}
_MAX_TITLE = 500
_SIGNATURE = re.compile(r"(?:TM|KT|TUQ|TL|Q)\. ?[A-ZỦĐ].*|(?:PHÓ )?(?:CHỦ TỊCH|GIÁM ĐỐC|THỦ TƯỚNG).{0,20}|\(?Đã ký\)?")
_DECIDER = re.compile(r"(?:CHỦ TỊCH |PHÓ CHỦ TỊCH )?(?:ỦY BAN|UỶ BAN|THỦ TƯỚNG|BỘ TRƯỞNG|HỘI ĐỒNG) [^.,:;]{3,60}")
_RECEIVERS = re.compile(r"N[ơo]i nhận ?:")


@dataclass
class _Node:
    level: float
    label: str
    number: str
    title: str
    headings: tuple[str, ...]
    paragraphs: list[str] = field(default_factory=list)
    rows: list[tuple[str, ...]] = field(default_factory=list)


@dataclass(frozen=True)
class Table:
    """A table of one section: column names ("" where the source has no head) and rows of cells."""

    section: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def build_sections(paragraphs: Sequence[Paragraph]) -> tuple[tuple[PlanSection, ...], tuple[Table, ...]]:
    """Sections in reading order (the preamble first, number ""), and the tables found in them."""
    nodes: list[_Node] = [_Node(0.0, "", "", "", ())]
    stack: list[_Node] = [nodes[0]]
    body = _without_receivers(paragraphs)
    for position, paragraph in enumerate(body):
        following = body[position + 1] if position + 1 < len(body) else None
        node = _opened(paragraph, following, stack)
        if node is None:
            _add(stack[-1], paragraph)
            continue
        stack[:] = [open_ for open_ in stack if open_.level < node.level] + [node]
        nodes.append(node)
    tables = tuple(table for node in nodes for table in _tables(node))
    sections = tuple(
        PlanSection(node.number, node.title, node.headings, tuple(node.paragraphs))
        for node in nodes
        if node.paragraphs or node.title
    )
    return sections, tables


def _without_receivers(paragraphs: Sequence[Paragraph]) -> list[Paragraph]:
    """Without the list of receivers, the signature and the name under it."""
    kept: list[Paragraph] = []
    is_tail = False
    for paragraph in paragraphs:
        if _RECEIVERS.match(paragraph.text):
            is_tail = not paragraph.cells
            continue
        if is_tail and not _ends_tail(paragraph):
            continue
        is_tail = False
        if is_all_caps(paragraph.text) and (_SIGNATURE.fullmatch(paragraph.text) or _DECIDER.fullmatch(paragraph.text)):
            continue
        if kept and kept[-1].text.rstrip(" .*R").endswith("/") and _is_name(paragraph.text):
            continue
        kept.append(paragraph)
    return kept


def _ends_tail(paragraph: Paragraph) -> bool:
    return bool(KIND_LINE.fullmatch(paragraph.text) or (APPENDIX.match(paragraph.text) and len(paragraph.text) < 200))


def _is_name(text: str) -> bool:
    words = text.split()
    return not is_all_caps(text) and 2 <= len(words) <= 5 and all(word[:1].isupper() for word in words) and not re.search(r"[.:;,\d]", text)


def _opened(paragraph: Paragraph, following: Paragraph | None, stack: list[_Node]) -> _Node | None:
    """The section that a paragraph opens, None for plain text."""
    text = paragraph.text
    if paragraph.cells:
        return None
    appendix = APPENDIX.match(text)
    if appendix and len(text) < 200 and (text[:3].isupper() or len(text) < 40):
        label = f"Phụ lục {appendix['label'] or ''}".strip()
        return _Node(0.5, label, label, appendix["rest"].strip(" .:-"), (text,))
    if KIND_LINE.fullmatch(text):
        return _Node(0.5, "", "", "", (text.rstrip(":").capitalize(),))
    marker = MARKER.match(text)
    if marker is None or not marker.lastgroup:
        return None
    return _numbered(marker, paragraph, following, stack)


def _numbered(
    marker: re.Match[str], paragraph: Paragraph, following: Paragraph | None, stack: list[_Node]
) -> _Node | None:
    kind, label = marker.lastgroup or "", marker.group(marker.lastgroup or 0)
    level = _LEVELS[kind] + (0.1 * label.count(".") if kind == "arabic" else 0.0)
    parents = [node for node in stack if node.level < level]
    if kind == "capital" and label in "CD" and not any(node.level == level for node in stack):
        return None
    text = paragraph.text[marker.end() :].strip(" .")
    if kind == "article":
        label = f"Điều {label}"
    number = _dotted(parents, label)
    headings = parents[-1].headings if parents else ()
    if _is_heading(text, paragraph, following):
        title = re.sub(r"[.:]+$", "", text).strip()
        shown = f"{label} {title}" if kind in ("part",) else f"{label}. {title}"
        return _Node(level, label, number, title, (*headings, shown.strip(" .")))
    node = _Node(level, label, number, "", headings)
    node.paragraphs.append(paragraph.text[marker.end() :].strip())
    return node


def _dotted(parents: list[_Node], label: str) -> str:
    above = parents[-1] if parents else None
    if above is None or not above.number:
        return label
    if label.startswith(f"{above.label}."):
        label = label[len(above.label) + 1 :]
    return f"{above.number}.{label}"


def _is_heading(text: str, paragraph: Paragraph, following: Paragraph | None) -> bool:
    """A short single sentence with something beneath it; an item that only stands among its like is text."""
    if not text or len(text) > _MAX_TITLE:
        return False
    if (paragraph.is_bold and len(text) < 320) or is_all_caps(text):
        return True
    is_single = not re.search(rf"[{'a-zà-ỹ'})”][.;] [A-ZĐ]", text) and not paragraph.text.endswith((";", "./."))
    if not is_single or following is None or _ends_tail(following):
        return False
    marker = None if following.cells else MARKER.match(following.text)
    own = MARKER.match(paragraph.text)
    if marker is None:
        longest = 320 if not paragraph.text.endswith(".") else 60 if paragraph.text.startswith("Điều") else 160
        return bool(following.cells) or len(text) < longest
    return own is not None and _rank(marker) > _rank(own)


def _rank(marker: re.Match[str]) -> float:
    kind = marker.lastgroup or ""
    return _LEVELS[kind] + (0.1 * marker.group(kind).count(".") if kind == "arabic" else 0.0)


def _add(node: _Node, paragraph: Paragraph) -> None:
    if not node.title and not node.paragraphs and node.level == 0.5 and not paragraph.cells:
        node.title = paragraph.text[:_MAX_TITLE]
        node.headings = (f"{node.headings[0]}: {node.title}",)
        return
    if not paragraph.cells:
        node.paragraphs.append(paragraph.text)
        return
    head = _head(node.rows)
    node.rows.append(paragraph.cells)
    if len(node.rows) > 1 and len(head) == len(paragraph.cells) and head:
        named = (f"{name}: {cell}" for name, cell in zip(head, paragraph.cells, strict=True) if cell and name)
        node.paragraphs.append("; ".join(named))
    else:
        node.paragraphs.append(paragraph.text)


def _head(rows: list[tuple[str, ...]]) -> tuple[str, ...]:
    """Column names: the last row so far that opens with STT."""
    for row in reversed(rows):
        if _opens_head(row):
            return row
    return ()


def _opens_head(row: tuple[str, ...]) -> bool:
    return re.fullmatch(r"S?TT\.?|Số (?:TT|thứ tự)", row[0].strip(), re.IGNORECASE) is not None


def _tables(node: _Node) -> list[Table]:
    if not node.rows:
        return []
    head = _head(node.rows)
    return [Table(node.number, head, tuple(row for row in node.rows if not _opens_head(row)))]
