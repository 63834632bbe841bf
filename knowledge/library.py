"""All records together: reads any supported source, and where two share a code or id lets the newer reading win."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from types import MappingProxyType

from knowledge.errors import SourceError
from knowledge.model import Plan, Procedure
from knowledge.sources.plans import read_plan
from knowledge.sources.portal_jsonl import read_portal_jsonl
from knowledge.sources.portal_record import looks_like_record, read_portal_records
from knowledge.sources.report import ReadReport, ReadWarning, join_reports

_FILLED_WHERE_SILENT = ("place", "online_level")
_PLAN_FILLED = ("number", "kind", "authority", "place", "issued_on", "period_from", "period_to", "tasks")


@dataclass(frozen=True)
class Conflict:
    """Two readings of one record.

    Attributes:
        record: procedure code or plan id.
        kept, left: source ids of the newer and the older reading.
        kept_on, left_on: when each was read.
        fields: names of the model's fields in which they differ.
        filled: fields on which the newer is silent and the older one's words were kept.
    """

    record: str
    kept: str
    left: str
    kept_on: str
    left_on: str
    fields: tuple[str, ...]
    filled: tuple[str, ...] = ()


@dataclass(frozen=True)
class Library:
    """Every record the assistant knows, each code and id once."""

    procedures: Mapping[str, Procedure]
    plans: Mapping[str, Plan]
    conflicts: tuple[Conflict, ...] = ()


def build_library(bundled: ReadReport, *imported: ReadReport) -> Library:
    """Merge reports; the newer reading of a record wins, on a tie of dates the bundled one: it is the same reading,
    gone over by an editor who took glued cells and false "Miễn phí" apart.

    Aliases and notes of both readings are united, the newer one's first.
    """
    procedures: dict[str, Procedure] = {}
    plans: dict[str, Plan] = {}
    conflicts: list[Conflict] = []
    for report in (bundled, *imported):
        for procedure in report.records:
            procedures[procedure.code] = _merged_procedure(procedures.get(procedure.code), procedure, conflicts)
        for plan in report.plans:
            plans[plan.id] = _merged_plan(plans.get(plan.id), plan, conflicts)
    return Library(MappingProxyType(procedures), MappingProxyType(plans), tuple(conflicts))


def read_any(path: Path) -> ReadReport:
    """Read a file or a whole folder, each file by what it is.

    .jsonl and .jsonl.gz are portal exports, .json portal records, .txt and .md plans. Other files give one warning
    each; a file that cannot be read inside a folder gives a warning too, and the rest is read.

    Raises:
        SourceError: the path does not exist, or is a single file that cannot be read.
    """
    path = Path(path)
    if path.is_dir():
        return join_reports(_read_in_folder(child) for child in sorted(path.iterdir()))
    if not path.exists():
        raise SourceError(path, "a file or folder", "nothing at this place", "check the path")
    return _read_file(path)


def _read_in_folder(child: Path) -> ReadReport:
    if child.name.startswith("."):
        return ReadReport()
    try:
        return read_any(child)
    except SourceError as exc:
        return _only_warning(child, str(exc))


def _read_file(path: Path) -> ReadReport:
    name = path.name.lower()
    if name.endswith((".jsonl", ".jsonl.gz")):
        return read_portal_jsonl(path)
    if name.endswith(".json"):
        return read_portal_records(path) if _holds_record(path) else _only_warning(path, "no portal record; not read yet")
    if name.endswith((".txt", ".md")):
        return _read_text(path)
    return _only_warning(path, f"{path.suffix or 'file without extension'}: not read yet")


def _holds_record(path: Path) -> bool:
    try:
        return looks_like_record(json.loads(path.read_text(encoding="utf-8-sig")))
    except (OSError, ValueError) as exc:
        raise SourceError(path, "JSON in UTF-8", type(exc).__name__, "fetch the file again") from exc


def _read_text(path: Path) -> ReadReport:
    plan = read_plan(path)
    if plan.number or plan.kind or len(plan.sections) > 1:
        return ReadReport(plans=(plan,))
    return _only_warning(path, "no plan or decision found in the text; not read")


def _only_warning(path: Path, message: str) -> ReadReport:
    return ReadReport(warnings=(ReadWarning(path.name, "", message),))


def _merged_procedure(known: Procedure | None, came: Procedure, conflicts: list[Conflict]) -> Procedure:
    if known is None:
        return came
    newer, older = (came, known) if came.source.read_on > known.source.read_on else (known, came)
    filled = {name: getattr(older, name) for name in _FILLED_WHERE_SILENT if not getattr(newer, name) and getattr(older, name)}
    conflicts.append(_conflict(newer.code, newer, older, tuple(filled)))
    return replace(newer, aliases=_united(newer.aliases, older.aliases), notes=_united(newer.notes, older.notes), **filled)


def _merged_plan(known: Plan | None, came: Plan, conflicts: list[Conflict]) -> Plan:
    if known is None:
        return came
    newer, older = (came, known) if came.source.read_on > known.source.read_on else (known, came)
    filled = {name: getattr(older, name) for name in _PLAN_FILLED if not getattr(newer, name) and getattr(older, name)}
    conflicts.append(_conflict(newer.id, newer, older, tuple(filled)))
    return replace(newer, **filled)


def _conflict(record: str, newer: Procedure | Plan, older: Procedure | Plan, filled: tuple[str, ...]) -> Conflict:
    differing = tuple(
        field.name
        for field in fields(newer)
        if field.name not in ("source", "aliases", "notes") and getattr(newer, field.name) != getattr(older, field.name)
    )
    return Conflict(
        record, newer.source.id, older.source.id, newer.source.read_on, older.source.read_on, differing, filled
    )


def _united(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    """Both, each text once whatever its case, the first one's spelling and order before the second's."""
    texts: dict[str, str] = {}
    for text in (*first, *second):
        texts.setdefault(text.lower(), text)
    return tuple(texts.values())
