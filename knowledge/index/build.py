"""Build an index from a library: read top to bottom, each step fills a part of one new folder."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from knowledge.chunking import (
    aspect_text,
    digest_of_procedure,
    passages_of_plan,
    passages_of_procedure,
    plan_passage_context,
)
from knowledge.index.bm25 import Bm25Index
from knowledge.index.dense import DenseIndex
from knowledge.index.kinds import AnyKind, Flat, Hnsw, IndexConfig, Ivf, default_config
from knowledge.index.lines import write_lines
from knowledge.index.manifest import INDEX_FORMAT, Manifest
from knowledge.index.records import write_records
from knowledge.index.role import Rows
from knowledge.index.terms import bare_terms, marked_terms
from knowledge.index.vectors import PassageEncoder, VectorCache
from knowledge.library import Library
from knowledge.model import Family, OutsideMatter, Passage, Plan, Procedure
from nlu.diacritics import RESTORER_VERSION, general_vietnamese, train_restorer
from nlu.normalizer import NORMALIZER_VERSION, expand_abbreviations
from nlu.senses import with_deaths_named
from nlu.tokenizer import TOKENIZER_VERSION

if TYPE_CHECKING:
    from knowledge.index.pgvectors import PgVectors

StageProgress = Callable[[str, int, int], None]
_BODY_ASPECTS = ("documents", "result", "form", "who", "conditions", "steps", "fee", "place", "legal_basis")
_TITLE_BM25 = {"k1": 1.2, "b": 0.5}  # titles are short: less length normalisation than bodies
_BODY_BM25 = {"k1": 1.2, "b": 0.75}


@dataclass(frozen=True)
class Title:
    """One name under which a procedure is found: ``row`` is its procedure's position."""

    row: int
    text: str
    is_name: bool


@dataclass(frozen=True)
class Sign:
    """One name of a family (rows first) or of a matter outside the knowledge (rows after them)."""

    row: int
    text: str


def build_index(
    library: Library,
    encoder: PassageEncoder,
    folder: Path,
    cache_folder: Path,
    on_progress: StageProgress | None = None,
    config: IndexConfig | None = None,
    database: PgVectors | None = None,
) -> Manifest:
    """Write a whole index into ``folder`` (new and empty); the manifest comes last.

    Args:
        on_progress: called with (stage, done, total).
        config: which kind of dense index a part gets; ``index.yml`` unless given.
        database: where vectors go; into files of the folder unless given.
    """
    config = config or default_config()
    report = on_progress or (lambda stage, done, total: None)
    folder.mkdir(parents=True, exist_ok=False)
    procedures, plans = tuple(library.procedures.values()), tuple(library.plans.values())
    titles = titles_of(procedures)
    signs = signs_of(library.families, library.outside)
    passages = [p for procedure in procedures for p in passages_of_procedure(procedure)]
    plan_passages = [(plan, p) for plan in plans for p in passages_of_plan(plan)]
    plan_texts = [plan_text(plan, p) for plan, p in plan_passages]

    report("records", 0, 1)
    write_records(folder / "procedures.json", Procedure, procedures)
    write_records(folder / "plans.json", Plan, plans)
    write_lines(folder / "passages.jsonl", Passage, chain(passages, (p for _, p in plan_passages)))
    write_records(folder / "titles.json", Title, titles)
    write_records(folder / "families.json", Family, library.families)
    write_records(folder / "outside.json", OutsideMatter, library.outside)
    write_records(folder / "signs.json", Sign, signs)

    report("words", 0, 1)
    _build_bm25(folder, procedures, titles, passages, plan_texts)

    report("diacritics", 0, 1)
    train_restorer(_restorer_texts(procedures, plans, titles, signs)).save(str(folder / "restorer.npz"))

    cache = VectorCache(cache_folder, encoder)
    texts = {
        "titles": [t.text for t in titles],
        "digests": [expand_abbreviations(digest_of_procedure(p)) for p in procedures],
        "plans": plan_texts,
        "signs": [s.text for s in signs],
    }
    kinds = {}
    for name, lines in texts.items():
        vectors = cache.rows(lines, lambda done, total, name=name: report(f"vectors {name}", done, total))
        kinds[name] = _write_vectors(folder, name, vectors, config.kind_for(len(lines)), database)
    cache.tidy(used=(line for lines in texts.values() for line in lines))

    manifest = Manifest(
        index_format=INDEX_FORMAT,
        normalizer_version=str(NORMALIZER_VERSION),
        tokenizer_version=str(TOKENIZER_VERSION),
        restorer_version=str(RESTORER_VERSION),
        encoder=f"{encoder.name} {encoder.digest}",
        dimension=encoder.dimension,
        source_digest=source_digest(library),
        n_procedures=len(procedures),
        n_plans=len(plans),
        n_titles=len(titles),
        n_families=len(library.families),
        n_outside=len(library.outside),
        n_signs=len(signs),
        n_passages=len(passages),
        n_plan_passages=len(plan_passages),
        built_at=datetime.now(UTC).isoformat(timespec="seconds"),
        files=digests_of_files(folder),
        dense={name: kind.model_dump() for name, kind in kinds.items()},
    )
    manifest.save(folder)
    report("done", 1, 1)
    return manifest


