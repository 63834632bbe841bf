"""Answers from plans: which words are quoted, and when a second passage is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from actions.plan_answers import MAX_QUOTE, answer_plan
from knowledge.model import Hit, Passage
from tests.fakes import LIVE_PLAN, OLD_PLAN

PLANS = {plan.id: plan for plan in (OLD_PLAN, LIVE_PLAN)}
TODAY = date(2029, 1, 1)


def hit(text: str, fused: float, section: str = "II. Nhiệm vụ", plan: str = OLD_PLAN.id) -> Hit:
    return Hit(Passage(f"{plan}#{section}", "plan", plan, "41/KH-UBND", "t", section, text), 0.9, {"fused": fused})


def text_of(*hits: Hit, question: str = "ươm tre") -> str:
    return answer_plan(hits, PLANS, TODAY, question)[0].text


def test_a_short_passage_is_quoted_whole():
    assert "“Ươm tre.\nĐắp đê.”" in text_of(hit("Ươm tre.\nĐắp đê.", 3.0))


def test_a_near_second_passage_of_the_same_plan_is_quoted_too():
    answer = text_of(hit("Ươm tre.", 3.0), hit("Giữ bờ.", 2.9, "III. Kinh phí"))
    assert "“Ươm tre.”" in answer and "III. Kinh phí" in answer and "“Giữ bờ.”" in answer


@pytest.mark.parametrize(
    "second",
    [hit("Giữ bờ.", 2.0, "III. Kinh phí"), hit("Giữ bờ.", 2.9, "I. Nhiệm vụ", LIVE_PLAN.id)],
    ids=["far behind", "another plan"],
)
def test_a_second_passage_far_behind_or_of_another_plan_is_not_quoted(second: Hit):
    assert "Giữ bờ." not in text_of(hit("Ươm tre.", 3.0), second)


def test_without_a_question_only_the_first_passage_is_quoted():
    assert "Giữ bờ." not in text_of(hit("Ươm tre.", 3.0), hit("Giữ bờ.", 2.9), question="")


def test_long_passages_share_the_room_and_keep_the_line_that_answers():
    long = "\n".join([*("Đắp đê, trồng cỏ, dựng mốc, cắm biển và dọn bến." for _ in range(16)), "Ươm tre trước ngày 30/6."])
    answer = text_of(hit(long, 3.0), hit("Cỏ lau mọc. " * 60, 2.9, "III. Kinh phí"), question="ươm tre trước ngày nào")
    quotes = answer.split("“")[1:]
    assert "Ươm tre trước ngày 30/6." in quotes[0]
    assert sum(len(quote.split("”")[0]) for quote in quotes) <= MAX_QUOTE


def test_a_very_long_heading_is_shortened_in_the_answer_only():
    first = hit("Ươm tre.", 3.0, "II. " + "Ươm tre giữ bờ " * 30)
    message, citations = answer_plan([first], PLANS, TODAY)
    assert first.passage.section not in message.text and "…:" in message.text
    assert citations[0].section == first.passage.section


def test_a_plan_that_was_replaced_names_and_cites_the_newer_one():
    message, citations = answer_plan([hit("Ươm tre.", 3.0)], PLANS, date(2029, 5, 1), newer=LIVE_PLAN)
    assert "đã được thay thế bằng Kế hoạch 52/KH-UBND của Ủy ban nhân dân xã Hoa Mơ ngày 05/01/2031" in message.text
    assert [(c.source, c.expired) for c in citations] == [(OLD_PLAN.source.id, True), (LIVE_PLAN.source.id, False)]


def test_a_newer_plan_of_which_little_is_known_is_named_by_its_title():
    message, _ = answer_plan([hit("Ươm tre.", 3.0)], PLANS, TODAY, newer=replace(LIVE_PLAN, issued_on=None))
    assert f"52/KH-UBND “{LIVE_PLAN.title}”" in message.text


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("UBND các huyện, thị xã ươm tre.", "Nay việc ấy thuộc Ủy ban nhân dân cấp xã"),
        ("Phòng Tư pháp huyện ươm tre.", "Cơ quan nào làm thay thì bạn hỏi nơi ban hành"),
    ],
)
def test_a_quotation_that_gives_work_to_districts_names_who_has_it_now(words: str, told: str):
    assert told in text_of(hit(words, 3.0))
    assert "cấp huyện" not in answer_plan([hit(words, 3.0)], PLANS, date(2025, 6, 30))[0].text


def test_a_quotation_that_rests_on_an_ended_document_names_what_stands_now():
    said = text_of(hit("Căn cứ Nghị định số 61/2018/NĐ-CP, ươm tre.", 3.0))
    assert "đã hết hiệu lực từ 01/07/2025, nay là Nghị định số 118/2025/NĐ-CP" in said
    assert "hết hiệu lực" not in text_of(hit("Căn cứ Nghị định số 118/2025/NĐ-CP, ươm tre.", 3.0))
