"""Codes, numbers, forms and ordinals in everyday text, and the look-alikes that are none."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.entities import document_key, extract_entities


def found(text: str) -> list[tuple[str, str]]:
    return [(entity.kind, entity.value) for entity in extract_entities(text)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2.001263", "2.001263"),
        ("Thủ tục số 1.000656 cần những giấy gì?", "1.000656"),
        ("TTHC 3.000333 nộp ở đâu", "3.000333"),
        ("mã thủ tục 9.123456 cần giấy gì", "9.123456"),
        ("mã 1-001193 là gì", "1.001193"),
        ("thu tuc ma so 1. 001193", "1.001193"),
        ("mã thủ tục 1001193", "1.001193"),
        ("(1.001193).", "1.001193"),
        ("1.001193.000.00.00.H01", "1.001193"),
        ("thủ tục 1.001193.000.00.00 cần gì", "1.001193"),
    ],
)
def test_procedure_codes_are_found(text: str, value: str) -> None:
    assert found(text) == [("procedure_code", value)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Nghị định 154/2024/NĐ-CP áp dụng cho thủ tục nào?", "154/2024/NĐ-CP"),
        ("thong tu 65/2024/TT-BCA la thu tuc gi", "65/2024/TT-BCA"),
        ("nghi dinh 154/2024/nd-cp", "154/2024/NĐ-CP"),
        ("154/2024/nd cp", "154/2024/NĐ-CP"),
        ("154/2024/ndcp quy định gì", "154/2024/NĐ-CP"),
        ("luật 60/2014/QH13", "60/2014/QH13"),
        ("thông tư liên tịch 02/2016/TTLT-BTP-BNV", "02/2016/TTLT-BTP-BNV"),
        ("kế hoạch 34/KH-UBND", "34/KH-UBND"),
        ("quyết định 06/QĐ-TTg", "06/QĐ-TTG"),
        ("nq 12/2025/nq-hdnd", "12/2025/NQ-HĐND"),
        ("nghị định 154/2024 nói gì", "154/2024"),
        ("nghi dinh so 154 nam 2024", "154/2024"),
        ("kế hoạch số 34 giao ai", "34"),
        ("nghị định 154 là gì", "154"),
    ],
)
def test_document_numbers_are_found_and_written_as_printed(text: str, value: str) -> None:
    assert found(text) == [("document_number", value)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("mẫu CT01 lấy ở đâu", "CT01"),
        ("ct01 la gi", "CT01"),
        ("mau TK05 dung lam gi", "TK05"),
        ("phiếu DC02", "DC02"),
        ("mẫu số 13-MST", "13-MST"),
        ("tờ khai 01/LPTB của thuế dùng khi nào", "01/LPTB"),
        ("01/lptb", "01/LPTB"),
        ("văn bản PC15 của PCCC là thủ tục nào", "PC15"),
        ("mẫu ĐKX11 dùng khi nào", "ĐKX11"),
        ("mau dkx11", "ĐKX11"),
        ("mẫu 1a điền sao", "1A"),
        ("mẫu số 05-ĐK-TCT", "05-ĐK-TCT"),
        ("BK04-ĐK-TCT", "BK04-ĐK-TCT"),
        ("mẫu ct 01 ở đâu", "CT01"),
    ],
)
def test_forms_are_found_in_capitals(text: str, value: str) -> None:
    assert found(text) == [("form", value)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("hồ sơ H25.12-260701-0042 tới đâu rồi", "H25.12-260701-0042"),
        ("000.00.00.H01-201026-0001", "000.00.00.H01-201026-0001"),
        ("tra h25.12 - 260701 - 0042", "H25.12-260701-0042"),
        ("mã hồ sơ 12-260701-0042", "12-260701-0042"),
    ],
)
def test_dossier_codes_are_found(text: str, value: str) -> None:
    assert found(text) == [("dossier_code", value)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("cái thứ hai", "2"),
        ("cai thu 2 nhe", "2"),
        ("số 2", "2"),
        ("2", "2"),
        ("chọn số 3 đi", "3"),
        ("đầu tiên", "1"),
        ("lựa chọn đầu tiên", "1"),
        ("cái cuối cùng nhé", "-1"),
        ("câu a", "1"),
        ("y b nha", "2"),
        ("thứ ba", "3"),
        ("ý tôi là cái thứ nhất", "1"),
    ],
)
def test_ordinals_are_found(text: str, value: str) -> None:
    assert found(text) == [("ordinal", value)]


@pytest.mark.parametrize(
    "text",
    [
        "ngày 20/11/2024 nộp được không",
        "lệ phí 8.000 đồng hay 1.000.000 đồng",
        "1.200000 đồng",
        "gọi 0912.345.678 hoặc 0912 345 678",
        "thứ hai có làm việc không",
        "thu 7 co lam khong",
        "lý lịch tư pháp số 2 làm ở đâu",
        "cấp căn cước lần đầu tiên cho bé",
        "bằng lái hạng B2 và A1",
        "biển số 51F-123.45",
        "trẻ 6 tuổi, 2 con",
        "nghị định ngày 12 tháng 3",
        "10.001193",
        "mẫu nào cũng được",
        "đơn xin 15 ngày",
        "năm 2024",
        "ba",
        "tháng 12/2024",
        "số 15 đường Lê Lợi",
        "8h sáng mai, 24/24",
        "",
    ],
)
def test_look_alikes_are_no_entities(text: str) -> None:
    assert found(text) == []


def test_several_entities_come_in_reading_order_without_overlap() -> None:
    text = "mẫu CT01 của thủ tục 1.004222 theo 154/2024/NĐ-CP"
    entities = extract_entities(text)
    assert [entity.kind for entity in entities] == ["form", "procedure_code", "document_number"]
    assert [text[entity.start : entity.end] for entity in entities] == ["CT01", "1.004222", "154/2024/NĐ-CP"]


def test_offsets_count_in_the_text_given_even_when_it_is_decomposed() -> None:
    text = unicodedata.normalize("NFD", "thủ tục số 1.000656 đó")
    (entity,) = extract_entities(text)
    assert text[entity.start : entity.end] == "1.000656"


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60))
def test_any_text_yields_spans_inside_it(text: str) -> None:
    ends = [0]
    for entity in extract_entities(text):
        assert ends[-1] <= entity.start < entity.end <= len(text)
        ends.append(entity.end)


def test_document_key_ignores_leading_zeros_case_and_marks() -> None:
    assert document_key("05/2020/TT-BTP") == document_key("5/2020/tt-btp")
    assert document_key("154/2024/NĐ-CP") == document_key("154/2024/nd-cp")
    assert document_key("154/2024/NĐ-CP") != document_key("15/2024/NĐ-CP")
