"""Legal bases and names of forms."""

from __future__ import annotations

import pytest

from knowledge.model import LegalBasis
from knowledge.sources.forms import find_forms
from knowledge.sources.legal import HEAD, split_legal_basis


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("Luật Chim12/2031/QH15", [("Luật Chim", "12/2031/QH15")]),
        ("Luật 90/2031/QH1390/2031/QH13Nghị định chim5/2032/NĐ-CP",
         [("Luật 90/2031/QH13", "90/2031/QH13"), ("Nghị định chim", "5/2032/NĐ-CP")]),
        ("Luật Chim năm 203113/2031/QH13", [("Luật Chim năm 2031", "13/2031/QH13")]),
        ("Phân cấp về chimNghị định số 6/2031/NĐ-CPThông tư chim7/2031/TT-BTCThông tư hai8/2031/TT-BCA",
         [("Phân cấp về chim", "6/2031/NĐ-CP"), ("Thông tư chim", "7/2031/TT-BTC"), ("Thông tư hai", "8/2031/TT-BCA")]),
        ("9/2031/TT-BTC9/2031/TT-BTC", [("9/2031/TT-BTC", "9/2031/TT-BTC")]),
        ("Cắt giảm66.7/2031/NQ-CP", [("Cắt giảm", "66.7/2031/NQ-CP")]),
        ("Thông tư số 3/2031/TT-BTC ngày 1/2/20313/2031/TT-BTC",
         [("Thông tư số 3/2031/TT-BTC ngày 1/2/2031", "3/2031/TT-BTC")]),
    ],
)  # fmt: skip
def test_titles_and_numbers_are_told_apart(cell: str, expected: list[tuple[str, str]]):
    found, problems = split_legal_basis(HEAD + cell)
    assert found == tuple(LegalBasis(*pair) for pair in expected)
    assert problems == ()


def test_a_title_without_number_is_kept_with_a_warning():
    found, problems = split_legal_basis(HEAD + "Tập quán nuôi chim")
    assert found == (LegalBasis("Tập quán nuôi chim"),)
    assert problems


def test_no_information_gives_no_legal_basis():
    assert split_legal_basis("Không có thông tin") == ((), ())


@pytest.mark.parametrize(
    ("text", "forms"),
    [
        ("Tờ khai (mẫu CT01)", ("CT01",)),
        ("theo mẫu TK05, mẫu DC02", ("TK05", "DC02")),
        ("theo Mẫu số 01 và mẫu 1a", ("Mẫu số 01", "Mẫu số 1a")),
        ("Tờ khai 01/LPTB", ("01/LPTB",)),
        ("mẫu số 13-MST; BK04-ĐK-TCT", ("13-MST", "BK04-ĐK-TCT")),
        ("(theo mẫu ĐKX11/79 ban hành", ("ĐKX11", "ĐKX11/79")),
        ("Mẫu số 02.QLT Phụ lục", ("02.QLT",)),
        ("văn bản PC15", ("PC15",)),
    ],
)
def test_forms_are_found_as_one_would_cite_them(text: str, forms: tuple[str, ...]):
    assert find_forms([text]) == forms


@pytest.mark.parametrize(
    "text",
    ["Thông tư số 61/2023/TT-BTC", "Kế hoạch 34/KH-UBND", "Luật 68/2020/QH14", "Nghị định 15/NĐ-CP", "ngày 01/7/2025", "ngôi nhà B2"],
)
def test_numbers_of_laws_and_dates_are_no_forms(text: str):
    assert find_forms([text]) == ()


def test_each_form_comes_once():
    assert find_forms(["mẫu CT01", "CT01 và CT02"]) == ("CT01", "CT02")
