"""From Rasa's tracker to our turn and back, and the action protocol over HTTP."""

from __future__ import annotations

import logging
from dataclasses import asdict
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import bootstrap
from actions.bootstrap import Wiring, install, installed
from actions.errors import NotWiredError
from actions.phrases import say
from actions.rasa_actions import SKILLS, NamedSkill
from actions.rasa_bridge import context_of, read_context, slot_events, understanding_of
from actions.reply import Choice, Context, Reply, ReplyMessage
from actions.server import create_action_router
from actions.turn import Assistant
from knowledge.retrieval.search import Searcher
from nlu.types import Entity
from tests.fakes import BIRTH, TODAY

CONTEXT = Context(BIRTH.code, "fee", (Choice("9.100002", "Đăng ký kết hôn", "kết hôn"),), "time", "plan", "answered_aspect", 2)
MESSAGE: dict[str, Any] = {
    "text": "lệ phí thủ tục 9.100001",
    "intent": {"name": "ask_fee", "confidence": 0.93},
    "intent_ranking": [{"name": "ask_fee", "confidence": 0.93}, {"name": "ask_time", "confidence": 0.05}],
    "entities": [{"entity": "procedure_code", "value": "9.100001", "start": 15, "end": 23, "extractor": "ours"}],
}


def tracker_json(message: dict[str, Any], slots: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "sender_id": "s1", "slots": slots or {}, "latest_message": message, "events": [], "paused": False,
        "followup_action": None, "active_loop": {}, "latest_action_name": None,
    }  # fmt: skip


def tracker(message: dict[str, Any], slots: dict[str, Any] | None = None) -> Tracker:
    return Tracker.from_dict(tracker_json(message, slots))


@pytest.fixture
def wiring(town: Searcher) -> Wiring:
    refused = Reply("refused_illegal", (ReplyMessage("không giúp được"),))
    return Wiring(Assistant(lambda: town, today=lambda: TODAY), hotline="1900 0000", plain=lambda intent: refused)


def test_rasas_message_becomes_an_understanding() -> None:
    found = understanding_of(MESSAGE)
    assert (found.text, found.intent, found.confidence) == ("lệ phí thủ tục 9.100001", "ask_fee", 0.93)
    assert found.ranking == (("ask_fee", 0.93), ("ask_time", 0.05))
    assert found.entities == (Entity("procedure_code", "9.100001", 15, 23),)


@pytest.mark.parametrize("message", [{}, {"text": None, "intent": None, "entities": None}, {"intent": {"name": None, "confidence": None}}])
def test_an_empty_message_is_understood_as_nothing(message: dict[str, Any]) -> None:
    found = understanding_of(message)
    assert (found.text, found.intent, found.confidence, found.entities) == ("", "", 0.0, ())


def test_a_context_survives_the_slot() -> None:
    events = slot_events(CONTEXT)
    slots = {event["name"]: event["value"] for event in events}
    assert context_of(tracker(MESSAGE, slots)) == CONTEXT
    assert slots["procedure_code"] == BIRTH.code
    assert {event["event"] for event in events} == {"slot"}


def test_an_empty_context_empties_the_readable_slots() -> None:
    slots = {event["name"]: event["value"] for event in slot_events(Context())}
    assert {name for name, value in slots.items() if value is None} == set(slots) - {"session_context"}
    assert read_context(slots["session_context"]) == Context()


def test_the_gateways_context_in_the_metadata_wins_over_the_slot() -> None:
    newer = Context(procedure_code="9.100003")
    message = {**MESSAGE, "metadata": {"session_context": asdict(newer)}}
    slots = {"session_context": asdict(CONTEXT)}
    assert context_of(tracker(message, slots)) == newer
    assert context_of(tracker({**MESSAGE, "metadata": {}}, slots)) == CONTEXT
    assert context_of(tracker(MESSAGE)) == Context()


@pytest.mark.parametrize("damaged", ["text", {"choices": "none"}, {"n_clarifications": "many"}, {"choices": [{"code": "1"}]}, [1]])
def test_a_damaged_context_starts_anew_and_is_logged_without_its_words(
    damaged: object, caplog: pytest.LogCaptureFixture
) -> None:
    assert read_context(damaged) == Context()
    assert "starting anew" in caplog.text
    assert "many" not in caplog.text


def test_a_context_of_a_later_version_is_read_as_far_as_known() -> None:
    assert read_context({"procedure_code": BIRTH.code, "new_field": 1}).procedure_code == BIRTH.code


# The boundary.


async def run(action: NamedSkill, message: dict[str, Any], slots: dict[str, Any] | None = None) -> tuple[dict, dict]:
    dispatcher = CollectingDispatcher()
    events = await action.run(dispatcher, tracker(message, slots), {})
    (sent,) = dispatcher.messages
    return sent["custom"]["reply"], {event["name"]: event["value"] for event in events}


async def test_an_action_sends_one_whole_reply_and_keeps_the_context(wiring: Wiring) -> None:
    reply, slots = await run(NamedSkill("action_answer", wiring), MESSAGE)
    assert reply["status"] == "answered_aspect"
    assert reply["procedure"]["code"] == BIRTH.code
    assert read_context(slots["session_context"]) == Context(BIRTH.code, "fee", last_status="answered_aspect")
    assert read_context(reply["context"]) == read_context(slots["session_context"])


