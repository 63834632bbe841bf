"""Reads lists of procedures from tables: one row a procedure, columns told by their headings.

Offices publish such lists in Word and Excel ("Danh mục thủ tục hành chính"). A list is thin beside a whole record: it
carries the date it was read, but wherever a whole record of the same code exists, that one wins and the list only fills
what it is silent on (``Source.rank``, knowledge/library.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from knowledge.model import LegalBasis, Procedure, RequiredDocument, Source, Submission
from knowledge.sources.document import Document, Table
from knowledge.sources.faults import warning
from knowledge.sources.forms import find_forms
from knowledge.sources.legal import NUMBER
from knowledge.sources.portal_jsonl import CODE, COLUMNS, export_row, read_export_rows, split_labels
from knowledge.sources.report import ReadReport, ReadWarning, join_reports
from knowledge.sources.submissions import Channel
from knowledge.sources.text import clean, collapse, digest_of, read_on_of, without_none

_COLUMNS = {
    "code": re.compile(r"mã (?:số )?(?:tthc|thủ tục)|^mã(?: số)?$"),
    "name": re.compile(r"tên (?:tthc|thủ tục)|^(?:tên )?thủ tục hành chính$|^tên$"),
    "field": re.compile(r"lĩnh vực"),
    "levels": re.compile(r"cấp (?:thực hiện|giải quyết)"),
    "agency": re.compile(r"(?:cơ quan|đơn vị) (?:thực hiện|giải quyết)"),
    "authority": re.compile(r"thẩm quyền"),
    "place": re.compile(r"địa (?:điểm|chỉ)|nơi (?:nộp|tiếp nhận)"),
    "time": re.compile(r"thời (?:hạn|gian)(?! (?:có )?(?:hiệu lực|tiếp nhận|nhận|nộp|làm việc|sử dụng|áp dụng|công bố|cập nhật|lưu))"),
    "fee": re.compile(r"(?<!kinh )phí"),
    "documents": re.compile(r"thành phần hồ sơ|giấy tờ"),
    "legal": re.compile(r"căn cứ"),
    "result": re.compile(r"kết quả"),
    "applicants": re.compile(r"đối tượng"),
    "conditions": re.compile(r"yêu cầu|điều kiện"),
    "decision": re.compile(r"quyết định"),
    "online": re.compile(r"mức độ|trực tuyến|toàn trình|một phần"),
}
_SEVERAL = ("time", "fee")  # may stand in several columns
_CHANNELS: tuple[tuple[str, Channel], ...] = (("trực tuyến", "online"), ("bưu", "post"), ("trực tiếp", "desk"))
_NO_CONTENT = re.compile(r"s?tt\.?|số (?:tt|thứ tự)|")
_HEAD_ROWS = 15  # a list's title and decision stand above its column names
_TIME = re.compile(r"\d+(?:[.,]\d+)?\s*(?:ngày|giờ|tháng|tuần|phút|năm)", re.IGNORECASE)
_NUMBER_ONLY = re.compile(r"\d[\d.,]*")
_UNIT_IN_HEADING = re.compile(r"\((?:đơn vị(?: tính)?: ?)?(ngày(?: làm việc)?|giờ(?: làm việc)?|tháng|đồng|nghìn đồng|vnđ)\)")
_MARKS = {"x", "có", "1"}


def read_lists(path: Path, document: Document) -> ReadReport:
    """Procedures of all tables that are such lists; an empty report when none is."""
    return join_reports(_of_table(path, block) for block in document.blocks if isinstance(block, Table))


@dataclass(frozen=True)
class _Head:
    """Column names of a list in small letters, and for each field of ours its columns; only times and fees have several."""

    names: tuple[str, ...]
    columns: Mapping[str, tuple[int, ...]]

    @property
    def is_of_list(self) -> bool:
        return {"code", "name"} <= set(self.columns)

    @property
    def left(self) -> list[str]:
        """Columns that are not read."""
        used = {position for positions in self.columns.values() for position in positions}
        return [name for n, name in enumerate(self.names) if n not in used and not _NO_CONTENT.fullmatch(name)]

    def cells(self, row: tuple[str, ...]) -> dict[str, str]:
        """The first column of each field."""
        return {name: clean(row[positions[0]]) for name, positions in self.columns.items()}


def _of_table(path: Path, table: Table) -> ReadReport:
    for position, row in enumerate(table.rows[:_HEAD_ROWS]):
        headings = [collapse(cell).lower() for cell in row]
        if {"ma_thu_tuc", "ten_thu_tuc"} <= set(headings):
            return _of_export(path, headings, table.rows[position + 1 :])
        if _head(headings).is_of_list:
            return _of_list(path, table.rows[position:])
    return ReadReport()


def _of_export(path: Path, headings: list[str], rows: Iterable[tuple[str, ...]]) -> ReadReport:
    """The portal's own columns, as its JSON export names them."""
    cells = ({key: cell for key, cell in zip(headings, row, strict=False) if key in COLUMNS} for row in rows)
    return read_export_rows(path, (export_row(f"{path.name} {row.get('ma_thu_tuc', '')}".strip(), row) for row in cells))


