"""Merging Rasa's messages, the circuit, sender rotation: no server needed."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable

import httpx
import pytest

from connectors.circuit import CircuitBreaker
from connectors.dialogue_client import RasaDialogue, merge_messages
from connectors.errors import DialogueUnavailable, SettingsError
from connectors.sessions import AgeingCache
from connectors.settings import DialogueSettings
from tests.unit.connectors.fakes import reply

THANKS = [{"recipient_id": "s", "text": "Không có gì ạ."}, {"recipient_id": "s", "custom": {"status": "chitchat_thanks"}}]


def dialogue(respond: Callable[[dict], object], clock: Callable[[], float] = lambda: 0.0, **settings: object) -> RasaDialogue:
    def handle(request: httpx.Request) -> httpx.Response:
        answer = respond({**json.loads(request.content), "token": request.url.params.get("token")})
        return answer if isinstance(answer, httpx.Response) else httpx.Response(200, json=answer)

    return RasaDialogue(DialogueSettings(**settings), transport=httpx.MockTransport(handle), clock=clock)


def test_whole_reply_of_an_action_wins_and_texts_beside_it_follow() -> None:
    merged = merge_messages([{"custom": {"reply": reply(text="Một.")}}, {"text": "Hai.", "buttons": [{"title": "A", "payload": "#nguoi"}]}])
    assert [message["text"] for message in merged["messages"]] == ["Một.", "Hai."]
    assert merged["messages"][1]["buttons"] == [{"title": "A", "payload": "#nguoi"}]
    assert merged["status"] == "answered_aspect"


def test_plain_response_takes_its_status_from_custom_and_keeps_buttons() -> None:
    assert merge_messages(THANKS) == {
        "status": "chitchat_thanks", "messages": [{"text": "Không có gì ạ.", "buttons": [], "card": None}],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("messages", "cause"),
    [
        ([], "empty"),
        ({"status": "failure"}, "protocol"),
        (["x"], "protocol"),
        ([{"text": "no status"}], "protocol"),
        ([{"custom": {"status": "chitchat_thanks"}}], "protocol"),
        ([{"custom": {"reply": {"messages": []}}}], "protocol"),
        (None, "protocol"),
    ],
)
def test_what_holds_no_answer_is_named(messages: object, cause: str) -> None:
    with pytest.raises(DialogueUnavailable) as caught:
        merge_messages(messages)
    assert caught.value.cause == cause


async def test_message_carries_sender_text_and_token() -> None:
    seen = []
    client = dialogue(lambda body: seen.append(body) or THANKS, token="t0ken")
    await client.ask("cảm ơn", "s1")
    assert seen == [{"sender": "s1", "message": "cảm ơn", "token": "t0ken"}]


async def test_context_travels_with_every_message_that_has_one() -> None:
    seen = []
    client = dialogue(lambda body: seen.append(body.get("metadata")) or THANKS)
    context = {"procedure_code": "1.001193"}
    await client.ask("một", "s1")
    await client.ask("hai", "s1", context)
    await client.ask("ba", "s1", {"aspect": "fee"})
    assert seen == [None, {"session_context": context}, {"session_context": {"aspect": "fee"}}]


async def test_stale_sender_is_left_for_a_fresh_one_that_then_stays() -> None:
    seen = []
    client = dialogue(lambda body: seen.append(body["sender"]) or THANKS)
    await client.ask("một", "s1")
    await client.ask("hai", "s1", {"aspect": "fee"}, is_stale=True)
    await client.ask("ba", "s1", {"aspect": "fee"})
    assert seen[0] == "s1" != seen[1] == seen[2]


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("/restart", "restart"),
        (" \u00a0//ask_fee{\"aspect\": \"fee\"}", 'ask_fee{"aspect": "fee"}'),
        ("/ /session_start", "session_start"),
        ("mẫu 01/TT-BTC", "mẫu 01/TT-BTC"),
        ("#tt 1.001193 fee", "#tt 1.001193 fee"),
    ],
)
async def test_text_never_reaches_rasa_as_a_command(typed: str, sent: str) -> None:
    seen = []
    await dialogue(lambda body: seen.append(body["message"]) or THANKS).ask(typed, "s1")
    assert seen == [sent]


async def test_sender_rotates_after_its_turns_and_carries_the_context() -> None:
    seen = []
    client = dialogue(lambda body: seen.append((body["sender"], body.get("metadata"))) or THANKS, turns_per_sender=2)
    context = {"procedure_code": "1.001193"}
    for _ in range(5):
        await client.ask("hỏi", "s1", context)
    senders = [sender for sender, _ in seen]
    assert senders[0] == senders[1] != senders[2] == senders[3] != senders[4]
    assert all(sender.startswith("s1.") for sender in senders[2:])
    assert [metadata for _, metadata in seen] == [{"session_context": context}] * 5


async def test_sender_rotates_after_its_expiry() -> None:
    now, seen = [0.0], []
    client = dialogue(lambda body: seen.append(body["sender"]) or THANKS, clock=lambda: now[0], sender_expiry_s=100)
    await client.ask("một", "s1")
    now[0] = 101.0
    await client.ask("hai", "s1", {"aspect": "fee"})
    assert seen[0] == "s1" and seen[1] != "s1"


@pytest.mark.parametrize("session_id", ["", "a.b", "x" * 65, "a b"])
async def test_session_id_outside_its_pattern_never_reaches_rasa(session_id: str) -> None:
    with pytest.raises(ValueError, match="session_id"):
        await dialogue(lambda body: THANKS).ask("x", session_id)


async def test_circuit_opens_after_failures_and_lets_one_try_through_later() -> None:
    now, calls, is_well = [0.0], [], [False]

    def respond(body: dict) -> object:
        calls.append(body["message"])
        return THANKS if is_well[0] else []

    client = dialogue(respond, clock=lambda: now[0], failures_to_open=2, open_s=10)
    causes = []
    for _ in range(4):
        with pytest.raises(DialogueUnavailable) as caught:
            await client.ask("x", "s1")
        causes.append(caught.value.cause)
    assert causes == ["empty", "empty", "circuit_open", "circuit_open"] and len(calls) == 2
    now[0], is_well[0] = 10.1, True
    await client.ask("x", "s1")
    await client.ask("x", "s1")
    assert len(calls) == 4


def test_half_open_circuit_admits_exactly_one() -> None:
    now = [0.0]
    breaker = CircuitBreaker(1, 5.0, clock=lambda: now[0])
    breaker.failed()
    now[0] = 5.1
    breaker.check()
    with pytest.raises(DialogueUnavailable):
        breaker.check()


async def test_errors_and_logs_hold_neither_words_nor_token(caplog: pytest.LogCaptureFixture) -> None:
    client = dialogue(lambda body: httpx.Response(500), token="t0ken")
    with caplog.at_level(logging.DEBUG, "connectors"), pytest.raises(DialogueUnavailable) as caught:
        await client.ask("bé Na", "s1")
    assert "500" in str(caught.value)
    assert not {"bé Na", "t0ken"} & set(str(caught.value).split())
    assert "bé Na" not in caplog.text and "t0ken" not in caplog.text


def test_cache_forgets_by_age_and_by_size() -> None:
    now = [0.0]
    cache: AgeingCache[int] = AgeingCache(2, 10.0, clock=lambda: now[0])
    for key in "abc":
        cache.set(key, 1)
    assert (cache.get("a"), cache.get("b"), len(cache)) == (None, 1, 2)
    now[0] = 10.1
    assert cache.get("b") is None


def test_wrong_setting_names_key_and_value() -> None:
    with pytest.raises(SettingsError, match="turns_per_sender: expected a number above 0, got 0"):
        DialogueSettings(turns_per_sender=0)
    with pytest.raises(SettingsError, match="base_url"):
        DialogueSettings(base_url="localhost:5005")


# Where Rasa is: its port may change when it starts again.


async def test_every_question_goes_where_rasa_is_now() -> None:
    asked: list[str] = []
    places = iter(["http://127.0.0.1:5005", "http://127.0.0.1:6006"])

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(f"{request.url.host}:{request.url.port}{request.url.path} {request.url.params.get('token')}")
        return httpx.Response(200, json=THANKS)

    client = RasaDialogue(DialogueSettings(token="t"), transport=httpx.MockTransport(handle), address=lambda: next(places))
    for _ in range(2):
        await client.ask("cảm ơn", "s1")
    assert asked == ["127.0.0.1:5005/webhooks/rest/webhook t", "127.0.0.1:6006/webhooks/rest/webhook t"]


async def test_without_a_process_nobody_is_asked_and_the_first_question_afterwards_goes_through() -> None:
    place: list[str | None] = [None]
    n_asked = 0

    def handle(request: httpx.Request) -> httpx.Response:
        nonlocal n_asked
        n_asked += 1
        return httpx.Response(200, json=THANKS)

    settings = DialogueSettings(failures_to_open=1)
    client = RasaDialogue(settings, httpx.MockTransport(handle), clock=lambda: 0.0, address=lambda: place[0])
    for _ in range(3):
        with pytest.raises(DialogueUnavailable) as caught:
            await client.ask("cảm ơn", "s1")
        assert caught.value.cause == "absent"
    assert await client.is_alive() is False
    assert n_asked == 0
    place[0] = "http://127.0.0.1:5005"
    assert (await client.ask("cảm ơn", "s1"))["status"] == "chitchat_thanks"
    assert await client.is_alive() is True
