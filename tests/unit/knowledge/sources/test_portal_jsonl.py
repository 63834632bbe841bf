"""The portal's export as a file: whole records, and every way in which it can be broken."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from knowledge.errors import SourceError
from knowledge.sources.portal_jsonl import read_portal_jsonl

DATA = Path(__file__).resolve().parents[3] / "data" / "knowledge"
GOOD = DATA / "jsonl" / "invented-2031-05.jsonl"


def test_a_record_keeps_its_facts_in_separate_fields():
    record = read_portal_jsonl(GOOD).records[0]
    assert record.code == "9.000001"
    assert record.levels == ("Cấp tỉnh", "Cấp xã")
    assert record.ministry == "Bộ Nông nghiệp và Môi trường"
    assert record.aliases == ("nuôi bồ câu", "giấy chim")
    assert record.result == "Giấy nuôi chim"
    assert record.conditions == ""
    assert record.decision_number == "11/QĐ-XYZ"
    assert record.forms == ("CT01", "Mẫu số 12", "TK01")
    assert record.online_level == ""


def test_labels_with_commas_stay_whole():
    assert read_portal_jsonl(GOOD).records[0].applicants == (
        "Tổ chức (không bao gồm doanh nghiệp, HTX)",
        "Cán bộ, công chức, viên chức",
        "Công dân Việt Nam",
    )


def test_no_information_becomes_empty():
    record = read_portal_jsonl(GOOD).records[1]
    assert (record.agency, record.conditions, record.legal_basis, record.documents) == ("", "", (), ())


def test_the_source_names_file_code_month_and_digest():
    source = read_portal_jsonl(GOOD).records[0].source
    assert (source.id, source.read_on, source.origin) == ("invented-2031-05.jsonl#9.000001", "2031-05", "imported")
    assert source.url == "https://example.invalid/9.000001"
    assert len(source.digest) == 64


def test_the_day_of_the_file_counts_where_its_name_has_no_month(tmp_path: Path):
    path = tmp_path / "export.jsonl"
    path.write_bytes(GOOD.read_bytes())
    read_on = read_portal_jsonl(path).records[0].source.read_on
    assert len(read_on) == 10 and read_on[4] == "-"


def test_a_packed_file_reads_like_the_plain_one(tmp_path: Path):
    path = tmp_path / "invented-2031-05.jsonl.gz"
    path.write_bytes(gzip.compress(GOOD.read_bytes()))
    plain, packed = read_portal_jsonl(GOOD), read_portal_jsonl(path)
    assert [record.submissions for record in packed.records] == [record.submissions for record in plain.records]


def test_bad_lines_give_warnings_and_stop_nothing():
    report = read_portal_jsonl(DATA / "bad" / "broken.jsonl")
    assert [record.code for record in report.records] == ["9.000002"]
    messages = {warning.record: warning.message for warning in report.warnings}
    assert "not valid JSON" in messages["broken.jsonl:1"]
    assert "expected a JSON object, came list" in messages["broken.jsonl:2"]
    assert "no procedure code" in messages["broken.jsonl:3"]
    assert "'12'" in messages["broken.jsonl:4"]
    assert "came before" in messages["broken.jsonl:6"]
    assert "cot_la" in messages["broken.jsonl"]


def test_an_empty_file_is_refused_with_a_reason():
    with pytest.raises(SourceError, match="expected at least one procedure.*an empty file"):
        read_portal_jsonl(DATA / "bad" / "empty.jsonl")


def test_a_file_of_bad_lines_only_is_refused(tmp_path: Path):
    path = tmp_path / "x.jsonl"
    path.write_text("{\n[1]\n")
    with pytest.raises(SourceError, match="not valid JSON"):
        read_portal_jsonl(path)


def test_a_damaged_gz_is_refused(tmp_path: Path):
    path = tmp_path / "x.jsonl.gz"
    path.write_bytes(gzip.compress(GOOD.read_bytes())[:-200])
    with pytest.raises(SourceError, match="readable"):
        read_portal_jsonl(path)


def test_a_missing_file_is_refused(tmp_path: Path):
    with pytest.raises(SourceError):
        read_portal_jsonl(tmp_path / "none.jsonl")


def test_values_that_are_no_strings_do_not_stop_the_reading(tmp_path: Path):
    row = json.loads(GOOD.read_text(encoding="utf-8").splitlines()[1])
    path = tmp_path / "x.jsonl"
    path.write_text(json.dumps({**row, "dia_chi_tiep_nhan": None, "so_quyet_dinh": 7}), encoding="utf-8")
    record = read_portal_jsonl(path).records[0]
    assert (record.place, record.decision_number) == ("", "7")


def changed(tmp_path: Path, **cells: str):
    row = json.loads(GOOD.read_text(encoding="utf-8").splitlines()[0])
    path = tmp_path / "x.jsonl"
    path.write_text(json.dumps({**row, **cells}, ensure_ascii=False), encoding="utf-8")
    return read_portal_jsonl(path)


def test_steps_that_the_export_cut_into_the_papers_are_put_back(tmp_path: Path):
    report = changed(tmp_path, trinh_tu_thuc_hien="Bước 1. Lập hồ sơ theo mục", thanh_phan_ho_so="và nộp cho phường.")
    record = report.records[0]
    assert record.steps == "Bước 1. Lập hồ sơ theo mục thành phần hồ sơ và nộp cho phường."
    assert record.documents == ()
    assert any("rest of the steps" in warning.message for warning in report.warnings)


def test_papers_that_the_export_cut_into_the_conditions_are_put_back(tmp_path: Path):
    header = "Tên giấy tờMẫu đơn, tờ khaiSố lượng"
    report = changed(tmp_path, thanh_phan_ho_so=f"--{header}Đơn nêu", yeu_cau_dieu_kien=f"nuôi chim1 bản chính{header}Ảnh1 bản chính")
    record = report.records[0]
    assert [paper.name for paper in record.documents] == ["Đơn nêu yêu cầu, điều kiện thực hiện nuôi chim", "Ảnh"]
    assert record.conditions == ""


def test_a_keyword_footer_is_taken_off_every_cell(tmp_path: Path):
    footer = "Từ khóaKhông có thông tinMô tảNuôi ngoài trời.Chọn cơ quan thực hiệnTỉnhNộp hồ sơ"
    record = changed(tmp_path, ket_qua_xu_ly="Giấy chimMã: KQ.G10.000001Thẻ chimMã: TP-G12.0001128" + footer).records[0]
    assert record.result == "Giấy chim\nThẻ chim"
    assert record.conditions == "Nuôi ngoài trời."


def test_decomposed_text_becomes_nfc(tmp_path: Path):
    import unicodedata

    path = tmp_path / "x.jsonl"
    path.write_text(unicodedata.normalize("NFD", GOOD.read_text(encoding="utf-8")), encoding="utf-8")
    record = read_portal_jsonl(path).records[0]
    assert record.submissions[0].channel == "online"
    assert record.name == "Đăng ký nuôi chim bồ câu"