def _write_vectors(
    folder: Path, part: str, vectors: Rows, kind: Flat | Hnsw | Ivf, database: PgVectors | None
) -> AnyKind:
    if database:
        return database.build(folder.name, part, vectors, kind)
    DenseIndex.build(vectors, kind).save(folder / f"dense_{part}.faiss")
    return kind


def titles_of(procedures: Sequence[Procedure]) -> list[Title]:
    """Every name and alias, procedure by procedure in order, abbreviations written out as in questions."""
    titles = []
    for row, procedure in enumerate(procedures):
        titles.append(Title(row, expand_abbreviations(procedure.name[:300]), True))
        titles += [Title(row, with_deaths_named(expand_abbreviations(alias)), False) for alias in procedure.aliases]
    return titles


def signs_of(families: Sequence[Family], outside: Sequence[OutsideMatter]) -> list[Sign]:
    """Every name of the families, then of the matters outside, abbreviations written out as in questions."""
    names = [f.names for f in families] + [(m.name, *m.names) for m in outside]
    return [Sign(row, with_deaths_named(expand_abbreviations(text[:300]))) for row, texts in enumerate(names) for text in texts]


def plan_text(plan: Plan, passage: Passage) -> str:
    """A plan passage as it is indexed: under which document and heading it stands, then its words, abbreviations
    written out as in questions."""
    return expand_abbreviations(f"{plan_passage_context(plan, (passage.section,))}. {passage.text}"[:1500])


def source_digest(library: Library) -> str:
    """sha256 over all records; two libraries with the same records have the same digest."""
    digest = hashlib.sha256()
    digest.update(TypeAdapter(tuple[Procedure, ...]).dump_json(tuple(library.procedures.values())))
    digest.update(TypeAdapter(tuple[Plan, ...]).dump_json(tuple(library.plans.values())))
    digest.update(TypeAdapter(tuple[Family, ...]).dump_json(library.families))
    digest.update(TypeAdapter(tuple[OutsideMatter, ...]).dump_json(library.outside))
    return digest.hexdigest()


def digests_of_files(folder: Path) -> dict[str, str]:
    """sha256 of every file below ``folder`` but the manifest, by relative path."""
    files = sorted(p for p in folder.rglob("*") if p.is_file() and p.name != "manifest.json")
    return {p.relative_to(folder).as_posix(): digest_of_file(p) for p in files}


def digest_of_file(path: Path) -> str:
    """sha256, hexadecimal; read in blocks, for an index file may be larger than memory."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _build_bm25(
    folder: Path,
    procedures: Sequence[Procedure],
    titles: Sequence[Title],
    passages: Sequence[Passage],
    plan_texts: Sequence[str],
) -> None:
    bodies = [expand_abbreviations(_body(p)) for p in procedures]
    passage_texts = [f"{p.title} {p.section} {p.text}" for p in passages]
    parts = {
        "bm25_titles": (bare_terms, [t.text for t in titles], _TITLE_BM25),
        "bm25_bodies": (bare_terms, bodies, _BODY_BM25),
        "bm25_marked": (marked_terms, bodies, _BODY_BM25),
        "bm25_passages": (bare_terms, passage_texts, _BODY_BM25),
        "bm25_plans": (bare_terms, plan_texts, _BODY_BM25),
    }
    sizes = {}
    for name, (terms_of, lines, parameters) in parts.items():
        Bm25Index.build(map(terms_of, lines), **parameters).save(folder / name)
        sizes[name] = len(lines)
    (folder / "bm25.json").write_text(json.dumps(sizes))


def _body(procedure: Procedure) -> str:
    aspects = (aspect_text(procedure, aspect) for aspect in _BODY_ASPECTS)
    return "\n".join([procedure.name, procedure.field, *aspects])


def _restorer_texts(
    procedures: Sequence[Procedure], plans: Sequence[Plan], titles: Sequence[Title], signs: Sequence[Sign]
) -> Iterable[tuple[str, float]]:
    yield from general_vietnamese()
    for title in titles:
        yield title.text, 3.0 if title.is_name else 5.0  # aliases speak as citizens do
    for sign in signs:
        yield sign.text, 3.0
    for procedure in procedures:
        yield _body(procedure), 1.0
    for plan in plans:
        for section in plan.sections:
            for paragraph in section.paragraphs:
                yield paragraph, 1.0
