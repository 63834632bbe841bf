"""The language of buttons: what is written can be read, what people write is no payload."""

from __future__ import annotations

import pytest

from knowledge.model import ASPECTS as KNOWLEDGE_ASPECTS
from nlu.payloads import MAX_PAYLOAD_BYTES, Payload, payload_entities, read_payload, write_payload
from nlu.types import ASPECTS


def test_both_rooms_name_the_same_aspects() -> None:
    assert ASPECTS == KNOWLEDGE_ASPECTS


@pytest.mark.parametrize("aspect", ["", *ASPECTS])
def test_a_written_procedure_reads_back_within_the_limit(aspect: str) -> None:
    text = write_payload(procedure_code="1.001193", aspect=aspect)
    assert read_payload(text) == Payload("1.001193", aspect)
    assert len(text.encode()) <= MAX_PAYLOAD_BYTES


@pytest.mark.parametrize(
    ("command", "text", "intent"),
    [
        ("handoff", "#nguoi", "handoff"),
        ("positive", "#tot", "feedback_positive"),
        ("negative", "#chuatot", "feedback_negative"),
        ("restart", "#batdau", "restart"),
    ],
)
def test_a_command_reads_back_and_names_its_intent(command: str, text: str, intent: str) -> None:
    assert write_payload(command=command) == text
    payload = read_payload(text)
    assert payload == Payload(command=command)
    assert payload.intent == intent


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("#tt 1.001193", "choose_procedure"),
        ("#tt 1.001193 fee", "ask_fee"),
        ("#tt 1.001193 legal_basis", "ask_legal_basis"),
        ("#tt 1.001193 general", "ask_procedure"),
        ("  #TT  1.001193   Fee ", "ask_fee"),
    ],
)
def test_procedure_payloads_name_their_intent(text: str, intent: str) -> None:
    payload = read_payload(text)
    assert payload is not None
    assert payload.intent == intent


@pytest.mark.parametrize(
    "text",
    ["", "1.001193", "tt 1.001193", "#tt", "#tt 1.00119", "#tt 1.001193 price", "#tt 1.001193 fee nhé", "#nguoi ơi", "#khacnua"],
)
def test_anything_else_is_no_payload(text: str) -> None:
    assert read_payload(text) is None


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"procedure_code": "1001193"},
        {"procedure_code": "1.001193", "aspect": "price"},
        {"command": "dance"},
        {"command": "handoff", "procedure_code": "1.001193"},
    ],
)
def test_a_malformed_payload_is_refused_at_writing(arguments: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="expected"):
        write_payload(**arguments)


def test_entities_of_a_payload_keep_their_offsets() -> None:
    text = " #tt 1.001193  Fee"
    payload = read_payload(text)
    assert payload is not None
    entities = payload_entities(payload, text)
    assert [(e.kind, e.value, text[e.start : e.end]) for e in entities] == [
        ("procedure_code", "1.001193", "1.001193"),
        ("aspect", "fee", "Fee"),
    ]
