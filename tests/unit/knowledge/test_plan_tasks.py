"""Lists of tasks over several plans: by agency, period and day, and as a question asks for them."""

from __future__ import annotations

from datetime import date

import pytest

from knowledge.model import Plan, PlanSection, PlanTask, Source
from knowledge.plan_tasks import (
    TaskFilter,
    filter_tasks,
    find_mentions,
    overdue_tasks,
    planned_tasks,
)

TODAY = date(2031, 5, 1)
WIND = Plan(
    "gio", "Kế hoạch gió", Source("gio.txt", "Gió"), "3/KH-UBND", "Kế hoạch", "UBND tỉnh Trăng Sao", "Trăng Sao", date(2031, 1, 2),
    sections=(PlanSection("I.1", "Mục đích", ("I", "1. Mục đích"), ("Đo gió qua dịch vụ bưu chính công ích.",)),),
    tasks=(
        PlanTask("Đo gió trên đồi", "Sở Gió", ("UBND các xã",), "Sổ gió", "Quý III", "II.1"),
        PlanTask("Mua sổ", "Sở Tài chính", ("Sở Gió",), "", "trước ngày 30/4/2031", "II.2"),
        PlanTask("Giữ cột gió", "Sở Gió, Sở Mây", (), "", "Thường xuyên", "II.3"),
    ),
)  # fmt: skip
RAIN = Plan(
    "mua", "Kế hoạch mưa", Source("mua.txt", "Mưa"), "4/KH-UBND", "Kế hoạch", "UBND thành phố Mưa Rào", "Mưa Rào", date(2029, 1, 2),
    date(2029, 1, 1), date(2029, 12, 31),
    tasks=(PlanTask("Đào mương", "Ủy ban nhân dân phường", (), "", "Quý I", "II"), PlanTask("Đo mưa", "Sở Gió", (), "", "", "II")),
)  # fmt: skip
TASKS = planned_tasks((RAIN, WIND), TODAY)


def listed(**conditions) -> list[str]:
    return [t.task.what for t in filter_tasks(TASKS, TaskFilter(**conditions))]


def test_deadlines_without_a_year_get_the_plans_own():
    assert [t.deadline.due for t in TASKS] == [date(2029, 3, 31), None, date(2031, 9, 30), date(2031, 4, 30), None]


def test_plans_still_running_come_first_and_the_soonest_before_the_later():
    assert listed(agency="Sở Gió") == ["Mua sổ", "Đo gió trên đồi", "Giữ cột gió", "Đo mưa"]


def test_an_agency_that_only_works_with_others_may_be_left_out():
    assert listed(agency="Sở Gió", role="lead") == ["Đo gió trên đồi", "Giữ cột gió", "Đo mưa"]


@pytest.mark.parametrize("agency", ["UBND phường", "ubnd phuong", "Ủy ban nhân dân phường"])
def test_short_forms_and_missing_diacritics_name_the_same_agency(agency: str):
    assert listed(agency=agency) == ["Đào mương"]


def test_part_of_a_name_is_no_name():
    assert listed(agency="Gió, Sở") == ["Giữ cột gió"] and listed(agency="ở Gió") == []


@pytest.mark.parametrize(("first", "last", "found"), [("2031-09-30", "2031-12-31", ["Đo gió trên đồi"]), ("2031-10-01", None, []), (None, "2031-09-29", ["Mua sổ", "Đào mương"])])
def test_a_period_takes_its_first_and_last_day_in(first: str | None, last: str | None, found: list[str]):
    assert listed(first=first and date.fromisoformat(first), last=last and date.fromisoformat(last)) == found


def test_conditions_hold_together():
    assert listed(agency="Sở Gió", plan_ids=("gio",), words="đo") == ["Đo gió trên đồi"]


def test_overdue_tasks_come_longest_overdue_first_and_habits_never():
    assert [t.task.what for t in overdue_tasks(TASKS, TODAY)] == ["Đào mương", "Mua sổ"]
    assert [t.task.what for t in overdue_tasks(TASKS, date(2031, 4, 30))] == ["Đào mương"]


def test_plans_that_speak_of_something_are_found_with_section_and_quotation():
    (mention,) = find_mentions((RAIN, WIND), "buu chinh cong ich")
    assert (mention.plan_id, mention.section) == ("gio", "I.1. Mục đích") and "bưu chính công ích" in mention.quote
    assert find_mentions((WIND,), "") == ()
