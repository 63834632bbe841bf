"""Search as a whole, over the invented library and the fake encoder."""

from __future__ import annotations

import unicodedata
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from knowledge.index.build import build_index
from knowledge.index.store import SearchIndex, load_index
from knowledge.model import SearchResult
from knowledge.retrieval.config import SearchConfig, load_search_config
from knowledge.retrieval.search import Searcher
from nlu.diacritics import bare
from tests.fakes import BIRTH, LIVE_PLAN, OLD_PLAN, PROCEDURES, HashEncoder, library_of


def first(result: SearchResult) -> str:
    return result.procedures[0].procedure.code


@pytest.mark.parametrize("procedure", PROCEDURES, ids=lambda p: p.code)
def test_a_name_or_alias_finds_its_procedure_with_and_without_diacritics(town: Searcher, procedure) -> None:
    for text in (procedure.name, *procedure.aliases):
        assert first(town.search(text)) == procedure.code
        assert first(town.search(bare(text))) == procedure.code
        assert first(town.search(f"{text} cần những giấy tờ gì ạ")) == procedure.code


def test_a_name_said_syllable_for_syllable_stands_before_a_longer_one_that_citizens_meet_more(tmp_path: Path, small_restorer: None) -> None:
    short = replace(BIRTH, code="9.300001", name="Cấp thẻ thuyền viên", aliases=(), levels=("Cấp Bộ",), applicants=())
    long = replace(BIRTH, code="9.300002", name="Cấp lại thẻ thuyền viên do mất", aliases=("cấp thẻ thuyền viên lại",))
    encoder = HashEncoder()
    build_index(library_of((*PROCEDURES, short, long)), encoder, tmp_path / "index", tmp_path / "cache")
    searcher = Searcher(load_index(tmp_path / "index", encoder), encoder, load_search_config())
    for question in ("cấp thẻ thuyền viên cần giấy tờ gì", "cap the thuyen vien mat bao lau"):
        result = searcher.search(question)
        assert first(result) == short.code
        assert [h.signals["title_exact"] for h in result.procedures[:2]] == [1.0, 0.0]


def test_diacritics_and_abbreviations_are_restored(town: Searcher) -> None:
    forms = town.query_forms("dang ky ket hon")
    assert (forms.original, forms.restored) == ("dang ky ket hon", "đăng ký kết hôn")
    assert town.query_forms("Đăng ký kết hôn").restored.lower() == "đăng ký kết hôn"


@pytest.mark.parametrize("question", ["", "   ", "?!…", "\n\t", "😀😀😀", "\u200b", "<>"])
def test_a_question_without_words_finds_nothing(town: Searcher, question: str) -> None:
    result = town.search(question)
    assert (result.hits, result.near_misses, result.procedures, result.plan_hits) == ((), (), (), ())
    assert result.confidence == 0.0
    assert result.query.original == question


@pytest.mark.parametrize(
    "question",
    [
        "khai sinh " * 1000,
        "đăng ký khai sinh 😀👶🏽 ạ",
        "<b>đăng ký</b> <i>khai sinh</i>",
        "<script>alert('x')</script> đăng ký khai sinh",
        unicodedata.normalize("NFD", "đăng ký khai sinh cho con"),
        "ĐĂNG KÝ KHAI SINH",
        "  đăng\u00a0ký\t\tkhai\nsinh  ",
        "đăng ký khai sinh\x00",
    ],
    ids=["10000 characters", "emoji", "tags", "script", "NFD", "capitals", "white space", "null"],
)
def test_a_question_however_typed_finds_the_same(town: Searcher, question: str) -> None:
    assert first(town.search(question)) == BIRTH.code


def test_nfd_and_nfc_are_the_same_question(town: Searcher) -> None:
    text = "làm giấy khai sinh ở xã Hoà Bình"
    one, other = town.search(text), town.search(unicodedata.normalize("NFD", text))
    assert [h.passage.id for h in one.hits] == [h.passage.id for h in other.hits]
    assert one.confidence == other.confidence


def test_english_words_nobody_wrote_down_are_less_certain_than_a_name(town: Searcher) -> None:
    assert town.search("how do I renew my fishing licence").confidence < town.search(BIRTH.name).confidence


def test_what_is_beyond_two_thousand_characters_is_not_read(town: Searcher) -> None:
    long = "đăng ký khai sinh " + "x" * 2000
    assert town.search(long).confidence == town.search(long + " hộ chiếu" * 500).confidence


