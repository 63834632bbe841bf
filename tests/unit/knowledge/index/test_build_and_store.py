"""A whole index: built, published, loaded, refused when damaged, dropped when old."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from knowledge.index.build import build_index, digests_of_files, source_digest, titles_of
from knowledge.index.errors import IndexDamagedError, IndexMismatchError, IndexMissingError
from knowledge.index.manifest import Manifest
from knowledge.index.store import IndexStore, SearchIndex, load_index
from tests.fakes import BIRTH, MARRIAGE, PLANS, PROCEDURES, HashEncoder, library_of, publish_town

pytestmark = pytest.mark.usefixtures("small_restorer")


@pytest.fixture
def copied(town_store: IndexStore, tmp_path: Path) -> Path:
    """The folder of a published index of one's own, to be damaged."""
    live = town_store.root / town_store.current_name()
    return Path(shutil.copytree(live, tmp_path / "index" / live.name))


def test_an_index_holds_what_it_was_built_from(town_index: SearchIndex) -> None:
    assert town_index.procedures == PROCEDURES
    assert town_index.plans == PLANS
    assert town_index.titles == tuple(titles_of(PROCEDURES))
    manifest = town_index.manifest
    assert [p.kind for p in town_index.passages] == ["procedure"] * manifest.n_passages + ["plan"] * manifest.n_plan_passages
    assert len({p.id for p in town_index.passages}) == len(town_index.passages)
    assert town_index.dense_titles.n_vectors == len(town_index.titles)
    assert town_index.dense_digests.n_vectors == len(PROCEDURES)
    assert town_index.bm25_titles.n_documents == len(town_index.titles)


def test_every_name_and_alias_is_a_title_of_its_procedure() -> None:
    titles = titles_of([BIRTH, MARRIAGE])
    assert [(t.row, t.text) for t in titles if t.is_name] == [(0, BIRTH.name), (1, MARRIAGE.name)]
    assert {t.text for t in titles if t.row == 0} == {BIRTH.name, *BIRTH.aliases}


def test_the_same_records_loaded_twice_search_alike(town_store: IndexStore, town_index: SearchIndex) -> None:
    again = town_store.load_current(HashEncoder())
    query = HashEncoder().encode_queries(["khai sinh cho bé"])
    for name in ("dense_titles", "dense_digests", "dense_plans"):
        for one, other in zip(getattr(again, name).search(query, 5), getattr(town_index, name).search(query, 5), strict=True):
            assert np.array_equal(one, other)
    for name in ("bm25_titles", "bm25_bodies", "bm25_passages", "bm25_plans"):
        one, other = (getattr(each, name).scores(["khai", "sinh"]) for each in (again, town_index))
        assert np.array_equal(one, other)
    assert again.restorer.restore("khai sinh cho be") == town_index.restorer.restore("khai sinh cho be")


def test_the_restorer_learnt_the_records_words(town_index: SearchIndex) -> None:
    assert town_index.restorer.restore("dang ky ket hon").text == "đăng ký kết hôn"


def test_the_manifest_holds_the_digest_of_every_file(copied: Path) -> None:
    manifest = Manifest.load(copied)
    assert manifest.files == digests_of_files(copied)
    assert {"procedures.json", "dense_titles.faiss", "restorer.npz", "bm25.json"} <= set(manifest.files)


def damageable() -> list[str]:
    return [
        "procedures.json", "plans.json", "passages.jsonl", "passages.starts.npy", "titles.json", "families.json", "outside.json",
        "signs.json", "bm25.json", "restorer.npz", "dense_signs.faiss",
        "dense_titles.faiss", "dense_digests.faiss", "dense_plans.faiss",
        "bm25_titles/params.index.json", "bm25_bodies/data.csc.index.npy", "bm25_plans/terms.npy",
    ]  # fmt: skip


