"""Reads lists of procedures from tables: one row a procedure, columns told by their headings.

Offices publish such lists in Word and Excel ("Danh mục thủ tục hành chính"). A list is thin beside a whole record: it
carries the date it was read, but wherever a whole record of the same code exists, that one wins and the list only fills
what it is silent on (``Source.rank``, knowledge/library.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from knowledge.model import LegalBasis, Procedure, RequiredDocument, Source, Submission
from knowledge.sources.document import Document, Table
from knowledge.sources.faults import warning
from knowledge.sources.forms import find_forms
from knowledge.sources.legal import NUMBER
from knowledge.sources.portal_jsonl import CODE, COLUMNS, export_row, read_export_rows, split_labels
from knowledge.sources.report import ReadReport, ReadWarning, join_reports
from knowledge.sources.text import clean, collapse, digest_of, read_on_of, without_none

_COLUMNS = {
    "code": re.compile(r"mã (?:số )?(?:tthc|thủ tục)|^mã(?: số)?$"),
    "name": re.compile(r"tên (?:tthc|thủ tục)|^(?:tên )?thủ tục hành chính$|^tên$"),
    "field": re.compile(r"lĩnh vực"),
    "levels": re.compile(r"cấp (?:thực hiện|giải quyết)"),
    "agency": re.compile(r"(?:cơ quan|đơn vị) (?:thực hiện|giải quyết)"),
    "authority": re.compile(r"thẩm quyền"),
    "place": re.compile(r"địa (?:điểm|chỉ)|nơi (?:nộp|tiếp nhận)"),
    "time": re.compile(r"thời (?:hạn|gian)"),
    "fee": re.compile(r"(?<!kinh )phí"),
    "documents": re.compile(r"thành phần hồ sơ|giấy tờ"),
    "legal": re.compile(r"căn cứ"),
    "result": re.compile(r"kết quả"),
    "applicants": re.compile(r"đối tượng"),
    "conditions": re.compile(r"yêu cầu|điều kiện"),
    "decision": re.compile(r"quyết định"),
    "online": re.compile(r"mức độ|trực tuyến|toàn trình|một phần"),
}
_HEAD_ROWS = 15  # a list's title and decision stand above its column names
_TIME = re.compile(r"\d+(?:[.,]\d+)?\s*(?:ngày|giờ|tháng|tuần|phút|năm)", re.IGNORECASE)
_NUMBER_ONLY = re.compile(r"\d[\d.,]*")
_UNIT_IN_HEADING = re.compile(r"\((?:đơn vị(?: tính)?: ?)?(ngày(?: làm việc)?|giờ(?: làm việc)?|tháng|đồng|nghìn đồng|vnđ)\)")
_MARKS = {"x", "có", "1"}


def read_lists(path: Path, document: Document) -> ReadReport:
    """Procedures of all tables that are such lists; an empty report when none is."""
    return join_reports(_of_table(path, block) for block in document.blocks if isinstance(block, Table))


def _of_table(path: Path, table: Table) -> ReadReport:
    for position, row in enumerate(table.rows[:_HEAD_ROWS]):
        headings = [collapse(cell).lower() for cell in row]
        if {"ma_thu_tuc", "ten_thu_tuc"} <= set(headings):
            return _of_export(path, headings, table.rows[position + 1 :])
        columns = _columns(headings)
        if "code" in columns and "name" in columns:
            return _of_list(path, columns, headings, table.rows[position + 1 :])
    return ReadReport()


def _of_export(path: Path, headings: list[str], rows: Iterable[tuple[str, ...]]) -> ReadReport:
    """The portal's own columns, as its JSON export names them."""
    cells = ({key: cell for key, cell in zip(headings, row, strict=False) if key in COLUMNS} for row in rows)
    return read_export_rows(path, (export_row(f"{path.name} {row.get('ma_thu_tuc', '')}".strip(), row) for row in cells))


