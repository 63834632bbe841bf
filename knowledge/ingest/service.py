"""Ingest from top to bottom: look, read what changed, merge, check, build, publish.

Each file is committed to the database as soon as it is read, so a run that was killed goes on where it stopped; nothing
is live before the index folder's one rename.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from knowledge.errors import SourceError
from knowledge.index.build import source_digest
from knowledge.index.errors import IndexError_, IndexMissingError
from knowledge.index.store import IndexStore
from knowledge.index.vectors import PassageEncoder
from knowledge.ingest.lock import only_ingest
from knowledge.ingest.report import FileLine, Finding, IngestOutcome, is_cut_short
from knowledge.ingest.scan import Found, digest_of_report, is_below, plan_ids, reader_digest, scan
from knowledge.ingest.selfcheck import answers_for_itself, is_current
from knowledge.ingest.validate import compare, look_over, sound_records
from knowledge.library import Library, build_library
from knowledge.sources.files import read_file
from knowledge.sources.guards import ReadLimits
from knowledge.sources.report import ReadReport
from knowledge.store.database import ContentDatabase
from knowledge.store.errors import ContentStoreError, ReleaseMissing
from knowledge.store.files import Bytes, FileState, SourceFiles
from knowledge.store.releases import Batch, Releases, batches_of

log = logging.getLogger(__name__)
Progress = Callable[[str, int, int], None]
BUNDLED = "bundled:"
_MAX_ATTEMPTS = 2  # a file in whose reading the program died this often is left alone until it changes
#: Faults that are not the file's own: a limit may have been raised, a program installed. Such a file is tried each time.
_MAY_HAVE_PASSED = re.compile(r"\| (?:too_large|ocr_missing|ocr_language|scans_unread): ")


def _may_have_passed(state: FileState) -> bool:
    return any(_MAY_HAVE_PASSED.search(said) for said in (state.fault, *(f"| {w.message}" for w in state.warnings)))


@dataclass(frozen=True)
class Ingest:
    """Everything an ingest works with.

    Attributes:
        dress: adds what is no record (phrasings, families) to the merged library.
        lock: path of the lock file.
        limits: sizes beyond which a file is not opened; those of ReadLimits when None.
        settle_s: a file written to less than so long ago waits for the next run.
    """

    database: ContentDatabase
    index: IndexStore
    encoder: PassageEncoder
    cache: Path
    lock: Path
    dress: Callable[[Library], Library]
    limits: ReadLimits | None = None
    settle_s: float = 0

    @property
    def files(self) -> SourceFiles:
        return SourceFiles(self.database)

    @property
    def releases(self) -> Releases:
        return Releases(self.database)

    def run(
        self,
        bundled: ReadReport,
        roots: Sequence[Path],
        on_progress: Progress | None = None,
        force: bool = False,
        accept_loss: bool = False,
    ) -> IngestOutcome:
        """Bring what is live in line with the bundled records and the files below ``roots``.

        A file that cannot be read is one line of the outcome; what it gave before stays in use.

        Args:
            force: read every file and build the index although nothing changed.
            accept_loss: let a release go live that lost many records.

        Raises:
            ContentStoreError: the database is away; what was read so far is kept, nothing went live.
            IndexError_, OSError: the index could not be built or written; the live one goes on.
        """
        report = on_progress or (lambda stage, done, total: None)
        started = datetime.now(UTC)
        with only_ingest(self.lock):
            self.releases.reconcile(self._live_name())
            lines, order, missing = self._read_changed(bundled, roots, report, force)
            reports = self.releases.reports(order)
            merged = build_library(reports[0], *reports[1:]) if reports else build_library(ReadReport())
            library = self.dress(merged)
            findings = [*self._missing(missing), *compare(self._live_reports(roots), merged, accept_loss), *look_over(merged.plans.values())]
            outcome = IngestOutcome(
                started=started, state="refused", files=tuple(lines), findings=tuple(findings),
                n_procedures=len(library.procedures), n_plans=len(library.plans), conflicts=library.conflicts,
                missing_roots=tuple(map(str, missing)),
            )  # fmt: skip
            if any(finding.is_fatal for finding in findings):
                live = self.releases.live()
                return replace(outcome, release_id=live.id if live else None)
            return self._release(outcome, library, order, report, force)

    def roll_back(self) -> IngestOutcome:
        """Make the release before the live one live again; files it does not hold wait until they change.

        Raises:
            ReleaseMissing: there is none to go back to; nothing was changed.
        """
        with only_ingest(self.lock):
            self.releases.reconcile(self._live_name())
            live = self.releases.live()
            target = self.releases.one_before(live)
            order = self.releases.batches(target.id)
            folder = self.index.root / target.index_name
            if not self._is_usable(folder):
                reports = self.releases.reports(order)
                library = self.dress(build_library(reports[0], *reports[1:]))
                folder, fault = self._build(library, lambda stage, done, total: None)
                if fault:
                    raise ReleaseMissing(f"rollback to {target.id}: {fault}")
                self.releases.built(target.id, folder.name, len(library.procedures), len(library.plans))
            self.releases.hold_files(order)
            self.index.publish(folder)
            self.releases.went_live(target.id, left_as="withdrawn")
            manifest = self.index.current_manifest()
            return IngestOutcome(
                started=datetime.now(UTC), state="live", release_id=target.id, n_procedures=manifest.n_procedures,
                n_plans=manifest.n_plans, n_passages=manifest.n_passages + manifest.n_plan_passages,
            )  # fmt: skip

    # Reading.

    def _read_changed(
        self, bundled: ReadReport, roots: Sequence[Path], report: Progress, force: bool
    ) -> tuple[list[FileLine], list[Batch], tuple[Path, ...]]:
        """Read what must be read; a line a file, the batches in order of merging, and roots that were away."""
        limits, reader = self.limits or ReadLimits(), reader_digest()
        known = self.files.known()
        seen = scan(roots, known, limits, self.settle_s)
        lines, ids = [self._take_bundled(bundled, known.get(BUNDLED), force)], plan_ids(seen.files)
        for n, found in enumerate(seen.files):
            report("files", n, len(seen.files))
            name = str(found.path)
            lines.append(self._take(found, known.get(name), limits, reader, force, ids.get(name, "")))
        report("files", len(seen.files), len(seen.files) or 1)
        now = self.files.known()
        kept = self._keep_or_drop(now, {str(f.path) for f in seen.files}, roots, seen.missing_roots)
        lines += kept[1]
        order = [BUNDLED, *(str(f.path) for f in seen.files), *kept[0]]
        return lines, batches_of((now[p].id, now[p].batch) for p in order if p in now), seen.missing_roots

    def _take_bundled(self, bundled: ReadReport, state: FileState | None, force: bool) -> FileLine:
        """The records that came with the program, kept like those of a file."""
        digest = digest_of_report(bundled)
        if state and state.state in ("read", "held") and state.bytes.digest == digest and not force:
            return FileLine("(kèm sẵn / bundled)", "unchanged")
        file_id = self.files.begin(BUNDLED, Bytes(digest, 0, 0), "")
        return FileLine("(kèm sẵn / bundled)", "read", self.files.finish(file_id, bundled), bundled.warnings)

    def _take(
        self, found: Found, state: FileState | None, limits: ReadLimits, reader: str, force: bool, plan_id: str
    ) -> FileLine:
        name, has_earlier = str(found.path), bool(state and state.batch)
        if found.bytes is None:
            return FileLine(name, "failed", fault=found.fault, has_earlier=has_earlier)
        is_same = state is not None and (state.bytes.digest, state.reader) == (found.bytes.digest, reader)
        if is_same and state.state == "reading" and state.n_attempts >= _MAX_ATTEMPTS:
            self.files.fail(state.id, _CRASHED.format(n=state.n_attempts))
            return FileLine(name, "failed", fault=_CRASHED.format(n=state.n_attempts), has_earlier=has_earlier)
        if is_same and state.state in ("read", "failed", "held") and not force and not _may_have_passed(state):
            if state.bytes != found.bytes:
                self.files.touch(state.id, found.bytes)
            kept = {"read": "unchanged"}.get(state.state, state.state)
            return FileLine(name, kept, warnings=state.warnings, fault=state.fault, has_earlier=has_earlier)
        return self._read(found, limits, reader, has_earlier, plan_id)

    def _read(self, found: Found, limits: ReadLimits, reader: str, has_earlier: bool, plan_id: str) -> FileLine:
        """Read a file now; ``plan_id`` is what its plan is known by where the file's name is not enough."""
        name = str(found.path)
        file_id = self.files.begin(name, found.bytes, reader)
        try:
            given = sound_records(read_file(found.path, limits), found.path.name)
            if plan_id:
                given = replace(given, plans=tuple(replace(plan, id=plan_id) for plan in given.plans))
            if not has_earlier or ((given.records or given.plans) and not is_cut_short(given.warnings)):
                return FileLine(name, "read", self.files.finish(file_id, given), given.warnings)
            fault = _CUT if is_cut_short(given.warnings) else _NOTHING
        except SourceError as exc:
            fault, given = str(exc), ReadReport()
        except (OSError, ValueError) as exc:  # gone while it was read; text that no database takes
            fault, given = f"{found.path.name}: {_UNKEPT.format(came=type(exc).__name__)}", ReadReport()
        self.files.fail(file_id, fault, given.warnings)
        return FileLine(name, "failed", warnings=given.warnings, fault=fault, has_earlier=has_earlier)

    def _keep_or_drop(
        self, known: Mapping[str, FileState], found: set[str], roots: Sequence[Path], missing: Sequence[Path]
    ) -> tuple[list[str], list[FileLine]]:
        """Known files that were not found: kept while their root is away or a rollback holds them, else gone."""
        absent = [s for path, s in known.items() if path != BUNDLED and path not in found and s.batch]
        is_kept = {s.path: is_below(s.path, roots if s.state == "held" else missing) for s in absent if s.state != "gone"}
        kept = [path for path, stays in is_kept.items() if stays]
        gone = [s for s in absent if s.path not in kept]
        self.files.mark_gone([s.id for s in gone if s.state != "gone"])
        return kept, [FileLine(s.path, "gone") for s in gone if s.state != "gone"]

    def _missing(self, missing: Iterable[Path]) -> list[Finding]:
        return [Finding("root_away", _AWAY.format(path=path.name)) for path in missing]

    def _live_reports(self, roots: Sequence[Path]) -> list[ReadReport]:
        """Readings of the live release from files that are still among the roots."""
        live = self.releases.live()
        if live is None:
            return []
        paths = {state.id: path for path, state in self.files.known().items()}
        batches = [b for b in self.releases.batches(live.id) if paths[b.file_id] == BUNDLED or is_below(paths[b.file_id], roots)]
        return self.releases.reports(batches)

    # Releasing.

    def _release(
        self, outcome: IngestOutcome, library: Library, order: list[Batch], report: Progress, force: bool
    ) -> IngestOutcome:
        digest = source_digest(library)
        live = self.releases.live()
        has_index = is_current(self.index, self.encoder, digest)
        if has_index and live and self.releases.batches(live.id) == order and not force:
            return self._counted(replace(outcome, state="unchanged", release_id=live.id))
        release_id = self.releases.begin(order, digest)
        try:
            if has_index and not force:
                folder = self.index.root / self.index.current_name()
            else:
                folder, fault = self._build(library, report)
                if fault:
                    self.releases.fail(release_id, fault)
                    findings = (*outcome.findings, Finding("selfcheck", fault, True))
                    return replace(outcome, findings=findings, release_id=live.id if live else None)
            self.releases.built(release_id, folder.name, len(library.procedures), len(library.plans))
        except BaseException as exc:
            self._note_failure(release_id, exc)
            raise
        self.index.publish(folder)
        self.releases.went_live(release_id)
        counts = self.releases.count_changes(release_id, live.id if live else None)
        made = replace(outcome, state="live", release_id=release_id, was_built=not has_index or force)
        return self._counted(replace(made, n_new=counts[0], n_changed=counts[1], n_ended=counts[2]))

    def _build(self, library: Library, report: Progress) -> tuple[Path, str]:
        """A new index folder, whole, and why it must not go live, "" when it may; nothing of it is left when it may
        not or building fails."""
        folder = self.index.new_folder()
        try:
            self.index.build(library, self.encoder, folder, self.cache, report)
            fault = answers_for_itself(folder, self.encoder, library, self.index.database)
        except BaseException:
            self.index.discard(folder)
            raise
        if fault:
            self.index.discard(folder)
        return folder, fault

    def _counted(self, outcome: IngestOutcome) -> IngestOutcome:
        manifest = self.index.current_manifest()
        return replace(outcome, n_passages=manifest.n_passages + manifest.n_plan_passages)

    def _note_failure(self, release_id: int, cause: BaseException) -> None:
        try:
            self.releases.fail(release_id, type(cause).__name__)
        except ContentStoreError as exc:  # the next run's reconcile notes it
            log.warning("a failed release could not be noted: %s", exc)

    def _live_name(self) -> str:
        try:
            return self.index.current_name()
        except IndexMissingError:
            return ""

    def _is_usable(self, folder: Path) -> bool:
        try:
            return folder.is_dir() and answers_for_itself(folder, self.encoder, None, self.index.database) == ""
        except IndexError_:
            return False


_CRASHED = (
    "Đọc tệp này đã làm chương trình dừng {n} lần, nên nó bị bỏ qua đến khi tệp đổi. | crash: expected a file that can be "
    "read; came {n} readings that ended the program; send it to the maintainers or save it anew"
)
_NOTHING = (
    "Tệp đổi mà không còn thủ tục, kế hoạch nào; bản trước vẫn dùng. | nothing_left: expected records as before; came none; "
    "remove the file if that is meant"
)
_CUT = (
    "Tệp bị cụt giữa chừng; bản trước vẫn dùng. | cut_short: expected a whole file; came one that ends in the middle of a line; "
    "fetch it again"
)
_UNKEPT = (
    "Không giữ được nội dung tệp. | keep: expected text that can be stored; came {came}; save the file anew"
)
_AWAY = (
    "Không thấy thư mục {path}; những gì đã đọc từ đó vẫn dùng. | root_away: expected {path} to be there; came nothing; mount "
    "it, or take it out: motcua ingest --forget"
)
