"""PDF files with a text layer: lines, ruled tables, page breaks. Made here; the hostile ones are in test_guards.py."""

from __future__ import annotations

from pathlib import Path

import pypdfium2 as pdfium
import pytest

from knowledge.sources.document import Document, Line, Table, join_broken, join_lines
from knowledge.sources.files import read_file
from knowledge.sources.guards import ReadLimits
from knowledge.sources.pdf_file import read_pdf
from tests.unit.knowledge.sources.pdf_making import PdfMaker

HEAD = ("TT", "Nội dung", "Cơ quan chủ trì", "Thời hạn")
WIDTHS = (30, 200, 120, 100)


def read(maker: PdfMaker, tmp_path: Path) -> Document:
    return read_pdf(maker.save(tmp_path / "a.pdf"), ReadLimits())


def rows_of(table: Table) -> list[tuple[str, ...]]:
    return [tuple(cell.strip() for cell in row) for row in table.rows]


def test_lines_keep_their_order_boldness_and_gaps(tmp_path: Path):
    maker = PdfMaker().lines("KẾ HOẠCH", is_bold=True).lines("Dòng một", "Dòng hai", "", "Sau chỗ trống", "Dòng cuối")
    lines = [block for block in read(maker, tmp_path).blocks if isinstance(block, Line)]
    assert [line.text for line in lines] == ["KẾ HOẠCH", "Dòng một", "Dòng hai", "", "Sau chỗ trống", "Dòng cuối"]
    assert [line.text for line in lines if line.is_bold] == ["KẾ HOẠCH"]


def test_page_numbers_are_dropped_and_other_numbers_stay(tmp_path: Path):
    maker = PdfMaker().lines("1", "Năm", "2031", "là năm thả diều").new_page().lines("Trang hai", "- 2 -")
    lines = [block.text for block in read(maker, tmp_path).blocks if isinstance(block, Line)]
    assert lines == ["Năm", "2031", "là năm thả diều", "Trang hai"]


def test_a_ruled_table_between_lines_is_a_table(tmp_path: Path):
    maker = PdfMaker().lines("Trước bảng").table((HEAD, ("1", "Mua giấy\nmàu", "Sở Gió", "Quý I")), WIDTHS).lines("Sau bảng")
    before, table, after = read(maker, tmp_path).blocks
    assert isinstance(table, Table) and isinstance(before, Line) and isinstance(after, Line)
    assert (before.text, after.text) == ("Trước bảng", "Sau bảng")
    assert rows_of(table) == [HEAD, ("1", "Mua giấy\nmàu", "Sở Gió", "Quý I")]


def test_a_table_over_a_page_break_is_one_and_its_head_is_said_once(tmp_path: Path):
    maker = PdfMaker().table((HEAD, ("1", "Mua giấy", "Sở Gió", "Quý I")), WIDTHS)
    maker.table((HEAD, ("2", "Thả diều", "Sở Mây", "Quý II")), WIDTHS, opened=True)
    (table,) = read(maker, tmp_path).blocks
    assert isinstance(table, Table)
    assert [row[0] for row in rows_of(table)] == ["TT", "1", "2"]
    assert table.page_starts == (2,)


def test_another_table_on_the_next_page_stays_apart(tmp_path: Path):
    maker = PdfMaker().table((HEAD, ("1", "Mua giấy", "Sở Gió", "Quý I")), WIDTHS)
    maker.table((("A", "B"), ("C", "D")), (100, 100), opened=True)
    assert len(read(maker, tmp_path).blocks) == 2


def test_a_plan_in_pdf_reads_like_the_plan_in_text(tmp_path: Path):
    maker = PdfMaker().lines("UBND TỈNH TRĂNG SAO", "Số: 7/KH-UBND", "Trăng Sao, ngày 05 tháng 03 năm 2031", "")
    maker.lines("KẾ HOẠCH", "Tổ chức ngày hội thả diều", "tỉnh Trăng Sao năm 2031", is_bold=True)
    maker.lines("", "I. MỤC ĐÍCH", "Cho trẻ em chơi ngoài trời.", "II. NHIỆM VỤ")
    maker.table((HEAD, ("1", "Mua giấy màu", "Sở Gió", "Quý I/2031")), WIDTHS)
    maker.table((("2", "Thả diều", "Sở Mây", "Quý II/2031"),), WIDTHS, opened=True)
    (plan,) = read_file(maker.save(tmp_path / "ke-hoach.pdf")).plans
    assert (plan.id, plan.number, plan.kind) == ("ke-hoach", "7/KH-UBND", "Kế hoạch")
    assert plan.title == "Tổ chức ngày hội thả diều tỉnh Trăng Sao năm 2031"
    assert [section.number for section in plan.sections if section.number] == ["I", "II"]
    assert [(task.what, task.lead) for task in plan.tasks] == [("Mua giấy màu", "Sở Gió"), ("Thả diều", "Sở Mây")]


@pytest.mark.parametrize(
    ("above", "below", "whole"),
    [
        ("quyền sở h ", "ữu tài sản", "quyền sở hữu tài sản"),  # the blank comes from the page, not from the words
        ("xác định lại giá đấ", "t thì nộp thêm", "xác định lại giá đất thì nộp thêm"),
        ("nộp trực tiếp: Sa", "u khi kiểm tra", "nộp trực tiếp: Sau khi kiểm tra"),
        ("có bản gốc ", "đối chiếu", "có bản gốc đối chiếu"),
        ("trường hợp thực hiện", " thủ tục", "trường hợp thực hiện thủ tục"),
        ("bên khai thác", ", sử dụng", "bên khai thác, sử dụng"),
        ("Không quá 02 ngày.", "Đối với các xã", "Không quá 02 ngày.\nĐối với các xã"),
        ("gồm", "- Bản chính", "gồm\n- Bản chính"),
        ("", "một nửa", "một nửa"),
        ("một nửa", "", "một nửa"),
    ],
)
def test_halves_of_a_text_that_a_page_break_cut_are_joined(above: str, below: str, whole: str):
    assert join_broken(above, below) == whole


def test_a_blank_at_a_lines_end_runs_on_and_a_line_without_one_ends():
    assert join_lines(["quy định tại ", "Nghị định số 52/2021/", "NĐ-CP.", "Điều 2"]) == "quy định tại Nghị định số 52/2021/NĐ-CP.\nĐiều 2"


def test_a_stamp_over_a_scan_is_not_taken_for_the_page(tmp_path: Path):
    source = PdfMaker().lines("KẾ HOẠCH", "Thả diều năm 2031").save(tmp_path / "source.pdf")
    stamp = "VĂN PHÒNG ỦY BAN NHÂN DÂN TỈNH TRĂNG SAO"
    path = PdfMaker().picture(pdfium.PdfDocument(source)[0], dpi=40).lines(stamp, "Đến ngày 05/3/2031").save(tmp_path / "a.pdf")
    document = read_pdf(path, ReadLimits())
    assert [w.field for w in document.warnings if "page_covered" in w.message] == ["trang 1"]
    plain = PdfMaker().lines(stamp, "Đến ngày 05/3/2031").save(tmp_path / "b.pdf")
    assert read_pdf(plain, ReadLimits()).warnings == ()
