"""Which questions ask for a list of plans, and which conditions they set."""

from __future__ import annotations

import pytest

from knowledge.plan_list_questions import PlanListQuestion, names_plans, read_plan_list
from nlu.diacritics import bare

HA_NOI = ("ha noi",)
ASKED = [
    ("Hà Nội có những kế hoạch gì", HA_NOI, PlanListQuestion()),
    ("các kế hoạch của thành phố Hà Nội?", ("thanh pho ha noi",), PlanListQuestion()),
    ("cho mình xem kế hoạch của Hà Nội", HA_NOI, PlanListQuestion()),
    ("kế hoạch nào còn hiệu lực của Hà Nội", HA_NOI, PlanListQuestion(is_over=False)),
    ("kế hoạch của Hà Nội chưa hết hạn", HA_NOI, PlanListQuestion(is_over=False)),
    ("Hà Nội có kế hoạch nào đã hết hiệu lực không", HA_NOI, PlanListQuestion(is_over=True)),
    ("kế hoạch của Hà Nội còn hiệu lực không", HA_NOI, PlanListQuestion()),
    ("danh sách kế hoạch năm 2020 của Hà Nội", HA_NOI, PlanListQuestion(year=2020)),
    ("năm nay Hà Nội có kế hoạch gì", HA_NOI, PlanListQuestion(year=2031)),
    ("quyết định nào của Hà Nội", HA_NOI, PlanListQuestion(kind="Quyết định", is_plan=False)),
    ("liệt kê các kế hoạch đã hết hạn", (), PlanListQuestion(is_over=True)),
    ("bạn có những kế hoạch nào", (), PlanListQuestion()),
    ("kế hoạch nào của Hà Nội nhắc đến chuyển đổi số", HA_NOI, PlanListQuestion(phrase="chuyen doi so")),
    ("kế hoạch nào nhắc đến chuyển đổi số của Hà Nội", HA_NOI, PlanListQuestion(phrase="chuyen doi so")),
    ("kế hoạch nào còn hiệu lực của Hà Nội nói về bưu chính", HA_NOI, PlanListQuestion(is_over=False, phrase="buu chinh")),
    ("kế hoạch nào của Hà Nội nói về bưu chính còn hiệu lực", HA_NOI, PlanListQuestion(is_over=False, phrase="buu chinh")),
    ("Hà Nội có kế hoạch nào về bưu chính không", HA_NOI, PlanListQuestion(phrase="buu chinh", is_sure=False)),
]  # fmt: skip


@pytest.mark.parametrize(("question", "owner", "asked"), ASKED)
def test_a_list_of_plans_is_read_with_and_without_diacritics(question: str, owner: tuple[str, ...], asked: PlanListQuestion):
    assert read_plan_list(question, owner, 2031) == asked
    assert read_plan_list(bare(question), owner, 2031) == asked


@pytest.mark.parametrize(
    ("question", "owner"),
    [
        ("kế hoạch của Hà Nội có mục tiêu gì", HA_NOI),
        ("kế hoạch của Hà Nội về chuyển đổi số", HA_NOI),  # one that is known to the asker: quoted
        ("ai ký kế hoạch của Hà Nội", HA_NOI),
        ("kế hoạch 310/KH-UBND của Hà Nội còn hiệu lực không", HA_NOI),
        ("theo kế hoạch nào Hà Nội làm đường", HA_NOI),
        ("kế hoạch nào vậy", ()),
        ("có văn bản hướng dẫn nào không", ()),
        ("có quyết định nào không", ()),
        ("làm khai sinh ở Hà Nội kh", HA_NOI),
        ("ở Hà Nội kh", HA_NOI),
        ("phê duyệt kế hoạch phát triển đô thị cần gì", ()),
    ],
)
def test_what_asks_for_something_else_is_left_alone(question: str, owner: tuple[str, ...]):
    assert read_plan_list(question, owner, 2031) is None


def test_plans_are_named_by_their_kinds_and_not_by_a_short_no():
    assert names_plans("ke hoach của ai") and names_plans("KH nào") and not names_plans("được kh")
