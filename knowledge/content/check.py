"""Checks bundled procedures against imported records of the same code.

A difference that an editor has looked at is acknowledged in ``differs`` of the procedure's YAML, with its value: another
difference of the same field is reported again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from knowledge.content.loader import FOLDER, read_procedure_file
from knowledge.facts import Difference, compare_procedures
from knowledge.library import Library


@dataclass(frozen=True)
class Checked:
    """One difference and what the editor says of it; ``why`` is "" where nobody acknowledged it."""

    difference: Difference
    why: str = ""

    @property
    def is_acknowledged(self) -> bool:
        return bool(self.why)


def compare_with_corpus(bundled: Library, imported: Library) -> tuple[Difference, ...]:
    """Every difference of every code that both hold, in the order of the bundled procedures."""
    return tuple(
        difference
        for code, procedure in bundled.procedures.items()
        if code in imported.procedures
        for difference in compare_procedures(procedure, imported.procedures[code])
    )


def check(differences: Iterable[Difference], folder: Path | None = None) -> tuple[Checked, ...]:
    """Each difference with the reason that the YAML of its procedure gives for this very value.

    Args:
        folder: of bundled content, the product's own by default.

    Raises:
        ContentError: a procedure's file breaks the schema.
    """
    folder = (folder or FOLDER) / "procedures"
    reasons: dict[str, dict[tuple[str, str], str]] = {}
    found = []
    for difference in differences:
        if difference.code not in reasons:
            rows = read_procedure_file(folder / f"{difference.code}.yml").differs
            reasons[difference.code] = {(row.field, value): row.why for row in rows for value in row.values}
        found.append(Checked(difference, reasons[difference.code].get((difference.field, difference.value), "")))
    return tuple(found)


def undeclared(differences: Iterable[Difference], folder: Path | None = None) -> tuple[Difference, ...]:
    """Those that nobody acknowledged."""
    return tuple(checked.difference for checked in check(differences, folder) if not checked.is_acknowledged)
