"""The portal's structured record."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.errors import SourceError
from knowledge.model import LegalBasis, RequiredDocument
from knowledge.sources.portal_record import read_portal_records

DATA = Path(__file__).resolve().parents[3] / "data" / "knowledge" / "records"


@pytest.fixture(scope="module")
def report():
    return read_portal_records(DATA)


def test_a_folder_gives_its_records_and_a_warning_for_what_is_none(report):
    assert [record.code for record in report.records] == ["9.000010"]
    assert any(warning.record == "no-record.json" for warning in report.warnings)


def test_fees_name_their_kind_and_zero_with_words_means_the_words(report):
    online, desk = report.records[0].submissions
    assert online.fees == ("Lệ phí: 20.000 đồng (mỗi thẻ)", "Phí: Do tỉnh quy định")
    assert desk.fees == ("Miễn phí",)


def test_an_unknown_unit_leaves_the_bare_number(report):
    desk = report.records[0].submissions[1]
    assert (desk.time, desk.is_time_certain) == ("4", False)


def test_times_that_contradict_stand_both(report):
    online = report.records[0].submissions[0]
    assert online.time == "9 ngày làm việc"
    assert "Cấp mới: 22 ngày" in online.note
    assert any(warning.field == "cases" for warning in report.warnings)


def test_papers_keep_case_quantity_and_form(report):
    assert report.records[0].documents == (
        RequiredDocument("Đơn xin thả diều có chữ ký", "1 bản chính, 2 bản sao", "TD01.docx", "Trẻ em"),
        RequiredDocument("Ảnh", "", "", "Trẻ em"),
    )


def test_the_other_fields_are_read(report):
    record = report.records[0]
    assert record.levels == ("Cấp xã",)
    assert record.agency == "Ủy ban nhân dân cấp xã"
    assert record.legal_basis == (LegalBasis("Luật Diều", "9/2030/QH15"),)
    assert record.applicants == ("Cán bộ, công chức, viên chức", "Công dân Việt Nam")
    assert (record.conditions, record.online_level, record.decision_number) == ("", "toàn trình", "22/QĐ-ABC")
    assert record.source.url.endswith("/0000-aa")
    assert record.forms == ("TD01",)


def test_the_folder_name_tells_when_the_collection_was_taken(tmp_path: Path):
    folder = tmp_path / "collection-2031-10-10" / "details"
    folder.mkdir(parents=True)
    (folder / "a.json").write_bytes((DATA / "details" / "0000-aa.json").read_bytes())
    assert read_portal_records(folder / "a.json").records[0].source.read_on == "2031-10-10"


def test_a_folder_without_records_is_refused(tmp_path: Path):
    with pytest.raises(SourceError, match="at least one portal record"):
        read_portal_records(tmp_path)


def test_a_broken_file_beside_a_good_one_gives_a_warning(tmp_path: Path):
    (tmp_path / "a.json").write_bytes((DATA / "details" / "0000-aa.json").read_bytes())
    (tmp_path / "b.json").write_text("{")
    report = read_portal_records(tmp_path)
    assert len(report.records) == 1
    assert any("JSON" in warning.message and warning.record == "b.json" for warning in report.warnings)
