"""Turns the raw text of a plan into paragraphs: marks and furniture dropped, wraps and page breaks joined, table
cells gathered into rows.

Two layouts occur: hard-wrapped lines (OCR, web pages) and one paragraph a line. The median line tells them apart.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import quantiles

from knowledge.sources.text import LOWER, UPPER

#: First cell of a row that stands by itself although it is empty: private use, never in a source. Elsewhere a row whose
#: first cell is empty goes on with the row that a page break cut.
EMPTY_CELL = "\ue000"
_FURNITURE = re.compile(r"[-_=*\s]{3,}|\|?\s*Lượt xem: ?\d+|\(\d{4,}\) ?-?\d*|\\?\*+", re.IGNORECASE)
_PIPE = re.compile(r"\s*\|\s*")
_ENDS_SENTENCE = re.compile(r"[.;:!?…/]['”\")]*$")
KINDS = "KẾ HOẠCH|QUYẾT ĐỊNH|HƯỚNG DẪN|CHỈ THỊ|NGHỊ QUYẾT|CHƯƠNG TRÌNH|ĐỀ ÁN|THÔNG BÁO|QUY ĐỊNH|QUY CHẾ|DANH MỤC|PHƯƠNG ÁN"
KIND_LINE = re.compile(rf"(?:{KINDS}):?")
APPENDIX = re.compile(r"(?:PHỤC? LỤC|Phụ lục)(?: ?(?:số )?(?P<label>[IVX]{1,5}|\d{1,2}|[A-Z]))?[.:]?(?= |$)(?P<rest>.*)")
MARKER = re.compile(
    r"(?P<part>(?:PHẦN|Phần|CHƯƠNG|Chương|MỤC|Mục) (?:thứ \w+|THỨ \w+|[IVX]{1,5}|\d{1,2}))\b[.:]?"
    r"|Điều (?P<article>\d{1,3}[a-z]?)[.:]"
    r"|(?P<roman>[IVX]{1,5})[.)/-](?!\w)"
    r"|(?P<capital>[A-EĐ])[.)](?= )"
    r"|(?P<arabic>\d{1,2}(?:\.\d{1,2}){0,3})(?:[.)](?!\d)|(?<=\.\d)(?= ))"
    r"|(?P<letter>[a-hđik-nopqx])[.)](?= |[A-ZĐ])"
)  # fmt: skip
_BULLET = re.compile(rf"[-–•+*] ?(?=[{UPPER}{LOWER}\d“\"(])|[-–•+*] ")
_LONG_WRAP = 65


@dataclass(frozen=True)
class Paragraph:
    """A joined paragraph.

    Attributes:
        text: one line, marks dropped; cells of a row stand between " | ".
        cells: the row's cells, () for prose.
        is_bold: the source prints all of it bold.
        is_after_gap: an empty line stands before it.
    """

    text: str
    cells: tuple[str, ...] = ()
    is_bold: bool = False
    is_after_gap: bool = False


@dataclass
class _Line:
    text: str
    is_bold: bool
    n_blank_before: int
    cells: tuple[str, ...] = ()
    is_whole: bool = False


def read_paragraphs(raw: str) -> tuple[Paragraph, ...]:
    """All paragraphs of a raw text (any Unicode form, any line ends)."""
    raw = unicodedata.normalize("NFC", raw.replace("\ufeff", "").replace("\r\n", "\n").replace("\r", "\n"))
    all_lines = raw.strip().split("\n")  # the line end that closes a file is no gap
    has_gaps = sum(not line.strip() for line in all_lines) > max(1, len(all_lines) / 40)
    lines = list(_tabled(list(_plain_lines(raw)), has_gaps))
    is_wrapped = _is_wrapped(lines)
    joined: list[list[_Line]] = []
    for line in lines:
        if joined and _continues(joined[-1], line, is_wrapped):
            joined[-1].append(line)
        else:
            joined.append([line])
    return tuple(paragraph for paragraph in map(_paragraph, joined) if paragraph.text)


def is_all_caps(text: str) -> bool:
    """Whether at least four fifths of the letters are capitals, and there are four or more."""
    letters = [char for char in text if char.isalpha()]
    return len(letters) >= 4 and sum(char.isupper() for char in letters) >= 0.8 * len(letters)


def starts_block(text: str) -> bool:
    """Whether a line begins with a mark that opens a paragraph (number, letter, bullet, Điều, Phụ lục, kind)."""
    return bool(
        MARKER.match(text)
        or _BULLET.match(text)
        or KIND_LINE.fullmatch(text)
        or re.match(r"N[ơo]i nhận ?:|Kính gửi ?:", text)
        or (APPENDIX.match(text) and len(text) < 60)
    )


def _plain_lines(raw: str) -> Iterator[_Line]:
    """Lines without emphasis marks and furniture; bold is followed over line ends."""
    is_bold, n_blank = False, 0
    for line in raw.split("\n"):
        text, was_bold, is_bold = _without_emphasis(line, is_bold)
        text = re.sub(r"[ \u00a0\u200b]+", " ", text).strip(" ")
        if not text.strip() or _FURNITURE.fullmatch(text):
            n_blank += 1
            continue
        yield _Line(text if "\t" in text else text.strip(), was_bold, n_blank)
        n_blank = 0


def _without_emphasis(line: str, is_bold: bool) -> tuple[str, bool, bool]:
    """(text, whether all its letters are bold, bold state after it)."""
    pieces = line.split("**")
    letters: list[bool] = []
    for number, piece in enumerate(pieces):
        if number:
            is_bold = not is_bold
        letters += [is_bold] * sum(char.isalnum() for char in piece)
    text = re.sub(r"\*(?=\S)|(?<=\S)\*|(?<=\s)\*(?=\s)|^\*|\*$", "", "".join(pieces))
    return text, bool(letters) and all(letters), is_bold


def _tabled(lines: list[_Line], has_gaps: bool) -> Iterator[_Line]:
    """Tables made rows: tabs inside a line, or cells on lines of their own between "|" lines.

    A "|" table ends at an empty line; where a text has no empty lines at all, "|" only ends a paragraph.
    """
    table: list[_Line] = []
    n_blank = 0
    for line in lines:
        is_pipe = _PIPE.fullmatch(line.text) is not None
        if table and (line.n_blank_before and not is_pipe and not _is_open(table)):
            yield from _rows(table)
            table = []
        if (is_pipe or table) and has_gaps:
            table.append(line)
        elif is_pipe:
            n_blank += 1
        else:
            line.n_blank_before += n_blank
            n_blank = 0
            yield from _tab_row(line)
    yield from _rows(table)


def _is_open(table: list[_Line]) -> bool:
    """A row still runs: its last "|" follows another one, or text stands after it."""
    return len(table) > 1 and (not _PIPE.fullmatch(table[-1].text) or bool(_PIPE.fullmatch(table[-2].text)))


def _rows(table: list[_Line]) -> Iterator[_Line]:
    """Rows of a "|" table: "|" ends a cell, two in a row end the row."""
    cells: list[str] = []
    current: list[str] = []
    was_pipe = False
    for line in table:
        if not _PIPE.fullmatch(line.text):
            current.append(line.text.strip())
            was_pipe = False
            continue
        if current:
            cells.append(" ".join(current))
            current = []
        elif was_pipe and cells:
            yield _Line(" | ".join(cells), False, 1, tuple(cells))
            cells = []
        was_pipe = True
    if current:
        cells.append(" ".join(current))
    if cells:
        yield _Line(" | ".join(cells), False, 1, tuple(cells))


def _tab_row(line: _Line) -> Iterator[_Line]:
    if "\t" not in line.text:
        yield line
        return
    is_whole = line.text.startswith(EMPTY_CELL)
    cells = tuple(" ".join(cell.split()) for cell in line.text.removeprefix(EMPTY_CELL).split("\t"))
    yield _Line(" | ".join(cell for cell in cells if cell), line.is_bold, line.n_blank_before, cells, is_whole)


def _is_wrapped(lines: Sequence[_Line]) -> bool:
    lengths = [len(line.text) for line in lines if not line.cells]
    return len(lengths) > 3 and quantiles(lengths, n=4)[2] < 115


def _continues(above: list[_Line], line: _Line, is_wrapped: bool) -> bool:
    """Whether the line goes on with the paragraph above it."""
    last = above[-1]
    if line.cells:
        return bool(last.cells) and line.cells[0] == "" and len(line.cells) > 1 and not line.is_whole
    if last.cells:
        return False
    alone = MARKER.match(last.text)
    if alone and alone.end() == len(last.text) and not starts_block(line.text):
        return True
    is_lower = bool(re.match(rf"[{LOWER}(]", line.text))
    is_open = not _ENDS_SENTENCE.search(last.text)
    if re.match(rf"- ?[{LOWER}]", line.text) and is_open and not is_all_caps(last.text):
        return True  # "các tổ chức chính trị" / "- xã hội": a page break before a hyphen
    if re.match(r"[-–] ?20\d\d\b", line.text) and re.search(r"\b20\d\d$", last.text):
        return True  # "giai đoạn 2026" / "- 2030"
    if starts_block(line.text) and not _is_number_in_sentence(last.text, line, is_wrapped):
        return False
    if KIND_LINE.fullmatch(last.text):
        return False
    if line.n_blank_before:
        return is_open and is_lower and not MARKER.match(line.text) and not is_all_caps(last.text)
    if is_all_caps(last.text) and not is_all_caps(line.text):
        return not any(char.islower() for char in line.text) or (is_wrapped and len(line.text.split()) <= 2)
    if not is_wrapped:
        return is_open and is_lower
    return is_lower or is_open or len(last.text) >= _LONG_WRAP


def _is_number_in_sentence(last: str, line: _Line, is_wrapped: bool) -> bool:
    """A wrapped line may start with a number that belongs to the sentence ("… ngày / 16. …")."""
    found = MARKER.match(line.text)
    if not (is_wrapped and found and found.group("arabic")) or line.n_blank_before:
        return False
    return bool(re.search(r"(?:ngày|tháng|năm|số|khoản|Điều|điểm|quý|giai đoạn|đến|từ|-|,)$", last, re.IGNORECASE))


def _paragraph(lines: list[_Line]) -> Paragraph:
    first = lines[0]
    if first.cells:
        cells = list(first.cells)
        for line in lines[1:]:
            cells = [f"{old} {new}".strip() for old, new in zip(cells, (*line.cells, *[""] * len(cells)), strict=False)]
        return Paragraph(" | ".join(cell for cell in cells if cell), tuple(cells), False, first.n_blank_before > 0)
    text = " ".join(" ".join(line.text for line in lines).split())
    return Paragraph(text, (), all(line.is_bold for line in lines), first.n_blank_before > 0)
