"""When a family's own question is asked, and when what was said leaves nothing to ask."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from knowledge.retrieval.config import load_search_config
from knowledge.retrieval.search import Searcher
from tests.desk import Desk, code_of
from tests.fakes import BIRTH, FAMILIES, LODGING, RESIDENCE, HashEncoder, publish_town


@pytest.fixture
def desk(town: Searcher) -> Desk:
    return Desk(town)


def test_a_family_is_asked_about_in_its_own_words_and_each_option_is_understood(desk: Desk) -> None:
    reply = desk.ask("khai báo chỗ ở mất bao nhiêu tiền", "ask_fee", certainty="lost", ask=0.65)
    assert reply.status == "clarification_procedure"
    assert reply.messages[0].text.startswith(FAMILIES[0].ask)
    assert [c.name for c in reply.choices] == ["Ở hẳn", "Ở trọ một thời gian"]
    before = desk.context
    for text, code in (("ở tạm thôi", LODGING.code), ("2", LODGING.code), ("ở luôn nhé", RESIDENCE.code), ("tam tru", LODGING.code)):
        desk.context = before
        answer = desk.ask(text, certainty="lost")
        assert (code_of(answer), answer.aspect) == (code, "fee"), text


def test_who_says_a_whole_official_name_is_not_asked_which_of_its_family_is_meant(tmp_path: Path, small_restorer: None) -> None:
    moved = replace(RESIDENCE, name="Khai báo chỗ ở khi chuyển nhà", aliases=("khai báo chỗ ở",))
    encoder = HashEncoder()
    searcher = Searcher(publish_town(tmp_path, encoder, (BIRTH, moved, LODGING)).load_current(encoder), encoder, load_search_config())
    reply = Desk(searcher).ask("Khai báo chỗ ở khi chuyển nhà cần giấy tờ gì", "ask_documents", certainty="lost", ask=0.65)
    assert (reply.status, code_of(reply)) == ("answered_aspect", moved.code)
    assert Desk(searcher).ask("khai báo chỗ ở cần giấy tờ gì", "ask_documents", certainty="lost", ask=0.65).status == "clarification_procedure"


def test_a_family_far_behind_the_first_procedure_is_not_asked_about(desk: Desk) -> None:
    question = "khai báo chỗ ở cho con, đăng ký khai sinh"
    assert desk.ask(question, "ask_fee", ask=0.55).messages[0].text.startswith(FAMILIES[0].ask)
    assert FAMILIES[0].ask not in desk.ask(question, "ask_fee", ask=0.55, behind=2.0).messages[0].text


def test_after_two_questions_back_no_third_is_asked_about_a_family(desk: Desk) -> None:
    for _ in range(2):
        reply = desk.ask("khai báo chỗ ở", "ask_procedure", certainty="lost", ask=0.65)
        assert reply.status == "clarification_procedure"
    reply = desk.ask("khai báo chỗ ở", "ask_procedure", certainty="lost", ask=0.65)
    assert reply.status != "clarification_procedure"


def test_a_family_said_whole_is_asked_about_before_a_message_is_given_up(desk: Desk) -> None:
    reply = desk.ask("khai báo chỗ ở mất bao nhiêu tiền", "ask_fee", certainty="lost")
    assert (reply.status, reply.messages[0].text.startswith(FAMILIES[0].ask)) == ("clarification_procedure", True)
    assert desk.ask("khai báo nuôi ong mất bao nhiêu tiền", "ask_fee", certainty="lost").status == "unanswerable_not_found"


@pytest.mark.parametrize(
    ("text", "intent", "ask", "status"),
    [
        ("hộ chiếu phổ thông của em với", "ask_procedure", 0.9, "clarification_procedure"),
        ("hộ chiếu phổ thông của em với", "ask_procedure", 0.75, "answered_overview"),
        ("hộ chiếu phổ thông mất bao lâu", "ask_time", 0.9, "answered_aspect"),
    ],
)
def test_a_paper_that_is_only_named_is_asked_about_where_it_is_hardly_clear_what_is_wanted(desk: Desk, text: str, intent: str, ask: float, status: str) -> None:
    assert desk.ask(text, intent, certainty="lost", ask=ask).status == status


def test_a_first_message_is_asked_back_sooner_than_one_in_a_conversation(town: Searcher) -> None:
    question = "khai báo chỗ ở mất bao nhiêu tiền"
    assert Desk(town).ask(question, "ask_fee", ask=0.25).status == "clarification_procedure"
    assert Desk(town).ask(question, "ask_fee", ask=0.1).status == "answered_aspect"
    assert Desk(town).ask(question, "ask_fee", certainty="certain", ask=0.25).status == "answered_aspect", "a third of answering is needed"
    talking = Desk(town)
    assert talking.ask("đăng ký khai sinh cần giấy tờ gì", "ask_documents", certainty="certain").status == "answered_aspect"
    assert talking.ask(question, "ask_fee", ask=0.25).status == "answered_aspect"
