"""Where indexes live and how one takes another's place without a gap.

``root/<build>/`` holds one whole index; ``root/current`` holds the name of the live one and is replaced in
one step, so a reader sees the old index or the new one, never half of either.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from knowledge.index.bm25 import Bm25Index
from knowledge.index.build import Sign, StageProgress, Title, build_index, digest_of_file
from knowledge.index.dense import DenseIndex
from knowledge.index.errors import IndexDamagedError, IndexMismatchError, IndexMissingError
from knowledge.index.kinds import AnyKind, Postgres
from knowledge.index.lines import read_lines
from knowledge.index.manifest import INDEX_FORMAT, Manifest
from knowledge.index.records import read_records
from knowledge.index.role import DenseSearch
from knowledge.index.vectors import PassageEncoder
from knowledge.library import Library
from knowledge.model import Family, OutsideMatter, Passage, Plan, Procedure
from nlu.diacritics import RESTORER_VERSION, Restorer
from nlu.errors import ModelError
from nlu.normalizer import NORMALIZER_VERSION
from nlu.tokenizer import TOKENIZER_VERSION

if TYPE_CHECKING:
    from knowledge.index.pgvectors import PgVectors

_KEPT_BUILDS = 2


@dataclass(frozen=True)
class SearchIndex:
    """One loaded index. ``passages`` are the procedures' first, then the plans'; they are read when asked for."""

    name: str
    manifest: Manifest
    procedures: tuple[Procedure, ...]
    plans: tuple[Plan, ...]
    passages: Sequence[Passage]
    titles: tuple[Title, ...]
    families: tuple[Family, ...]
    outside: tuple[OutsideMatter, ...]
    signs: tuple[Sign, ...]
    dense_titles: DenseSearch
    dense_digests: DenseSearch
    dense_plans: DenseSearch
    dense_signs: DenseSearch
    bm25_titles: Bm25Index
    bm25_bodies: Bm25Index
    bm25_marked: Bm25Index
    bm25_passages: Bm25Index
    bm25_plans: Bm25Index
    restorer: Restorer


class IndexStore:
    """The folder of indexes."""

    def __init__(self, root: Path, database: PgVectors | None = None) -> None:
        """``database`` keeps the vectors of builds whose manifest says so."""
        self.root = root
        self.database = database

    def new_folder(self) -> Path:
        """A path for a build that is not live yet; it does not exist."""
        self.root.mkdir(parents=True, exist_ok=True)
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
        return self.root / f"{stamp}-{uuid.uuid4().hex[:6]}"

    def build(
        self,
        library: Library,
        encoder: PassageEncoder,
        folder: Path,
        cache_folder: Path,
        on_progress: StageProgress | None = None,
    ) -> Manifest:
        """Build an index into ``folder``, its vectors where this store keeps them; see knowledge.index.build.

        Raises:
            VectorsAwayError: before anything is built, where the database does not answer.
        """
        if self.database:
            self.database.check()
        return build_index(library, encoder, folder, cache_folder, on_progress, database=self.database)

    def discard(self, folder: Path) -> None:
        """Remove a build, whole or broken off, with its tables."""
        shutil.rmtree(folder, ignore_errors=True)
        if self.database:
            self.database.drop_build(folder.name)

    def publish(self, folder: Path) -> None:
        """Make ``folder`` the live index and drop all but the last few builds."""
        handle, temporary = tempfile.mkstemp(dir=self.root, prefix=".current-")
        with os.fdopen(handle, "w") as file:
            file.write(folder.name)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, self.root / "current")
        self._drop_old(folder.name)

    def current_name(self) -> str:
        """Name of the live build.

        Raises:
            IndexMissingError: none was published.
        """
        try:
            return (self.root / "current").read_text().strip()
        except FileNotFoundError as exc:
            raise IndexMissingError(self.root.name) from exc

    def current_manifest(self) -> Manifest:
        return Manifest.load(self.root / self.current_name())

    def checked_manifest(self) -> Manifest:
        """The live index's manifest, after every file was compared with it: what a caller may rely on."""
        folder = self.root / self.current_name()
        manifest = Manifest.load(folder)
        _check_files(folder, manifest)
        for part in _rows_of_parts(manifest):
            kind = manifest.dense_kind(part)
            if isinstance(kind, Postgres):
                _open_dense(folder, manifest, part, kind, self.database)
            elif self.database:
                raise IndexMismatchError("vectors", "postgresql", "files")
        return manifest

    def load_current(self, encoder: PassageEncoder) -> SearchIndex:
        """Load the live index, checked against the running code and its own manifest.

        Raises:
            IndexMissingError, IndexDamagedError, IndexMismatchError: see knowledge.index.errors.
        """
        return load_index(self.root / self.current_name(), encoder, self.database)

    def _drop_old(self, live: str) -> None:
        builds = sorted(p for p in self.root.iterdir() if p.is_dir())
        for build in builds[:-_KEPT_BUILDS]:
            if build.name != live:
                self.discard(build)


