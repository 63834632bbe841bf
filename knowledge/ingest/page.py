"""The report of an ingest as one HTML page that needs nothing else; the last few are kept."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, PackageLoader, select_autoescape

from knowledge.ingest.report import FACTS, STATES, IngestOutcome, differing_facts

_KEPT_PAGES = 50


def write_page(outcome: IngestOutcome, folder: Path) -> Path:
    """Write the page of an outcome into ``folder``; its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"ingest-{outcome.started:%Y%m%dT%H%M%S%f}.html"
    path.write_text(page_of(outcome), encoding="utf-8")
    for old in sorted(folder.glob("ingest-*.html"))[:-_KEPT_PAGES]:
        old.unlink(missing_ok=True)
    return path


def page_of(outcome: IngestOutcome) -> str:
    """The page; a file that is unchanged and has nothing to say is only counted."""
    told = [line for line in outcome.files if line.state != "unchanged" or line.warnings]
    page = Environment(
        loader=PackageLoader("knowledge.ingest"), autoescape=select_autoescape(default=True, default_for_string=True)
    ).get_template("report.html.j2")
    return page.render(
        outcome=outcome,
        lines=sorted(told, key=lambda line: (line.state != "failed", line.name)),
        n_unchanged=len(outcome.files) - len(told),
        started=f"{outcome.started:%d/%m/%Y %H:%M} UTC",
        headline=headline(outcome),
        states=STATES,
        facts=FACTS,
        differing=differing_facts,
    )


def headline(outcome: IngestOutcome) -> str:
    """How an ingest ended, in a line."""
    counts = (
        f"{outcome.n_procedures} thủ tục / procedures, {outcome.n_plans} kế hoạch / plans, "
        f"{len(outcome.warnings)} lưu ý / warnings"
    )
    if outcome.state == "refused":
        return f"CHƯA đưa lên, bản đang dùng giữ nguyên / NOT released, the live release stays ({outcome.release_id or '–'}); {counts}"
    if outcome.state == "unchanged":
        return f"Không có gì đổi / nothing changed, bản / release {outcome.release_id}; {counts}"
    return (
        f"Đã đưa lên bản / released {outcome.release_id}: {counts}; mới / new {outcome.n_new}, "
        f"đổi / changed {outcome.n_changed}, thôi / ended {outcome.n_ended}"
    )
