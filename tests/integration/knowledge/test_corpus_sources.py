"""The parsers on the real corpus, where it is at hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from knowledge.content.check import compare_with_corpus, undeclared
from knowledge.content.loader import load_bundled
from knowledge.library import build_library, read_any
from knowledge.model import Plan
from knowledge.sources.plans import read_plan
from knowledge.sources.portal_jsonl import read_portal_jsonl
from knowledge.sources.report import ReadReport

pytestmark = [pytest.mark.corpus, pytest.mark.integration]


@pytest.fixture(scope="module")
def export(corpus_dir: Path) -> ReadReport:
    return read_portal_jsonl(corpus_dir / "procedures-2026-07.jsonl.gz")


@pytest.fixture(scope="module")
def plans(corpus_dir: Path) -> list[Plan]:
    return [read_plan(path) for path in sorted((corpus_dir / "plans").glob("*.txt"))]


def test_every_record_of_the_export_is_read(export: ReadReport):
    assert len(export.records) == 2625
    assert all(record.name and record.ministry and record.source.read_on == "2026-07" for record in export.records)


def test_few_records_have_something_left_unsplit(export: ReadReport):
    doubtful = {warning.record for warning in export.warnings if "likely printed in thousands" not in warning.message}
    assert len(doubtful) / len(export.records) < 0.08


def test_times_without_unit_are_marked(export: ReadReport):
    uncertain = [record for record in export.records if not all(row.is_time_certain for row in record.submissions)]
    assert 300 <= len(uncertain) <= 420
    assert all(row.time.isdigit() or not row.time for record in uncertain for row in record.submissions if not row.is_time_certain)


def test_nothing_of_the_glued_tables_is_left_in_the_fields(export: ReadReport):
    for record in export.records:
        fields = [record.result, record.conditions, *(row.name for row in record.documents), *(row.title for row in record.legal_basis)]
        assert not any(mark in field for mark in ("Chọn cơ quan thực hiện", "Mẫu đơn, tờ khaiSố lượng", "Mã văn bản") for field in fields)


def test_the_five_plans_have_head_and_sections(plans: list[Plan]):
    assert len(plans) == 5
    for plan in plans:
        assert plan.number and plan.kind and plan.title and plan.authority and plan.place
        assert sum(bool(section.number) for section in plan.sections) >= 2


def test_each_fact_asked_for_stands_in_one_paragraph(plans: list[Plan], corpus_dir: Path):
    questions = corpus_dir.parent / "eval" / "plans-dev.jsonl"
    if not questions.is_file():
        pytest.skip("no development questions beside the corpus")
    for line in questions.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        plan = next(plan for plan in plans if plan.id.startswith(row["src"]))
        paragraphs = [" ".join(text.split()) for section in plan.sections for text in section.paragraphs]
        for fact in row["must"]:
            assert any(fact in paragraph for paragraph in paragraphs), row["id"]


def test_every_plan_of_2025_has_number_and_sections(corpus_dir: Path):
    paths = sorted((corpus_dir / "plans-2025").glob("*.md"))
    assert len(paths) == 28
    for path in paths:
        plan = read_plan(path)
        assert plan.number and plan.issued_on and plan.authority, path.name
        assert any(section.number for section in plan.sections), path.name


def test_the_whole_corpus_folder_is_read_without_failure(corpus_dir: Path):
    report = read_any(corpus_dir)
    assert (len(report.records), len(report.plans)) == (2625 + 24, 33)
    unused = [warning.record for warning in report.warnings if "nothing_found" in warning.message]
    assert sorted(unused) == ["SOURCES.md", "commune_old_to_new_vnexpress.csv", "vn_units_2026-07-25.json"]


def test_bundled_facts_agree_with_the_record_of_the_same_code(export: ReadReport):
    differences = undeclared(compare_with_corpus(build_library(load_bundled()), build_library(export)))
    assert not differences, f"{len(differences)} undeclared:\n" + "\n".join(map(str, differences))
