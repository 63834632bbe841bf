"""The glued table of papers, taken apart."""

from __future__ import annotations

import pytest

from knowledge.model import RequiredDocument
from knowledge.sources.documents import HEADER, split_documents


def papers_of(rows: str, case: str = "--") -> tuple[RequiredDocument, ...]:
    return split_documents(case + HEADER + rows)[0]


def test_each_quantity_ends_a_paper():
    assert papers_of("Đơn xin1 bản chínhẢnh;0 bản chính,1 bản sao") == (
        RequiredDocument("Đơn xin", "1 bản chính"),
        RequiredDocument("Ảnh", "0 bản chính,1 bản sao"),
    )


def test_a_quantity_inside_a_name_belongs_to_the_name():
    (paper,) = papers_of("Đơn (01 bản chính) nộp 2 bản chính tại quầy1 bản chính")
    assert paper == RequiredDocument("Đơn (01 bản chính) nộp 2 bản chính tại quầy", "1 bản chính")


@pytest.mark.parametrize(
    ("rows", "name"),
    [("Đơn theo Mẫu số 121 bản chính", "Đơn theo Mẫu số 12"), ("Luật năm 20261 bản chính", "Luật năm 2026")],
)
def test_digits_that_run_into_the_quantity_go_back_to_the_name(rows: str, name: str):
    (paper,) = papers_of(rows)
    assert (paper.name, paper.quantity) == (name, "1 bản chính")


def test_the_older_way_of_quantities_is_read():
    (paper,) = papers_of("Đơn xinBản chính: 1 - Bản sao: 0")
    assert paper.quantity == "Bản chính: 1 - Bản sao: 0"


@pytest.mark.parametrize(
    ("row", "name", "form"),
    [
        ("Đơn theo mẫuMaudon.docx1 bản chính", "Đơn theo mẫu", "Maudon.docx"),
        ("Đơn theo Nghị định 1/2031/NĐ-CPMẫu số 01.docx1 bản chính", "Đơn theo Nghị định 1/2031/NĐ-CP", "Mẫu số 01.docx"),
        ("Đơn theo mẫu;Mẫu 1.docxMẫu 2.docx1 bản chính", "Đơn theo mẫu", "Mẫu 1.docx; Mẫu 2.docx"),
        ("Đơn theo mẫuMẪU ĐƠN (4).docx1 bản chính", "Đơn theo mẫu", "MẪU ĐƠN (4).docx"),
        ("Tờ khai.m01a.pdf1 bản chính", "Tờ khai.", "m01a.pdf"),
        ("Công văn (Mẫu số 01)Mau so 01.TT41.doc1 bản chính", "Công văn (Mẫu số 01)", "Mau so 01.TT41.doc"),
        ("Tờ khai kèm Thông tư 1/2031/TT-BTC05 TNDN.docx1 bản chính", "Tờ khai kèm Thông tư 1/2031/TT-BTC", "05 TNDN.docx"),
    ],
)
def test_form_files_are_told_from_the_name(row: str, name: str, form: str):
    (paper,) = papers_of(row)
    assert (paper.name, paper.form) == (name, form)


def test_a_file_without_a_seam_stays_in_the_name_with_a_warning():
    cell = "--" + HEADER + "Bản kê các loại giấy tờ phải nộp theo yêu cầu, gồm đơn xin nuôi chim bồ câu của hộ.docx1 bản chính"
    (paper,), problems = split_documents(cell)
    assert paper.form == "" and paper.name.endswith(".docx")
    assert problems


def test_the_words_after_a_quantity_name_the_next_case():
    papers = papers_of(f"Đơn1 bản chínhTrường hợp mất giấy:{HEADER}Giấy báo mất1 bản chính", case="Cấp mới:")
    assert [(paper.case, paper.name) for paper in papers] == [("Cấp mới", "Đơn"), ("Trường hợp mất giấy", "Giấy báo mất")]


def test_a_cell_without_table_is_one_paper_with_a_warning():
    papers, problems = split_documents("Đơn xin và ảnh")
    assert papers == (RequiredDocument("Đơn xin và ảnh"),)
    assert problems


@pytest.mark.parametrize("cell", ["--", "", "Không có thông tin"])
def test_an_empty_cell_gives_nothing(cell: str):
    assert split_documents(cell) == ((), ())