def _head(headings: list[str]) -> _Head:
    """Our field → its columns; of most fields the first heading that fits, each column used once."""
    found: dict[str, tuple[int, ...]] = {}
    for name, pattern in _COLUMNS.items():
        used = {position for positions in found.values() for position in positions}
        fitting = tuple(n for n, heading in enumerate(headings) if n not in used and pattern.search(heading))
        if fitting:
            found[name] = fitting if name in _SEVERAL else fitting[:1]
    return _Head(tuple(headings), found)


def _two_rows(upper: tuple[str, ...], lower: tuple[str, ...]) -> _Head | None:
    """The head whose second row tells columns under one name apart ("Phí" over "Trực tiếp" and "Trực tuyến")."""
    above, below = ([collapse(cell).lower() for cell in row] for row in (upper, lower))
    single = _head(above)
    keys = [single.columns[name][0] for name in ("code", "name")]
    has_more = any(one != other and other for one, other in zip(above, below, strict=True))
    if not has_more or any(below[key] not in ("", above[key]) for key in keys):
        return None
    names, last = [], ""
    for one, other in zip(above, below, strict=True):
        last = one or (last if other else "")
        names.append(last if other in ("", last) else f"{last} {other}")
    joined = _head(names)
    return joined if any(len(joined.columns.get(name, ())) > len(single.columns.get(name, ())) for name in _SEVERAL) else None


def _of_list(path: Path, rows: tuple[tuple[str, ...], ...]) -> ReadReport:
    """Rows below a head; a head further down, of a second table, tells the columns from there on."""
    records: dict[str, Procedure] = {}
    warnings: list[ReadWarning] = []
    heads: list[_Head] = []
    position = 0
    while position < len(rows):
        row = rows[position]
        position += 1
        head = _head([collapse(cell).lower() for cell in row])
        if head.is_of_list:
            two = _two_rows(row, rows[position]) if position < len(rows) else None
            heads.append(two or head)
            position += two is not None
            continue
        head = heads[-1]
        cell = head.cells(row)
        code = collapse(cell["code"])
        problem = _problem(code, cell, records)
        if problem:
            if cell["name"] or CODE.fullmatch(code):  # else a heading of a group of rows
                warnings.append(ReadWarning(path.name, f"{code or '?'} {cell['name'][:60]}".strip(), f"{problem}; row left out"))
            continue
        records[code] = _procedure(path, code, row, head, warnings)
    if records:
        names = dict.fromkeys(head.names[n] for head in heads for positions in head.columns.values() for n in positions)
        warnings.append(warning(path, "list_only", n=len(records), columns=", ".join(names)))
        if left := dict.fromkeys(name for head in heads for name in head.left):
            warnings.append(warning(path, "columns_left", columns=", ".join(left)))
    return ReadReport(records=tuple(records.values()), warnings=tuple(warnings))


def _problem(code: str, cell: Mapping[str, str], records: Mapping[str, Procedure]) -> str:
    if not CODE.fullmatch(code):
        return f"procedure code {code[:20]!r} is not of the form d.dddddd"
    if not without_none(cell["name"]):
        return f"procedure {code} has no name"
    return f"procedure code {code} came before; the first one is kept" if code in records else ""


