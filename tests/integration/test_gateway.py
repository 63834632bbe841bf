"""The gateway against a little server that speaks Rasa's REST channel, well and badly; OpenAPI by schemathesis."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode

from connectors.dialogue_client import RasaDialogue
from connectors.errors import DialogueUnavailable
from connectors.gateway import create_gateway
from connectors.settings import DialogueSettings, GatewaySettings
from connectors.store.database import Store
from tests.unit.connectors.fakes import FakeDialogue, FakeDirect, dependencies, reply

pytestmark = pytest.mark.integration


class LittleRasa:
    """Does what ``modes`` say, one a request, then answers well: empty, error, slow, die, well."""

    def __init__(self) -> None:
        self.modes: list[str] = []
        self.received: list[dict[str, Any]] = []
        self.n_at_once = self.most_at_once = 0
        self._lock = threading.Lock()
        self.release = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._send(200, {"version": "3.6.21"})

            def do_POST(self) -> None:
                outer._serve(self, json.loads(self.rfile.read(int(self.headers["content-length"]))))

            def _send(self, code: int, body: object) -> None:
                payload = json.dumps(body).encode()
                self.send_response(code)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(payload)))
                self.end_headers()
                self.wfile.write(payload)

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def _serve(self, handler: Any, body: dict[str, Any]) -> None:
        with self._lock:
            self.received.append(body)
            mode = self.modes.pop(0) if self.modes else "well"
            self.n_at_once += 1
            self.most_at_once = max(self.most_at_once, self.n_at_once)
        try:
            if mode == "die":
                handler.connection.shutdown(socket.SHUT_RDWR)
                return
            if mode == "slow":
                self.release.wait(5)
            if mode == "pause":
                time.sleep(0.05)
            answer = [] if mode == "empty" else [{"custom": {"reply": reply(text=f"Rasa: {body['message']}")}}]
            handler._send(500 if mode == "error" else 200, answer)
        except (BrokenPipeError, ConnectionResetError):
            assert mode == "slow", "only a client that gave up hangs up"
        finally:
            with self._lock:
                self.n_at_once -= 1

    def stop(self) -> None:
        self.release.set()
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def rasa() -> Iterator[LittleRasa]:
    server = LittleRasa()
    yield server
    server.stop()


def rasa_settings(rasa: LittleRasa, **given: Any) -> DialogueSettings:
    return DialogueSettings(base_url=rasa.url, **{"timeout_s": 0.4, "failures_to_open": 50, **given})


@pytest.mark.parametrize(("mode", "cause"), [("empty", "empty"), ("error", "http_status"), ("slow", "timeout"), ("die", "connection")])
async def test_each_way_rasa_fails_has_its_cause_and_the_next_turn_works(rasa: LittleRasa, mode: str, cause: str) -> None:
    client = RasaDialogue(rasa_settings(rasa))
    rasa.modes = [mode]
    with pytest.raises(DialogueUnavailable) as caught:
        await client.ask("khai sinh", "s1")
    assert caught.value.cause == cause
    rasa.release.set()
    assert (await client.ask("lần nữa", "s1"))["messages"][0]["text"] == "Rasa: lần nữa"
    await client.aclose()


async def test_nobody_listening_is_a_connection_fault() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    client = RasaDialogue(DialogueSettings(base_url=address))
    with pytest.raises(DialogueUnavailable) as caught:
        await client.ask("khai sinh", "s1")
    assert caught.value.cause == "connection"
    assert await client.is_alive() is False
    await client.aclose()


async def test_messages_of_one_sender_reach_rasa_one_at_a_time_in_order(rasa: LittleRasa) -> None:
    client = RasaDialogue(rasa_settings(rasa, timeout_s=5.0))
    rasa.modes = ["pause"] * 6
    tasks = [asyncio.create_task(client.ask(str(number), "s1")) for number in range(6)]
    answers = await asyncio.gather(*tasks)
    assert [body["message"] for body in rasa.received] == list("012345")
    assert [answer["messages"][0]["text"] for answer in answers] == [f"Rasa: {number}" for number in range(6)]
    assert rasa.most_at_once == 1
    await client.aclose()


async def test_senders_do_not_wait_for_each_other(rasa: LittleRasa) -> None:
    client = RasaDialogue(rasa_settings(rasa, timeout_s=5.0))
    rasa.modes = ["slow"]
    first = asyncio.create_task(client.ask("chậm", "s1"))
    while not rasa.received:
        await asyncio.sleep(0.01)
    assert (await client.ask("nhanh", "s2"))["messages"][0]["text"] == "Rasa: nhanh"
    assert not first.done()
    rasa.release.set()
    await first
    await client.aclose()


@pytest.mark.parametrize("mode", ["empty", "error", "slow", "die"])
async def test_citizen_gets_an_answer_and_the_thread_is_kept_while_rasa_fails(rasa: LittleRasa, mode: str) -> None:
    direct = FakeDirect(reply(text="Trực tiếp.", context={"procedure_code": "1.000894"}))
    app = create_gateway(dependencies(direct=direct, dialogue=RasaDialogue(rasa_settings(rasa))))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway") as client:

        async def ask(question: str) -> dict[str, Any]:
            return (await client.post("/api/v1/ask", json={"question": question, "session_id": "s1"})).json()

        assert (await ask("một"))["degraded"] is False
        rasa.modes = [mode]
        during = await ask("hai")
        rasa.release.set()
        after = await ask("ba")
    assert (during["degraded"], during["messages"][0]["text"]) == (True, "Trực tiếp.")
    assert direct.asked[0][1]["procedure_code"] == "1.001193", "the context Rasa gave before it failed"
    assert after["degraded"] is False
    assert rasa.received[-1]["metadata"] == {"session_context": {"procedure_code": "1.000894"}}


def test_every_route_keeps_its_openapi_promise(tmp_path: Path) -> None:
    deps = dependencies(store=Store(f"sqlite:///{tmp_path / 'motcua.db'}"), dialogue=FakeDialogue())
    app = create_gateway(deps, GatewaySettings(rate_limit_per_minute=0))
    schema = schemathesis.openapi.from_asgi("/openapi.json", app)
    routes = [operation.ok() for operation in schema.get_all_operations()]
    assert len(routes) == 12
    for route in routes:
        _try_examples(route, GenerationMode.POSITIVE)
        if route.body or route.query or route.path_parameters:
            _try_examples(route, GenerationMode.NEGATIVE)


def _try_examples(route: Any, mode: GenerationMode) -> None:
    """Schemathesis' own pytest plugin lags behind pytest; its strategies and checks do not."""

    @settings(max_examples=25, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(case=route.as_strategy(generation_mode=mode))
    def keeps_promise(case: Any) -> None:
        case.call_and_validate()

    keeps_promise()
