"""What all options of a question back have in common is told at once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from actions.same_answer import same_for_all
from knowledge.model import Submission
from knowledge.retrieval.search import Searcher
from tests.desk import Desk, code_of
from tests.fakes import FAMILIES, LODGING, RESIDENCE

FREE = (Submission("online", time="5 ngày", fees=("Miễn phí",)),)


def test_the_same_words_on_an_aspect_are_the_same() -> None:
    first, second = replace(RESIDENCE, submissions=FREE), replace(LODGING, submissions=FREE)
    assert same_for_all([first, second], "fee")
    dearer = replace(second, submissions=(replace(FREE[0], fees=("7.000 đồng",)),))
    assert not same_for_all([first, dearer], "fee")
    assert same_for_all([first, dearer], "time")


@pytest.mark.parametrize("aspect", ["", "general"])
def test_without_an_aspect_there_is_nothing_to_compare(aspect: str) -> None:
    assert not same_for_all([RESIDENCE, RESIDENCE], aspect)


def test_where_records_are_silent_nothing_is_the_same() -> None:
    silent = replace(RESIDENCE, submissions=())
    assert not same_for_all([silent, silent], "fee")
    assert not same_for_all([RESIDENCE], "fee")


@pytest.mark.parametrize(("place", "is_same"), [("Trung tâm Phục vụ hành chính công cấp xã", True), ("Công an cấp xã", False), ("Ủy ban nhân dân cấp huyện", False)])
def test_places_are_the_same_where_one_kind_of_centre_takes_them(place: str, is_same: bool) -> None:
    first = replace(RESIDENCE, agency="Ủy ban nhân dân cấp xã", place="Ủy ban nhân dân cấp xã", levels=("Cấp xã",))
    second = replace(LODGING, agency="", place=place, levels=("Cấp huyện",) if "huyện" in place else ("Cấp xã",))
    assert same_for_all([first, second], "place") is is_same


@pytest.mark.parametrize(("agency", "is_same"), [("Công an cấp Xã", True), ("Công an cấp tỉnh", False), ("", False)])
def test_places_are_the_same_where_one_agency_takes_them(agency: str, is_same: bool) -> None:
    first = replace(RESIDENCE, agency="Công an cấp xã", place="Công an cấp xã bất kỳ", levels=("Cấp xã",))
    assert same_for_all([first, replace(LODGING, agency=agency, levels=("Cấp xã",))], "place") is is_same


def test_a_family_whose_options_agree_is_answered_at_once(town: Searcher, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(town)
    monkeypatch.setattr("actions.turn.same_for_all", lambda procedures, aspect: aspect == "fee" and len(procedures) == 2)
    reply = desk.ask("khai báo chỗ ở mất bao nhiêu tiền", "ask_fee", certainty="lost", ask=0.65)
    assert (reply.status, reply.aspect, reply.confidence) == ("answered_aspect", "fee", pytest.approx(0.65 + town.config.thresholds.ask_back - 0.01, abs=0.001))
    assert code_of(reply) in {RESIDENCE.code, LODGING.code}
    assert all(option.label in reply.messages[0].text for option in FAMILIES[0].options)
    other = next(o for o in FAMILIES[0].options if o.codes[0] != code_of(reply))
    assert other.label in [b.title for b in reply.messages[-1].buttons]
    assert reply.understood.lower().startswith(FAMILIES[0].matter.lower())


def test_one_that_asks_for_more_is_asked_which(town: Searcher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("actions.turn.same_for_all", lambda procedures, aspect: aspect == "fee")
    desk = Desk(town)
    reply = desk.ask("khai báo chỗ ở cần giấy tờ gì và mất bao nhiêu tiền", "ask_fee", certainty="lost", ask=0.65)
    assert reply.status == "clarification_procedure"
