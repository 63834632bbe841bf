"""Lines quoted from a record: the one that holds the question, and the one that tells by when to act."""

from __future__ import annotations

from dataclasses import replace

import pytest

from actions.quotes import asks_filing_deadline, best_paragraph, filing_deadline
from knowledge.retrieval.search import Searcher
from tests.fakes import BIRTH, PASSPORT


def equal(_text: str) -> float:
    return 0.0


def test_the_best_paragraph_covers_half_of_the_question_or_is_none(town: Searcher) -> None:
    assert best_paragraph(BIRTH, lambda text: town.coverage("cán bộ ghi vào sổ", text)) == "Cán bộ ghi vào sổ và trao giấy."
    assert best_paragraph(BIRTH, lambda text: town.coverage("máy bay không người lái", text)) == ""
    assert best_paragraph(PASSPORT, lambda text: 1.0) == ""


@pytest.mark.parametrize(
    "question",
    [
        "Phải báo trước mấy giờ?",
        "tối mấy giờ là phải báo công an",
        "sinh con bao lâu phải làm khai sinh",
        "mat the thi phai bao trong bao lau",
        "khai sinh trễ mấy tháng có bị phạt không",
        "hạn nộp tờ khai là khi nào",
    ],
)
def test_a_question_by_when_to_act_is_known_as_one(question: str) -> None:
    assert asks_filing_deadline(question)


@pytest.mark.parametrize("question", ["làm hộ chiếu mất bao lâu", "bao lâu thì có", "nộp trước mấy bản", "mấy ngày phải quay lại lấy", ""])
def test_how_long_the_office_takes_is_another_question(question: str) -> None:
    assert not asks_filing_deadline(question)


STEPS = (
    "Người nuôi ong phải báo cho trưởng xóm.\n"
    "Trong thời hạn 12 ngày kể từ khi có tổ ong, người nuôi phải khai với xã. Tách đàn thì chậm nhất 3 giờ phải báo lại.\n"
    "Trong thời hạn 5 ngày kể từ ngày nhận đủ hồ sơ hợp lệ, xã phải gửi giấy.\n"
    "Ảnh chụp trong vòng 6 tháng nộp kèm theo tờ khai này."
)


def test_the_line_that_binds_the_citizen_is_quoted_and_no_line_about_the_office() -> None:
    keeper = replace(BIRTH, steps=STEPS)
    assert filing_deadline(keeper, equal) == "Trong thời hạn 12 ngày kể từ khi có tổ ong, người nuôi phải khai với xã."
    assert filing_deadline(keeper, lambda text: "Tách đàn" in text) == "Tách đàn thì chậm nhất 3 giờ phải báo lại."


def test_a_record_without_such_a_line_has_no_deadline() -> None:
    assert filing_deadline(replace(BIRTH, steps="\n".join(STEPS.split("\n")[2:])), equal) == ""
    assert filing_deadline(BIRTH, equal) == ""
