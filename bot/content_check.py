"""What ``motcua content check`` does: bundled facts beside what was imported under the same codes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from bot.errors import CommandFailed
from bot.ingesting import existing
from bot.settings import Settings
from connectors.store.database import open_engine
from knowledge.content.check import Checked, check, compare_with_corpus
from knowledge.content.loader import load_bundled
from knowledge.library import Library, build_library, read_any
from knowledge.sources.report import ReadReport
from knowledge.store.database import ContentDatabase
from knowledge.store.releases import Releases


def check_content(settings: Settings, paths: Sequence[Path]) -> tuple[Checked, ...]:
    """Every difference of a fee, time, agency or paper, acknowledged or not.

    Args:
        paths: files or folders to compare with; without any, what was imported into the live release.

    Raises:
        SourceError: a path does not exist.
        CommandFailed: nothing shares a code with the bundled procedures.
        ContentStoreError: no path is given and the database is away.
    """
    bundled = build_library(load_bundled())
    imported = _given(settings, paths) if paths else _live(settings)
    if not imported.procedures.keys() & bundled.procedures.keys():
        raise CommandFailed("content check: expected imported procedures with codes of bundled ones; found none; name a file or run: motcua ingest PATH")
    return check(compare_with_corpus(bundled, imported))


def show_checked(found: Sequence[Checked], only_new: bool, out: Console) -> None:
    """A line a difference, with its value for ``differs`` of the YAML; those not acknowledged first."""
    new = [c for c in found if not c.is_acknowledged]
    for checked in (*new, *(() if only_new else (c for c in found if c.is_acknowledged))):
        d = checked.difference
        place = f" ({d.place})" if d.place else ""
        said = f"đã ghi nhận / acknowledged: {checked.why}" if checked.why else "CHƯA ghi nhận / NOT acknowledged"
        style = None if checked.why else "red"
        out.print(f"{d.code} {d.field}{place}: “{d.own}” ≠ “{d.other}”", style=style, highlight=False, markup=False, soft_wrap=True)
        out.print(f"    {said}\n    values: {d.value!r}", highlight=False, markup=False, soft_wrap=True)
    out.print(f"{len(found)} chỗ khác / differences, {len(new)} chưa ghi nhận / not acknowledged", highlight=False)


def as_rows(found: Sequence[Checked]) -> list[dict[str, Any]]:
    """The differences as JSON."""
    return [
        {
            "code": c.difference.code, "field": c.difference.field, "place": c.difference.place, "bundled": c.difference.own,
            "imported": c.difference.other, "value": c.difference.value, "acknowledged": c.is_acknowledged, "why": c.why,
        }
        for c in found
    ]  # fmt: skip


def _given(settings: Settings, paths: Sequence[Path]) -> Library:
    return build_library(ReadReport(), *(read_any(path, settings.read_limits) for path in existing(paths)))


def _live(settings: Settings) -> Library:
    """What the live release holds beside the bundled records."""
    database = ContentDatabase(open_engine(settings.database))
    try:
        releases = Releases(database)
        live = releases.live()
        reports = releases.reports(releases.batches(live.id)) if live else []
    finally:
        database.close()
    imported = [ReadReport(records=tuple(r for r in report.records if r.source.origin == "imported")) for report in reports]
    return build_library(ReadReport(), *imported)
