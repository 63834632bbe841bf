"""Every kind of FAISS file keeps the contract; damaged ones are refused; the rule that chooses a kind by size."""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import faiss
import numpy as np
import pytest
import yaml

from knowledge.index import dense
from knowledge.index.build import build_index
from knowledge.index.dense import DenseIndex
from knowledge.index.errors import IndexDamagedError
from knowledge.index.kinds import (
    DEFAULT_FILE,
    Flat,
    Hnsw,
    IndexConfig,
    IndexConfigError,
    Ivf,
    kind_from,
    load_index_config,
)
from knowledge.index.manifest import Manifest
from knowledge.index.role import DenseSearch, Rows
from knowledge.index.store import load_index
from tests.dense_contract import DIMENSION, DenseContract, Make, N, clustered_rows
from tests.fakes import HashEncoder, library_of

KINDS = {
    "flat": Flat(),
    "hnsw float32": Hnsw(storage="float32", links=16, ef_construction=60, ef_search=120),
    "hnsw float16": Hnsw(storage="float16", links=16, ef_construction=60, ef_search=120),
    "hnsw int8": Hnsw(storage="int8", links=16, ef_construction=60, ef_search=120),
    "ivf float32": Ivf(storage="float32", lists_per_root=1, n_probe_share=0.5, refine=0),
    "ivf int8 refined": Ivf(storage="int8", lists_per_root=1, n_probe_share=0.5, refine=4),
}
each_kind = pytest.mark.parametrize("name", KINDS)