@pytest.mark.parametrize("name", damageable())
def test_a_file_cut_off_altered_or_missing_is_refused_by_name(copied: Path, name: str) -> None:
    path = copied / name
    whole = path.read_bytes()
    for damaged in (whole[: len(whole) // 2], whole[:-1] + bytes([whole[-1] ^ 1]), b""):
        path.write_bytes(damaged)
        with pytest.raises(IndexDamagedError, match="motcua index") as caught:
            load_index(copied, HashEncoder())
        assert caught.value.part == name
    path.unlink()
    with pytest.raises(IndexDamagedError) as caught:
        load_index(copied, HashEncoder())
    assert caught.value.part == name
    path.write_bytes(whole)
    assert load_index(copied, HashEncoder()).procedures == PROCEDURES


def test_every_kind_of_file_is_among_those_damaged(copied: Path) -> None:
    kinds = {Path(name).parts[0] for name in Manifest.load(copied).files}
    assert kinds - {Path(name).parts[0] for name in damageable()} == {"bm25_marked", "bm25_passages"}


def test_an_index_without_manifest_is_refused_as_half_written(copied: Path) -> None:
    (copied / "manifest.json").unlink()
    with pytest.raises(IndexDamagedError, match="half-written"):
        load_index(copied, HashEncoder())


def test_a_build_that_broke_off_leaves_no_manifest(tmp_path: Path) -> None:
    class Breaking(HashEncoder):
        def encode_passages(self, texts: list[str]) -> np.ndarray:
            raise MemoryError

    with pytest.raises(MemoryError):
        build_index(library_of(), Breaking(), tmp_path / "new", tmp_path / "cache")
    with pytest.raises(IndexDamagedError, match="half-written"):
        load_index(tmp_path / "new", HashEncoder())


def rewrite_manifest(folder: Path, **changes: object) -> None:
    data = json.loads((folder / "manifest.json").read_text()) | changes
    (folder / "manifest.json").write_text(json.dumps(data))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("index_format", -1), ("normalizer_version", "old"), ("tokenizer_version", "old"),
        ("restorer_version", "old"), ("dimension", 384),
    ],
)  # fmt: skip
def test_an_index_of_other_code_is_refused_by_key(copied: Path, key: str, value: object) -> None:
    rewrite_manifest(copied, **{key: value})
    with pytest.raises(IndexMismatchError, match="motcua index") as caught:
        load_index(copied, HashEncoder())
    assert caught.value.key == key


def test_another_encoder_is_refused(copied: Path) -> None:
    with pytest.raises(IndexMismatchError) as caught:
        load_index(copied, HashEncoder(digest="another"))
    assert caught.value.key == "encoder"


@pytest.mark.parametrize("key", ["n_procedures", "n_plans", "n_titles", "n_passages", "n_plan_passages"])
def test_a_manifest_that_counts_otherwise_is_refused(copied: Path, key: str) -> None:
    rewrite_manifest(copied, **{key: 1000})
    with pytest.raises(IndexDamagedError, match="1000|10"):
        load_index(copied, HashEncoder())


def test_a_restorer_of_another_version_is_refused_although_its_digest_fits(copied: Path) -> None:
    with np.load(copied / "restorer.npz") as data:
        content = {**data, "version": np.array(-1)}
    np.savez(copied / "restorer.npz", **content)
    rewrite_manifest(copied, files=digests_of_files(copied))
    with pytest.raises(IndexDamagedError, match=r"restorer\.npz"):
        load_index(copied, HashEncoder())


def test_a_bm25_part_that_is_not_listed_is_refused_although_its_digest_fits(copied: Path) -> None:
    sizes = json.loads((copied / "bm25.json").read_text())
    del sizes["bm25_plans"]
    (copied / "bm25.json").write_text(json.dumps(sizes))
    rewrite_manifest(copied, files=digests_of_files(copied))
    with pytest.raises(IndexDamagedError, match=r"bm25\.json"):
        load_index(copied, HashEncoder())


