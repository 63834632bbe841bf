"""Bundled files: the schema refuses what is wrong and says where; the check finds differing facts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from knowledge.content.check import check, compare_with_corpus, undeclared
from knowledge.content.loader import load_bundled, read_plan_file, read_procedure_file
from knowledge.errors import ContentError
from knowledge.facts import compare_procedures, plain
from knowledge.library import build_library
from knowledge.sources.portal_jsonl import read_portal_jsonl

DATA = Path(__file__).resolve().parents[3] / "data" / "knowledge"
CONTENT = DATA / "content"


@pytest.fixture
def write(tmp_path: Path):
    """Write the good procedure with changes; returns its path."""
    good = yaml.safe_load((CONTENT / "procedures" / "9.000001.yml").read_text(encoding="utf-8"))

    def _write(**changes: object) -> Path:
        path = tmp_path / "9.000001.yml"
        path.write_text(yaml.safe_dump({**good, **changes}, allow_unicode=True), encoding="utf-8")
        return path

    return _write


def test_a_good_folder_becomes_procedures_and_plans():
    report = load_bundled(CONTENT)
    (procedure,), (plan,) = report.records, report.plans
    assert procedure.source.origin == "bundled" and procedure.source.read_on == "2031-05"
    assert procedure.steps == "1. Chuẩn bị tờ khai\n2. Nộp và nhận giấy"
    assert (plan.number, plan.tasks[0].deadline) == ("7/KH-UBND", "2031-04-01")
    assert plan.sections[0].title == "Tóm tắt"


def test_a_bare_number_as_time_is_uncertain():
    online, desk = load_bundled(CONTENT).records[0].submissions
    assert (online.is_time_certain, desk.is_time_certain) == (True, False)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"code": "9.1"}, "code"),
        ({"code": "9.000002"}, "code"),
        ({"stranger": 1}, "stranger"),
        ({"levels": ["Cấp huyện"]}, "levels"),
        ({"aliases": ["một", "hai", "ba", "bốn"]}, "aliases"),
        ({"aliases": ["một", "Một", "ba", "bốn", "năm"]}, "aliases"),
        ({"name": " "}, "name"),
        ({"submissions": [{"channel": "desk", "fees": [""]}]}, "submissions.0.fees.0"),
        ({"documents": [{"name": ""}]}, "documents.0.name"),
        ({"source": {"title": "x", "url": "https://x.invalid", "read_on": "2031-13"}}, "source.read_on"),
        ({"source": {"title": "x", "url": "ftp", "read_on": "2031-05"}}, "source.url"),
        ({"source": {"title": "x", "url": "", "read_on": "2031-05"}}, "whole file"),
        ({"differs": [{"field": "colour", "why": "x"}]}, "differs.0.field"),
    ],
)
def test_a_fault_names_file_and_field(write, changes: dict[str, object], field: str):
    with pytest.raises(ContentError) as caught:
        read_procedure_file(write(**changes))
    assert field in caught.value.field
    assert str(caught.value).startswith("9.000001.yml: ")


def test_text_that_is_no_yaml_is_refused(tmp_path: Path):
    path = tmp_path / "9.000001.yml"
    path.write_text("code: [", encoding="utf-8")
    with pytest.raises(ContentError, match="readable YAML"):
        read_procedure_file(path)


def test_a_plan_period_that_runs_backwards_is_refused(tmp_path: Path):
    good = yaml.safe_load((CONTENT / "plans" / "ke-hoach-dieu-2031.yml").read_text(encoding="utf-8"))
    good["period"] = {"from": "2031-12-31", "to": "2031-01-01"}
    path = tmp_path / "ke-hoach-dieu-2031.yml"
    path.write_text(yaml.safe_dump(good, allow_unicode=True), encoding="utf-8")
    with pytest.raises(ContentError, match="period"):
        read_plan_file(path)


def libraries():
    imported = read_portal_jsonl(DATA / "jsonl" / "invented-2031-05.jsonl")
    return build_library(load_bundled(CONTENT)), build_library(imported)


def test_only_the_declared_difference_is_found():
    differences = compare_with_corpus(*libraries())
    assert [(difference.field, difference.place) for difference in differences] == [("time", "desk")]
    assert undeclared(differences, CONTENT) == ()


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("fee", lambda own: {"submissions": (replace(own.submissions[0], fees=("15.000 đồng",)), own.submissions[1])}),
        ("time", lambda own: {"submissions": (replace(own.submissions[0], time="9 ngày"), own.submissions[1])}),
        ("agency", lambda own: {"agency": "Sở Chim"}),
        ("documents", lambda own: {"documents": own.documents[:2]}),
        ("documents", lambda own: {"documents": (*own.documents, replace(own.documents[0], name="Hộ chiếu ngựa vằn"))}),
    ],
)
def test_a_changed_fact_is_found(field: str, change):
    bundled, imported = libraries()
    own = bundled.procedures["9.000001"]
    found = {difference.field for difference in compare_procedures(replace(own, **change(own)), imported.procedures["9.000001"])}
    assert field in found - ({"time"} if field != "time" else set())


def test_a_changed_fact_is_reported_as_undeclared():
    bundled, imported = libraries()
    own = replace(bundled.procedures["9.000001"], agency="Sở Chim")
    assert [item.field for item in undeclared(compare_procedures(own, imported.procedures["9.000001"]), CONTENT)] == ["agency"]


def test_another_difference_of_an_acknowledged_field_is_reported_again():
    bundled, imported = libraries()
    own, other = bundled.procedures["9.000001"], imported.procedures["9.000001"]
    online, *desks = other.submissions
    changed = replace(other, submissions=(online, *(replace(desk, time="9 ngày làm việc") for desk in desks)))
    (known,) = check(compare_procedures(own, other), CONTENT)
    (new,) = check(compare_procedures(own, changed), CONTENT)
    assert known.difference.field == new.difference.field == "time"
    assert known.is_acknowledged and known.why.startswith("Bản ghi còn có một dòng")
    assert not new.is_acknowledged


def test_a_slip_on_our_side_of_an_acknowledged_difference_is_reported_too():
    bundled, imported = libraries()
    own = bundled.procedures["9.000001"]
    online, desk = own.submissions
    slipped = replace(own, submissions=(online, replace(desk, time="50")))
    assert [d.field for d in undeclared(compare_procedures(slipped, imported.procedures["9.000001"]), CONTENT)] == ["time"]


def test_a_papers_value_keeps_no_words_of_the_other_record():
    bundled, imported = libraries()
    other = imported.procedures["9.000001"]
    stranger = replace(other, documents=(*other.documents, replace(other.documents[0], name="Hộ chiếu ngựa vằn")))
    values = [d.value for d in compare_procedures(bundled.procedures["9.000001"], stranger) if d.field == "documents"]
    assert len(values) == 1 and values[0].startswith("also ") and "ngựa" not in values[0]


def test_spelling_of_numbers_does_not_count():
    assert plain("07  Ngày 10,000 VNĐ") == plain("7 ngày 10.000 vnđ")


def test_every_bundled_file_of_the_product_is_valid():
    report = load_bundled()
    assert len({record.code for record in report.records}) == len(report.records)
