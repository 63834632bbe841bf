"""Vectors in a real PostgreSQL with the real pgvector: the contract of every dense index, builds and their faults."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import create_engine, inspect, text

from knowledge.index.build import build_index
from knowledge.index.errors import IndexDamagedError, IndexMismatchError, VectorsAwayError
from knowledge.index.kinds import Flat, Hnsw, IndexConfig, Ivf, Postgres
from knowledge.index.manifest import Manifest
from knowledge.index.pgvectors import PgVectors
from knowledge.index.role import DenseSearch, Rows
from knowledge.index.store import IndexStore, load_index
from tests.dense_contract import DIMENSION, DenseContract, Make, clustered_rows
from tests.fakes import HashEncoder, library_of

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("small_restorer")]
GRAPH = Hnsw(storage="float16", links=16, ef_construction=64, ef_search=120)
_numbers = itertools.count()


@pytest.fixture(scope="module")
def vectors(pgvector_url: str) -> Iterator[PgVectors]:
    database = PgVectors(pgvector_url)
    yield database
    database.close()


def tables_of(url: str) -> set[str]:
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    try:
        with engine.connect() as connection:
            return {name for name in inspect(connection).get_table_names() if name.startswith("motcua_vectors_")}
    finally:
        engine.dispose()


@pytest.fixture(scope="module", params=[Flat(), GRAPH], ids=["exact", "graph"])
def make(request: pytest.FixtureRequest, vectors: PgVectors) -> Make:
    def written_and_opened(rows: Rows) -> DenseSearch:
        kind = vectors.build(f"build {next(_numbers)}", "plans", rows, request.param)
        return vectors.open(kind, len(rows), DIMENSION)

    return written_and_opened


@pytest.fixture(scope="module")
def index(make: Make) -> DenseSearch:
    return make(clustered_rows())


class TestPostgres(DenseContract):
    """All of the contract, exact and by graph."""


def test_a_graph_is_used_where_there_is_one(vectors: PgVectors, pgvector_url: str) -> None:
    kind = vectors.build("with graph", "plans", clustered_rows(), GRAPH)
    engine = create_engine(pgvector_url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        connection.execute(text("SET enable_seqscan = off"))
        nought = "[" + ",".join(["0.1"] * DIMENSION) + "]"
        plan = connection.execute(text(f"EXPLAIN SELECT row FROM {kind.table} ORDER BY embedding <#> '{nought}' LIMIT 5")).scalars().all()
    engine.dispose()
    assert any("Index Scan using" in line for line in plan)


@pytest.mark.parametrize(("n", "dimension"), [(29, DIMENSION), (30, DIMENSION * 2)])
def test_a_table_of_another_size_is_refused(vectors: PgVectors, n: int, dimension: int) -> None:
    kind = vectors.build("sizes", "titles", clustered_rows(30), Flat())
    with pytest.raises(IndexDamagedError, match=f"{n} × {dimension}"):
        vectors.open(kind, n, dimension)


def test_a_table_that_is_gone_is_refused(vectors: PgVectors) -> None:
    kind = vectors.build("gone", "titles", clustered_rows(30), Flat())
    vectors.drop_build("gone")
    vectors.drop_build("gone")
    with pytest.raises(IndexDamagedError, match="found none"):
        vectors.open(kind, 30, DIMENSION)


def test_lists_of_the_file_kinds_become_a_graph_within_the_servers_limits(vectors: PgVectors) -> None:
    lists = Ivf(storage="int8", lists_per_root=2, n_probe_share=0.1, refine=8)
    assert vectors.build("lists", "plans", clustered_rows(50), lists).links > 0
    wide = Hnsw(storage="float16", links=128, ef_construction=5000, ef_search=5000)
    kind = vectors.build("wide", "plans", clustered_rows(50), wide)
    assert (kind.links, kind.ef_construction, kind.ef_search) == (100, 1000, 1000)


class Breaking:
    """Rows whose second half cannot be read."""

    shape = (9000, DIMENSION)

    def __len__(self) -> int:
        return 9000

    def __getitem__(self, rows: slice) -> np.ndarray:
        if rows.start:
            raise MemoryError
        return clustered_rows(4096)


def test_a_part_that_breaks_off_leaves_no_table(vectors: PgVectors, pgvector_url: str) -> None:
    before = tables_of(pgvector_url)
    with pytest.raises(MemoryError):
        vectors.build("broken", "plans", Breaking(), Flat())
    assert tables_of(pgvector_url) == before


# A whole index.


def steps() -> IndexConfig:
    graph = {**GRAPH.model_dump(), "up_to": None}
    return IndexConfig.model_validate({"dense": [{"kind": "flat", "up_to": 4}, graph]})


def test_an_index_with_its_vectors_in_the_database_finds_what_files_find(vectors: PgVectors, tmp_path: Path) -> None:
    encoder = HashEncoder()
    build_index(library_of(), encoder, tmp_path / "files", tmp_path / "cache")
    manifest = build_index(library_of(), encoder, tmp_path / "tables", tmp_path / "cache", config=steps(), database=vectors)
    assert not list((tmp_path / "tables").glob("*.faiss"))
    assert {kind["kind"] for kind in manifest.dense.values()} == {"postgresql"}
    in_files, in_tables = load_index(tmp_path / "files", encoder), load_index(tmp_path / "tables", encoder, vectors)
    query = encoder.encode_queries(["khai sinh cho bé", "kế hoạch của Sở"])
    for name in ("dense_titles", "dense_digests", "dense_plans", "dense_signs"):
        expected, found = (getattr(index, name).search(query, 3) for index in (in_files, in_tables))
        assert np.allclose(expected[0], found[0], atol=2e-3)


def test_an_index_in_tables_is_refused_where_no_database_is_set(vectors: PgVectors, tmp_path: Path) -> None:
    build_index(library_of(), HashEncoder(), tmp_path / "tables", tmp_path / "cache", database=vectors)
    with pytest.raises(IndexMismatchError, match="postgresql") as caught:
        load_index(tmp_path / "tables", HashEncoder())
    assert caught.value.key == "vectors"


def test_tables_of_dropped_builds_go_with_them(vectors: PgVectors, pgvector_url: str, tmp_path: Path) -> None:
    store = IndexStore(tmp_path / "index", vectors)
    before, builds = tables_of(pgvector_url), []
    for n in range(3):
        folder = store.root / f"2031060{n + 1}T000000-{n}"
        build_index(library_of(), HashEncoder(), folder, tmp_path / "cache", database=vectors)
        store.publish(folder)
        builds.append(folder)
    kept = {kind["table"] for folder in builds[1:] for kind in Manifest.load(folder).dense.values()}
    assert tables_of(pgvector_url) - before == kept
    assert store.load_current(HashEncoder()).dense_titles.n_vectors > 0


def test_a_live_index_whose_table_is_gone_is_seen_before_it_is_relied_on(vectors: PgVectors, tmp_path: Path) -> None:
    store = IndexStore(tmp_path / "index", vectors)
    folder = store.new_folder()
    manifest = build_index(library_of(), HashEncoder(), folder, tmp_path / "cache", database=vectors)
    store.publish(folder)
    assert store.checked_manifest() == manifest
    vectors.drop_build(folder.name)
    with pytest.raises(IndexDamagedError):
        store.checked_manifest()


def test_an_index_in_files_is_built_anew_where_the_database_is_set(vectors: PgVectors, tmp_path: Path) -> None:
    files = IndexStore(tmp_path / "index")
    folder = files.new_folder()
    files.build(library_of(), HashEncoder(), folder, tmp_path / "cache")
    files.publish(folder)
    with pytest.raises(IndexMismatchError, match="vectors"):
        IndexStore(tmp_path / "index", vectors).checked_manifest()


def test_a_server_that_is_away_is_named_without_its_password() -> None:
    away = PgVectors("postgresql://somebody:geheim@127.0.0.1:1/none")
    kind = Postgres(table="motcua_vectors_x", links=0, ef_construction=0, ef_search=0)
    for ask in (away.check, lambda: away.open(kind, 1, 8), lambda: away.build("b", "titles", clustered_rows(3), Flat())):
        with pytest.raises(VectorsAwayError, match="MOTCUA_DATABASE_URL") as caught:
            ask()
        assert "geheim" not in str(caught.value)


def test_an_address_of_another_database_is_refused() -> None:
    with pytest.raises(VectorsAwayError, match="sqlite"):
        PgVectors("sqlite:///motcua.db")


def test_a_server_without_the_extension_is_named(fresh_postgres_url: str) -> None:
    database = PgVectors(fresh_postgres_url)
    try:
        with pytest.raises(VectorsAwayError, match="install pgvector"):
            database.check()
    finally:
        database.close()


def test_a_manifest_keeps_a_table_as_any_other_kind(tmp_path: Path) -> None:
    kind = Postgres(table="motcua_vectors_ab_plans", links=16, ef_construction=64, ef_search=100)
    manifest = build_index(library_of(), HashEncoder(), tmp_path / "new", tmp_path / "cache")
    dataclasses.replace(manifest, dense={"plans": kind.model_dump()}).save(tmp_path / "new")
    assert Manifest.load(tmp_path / "new").dense_kind("plans") == kind
