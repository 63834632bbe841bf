"""Agencies, labelled items, agency headings and short table rows as parts of the tasks of a plan."""

from __future__ import annotations

import pytest

from knowledge.model import PlanSection, PlanTask
from knowledge.sources.plan_agencies import (
    assigned_agency,
    heading_agency,
    leading_agency,
    names_agency,
    partners,
    split_agencies,
)
from knowledge.sources.plan_sections import Table
from knowledge.sources.plan_tasks import find_tasks

DO = ("IV. TỔ CHỨC THỰC HIỆN",)


@pytest.mark.parametrize(
    ("sentence", "agency"),
    [
        ("Sở Gió chủ trì, phối hợp với Sở Mây đo gió", "Sở Gió"),
        ("- Giao Sở Xây dựng rà soát cột gió", "Sở Xây dựng"),
        ("Đề nghị Ủy ban Mặt trận Tổ quốc tỉnh phối hợp vận động", "Ủy ban Mặt trận Tổ quốc tỉnh"),
        ("Căn cứ kế hoạch này, các cơ quan, đơn vị xây dựng kế hoạch", "các cơ quan, đơn vị"),
        ("Sở Tài chính, trên cơ sở đề xuất của các đơn vị, bố trí kinh phí", "Sở Tài chính"),
        ("Đề nghị Hội Nông dân tỉnh: vận động hội viên", "Hội Nông dân tỉnh"),
        ("Bộ chỉ số gió được công bố", ""),
        ("Hội nghị gió tổ chức vào mùa xuân", ""),
        ("Đo gió hằng ngày", ""),
    ],
)
def test_the_agency_a_sentence_begins_with(sentence: str, agency: str):
    assert leading_agency(sentence) == agency


def test_headings_assignments_partners_and_lists():
    assert heading_agency("Đề nghị Sở Gió") == "Sở Gió" and heading_agency("Mục đích") == ""
    assert heading_agency("Sở Gió theo dõi, đôn đốc các trạm") == "Sở Gió"
    assert assigned_agency("Dựng thêm cột. Giao Sở Gió chủ trì việc này.") == "Sở Gió"
    assert partners("Phối hợp với Sở Mây và các xã tổ chức hội") == () and partners("phối hợp với Sở Mây, Sở Gió tổ chức hội") == ("Sở Mây", "Sở Gió")
    assert split_agencies("Sở Văn hóa, Thể thao và Du lịch; UBND xã, phường và Sở Gió") == ("Sở Văn hóa, Thể thao và Du lịch", "UBND xã, phường", "Sở Gió")
    assert names_agency("Công an tỉnh") and not names_agency("Quý III/2031")


def test_items_under_an_agencys_heading_are_its_tasks_and_announcements_are_not():
    sections = (
        PlanSection("IV.1", "Sở Gió", (*DO, "1. Sở Gió"), ("Thực hiện các việc sau:",)),
        PlanSection("IV.1.a", "", (*DO, "1. Sở Gió"), ("Chủ trì, phối hợp với Sở Mây tổ chức đo gió, xong trước 30/6/2031.",)),
        PlanSection("IV.1.b", "", (*DO, "1. Sở Gió"), ("Giao Sở Lúa tổ chức gặt lúa.", "Trên đây là kế hoạch.")),
    )
    first, second = find_tasks(sections, ())
    assert (first.lead, first.co_agencies, first.deadline, first.section) == ("Sở Gió", ("Sở Mây",), "xong trước 30/6/2031", "IV.1.a")
    assert (second.lead, second.what) == ("Sở Lúa", "Giao Sở Lúa tổ chức gặt lúa.")


def test_several_labelled_items_of_one_section_are_tasks_of_their_own():
    lines = (
        "- Đo gió", "+ Cơ quan chủ trì: Sở Gió.", "+ Cơ quan phối hợp: Sở Mây.", "+ Thời hạn ban hành: trước ngày 01/01/2031.",
        "- Vẽ mây", "+ Đơn vị chủ trì thực hiện: Sở Mây.", "+ Thời gian thực hiện: Hằng năm.",
    )  # fmt: skip
    assert find_tasks((PlanSection("II.1", "Việc chính", ("II. NỘI DUNG", "1. Việc chính"), lines),), ()) == (
        PlanTask("Đo gió", "Sở Gió", ("Sở Mây",), "", "trước ngày 01/01/2031", "II.1"),
        PlanTask("Vẽ mây", "Sở Mây", (), "", "Hằng năm", "II.1"),
    )


def test_label_headings_belong_to_the_section_above_them():
    above = ("II. NỘI DUNG", "1. Đo gió")
    sections = (
        PlanSection("II.1", "Đo gió", above, ()),
        PlanSection("II.1.a", "Nội dung", (*above, "a. Nội dung"), ("- Lên đồi.", "- Ghi sổ.")),
        PlanSection("II.1.b", "Cơ quan thực hiện", (*above, "b. Cơ quan thực hiện"), ("- Đơn vị chủ trì: Sở Gió.", "- Đơn vị phối hợp: Sở Mây.")),
        PlanSection("II.1.c", "Thời gian thực hiện", (*above, "c. Thời gian thực hiện"), ("Quý II/2031",)),
    )
    assert find_tasks(sections, ()) == (PlanTask("Đo gió", "Sở Gió", ("Sở Mây",), "", "Quý II/2031", "II.1"),)


def test_aims_and_purposes_hold_no_tasks():
    assert find_tasks((PlanSection("I.1", "Yêu cầu", ("I. MỤC ĐÍCH, YÊU CẦU", "1. Yêu cầu"), ("Sở Gió chủ trì đo gió.",)),), ()) == ()


def test_a_short_row_is_told_apart_by_what_its_cells_say():
    head = ("TT", "Nhiệm vụ", "Cơ quan chủ trì", "Cơ quan phối hợp", "Thời gian", "Kết quả")
    rows = (("I", "Nhóm việc"), ("1", "Đo gió", "Sở Gió", "Sở Mây", "Quý IV/2031"), ("2", "Vẽ mây", "Sở Mây", "Thường xuyên", "Tranh"), ("3", "Đợi", "Thường xuyên"))
    assert find_tasks((), (Table("Phụ lục", head, rows),)) == (
        PlanTask("Đo gió", "Sở Gió", ("Sở Mây",), "", "Quý IV/2031", "Phụ lục"),
        PlanTask("Vẽ mây", "Sở Mây", (), "Tranh", "Thường xuyên", "Phụ lục"),
    )
