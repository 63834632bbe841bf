"""A record that is silent on a fee or a time, and one near it that is not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from actions.near_told import add_near_told
from actions.reply import Reply, ReplyMessage
from knowledge.model import Procedure, ProcedureHit, Submission
from nlu.payloads import read_payload
from tests.fakes import BIRTH, LODGING, RESIDENCE

SILENT = replace(RESIDENCE, submissions=())
PAID = replace(LODGING, submissions=(Submission("online", time="5 ngày", fees=("7.000 đồng",)),))
ALSO_PAID = replace(BIRTH, submissions=(Submission("online", fees=("99.000 đồng",)),))


def hits(*found: tuple[Procedure, float]) -> list[ProcedureHit]:
    return [ProcedureHit(procedure, 0.5, {"fused": fused}) for procedure, fused in found]


def reply(status: str = "answered_silent", aspect: str = "fee") -> Reply:
    return Reply(status=status, messages=(ReplyMessage("không ghi"),), aspect=aspect)


@pytest.mark.parametrize(("aspect", "told"), [("fee", "7.000 đồng"), ("time", "5 ngày")])
def test_the_nearest_that_tells_is_told_beside_the_silence_with_its_name_and_source(aspect: str, told: str) -> None:
    answer = add_near_told(reply(aspect=aspect), hits((SILENT, 5.0), (PAID, 4.4), (ALSO_PAID, 4.3)), "lệ phí bao nhiêu")
    (message,) = answer.messages
    assert message.text.startswith("không ghi") and told in message.text and "99.000" not in message.text
    assert f"“{PAID.name}”" in message.text
    assert [c.number for c in answer.citations] == [PAID.code]
    assert read_payload(message.buttons[0].payload).procedure_code == PAID.code


def test_a_silent_one_between_is_passed_over() -> None:
    answer = add_near_told(reply(), hits((SILENT, 5.0), (replace(SILENT, code="9.000009"), 4.9), (PAID, 4.4)), "lệ phí")
    assert "7.000 đồng" in answer.messages[0].text


def test_nothing_is_added_from_far_away_or_to_an_answer_or_on_what_a_record_may_well_lack() -> None:
    far = hits((SILENT, 5.0), (PAID, 3.9))
    near = hits((SILENT, 5.0), (PAID, 4.9))
    assert add_near_told(reply(), far, "lệ phí") == reply()
    assert add_near_told(reply("answered_aspect"), near, "lệ phí") == reply("answered_aspect")
    assert add_near_told(reply(aspect="conditions"), near, "điều kiện") == reply(aspect="conditions")


AT_PROVINCE = replace(LODGING, code="9.000011", name="Cấp thẻ lò gạch hạng hai", levels=("Cấp tỉnh",), agency="Sở Xây dựng", place="Sở Xây dựng")
AT_MINISTRY = replace(AT_PROVINCE, code="9.000012", name="Cấp thẻ lò gạch hạng một", levels=("Cấp bộ",), agency="Bộ Xây dựng", place="Bộ Xây dựng")


@pytest.mark.parametrize("question", ["thẻ lò gạch nộp ở bộ hay ở sở", "the lo gach xin o so hay la o bo", "thẻ lò gạch do tỉnh cấp hay bộ cấp"])
def test_who_asks_at_which_level_is_told_of_both_each_in_its_own_bubble(question: str) -> None:
    answer = add_near_told(reply("answered_aspect", "place"), hits((AT_PROVINCE, 5.0), (PAID, 4.9), (AT_MINISTRY, 4.4)), question)
    first, second = answer.messages
    assert first.text == "không ghi" and AT_MINISTRY.name in second.text and "Bộ Xây dựng" in second.text
    assert [c.number for c in answer.citations] == ["9.000012"]


@pytest.mark.parametrize(
    ("question", "other"),
    [("thẻ lò gạch nộp ở đâu", AT_MINISTRY), ("thẻ lò gạch nộp ở bộ hay ở sở", replace(AT_MINISTRY, levels=("Cấp tỉnh",))), ("thẻ lò gạch nộp ở bộ hay ở sở", PAID)],
)
def test_another_level_is_told_only_where_it_is_asked_for_and_of_the_same_name(question: str, other: Procedure) -> None:
    answer = reply("answered_aspect", "place")
    assert add_near_told(answer, hits((AT_PROVINCE, 5.0), (other, 4.9)), question) == answer
