"""What the pages read from, and how addresses of lists are made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Query

from connectors.ask_flow import log_fault
from connectors.pages.ports import (
    LastReadingOnly,
    NoPlans,
    PlanShelf,
    RecordChange,
    RecordHistory,
    RecordVersion,
)
from connectors.ports import Catalogue, Masker, Searcher
from knowledge.model import Procedure
from nlu.privacy import mask_personal_data

ALL = 1_000_000
PAGE = Annotated[int, Query(ge=1, le=100_000)]


@dataclass(frozen=True)
class PageSources:
    """What the pages read from. ``today`` is a collaborator, so that tests choose the day."""

    searcher: Searcher
    catalogue: Catalogue
    plans: PlanShelf = field(default_factory=NoPlans)
    history: RecordHistory = field(default_factory=LastReadingOnly)
    mask: Masker = mask_personal_data
    today: Callable[[], date] = date.today

    def procedures(self) -> Sequence[Procedure]:
        return self.catalogue.list("", "", "", 0, ALL).items

    def versions(self, procedure: Procedure) -> Sequence[RecordVersion]:
        """Readings, newest first; the one at hand alone where the history cannot be read now."""
        try:
            found = self.history.versions(procedure) or LastReadingOnly().versions(procedure)
            return [_told_apart(*pair) for pair in zip(found, [*found[1:], None], strict=True)]
        except Exception as exc:  # the page must stand without its history
            log_fault(exc)
            return LastReadingOnly().versions(procedure)

    def changes(self, first: date, last: date) -> Sequence[RecordChange] | None:
        """Wordings that replaced another; None where that cannot be known now."""
        try:
            return self.history.changes(first, last)
        except Exception as exc:
            log_fault(exc)
            return None


def _told_apart(version: RecordVersion, before: RecordVersion | None) -> RecordVersion:
    """Two readings of one day differ by their readers, not by the law: no change is told between them."""
    is_same_day = before is not None and before.read_on == version.read_on
    return replace(version, changed=()) if is_same_day else version


def linker(path: str, **values: str) -> Callable[[int], str]:
    """Addresses of the pages of a list; the first has no number."""
    kept = {key: value for key, value in values.items() if value}

    def link(page: int) -> str:
        query = urlencode({**kept, **({"trang": str(page)} if page > 1 else {})})
        return f"{path}?{query}" if query else path

    return link
