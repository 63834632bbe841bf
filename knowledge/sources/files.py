"""Reads one file of any supported kind: what it is, whether it is safe to open, its text, and the records in it.

Text and tables first become a :class:`Document`; then one of three is found in it: the portal's page of one procedure,
a list of procedures, or a plan.
"""

from __future__ import annotations

import json
import logging
import tempfile
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

from knowledge.errors import SourceError
from knowledge.model import Plan, Source
from knowledge.sources.document import Document, as_plan_text
from knowledge.sources.encodings import decode
from knowledge.sources.faults import FileFault, warning
from knowledge.sources.guards import ReadLimits, check_gzip, check_size
from knowledge.sources.lists import read_lists
from knowledge.sources.mending import encoding_warnings
from knowledge.sources.plans import read_plan
from knowledge.sources.portal_detail import looks_like_detail, read_detail
from knowledge.sources.portal_jsonl import export_row, read_export_rows, read_portal_jsonl
from knowledge.sources.portal_record import looks_like_record, read_portal_records
from knowledge.sources.report import ReadReport, ReadWarning
from knowledge.sources.text import digest_of_file, read_on_of

_LOG = logging.getLogger(__name__)
_ON_ITS_WAY = (".part", ".partial", ".crdownload", ".download", ".tmp", "~")  # browsers and editors rename them when whole
_SHEETS = (".xlsx", ".xlsm", ".csv")
#: Suffix → module and function that reads it. Loaded when the first such file comes: a parser is heavy, and the
#: training environment, which reads no files, has none.
_DOCUMENTS = {
    ".docx": ("docx_file", "read_docx"),
    ".pdf": ("pdf_file", "read_pdf"),
    ".html": ("html_file", "read_html"),
    ".htm": ("html_file", "read_html"),
    ".xlsx": ("sheet_file", "read_xlsx"),
    ".xlsm": ("sheet_file", "read_xlsx"),
    ".csv": ("sheet_file", "read_csv"),
}


def _reader_of(suffix: str) -> Callable[[Path, ReadLimits], Document]:
    module, name = _DOCUMENTS[suffix]
    read = getattr(import_module(f"knowledge.sources.{module}"), name)
    return (lambda path, _: read(path)) if module == "html_file" else read


def is_furniture(path: Path) -> bool:
    """Whether a name in a folder is no content: hidden, the lock file of an open Office document, or a copy on its way."""
    name = path.name.lower()
    return name.startswith((".", "~$")) or name.endswith(_ON_ITS_WAY) or name in ("thumbs.db", "desktop.ini")


def read_file(path: Path, limits: ReadLimits | None = None) -> ReadReport:
    """Records of one file, and everything a person should know about the reading.

    Raises:
        SourceError: the file cannot be read as a whole; anything a parser throws is one.
    """
    limits = limits or ReadLimits()
    try:
        check_size(path, limits)
        return _read(path, limits)
    except SourceError:
        raise
    except Exception as exc:  # the seam: whatever a foreign parser does, the next file is read
        _LOG.warning("reading a file failed: %s", type(exc).__name__)
        raise FileFault(path, "damaged", format=path.suffix or "?", came=f"{type(exc).__name__} while reading it") from exc


def _read(path: Path, limits: ReadLimits) -> ReadReport:
    name = path.name.lower()
    if name.endswith(".jsonl.gz"):
        check_gzip(path, limits)
        return read_portal_jsonl(path)
    if name.endswith(".jsonl"):
        return read_portal_jsonl(path)
    if name.endswith(".json"):
        return _read_json(path)
    if name.endswith((".txt", ".md")):
        return _read_text(path)
    reader = _reader_of(_suffix(path)) if _suffix(path) in _DOCUMENTS else None
    if reader is None:
        return ReadReport(warnings=(warning(path, "unknown_format", suffix=path.suffix or "không có đuôi"),))
    return _records(path, reader(path, limits))


def _suffix(path: Path) -> str:
    """The file's suffix, or for one of old Office what it really holds: portals name web pages and docx files .doc."""
    suffix = path.suffix.lower()
    if suffix not in (".doc", ".xls"):
        return suffix
    with path.open("rb") as file:
        head = file.read(512)
    if head.startswith(b"PK"):
        return f"{suffix}x"
    if b"<html" in head.lower() or b"<!doctype html" in head.lower():
        return ".html"
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return f"{suffix}x"  # its guard tells a password from the old format
    return suffix


def _records(path: Path, document: Document) -> ReadReport:
    if looks_like_detail(document):
        return read_detail(path, document)
    listed = read_lists(path, document)
    if listed.records:
        return ReadReport(listed.records, (), (*document.warnings, *listed.warnings))
    return _plan_report(path, as_plan_text(document), document.warnings)


def _read_text(path: Path) -> ReadReport:
    decoded = decode(path.read_bytes())
    if decoded is None:
        raise FileFault(path, "encoding")
    return _plan_report(path, decoded.text, encoding_warnings(path, decoded))


def _plan_report(path: Path, text: str, warnings: tuple[ReadWarning, ...]) -> ReadReport:
    """A plan has a number, a kind or sections; a sheet, whose rows are all numbered, needs tasks instead."""
    is_sheet = path.suffix.lower() in _SHEETS
    if not any(map(str.isalnum, text)):
        raise FileFault(path, "no_words")
    plan = _plan(path, text)
    if plan.number or plan.kind or (plan.tasks if is_sheet else len(plan.sections) > 1):
        return ReadReport(plans=(plan,), warnings=warnings)
    return ReadReport(warnings=(*warnings, warning(path, "nothing_found", came="text without any of them")))


def _plan(path: Path, text: str) -> Plan:
    """The plan parser reads files in UTF-8: the text goes to it as one, and the plan is told where it really came from."""
    with tempfile.TemporaryDirectory(prefix="motcua-") as folder:
        copy = Path(folder) / f"{path.stem}.txt"
        copy.write_text(text, encoding="utf-8")
        plan = read_plan(copy)
    source = Source(path.name, plan.title, "", read_on_of(path), digest_of_file(path))
    return replace(plan, id=path.stem, source=source)


def _read_json(path: Path) -> ReadReport:
    try:
        value = json.loads(path.read_bytes())  # UTF-8, UTF-16 or UTF-32, with a mark or without
    except (OSError, ValueError) as exc:
        raise FileFault(path, "damaged", format="JSON (UTF-8)", came=type(exc).__name__) from exc
    if looks_like_record(value):
        return read_portal_records(path)
    rows = _export_rows(value)
    if rows:
        return read_export_rows(path, (export_row(f"{path.name}[{n}]", row) for n, row in enumerate(rows)))
    return ReadReport(warnings=(warning(path, "nothing_found", came="no portal record"),))


def _export_rows(value: Any) -> list[dict[str, Any]]:
    """Objects of a JSON array that have the export's columns."""
    rows = value if isinstance(value, list) else [value]
    return [row for row in rows if isinstance(row, dict) and "ma_thu_tuc" in row]
