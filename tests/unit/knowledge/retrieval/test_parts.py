"""Fusion, confidence, configuration, exact numbers and the contract that every scorer passes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import yaml

from knowledge.index.build import Title
from knowledge.retrieval.config import DEFAULT_FILE, SearchConfigError, load_search_config
from knowledge.retrieval.exact import ExactNumbers, document_key, form_key
from knowledge.retrieval.fusion import fuse, min_max
from knowledge.retrieval.ranker import TOGETHER, ProcedureRanker, prior_of
from knowledge.retrieval.scorers import NamesDense
from knowledge.retrieval.search import Searcher
from knowledge.retrieval.term_weights import HeldWords, TermWeights, compare_held
from knowledge.retrieval.types import Query
from nlu.entities import extract_entities
from tests.fakes import BIRTH, OLD_PLAN, PASSPORT, PLANS, PROCEDURES, QUARRY

# Fusion.


def test_min_max_scales_to_nought_and_one_and_keeps_order() -> None:
    scaled = min_max(np.array([3.0, -1.0, 1.0]))
    assert scaled.tolist() == [1.0, 0.0, 0.5]
    assert scaled.dtype == np.float32


@pytest.mark.parametrize("scores", [[], [2.0], [5.0, 5.0, 5.0], [0.0, 0.0]])
def test_min_max_of_equal_scores_says_nothing(scores: list[float]) -> None:
    assert min_max(np.array(scores, dtype=np.float32)).tolist() == [0.0] * len(scores)


def test_fuse_is_the_weighted_sum() -> None:
    scaled = {"a": np.array([1.0, 0.0]), "b": np.array([0.5, 1.0])}
    assert fuse(scaled, {"a": 2.0, "b": 3.0, "unused": 9.0}).tolist() == [3.5, 3.0]


def test_fuse_refuses_a_signal_without_weight_and_no_signal_at_all() -> None:
    with pytest.raises(KeyError, match="b"):
        fuse({"a": np.ones(2), "b": np.ones(2)}, {"a": 1.0})
    with pytest.raises(ValueError, match="at least one"):
        fuse({}, {})


# Confidence.

WEIGHTS = TermWeights(map(frozenset, [{"giấy", "khai", "sinh"}, {"giấy", "kết", "hôn"}, {"giấy", "phép"}]))


def test_rarer_terms_weigh_more_and_unknown_ones_most() -> None:
    assert WEIGHTS.weight("lạ") > WEIGHTS.weight("khai") > WEIGHTS.weight("giấy") > 0


@pytest.mark.parametrize(
    ("question", "document", "expected"),
    [({"khai", "sinh"}, {"khai", "sinh", "giấy"}, 1.0), ({"khai"}, {"kết"}, 0.0), (set(), {"kết"}, 0.0), ({"khai", "sinh"}, {"khai"}, 0.5)],
)
def test_coverage_is_the_share_of_weight_held(question: set[str], document: set[str], expected: float) -> None:
    assert WEIGHTS.coverage(question, frozenset(document)) == pytest.approx(expected)


def test_documents_compared_at_once_give_what_each_gives_alone() -> None:
    documents = [frozenset({"khai", "sinh", "giấy"}), frozenset({"kết"}), frozenset({"khai", "lạ"})]
    question = WEIGHTS.weigh({"khai", "sinh", "lạ"})
    coverage, _ = HeldWords(documents).compare(question, [2, 0])
    assert coverage.tolist() == pytest.approx([question.coverage(documents[2]), question.coverage(documents[0])])


def test_a_missing_rare_word_counts_more_than_a_missing_common_one() -> None:
    held = HeldWords([frozenset(), frozenset({"giấy"})])
    (_, rare), (_, common) = (held.compare(WEIGHTS.weigh({word}), [0, 1]) for word in ("lạ", "giấy"))
    assert 1.0 == rare[0] > common[0] > 0.0 == common[1]


def test_a_question_without_words_is_held_by_nothing_and_lacks_nothing() -> None:
    coverage, missing = HeldWords([frozenset({"giấy"})]).compare(WEIGHTS.weigh(()), [0])
    assert (coverage.tolist(), missing.tolist()) == ([0.0], [0.0])


def test_pairs_are_held_by_neighbours_only_and_weigh_both_syllables() -> None:
    pairs = WEIGHTS.weigh_pairs(["khai", "sinh", "lạ"])
    assert pairs.weights == {"khai_sinh": WEIGHTS.weight("khai") + WEIGHTS.weight("sinh"), "sinh_lạ": WEIGHTS.weight("sinh") + WEIGHTS.weight("lạ")}
    rows = {"khai_sinh": np.array([1, 4], dtype=np.int32)}
    share, missing = compare_held(pairs, [4, 0], lambda pair: rows.get(pair, np.zeros(0, dtype=np.int32)))
    assert share.tolist() == pytest.approx([pairs.weights["khai_sinh"] / pairs.total, 0.0])
    assert 0.0 < missing[0] == missing[1] < 1.0


def test_weights_of_an_empty_collection_still_work() -> None:
    assert TermWeights([]).coverage({"khai"}, frozenset()) == 0.0


# search.yml.


@pytest.fixture
def values() -> dict:
    return yaml.safe_load(DEFAULT_FILE.read_text(encoding="utf-8"))


def written(tmp_path: Path, values: object) -> Path:
    path = tmp_path / "search.yml"
    path.write_text(yaml.safe_dump(values), encoding="utf-8")
    return path


def test_the_thresholds_of_search_yml_stand_in_order() -> None:
    thresholds = load_search_config().thresholds
    assert 0 < thresholds.ask_back < thresholds.answer < 1
    assert 0 < thresholds.hit < 1
    assert 0 < thresholds.ask_first < thresholds.ask < 1


def test_every_signal_has_a_weight_and_every_weight_a_signal(town: Searcher) -> None:
    _, raw = town.ranker.rank(town.prepare("khai sinh"))
    assert set(raw) - JUDGED_ONLY == set(town.config.weights.model_dump())


def parts_with_keys() -> list[tuple[str, str]]:
    values = yaml.safe_load(DEFAULT_FILE.read_text(encoding="utf-8"))
    return [(part, key) for part, keys in values.items() if isinstance(keys, dict) for key in keys]


@pytest.mark.parametrize(("part", "key"), parts_with_keys())
def test_a_missing_key_stops_the_start_and_is_named(tmp_path: Path, values: dict, part: str, key: str) -> None:
    del values[part][key]
    with pytest.raises(SearchConfigError, match=rf"search\.yml: {part}\.{key}: "):
        load_search_config(written(tmp_path, values))


def test_a_missing_part_is_named(tmp_path: Path, values: dict) -> None:
    del values["thresholds"]
    with pytest.raises(SearchConfigError, match=r"search\.yml: thresholds: "):
        load_search_config(written(tmp_path, values))


@pytest.mark.parametrize(
    ("part", "key", "value"),
    [("weights", "title_dence", 1.0), ("thresholds", "answer", 1.5), ("thresholds", "hit", -0.1), ("candidates", "titles", 0), ("weights", "body_bm25", "much")],
)
def test_an_unknown_key_or_impossible_value_is_named(tmp_path: Path, values: dict, part: str, key: str, value: object) -> None:
    values[part][key] = value
    with pytest.raises(SearchConfigError, match=rf"{part}\.{key}: "):
        load_search_config(written(tmp_path, values))


@pytest.mark.parametrize("content", ["", "[]", "a: [", "just words"])
def test_a_file_of_another_shape_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "search.yml"
    path.write_text(content)
    with pytest.raises(SearchConfigError, match=r"search\.yml"):
        load_search_config(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SearchConfigError, match=r"none\.yml"):
        load_search_config(tmp_path / "none.yml")


# Exact numbers.

EXACT = ExactNumbers(PROCEDURES, PLANS, max_shared=40)


def codes(question: str, exact: ExactNumbers = EXACT) -> list[str]:
    return [PROCEDURES[row].code for row in exact.find(extract_entities(question)).rows]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("thủ tục 9.100003 lệ phí bao nhiêu", ["9.100003"]),
        ("ma 9.100003", ["9.100003"]),
        ("luật 60/2030/QH16 quy định gì", ["9.100001"]),
        ("Nghị định 123/2030/NĐ-CP", ["9.100001", "9.100002"]),
        ("nghi dinh 123/2030/nd-cp", ["9.100001", "9.100002"]),
        ("nghị định 123/2030", ["9.100001", "9.100002"]),
        ("mẫu CT01 tải ở đâu", ["9.100004", "9.100005"]),
        ("to khai ct01", ["9.100004", "9.100005"]),
        ("tờ khai TK11", ["9.100001"]),
        ("khai sinh cần giấy gì", []),
    ],
)
def test_numbers_point_to_the_procedures_that_hold_them(question: str, expected: list[str]) -> None:
    assert codes(question) == expected


def test_a_code_beats_a_document_beats_a_form() -> None:
    assert codes("9.100003 theo nghị định 123/2030/NĐ-CP mẫu CT01") == ["9.100003"]
    assert codes("nghị định 123/2030/NĐ-CP mẫu CT01") == ["9.100001", "9.100002"]


def test_a_plan_is_found_by_its_number() -> None:
    for question in ("kế hoạch 41/KH-UBND", "ke hoach 41/kh-ubnd", "KH số 041/KH-UBND"):
        assert EXACT.find(extract_entities(question)).plan_ids == (OLD_PLAN.id,), question


@pytest.mark.parametrize(
    ("question", "kind", "value"),
    [("thủ tục 9.999999", "procedure_code", "9.999999"), ("nghị định 7/2030/NĐ-CP", "document_number", "7/2030/NĐ-CP"), ("mẫu CT99", "form", "CT99")],
)
def test_a_number_nobody_holds_is_unknown(question: str, kind: str, value: str) -> None:
    match = EXACT.find(extract_entities(question))
    assert match.unknown == ((kind, value),)
    assert match.rows == ()


@pytest.mark.parametrize(("limit", "expected"), [(2, ["9.100004", "9.100005"]), (1, [])])
def test_a_number_that_too_many_share_decides_nothing_and_is_not_unknown(limit: int, expected: list[str]) -> None:
    exact = ExactNumbers(PROCEDURES, PLANS, max_shared=limit)
    assert codes("mẫu CT01", exact) == expected
    assert exact.find(extract_entities("mẫu CT01")).unknown == ()


@pytest.mark.parametrize(
    ("one", "other"),
    [("số 05/2030/TT-BTP", "5/2030/TT-BTP"), ("154/2024/NĐ-CP", "154/2024/nd-cp"), ("34/KH-UBND", "Kế hoạch 34 / KH-UBND")],
)
def test_a_document_number_has_one_key_however_written(one: str, other: str) -> None:
    assert document_key(one) == document_key(other) != ""


@pytest.mark.parametrize(("one", "other"), [("CT01", "ct01.docx"), ("Mẫu số 13-MST", "13-MST"), ("Tờ khai TK11", "tk11"), ("01/LPTB", "mẫu 01/lptb")])
def test_a_form_has_one_key_however_written(one: str, other: str) -> None:
    assert form_key(one) == form_key(other) != ""


def test_texts_without_a_number_have_no_document_key() -> None:
    assert document_key("Luật Hộ tịch") == document_key("") == ""


# Prior.


def test_the_prior_prefers_what_citizens_meet() -> None:
    prior = load_search_config().prior
    assert prior_of(BIRTH, prior) >= prior_of(PASSPORT, prior) > prior_of(QUARRY, prior)


# The contract of every scorer.


SIGNALS = (
    "title_dense", "title_bm25", "title_match", "title_pairs", "title_recall", "title_precision", "title_exact",
    "digest_dense", "body_bm25", "body_marked", "circumstances", "unasked", "contradicted", *TOGETHER,
)
JUDGED_ONLY = {"title_recall", "title_precision"}


@dataclass(frozen=True)
class Signal:
    """One signal of the ranker, scored for a prepared query."""

    name: str
    ranker: ProcedureRanker

    def score(self, query: Query) -> np.ndarray:
        return self.ranker.rank(query)[1][self.name]


@pytest.fixture(params=SIGNALS)
def scorer(request: pytest.FixtureRequest, town: Searcher) -> Signal:
    return Signal(request.param, town.ranker)


def test_this_suite_knows_every_signal(town: Searcher) -> None:
    assert set(town.ranker.rank(town.prepare("khai sinh"))[1]) == set(SIGNALS)


@pytest.mark.parametrize("question", ["khai sinh cho con cần giấy gì", "zzz qqq", "lệ phí?", "DANG KY KET HON", "x" * 3000, "😀 khai"])
def test_a_scorer_gives_each_procedure_a_finite_number(scorer: Signal, town: Searcher, question: str) -> None:
    scores = scorer.score(town.prepare(question))
    assert scores.shape == (len(PROCEDURES),)
    assert scores.dtype == np.float32
    assert np.isfinite(scores).all()


def test_a_scorer_gives_the_same_again(scorer: Signal, town: Searcher) -> None:
    query = town.prepare("khai sinh cho con")
    before = scorer.score(query).copy()
    scorer.score(town.prepare("hộ chiếu"))
    assert np.array_equal(before, scorer.score(query))


@pytest.mark.parametrize("row", range(len(PROCEDURES)), ids=lambda row: PROCEDURES[row].code)
def test_a_scorer_puts_a_procedure_above_the_average_for_its_own_name(scorer: Signal, town: Searcher, row: int) -> None:
    if scorer.name in ("circumstances", "unasked", "contradicted"):
        pytest.skip("circumstances tell siblings apart, not matters: see test_circumstances.py")
    if scorer.name == "names_dense":
        pytest.skip("the fake encoder's names of one procedure lie apart: see test_the_mean_of_the_nearest_names…")
    scores = scorer.score(town.prepare(PROCEDURES[row].name))
    assert scores[row] > scores.mean()


def test_a_word_scorer_knows_nothing_of_unknown_words(scorer: Signal, town: Searcher) -> None:
    if "dense" in scorer.name or scorer.name == "unasked":
        pytest.skip("meaning is never nothing, and an empty question says no circumstance of any name")
    assert not scorer.score(town.prepare("zzzz qqqq wwww")).any()


def test_the_nearest_name_tells_how_much_of_it_and_of_the_question_is_shared(town: Searcher) -> None:
    def shares(question: str) -> tuple[float, float]:
        _, raw = town.ranker.rank(town.prepare(question))
        return raw["title_recall"][0], raw["title_precision"][0]

    assert shares(BIRTH.name) == pytest.approx((1.0, 1.0))
    some, whole = shares(f"{BIRTH.name} tàu ngầm"), shares(BIRTH.name)
    assert some[0] < whole[0] and some[1] == pytest.approx(whole[1])


def test_a_pair_is_held_by_a_name_or_by_the_record(town: Searcher) -> None:
    first = town.search("khai sinh", kinds=["procedure"]).procedures[0]
    assert (first.procedure.code, first.signals["pairs_held"], first.signals["rarest_pair_missing"]) == (BIRTH.code, 1.0, 0.0)
    turned = town.search("sinh khai tàu ngầm", kinds=["procedure"]).procedures[0]
    assert turned.signals["pairs_held"] < 1.0 and turned.signals["rarest_pair_missing"] > 0.0


def test_hidden_titles_count_for_nothing(town: Searcher) -> None:
    query = town.prepare(BIRTH.name)
    own = frozenset(i for i, title in enumerate(town.index.titles) if title.row == 0)
    scores, hidden = (town.ranker.rank(q)[1] for q in (query, replace(query, hidden_titles=own)))
    for name in SIGNALS:
        if name.startswith(("title", "names")) and name != "names_dense":
            assert hidden[name][0] < scores[name][0]
            assert hidden[name][0] == hidden[name].min()


def test_words_that_several_names_hold_together_count_the_more_names_hold_them(town: Searcher) -> None:
    def words(question: str) -> float:
        return float(town.ranker.rank(town.prepare(question))[1]["names_words"][0])

    assert words("khai sinh") == pytest.approx(1.0)  # in all of its names
    assert 0 < words("bé") < words("sinh")  # in one of them
    assert words("giấy bé") > 0  # in no name together, in two apart
    assert words("khai sinh tàu ngầm") < words("khai sinh")


def test_only_the_first_procedures_are_looked_at_again(town: Searcher) -> None:
    config = town.config.model_copy(update={"candidates": town.config.candidates.model_copy(update={"second_look": 1})})
    fused, raw = ProcedureRanker(town.index, config, WEIGHTS).rank(town.prepare(BIRTH.name))
    assert fused.argmax() == 0 and raw["names_words"][0] > 0
    assert not any(raw[name][1:].any() for name in TOGETHER)


def test_the_mean_of_the_nearest_names_counts_above_what_unrelated_texts_have(town: Searcher) -> None:
    class Titles:
        def cosines_of(self, vector: np.ndarray, rows: np.ndarray) -> np.ndarray:
            return np.array([cosines[int(row)] for row in rows], dtype=np.float32)

    titles = [Title(row, "x", True) for row in (1, 0, 0, 1)]  # names of two procedures, not in order
    cosines = {0: 0.79, 1: 0.90, 2: 0.86, 3: 0.75}
    index = SimpleNamespace(titles=titles, dense_titles=Titles(), procedures=[None, None])
    query, rows = town.prepare("khai sinh"), np.array([1, 0])
    assert NamesDense(index).score(query, rows).tolist() == pytest.approx([0.0, 0.08], abs=1e-5)
    assert NamesDense(index).score(replace(query, hidden_titles=frozenset({1})), rows).tolist() == pytest.approx([0.0, 0.06], abs=1e-5)
    assert NamesDense(index).score(replace(query, hidden_titles=frozenset({1, 2})), rows).tolist() == [0.0, 0.0]
