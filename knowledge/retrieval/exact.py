"""Exact numbers: procedure codes, document numbers and form names decide before any similarity."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from knowledge.model import Plan, Procedure
from nlu.diacritics import bare
from nlu.types import Entity


@dataclass(frozen=True)
class ExactMatch:
    """What the numbers in a question point to.

    Attributes:
        rows: procedures named by them, in index order; () when none.
        plan_ids: plans named by number.
        unknown: numbers in the question that the knowledge does not hold, as (kind, value).
        kinds: kinds of entity that matched.
    """

    rows: tuple[int, ...] = ()
    plan_ids: tuple[str, ...] = ()
    unknown: tuple[tuple[str, str], ...] = ()
    kinds: tuple[str, ...] = ()


class ExactNumbers:
    """Look-up tables over one index."""

    def __init__(self, procedures: Iterable[Procedure], plans: Iterable[Plan], max_shared: int) -> None:
        self._codes: dict[str, int] = {}
        self._documents: dict[str, list[int]] = defaultdict(list)
        self._forms: dict[str, list[int]] = defaultdict(list)
        self._plans: dict[str, list[str]] = defaultdict(list)
        self._max_shared = max_shared
        for row, procedure in enumerate(procedures):
            self._add(row, procedure)
        for plan in plans:
            if plan.number:
                self._plans[document_key(plan.number)].append(plan.id)

    def find(self, entities: Iterable[Entity]) -> ExactMatch:
        """Resolve the codes, document numbers and forms among ``entities``.

        A code beats a document number beats a form; several of one kind are united.
        """
        entities = [e for e in entities if e.kind in ("procedure_code", "document_number", "form")]
        unknown = tuple((e.kind, e.value) for e in entities if not self._known(e))
        for kind in ("procedure_code", "document_number", "form"):
            of_kind = [e for e in entities if e.kind == kind]
            rows = sorted({row for e in of_kind for row in self._rows(e)})
            plans = tuple(p for e in of_kind if kind == "document_number" for p in self._plans_of(e.value))
            if rows or plans:
                return ExactMatch(tuple(rows), plans, unknown, (kind,))
        return ExactMatch(unknown=unknown)

    def _add(self, row: int, procedure: Procedure) -> None:
        self._codes[procedure.code] = row
        numbers = {document_key(b.number) for b in procedure.legal_basis} | {
            document_key(n) for b in procedure.legal_basis for n in _numbers_in(b.title)
        }
        for number in numbers - {""}:
            self._documents[number].append(row)
        for form in {form_key(f) for f in procedure.forms} - {""}:
            self._forms[form].append(row)

    def _known(self, entity: Entity) -> bool:
        return bool(self._rows(entity, limited=False)) or bool(
            entity.kind == "document_number" and self._plans_of(entity.value)
        )

    def _rows(self, entity: Entity, limited: bool = True) -> list[int]:
        if entity.kind == "procedure_code":
            return [self._codes[entity.value]] if entity.value in self._codes else []
        if entity.kind == "document_number":
            rows = self._by_number(self._documents, document_key(entity.value))
        else:
            rows = self._forms.get(form_key(entity.value), [])
        return rows if not limited or len(rows) <= self._max_shared else []

    def _plans_of(self, number: str) -> list[str]:
        return self._by_number(self._plans, document_key(number))

    @staticmethod
    def _by_number(table: dict[str, list], key: str) -> list:
        """Exact key, else every key that begins with a number typed without its kind ("154/2024")."""
        if key in table:
            return table[key]
        if re.fullmatch(r"\d+/\d{4}", key):
            return [row for k, rows in table.items() if k.startswith(key + "/") for row in rows]
        return []


def document_key(number: str) -> str:
    """Comparable form of a document number: bare, upper case, without "số", spaces and leading zeros."""
    found = _numbers_in(number)
    return re.sub(r"^0+(?=\d)", "", found[0]) if found else ""


def form_key(form: str) -> str:
    """Comparable form of a form's name: bare, upper case, letters, digits and / only, "MAU SO" dropped."""
    key = re.sub(r"[^A-Z0-9/]", "", re.sub(r"\.(DOCX?|PDF|XLSX?)$", "", bare(form).upper()))
    return re.sub(r"^(MAUSO|MAU|TOKHAI|SO)(?=.)", "", key)


def _numbers_in(text: str) -> list[str]:
    flat = re.sub(r"\s+", "", bare(text).upper())
    return re.findall(r"\d+/(?:\d{4}/)?[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)*|\d+/\d{4}(?![/\d])", flat)
