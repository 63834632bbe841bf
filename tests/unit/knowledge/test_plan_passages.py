"""Passages of a plan: sections whole or by their parts, headings above them, nothing lost."""

from __future__ import annotations

from datetime import date

import pytest

from knowledge.chunking import MAX_PLAN_PASSAGE, passages_of_plan, plan_passage_context
from knowledge.model import Plan, PlanSection, Source

TOP = ("IV. TỔ CHỨC THỰC HIỆN",)
FINANCE = (*TOP, "2. Sở Tài chính")
LONG = "Dọn bến sông, thả phao và cắm biển báo. " * 30


def plan_of(*sections: PlanSection) -> Plan:
    return Plan("p", "Kế hoạch bến sông", Source("p.txt", "p"), "9/KH-UBND", "Kế hoạch", "UBND tỉnh Mây", "Mây", date(2031, 2, 3), sections=sections)


def cut(*sections: PlanSection) -> list[tuple[str, str]]:
    return [(p.section, p.text) for p in passages_of_plan(plan_of(*sections))]


def test_items_without_heading_are_joined_under_the_heading_above_them_with_their_labels():
    assert cut(
        PlanSection("IV", "TỔ CHỨC THỰC HIỆN", TOP, ()),
        PlanSection("IV.2", "Sở Tài chính", FINANCE, ()),
        PlanSection("IV.2.a", "", FINANCE, ("Chi tiền.",)),
        PlanSection("IV.2.b", "", FINANCE, ("Thu sổ.",)),
    ) == [("IV.2. Sở Tài chính", "a. Chi tiền.\nb. Thu sổ.")]


def test_agencies_with_headings_of_their_own_stay_apart():
    assert cut(
        PlanSection("IV", "TỔ CHỨC THỰC HIỆN", TOP, ("Phân công như sau.",)),
        PlanSection("IV.1", "Sở Gió", (*TOP, "1. Sở Gió"), ("Đo gió.",)),
        PlanSection("IV.2", "Sở Tài chính", FINANCE, ("Chi tiền.",)),
    ) == [("IV. TỔ CHỨC THỰC HIỆN", "Phân công như sau."), ("IV.1. Sở Gió", "Đo gió."), ("IV.2. Sở Tài chính", "Chi tiền.")]


def test_a_small_section_below_the_top_takes_its_titled_parts_with_it():
    deep = (*FINANCE, "c. Nội dung")
    assert cut(
        PlanSection("IV", "TỔ CHỨC THỰC HIỆN", TOP, ()),
        PlanSection("IV.2", "Sở Tài chính", FINANCE, ()),
        PlanSection("IV.2.a", "", FINANCE, ("Thời gian: Quý I.",)),
        PlanSection("IV.2.c", "Nội dung", deep, ("Chi tiền.",)),
    ) == [("IV.2. Sở Tài chính", "a. Thời gian: Quý I.\nc. Nội dung\nChi tiền.")]


def test_a_heading_with_nothing_beneath_is_a_line_of_the_section_above():
    assert cut(
        PlanSection("IV", "TỔ CHỨC THỰC HIỆN", TOP, ()),
        PlanSection("IV.1", "Mở hội thả diều", (*TOP, "1. Mở hội thả diều"), ()),
        PlanSection("IV.2", "", TOP, ("Dọn bãi.",)),
    ) == [("IV. TỔ CHỨC THỰC HIỆN", "1. Mở hội thả diều\n2. Dọn bãi.")]


def test_long_paragraphs_are_cut_at_sentences_and_nothing_is_lost():
    pieces = [text for _, text in cut(PlanSection("I", "Bến", ("I. Bến",), (LONG, "Xong.")))]
    assert len(pieces) > 1 and all(len(text) <= MAX_PLAN_PASSAGE for text in pieces)
    assert "".join("".join(pieces).split()) == "".join(f"{LONG}Xong.".split())
    assert all(text.endswith(".") for text in pieces)


def test_a_line_that_announces_others_goes_with_them():
    filler = "x" * (MAX_PLAN_PASSAGE - 40)
    pieces = [text for _, text in cut(PlanSection("I", "Bến", ("I. Bến",), (filler, "Sở Gió làm như sau:", "- Đo gió mỗi ngày ba lần.")))]
    assert pieces == [filler, "Sở Gió làm như sau:\n- Đo gió mỗi ngày ba lần."]


def test_articles_of_the_decision_are_no_preamble():
    sections = (PlanSection("", "", (), ("Căn cứ Luật Gió.",)), PlanSection("Điều 1", "", (), ("Ban hành kế hoạch.",)))
    assert cut(*sections) == [("Phần mở đầu", "Căn cứ Luật Gió."), ("Điều 1", "Điều 1. Ban hành kế hoạch.")]


@pytest.mark.parametrize("section", ["IV.2. Sở Tài chính", "Phần mở đầu"])
def test_the_context_names_document_and_headings_but_not_the_attached_plans_title(section: str):
    attached = ("Kế hoạch: BẾN SÔNG", *FINANCE)
    plan = plan_of(PlanSection("IV.2", "Sở Tài chính", attached, ("Chi tiền.",)))
    context = plan_passage_context(plan, (section,))
    assert context.startswith("Kế hoạch 9/KH-UBND Mây 2031 ") and "BẾN SÔNG" not in context
    assert ("IV. TỔ CHỨC THỰC HIỆN – 2. Sở Tài chính" in context) is (section != "Phần mở đầu")


def test_no_word_of_the_real_plans_is_lost_and_no_passage_is_too_long(corpus_dir):
    from knowledge.sources.plans import read_plan

    files = sorted(f for folder in ("plans", "plans-2025") for f in (corpus_dir / folder).iterdir())
    assert len(files) == 33
    for file in files:
        plan = read_plan(file)
        passages = list(passages_of_plan(plan))
        kept = "".join("".join(p.text for p in passages).split())
        assert all("".join(text.split()) in kept for s in plan.sections for text in s.paragraphs if len(text) < 300), plan.id
        assert max(len(p.text) for p in passages) <= MAX_PLAN_PASSAGE + 50
        assert len({p.id for p in passages}) == len(passages)
