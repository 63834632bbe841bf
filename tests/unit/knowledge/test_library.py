"""Merging readings, and reading whatever lies in a folder."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from knowledge.errors import SourceError
from knowledge.library import build_library, read_any
from knowledge.model import Plan, PlanTask, Procedure, Source
from knowledge.sources.report import ReadReport

DATA = Path(__file__).resolve().parents[2] / "data" / "knowledge"


def reading(read_on: str, origin: str = "imported", **fields: object) -> ReadReport:
    source = Source(f"{origin}-{read_on}", "Cổng", "", read_on, "", origin)  # type: ignore[arg-type]
    return ReadReport(records=(Procedure("9.000001", "Nuôi chim", source, **fields),))  # type: ignore[arg-type]


def test_the_newer_reading_wins_whichever_side_it_is_on():
    old, new = reading("2031-05", agency="Sở Cũ"), reading("2031-10-10", "bundled", agency="Sở Mới")
    assert build_library(new, old).procedures["9.000001"].agency == "Sở Mới"
    assert build_library(old, new).procedures["9.000001"].agency == "Sở Mới"


def test_on_a_tie_the_bundled_reading_wins():
    library = build_library(reading("2031-05", "bundled", agency="A"), reading("2031-05", agency="B"))
    assert library.procedures["9.000001"].agency == "A"


def test_aliases_and_notes_are_united_each_once():
    library = build_library(
        reading("2031-05", "bundled", aliases=("giấy chim", "nuôi chim"), notes=("Nhẹ tay.",)),
        reading("2031-06", aliases=("Giấy chim",)),
    )
    procedure = library.procedures["9.000001"]
    assert (procedure.aliases, procedure.notes) == (("Giấy chim", "nuôi chim"), ("Nhẹ tay.",))


def test_the_older_reading_is_reported_with_the_fields_that_differ():
    library = build_library(
        reading("2031-05", "bundled", agency="A", online_level="toàn trình"), reading("2031-06", agency="B")
    )
    (conflict,) = library.conflicts
    assert (conflict.kept, conflict.left, conflict.left_on) == ("imported-2031-06", "bundled-2031-05", "2031-05")
    assert conflict.fields == ("agency", "online_level")


def test_what_the_newer_reading_is_silent_on_is_filled_and_said():
    library = build_library(reading("2031-05", "bundled", online_level="toàn trình"), reading("2031-06"))
    assert library.procedures["9.000001"].online_level == "toàn trình"
    assert library.conflicts[0].filled == ("online_level",)


def test_a_plan_keeps_the_tasks_of_its_digest_where_the_text_gave_none():
    digest = Plan("p", "Kế hoạch", Source("p.yml", "K", "", "2031-05"), number="7/KH", tasks=(PlanTask("Thả diều", "Sở Gió"),))
    text = replace(digest, source=Source("p.txt", "K", "", "2031-06"), number="", tasks=())
    plan = build_library(ReadReport(plans=(digest,)), ReadReport(plans=(text,))).plans["p"]
    assert (plan.source.id, plan.number, len(plan.tasks)) == ("p.txt", "7/KH", 1)


DIGEST = Plan(
    "dieu", "Kế hoạch diều", Source("dieu.yml", "K", "", "2031-05", "", "bundled"), "7/KH-UBND", "Kế hoạch", "UBND tỉnh Trăng Sao",
    issued_on=date(2031, 3, 5), tasks=(PlanTask("Thả diều", "Sở Gió"),),
)  # fmt: skip
SCAN = replace(DIGEST, id="scan-0001", source=Source("scan-0001.pdf", "K", "", "2031-06"), number="7 /KH-UBND", tasks=())


@pytest.mark.parametrize(
    ("came", "ids"),
    [
        (SCAN, ["scan-0001"]),
        (replace(SCAN, authority="Chủ tịch UBND tỉnh Trăng Sao"), ["scan-0001"]),
        (replace(SCAN, issued_on=date(2030, 3, 5)), ["dieu", "scan-0001"]),
        (replace(SCAN, authority="UBND tỉnh Sương Lam"), ["dieu", "scan-0001"]),
        (replace(SCAN, number=""), ["dieu", "scan-0001"]),
        (replace(SCAN, issued_on=None), ["dieu", "scan-0001"]),
    ],
    ids=["the same document", "its chairman", "another year", "another province", "no number", "no day"],
)
def test_a_document_taken_in_under_its_own_name_and_its_bundled_digest_are_one(came: Plan, ids: list[str]):
    library = build_library(ReadReport(plans=(DIGEST,)), ReadReport(plans=(came,)))
    assert list(library.plans) == ids
    if len(ids) == 1:
        assert (library.plans["scan-0001"].source.id, len(library.plans["scan-0001"].tasks)) == ("scan-0001.pdf", 1)
        assert library.conflicts[0].record == "scan-0001"


def test_two_texts_that_were_taken_in_stay_two():
    other = replace(SCAN, id="scan-0002")
    assert list(build_library(ReadReport(), ReadReport(plans=(SCAN, other))).plans) == ["scan-0001", "scan-0002"]


def test_the_mappings_cannot_be_changed():
    library = build_library(reading("2031-05"))
    with pytest.raises(TypeError):
        library.procedures["x"] = None  # type: ignore[index]


def test_a_folder_is_read_through_and_unknown_files_give_one_warning_each(tmp_path: Path):
    shutil.copy(DATA / "jsonl" / "invented-2031-05.jsonl", tmp_path)
    shutil.copytree(DATA / "records", tmp_path / "records")
    shutil.copytree(DATA / "plans", tmp_path / "plans")
    (tmp_path / "a.pdf").write_bytes(b"%PDF")
    (tmp_path / "units.json").write_text('{"provinces": []}')
    (tmp_path / "broken.json").write_text("{")
    (tmp_path / "notes.md").write_text("Mua giấy màu.")
    report = read_any(tmp_path)
    assert {record.code for record in report.records} == {"9.000001", "9.000002", "9.000010"}
    assert {plan.id for plan in report.plans} == {"ke-hoach-dieu-2031", "quyet-dinh-sao"}
    warned = [warning.record for warning in report.warnings]
    for name in ("a.pdf", "units.json", "broken.json", "notes.md", "no-record.json"):
        assert warned.count(name) == 1


def test_a_missing_path_is_refused(tmp_path: Path):
    with pytest.raises(SourceError, match="nothing at this place"):
        read_any(tmp_path / "none")


def test_a_line_of_a_list_never_wins_over_a_whole_record_however_late_it_was_read():
    whole = reading("2030-01", result="Giấy")
    line = reading("2031-12", place="Quầy 1")
    (record,) = line.records
    line = ReadReport(records=(replace(record, source=replace(record.source, is_list=True)),))
    merged = build_library(ReadReport(), whole, line).procedures[record.code]
    assert merged.source.read_on == "2030-01" and merged.result == "Giấy" and merged.place == "Quầy 1"
