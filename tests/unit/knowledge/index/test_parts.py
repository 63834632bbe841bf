"""BM25, records and manifest alone: saved is loaded, damaged is refused."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import bm25s
import numpy as np
import pytest

from knowledge.index.bm25 import Bm25Index
from knowledge.index.errors import IndexDamagedError, IndexMismatchError
from knowledge.index.manifest import Manifest
from knowledge.index.records import read_records, write_records
from knowledge.index.terms import bare_terms, bare_words, marked_terms
from knowledge.model import Plan, Procedure
from tests.fakes import PLANS, PROCEDURES

DOCUMENTS = [["khai", "sinh"], ["kết", "hôn"], ["khai", "tử", "khai"], []]


def test_bm25_scores_documents_that_hold_the_term_and_no_other() -> None:
    scores = Bm25Index.build(DOCUMENTS, 1.2, 0.75).scores(["khai"])
    assert scores.shape == (4,)
    assert scores[2] > scores[0] > 0 == scores[1] == scores[3]


def test_a_rarer_term_weighs_more() -> None:
    index = Bm25Index.build(DOCUMENTS, 1.2, 0.75)
    assert index.scores(["sinh"])[0] > index.scores(["khai"])[0]


@pytest.mark.parametrize("terms", [[], ["lạ"], ["lạ", "hoắc"]])
def test_unknown_terms_score_nothing(terms: list[str]) -> None:
    assert not Bm25Index.build(DOCUMENTS, 1.2, 0.75).scores(terms).any()


@pytest.mark.parametrize("documents", [[], [[]], [[], []]])
def test_a_collection_without_words_can_be_built_saved_and_asked(documents: list[list[str]], tmp_path: Path) -> None:
    Bm25Index.build(documents, 1.2, 0.75).save(tmp_path / "bm25")
    loaded = Bm25Index.load(tmp_path / "bm25", len(documents))
    assert loaded.scores(["khai"]).tolist() == [0.0] * len(documents)


def test_bm25_saved_is_bm25_loaded(tmp_path: Path) -> None:
    built = Bm25Index.build(DOCUMENTS, 1.2, 0.75)
    built.save(tmp_path)
    loaded = Bm25Index.load(tmp_path, 4)
    for terms in (["khai"], ["kết", "hôn"], ["tử", "lạ"]):
        assert np.array_equal(built.scores(terms), loaded.scores(terms))


def test_bm25_of_another_size_is_refused(tmp_path: Path) -> None:
    Bm25Index.build(DOCUMENTS, 1.2, 0.75).save(tmp_path)
    with pytest.raises(IndexDamagedError, match="5 documents"):
        Bm25Index.load(tmp_path, 5)


def test_each_damaged_or_missing_bm25_file_is_refused(tmp_path: Path) -> None:
    Bm25Index.build(DOCUMENTS, 1.2, 0.75).save(tmp_path)
    files = sorted(p for p in tmp_path.iterdir() if not p.name.endswith("mmindex.json"))
    assert len(files) >= 4
    for file in files:
        whole = file.read_bytes()
        file.write_bytes(whole[: len(whole) // 2])
        with pytest.raises(IndexDamagedError):
            Bm25Index.load(tmp_path, 4)
        file.unlink()
        with pytest.raises(IndexDamagedError):
            Bm25Index.load(tmp_path, 4)
        file.write_bytes(whole)
    assert Bm25Index.load(tmp_path, 4).scores(["khai"]).any()


COLLECTION = [
    [f"tu{i}" for i in np.random.default_rng(n).zipf(1.4, size=12) if i < 400] for n in range(600)
]  # a few words nearly everywhere, most of them rare


@pytest.mark.parametrize("top_k", [1, 5, 40, 10_000])
def test_the_best_documents_are_those_that_scoring_all_of_them_gives(top_k: int) -> None:
    index = Bm25Index.build(COLLECTION, 1.2, 0.75)
    for n in range(60):
        terms = COLLECTION[n][: n % 7 + 1]
        every = index.scores(terms)
        expected = np.lexsort((np.arange(len(every)), -every))[: min(top_k, np.count_nonzero(every))]
        scores, rows = index.top(terms, top_k)
        assert np.allclose(scores, every[expected], atol=1e-4)
        assert np.allclose(every[rows], scores, atol=1e-4)
        assert len(set(rows.tolist())) == len(rows)


def test_the_best_documents_of_unknown_or_no_terms_are_none() -> None:
    for terms in ([], ["lạ"]):
        scores, rows = Bm25Index.build(DOCUMENTS, 1.2, 0.75).top(terms, 5)
        assert scores.shape == rows.shape == (0,)
    assert Bm25Index.build([[]], 1.2, 0.75).top(["khai"], 5)[1].shape == (0,)


def test_a_common_term_is_not_read_where_it_cannot_change_the_best(monkeypatch: pytest.MonkeyPatch) -> None:
    rare = ["hiếm", "hoi"]
    index = Bm25Index.build([[*rare, "chung"]] * 3 + [["chung"]] * 500, 1.2, 0.75)
    read: list[int] = []
    plain = Bm25Index._column
    monkeypatch.setattr(Bm25Index, "_column", lambda self, column: read.append(column) or plain(self, column))
    monkeypatch.setattr(Bm25Index, "_weights_at", lambda self, column, rows: np.zeros(len(rows), dtype=np.float32))
    assert index.top([*rare, "chung"], 3)[1].tolist() == [0, 1, 2]
    assert len(read) < 3


def test_few_documents_are_looked_up_where_the_leading_ones_leave_the_others_no_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    # Ten say the rarer word twice and hold the common one; a thousand say it once, and any of them might hold the other.
    documents = [["vừa", "vừa", "chung"]] * 10 + [["vừa", f"a{n}", f"b{n}"] for n in range(1000)] + [["chung", "c", f"d{n}"] for n in range(1200)]
    index = Bm25Index.build(documents, 1.2, 0.75)
    looked_up: list[int] = []
    plain = Bm25Index._weights_at
    monkeypatch.setattr(Bm25Index, "_weights_at", lambda self, column, rows: looked_up.append(len(rows)) or plain(self, column, rows))
    scores, rows = index.top(["chung", "vừa"], 5)
    assert rows.tolist() == [0, 1, 2, 3, 4]
    assert np.allclose(scores, index.scores(["chung", "vừa"])[:5], atol=1e-4)
    assert sum(looked_up) <= 20


def test_a_column_is_not_copied_to_look_a_few_rows_up(monkeypatch: pytest.MonkeyPatch) -> None:
    index = Bm25Index.build(COLLECTION, 1.2, 0.75)
    kinds: set[np.dtype] = set()
    plain = np.searchsorted
    monkeypatch.setattr(np, "searchsorted", lambda a, v, *more: kinds.add((a.dtype, np.asarray(v).dtype)) or plain(a, v, *more))
    index.scores_of(["tu1"], np.array([5, 3, 599], dtype=np.int64))
    assert all(one == other for one, other in kinds)  # of two types numpy makes one first: the whole column


def test_some_documents_are_scored_as_among_all() -> None:
    index = Bm25Index.build(COLLECTION, 1.2, 0.75)
    rows = np.array([599, 0, 17, 17])
    assert np.allclose(index.scores_of(COLLECTION[17], rows), index.scores(COLLECTION[17])[rows], atol=1e-5)


def test_documents_may_come_one_by_one() -> None:
    assert np.array_equal(
        Bm25Index.build(iter(COLLECTION), 1.2, 0.75).scores(["tu1"]), Bm25Index.build(COLLECTION, 1.2, 0.75).scores(["tu1"])
    )


def test_an_index_written_by_the_library_itself_is_read(tmp_path: Path) -> None:
    library = bm25s.BM25(method="lucene", k1=1.2, b=0.75)
    library.index(COLLECTION, show_progress=False)
    library.save(str(tmp_path), show_progress=False)
    loaded, ours = Bm25Index.load(tmp_path, len(COLLECTION)), Bm25Index.build(COLLECTION, 1.2, 0.75)
    for terms in (["tu1"], ["tu2", "tu9"], ["lạ"]):
        assert np.allclose(loaded.scores(terms), ours.scores(terms), atol=1e-6)
        assert np.allclose(loaded.top(terms, 9)[0], ours.top(terms, 9)[0], atol=1e-6)


@pytest.mark.parametrize(("kind", "records"), [(Procedure, PROCEDURES), (Plan, PLANS)])
def test_records_written_are_records_read(tmp_path: Path, kind: type, records: tuple) -> None:
    write_records(tmp_path / "records.json", kind, records)
    assert read_records(tmp_path / "records.json", kind, len(records)) == tuple(records)


@pytest.mark.parametrize("content", [None, "", "{", "{}", '[{"code": 1}]', '["x", "y"]'])
def test_damaged_or_missing_records_are_refused(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "procedures.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(IndexDamagedError, match=r"procedures\.json"):
        read_records(path, Procedure, 2)


def test_records_of_another_number_are_refused(tmp_path: Path) -> None:
    write_records(tmp_path / "procedures.json", Procedure, PROCEDURES)
    with pytest.raises(IndexDamagedError, match=f"7 records, found {len(PROCEDURES)}"):
        read_records(tmp_path / "procedures.json", Procedure, 7)


MANIFEST = Manifest(3, "1", "1", "2", "hash abc", 48, "digest", 6, 2, 9, 1, 1, 5, 40, 3, "2031-06-01T00:00:00+00:00", {"a": "b"})


def test_a_manifest_saved_is_the_manifest_loaded(tmp_path: Path) -> None:
    MANIFEST.save(tmp_path)
    assert Manifest.load(tmp_path) == MANIFEST


def test_a_folder_without_manifest_is_called_half_written(tmp_path: Path) -> None:
    with pytest.raises(IndexDamagedError, match="half-written"):
        Manifest.load(tmp_path)


@pytest.mark.parametrize("change", ["not json", "[]", {"dimension": None}, {"unknown_key": 1}])
def test_a_manifest_of_another_shape_is_refused(tmp_path: Path, change: str | dict) -> None:
    data = dataclasses.asdict(MANIFEST)
    if isinstance(change, dict):
        key, value = next(iter(change.items()))
        if value is None:
            del data[key]
        else:
            data[key] = value
    (tmp_path / "manifest.json").write_text(change if isinstance(change, str) else json.dumps(data))
    with pytest.raises(IndexDamagedError, match=r"manifest\.json"):
        Manifest.load(tmp_path)


def test_a_mismatch_names_the_key_and_both_values() -> None:
    MANIFEST.refuse_mismatch(dimension=48, encoder="hash abc")
    with pytest.raises(IndexMismatchError, match=r"encoder 'hash abc'.*'other'.*motcua index") as caught:
        MANIFEST.refuse_mismatch(dimension=48, encoder="other")
    assert caught.value.key == "encoder"


def test_terms_with_and_without_diacritics() -> None:
    assert bare_words("Đăng ký HÒA giải") == ["dang", "ky", "hoa", "giai"]
    assert bare_terms("Đăng ký kết hôn") == ["dang", "ky", "ket", "hon", "dang_ky", "ky_ket", "ket_hon"]
    assert marked_terms("Đăng KÝ") == ["đăng", "ký"]


@pytest.mark.parametrize(("one", "other"), [("hoà giải", "hòa giải"), ("khai thuế", "khai thuế"), ("KẾT hôn", "kết hôn")])
def test_spellings_of_one_word_are_one_term(one: str, other: str) -> None:
    assert marked_terms(one) == marked_terms(other)
    assert bare_terms(one) == bare_terms(other)


def test_the_holders_of_a_term_are_the_documents_with_it() -> None:
    index = Bm25Index.build([["lò", "gạch"], ["lò"], ["gạch", "gạch"]], k1=1.2, b=0.75)
    assert index.holders("gạch").tolist() == [0, 2]
    assert index.holders("xưởng").tolist() == []
    assert Bm25Index.build([], k1=1.2, b=0.75).holders("lò").tolist() == []