def load_index(folder: Path, encoder: PassageEncoder, database: PgVectors | None = None) -> SearchIndex:
    """Load the index in ``folder``; see :meth:`IndexStore.load_current`."""
    manifest = Manifest.load(folder)
    manifest.refuse_mismatch(
        index_format=INDEX_FORMAT,
        normalizer_version=str(NORMALIZER_VERSION),
        tokenizer_version=str(TOKENIZER_VERSION),
        restorer_version=str(RESTORER_VERSION),
        encoder=f"{encoder.name} {encoder.digest}",
        dimension=encoder.dimension,
    )
    _check_files(folder, manifest)
    sizes = _bm25_sizes(folder)
    n_all = manifest.n_passages + manifest.n_plan_passages
    dense = {
        part: _open_dense(folder, manifest, part, manifest.dense_kind(part), database) for part in _rows_of_parts(manifest)
    }
    bm25 = {name: Bm25Index.load(folder / name, n) for name, n in sizes.items()}
    return SearchIndex(
        name=folder.name,
        manifest=manifest,
        procedures=read_records(folder / "procedures.json", Procedure, manifest.n_procedures),
        plans=read_records(folder / "plans.json", Plan, manifest.n_plans),
        passages=read_lines(folder / "passages.jsonl", Passage, n_all),
        titles=read_records(folder / "titles.json", Title, manifest.n_titles),
        families=read_records(folder / "families.json", Family, manifest.n_families),
        outside=read_records(folder / "outside.json", OutsideMatter, manifest.n_outside),
        signs=read_records(folder / "signs.json", Sign, manifest.n_signs),
        dense_titles=dense["titles"],
        dense_digests=dense["digests"],
        dense_plans=dense["plans"],
        dense_signs=dense["signs"],
        restorer=_restorer(folder),
        **bm25,
    )


def _rows_of_parts(manifest: Manifest) -> dict[str, int]:
    return {
        "titles": manifest.n_titles,
        "digests": manifest.n_procedures,
        "plans": manifest.n_plan_passages,
        "signs": manifest.n_signs,
    }


def _open_dense(folder: Path, manifest: Manifest, part: str, kind: AnyKind, database: PgVectors | None) -> DenseSearch:
    n_vectors = _rows_of_parts(manifest)[part]
    if not isinstance(kind, Postgres):
        return DenseIndex.load(folder / f"dense_{part}.faiss", n_vectors, manifest.dimension, kind)
    if database is None:
        raise IndexMismatchError("vectors", "files", "postgresql")
    return database.open(kind, n_vectors, manifest.dimension)


def _bm25_sizes(folder: Path) -> dict[str, int]:
    expected = {field.name for field in fields(SearchIndex) if field.name.startswith("bm25_")}
    sizes = json.loads((folder / "bm25.json").read_text())
    if set(sizes) != expected:
        raise IndexDamagedError("bm25.json", ", ".join(sorted(expected)), ", ".join(sorted(sizes)))
    return sizes


def _restorer(folder: Path) -> Restorer:
    try:
        return Restorer.load(str(folder / "restorer.npz"))
    except ModelError as exc:
        raise IndexDamagedError("restorer.npz", f"a model of version {RESTORER_VERSION}", str(exc)) from exc


def _check_files(folder: Path, manifest: Manifest) -> None:
    for name, expected in manifest.files.items():
        path = folder / name
        if not path.is_file():
            raise IndexDamagedError(name, "a file", "none")
        found = digest_of_file(path)
        if found != expected:
            raise IndexDamagedError(name, f"digest {expected[:12]}", found[:12])