@pytest.fixture(scope="module", params=KINDS)
def make(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Make:
    kind = KINDS[request.param]

    def saved_and_loaded(rows: Rows) -> DenseIndex:
        path = tmp_path_factory.mktemp("dense") / "dense.faiss"
        DenseIndex.build(rows, kind).save(path)
        return DenseIndex.load(path, len(rows), DIMENSION, kind)

    return saved_and_loaded


@pytest.fixture(scope="module")
def index(make: Make) -> DenseSearch:
    return make(clustered_rows())


class TestFaissFiles(DenseContract):
    """All of the contract, once for each kind."""


@pytest.fixture(scope="module")
def built() -> dict[str, DenseIndex]:
    return {name: DenseIndex.build(clustered_rows(), kind) for name, kind in KINDS.items()}


@each_kind
def test_saved_is_loaded_and_finds_the_same(built: dict[str, DenseIndex], name: str, tmp_path: Path) -> None:
    built[name].save(tmp_path / "dense.faiss")
    loaded = DenseIndex.load(tmp_path / "dense.faiss", N, DIMENSION, KINDS[name])
    assert loaded.kind == KINDS[name]
    for before, after in zip(built[name].search(clustered_rows()[:20], 10), loaded.search(clustered_rows()[:20], 10), strict=True):
        assert np.array_equal(before, after)


def test_flat_is_exact() -> None:
    rows = clustered_rows()
    exact = np.argsort(-rows[:40] @ rows.T, axis=1)[:, :10]
    assert np.array_equal(DenseIndex.build(rows).search(rows[:40], 10)[1], exact)


@each_kind
def test_rows_read_in_blocks_are_indexed_in_their_order(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = clustered_rows()
    monkeypatch.setattr(dense, "_BLOCK", 100)
    found = DenseIndex.build(rows, KINDS[name]).search(rows[[0, 99, 100, N - 1]], 1)[1]
    assert found[:, 0].tolist() == [0, 99, 100, N - 1]


@each_kind
@pytest.mark.parametrize("content", [None, b"", b"not faiss at all", 0.01, 0.5, 0.99])
def test_a_damaged_or_missing_file_is_refused(
    built: dict[str, DenseIndex], name: str, tmp_path: Path, content: bytes | float | None
) -> None:
    path = tmp_path / "dense.faiss"
    built[name].save(path)
    whole = path.read_bytes()
    path.unlink()
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else whole[: int(len(whole) * content)])
    with pytest.raises(IndexDamagedError, match="motcua index"):
        DenseIndex.load(path, N, DIMENSION, KINDS[name])


@each_kind
def test_a_file_of_another_size_is_refused(built: dict[str, DenseIndex], name: str, tmp_path: Path) -> None:
    built[name].save(tmp_path / "dense.faiss")
    for n, dimension in ((N - 1, DIMENSION), (N, 2 * DIMENSION)):
        with pytest.raises(IndexDamagedError, match=f"{n} × {dimension}"):
            DenseIndex.load(tmp_path / "dense.faiss", n, dimension, KINDS[name])


@pytest.mark.parametrize(("name", "other"), [("flat", "hnsw float16"), ("hnsw int8", "flat"), ("ivf int8 refined", "ivf float32")])
def test_a_file_of_another_kind_than_the_manifest_says_is_refused(
    built: dict[str, DenseIndex], name: str, other: str, tmp_path: Path
) -> None:
    built[name].save(tmp_path / "dense.faiss")
    with pytest.raises(IndexDamagedError, match="as the manifest says"):
        DenseIndex.load(tmp_path / "dense.faiss", N, DIMENSION, KINDS[other])


# The rule.


def steps(*parts: dict[str, object]) -> IndexConfig:
    return IndexConfig.model_validate({"dense": parts})


SMALL = {"kind": "flat", "up_to": 4}
GRAPH = {"kind": "hnsw", "storage": "float16", "links": 8, "ef_construction": 20, "ef_search": 20, "up_to": 8}
LISTS = {"kind": "ivf", "storage": "int8", "lists_per_root": 1, "n_probe_share": 1, "refine": 2, "up_to": None}


@pytest.mark.parametrize(("n", "kind"), [(0, "flat"), (4, "flat"), (5, "hnsw"), (8, "hnsw"), (9, "ivf"), (10**9, "ivf")])
def test_the_first_step_that_is_large_enough_is_taken(n: int, kind: str) -> None:
    assert steps(SMALL, GRAPH, LISTS).kind_for(n).kind == kind


def test_the_shipped_steps_are_flat_then_graphs_then_lists() -> None:
    config = load_index_config()
    assert [step.kind.kind for step in config.dense] == ["flat", "hnsw", "hnsw", "ivf"]
    assert config.kind_for(15_000) == Flat()
    assert config.kind_for(100_000).ef_search < config.kind_for(1_000_000).ef_search


@pytest.mark.parametrize(
    "change",
    [
        {"dense": []},
        {"dense": [SMALL]},
        {"dense": [GRAPH, SMALL, LISTS]},
        {"dense": [SMALL, {**GRAPH, "links": 1}, LISTS]},
        {"dense": [SMALL, {**GRAPH, "storage": "int4"}, LISTS]},
        {"dense": [SMALL, {**GRAPH, "refine": 2}, LISTS]},
        {"dense": [{"kind": "flat"}, LISTS]},
        {"dense": [{"kind": "tree", "up_to": None}]},
        {"dense": [SMALL, LISTS], "sparse": []},
        {"dense": "flat"},
    ],
)
def test_steps_that_make_no_sense_stop_the_start_and_are_named(change: dict[str, object], tmp_path: Path) -> None:
    path = tmp_path / "index.yml"
    path.write_text(yaml.safe_dump(yaml.safe_load(DEFAULT_FILE.read_text()) | change))
    with pytest.raises(IndexConfigError, match=r"index\.yml: "):
        load_index_config(path)


def test_a_missing_or_unreadable_table_is_named(tmp_path: Path) -> None:
    (tmp_path / "broken.yml").write_text("dense: [")
    for name in ("none.yml", "broken.yml"):
        with pytest.raises(IndexConfigError, match=name):
            load_index_config(tmp_path / name)


@each_kind
def test_a_kind_written_is_the_kind_read(name: str) -> None:
    assert kind_from(KINDS[name].model_dump()) == KINDS[name]


# The manifest.


@pytest.mark.usefixtures("small_restorer")
def test_each_part_gets_its_kind_by_its_own_size_and_the_manifest_tells(tmp_path: Path) -> None:
    config = steps(SMALL, {**GRAPH, "up_to": 10}, LISTS)
    manifest = build_index(library_of(), HashEncoder(), tmp_path / "new", tmp_path / "cache", config=config)
    sizes = {"titles": manifest.n_titles, "digests": manifest.n_procedures, "plans": manifest.n_plan_passages, "signs": manifest.n_signs}
    assert Manifest.load(tmp_path / "new").dense == {part: config.kind_for(n).model_dump() for part, n in sizes.items()}
    assert len({kind["kind"] for kind in manifest.dense.values()}) > 1
    index = load_index(tmp_path / "new", HashEncoder())
    query = HashEncoder().encode_queries([index.titles[0].text])
    assert index.dense_titles.kind == config.kind_for(manifest.n_titles)
    assert index.dense_titles.search(query, 1)[1].tolist() == [[0]]


@pytest.mark.usefixtures("small_restorer")
def test_an_index_of_before_the_kinds_is_read_as_flat_and_nonsense_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    manifest = build_index(library_of(), HashEncoder(), folder, tmp_path / "cache")
    dataclasses.replace(manifest, dense={}).save(folder)
    assert load_index(folder, HashEncoder()).dense_titles.kind == Flat()
    dataclasses.replace(manifest, dense={"titles": {"kind": "hnsw"}}).save(folder)
    with pytest.raises(IndexDamagedError, match="a kind of index for titles"):
        load_index(folder, HashEncoder())


def test_a_search_takes_one_processor_in_whatever_thread_it_runs() -> None:
    index = DenseIndex.build(clustered_rows())

    def threads_of_openmp() -> int:
        faiss.omp_set_num_threads(2)
        index.search(clustered_rows()[:1], 3)
        return faiss.omp_get_max_threads()

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(threads_of_openmp).result() == 1