@settings(max_examples=80, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(question=st.text(max_size=80))
def test_no_text_breaks_a_search_and_scores_stay_in_bounds(town: Searcher, question: str) -> None:
    result = town.search(question)
    scores = [h.score for h in (*result.hits, *result.near_misses)]
    assert all(0.0 <= score <= 1.0 for score in scores)
    assert 0.0 <= result.confidence <= 1.0


# Exact numbers come first.


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("9.100006", ["9.100006"]),
        ("hồ sơ khai sinh của thủ tục 9.100006", ["9.100006"]),
        ("đăng ký khai sinh theo mẫu CT01", ["9.100004", "9.100005"]),
        ("khai thác đá theo nghị định 123/2030/NĐ-CP", ["9.100001", "9.100002"]),
        ("khai thac da theo nghi dinh 123/2030/nd-cp", ["9.100001", "9.100002"]),
    ],
)
def test_procedures_named_by_number_stand_before_all_others(town: Searcher, question: str, expected: list[str]) -> None:
    result = town.search(question)
    assert sorted(h.procedure.code for h in result.procedures[: len(expected)]) == expected
    assert [h.signals["exact"] for h in result.procedures] == [1.0] * len(expected) + [0.0] * (len(PROCEDURES) - len(expected))
    assert (result.exact, result.confidence) == (True, 1.0)
    assert {h.passage.record_id for h in result.hits[: len(expected)]} == set(expected)


def test_an_unknown_number_is_reported_and_decides_nothing(town: Searcher) -> None:
    assert town.resolve_exact("thủ tục 9.999999").unknown == (("procedure_code", "9.999999"),)
    assert town.search("thủ tục 9.999999 đăng ký khai sinh").exact is False


# Plans.


def test_a_plan_is_found_by_number_and_by_its_words(town: Searcher) -> None:
    for question in ("nhiệm vụ trong kế hoạch 41/KH-UBND", "ai chủ trì ươm gốc tre"):
        assert town.search(question).plan_hits[0].passage.record_id == OLD_PLAN.id, question


@pytest.mark.parametrize(
    ("as_of", "is_kept"),
    [(None, True), (date(2029, 12, 31), True), (date(2030, 1, 1), False), (date(2031, 6, 1), False)],
)
def test_a_plan_whose_period_ended_before_the_day_is_left_out(town: Searcher, as_of: date | None, is_kept: bool) -> None:
    result = town.search("ươm gốc tre 41/KH-UBND", as_of=as_of)
    found = {h.passage.record_id for h in (*result.plan_hits, *result.hits, *result.near_misses)}
    assert (OLD_PLAN.id in found) is is_kept
    assert LIVE_PLAN.id in {h.passage.record_id for h in result.plan_hits}


@pytest.mark.parametrize(("kinds", "expected"), [(["plan"], {"plan"}), (["procedure"], {"procedure"}), (None, {"plan", "procedure"}), (["faq"], set())])
def test_only_the_kinds_asked_for_are_found(town: Searcher, kinds: list | None, expected: set[str]) -> None:
    result = town.search("đăng ký khai sinh trồng tre thư viện", top_k=50, kinds=kinds)
    assert {h.passage.kind for h in (*result.hits, *result.near_misses)} == expected


# Hits and near misses.


def with_threshold(index: SearchIndex, hit: float, near_misses: int = 3) -> Searcher:
    config = load_search_config()
    thresholds = config.thresholds.model_copy(update={"hit": hit})
    return Searcher(index, HashEncoder(), config.model_copy(update={"thresholds": thresholds, "near_misses": near_misses}))


def test_search_returns_near_misses_below_threshold(town_index: SearchIndex) -> None:
    searcher = with_threshold(town_index, 0.5)
    result = searcher.search("đăng ký khai sinh cho con", top_k=50)
    assert result.hits and result.near_misses
    assert all(h.score >= 0.5 for h in result.hits)
    assert all(h.score < 0.5 for h in result.near_misses)
    assert len(result.near_misses) <= 3


