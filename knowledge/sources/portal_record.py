"""Reads the portal's structured record: one JSON object a procedure, as the rebuilt portal keeps it.

Numbers are printed with their unit in Vietnamese; a fee of value 0 with a description means "see the description".
Where ``cases`` and ``executionMethods`` name different times, both stand: the method's own as the time, the case's
in the note.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from math import isfinite
from pathlib import Path
from typing import Any

from knowledge.errors import SourceError
from knowledge.model import LegalBasis, Procedure, RequiredDocument, Source, Submission
from knowledge.sources.forms import find_forms
from knowledge.sources.portal_jsonl import CODE, TITLE
from knowledge.sources.report import ReadReport, ReadWarning
from knowledge.sources.text import clean, collapse, digest_of, read_on_of, without_none

_PAGE = "https://dichvucong.gov.vn/thu-tuc-hanh-chinh/"
_CHANNELS = {"ONLINE": "online", "POSTAL": "post", "DIRECT": "desk"}
_UNITS = {
    "WORKING_DAY": "ngày làm việc",
    "WORKING_DAYS": "ngày làm việc",
    "DAY": "ngày",
    "DAYS": "ngày",
    "CALENDAR_DAY": "ngày",
    "HOUR": "giờ",
    "WORKING_HOUR": "giờ làm việc",
    "MINUTE": "phút",
    "WEEK": "tuần",
    "MONTH": "tháng",
    "YEAR": "năm",
}
_FEE_TYPES = {"FEE": "Phí", "SERVICE_FEE": "Lệ phí"}
_DIGITS = re.compile(r"\d+(?:\.\d{1,2})?")  # "8.000" may be eight thousand or eight
_CURRENCIES = {"": "đồng", "VND": "đồng", "VNĐ": "đồng"}
_CONDITIONS = ("requirementsAndConditions", "description", "note")  # the JSON Lines export joins the first two as well
_LEVELS = {"isMinistry": "Cấp bộ", "isProvince": "Cấp tỉnh", "isWard": "Cấp xã", "isOtherAgency": "Cơ quan khác"}


def looks_like_record(value: Any) -> bool:
    """Whether a JSON value is such a record or a list that holds some."""
    if isinstance(value, list):
        return any(map(looks_like_record, value))
    return isinstance(value, dict) and "code" in value and ("executionMethods" in value or "executionCases" in value)


def read_portal_records(path: Path) -> ReadReport:
    """Read one JSON file (a record or a list of records) or every .json of a folder, its ``details/`` included.

    Raises:
        SourceError: the path is missing, or no record in it can be read.
    """
    path = Path(path)
    if not path.exists():
        raise SourceError(path, "a JSON record or a folder of them", "nothing at this place", "check the path")
    files = sorted(path.rglob("*.json")) if path.is_dir() else [path]
    records: dict[str, Procedure] = {}
    warnings: list[ReadWarning] = []
    for file in files:
        for value in _values(file, warnings):
            _add(file, value, records, warnings)
    if not records:
        came = warnings[0].message if warnings else "no .json file"
        raise SourceError(path, "at least one portal record", came, "check the export")
    return ReadReport(records=tuple(records.values()), warnings=tuple(warnings))


def _values(file: Path, warnings: list[ReadWarning]) -> Iterable[dict[str, Any]]:
    try:
        value = json.loads(file.read_bytes())
    except (OSError, ValueError) as exc:
        warnings.append(ReadWarning(file.name, "", f"not readable as JSON ({type(exc).__name__}); left out"))
        return []
    values = value if isinstance(value, list) else [value]
    good = [item for item in values if isinstance(item, dict) and looks_like_record(item)]
    if len(good) < len(values):
        warnings.append(ReadWarning(file.name, "", f"{len(values) - len(good)} values are no portal record; left out"))
    return good


def _add(file: Path, value: dict[str, Any], records: dict[str, Procedure], warnings: list[ReadWarning]) -> None:
    code, name = _text(value, "code"), _text(value, "name")
    if not CODE.fullmatch(code) or not name:
        warnings.append(ReadWarning(file.name, "code", f"expected a code d.dddddd and a name, came {code!r}; left out"))
        return
    if code in records:
        warnings.append(ReadWarning(code, "code", f"came before; {file.name} left out"))
        return
    try:
        records[code], problems = _procedure(file, value)
    except (AttributeError, TypeError, ValueError, ArithmeticError) as exc:  # the seam: the next record is read
        warnings.append(ReadWarning(code, "", f"expected the portal's structure, came {type(exc).__name__}; record left out"))
        return
    warnings += [ReadWarning(code, field, message) for field, message in problems]


def _procedure(file: Path, value: dict[str, Any]) -> tuple[Procedure, list[tuple[str, str]]]:
    problems: list[tuple[str, str]] = []
    code = _text(value, "code")
    identifier = _text(value, "id")
    documents = tuple(_documents(value))
    steps = _steps(value)
    result = "\n".join(dict.fromkeys(_names(value, "resultsDetails")))
    source = Source(
        id=f"{file.name}#{code}",
        title=TITLE,
        url=_PAGE + identifier if identifier else "",
        read_on=read_on_of(file),  # updatedAt says when the record changed, not when it was read
        digest=digest_of(json.dumps(value, ensure_ascii=False, sort_keys=True)),
    )
    procedure = Procedure(
        code=code,
        name=collapse(_text(value, "name")),
        source=source,
        aliases=_aliases(value),
        levels=tuple(label for key, label in _LEVELS.items() if value.get(key) is True),
        field=", ".join(_names(value, "categoriesDetails") or _names(value, "category")),
        agency=", ".join(dict.fromkeys(_names(value, "unitGroupsExecuting") + _names(value, "departmentsExecuting"))),
        place=without_none(_text(value, "dossierReceivingAddresses")),
        authority=", ".join(dict.fromkeys(_names(value, "unitGroupsAuthority") + _names(value, "departmentsAuthority"))),
        ministry=without_none(_text(value, "departmentPromulgateName")),
        applicants=tuple(dict.fromkeys(_names(value, "subjectTypesDetails"))),
        submissions=tuple(_submissions(value, problems)),
        documents=documents,
        steps=steps,
        conditions="\n\n".join(filter(None, (without_none(_text(value, key)) for key in _CONDITIONS))),
        legal_basis=tuple(
            LegalBasis(collapse(_text(row, "name")), collapse(_text(row, "code")))
            for row in _rows(value, "legalBasisesDetails")
        ),
        result=result,
        forms=find_forms([*(f"{row.name} {row.form} {row.case}" for row in documents), steps, result]),
        online_level=_online_level(value),
        decision_number=_text(value, "decisionNo") or _text(_inner(value, "procedureProposal"), "proposalNumber"),
    )
    return procedure, problems


def _submissions(value: dict[str, Any], problems: list[tuple[str, str]]) -> Iterable[Submission]:
    case_times = _case_times(value)
    for method in _rows(value, "executionMethods"):
        way = _text(method, "submissionMethod")
        channel = _CHANNELS.get(way.upper(), "other")
        time, is_certain = _time(method.get("processingTime"), _text(method, "processingTimeUnit"))
        notes = [without_none(_text(method, "description"))]
        if channel == "other" and way:
            notes.insert(0, way)
            problems.append(("executionMethods", f"way of handing in not known: {way[:60]!r}; kept in the note"))
        other = [f"{name}: {case_time}" for name, case_time in case_times if time and case_time != time]
        if other:
            notes.append("Bản ghi còn ghi thời hạn khác theo trường hợp: " + "; ".join(other))
            problems.append(("cases", f"time {time!r} of executionMethods beside {', '.join(other)}; both kept"))
        if time and not is_certain:
            problems.append(("executionMethods", f"time {time!r} without a known unit; kept as a bare number"))
        problems += (("executionMethods", f"{key} is no number; kept as printed") for key in _wordy(method))
        fees = tuple(dict.fromkeys(fee for fee in map(_fee, _rows(method, "fees")) if fee))
        yield Submission(channel, time, is_certain, fees, "\n".join(note for note in notes if note))


def _wordy(method: dict[str, Any]) -> list[str]:
    """Places of a way where words stand for a number."""
    values = [("processingTime", method.get("processingTime"))]
    values += (("fees.value", row.get("value")) for row in _rows(method, "fees"))
    return [key for key, given in values if _number(given) is None and isinstance(given, str) and given.strip()]


def _number(given: Any) -> float | None:
    """A number, also one that was written as words; None for anything else."""
    if isinstance(given, str) and _DIGITS.fullmatch(given.strip()):
        given = float(given)
    return given if isinstance(given, (int, float)) and not isinstance(given, bool) and isfinite(given) else None


def _time(given: Any, unit: str) -> tuple[str, bool]:
    """The time with its unit, and whether it has one."""
    number, name = _number(given), _UNITS.get(unit.upper())
    words = collapse(given) if number is None and isinstance(given, str) else "" if not number or number < 0 else f"{number:g}"
    if not words:
        return "", True
    return (f"{words} {name}", True) if name else (words, False)


def _case_times(value: dict[str, Any]) -> list[tuple[str, str]]:
    found = []
    for case in _rows(value, "cases"):
        day = _inner(case, "processingDay")
        time, _ = _time(day.get("qty"), _text(day, "type"))
        if time:
            found.append((collapse(_text(case, "name")) or _text(case, "code"), time))
    return list(dict.fromkeys(found))


def _fee(row: dict[str, Any]) -> str:
    """"Lệ phí: 20.000 đồng (…)"; the bare description where the value is 0 and a description stands beside it."""
    kind = _FEE_TYPES.get(_text(row, "type"), "")
    about, amount = without_none(_text(row, "description")), _number(row.get("value"))
    if amount is None:
        return _labelled(kind, " ".join(filter(None, (_text(row, "value"), f"({about})" if about and _text(row, "value") else about))))
    if amount == 0:
        return _labelled(kind, about) if about else "Miễn phí"
    currency = _text(row, "currencyId")
    printed = f"{amount:,.0f}".replace(",", ".") if amount == int(amount) else f"{amount:g}"
    printed = f"{printed} {_CURRENCIES.get(currency, currency)}"
    return _labelled(kind, f"{printed} ({about})" if about else printed)


def _labelled(kind: str, text: str) -> str:
    return f"{kind}: {text}" if kind and text else text


def _documents(value: dict[str, Any]) -> Iterable[RequiredDocument]:
    for case in _rows(value, "executionCases"):
        case_name = without_none(collapse(_text(case, "name"))).strip("-: ")
        for row in _rows(case, "profileComponents"):
            name = collapse(_text(row, "name"))
            if name:
                files = (_text(file, "fileName") for file in _rows(row, "attachments"))
                yield RequiredDocument(name, _quantity(row), "; ".join(file for file in files if file), case_name)


def _quantity(row: dict[str, Any]) -> str:
    parts = []
    for key, label in (("originalQty", "bản chính"), ("copyQty", "bản sao")):
        count = _number(row.get(key))
        if count and count > 0:
            parts.append(f"{count:g} {label}")
    return ", ".join(parts)


def _steps(value: dict[str, Any]) -> str:
    steps = []
    for row in _rows(value, "executionSteps"):
        parts = (without_none(_text(row, "name")), without_none(_text(row, "description")))
        steps.append("\n".join(part for part in parts if part))
    return "\n".join(step for step in steps if step)


def _online_level(value: dict[str, Any]) -> str:
    methods = {_text(row, "submissionMethod") for row in _rows(value, "executionMethods")}
    if value.get("isFullProcess") is True:
        return "toàn trình"
    if value.get("isOfflineOnly") is True:
        return "không"
    return "một phần" if "ONLINE" in methods and value.get("isFullProcess") is False else ""


def _aliases(value: dict[str, Any]) -> tuple[str, ...]:
    name = _text(value, "name").lower()
    pieces = (piece.strip() for piece in without_none(_text(value, "keywords")).replace(";", ",").split(","))
    return tuple(dict.fromkeys(piece for piece in pieces if piece and piece.lower() != name))


def _rows(value: dict[str, Any], key: str) -> list[dict[str, Any]]:
    rows = value.get(key)
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _names(value: dict[str, Any], key: str) -> list[str]:
    inner = value.get(key)
    rows = [inner] if isinstance(inner, dict) else _rows(value, key)
    return [name for name in (collapse(_text(row, "name")) for row in rows) if name]


def _inner(value: dict[str, Any], key: str) -> dict[str, Any]:
    inner = value.get(key)
    return inner if isinstance(inner, dict) else {}


def _text(value: dict[str, Any], key: str) -> str:
    cell = value.get(key)
    return clean(cell) if isinstance(cell, str) else ""
