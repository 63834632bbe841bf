"""``POST /api/v1/ask`` over TestClient: what citizens can send, and what a turn returns."""

from __future__ import annotations

import logging
import unicodedata
from pathlib import Path

import pytest
import yaml
from fastapi.testclient import TestClient

from connectors import texts
from connectors.errors import DialogueUnavailable
from connectors.gateway import create_gateway
from connectors.models import SESSION_ID_PATTERN
from connectors.settings import GatewaySettings
from tests.unit.connectors.fakes import CITATION, FakeDialogue, FakeDirect, dependencies, reply


def ask(client: TestClient, question: str, session_id: str | None = None) -> dict:
    response = client.post("/api/v1/ask", json={"question": question, "session_id": session_id})
    assert response.status_code == 200, response.text
    return response.json()


def gateway(settings: GatewaySettings | None = None, **given: object) -> TestClient:
    return TestClient(create_gateway(dependencies(**given), settings))


def test_answer_has_exactly_the_fields_of_the_design() -> None:
    body = ask(gateway(dialogue=FakeDialogue(reply(citations=[CITATION]))), "Khai sinh cần gì?", "abc-1")
    assert set(body) == {
        "session_id", "status", "intent", "aspect", "understood", "procedure", "choices", "messages",
        "citations", "confidence", "degraded", "took_ms",
    }  # fmt: skip
    assert (body["session_id"], body["status"], body["degraded"]) == ("abc-1", "answered_aspect", False)
    assert body["citations"] == [CITATION]
    assert body["messages"] == [{"text": "Bạn cần Giấy chứng sinh.", "buttons": [], "card": None}]


def test_null_session_becomes_a_new_random_one_each_time() -> None:
    import re

    client = gateway()
    first, second = (ask(client, "xin chào")["session_id"] for _ in range(2))
    assert first != second
    assert re.fullmatch(SESSION_ID_PATTERN, first)


def test_question_reaches_the_dialogue_as_nfc() -> None:
    dialogue = FakeDialogue()
    ask(gateway(dialogue=dialogue), unicodedata.normalize("NFD", "  Hoà giải ở đâu? "))
    assert dialogue.asked[0][0] == "Hoà giải ở đâu?"


@pytest.mark.parametrize("question", ["", "   ", "😀😀", "???", "\u200b", "\n\t"])
def test_message_without_words_is_answered_politely_and_goes_nowhere(question: str) -> None:
    dialogue = FakeDialogue()
    body = ask(gateway(dialogue=dialogue), question)
    assert body["status"] == "unanswerable_empty"
    assert body["messages"][0]["text"] == texts.EMPTY
    assert dialogue.asked == []


@pytest.mark.parametrize(("length", "status"), [(2_000, "answered_aspect"), (2_001, "refused_too_long"), (10_000, "refused_too_long")])
def test_question_limit_is_just_where_the_setting_says(length: int, status: str) -> None:
    assert ask(gateway(), "a" * length)["status"] == status


def test_limit_of_questions_can_be_lifted() -> None:
    assert ask(gateway(GatewaySettings(question_limit=10_000)), "a" * 10_000)["status"] == "answered_aspect"


@pytest.mark.parametrize("question", ["<b>khai sinh</b>", "What do I need to register a birth?", "lam khai sinh", "#tt 1.001193 fee"])
def test_odd_but_legible_questions_go_on_unchanged(question: str) -> None:
    dialogue = FakeDialogue()
    ask(gateway(dialogue=dialogue), question)
    assert dialogue.asked[0][0] == question


def test_otp_ends_the_turn_before_anything_sees_it() -> None:
    dialogue, direct = FakeDialogue(), FakeDirect()
    body = ask(gateway(dialogue=dialogue, direct=direct), "mã OTP của tôi là 493021")
    assert body["status"] == "refused_personal_data"
    assert dialogue.asked == [] and direct.asked == []
    assert "493021" not in str(body)


def test_identity_number_is_masked_and_the_answer_comes_with_a_notice() -> None:
    dialogue = FakeDialogue()
    body = ask(gateway(dialogue=dialogue), "CCCD 001099012345 thì làm khai sinh cần gì?")
    assert "001099012345" not in dialogue.asked[0][0]
    assert body["status"] == "answered_aspect"
    assert "số định danh" in body["messages"][-1]["text"]


@pytest.mark.parametrize("cause", ["timeout", "connection", "http_status", "empty", "protocol", "circuit_open"])
def test_unavailable_dialogue_is_answered_directly_and_silently(cause: str) -> None:
    body = ask(gateway(dialogue=FakeDialogue(DialogueUnavailable(cause))), "khai sinh")
    assert body["degraded"] is True
    assert [message["text"] for message in body["messages"]] == ["Trả lời trực tiếp."]


def test_without_a_dialogue_every_answer_is_direct() -> None:
    assert ask(gateway(dialogue=None), "khai sinh")["degraded"] is True


def test_reply_that_fits_no_shape_is_answered_directly() -> None:
    dialogue = FakeDialogue(reply(confidence="rất chắc"))
    assert ask(gateway(dialogue=dialogue), "khai sinh")["messages"][0]["text"] == "Trả lời trực tiếp."