@pytest.mark.parametrize(("above", "is_hit"), [(0.0, True), (1e-9, False)])
def test_a_score_at_the_threshold_is_a_hit_and_one_just_below_is_not(town_index: SearchIndex, above: float, is_hit: bool) -> None:
    question = "cấp phép khai thác đá ong ở đâu"
    best = with_threshold(town_index, 0.0).search(question, kinds=["procedure"]).hits[0]
    result = with_threshold(town_index, best.score + above).search(question, kinds=["procedure"])
    assert (best.passage.id in {h.passage.id for h in result.hits}) is is_hit
    assert (best.passage.id in {h.passage.id for h in result.near_misses}) is not is_hit


def test_no_more_hits_than_asked_for_and_none_twice(town_index: SearchIndex) -> None:
    searcher = with_threshold(town_index, 0.0)
    for top_k in (1, 3, 50):
        result = searcher.search("đăng ký khai sinh", top_k=top_k)
        assert len(result.hits) <= top_k
        ids = [h.passage.id for h in (*result.hits, *result.near_misses)]
        assert len(ids) == len(set(ids))


def test_near_misses_can_be_switched_off(town_index: SearchIndex) -> None:
    assert with_threshold(town_index, 0.99, near_misses=0).search("đăng ký").near_misses == ()


def test_a_hit_shows_the_passage_that_holds_the_question(town: Searcher) -> None:
    result = town.search("đăng ký khai sinh giấy chứng sinh do trạm y tế cấp")
    assert result.hits[0].passage.id == f"{BIRTH.code}#documents"


def test_stages_are_timed_in_order(town: Searcher) -> None:
    assert list(town.search("khai sinh").stages_ms) == ["normalise", "encode", "rank", "judge"]


# Coverage, threads, empty knowledge.


def test_coverage_ignores_diacritics(town: Searcher) -> None:
    assert town.coverage("trạm y tế", "Giấy do TRAM Y TE cấp") == pytest.approx(1.0)
    assert town.coverage("trạm y tế", "Hộ chiếu") == 0.0


def test_searches_at_once_give_what_each_gives_alone(town: Searcher) -> None:
    questions = [p.name for p in PROCEDURES] * 10
    alone = [town.search(q) for q in questions]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(town.search, questions))
    assert [[h.procedure.code for h in r.procedures] for r in together] == [[h.procedure.code for h in r.procedures] for r in alone]
    assert [r.confidence for r in together] == [r.confidence for r in alone]


def empty(tmp_path: Path, procedures: tuple, plans: tuple) -> Searcher:
    build_index(library_of(procedures, plans), HashEncoder(), tmp_path / "index", tmp_path / "cache")
    return Searcher(load_index(tmp_path / "index", HashEncoder()), HashEncoder(), load_search_config())


@pytest.mark.usefixtures("small_restorer")
@pytest.mark.parametrize(
    ("procedures", "plans"), [((), ()), ((BIRTH,), ()), ((), (OLD_PLAN,))], ids=["nothing", "no plan", "no procedure"]
)
def test_knowledge_without_procedures_or_plans_is_searched(tmp_path: Path, procedures: tuple, plans: tuple) -> None:
    result = empty(tmp_path, procedures, plans).search("đăng ký khai sinh trồng tre")
    assert [h.procedure for h in result.procedures] == list(procedures)
    assert {h.passage.record_id for h in result.plan_hits} == {p.id for p in plans}


def test_a_query_is_encoded_whole_and_without_its_question_words(town: Searcher) -> None:
    query = town.prepare("đăng ký kết hôn cần giấy tờ gì")
    assert query.vectors.shape == (2, HashEncoder.dimension)
    assert np.allclose(query.vectors[1], HashEncoder().encode_queries([query.matter])[0])
    assert "giấy" not in query.matter


def test_weights_decide_the_order(town_index: SearchIndex) -> None:
    """A signal with all the weight orders as it alone would."""
    config: SearchConfig = load_search_config()
    nought = config.weights.model_copy(update=dict.fromkeys(config.weights.model_dump(), 0.0))
    prior = config.prior.model_copy(update=dict.fromkeys(config.prior.model_dump(), 0.0))
    alone = config.model_copy(update={"weights": nought.model_copy(update={"title_bm25": 1.0}), "prior": prior})
    searcher = Searcher(town_index, HashEncoder(), alone)
    hits = searcher.rank_procedures(searcher.prepare("đăng ký tạm trú"))
    raw = [h.signals["title_bm25"] for h in hits]
    assert raw == sorted(raw, reverse=True)
    assert raw[0] > raw[-1]