def _procedure(path: Path, code: str, row: tuple[str, ...], head: _Head, warnings: list[ReadWarning]) -> Procedure:
    cell = head.cells(row)
    papers = tuple(RequiredDocument(name) for name in _lines(cell.get("documents", "")))
    text = {name: without_none(cell.get(name, "")) for name in ("field", "agency", "authority", "place", "conditions", "result")}
    level_heading = head.names[head.columns["online"][0]] if "online" in head.columns else ""
    return Procedure(
        code=code,
        name=collapse(cell["name"]),
        source=Source(f"{path.name}#{code}", f"Danh sách {path.name}", "", read_on_of(path), digest_of("\t".join(row)), is_list=True),
        levels=split_labels(collapse(cell.get("levels", ""))),
        applicants=split_labels(collapse(cell.get("applicants", ""))),
        submissions=tuple(_submissions(code, row, head, warnings)),
        documents=papers,
        legal_basis=tuple(_legal(line) for line in _lines(cell.get("legal", ""))),
        forms=find_forms(paper.name for paper in papers),
        online_level=_online_level(code, cell.get("online", ""), level_heading, warnings),
        decision_number=without_none(collapse(cell.get("decision", ""))),
        **text,
    )


def _submissions(code: str, row: tuple[str, ...], head: _Head, warnings: list[ReadWarning]) -> Iterator[Submission]:
    """A way for each channel that a column of time or fee names; one for all where none does."""
    columns = {name: [(head.names[n], clean(row[n])) for n in head.columns.get(name, ())] for name in _SEVERAL}
    named = [channel for cells in columns.values() for heading, text in cells if text and (channel := _channel(heading))]
    for channel in dict.fromkeys(named) or ("other",):
        times, fees = ([(h, t) for h, t in columns[name] if _channel(h) in ("", channel)] for name in _SEVERAL)
        way = _submission(code, channel, times, fees, warnings)
        if way.time or way.fees or way.note:
            yield way


def _channel(heading: str) -> Channel | Literal[""]:
    return next((channel for words, channel in _CHANNELS if words in heading), "")


def _submission(
    code: str, channel: Channel, times: list[tuple[str, str]], fees: list[tuple[str, str]], warnings: list[ReadWarning]
) -> Submission:
    """The first time is the way's own, further ones ("sau cắt giảm") stand in the note under their columns' names."""
    said = [(heading, _with_unit(without_none(collapse(text)), heading)) for heading, text in times]
    said = [(heading, text) for heading, text in said if text]
    time, notes = said[0][1] if said else "", [f"{heading.capitalize()}: {text}" for heading, text in said[1:]]
    is_certain = not time or _TIME.search(time) is not None or not _NUMBER_ONLY.fullmatch(time)
    if not is_certain:
        warnings.append(ReadWarning(code, "time", f"a time without unit: {time!r}; kept as printed and marked"))
    found: list[str] = []
    for heading, text in fees:
        fee = _with_unit(without_none(text), heading)
        if fee and _NUMBER_ONLY.fullmatch(fee):
            warnings.append(ReadWarning(code, "fee", f"an amount without currency: {fee!r}; kept as printed in the note"))
            notes.append(f"{heading.capitalize()}: {fee}")
        else:
            label = _fee_label(heading) if len(fees) > 1 else ""
            found += (f"{label}{line}" for line in _lines(fee))
    return Submission(channel, time, is_certain, tuple(found), "\n".join(notes))


def _fee_label(heading: str) -> str:
    """Which of the two kinds of payment a column holds, where it says one."""
    kind = re.match(r"(?:mức )?(lệ phí|phí)(?![^(]*(?:lệ phí|, phí))", heading)
    return f"{kind[1].capitalize()}: " if kind else ""


def _with_unit(text: str, heading: str) -> str:
    """A bare number with the unit that its column's heading prints in brackets."""
    unit = _UNIT_IN_HEADING.search(heading)
    return f"{text} {unit[1]}" if unit and _NUMBER_ONLY.fullmatch(text) else text


def _online_level(code: str, text: str, heading: str, warnings: list[ReadWarning]) -> str:
    words = f"{heading if text.strip().lower() in _MARKS else ''} {text}".lower()
    named = [level for level in ("toàn trình", "một phần") if level in words]
    if len(named) == 1:
        return named[0]
    if without_none(text):
        warnings.append(ReadWarning(code, "online", f"online level not told from {text[:40]!r}; left open"))
    return ""


def _legal(line: str) -> LegalBasis:
    numbers = list(dict.fromkeys(re.findall(NUMBER, line)))
    return LegalBasis(line, numbers[0] if len(numbers) == 1 else "")


def _lines(cell: str) -> list[str]:
    lines = (re.sub(r"^[-–+*•\s]+", "", line).rstrip("; ") for line in cell.split("\n"))
    return [line for line in lines if without_none(line)]
