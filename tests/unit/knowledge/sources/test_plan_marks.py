"""Who signed, what a plan rests on and what it replaces, from invented texts in the layouts that occur."""

from __future__ import annotations

import pytest

from knowledge.sources.plan_lines import Paragraph, read_paragraphs
from knowledge.sources.plan_marks import read_legal_grounds, read_replaced, read_signer


def lines(*texts: str) -> list[Paragraph]:
    return [Paragraph(text) for text in texts]


@pytest.mark.parametrize(
    "paragraphs",
    [
        lines("Nơi nhận:", "- Như trên;", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH", "Lê Thị Mây Xanh"),
        lines("TM. ỦY BAN NHÂN DÂN KT. CHỦ TỊCH PHÓ CHỦ TỊCH", "Lê Thị Mây Xanh"),
        [Paragraph("", ("Nơi nhận: - Sở Gió;", "TM. ỦY BAN NHÂN DÂN KT. CHỦ TỊCH PHÓ CHỦ TỊCH Lê Thị Mây Xanh"))],
        [*lines("KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH", "Lê Thị Mây Xanh"), Paragraph("Phụ lục I")],
        [Paragraph("", ("Nơi nhận:", "KT. CHỦ TỊCH PHÓ CHỦ TỊCH Lê Thị Mây Xanh")), *lines("Mẫu biểu số 1", "KẾ HOẠCH CỦA THỦ TƯỚNG")],
    ],
    ids=["lines", "one line and a name", "cells", "an appendix below", "a form below the table"],
)
def test_the_name_under_the_last_office_signs(paragraphs: list[Paragraph]):
    assert read_signer(paragraphs) == ("Lê Thị Mây Xanh", "Phó Chủ tịch")


@pytest.mark.parametrize(
    "paragraphs",
    [
        lines("KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH", "PHỤ LỤC"),
        lines("CHỦ TỊCH ỦY BAN NHÂN DÂN TỈNH TRĂNG SAO", "Căn cứ Luật Gió;"),
        lines("Giao Phó Chủ tịch Lê Thị Mây theo dõi."),
        [],
    ],
    ids=["no name", "the head of a decision", "prose", "nothing"],
)
def test_without_a_plain_name_nobody_is_said_to_have_signed(paragraphs: list[Paragraph]):
    assert read_signer(paragraphs) == ("", "")


def test_grounds_are_those_of_the_preamble_with_the_first_number_printed():
    body = lines(
        "Căn cứ Luật Gió ngày 19/6/2015;",
        "Căn cứ Nghị quyết số 66.2/2025/NQ-CP của Chính phủ;",
        "Thực hiện Kế hoạch số 20 5/KH-UBND ngày 1/1/2030 của tỉnh, Ủy ban nhân dân xã ban hành kế hoạch như sau:",
        "Căn cứ chức năng, nhiệm vụ, các sở làm việc sau:",
        "Xã có ba đồi gió.",
        "I. MỤC ĐÍCH",
        "Căn cứ Luật Mưa số 3/2020/QH14, đo mưa.",
    )
    grounds = read_legal_grounds(body)
    assert [basis.number for basis in grounds] == ["", "66.2/2025/NQ-CP", "5/KH-UBND"]
    assert grounds[0].title == "Căn cứ Luật Gió ngày 19/6/2015" and "ban hành" not in grounds[2].title


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("Kế hoạch này thay thế Kế hoạch số 371/KH-UBND ngày 31/7/2023 của xã Gió.", ["371/KH-UBND"]),
        ("(Quyết định này bãi bỏ Quyết định số 5/QĐ-UBND và Quyết định số 6/QĐ-UBND)", ["5/QĐ-UBND", "6/QĐ-UBND"]),
        ("Tham mưu thay thế Quyết định số 15/2021/QĐ-UBND.", []),
        ("Kế hoạch này thay thế các kế hoạch trước đây.", []),
    ],
)
def test_only_what_a_text_itself_replaces_by_number_is_replaced(text: str, numbers: list[str]):
    assert [basis.number for basis in read_replaced(read_paragraphs(text))] == numbers