def test_conversation_lives_through_a_dialogue_that_dies_and_returns() -> None:
    first = reply(context={"procedure_code": "1.000894"})
    direct = FakeDirect(reply(context={"procedure_code": "1.000894", "aspect": "fee"}))
    dialogue = FakeDialogue(first, DialogueUnavailable("connection"), reply())
    client = gateway(dialogue=dialogue, direct=direct)
    for question in ("kết hôn cần gì", "phí bao nhiêu", "nộp ở đâu", "bao lâu"):
        ask(client, question, "s1")
    assert direct.asked == [("phí bao nhiêu", {"procedure_code": "1.000894"})]
    (_, _, context, is_stale), (_, _, _, is_stale_after) = dialogue.asked[2], dialogue.asked[3]
    assert (context, is_stale) == ({"procedure_code": "1.000894", "aspect": "fee"}, True)
    assert is_stale_after is False


def test_plain_response_keeps_the_context_and_leaves_its_status() -> None:
    thanks = {"status": "chitchat_thanks", "messages": [{"text": "Không có gì ạ."}]}
    dialogue = FakeDialogue(reply(context={"procedure_code": "1.000894"}), thanks, reply())
    client = gateway(dialogue=dialogue)
    for question in ("kết hôn", "cảm ơn", "phí"):
        ask(client, question, "s1")
    assert dialogue.asked[2][2] == {"procedure_code": "1.000894", "last_status": "chitchat_thanks"}


def test_sessions_do_not_see_each_other() -> None:
    dialogue = FakeDialogue()
    client = gateway(dialogue=dialogue)
    ask(client, "khai sinh", "one")
    ask(client, "khai sinh", "two")
    assert dialogue.asked[1][2] is None


def test_fault_inside_is_one_polite_reply_and_one_log_line_without_words(caplog: pytest.LogCaptureFixture) -> None:
    direct = FakeDirect(ValueError("bí mật: khai sinh cho bé Na"))
    with caplog.at_level(logging.DEBUG):
        body = ask(gateway(dialogue=None, direct=direct), "khai sinh cho bé Na")
    assert body["status"] == "error_internal"
    errors = [line for line in caplog.records if line.levelno >= logging.ERROR]
    assert len(errors) == 1
    error_id = body["messages"][0]["text"].rsplit("Mã lỗi: ", 1)[1].rstrip(")")
    assert error_id in errors[0].getMessage() and "ValueError" in errors[0].getMessage()
    assert "bé Na" not in caplog.text


def test_unknown_field_is_refused_in_both_languages() -> None:
    response = gateway().post("/api/v1/ask", json={"question": "khai sinh", "sesion_id": "x"})
    body = response.json()
    assert response.status_code == 422
    assert body["faults"] == [{"field": "body.sesion_id", "expected": "không có trường này / no such field", "got": "chuỗi 1 ký tự / a string of 1"}]
    assert "chưa đúng" in body["message"] and "not valid" in body["message_en"]


@pytest.mark.parametrize("session_id", ["", "a b", "x" * 65, "../etc", "é"])
def test_session_id_outside_its_pattern_is_refused(session_id: str) -> None:
    response = gateway().post("/api/v1/ask", json={"question": "khai sinh", "session_id": session_id})
    assert response.status_code == 422
    assert SESSION_ID_PATTERN in response.json()["faults"][0]["expected"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"\xff\xfe", b'{"question": null}', b'{"question": 1}'])
def test_malformed_body_is_refused_with_what_was_expected(body: bytes) -> None:
    response = gateway().post("/api/v1/ask", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code in (400, 422)
    assert response.json()["message"] and response.json()["message_en"]


def test_lone_surrogate_is_no_way_to_break_the_answer() -> None:
    response = gateway().post(
        "/api/v1/ask", content=b'{"question": "\\ud83d khai sinh"}', headers={"Content-Type": "application/json"}
    )
    assert response.status_code in (200, 422)


def test_body_beyond_the_hard_limit_is_413() -> None:
    client = gateway(GatewaySettings(body_limit_bytes=1_000))
    at_limit = client.post("/api/v1/ask", content=b"x" * 1_000, headers={"Content-Type": "application/json"})
    beyond = client.post("/api/v1/ask", content=b"x" * 1_001, headers={"Content-Type": "application/json"})
    assert at_limit.status_code == 422
    assert (beyond.status_code, beyond.json()["error"]) == (413, "too_large")


def test_chunked_body_beyond_the_hard_limit_is_413_too() -> None:
    client = gateway(GatewaySettings(body_limit_bytes=1_000))
    chunks = (b"x" * 400 for _ in range(4))
    response = client.post("/api/v1/ask", content=chunks, headers={"Content-Type": "application/json"})
    assert response.status_code == 413


def test_every_status_the_gateway_says_itself_is_in_the_table(repository: Path) -> None:
    known = yaml.safe_load((repository / "bot" / "outcomes.yml").read_text("utf-8"))
    own = [texts.empty_reply(), texts.too_long_reply(9, 5), texts.secret_reply(), texts.internal_reply("x")]
    assert {each["status"] for each in own} <= set(known)
    assert set(texts.KIND_NAMES) <= set(__import__("nlu.privacy").privacy.LABELS)
