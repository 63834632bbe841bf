"""Questions of law are known by their words; questions on how a procedure is done are none."""

from __future__ import annotations

import pytest

from actions.law_questions import asks_fine_alone, asks_law


@pytest.mark.parametrize(
    "question",
    [
        "Người có liên quan được hiểu như thế nào?",
        "lò gạch thủ công là gì",
        "lo gach thu cong la gi?",
        "Lò đứng và lò vòng khác nhau thế nào?",
        "Quyền và nghĩa vụ của chủ lò gạch",
        "Chủ lò chịu trách nhiệm gì khi cháy sang nhà bên?",
        "Giấy viết tay có giá trị pháp lý không",
        "Đốt lò ban đêm bị phạt bao nhiêu tiền?",
        "dot lo ban dem co bi phat khong",
        "đốt lò trong phố bị xử lý như thế nào",
    ],
)
def test_a_question_of_law(question: str) -> None:
    assert asks_law(question)


@pytest.mark.parametrize(
    "question",
    [
        "mở lò gạch cần giấy tờ gì",
        "hồ sơ mở lò gạch gồm những giấy tờ gì là gì",
        "thành phần hồ sơ đề nghị hỗ trợ lò gạch là gì?",
        "đóng lò gạch thì báo cho ai",
        "lò gạch xin giấy phép khác thì làm sao",
        "mở lò gạch trễ hạn có bị phạt không, lệ phí bao nhiêu",
        "đơn mở lò gạch khác chữ ký mẫu",
        "",
    ],
)
def test_what_is_none(question: str) -> None:
    assert not asks_law(question)


def test_a_letter_that_tells_a_case_is_none() -> None:
    assert not asks_law("Nhà tôi " + "có lò gạch " * 20 + "thì chịu trách nhiệm gì?")


def test_the_amount_of_a_fine_is_no_fee() -> None:
    assert asks_fine_alone("xe chở gạch quá tải phạt mấy triệu")
    assert asks_fine_alone("xe chở gạch quá tải bị phạt bao nhiêu tiền")
    assert not asks_fine_alone("xe chở gạch quá tải lệ phí bao nhiêu")
