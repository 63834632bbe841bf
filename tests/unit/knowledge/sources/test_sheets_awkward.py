"""Sheets as people really keep them: months typed as dates, formulas never saved, hidden sheets, heads of two rows, codes
that became numbers, old fonts in single columns, a quotation mark that nobody closed."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.styles import Font

from knowledge.sources.document import Document, Table
from knowledge.sources.faults import FileFault
from knowledge.sources.files import read_file
from knowledge.sources.guards import ReadLimits
from knowledge.sources.report import ReadReport
from knowledge.sources.sheet_file import read_csv, read_xlsx

HEAD = ["Mã TTHC", "Tên thủ tục hành chính", "Thời hạn giải quyết", "Lệ phí"]


def saved(book: openpyxl.Workbook, tmp_path: Path) -> Path:
    book.save(tmp_path / "danh-muc.xlsx")
    return tmp_path / "danh-muc.xlsx"


def book_of(*rows: list[Any]) -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    return book


def table_of(document: Document) -> tuple[tuple[str, ...], ...]:
    (table,) = (block for block in document.blocks if isinstance(block, Table))
    return table.rows


def kinds(report: ReadReport | Document) -> list[str]:
    return [w.message.split(" | ")[1].split(":")[0] for w in report.warnings if " | " in w.message]


def ways(report: ReadReport) -> list[tuple[str, tuple[str, ...], str]]:
    return [(way.time, way.fees, way.note) for record in report.records for way in record.submissions]


@pytest.mark.parametrize(
    ("value", "number_format", "printed"),
    [
        (datetime(2031, 6, 1), "mm/yyyy", "06/2031"),  # typed as "6/2031": the sheet shows no day
        (datetime(2031, 6, 1), "mmm-yy", "06/2031"),
        (datetime(2031, 6, 1), "[$-42A]mmmm yyyy", "06/2031"),
        (datetime(2031, 1, 1), "yyyy", "2031"),
        (datetime(2031, 6, 1), "dd/mm/yyyy", "01/06/2031"),
        (datetime(2031, 6, 1, 7, 30), "d/m/yyyy h:mm", "01/06/2031 07:30"),
        (0.005, "0.0%", "0,5%"),
        (20000, '#,##0 "đồng"', "20.000 đồng"),
        (20000, '#,##0\\ [$₫-42A]', "20.000 ₫"),
        (5, '0" ngày làm việc"', "5 ngày làm việc"),
        (1.5, '0.0" ngày"', "1,5 ngày"),
        (20000, "#,##0", "20000"),
        (0.1 + 0.2, "General", "0.3"),
    ],
)
def test_a_cell_says_what_the_sheet_shows(tmp_path: Path, value: Any, number_format: str, printed: str):
    book = book_of(["Việc", "Hạn"], ["Một", value])
    book.active["B2"].number_format = number_format
    assert table_of(read_xlsx(saved(book, tmp_path), ReadLimits()))[1] == ("Một", printed)


def test_values_that_failed_and_formulas_without_a_value_are_empty_and_said(tmp_path: Path):
    book = book_of(HEAD, ["9.000001", "Nuôi chim", "3 ngày", "#N/A"], ["9.000002", "Nuôi cá", "=1+2", "8.000 đồng"])
    book.active["D2"].data_type = "e"
    report = read_file(saved(book, tmp_path))
    assert ways(report) == [("3 ngày", (), ""), ("", ("8.000 đồng",), "")]
    assert kinds(report)[:2] == ["cell_errors", "formulas_left"]
    assert all("1" in w.message for w in report.warnings[:2])


def test_a_hidden_sheet_is_not_read_and_said(tmp_path: Path):
    book = book_of(HEAD, ["9.000001", "Nuôi chim", "3 ngày", "8.000 đồng"])
    old = book.create_sheet("2030", 0)
    old.append(HEAD)
    old.append(["9.000001", "Nuôi chim", "30 ngày", "80.000 đồng"])
    old.sheet_state = "hidden"
    report = read_file(saved(book, tmp_path))
    assert ways(report) == [("3 ngày", ("8.000 đồng",), "")]
    assert kinds(report)[0] == "hidden_sheet" and "2030" in report.warnings[0].message


def test_a_code_that_became_a_number_gets_its_last_zeros_back(tmp_path: Path):
    book = book_of(HEAD, [1.00023, "Nuôi chim"], [1.004222, "Nuôi cá"], ["1.000231", "Nuôi ong"])
    assert [record.code for record in read_file(saved(book, tmp_path)).records] == ["1.000230", "1.004222", "1.000231"]


def test_numbers_in_other_columns_get_no_zeros(tmp_path: Path):
    book = book_of(HEAD, ["1.000231", "Nuôi ong", 1.5, None])
    assert ways(read_file(saved(book, tmp_path))) == [("1.5", (), "")]


def test_a_column_in_an_old_font_becomes_unicode_beside_others(tmp_path: Path):
    book = book_of(HEAD, ["9.000001", "§¨ng ký", "3 ngày", "Miễn phí"], ["9.000002", "Đăng ký hộ tịch", "5 ngày", "Không thu"])
    for row in (2, 3):
        book.active.cell(row, 2).font = Font(name=".VnTime")
    report = read_file(saved(book, tmp_path))
    assert [record.name for record in report.records] == ["Đăng ký", "Đăng ký hộ tịch"]
    assert kinds(report)[0] == "converted"


def test_phi_and_le_phi_in_columns_of_their_own_are_both_read(tmp_path: Path):
    head = ["Mã TTHC", "Tên thủ tục hành chính", "Phí", "Lệ phí (đồng)", "Thời hạn"]
    report = read_file(saved(book_of(head, ["9.000001", "Nuôi chim", "2.000 đồng", "8.000", "3 ngày"]), tmp_path))
    assert ways(report) == [("3 ngày", ("Phí: 2.000 đồng", "Lệ phí: 8.000 đồng"), "")]


def test_a_head_of_two_rows_gives_each_way_its_time_and_fee(tmp_path: Path):
    book = book_of(
        ["STT", "Mã TTHC", "Tên TTHC", "Thời hạn", "Phí, lệ phí", None, "Ghi chú"],
        [None, None, None, None, "Trực tiếp", "Trực tuyến", None],
        [1, "9.000001", "Nuôi chim", "3 ngày", "8.000 đồng", "4.000 đồng", "xem thêm"],
    )
    for area in ("A1:A2", "B1:B2", "C1:C2", "D1:D2", "G1:G2", "E1:F1"):
        book.active.merge_cells(area)
    report = read_file(saved(book, tmp_path))
    assert [(way.channel, way.time, way.fees) for way in report.records[0].submissions] == [
        ("desk", "3 ngày", ("8.000 đồng",)), ("online", "3 ngày", ("4.000 đồng",)),
    ]  # fmt: skip
    assert [w.field for w in report.warnings if "?" in w.field] == []


def test_columns_that_are_not_read_are_named(tmp_path: Path):
    head = ["Mã TTHC", "Tên thủ tục hành chính", "Ghi chú riêng"]
    report = read_file(saved(book_of(head, ["9.000001", "Nuôi chim", "gấp"]), tmp_path))
    assert any("columns_left" in w.message and "ghi chú riêng" in w.message for w in report.warnings)


@pytest.mark.parametrize("heading", ["Thời gian tiếp nhận", "Thời hạn hiệu lực của giấy", "Thời gian làm việc"])
def test_the_time_is_that_of_the_decision(tmp_path: Path, heading: str):
    head = ["Mã TTHC", "Tên thủ tục hành chính", heading, "Thời hạn giải quyết"]
    report = read_file(saved(book_of(head, ["9.000001", "Nuôi chim", "5 năm", "3 ngày"]), tmp_path))
    assert ways(report) == [("3 ngày", (), "")]


def test_a_second_table_of_the_sheet_has_columns_of_its_own(tmp_path: Path):
    book = book_of(
        HEAD, ["9.000001", "Nuôi chim", "3 ngày", "8.000 đồng"], [],
        ["Mã TTHC", "Tên thủ tục hành chính", "Lệ phí", "Thời hạn giải quyết"], ["9.000002", "Nuôi cá", "9.000 đồng", "5 ngày"],
    )  # fmt: skip
    report = read_file(saved(book, tmp_path))
    assert ways(report) == [("3 ngày", ("8.000 đồng",), ""), ("5 ngày", ("9.000 đồng",), "")]
    assert kinds(report) == ["list_only"]


def test_a_quotation_mark_that_nobody_closed_is_a_fault_and_not_one_long_cell(tmp_path: Path):
    path = tmp_path / "a.csv"
    path.write_text(";".join(HEAD) + '\n9.000001;"Nuôi chim;3 ngày;8.000 đồng\n9.000002;Nuôi cá;5 ngày;\n', encoding="utf-8")
    with pytest.raises(FileFault) as caught:
        read_csv(path, ReadLimits())
    assert caught.value.kind == "damaged"


def test_quotation_marks_inside_a_cell_hurt_nothing(tmp_path: Path):
    path = tmp_path / "a.csv"
    path.write_text('Tên;Việc\nDiều "giấy" đỏ;"Bay ""cao"" lên"\n"Diều" vải;Bay\n', encoding="utf-8-sig")
    assert table_of(read_csv(path, ReadLimits())) == (("Tên", "Việc"), ('Diều "giấy" đỏ', 'Bay "cao" lên'), ("Diều vải", "Bay"))


def test_a_list_in_utf_16_reads_like_one_in_utf_8(tmp_path: Path):
    path = tmp_path / "a.csv"
    path.write_text(";".join(HEAD) + "\r\n9.000001;Nuôi chim;3 ngày;8.000 đồng\r\n", encoding="utf-16")
    assert ways(read_file(path)) == [("3 ngày", ("8.000 đồng",), "")]


def test_merged_cells_of_a_large_sheet_are_said_in_each_row_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("knowledge.sources.sheet_file._SMALL_BYTES", 10)
    book = book_of([*HEAD, "Lĩnh vực"], ["9.000001", "Nuôi chim", "3 ngày", "", "Chim"], ["9.000002", "Nuôi cá", "5 ngày", "", None])
    book.active.merge_cells("E2:E3")
    assert [record.field for record in read_file(saved(book, tmp_path)).records] == ["Chim", "Chim"]
