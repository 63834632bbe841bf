"""Answers without Rasa: the same skills and texts, and the context that is carried."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest
import yaml

from actions.bootstrap import Wiring
from actions.reply import Context
from actions.turn import Assistant
from bot.dialogue_content import load_dialogue_content
from bot.direct import DirectAnswerer
from knowledge.retrieval.search import Searcher
from nlu.entities import extract_entities
from nlu.payloads import payload_entities, read_payload
from nlu.types import Understanding
from tests.fakes import BIRTH, TODAY

ROOT = Path(__file__).resolve().parents[3]
INTENTS = yaml.safe_load((ROOT / "bot/domain/intents.yml").read_text(encoding="utf-8"))["intents"]
OUTCOMES = yaml.safe_load((ROOT / "bot/outcomes.yml").read_text(encoding="utf-8"))
FOCUS = asdict(Context(procedure_code=BIRTH.code, aspect="fee", last_status="answered_aspect"))


class Told:
    """Understands every text as the intent it was told, buttons as themselves."""

    def __init__(self, intent: str = "") -> None:
        self.intent = intent

    def parse(self, text: str) -> Understanding:
        payload = read_payload(text)
        if payload:
            return Understanding(text, payload.intent, 1.0, (), payload_entities(payload, text))
        return Understanding(text, self.intent, 0.9, (), extract_entities(text))


def answerer(town: Searcher, intent: str) -> DirectAnswerer:
    content = load_dialogue_content()
    said = lambda intent: content.plain_reply(f"utter_{intent}", 0)  # noqa: E731
    wiring = Wiring(Assistant(lambda: town, today=lambda: TODAY), "1900 0000", said)
    return DirectAnswerer(Told(intent), wiring, content)


@pytest.mark.parametrize("intent", [*INTENTS, "nlu_fallback"])
def test_every_intent_ends_in_a_named_outcome_with_words(town: Searcher, intent: str) -> None:
    for context in (None, {}, FOCUS):
        reply = answerer(town, intent).answer("đăng ký khai sinh cho con", context)
        assert reply["status"] in OUTCOMES
        assert reply["status"] != "error_internal"
        assert reply["messages"][0]["text"].strip()
        assert reply["intent"] == intent
        json.dumps(reply)


def test_a_question_is_answered_with_the_same_skill(town: Searcher) -> None:
    reply = answerer(town, "ask_fee").answer("lệ phí đăng ký khai sinh", None)
    assert (reply["status"], reply["procedure"]["code"]) == ("answered_aspect", BIRTH.code)


def test_small_talk_keeps_the_focus_so_that_one_can_go_on(town: Searcher) -> None:
    thanked = answerer(town, "thanks").answer("cảm ơn", FOCUS)
    assert thanked["status"] == "chitchat_thanks"
    reply = answerer(town, "ask_time").answer("bao lâu thì xong", thanked["context"])
    assert reply["procedure"]["code"] == BIRTH.code


@pytest.mark.parametrize("text", ["#batdau", "bắt đầu lại"])
def test_starting_anew_forgets_everything(town: Searcher, text: str) -> None:
    reply = answerer(town, "restart").answer(text, FOCUS)
    assert reply["status"] == "chitchat_restart"
    assert reply["context"] == asdict(Context(last_status="chitchat_restart"))
    after = answerer(town, "ask_time").answer("bao lâu thì xong", reply["context"])
    assert after["status"] == "clarification_topic"


def test_variants_of_a_response_take_turns(town: Searcher) -> None:
    direct = answerer(town, "greet")
    n = len(load_dialogue_content().responses["utter_greet"])
    texts = [direct.answer("chào", None)["messages"][0]["text"] for _ in range(2 * n)]
    assert len(set(texts)) == n > 1
    assert texts[:n] == texts[n:]


def test_a_damaged_context_starts_anew(town: Searcher) -> None:
    reply = answerer(town, "ask_fee").answer("lệ phí bao nhiêu", {"choices": "none"})
    assert reply["status"] == "clarification_topic"
