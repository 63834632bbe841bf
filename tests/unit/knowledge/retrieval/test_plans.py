"""Ranking of plan passages over invented plans, and the cues and quotations beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

import knowledge.index.build
import knowledge.retrieval.plans
import nlu.diacritics
from knowledge.index.build import build_index
from knowledge.index.store import load_index
from knowledge.model import Plan, PlanSection, Source
from knowledge.retrieval.config import load_search_config
from knowledge.retrieval.plan_cues import (
    CUES,
    asked_for,
    clearness,
    cues_in,
    defined_in,
    is_definition,
    plan_terms,
)
from knowledge.retrieval.plan_quotes import quoted_lines
from knowledge.retrieval.search import Searcher
from nlu.diacritics import bare
from tests.fakes import PROCEDURES, HashEncoder, library_of

KITES = Plan(
    "dieu-2031", "Tổ chức ngày hội thả diều tỉnh Trăng Sao năm 2031", Source("dieu-2031.txt", "Diều"), "7/KH-UBND", "Kế hoạch",
    "UBND tỉnh Trăng Sao", "Trăng Sao", date(2031, 3, 5),
    sections=(
        PlanSection("", "", (), ("Căn cứ Nghị quyết số 5/NQ-HĐND về ngày hội thả diều, kinh phí, thời gian, thuê bãi.",)),
        PlanSection("I", "Mục đích", ("I. Mục đích",), ("Ngày hội thả diều giữ nghề làm diều (SIGIO).",)),
        PlanSection("II", "Kinh phí", ("II. Kinh phí",), ("Ngân sách tỉnh chi 40 triệu đồng cho ngày hội thả diều.",)),
        PlanSection("III", "Phân công", ("III. Phân công",), ()),
        PlanSection("III.1", "Sở Gió, Sở Mây", ("III. Phân công", "1. Sở Gió, Sở Mây"), ("Đo gió trong ngày hội thả diều.", "Thuê bãi trước ngày 01/4/2031.")),
        PlanSection("III.2", "Sở Lúa", ("III. Phân công", "2. Sở Lúa"), ("Gặt lúa trước ngày hội thả diều để có bãi.",)),
    ),
)  # fmt: skip
OLDER = replace(KITES, id="dieu-2029", number="6/KH-UBND", title="Tổ chức ngày hội thả diều tỉnh Trăng Sao năm 2029",
                source=Source("dieu-2029.txt", "Diều"), issued_on=date(2029, 3, 5))  # fmt: skip


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Searcher:
    root: Path = tmp_path_factory.mktemp("plans")
    encoder = HashEncoder()
    with pytest.MonkeyPatch.context() as patch:  # a kite is no word of a small restorer: it would be read as something else
        patch.setattr(knowledge.index.build, "general_vietnamese", nlu.diacritics.general_vietnamese)
        build_index(library_of(PROCEDURES, (KITES, OLDER)), encoder, root / "index", root / "cache")
    return Searcher(load_index(root / "index", encoder), encoder, load_search_config())


def best(desk: Searcher, question: str) -> tuple[str, str]:
    passage = desk.search(question, kinds=["plan"]).plan_hits[0].passage
    return passage.record_id, passage.section


@pytest.mark.parametrize(
    ("question", "section"),
    [
        ("Sở Mây làm gì trong ngày hội thả diều năm 2031", "III.1. Sở Gió, Sở Mây"),
        ("Sở Lúa được giao gì trong ngày hội thả diều 2031", "III.2. Sở Lúa"),
        ("ngày hội thả diều 2031 tốn bao nhiêu tiền", "II. Kinh phí"),
        ("ngày hội thả diều 2031 thuê bãi trước ngày nào", "III.1. Sở Gió, Sở Mây"),
        ("mục đích ngày hội thả diều 2031", "I. Mục đích"),
        ("SIGIO năm 2031 là gì", "I. Mục đích"),
    ],
)
def test_the_passage_is_chosen_by_what_is_asked_not_by_the_plans_own_subject(desk: Searcher, question: str, section: str):
    assert best(desk, question) == (KITES.id, section)
    assert best(desk, bare(question)) == (KITES.id, section)


@pytest.mark.parametrize(("question", "plan"), [("Sở Lúa làm gì theo 6/KH-UBND", OLDER), ("Sở Lúa làm gì theo kế hoạch 7/KH-UBND", KITES), ("Sở Lúa làm gì năm 2029", OLDER)])
def test_the_document_named_by_number_or_year_wins(desk: Searcher, question: str, plan: Plan):
    assert best(desk, question) == (plan.id, "III.2. Sở Lúa")


def test_of_plans_that_define_a_term_equally_well_the_newest_is_quoted_unless_another_is_named(desk: Searcher):
    assert best(desk, "SIGIO là gì") == best(desk, "sigio la gi") == (KITES.id, "I. Mục đích")
    assert best(desk, "SIGIO theo kế hoạch 6/KH-UBND là gì") == (OLDER.id, "I. Mục đích")


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("phải xong trước ngày nào", {"date"}),
        ("toi thang may thi xong", {"date"}),
        ("tốn bao nhiêu tiền", {"money", "amount"}),
        ("sở nào chủ trì", {"agency"}),
        ("đối tượng là ai", set()),
        ("theo quyết định nào", {"document"}),
        ("mục đích của kế hoạch", set()),
    ],
)
def test_what_a_question_asks_for_is_read_with_and_without_diacritics(question: str, asked: set[str]):
    assert asked_for(question) == asked_for(bare(question)) == asked


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("Thời gian thực hiện: Quý I", "date", 1.0), ("Hằng năm đo gió", "date", 0.5), ("Đo gió", "date", 0.0),
        ("đạt 80%", "amount", 1.0), ("bố trí kinh phí", "money", 0.3), ("chi 40 triệu đồng", "money", 1.0),
        ("Giao Sở Gió đo gió", "agency", 1.0), ("Sở Gió đo", "agency", 0.5), ("Quyết định số 9/QĐ-UBND", "document", 1.0),
    ],
)  # fmt: skip
def test_signs_are_clear_faint_or_absent(text: str, name: str, value: float):
    assert cues_in(text)[CUES.index(name)] == clearness(text, {name}) == value


def test_definitions_and_everyday_words_for_money():
    assert is_definition("SIGIO la gi") and not is_definition("SIGIO làm gì")
    assert defined_in("giữ nghề làm diều (SIGIO) và (gió)") == {"sigio"}
    assert plan_terms("tốn bao nhiêu tiền", ["ton", "bao", "nhieu", "tien"]) == ["ton", "tien", "kinh", "phi", "kinh_phi"]


def test_quoted_lines_keep_the_answer_and_the_order_and_mark_gaps():
    text = "Đo gió.\nThuê bãi trước ngày 01/4/2031.\nGặt lúa.\nVẽ áp phích."
    assert quoted_lines(text, "thuê bãi trước ngày nào", 36) == "…\nThuê bãi trước ngày 01/4/2031.\n…"
    assert quoted_lines(text, "thuê bãi và gặt lúa", 46) == "…\nThuê bãi trước ngày 01/4/2031.\nGặt lúa.\n…"
    assert quoted_lines(text, "thuê bãi", 400) == text
    assert quoted_lines("Thuê bãi rất dài", "thuê bãi", 9) == "Thuê bãi…"


QUESTIONS = (
    "kinh phí ngày hội thả diều lấy ở đâu", "sở lúa làm gì trong ngày hội thả diều năm 2029", "thuê bãi trước ngày nào",
    "SIGIO viết tắt của gì", "kế hoạch 6/KH-UBND nói gì", "ai đo gió",
)  # fmt: skip


@pytest.fixture
def narrow(desk: Searcher, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], Searcher]:
    """The same desk, to which its passages are too many: the first stage takes so many of each kind."""

    def narrowed(n: int) -> Searcher:
        monkeypatch.setattr(knowledge.retrieval.plans, "_CANDIDATES", n)
        config = desk.config.model_copy(update={"candidates": desk.config.candidates.model_copy(update={"plan_passages": 1})})
        return Searcher(desk.index, HashEncoder(), config)

    return narrowed


def hits_of(desk: Searcher, question: str) -> list[tuple[str, float]]:
    return [(hit.passage.id, round(hit.score, 4)) for hit in desk.search(question, kinds=["plan"]).plan_hits]


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_first_stage_that_takes_everything_ranks_as_none(desk: Searcher, narrow: Callable[[int], Searcher], question: str) -> None:
    n = len(desk.index.passages) - desk.index.manifest.n_passages
    assert hits_of(narrow(n - 1), question)[:3] == hits_of(desk, question)[:3]


@pytest.mark.parametrize("question", QUESTIONS)
def test_of_too_many_passages_a_few_are_ranked_and_the_best_is_among_them(desk: Searcher, narrow: Callable[[int], Searcher], question: str) -> None:
    found = hits_of(narrow(3), question)
    assert found[0][0] == hits_of(desk, question)[0][0]
    assert len(found) < len(hits_of(desk, question))


def test_passages_of_a_plan_that_is_named_by_number_are_ranked_however_little_they_score(narrow: Callable[[int], Searcher]) -> None:
    desk = narrow(1)
    found = {hit.passage.id for hit in desk.search("6/KH-UBND", kinds=["plan"]).plan_hits}
    named = {p.id for p in desk.index.passages if p.record_id == OLDER.id}
    assert named and named <= found
