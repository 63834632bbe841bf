"""Rules and notes that hold from one day to another: on which day each is in force, to come or over."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

from knowledge.errors import ContentError
from knowledge.model import ASPECTS, Procedure

SURE = ("high", "medium", "low")
Phase = Literal["in_force", "to_come", "over"]
_FILE = Path(__file__).parent / "rules.yml"
_DAY = r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})"
_PERIOD = re.compile(rf"\b[Tt]ừ (?:ngày )?{_DAY}(?:,? (?:đến|cho đến)(?: hết)?(?: ngày)? {_DAY})?")


@dataclass(frozen=True)
class DatedRule:
    """One entry of rules.yml. ``until`` is the last day, None while none is known; ``codes`` or ``fields`` say which
    procedures it is about; ``mark`` are words by which a record's own note on it is known."""

    id: str
    aspects: tuple[str, ...]
    says: str
    since: date
    until: date | None
    source: str
    read_on: str
    sure: str
    mark: str = ""
    codes: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()

    def is_about(self, procedure: Procedure) -> bool:
        return procedure.code in self.codes or procedure.field in self.fields

    def phase(self, day: date) -> Phase:
        return phase_of(self.since, self.until, day)


@cache
def dated_rules() -> tuple[DatedRule, ...]:
    """Every rule of rules.yml.

    Raises:
        ContentError: an entry lacks a part or names an unknown one.
    """
    return tuple(_rule(entry) for entry in yaml.safe_load(_FILE.read_text(encoding="utf-8")))


def rules_for(procedure: Procedure, aspects: Sequence[str], day: date, to_come_within_days: int = 0) -> tuple[DatedRule, ...]:
    """Rules in force on a day for aspects of a procedure, and those that begin within so many days after it; without
    those that the record's own notes tell."""
    told = " ".join(procedure.notes)
    return tuple(
        rule
        for rule in dated_rules()
        if rule.is_about(procedure)
        and (not rule.mark or rule.mark not in told)
        and any(aspect in rule.aspects for aspect in aspects)
        and (rule.phase(day) == "in_force" or 0 < (rule.since - day).days <= to_come_within_days)
    )


def note_phase(note: str, day: date) -> Phase | None:
    """When a note that names its own period ("Từ 15/8/2026 đến 28/2/2027 …") holds; None for one that names none."""
    found = _PERIOD.search(note)
    if not found:
        return None
    since, until = _date(found.groups()[:3]), _date(found.groups()[3:])
    return phase_of(since, until, day) if since else None


def period_of(note: str) -> tuple[date, date | None] | None:
    """First and last day that a note names; None where it names none."""
    found = _PERIOD.search(note)
    since = _date(found.groups()[:3]) if found else None
    return (since, _date(found.groups()[3:])) if found and since else None


def phase_of(since: date, until: date | None, day: date) -> Phase:
    if day < since:
        return "to_come"
    return "over" if until is not None and day > until else "in_force"


def _date(parts: Sequence[str | None]) -> date | None:
    try:
        day, month, year = (int(part) for part in parts if part is not None)
        return date(year, month, day)
    except ValueError:
        return None


def _rule(entry: Mapping[str, Any]) -> DatedRule:
    try:
        rule = DatedRule(
            id=entry["id"], aspects=tuple(entry["aspects"]), says=entry["says"], since=entry["from"], until=entry.get("until"),
            source=entry["source"]["title"], read_on=entry["source"]["read_on"], sure=entry["sure"], mark=entry.get("mark", ""),
            codes=tuple(entry.get("codes", ())), fields=tuple(entry.get("fields", ())),
        )  # fmt: skip
    except (KeyError, TypeError) as exc:
        raise ContentError(_FILE, str(entry), "id, aspects, says, from, source, sure", f"{exc} missing") from exc
    if rule.sure not in SURE or not set(rule.aspects) <= set(ASPECTS) or not (rule.codes or rule.fields):
        raise ContentError(_FILE, rule.id, f"aspects of {ASPECTS}, sure of {SURE}, codes or fields", str(entry))
    if rule.until and rule.until < rule.since:
        raise ContentError(_FILE, rule.id, "until on or after from", f"{rule.since} to {rule.until}")
    return rule
