"""Whose plan a question asks for: places old and new, cities beside provinces of one name, central bodies."""

from __future__ import annotations

from datetime import date

import pytest

from knowledge.model import Plan, Source
from knowledge.places.units import Units, load_units
from knowledge.plan_issuers import IssuerReader


@pytest.fixture(scope="module")
def units() -> Units:
    return load_units(date(2026, 11, 22))


def plan(plan_id: str, authority: str, place: str, year: int = 2025) -> Plan:
    return Plan(plan_id, "Kế hoạch năm", Source(plan_id, "t"), authority=authority, place=place, issued_on=date(year, 11, 1))


PLANS = (
    plan("binh-dinh", "UBND tỉnh Bình Định", "Bình Định", 2017),
    plan("ha-noi", "UBND thành phố Hà Nội", "Hà Nội"),
    plan("long-bien", "Ban Tuyên giáo Quận ủy", "Long Biên", 2020),
    plan("tp-hung-yen", "UBND thành phố Hưng Yên", "TP. Hưng Yên", 2023),
    plan("hcm", "UBND thành phố Hồ Chí Minh", "Thành phố Hồ Chí Minh"),
    plan("thu-tuong", "Thủ tướng Chính phủ", "Hà Nội"),
)


@pytest.mark.parametrize(
    ("question", "restored", "own"),
    [
        ("kế hoạch của Bình Định giao ai chủ trì", "", {"binh-dinh"}),
        ("ke hoach cua binh dinh giao ai", "kế hoạch của bình định giao ai", {"binh-dinh"}),
        ("Hà Nội làm gì để tuyên truyền?", "", {"ha-noi"}),  # neither its district's plan nor what is signed in Hà Nội
        ("kế hoạch của q.Long Biên", "", {"long-bien"}),
        ("quận Long Biên, Hà Nội tuyên truyền gì", "", {"long-bien"}),
        ("mục tiêu của thành phố Hưng Yên", "", {"tp-hung-yen"}),
        ("kế hoạch của tỉnh Hưng Yên", "", {"tp-hung-yen"}),  # the province has none of its own, its city has
        ("TPHCM phải xong việc gì", "", {"hcm"}),
        ("kế hoạch của Thủ tướng Chính phủ về dữ liệu", "", {"thu-tuong"}),
        ("Hà Nội và TPHCM khác gì nhau", "", {"ha-noi", "hcm"}),
        ("kế hoạch của Thanh Hóa về tuyên truyền", "", set()),
        ("kế hoạch của Sở Y tế Hà Nội về cải cách", "", set()),
        ("kế hoạch của Bộ Nội vụ năm 2026", "", set()),
        ("kế hoạch của UBND phường Ô Chợ Dừa", "", set()),
        ("kế hoạch của tỉnh Gia Lai", "", set()),  # Bình Định joined it; its old plan is not Gia Lai's
    ],
)
def test_only_plans_of_the_one_named_are_its_own(units: Units, question: str, restored: str, own: set[str]):
    issuer = IssuerReader(PLANS, lambda: units).read(question, restored or question)
    assert issuer is not None and issuer.plan_ids == own


@pytest.mark.parametrize("question", ["việc nào đến hạn trong quý III", "Sở Nội vụ phải làm gì", "kế hoạch nâng cao năng lực của cán bộ"])
def test_a_question_that_names_nobody_is_left_alone(units: Units, question: str):
    assert IssuerReader(PLANS, lambda: units).read(question, question) is None


def test_a_merged_province_is_told_with_todays_and_its_plans_are_near(units: Units):
    issuer = IssuerReader(PLANS, lambda: units).read("kế hoạch tuyên truyền của Bình Dương", "")
    assert (issuer.said, issuer.became, issuer.near_ids) == ("Bình Dương", "thành phố Hồ Chí Minh", {"hcm"})


def test_an_authority_without_a_plan_is_told_as_typed_and_its_citys_plans_are_near(units: Units):
    issuer = IssuerReader(PLANS, lambda: units).read("Kế hoạch của Sở Y tế Hà Nội về cải cách hành chính", "")
    assert issuer.said == "Sở Y tế Hà Nội"
    assert issuer.near_ids == {"ha-noi", "long-bien"}


def test_a_passage_that_speaks_of_the_place_is_known_by_its_whole_name(units: Units):
    issuer = IssuerReader(PLANS, lambda: units).read("kế hoạch của Thanh Hóa", "")
    assert issuer.is_held_by("Phối hợp với tỉnh Thanh Hóa tổ chức hội nghị")
    assert not issuer.is_held_by("Văn hóa thanh lịch")
