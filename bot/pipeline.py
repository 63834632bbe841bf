"""Getting knowledge into an index: read sources, merge, build, publish; skipped when nothing changed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.errors import CommandFailed
from bot.settings import Settings
from knowledge.content.loader import load_bundled
from knowledge.content.phrasings import add_phrasings, load_phrasings
from knowledge.content.signposts import add_signposts, load_families, load_outside
from knowledge.index.build import build_index, source_digest
from knowledge.index.errors import IndexError_
from knowledge.index.manifest import INDEX_FORMAT
from knowledge.index.store import IndexStore
from knowledge.library import Library, build_library, read_any
from knowledge.sources.report import ReadReport, ReadWarning
from nlu.diacritics import RESTORER_VERSION
from nlu.encoder import Encoder
from nlu.normalizer import NORMALIZER_VERSION
from nlu.tokenizer import TOKENIZER_VERSION

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class IndexOutcome:
    """What an index run did. ``was_built`` is False when the live index already held the same records."""

    was_built: bool
    n_procedures: int
    n_plans: int
    n_passages: int
    warnings: tuple[ReadWarning, ...]
    n_conflicts: int


def read_library(settings: Settings, extra: Sequence[Path] = ()) -> tuple[Library, tuple[ReadWarning, ...]]:
    """Bundled content, MOTCUA_CORPUS, what was ingested before, and ``extra``, merged.

    Raises:
        KnowledgeError: a named path does not exist, or bundled content breaks its schema.
    """
    paths = list(dict.fromkeys([*settings.corpus, *ingested(settings), *extra]))
    reports: list[ReadReport] = [read_any(path) for path in paths]
    library = build_library(load_bundled(), *reports)
    library = add_phrasings(library, load_phrasings())
    library = add_signposts(library, load_families(), load_outside())
    return library, tuple(w for report in reports for w in report.warnings)


def refresh_index(
    settings: Settings, encoder: Encoder, on_progress: Progress | None = None, force: bool = False
) -> IndexOutcome:
    """Build and publish a new index unless the live one holds the same records under the same code."""
    library, warnings = read_library(settings)
    store = IndexStore(settings.index_root)
    if not force and _is_current(store, encoder, source_digest(library)):
        manifest, was_built = store.current_manifest(), False
    else:
        folder = store.new_folder()
        try:
            manifest = build_index(library, encoder, folder, settings.cache / "vectors", on_progress)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        store.publish(folder)
        was_built = True
    n_passages = manifest.n_passages + manifest.n_plan_passages
    return IndexOutcome(was_built, len(library.procedures), len(library.plans), n_passages, warnings, len(library.conflicts))


def ingested(settings: Settings) -> list[Path]:
    """Paths taken in by ``motcua ingest``, oldest first."""
    if not settings.imports.exists():
        return []
    try:
        return [Path(p) for p in json.loads(settings.imports.read_text(encoding="utf-8"))]
    except (ValueError, TypeError) as exc:
        name = settings.imports.name
        raise CommandFailed(f"{name}: expected a JSON list of paths, came {type(exc).__name__}; remove it and ingest again") from exc


def remember_ingested(settings: Settings, paths: Sequence[Path]) -> None:
    """Add paths to the list that every later index run reads."""
    known = dict.fromkeys([*map(str, ingested(settings)), *(str(p.absolute()) for p in paths)])
    settings.imports.parent.mkdir(parents=True, exist_ok=True)
    temporary = settings.imports.with_suffix(".new")
    temporary.write_text(json.dumps(list(known), ensure_ascii=False, indent=1), encoding="utf-8")
    temporary.replace(settings.imports)


def _is_current(store: IndexStore, encoder: Encoder, digest: str) -> bool:
    try:
        manifest = store.checked_manifest()  # a damaged index is not current: else `motcua index` would never mend it
        manifest.refuse_mismatch(
            index_format=INDEX_FORMAT,
            normalizer_version=str(NORMALIZER_VERSION),
            tokenizer_version=str(TOKENIZER_VERSION),
            restorer_version=str(RESTORER_VERSION),
            encoder=f"{encoder.name} {encoder.digest}",
            source_digest=digest,
        )
    except IndexError_:
        return False
    return True
