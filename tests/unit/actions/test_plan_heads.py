"""Questions about a plan itself: read from its head, said where the head is silent, and left alone where tasks are asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from actions.plan_heads import head_of
from knowledge.model import LegalBasis
from tests.fakes import LIVE_PLAN, OLD_PLAN

PLAN = replace(
    OLD_PLAN, signer="Lê Văn Gió", signer_role="Phó Chủ tịch",
    legal_grounds=(LegalBasis("Căn cứ Luật Tre số 3/2028/QH15", "3/2028/QH15"),),
    replaces=(LegalBasis("Kế hoạch số 9/KH-UBND", "9/KH-UBND"),),
)  # fmt: skip
WITHIN, AFTER = date(2029, 12, 31), date(2030, 1, 1)


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("ai ký kế hoạch 41/KH-UBND?", "Phó Chủ tịch Lê Văn Gió ký"),
        ("ai ky ke hoach nay", "Phó Chủ tịch Lê Văn Gió ký"),
        ("kế hoạch 41/KH-UBND ban hành ngày nào", "ban hành ngày 03/02/2029"),
        ("cơ quan nào ban hành kế hoạch 41/KH-UBND", "Ủy ban nhân dân tỉnh Sương Lam ban hành"),
        ("kế hoạch 41/KH-UBND còn hiệu lực không", "01/01/2029 – 31/12/2029"),
        ("kế hoạch 41/KH-UBND căn cứ vào đâu", "Luật Tre số 3/2028/QH15"),
        ("kế hoạch 41/KH-UBND thay thế văn bản nào", "Kế hoạch số 9/KH-UBND"),
    ],
)
def test_the_head_answers(question: str, told: str):
    assert told in head_of(question, PLAN, WITHIN, None)


@pytest.mark.parametrize(("today", "told"), [(WITHIN, "vẫn còn"), (AFTER, "đã hết")])
def test_the_last_day_of_a_period_still_belongs_to_it(today: date, told: str):
    assert told in head_of("kế hoạch 41/KH-UBND còn hiệu lực không", PLAN, today, None)


def test_a_plan_that_was_replaced_is_told_with_the_newer_one():
    for question in ("kế hoạch 41/KH-UBND còn hiệu lực không", "kế hoạch 41/KH-UBND bị thay thế chưa"):
        assert "đã được thay thế bằng Kế hoạch 52/KH-UBND" in head_of(question, PLAN, WITHIN, LIVE_PLAN)


@pytest.mark.parametrize("question", ["ai ký kế hoạch này", "kế hoạch này còn hiệu lực không", "kế hoạch này căn cứ vào đâu"])
def test_a_silent_head_is_said_to_be_silent(question: str):
    silent = replace(OLD_PLAN, signer="", period_to=None, legal_grounds=())
    assert "không đoán" in head_of(question, silent, WITHIN, None)


@pytest.mark.parametrize(
    "question",
    [
        "ai ký hợp đồng với hộ trồng tre theo kế hoạch 41/KH-UBND",
        "kế hoạch 41/KH-UBND giao Sở Tre ban hành quy chế bờ sông khi nào",
        "Luật Tre có hiệu lực từ ngày nào theo kế hoạch 41/KH-UBND",
        "kế hoạch 41/KH-UBND bãi bỏ thủ tục nào",
        "ai chủ trì ươm tre",
    ],
)
def test_what_is_asked_of_tasks_and_laws_is_left_to_the_passages(question: str):
    assert head_of(question, PLAN, WITHIN, None) == ""
