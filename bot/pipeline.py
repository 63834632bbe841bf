"""Getting knowledge into an index: what comes with the program, MOTCUA_CORPUS and what was taken in, through the ingest
of knowledge/ingest; straight from the files where the database is away."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.errors import CommandFailed
from bot.settings import Settings
from connectors.store.database import open_engine
from knowledge.content.loader import load_bundled
from knowledge.content.phrasings import add_phrasings, load_phrasings
from knowledge.content.signposts import add_signposts, load_events, load_families, load_outside
from knowledge.errors import SourceError
from knowledge.index.artefact import fetch_artefact
from knowledge.index.errors import IndexError_
from knowledge.index.store import IndexStore
from knowledge.ingest.report import IngestOutcome
from knowledge.ingest.service import Ingest
from knowledge.library import Library, build_library, read_any
from knowledge.sources.report import ReadReport, ReadWarning
from knowledge.store.database import ContentDatabase
from knowledge.store.errors import ContentStoreError
from nlu.encoder import Encoder

log = logging.getLogger(__name__)
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class IndexOutcome:
    """What an index run did. ``was_built`` is False when the live index already held the same records; ``ingest`` is
    None where the database was away."""

    was_built: bool
    n_procedures: int
    n_plans: int
    n_passages: int
    warnings: tuple[ReadWarning, ...]
    n_conflicts: int
    ingest: IngestOutcome | None = None


def refresh_index(
    settings: Settings,
    encoder: Encoder,
    on_progress: Progress | None = None,
    force: bool = False,
    accept_loss: bool = False,
) -> IndexOutcome:
    """Bring the live index in line with the sources; builds nothing when the same records are live under this code.

    A replica (MOTCUA_INDEX_SOURCE) fetches the index that another machine published instead. What validation refuses leaves the live index as it is; ``ingest.is_refused`` tells.

    Raises:
        SourceError: a path of MOTCUA_CORPUS does not exist.
        KnowledgeError: bundled content breaks its schema, or an index cannot be built.
    """
    if settings.index_source:
        return _fetched(settings, settings.index_source)
    for path in settings.corpus:
        if not path.exists():
            raise SourceError(path, "a file or folder", "nothing at this place", "check MOTCUA_CORPUS")
    try:
        with open_ingest(settings, encoder) as ingest:
            done = ingest.run(load_bundled(), all_roots(settings, ingest), on_progress, force, accept_loss)
    except ContentStoreError as exc:
        log.warning("content is read without the database: %s", exc)
        return _without_database(settings, encoder, on_progress, force)
    return IndexOutcome(done.was_built, done.n_procedures, done.n_plans, done.n_passages, done.warnings, done.n_conflicts, done)


@contextmanager
def open_ingest(settings: Settings, encoder: Encoder) -> Iterator[Ingest]:
    """The ingest of this installation; its database is closed at the end. Opening connects to nothing."""
    database = ContentDatabase(open_engine(settings.database))
    try:
        yield Ingest(
            database=database,
            index=open_store(settings),
            encoder=encoder,
            cache=settings.cache / "vectors",
            lock=settings.home / "ingest.lock",
            dress=dress,
            limits=settings.read_limits,
        )
    finally:
        database.close()


def open_store(settings: Settings) -> IndexStore:
    """The folder of indexes, with the database where that keeps their vectors; it connects on first use.

    Raises:
        VectorsAwayError: MOTCUA_VECTORS says postgresql and MOTCUA_DATABASE_URL names no PostgreSQL.
    """
    if settings.vectors == "files":
        return IndexStore(settings.index_root)
    from knowledge.index.pgvectors import PgVectors

    return IndexStore(settings.index_root, PgVectors(settings.database))


def all_roots(settings: Settings, ingest: Ingest) -> list[Path]:
    """MOTCUA_CORPUS, then what was taken in, oldest first, each once."""
    _take_over_list(settings, ingest)
    paths = [*(p.absolute() for p in settings.corpus), *map(Path, ingest.files.roots())]
    return list(dict.fromkeys(paths))


def dress(library: Library) -> Library:
    """Add to the records what citizens call them, families and matters elsewhere."""
    return add_signposts(add_phrasings(library, load_phrasings()), (*load_families(), *load_events()), load_outside())


def read_library(settings: Settings) -> tuple[Library, tuple[ReadWarning, ...]]:
    """Bundled content and MOTCUA_CORPUS read from the files, without the database.

    Raises:
        KnowledgeError: a named path does not exist, or bundled content breaks its schema.
    """
    reports: list[ReadReport] = [read_any(path, settings.read_limits) for path in settings.corpus]
    library = dress(build_library(load_bundled(), *reports))
    return library, tuple(w for report in reports for w in report.warnings)


def _fetched(settings: Settings, source: str) -> IndexOutcome:
    """The index published in a folder or bucket; where it cannot be had, the live one goes on if there is one."""
    store = IndexStore(settings.index_root)
    was_built = False
    try:
        was_built = fetch_artefact(source, store) is not None
    except (IndexError_, OSError) as exc:
        log.warning("no index could be fetched, the live one goes on: %s", exc)
    manifest = store.checked_manifest()
    n_passages = manifest.n_passages + manifest.n_plan_passages
    return IndexOutcome(was_built, manifest.n_procedures, manifest.n_plans, n_passages, (), 0)


def _without_database(settings: Settings, encoder: Encoder, on_progress: Progress | None, force: bool) -> IndexOutcome:
    """The live index as it is; where none is usable, one of the bundled records and MOTCUA_CORPUS."""
    store = open_store(settings)
    if not force:
        try:
            manifest = store.load_current(encoder).manifest
            n_passages = manifest.n_passages + manifest.n_plan_passages
            return IndexOutcome(False, manifest.n_procedures, manifest.n_plans, n_passages, (), 0)
        except IndexError_ as exc:
            log.warning("no usable index, one is built from the files: %s", exc)
    library, warnings = read_library(settings)
    folder = store.new_folder()
    try:
        manifest = store.build(library, encoder, folder, settings.cache / "vectors", on_progress)
    except BaseException:
        store.discard(folder)
        raise
    store.publish(folder)
    n_passages = manifest.n_passages + manifest.n_plan_passages
    return IndexOutcome(True, len(library.procedures), len(library.plans), n_passages, warnings, len(library.conflicts))


def _take_over_list(settings: Settings, ingest: Ingest) -> None:
    """Paths that an earlier version kept in sources.json move into the database, once."""
    if not settings.imports.exists():
        return
    try:
        paths: Sequence[str] = [str(Path(p)) for p in json.loads(settings.imports.read_text(encoding="utf-8"))]
    except (ValueError, TypeError) as exc:
        name = settings.imports.name
        raise CommandFailed(f"{name}: expected a JSON list of paths, came {type(exc).__name__}; remove it and ingest again") from exc
    ingest.files.add_roots(paths)
    settings.imports.replace(settings.imports.with_suffix(".json.taken"))
