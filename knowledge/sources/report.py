"""What reading a source gives back: the records, and everything a person should know about the reading."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from knowledge.model import Plan, Procedure


@dataclass(frozen=True)
class ReadWarning:
    """Something that could not be read with certainty.

    Attributes:
        record: procedure code, plan id, ``file:line`` or file name.
        field: the source's own column or part, "" for the whole record.
        message: what was found and what was done with it.
    """

    record: str
    field: str
    message: str


@dataclass(frozen=True)
class ReadReport:
    """Records in file order, plans in file order, warnings in the order they arose."""

    records: tuple[Procedure, ...] = ()
    plans: tuple[Plan, ...] = ()
    warnings: tuple[ReadWarning, ...] = ()


def join_reports(reports: Iterable[ReadReport]) -> ReadReport:
    """One report of many, order kept, nothing merged (library.py does that)."""
    reports = tuple(reports)
    return ReadReport(
        records=tuple(record for report in reports for record in report.records),
        plans=tuple(plan for report in reports for plan in report.plans),
        warnings=tuple(warning for report in reports for warning in report.warnings),
    )
