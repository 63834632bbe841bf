"""JSON as programs really write it: numbers as words, one broken record among good ones, UTF-16, a file cut in the middle."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from knowledge.sources.files import read_file
from knowledge.sources.portal_jsonl import read_portal_jsonl

GOOD = Path(__file__).resolve().parents[3] / "data" / "knowledge" / "jsonl" / "invented-2031-05.jsonl"


def record(**more: Any) -> dict[str, Any]:
    return {"code": "9.000001", "name": "Nuôi chim", "executionMethods": [], "executionCases": [], **more}


def read(tmp_path: Path, *values: Any):
    path = tmp_path / "a.json"
    path.write_text(json.dumps(list(values), ensure_ascii=False), encoding="utf-8")
    return read_file(path)


def method(**more: Any) -> dict[str, Any]:
    return {"submissionMethod": "DIRECT", "processingTime": 3, "processingTimeUnit": "WORKING_DAY", "fees": [], **more}


def test_numbers_that_are_words_are_numbers(tmp_path: Path):
    fee = {"type": "SERVICE_FEE", "value": "8000", "currencyId": "VND"}
    paper = {"name": "Tờ khai", "originalQty": "1", "copyQty": "0"}
    report = read(
        tmp_path, record(executionMethods=[method(processingTime="9", fees=[fee])], executionCases=[{"profileComponents": [paper]}])
    )
    (bird,) = report.records
    assert (bird.submissions[0].time, bird.submissions[0].fees) == ("9 ngày làm việc", ("Lệ phí: 8.000 đồng",))
    assert bird.documents[0].quantity == "1 bản chính"


def test_a_time_or_fee_that_is_no_number_stays_raw_and_is_marked(tmp_path: Path):
    fee = {"type": "FEE", "value": "theo quy định", "currencyId": "VND"}
    report = read(tmp_path, record(executionMethods=[method(processingTime="từ 3 đến 5", fees=[fee])]))
    (way,) = report.records[0].submissions
    assert (way.time, way.is_time_certain, way.fees) == ("từ 3 đến 5 ngày làm việc", True, ("Phí: theo quy định",))
    assert {w.field for w in report.warnings} == {"executionMethods"}
    assert len(report.warnings) == 2


@pytest.mark.parametrize(
    "broken",
    [
        {"cases": [{"processingDay": "3 ngày"}]},
        {"procedureProposal": ["12"]},
        {"executionMethods": [{"fees": [{"value": float("inf"), "type": "FEE"}]}]},
    ],
)
def test_one_broken_record_never_stops_the_rest(tmp_path: Path, broken: dict[str, Any]):
    codes = [r.code for r in read(tmp_path, record(**broken), record(code="9.000002")).records]
    assert "9.000002" in codes


def test_a_list_that_opens_with_a_gap_is_read(tmp_path: Path):
    assert [r.code for r in read(tmp_path, None, record()).records] == ["9.000001"]


def test_description_and_note_of_a_record_are_kept_with_its_conditions(tmp_path: Path):
    (bird,) = read(tmp_path, record(requirementsAndConditions="Có chuồng.", description="Chim cảnh.", note="Không")).records
    assert bird.conditions == "Có chuồng.\n\nChim cảnh."


def test_an_unknown_way_of_handing_in_keeps_its_name(tmp_path: Path):
    report = read(tmp_path, record(executionMethods=[method(submissionMethod="KIOSK")]))
    assert "KIOSK" in report.records[0].submissions[0].note
    assert any("KIOSK" in w.message for w in report.warnings)


def test_json_in_utf_16_reads_like_json_in_utf_8(tmp_path: Path):
    path = tmp_path / "a.json"
    path.write_bytes(json.dumps(record(), ensure_ascii=False).encode("utf-16"))
    assert [r.name for r in read_file(path).records] == ["Nuôi chim"]
    lines = tmp_path / "a.jsonl"
    lines.write_bytes(GOOD.read_text(encoding="utf-8").encode("utf-16"))
    assert [r.code for r in read_portal_jsonl(lines).records] == [r.code for r in read_portal_jsonl(GOOD).records]


def test_bytes_that_are_no_letters_are_said(tmp_path: Path):
    path = tmp_path / "a.jsonl"
    line = GOOD.read_bytes().splitlines()[0]
    path.write_bytes(line.replace("ă".encode(), b"\xe3", 1) + b"\n")
    report = read_portal_jsonl(path)
    assert any("bad_bytes" in w.message for w in report.warnings)


def test_values_that_are_lists_are_labels_and_no_program_text(tmp_path: Path):
    row = json.loads(GOOD.read_text(encoding="utf-8").splitlines()[0])
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({**row, "doi_tuong_thuc_hien": ["Công dân Việt Nam", "Tổ chức"], "linh_vuc": {"a": 1}}) + "\n", encoding="utf-8")
    report = read_portal_jsonl(path)
    assert (report.records[0].applicants, report.records[0].field) == (("Công dân Việt Nam", "Tổ chức"), "")
    assert any(w.field == "linh_vuc" for w in report.warnings)


def test_an_export_that_ends_in_the_middle_of_a_line_is_said_to_be_cut(tmp_path: Path):
    whole = GOOD.read_bytes().splitlines()
    path = tmp_path / "a.jsonl"
    path.write_bytes(whole[0] + b"\n" + whole[1][:200])
    report = read_portal_jsonl(path)
    assert len(report.records) == 1
    assert any("cut_short" in w.message for w in report.warnings)