def _columns(headings: list[str]) -> Mapping[str, int]:
    """Our field → its column; the first heading that fits, each column used once."""
    found: dict[str, int] = {}
    for name, pattern in _COLUMNS.items():
        position = next(
            (n for n, heading in enumerate(headings) if n not in found.values() and pattern.search(heading)), None
        )
        if position is not None:
            found[name] = position
    return found


def _of_list(
    path: Path, columns: Mapping[str, int], headings: list[str], rows: Iterable[tuple[str, ...]]
) -> ReadReport:
    records: dict[str, Procedure] = {}
    warnings: list[ReadWarning] = []
    for row in rows:
        cell = {name: clean(row[position]) for name, position in columns.items()}
        code = collapse(cell["code"])
        problem = _problem(code, cell, records)
        if problem:
            if cell["name"] or CODE.fullmatch(code):  # else a heading of a group of rows
                warnings.append(ReadWarning(path.name, f"{code or '?'} {cell['name'][:60]}".strip(), f"{problem}; row left out"))
            continue
        records[code] = _procedure(path, code, cell, {name: headings[n] for name, n in columns.items()}, warnings)
    if records:
        names = ", ".join(headings[position] for position in columns.values())
        warnings.append(warning(path, "list_only", n=len(records), columns=names))
    return ReadReport(records=tuple(records.values()), warnings=tuple(warnings))


def _problem(code: str, cell: Mapping[str, str], records: Mapping[str, Procedure]) -> str:
    if not CODE.fullmatch(code):
        return f"procedure code {code[:20]!r} is not of the form d.dddddd"
    if not without_none(cell["name"]):
        return f"procedure {code} has no name"
    return f"procedure code {code} came before; the first one is kept" if code in records else ""


def _procedure(
    path: Path, code: str, cell: Mapping[str, str], headings: Mapping[str, str], warnings: list[ReadWarning]
) -> Procedure:
    papers = tuple(RequiredDocument(name) for name in _lines(cell.get("documents", "")))
    text = {name: without_none(cell.get(name, "")) for name in ("field", "agency", "authority", "place", "conditions", "result")}
    return Procedure(
        code=code,
        name=collapse(cell["name"]),
        source=Source(f"{path.name}#{code}", f"Danh sách {path.name}", "", read_on_of(path), digest_of("\t".join(cell.values())), is_list=True),
        levels=split_labels(collapse(cell.get("levels", ""))),
        applicants=split_labels(collapse(cell.get("applicants", ""))),
        submissions=_submissions(code, cell, headings, warnings),
        documents=papers,
        legal_basis=tuple(_legal(line) for line in _lines(cell.get("legal", ""))),
        forms=find_forms(paper.name for paper in papers),
        online_level=_online_level(code, cell.get("online", ""), headings.get("online", ""), warnings),
        decision_number=without_none(collapse(cell.get("decision", ""))),
        **text,
    )


def _submissions(
    code: str, cell: Mapping[str, str], headings: Mapping[str, str], warnings: list[ReadWarning]
) -> tuple[Submission, ...]:
    """One way of handing in: a list does not say by which channel its time and fee hold."""
    time = _with_unit(without_none(collapse(cell.get("time", ""))), headings.get("time", ""))
    fee = _with_unit(without_none(cell.get("fee", "")), headings.get("fee", ""))
    if not time and not fee:
        return ()
    is_certain = not time or _TIME.search(time) is not None or not _NUMBER_ONLY.fullmatch(time)
    if not is_certain:
        warnings.append(ReadWarning(code, "time", f"a time without unit: {time!r}; kept as printed and marked"))
    if fee and _NUMBER_ONLY.fullmatch(fee):
        warnings.append(ReadWarning(code, "fee", f"an amount without currency: {fee!r}; kept as printed in the note"))
        return (Submission("other", time, is_certain, (), f"{collapse(headings['fee']).capitalize()}: {fee}"),)
    return (Submission("other", time, is_certain, tuple(_lines(fee))),)


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
