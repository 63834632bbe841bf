"""What ``motcua ingest`` does around the ingest: roots, bars, the report on the terminal and as a page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

import bot.pipeline
from bot.errors import CommandFailed
from bot.pipeline import all_roots, open_ingest
from bot.progress import stage_bars
from bot.settings import Settings
from knowledge.errors import SourceError
from knowledge.ingest.page import headline, write_page
from knowledge.ingest.report import STATES, FileLine, IngestOutcome, differing_facts
from knowledge.ingest.scan import is_below
from nlu.encoder import Encoder

_SHOWN_CONFLICTS = 10
_SHOWN = 30  # files and warnings on the terminal; the page has all


def take_in(
    settings: Settings, encoder: Encoder, paths: Sequence[Path], out: Console, err: Console, accept_loss: bool = False
) -> IngestOutcome:
    """Take files and folders in, together with everything taken in before.

    Raises:
        SourceError: a path does not exist.
        CommandFailed: the new paths gave nothing, or validation refused the release; the live one goes on.
    """
    new = existing(paths)
    with open_ingest(settings, encoder) as ingest:
        before = {*all_roots(settings, ingest)}
        ingest.files.add_roots(str(path) for path in new)
        roots = all_roots(settings, ingest)
        with stage_bars(err) as report:
            outcome = ingest.run(bot.pipeline.load_bundled(), roots, report, accept_loss=accept_loss)
        idle = [path for path in new if not _gave(path, outcome)]
        for path in idle:
            if path not in before:
                ingest.files.forget_root(str(path))
    show(outcome, settings, out)
    if outcome.is_refused:
        raise CommandFailed(next(f.message for f in outcome.findings if f.is_fatal))
    if new and len(idle) == len(new):
        raise CommandFailed(f"{idle[0].name}: expected procedures or plans, found none; nothing was changed{_why(idle[0], outcome)}")
    return outcome


def existing(paths: Sequence[Path]) -> list[Path]:
    """The paths, absolute. Raises SourceError for the first that is not there."""
    for path in paths:
        if not path.exists():
            raise SourceError(path, "a file or folder", "nothing at this place", "check the path")
    return [path.absolute() for path in paths]


def roll_back(settings: Settings, encoder: Encoder, out: Console) -> None:
    """One release back. Raises ReleaseMissing when there is none."""
    with open_ingest(settings, encoder) as ingest:
        outcome = ingest.roll_back()
    out.print(f"Đã quay về bản / back at release {outcome.release_id}: {outcome.n_procedures} thủ tục / procedures, {outcome.n_plans} kế hoạch / plans", highlight=False, soft_wrap=True)
    out.print("Tệp của bản vừa bỏ được giữ lại, chỉ đọc lại khi tệp đổi. / Files of the withdrawn release are read again only when they change.", highlight=False, soft_wrap=True)


def list_releases(settings: Settings, encoder: Encoder, out: Console) -> None:
    """Print the last releases, newest first."""
    names = {"live": "đang dùng / live", "past": "trước đây / past", "failed": "không thành / failed", "withdrawn": "đã bỏ / withdrawn", "building": "đang lập / building"}
    table = Table("bản", "lúc (UTC)", "trạng thái", "thủ tục", "kế hoạch", "mới", "đổi", "thôi", "ghi chú")
    with open_ingest(settings, encoder) as ingest:
        for r in ingest.releases.list():
            counts = (r.n_procedures, r.n_plans, r.n_new, r.n_changed, r.n_ended)
            table.add_row(str(r.id), f"{r.created:%Y-%m-%d %H:%M}", names[r.state], *map(str, counts), r.note[:60])
    out.print(table)


def forget(settings: Settings, encoder: Encoder, path: Path, out: Console) -> None:
    """Stop reading a path; the next ingest leaves its records out. Raises CommandFailed when it was never taken in."""
    with open_ingest(settings, encoder) as ingest:
        all_roots(settings, ingest)
        if not ingest.files.forget_root(str(path.absolute())):
            raise CommandFailed(f"{path.name}: expected a path that was taken in; came another; see: motcua ingest --releases")
    out.print(f"Thôi đọc / no longer read: {path.name}", highlight=False, markup=False)


def show(outcome: IngestOutcome, settings: Settings, out: Console) -> None:
    """Print what happened, and write the page."""
    told = [line for line in outcome.files if line.state != "unchanged"]
    if told:
        table = Table("tệp / file", "kết quả / result", "thủ tục", "kế hoạch", "mới", "đổi", "thôi", "lưu ý")
        for line in sorted(told, key=lambda line: line.state != "failed")[:_SHOWN]:
            table.add_row(*_cells(line), style="red" if line.state == "failed" else None)
        out.print(table)
        if len(told) > _SHOWN:
            out.print(f"… {len(told) - _SHOWN} tệp khác / more files")
    for line in [line for line in told if line.fault][:_SHOWN]:
        out.print(f"  {line.fault}", style="red", highlight=False, markup=False, soft_wrap=True)
    for warning in [w for line in told for w in line.warnings][:_SHOWN]:
        out.print(f"  {warning.record} {warning.field}: {warning.message}", style="yellow", highlight=False, markup=False, soft_wrap=True)
    for finding in outcome.findings:
        out.print(f"! {finding.message}", style="red" if finding.is_fatal else "yellow", highlight=False, markup=False, soft_wrap=True)
    _show_conflicts(outcome, out)
    out.print(headline(outcome), highlight=False, soft_wrap=True)
    page = write_page(outcome, settings.home / "reports")
    out.print(f"Báo cáo / report: {page}", highlight=False, soft_wrap=True)


def _show_conflicts(outcome: IngestOutcome, out: Console) -> None:
    """The first procedures on whose facts two sources disagree; the page has all, with what each says."""
    if not outcome.disagreeing:
        return
    n, n_all = len(outcome.disagreeing), len(outcome.conflicts)
    out.print(f"{n_all} bản ghi có hai nguồn, {n} khác nhau về số liệu / records read twice, {n} with other facts:", highlight=False, soft_wrap=True)
    for conflict in outcome.disagreeing[:_SHOWN_CONFLICTS]:
        out.print(
            f"  {conflict.record}: dùng / kept {conflict.kept} ({conflict.kept_on}), bỏ / left {conflict.left} ({conflict.left_on}); "
            f"{differing_facts(conflict)}",
            highlight=False, markup=False, soft_wrap=True,
        )  # fmt: skip
    if n > _SHOWN_CONFLICTS:
        out.print(f"  … {n - _SHOWN_CONFLICTS} thủ tục khác, xem báo cáo / more, see the report", highlight=False)


def _cells(line: FileLine) -> list[str]:
    o = line.outcome
    counts = [o.n_procedures, o.n_plans, o.n_new, o.n_changed, o.n_ended] if line.state == "read" else [""] * 5
    return [line.name.rsplit("/", 1)[-1], STATES[line.state], *map(str, counts), str(len(line.warnings) or "")]


def _gave(path: Path, outcome: IngestOutcome) -> bool:
    """Whether a root gave records, now or at an earlier reading."""
    lines = [line for line in outcome.files if is_below(line.name, [path])]
    return any(line.state == "unchanged" or line.has_earlier or line.outcome.n_procedures + line.outcome.n_plans for line in lines)


def _why(path: Path, outcome: IngestOutcome) -> str:
    lines = [line for line in outcome.files if is_below(line.name, [path])]
    words = [line.fault or next((w.message for w in line.warnings), "") for line in lines]
    return next((f": {text}" for text in words if text), "")