class Breaking:
    """An assistant inside which something breaks, with a citizen's words in the message."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def answer(self, *arguments: object) -> None:
        raise self.error


@pytest.mark.parametrize("error", [ValueError("số của tôi 079203001234"), UnicodeDecodeError("utf-8", b"x", 0, 1, "079203001234"), AssertionError("079203001234")])
async def test_what_breaks_inside_is_one_polite_reply_and_one_logged_error_without_words(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    slots = {"session_context": asdict(CONTEXT)}
    with caplog.at_level(logging.DEBUG):
        reply, after = await run(NamedSkill("action_answer", Wiring(Breaking(error))), MESSAGE, slots)
    assert reply["status"] == "error_internal"
    assert reply["messages"][0]["text"] == say("error")
    assert read_context(after["session_context"]) == CONTEXT
    assert len([r for r in caplog.records if r.levelno >= logging.ERROR]) == 1
    assert "079203001234" not in caplog.text


async def test_a_message_rasa_never_sends_is_caught_too(wiring: Wiring) -> None:
    reply, _ = await run(NamedSkill("action_answer", wiring), {"text": "x", "entities": [{"value": "no kind"}]})
    assert reply["status"] == "error_internal"


def message(intent: str, text: str = "") -> dict[str, Any]:
    return {"text": text, "intent": {"name": intent, "confidence": 0.9}, "entities": []}


@pytest.mark.parametrize(
    ("action", "sent", "status"),
    [
        ("action_answer", message("ask_fee", "đăng ký khai sinh"), "answered_aspect"),
        ("action_answer_plan", message("ask_plan_task", "kế hoạch ươm mười nghìn gốc tre"), "answered_plan"),
        ("action_track_dossier", message("track_dossier", "hồ sơ đâu rồi"), "tracking_need_code"),
        ("action_feedback", message("feedback_positive", "tốt quá"), "feedback_positive"),
        ("action_handoff", message("handoff", "gặp cán bộ"), "handoff_requested"),
        ("action_guard", message("ask_illegal", "làm giả dấu"), "refused_illegal"),
    ],
)
async def test_each_action_runs_its_skill(wiring: Wiring, action: str, sent: dict[str, Any], status: str) -> None:
    reply, slots = await run(NamedSkill(action, wiring), sent)
    assert reply["status"] == status
    assert slots["last_status"] == status


def test_actions_are_those_of_the_domain(repository) -> None:
    import yaml

    domain = yaml.safe_load((repository / "bot/domain/actions.yml").read_text(encoding="utf-8"))
    assert set(SKILLS) == set(domain["actions"])
    assert [NamedSkill(name).name() for name in SKILLS] == list(SKILLS)


# Wiring.


@pytest.fixture
def nothing_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "_installed", [])


@pytest.mark.usefixtures("nothing_installed")
async def test_an_action_before_the_start_is_an_error_with_its_mend(wiring: Wiring) -> None:
    with pytest.raises(NotWiredError, match="motcua serve"):
        installed()
    reply, _ = await run(NamedSkill("action_answer"), MESSAGE)
    assert reply["status"] == "error_internal"
    install(wiring)
    reply, _ = await run(NamedSkill("action_answer"), MESSAGE)
    assert reply["status"] == "answered_aspect"


@pytest.mark.usefixtures("nothing_installed")
def test_a_later_wiring_takes_the_place_of_the_first(wiring: Wiring) -> None:
    install(wiring)
    second = Wiring(wiring.assistant, "1900 1111")
    install(second)
    assert installed() is second


# Over HTTP.


@pytest.fixture
def client(wiring: Wiring) -> TestClient:
    app = FastAPI()
    app.include_router(create_action_router(wiring))
    return TestClient(app)


def call(action: str, sent: dict[str, Any]) -> dict[str, Any]:
    return {"next_action": action, "sender_id": "s1", "tracker": tracker_json(sent), "domain": {}, "version": "3.6.21"}


def test_an_action_call_is_answered_in_rasas_own_shape(client: TestClient) -> None:
    response = client.post("/webhook", json=call("action_answer", MESSAGE))
    assert response.status_code == 200
    body = response.json()
    assert body["responses"][0]["custom"]["reply"]["status"] == "answered_aspect"
    assert {"event", "name", "value", "timestamp"} <= set(body["events"][0])


def test_an_unknown_action_is_404_and_named(client: TestClient) -> None:
    response = client.post("/webhook", json=call("action_nonsense", MESSAGE))
    assert response.status_code == 404
    assert response.json()["action_name"] == "action_nonsense"


@pytest.mark.parametrize("body", ["[]", "7", '"text"', "{", ""])
def test_a_call_that_is_no_json_object_is_422(client: TestClient, body: str) -> None:
    response = client.post("/webhook", content=body, headers={"content-type": "application/json"})
    assert response.status_code == 422


@pytest.mark.parametrize("changes", [{"tracker": None}, {"tracker": "x"}, {"tracker": {}}, {"domain": "x"}, {"tracker": {"sender_id": "s1", "slots": 3}}])
def test_a_call_of_another_shape_is_422(client: TestClient, changes: dict[str, Any]) -> None:
    assert client.post("/webhook", json=call("action_answer", MESSAGE) | changes).status_code == 422


def test_a_call_without_domain_asks_for_it(client: TestClient) -> None:
    assert client.post("/webhook", json=call("action_answer", MESSAGE) | {"domain": None}).status_code == 449


@pytest.mark.parametrize("body", [{}, {"next_action": None}, {"next_action": ""}, {"sender_id": "s1"}])
def test_a_call_without_action_is_422(client: TestClient, body: dict[str, Any]) -> None:
    assert client.post("/webhook", json=body).status_code == 422
