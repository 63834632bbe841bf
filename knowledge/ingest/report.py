"""What an ingest did, file by file: for the terminal, for the page under ``var/reports`` and for tests."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from knowledge.library import Conflict
from knowledge.sources.report import ReadWarning
from knowledge.store.files import ReadOutcome

#: Faults after which some of a file was left unread (knowledge/sources/faults.py).
UNREAD_KINDS = frozenset({"text_box", "pages_left", "rows_left", "ocr_failed", "ocr_missing", "scans_unread", "unknown_format", "nothing_found",
    "bad_bytes", "hidden_sheet", "formulas_left", "cell_errors", "columns_left", "struck_out", "cut_short", "page_covered"})
_KIND = re.compile(r"\| (\w+): expected ")

STATES = {
    "read": "đã đọc / read",
    "unchanged": "không đổi / unchanged",
    "failed": "không đọc được / failed",
    "gone": "không còn / gone",
    "held": "giữ bản cũ / held back",
}


FACTS = {"fee": "lệ phí / fee", "time": "thời hạn / time", "agency": "cơ quan / agency", "documents": "giấy tờ / documents"}


def differing_facts(conflict: Conflict) -> str:
    """The kinds of fact in which two readings differ, in the order of ``FACTS``."""
    found = {difference.field for difference in conflict.facts}
    return ", ".join(name for key, name in FACTS.items() if key in found)


@dataclass(frozen=True)
class FileLine:
    """One file of an ingest.

    Attributes:
        name: path as people know it.
        state: a key of ``STATES``.
        outcome: what its reading gave; zeros unless ``read``.
        warnings: of its reading, also where it is unchanged.
        fault: why it could not be read, "" else; what it gave before stays in use.
        has_earlier: a reading of an earlier time is in use in spite of the fault.
    """

    name: str
    state: str
    outcome: ReadOutcome = ReadOutcome()
    warnings: tuple[ReadWarning, ...] = ()
    fault: str = ""
    has_earlier: bool = False

    @property
    def unread(self) -> tuple[ReadWarning, ...]:
        """Warnings that tell of parts left unread."""
        return tuple(w for w in self.warnings if _kind(w) in UNREAD_KINDS)


@dataclass(frozen=True)
class Finding:
    """Something validation saw before the release; ``is_fatal`` keeps it from going live."""

    kind: str
    message: str
    is_fatal: bool = False


@dataclass(frozen=True)
class IngestOutcome:
    """A whole ingest.

    Attributes:
        state: ``live`` (a new release), ``unchanged`` (nothing to do), ``refused`` (validation), ``first`` also
            counts as live.
        release_id: the release that is live now, None where there is none.
        n_new, n_changed, n_ended: records of the new release beside the one before.
        was_built: an index was built for it.
        conflicts: records of which there are two readings.
    """

    started: datetime
    state: str
    files: tuple[FileLine, ...] = ()
    findings: tuple[Finding, ...] = ()
    release_id: int | None = None
    n_procedures: int = 0
    n_plans: int = 0
    n_passages: int = 0
    conflicts: tuple[Conflict, ...] = ()
    n_new: int = 0
    n_changed: int = 0
    n_ended: int = 0
    was_built: bool = False
    page: str = ""
    missing_roots: tuple[str, ...] = field(default=())

    @property
    def n_conflicts(self) -> int:
        return len(self.conflicts)

    @cached_property
    def disagreeing(self) -> tuple[Conflict, ...]:
        """Procedures whose readings differ in a fee, a time, an agency or a paper."""
        return tuple(conflict for conflict in self.conflicts if conflict.facts)

    @property
    def is_refused(self) -> bool:
        return self.state == "refused"

    @property
    def warnings(self) -> tuple[ReadWarning, ...]:
        """Every warning and fault, file by file."""
        faults = [ReadWarning(line.name.rsplit("/", 1)[-1], "", line.fault) for line in self.files if line.fault]
        return (*(w for line in self.files for w in line.warnings), *faults)


def is_cut_short(warnings: tuple[ReadWarning, ...]) -> bool:
    """Whether a reading met the end of its file in the middle of a line."""
    return any(_kind(w) == "cut_short" for w in warnings)


def _kind(warning: ReadWarning) -> str:
    found = _KIND.search(warning.message)
    return found[1] if found else ""
