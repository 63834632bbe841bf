"""Questions that ask for a list over all plans, and those that only look like one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from knowledge.plan_questions import (
    any_year,
    read_detail,
    read_mention_question,
    read_task_question,
    same_season,
)
from knowledge.plan_tasks import filter_tasks
from nlu.diacritics import bare
from tests.unit.knowledge.test_plan_tasks import TASKS, TODAY


def asked(question: str) -> list[str] | None:
    read = read_task_question(question, TASKS, TODAY)
    return None if read is None else [t.task.what for t in filter_tasks(TASKS, read.wanted)]


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("việc nào đến hạn trong quý III, ai chủ trì?", ["Đo gió trên đồi"]),
        ("việc nào đến hạn trong quý I năm 2029", ["Đào mương"]),
        ("quý ba có việc nào phải xong ko", ["Đo gió trên đồi"]),
        ("q3 có việc gì đến hạn", ["Đo gió trên đồi"]),
        ("Sở Mây phải làm gì?", ["Giữ cột gió"]),
        ("Sở Gió Mưa Rào được giao việc gì", ["Đo mưa"]),
        ("Sở Gió phải làm gì theo 3/KH-UBND", ["Mua sổ", "Đo gió trên đồi", "Giữ cột gió"]),
        ("Sở Gió phối hợp những việc gì", ["Mua sổ"]),
        ("Sở Tài chính chủ trì việc gì", ["Mua sổ"]),
        ("stc phải làm gì", ["Mua sổ"]),
        ("nhiệm vụ nào quá hạn", ["Mua sổ", "Đào mương"]),
        ("Sở Gió phải làm gì trước 30/4/2031", ["Mua sổ"]),
        ("UBND phường phải làm gì", ["Đào mương"]),
        ("nhiệm vụ của Sở Gió về đo gió", ["Đo gió trên đồi"]),
    ],
)
def test_a_question_is_read_as_the_list_it_asks_for(question: str, found: list[str] | None):
    assert asked(question) == asked(bare(question)) == found


@pytest.mark.parametrize(
    "question",
    [
        "làm gì để được cấp giấy khai sinh",
        "mục đích của kế hoạch gió",
        "quá hạn thì phải làm gì",
        "đăng ký khai sinh quá hạn phải làm gì",
        "tôi phải làm gì khi hộ chiếu hết hạn",
        "Sở Gió phải làm gì để cấp phép xây dựng",
        "Sở Gió Mưa Rào làm gì trong kế hoạch trồng tre",
    ],
)
def test_words_that_nothing_accounts_for_leave_the_question_to_the_search(question: str):
    assert asked(question) is None and asked(bare(question)) is None


@pytest.mark.parametrize(
    ("question", "first", "last"),
    [
        ("quý này có việc nào đến hạn", "2031-04-01", "2031-06-30"),
        ("quý sau việc nào đến hạn", "2031-07-01", "2031-09-30"),
        ("tháng này có việc nào đến hạn", "2031-05-01", "2031-05-31"),
        ("tuần này có việc nào đến hạn", "2031-04-28", "2031-05-04"),
        ("năm sau có việc nào đến hạn", "2032-01-01", "2032-12-31"),
        ("việc nào sắp đến hạn", "2031-05-01", "2031-05-31"),
    ],
)
def test_times_told_from_today_are_days(question: str, first: str, last: str):
    read = read_task_question(question, TASKS, TODAY)
    assert read and (read.wanted.first, read.wanted.last) == (date.fromisoformat(first), date.fromisoformat(last))
    assert not read.is_year_open


def test_the_last_month_of_a_year_is_followed_by_the_first():
    read = read_task_question("tháng sau có việc nào đến hạn", TASKS, date(2031, 12, 9))
    assert read and (read.wanted.first, read.wanted.last) == (date(2032, 1, 1), date(2032, 1, 31))


def test_a_quarter_without_a_year_is_this_years_and_may_be_looked_up_in_any():
    read = read_task_question("việc nào đến hạn trong quý I", TASKS, TODAY)
    assert read and read.is_year_open and filter_tasks(TASKS, read.wanted) == ()
    assert [t.task.what for t in filter_tasks(TASKS, any_year(read)) if same_season(t, read.wanted)] == ["Đào mương"]


def test_work_of_a_year_need_not_end_in_it():
    read = read_task_question("nhiệm vụ của Sở Gió trong năm 2031", TASKS, TODAY)
    assert read and read.wanted.is_going_on
    assert replace(read.wanted, is_going_on=False) != read.wanted
    assert [t.task.what for t in filter_tasks(TASKS, read.wanted)] == ["Mua sổ", "Đo gió trên đồi", "Giữ cột gió"]


def test_a_plan_named_by_number_or_place_is_told():
    assert read_task_question("Sở Gió phải làm gì theo 3/KH-UBND", TASKS, TODAY).names_plan
    assert not read_task_question("Sở Gió phải làm gì", TASKS, TODAY).names_plan


@pytest.mark.parametrize(("question", "agency", "last"), [("còn Sở Tài chính thì sao?", "so tai chinh", None), ("thế quý IV?", "", date(2031, 12, 31))])
def test_an_agency_or_a_time_alone_goes_on_with_a_list(question: str, agency: str, last: date | None):
    detail = read_detail(question, TASKS, TODAY)
    assert detail and (detail.wanted.agency, detail.wanted.last) == (agency, last)


@pytest.mark.parametrize("question", ["còn lệ phí thì sao", "Sở Gió cấp phép gì", "cảm ơn"])
def test_other_matters_do_not(question: str):
    assert read_detail(question, TASKS, TODAY) is None


@pytest.mark.parametrize(
    ("question", "phrase", "is_sure"),
    [
        ("Kế hoạch nào nhắc đến bưu chính công ích?", "buu chinh cong ich", True),
        ("kh nao nhac toi buu chinh cong ich v", "buu chinh cong ich", True),
        ("những kế hoạch nào có nói về 5G không", "5g", True),
        ("văn bản nào đề cập chữ ký số", "chu ky so", False),
    ],
)
def test_what_plans_should_speak_of_is_read(question: str, phrase: str, is_sure: bool):
    asked = read_mention_question(question)
    assert asked and (asked.phrase, asked.is_sure) == (phrase, is_sure)
    assert read_mention_question("Sở Gió làm gì") is None