def test_an_empty_library_can_be_built_and_loaded(tmp_path: Path) -> None:
    build_index(library_of((), ()), HashEncoder(), tmp_path / "new", tmp_path / "cache")
    loaded = load_index(tmp_path / "new", HashEncoder())
    assert loaded.procedures == ()
    assert list(loaded.passages) == []


def test_building_into_a_folder_that_exists_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileExistsError):
        build_index(library_of(), HashEncoder(), tmp_path, tmp_path / "cache")


def test_progress_names_each_stage_and_ends_when_done(tmp_path: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    build_index(library_of(), HashEncoder(), tmp_path / "new", tmp_path / "cache", lambda *step: seen.append(step))
    assert list(dict.fromkeys(stage for stage, _, _ in seen)) == [
        "records", "words", "diacritics", "vectors titles", "vectors digests", "vectors plans",
        "vectors signs", "done",
    ]  # fmt: skip
    assert all(done <= total for _, done, total in seen)


# The folder of indexes.


def test_an_empty_folder_has_no_index(tmp_path: Path) -> None:
    store = IndexStore(tmp_path / "index")
    for ask in (store.current_name, store.current_manifest, lambda: store.load_current(HashEncoder())):
        with pytest.raises(IndexMissingError, match="motcua index"):
            ask()


def test_a_new_folder_is_not_there_yet_and_never_the_same(tmp_path: Path) -> None:
    store = IndexStore(tmp_path / "index")
    one, other = store.new_folder(), store.new_folder()
    assert one != other
    assert not one.exists()


def test_what_is_published_is_live_and_nothing_temporary_stays(tmp_path: Path) -> None:
    store = publish_town(tmp_path, HashEncoder())
    assert store.load_current(HashEncoder()).name == store.current_name()
    assert {p.name for p in store.root.iterdir()} == {"current", store.current_name()}


def test_an_unpublished_build_is_not_live(tmp_path: Path) -> None:
    store = publish_town(tmp_path, HashEncoder())
    live = store.current_name()
    build_index(library_of([BIRTH], ()), HashEncoder(), store.new_folder(), tmp_path / "cache")
    assert store.load_current(HashEncoder()).name == live


def test_old_builds_are_dropped_and_the_last_before_the_live_one_is_kept(tmp_path: Path) -> None:
    store = IndexStore(tmp_path)
    names = [f"2031060{n}T000000-aaaaaa" for n in range(1, 6)]
    for name in names:
        (tmp_path / name).mkdir()
        store.publish(tmp_path / name)
    assert sorted(p.name for p in tmp_path.iterdir() if p.is_dir()) == names[-2:]
    assert store.current_name() == names[-1]


def test_going_back_to_an_older_build_never_drops_it(tmp_path: Path) -> None:
    store = IndexStore(tmp_path)
    names = [f"2031060{n}T000000-aaaaaa" for n in range(1, 5)]
    for name in names:
        (tmp_path / name).mkdir()
    store.publish(tmp_path / names[0])
    assert (tmp_path / names[0]).is_dir()
    assert store.current_name() == names[0]


def test_a_live_name_that_points_nowhere_is_refused(tmp_path: Path) -> None:
    store = publish_town(tmp_path, HashEncoder())
    shutil.rmtree(store.root / store.current_name())
    with pytest.raises(IndexDamagedError):
        store.load_current(HashEncoder())


# Digest of the records.


def test_the_source_digest_follows_the_records_and_nothing_else() -> None:
    before = source_digest(library_of())
    assert source_digest(library_of(list(PROCEDURES), list(PLANS))) == before
    changed = dataclasses.replace(BIRTH, result="Giấy khai sinh bản sao")
    assert source_digest(library_of((changed, *PROCEDURES[1:]), PLANS)) != before
    assert source_digest(library_of(PROCEDURES, PLANS[:1])) != before
