"""The catalogue of plans: one reading serves until plans or day change; trees and doubts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from knowledge.model import LegalBasis, Plan, PlanSection, PlanTask, Source
from knowledge.plan_catalogue import LiveCatalogue, PlanCatalogue, PlanFilter
from knowledge.plan_deadlines import read_deadline
from knowledge.plan_doubts import DOUBTS, doubts_of
from knowledge.plan_tasks import planned_tasks

PLAN = Plan("a", "A", Source("a.txt", "A"), "1/KH-UBND", place="Trăng", issued_on=date(2031, 1, 1))


def test_one_catalogue_serves_until_plans_or_day_change():
    plans, today = [(PLAN,)], [date(2031, 1, 1)]
    shelf = LiveCatalogue(lambda: plans[0], lambda: today[0])
    first = shelf()
    assert shelf() is first
    today[0] = date(2031, 1, 2)
    second = shelf()
    assert second is not first and second.today == today[0]
    plans[0] = (PLAN, replace(PLAN, id="b"))
    assert len(shelf().plans) == 2


def test_a_number_that_comes_twice_keeps_its_tasks_once():
    sections = (PlanSection("I", "", (), ("x",)), PlanSection("I.1", "", (), ("y",)), PlanSection("I", "", (), ("z",)), PlanSection("I.10", "", (), ()))
    plan = replace(PLAN, sections=sections, tasks=(PlanTask("Đo", section="I"),))
    tree = PlanCatalogue((plan,), date(2031, 1, 1)).tree(plan)
    assert [(n.number, len(n.tasks), [c.number for c in n.children]) for n in tree] == [("I", 1, ["I.1"]), ("I", 0, ["I.10"])]


def test_the_same_words_twice_are_two_tasks_and_other_words_another():
    plan = replace(PLAN, tasks=(PlanTask("Đo gió"), PlanTask("Đo gió"), PlanTask("Đo mưa")))
    ids = [t.id for t in planned_tasks((plan,), date(2031, 1, 1))]
    assert ids[1] == f"{ids[0]}-2" and len(set(ids)) == 3
    assert [t.id for t in planned_tasks((plan,), date(2040, 1, 1))] == ids


@pytest.mark.parametrize(
    ("lead", "deadline", "doubts"),
    [
        ("Sở Gió", "trước ngày 30/4/2031", ()),
        ("Sở Gió", "trước ngày 30/4", ("year_assumed",)),
        ("Sở Gió", "trước ngày 1/4/2031 trước ngày 2/4/2031", ("several_days",)),
        ("Sở Gió", "Khi có gió", ("deadline_event",)),
        ("Sở Gió", "sớm nhất có thể", ("deadline_unclear",)),
        ("Sở Gió", "Từ 01/7/2025", ("first_open",)),
        ("", "Quý III/2031", ("lead_missing",)),
        ("Các sở, ban, ngành và UBND các xã", "Thường xuyên", ("lead_group",)),
        ("Sở Gió (cơ quan", "", ("lead_cut", "deadline_missing")),
    ],
)
def test_what_is_not_certain_is_named(lead: str, deadline: str, doubts: tuple[str, ...]):
    assert doubts_of(PlanTask("Đo", lead), read_deadline(deadline, 2031)) == doubts
    assert set(doubts) <= set(DOUBTS)


def test_a_plan_that_was_replaced_is_over_though_its_period_is_not():
    older = replace(PLAN, id="old", number="2/KH-UBND", authority="UBND xã Trăng", period_to=date(2039, 12, 31))
    newer = replace(PLAN, id="new", number="5/KH-UBND", authority="UBND xã Trăng", issued_on=date(2032, 1, 1), replaces=(LegalBasis("", "2/KH-UBND"),))
    before, after = (PlanCatalogue((older, newer), day) for day in (date(2031, 12, 31), date(2032, 1, 1)))
    assert [plan.id for plan in before.list(PlanFilter(is_over=True))] == []
    assert [plan.id for plan in after.list(PlanFilter(is_over=True))] == ["old"]
    assert [plan.id for plan in after.list(PlanFilter(is_over=False))] == ["new"]
    assert [plan.id for plan in after.list(PlanFilter(ids=frozenset({"old"})))] == ["old"]
