"""The glued table of ways to hand in, taken apart."""

from __future__ import annotations

import pytest

from knowledge.model import Submission
from knowledge.sources.submissions import HEAD, split_submissions


def rows_of(cell: str) -> tuple[Submission, ...]:
    return split_submissions(HEAD + cell)[0]


def test_each_row_gives_channel_time_fee_and_note():
    rows = rows_of("Trực tuyến7 Ngày làm việc10,000 Việt Nam Đồng(mỗi bản)Nộp qua mạng.Dịch vụ bưu chính9 NgàyMiễn phí")
    assert rows == (
        Submission("online", "7 Ngày làm việc", True, ("10,000 Việt Nam Đồng (mỗi bản)",), "Nộp qua mạng."),
        Submission("post", "9 Ngày", True, ("Miễn phí",), ""),
    )


def test_several_fees_keep_their_nested_brackets():
    (row,) = rows_of("Trực tiếp1 Giờ10,000 VNĐ(chuồng nhỏ (dưới 5 con))20,000 VNĐ(chuồng lớn)")
    assert row.fees == ("10,000 VNĐ (chuồng nhỏ (dưới 5 con))", "20,000 VNĐ (chuồng lớn)")


def test_a_channel_may_come_twice():
    rows = rows_of("Trực tiếp2 Ngày làm việcMiễn phíTrực tiếp1 GiờMiễn phí")
    assert [(row.channel, row.time) for row in rows] == [("desk", "2 Ngày làm việc"), ("desk", "1 Giờ")]


def test_channel_names_inside_a_note_open_no_row():
    rows = rows_of("Trực tuyến5 NgàyMiễn phí+ Trực tuyến: qua Cổng. Trực tiếp tại quầy cũng được.")
    assert len(rows) == 1
    assert rows[0].note.endswith("cũng được.")


def test_no_information_means_silent():
    (row,) = rows_of("Trực tiếpKhông có thông tinKhông có thông tinMang theo giấy.")
    assert row == Submission("desk", "", True, (), "Mang theo giấy.")


def test_a_time_without_unit_is_uncertain_and_stays_bare():
    (row,) = rows_of("Trực tuyến3Miễn phí")
    assert (row.time, row.is_time_certain, row.fees) == ("3", False, ("Miễn phí",))


@pytest.mark.parametrize(
    ("cell", "time", "fee"),
    [("Trực tiếp120 VNĐ", "1", "20 VNĐ"), ("Trực tiếp140,000 VNĐ", "1", "40,000 VNĐ"), ("Trực tiếp1100 VNĐ", "1", "100 VNĐ")],
)
def test_time_and_fee_glued_split_where_only_one_way_is_possible(cell: str, time: str, fee: str):
    (row,) = rows_of(cell)
    assert (row.time, row.is_time_certain, row.fees) == (time, False, (fee,))


def test_time_and_fee_glued_stay_raw_where_two_ways_are_possible():
    (row,), problems = split_submissions(HEAD + "Trực tiếp1250 VNĐ")
    assert row == Submission("desk", "", False, (), "1250 VNĐ")
    assert "1250 VNĐ" in problems[0]


def test_time_and_fee_glued_split_where_the_bracket_names_the_amount():
    (row,) = rows_of("Trực tiếp123 VNĐ(in lại: 23.000 đồng)")
    assert (row.time, row.fees) == ("1", ("23 VNĐ (in lại: 23.000 đồng)",))


def test_an_amount_below_a_thousand_is_reported():
    _, problems = split_submissions(HEAD + "Trực tiếp2 Ngày20 VNĐ")
    assert any("thousands" in problem for problem in problems)


def test_an_unclosed_bracket_does_not_swallow_the_next_row():
    rows = rows_of("Trực tuyến5 Ngày100,000 VNĐ((phí )Trực tiếp6 Ngày100,000 VNĐ((phí)")
    assert [(row.channel, row.time) for row in rows] == [("online", "5 Ngày"), ("desk", "6 Ngày")]


def test_a_time_in_words_is_kept_as_printed():
    (row,) = rows_of("Trực tuyếnTrả lời tự động ngay.Không có thông tinQua Cổng")
    assert (row.time, row.note) == ("Trả lời tự động ngay.", "Qua Cổng")


def test_text_without_any_channel_becomes_a_note_with_a_warning():
    rows, problems = split_submissions("Hỏi tại phường")
    assert rows == (Submission("other", note="Hỏi tại phường"),)
    assert problems


def test_an_empty_cell_gives_nothing():
    assert split_submissions("Không có thông tin") == ((), ())
