"""Lines quoted from a record: the one that holds the question, and the one that tells by when to act."""

from __future__ import annotations

from dataclasses import replace

import pytest

from actions.quotes import (
    asks_filing_deadline,
    asks_penalty,
    asks_validity,
    best_paragraph,
    filing_deadline,
    filing_place,
    penalty_line,
    stage_times,
    validity_line,
)
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
        "phải đi gia hạn trước khi hết hạn bao nhiêu ngày",
        "nộp bao nhiêu ngày trước khi khai trương",
        "tối mấy giờ là phải báo công an",
        "sinh con bao lâu phải làm khai sinh",
        "mat the thi phai bao trong bao lau",
        "khai sinh trễ mấy tháng có bị phạt không",
        "hạn nộp tờ khai là khi nào",
    ],
)
def test_a_question_by_when_to_act_is_known_as_one(question: str) -> None:
    assert asks_filing_deadline(question)


@pytest.mark.parametrize("question", ["làm hộ chiếu mất bao lâu", "bao lâu thì có", "nộp trước mấy bản", "xin trước khi xây nhà mất bao lâu", "làm trước ngày cưới thì bao lâu có", "mấy ngày phải quay lại lấy", ""])
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


@pytest.mark.parametrize(
    "line",
    [
        "Cha hoặc mẹ đi khai tổ ong trong 60 ngày kể từ ngày có tổ.",
        "Bổ sung hồ sơ trong thời hạn tối đa 21 ngày làm việc kể từ ngày được yêu cầu.",
        "Người nuôi thực hiện trong thời hạn không quá 30 ngày kể từ ngày tách đàn.",
        "Chậm nhất vào ngày 15 tháng 12 hằng năm, người nuôi ong lập bảng kê số đàn.",
        "Hồ sơ xin giữ tổ phải gửi đến Bộ Ong chậm nhất là 60 ngày trước ngày giấy hết hạn.",
        "Người nuôi nộp bảng kê cho cơ quan quản lý ong trong thời hạn 10 ngày kể từ ngày bán đàn.",
        "Công ty có văn phòng đại diện phải báo trong thời hạn 30 ngày từ ngày mở.",
    ],
)
def test_deadlines_are_known_by_the_wordings_of_records(line: str) -> None:
    assert filing_deadline(replace(BIRTH, steps="", conditions=line, notes=()), equal) == line


@pytest.mark.parametrize(
    "line",
    [
        "Sở Ong phải báo Bộ Ong trong thời hạn 10 ngày kể từ ngày có tổ.",
        "Không bị xử phạt khi khai báo đàn ong trong 12 tháng liền kề trước tháng nộp.",
        "Nhận giấy giữ ong sau khi nộp hồ sơ trong 5 ngày làm việc nữa.",
        "Trường duyệt đơn nộp trong 10 ngày làm việc từ khi hết hạn.",
        "Các đợt nộp mật phải cách nhau ít nhất 06 tháng kể từ đợt gần nhất.",
        "Dự án ong phải triển khai trước ngày 01 tháng 01 năm 2021 mới được.",
    ],
)
def test_what_an_office_does_and_how_long_something_was_so_is_no_deadline(line: str) -> None:
    assert filing_deadline(replace(BIRTH, steps="", conditions=line, notes=()), equal) == ""


@pytest.mark.parametrize("question", ["khai sinh trễ hạn có bị phạt không", "khong khai bao thi phat bao nhieu tien", "mức phạt là bao nhiêu", "có bị xử phạt ko"])
def test_a_question_about_a_fine_is_known_as_one(question: str) -> None:
    assert asks_penalty(question)


@pytest.mark.parametrize("question", ["bị phát hiện thì làm gì", "bi phat hien mat giay", "cấp phát thẻ ở đâu", "bệnh tái phát nặng hơn thì làm gì", "phát sinh phí gì"])
def test_what_only_sounds_like_a_fine_is_none(question: str) -> None:
    assert not asks_penalty(question)


def test_a_fine_is_quoted_where_the_record_names_one_and_no_condition_about_fines_is() -> None:
    fined = replace(BIRTH, conditions="Không bị xử phạt vi phạm hành chính về ong.\nKhai muộn quá một năm thì bị phạt cảnh cáo.", notes=())
    assert penalty_line(fined, equal) == "Khai muộn quá một năm thì bị phạt cảnh cáo."
    assert penalty_line(replace(fined, conditions="Không bị xử phạt vi phạm hành chính về ong."), equal) == ""


@pytest.mark.parametrize(
    ("steps", "line"),
    [
        ("Người nuôi ong nộp một bộ hồ sơ đến Ủy ban nhân dân cấp xã nơi đặt tổ.", "Người nuôi ong nộp một bộ hồ sơ đến Ủy ban nhân dân cấp xã nơi đặt tổ."),
        ("Chuẩn bị sẵn tờ khai và ảnh chụp.\n- Gửi tờ khai qua bưu chính tới Sở Nuôi ong.", "Gửi tờ khai qua bưu chính tới Sở Nuôi ong."),
        ("Trong thời hạn 3 ngày, xã gửi hồ sơ đến Sở Nuôi ong.", ""),
        ("Sở Nuôi ong gửi hồ sơ đến Bộ Nuôi ong.", ""),
        ("Hồ sơ chưa đủ thì gửi lại cho cơ quan Nuôi ong.", ""),
        ("của cơ quan ấy và gửi về Bộ Nuôi ong để theo dõi.", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_the_line_that_tells_where_to_hand_in_is_the_citizens_not_the_offices(steps: str, line: str) -> None:
    assert filing_place(replace(BIRTH, steps=steps)) == line


def test_how_long_each_step_takes_is_quoted_in_order_and_not_without_end() -> None:
    steps = "\n".join(f"Bước {n}: cán bộ xem xét hồ sơ trong thời hạn {n} ngày làm việc." for n in range(1, 6))
    stages = stage_times(replace(BIRTH, steps=steps + "\nNgười dân nhận giấy và ký vào sổ."))
    assert [stage.split()[1] for stage in stages] == ["1:", "2:", "3:"]
    assert stage_times(replace(BIRTH, steps="Người dân nhận giấy và ký vào sổ.")) == ()


@pytest.mark.parametrize(
    ("question", "is_asked"),
    [("giấy nuôi ong có giá trị mấy năm", True), ("thẻ thợ lò có thời hạn bao nhiêu năm", True), ("giay nuoi ong hieu luc bao lau", True), ("thời hạn giải quyết bao lâu", False), ("giá trị đất bao nhiêu", False)],
)  # fmt: skip
def test_how_long_a_paper_is_good_for_is_asked(question: str, is_asked: bool) -> None:
    assert asks_validity(question) is is_asked


@pytest.mark.parametrize(
    ("line", "is_told"),
    [
        ("Giấy nuôi ong có giá trị sử dụng trong 5 năm kể từ ngày cấp.", True),
        ("Thẻ thợ lò được cấp cho người đạt yêu cầu có hiệu lực 36 tháng.", True),
        ("Hộ chiếu có giá trị đi lại quốc tế còn giá trị ít nhất 01 năm.", False),
        ("Người làm theo hợp đồng và có giấy tờ có thời hạn 3 tháng.", False),
        ("Trong thời hạn 5 ngày, xã gửi giấy cho người nuôi ong.", False),
    ],
)  # fmt: skip
def test_the_line_that_tells_it_is_of_the_paper_that_is_got(line: str, is_told: bool) -> None:
    assert (validity_line(replace(BIRTH, steps=line, conditions="", result="", notes=()), equal) == line) is is_told
