"""All records together: reads any supported source, and where two share a code or id lets the newer reading win."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from knowledge.errors import SourceError
from knowledge.facts import Difference, compare_procedures
from knowledge.model import Family, OutsideMatter, Plan, Procedure
from knowledge.sources.files import is_furniture, read_file
from knowledge.sources.guards import ReadLimits
from knowledge.sources.report import ReadReport, ReadWarning, join_reports
from nlu.entities import document_key

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
        newer, older: the readings themselves.
    """

    record: str
    kept: str
    left: str
    kept_on: str
    left_on: str
    fields: tuple[str, ...]
    filled: tuple[str, ...] = ()
    newer: Procedure | Plan | None = field(default=None, compare=False, repr=False)
    older: Procedure | Plan | None = field(default=None, compare=False, repr=False)

    @cached_property
    def facts(self) -> tuple[Difference, ...]:
        """Fees, times, agencies and papers in which two readings of a procedure differ; () for plans."""
        if not isinstance(self.newer, Procedure) or not isinstance(self.older, Procedure):
            return ()
        return tuple(compare_procedures(self.newer, self.older))


@dataclass(frozen=True)
class Library:
    """Every record the assistant knows, each code and id once; and what helps to find them or to say that there is
    none (knowledge/content/signposts.py)."""

    procedures: Mapping[str, Procedure]
    plans: Mapping[str, Plan]
    conflicts: tuple[Conflict, ...] = ()
    families: tuple[Family, ...] = ()
    outside: tuple[OutsideMatter, ...] = ()


def build_library(bundled: ReadReport, *imported: ReadReport) -> Library:
    """Merge reports; the newer reading of a record wins, on a tie of dates the bundled one: it is the same reading,
    gone over by an editor who took glued cells and false "Miễn phí" apart.

    Aliases and notes of both readings are united, the newer one's first. A plan that was taken in under a name of its own
    and its bundled digest are one plan, under that name.
    """
    procedures: dict[str, Procedure] = {}
    plans: dict[str, Plan] = {}
    conflicts: list[Conflict] = []
    for report in (bundled, *imported):
        for procedure in report.records:
            procedures[procedure.code] = _merged_procedure(procedures.get(procedure.code), procedure, conflicts)
        for plan in report.plans:
            digest = plans.pop(_digest_of(plan, plans), None)
            known = plans.get(plan.id) or (replace(digest, id=plan.id) if digest else None)
            plans[plan.id] = _merged_plan(known, plan, conflicts)
    return Library(MappingProxyType(procedures), MappingProxyType(plans), tuple(conflicts))


def read_any(path: Path, limits: ReadLimits | None = None) -> ReadReport:
    """Read a file or a whole folder, each file by what it is (knowledge/sources/files.py).

    A file in a folder that cannot be read, or of a kind not known, gives a warning, and the rest is read.

    Args:
        path: a file, or a folder that is read with all folders below it.
        limits: sizes beyond which a file is not opened; those of ReadLimits when None.

    Raises:
        SourceError: the path does not exist, or is a single file that cannot be read.
    """
    path = Path(path)
    if path.is_dir():
        return join_reports(_read_in_folder(child, limits) for child in sorted(path.iterdir()))
    if not path.exists():
        raise SourceError(path, "a file or folder", "nothing at this place", "check the path")
    return read_file(path, limits)


def _read_in_folder(child: Path, limits: ReadLimits | None) -> ReadReport:
    if is_furniture(child):
        return ReadReport()
    try:
        return read_any(child, limits)
    except SourceError as exc:
        return ReadReport(warnings=(ReadWarning(child.name, "", str(exc)),))


def _merged_procedure(known: Procedure | None, came: Procedure, conflicts: list[Conflict]) -> Procedure:
    if known is None:
        return came
    newer, older = (came, known) if came.source.rank > known.source.rank else (known, came)
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


def _digest_of(plan: Plan, plans: Mapping[str, Plan]) -> str:
    """Id of the bundled digest of the same document: number, authority and day; "" where there is none."""
    if plan.source.origin == "bundled" or plan.id in plans:
        return ""
    key = _document(plan)
    return next((p.id for p in plans.values() if p.source.origin == "bundled" and all(key) and _document(p) == key), "")


def _document(plan: Plan) -> tuple[str, str, date | None]:
    """Number, issuer and day; a committee's chairman signs its decisions, and either is named as the issuer."""
    return document_key(plan.number) if plan.number else "", plan.authority.lower().removeprefix("chủ tịch "), plan.issued_on


def _conflict(record: str, newer: Procedure | Plan, older: Procedure | Plan, filled: tuple[str, ...]) -> Conflict:
    differing = tuple(
        part.name
        for part in fields(newer)
        if part.name not in ("source", "aliases", "notes") and getattr(newer, part.name) != getattr(older, part.name)
    )
    return Conflict(
        record, newer.source.id, older.source.id, newer.source.read_on, older.source.read_on, differing, filled, newer, older
    )


def _united(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    """Both, each text once whatever its case, the first one's spelling and order before the second's."""
    texts: dict[str, str] = {}
    for text in (*first, *second):
        texts.setdefault(text.lower(), text)
    return tuple(texts.values())
