"""The assembled product with a real Rasa on loopback: asking, context, buttons, and Rasa dying in mid-conversation."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
import uvicorn

from actions.turn import Assistant
from bot.app import Product, Server, build_product, build_server
from bot.rasa_process import free_port
from bot.settings import Settings
from knowledge.retrieval.search import Searcher
from nlu.encoder import Encoder
from tests.integration.rasa_home import link_model, trained
from tests.integration.serving import PATIENCE_S, Asking, until

pytestmark = [pytest.mark.rasa, pytest.mark.integration]
BIRTH, MARRIAGE = "1.001193", "1.000894"


class Holdable:
    """The assistant behind Rasa's actions, which can be made to hang, or to doubt every ranking."""

    def __init__(self, product: Product) -> None:
        self._sure, self._doubting = product.wiring.assistant, Assistant(lambda: doubting(product.knowledge.searcher()))
        self.free, self.is_held = threading.Event(), threading.Event()
        self.free.set()
        self.is_doubting = False

    def chance_of_answer(self, question: str) -> float:
        return self._sure.chance_of_answer(question)

    def names_matter(self, question: str, outright: bool = False) -> bool:
        return self._sure.names_matter(question, outright)

    def answer(self, *arguments: Any) -> Any:
        if not self.free.is_set():
            self.is_held.set()
        self.free.wait(60)
        return (self._doubting if self.is_doubting else self._sure).answer(*arguments)


def doubting(searcher: Searcher) -> Searcher:
    """The same index with thresholds at which several likely procedures are always asked back."""
    thresholds = searcher.config.thresholds.model_copy(update={"answer": 1.0, "ask_back": 0.0})
    return Searcher(searcher.index, searcher._encoder, searcher.config.model_copy(update={"thresholds": thresholds}))


class Running(Asking):
    """A served product and a client of it."""

    def __init__(self, server: Server, assistant: Holdable) -> None:
        self.server, self.assistant = server, assistant
        settings = server.product.settings
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{settings.port}", timeout=60, trust_env=False)
        config = uvicorn.Config(server.app, settings.host, settings.port, log_level="error", access_log=False)
        self._uvicorn = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._uvicorn.run, daemon=True)

    def start(self) -> None:
        self._thread.start()
        until(lambda: self._uvicorn.started, "the gateway listens")
        self.server.rasa.start()
        assert self.server.rasa.wait_ready(PATIENCE_S), "Rasa did not start"

    def stop(self) -> None:
        self.assistant.free.set()
        self.server.rasa.stop()
        self._uvicorn.should_exit = True
        self._thread.join(30)
        self.client.close()


@pytest.fixture(scope="module")
def running(bundled_settings: Settings, encoder: Encoder) -> Iterator[Running]:
    paths = trained()
    link_model(paths, bundled_settings.home)
    settings = bundled_settings.model_copy(update={"rasa": True, "port": free_port(), "rasa_timeout_s": 6.0})
    product = build_product(settings, encoder)
    assistant = Holdable(product)
    behind_rasa = replace(product, wiring=replace(product.wiring, assistant=assistant))
    running = Running(build_server(settings, behind_rasa), assistant)
    try:
        running.start()
        yield running
    finally:
        running.stop()


def code_of(reply: dict[str, Any]) -> str | None:
    return reply["procedure"]["code"] if reply["procedure"] else None


def test_a_question_is_answered_through_rasa_with_its_source(running: Running) -> None:
    reply = running.ask("đăng ký khai sinh cho con cần giấy tờ gì", "ask")
    assert (reply["degraded"], reply["status"], code_of(reply)) == (False, "answered_aspect", BIRTH)
    assert reply["aspect"] == "documents"
    assert reply["citations"][0]["number"] == BIRTH


def test_ellipsis_follows_the_procedure_in_focus(running: Running) -> None:
    running.ask("đăng ký kết hôn cần giấy tờ gì", "ellipsis")
    for question, aspect in (("lệ phí thì sao", "fee"), ("bao lâu thì xong", "time"), ("nop o dau", "place")):
        reply = running.ask(question, "ellipsis")
        assert (reply["degraded"], code_of(reply), reply["aspect"]) == (False, MARRIAGE, aspect)


def test_plain_responses_keep_the_focus(running: Running) -> None:
    running.ask("đăng ký kết hôn cần giấy tờ gì", "thanks")
    assert running.ask("cảm ơn bạn", "thanks")["status"] == "chitchat_thanks"
    assert code_of(running.ask("lệ phí thì sao", "thanks")) == MARRIAGE


@pytest.mark.parametrize("way", ["button", "number"])
def test_a_procedure_is_chosen_after_asking_which(running: Running, way: str) -> None:
    asked = running.ask("mẫu CT01 dùng cho thủ tục nào", f"choose-{way}")
    assert len(asked["choices"]) > 1
    second = asked["choices"][1]["code"]
    (button,) = [b for b in asked["messages"][0]["buttons"] if second in b["payload"]]
    chosen = running.ask(button["payload"] if way == "button" else "2", f"choose-{way}")
    assert (chosen["degraded"], code_of(chosen)) == (False, second)
    assert code_of(running.ask("bao lâu thì xong", f"choose-{way}")) == second


def test_a_clarification_is_answered_by_its_button(running: Running) -> None:
    unclear = ["lệ phí giấy phép lái xe", "lệ phí đăng ký xe", "lệ phí trợ cấp xã hội", "lệ phí hộ tịch"]
    running.assistant.is_doubting = True
    try:
        replies = {f"unclear-{n}": running.ask(question, f"unclear-{n}") for n, question in enumerate(unclear)}
    finally:
        running.assistant.is_doubting = False
    asked = [(session, reply) for session, reply in replies.items() if reply["status"] == "clarification_procedure"]
    assert asked, [reply["status"] for reply in replies.values()]
    session, reply = asked[0]
    button = reply["messages"][0]["buttons"][len(reply["choices"]) - 1]
    chosen = running.ask(button["payload"], session)
    assert (chosen["degraded"], code_of(chosen)) == (False, reply["choices"][-1]["code"])


def test_starting_anew_forgets_the_focus(running: Running) -> None:
    running.ask("đăng ký kết hôn cần giấy tờ gì", "anew")
    reply = running.ask("#batdau", "anew")
    assert (reply["degraded"], reply["status"]) == (False, "chitchat_restart")
    assert code_of(running.ask("lệ phí bao nhiêu", "anew")) is None


@pytest.mark.parametrize("question", ["😀😀", "<b>đăng ký</b> khai sinh <script>x</script>", "how do I register a birth", "đăng ký khai sinh"])
def test_odd_questions_get_a_polite_answer_through_rasa(running: Running, question: str) -> None:
    reply = running.ask(question, "odd")
    assert reply["messages"][0]["text"]
    assert not reply["status"].startswith("error")
    assert reply["degraded"] is False


def test_an_action_that_hangs_is_answered_directly_and_the_thread_is_kept(running: Running) -> None:
    running.ask("đăng ký khai sinh cho con cần giấy tờ gì", "hang")
    running.assistant.free.clear()
    try:
        during = running.ask("lệ phí thì sao", "hang")
    finally:
        running.assistant.free.set()
    assert (during["degraded"], code_of(during), during["aspect"]) == (True, BIRTH, "fee")
    running.wait_for_rasa()
    after = running.ask("bao lâu thì xong", "hang")
    assert (code_of(after), after["aspect"]) == (BIRTH, "time")


def test_rasa_killed_in_mid_conversation_loses_nothing_and_comes_back(running: Running) -> None:
    running.ask("đăng ký khai sinh cho con cần giấy tờ gì", "killed")
    first = running.server.rasa.pid
    os.kill(first, signal.SIGKILL)
    until(lambda: running.server.rasa.pid != first, "the dead process is noticed")
    during = running.ask("lệ phí thì sao", "killed")
    assert (during["degraded"], code_of(during), during["aspect"]) == (True, BIRTH, "fee")
    changed = running.ask("đăng ký kết hôn cần giấy tờ gì", "killed")
    assert (changed["degraded"], code_of(changed)) == (True, MARRIAGE)
    until(lambda: running.server.rasa.is_ready(), "Rasa is ready again")
    running.wait_for_rasa()
    after = running.ask("bao lâu thì xong", "killed")
    assert (after["degraded"], code_of(after), after["aspect"]) == (False, MARRIAGE, "time")
    assert running.server.rasa.n_restarts >= 1


def n_turns(running: Running) -> float:
    """Turns that ended so far, over all statuses."""
    lines = running.client.get("/metrics").text.splitlines()
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith("motcua_turns_total{"))


def test_rasa_killed_while_it_works_on_a_question_gives_one_answer_all_the_same(running: Running) -> None:
    running.wait_for_rasa()
    running.ask("đăng ký khai sinh cho con cần giấy tờ gì", "mid-turn")
    before, first = n_turns(running), running.server.rasa.pid
    running.assistant.is_held.clear()
    running.assistant.free.clear()
    replies: list[dict[str, Any]] = []
    asking = threading.Thread(target=lambda: replies.append(running.ask("lệ phí thì sao", "mid-turn")))
    try:
        asking.start()
        assert running.assistant.is_held.wait(PATIENCE_S), "the question came through Rasa to the action"
        os.kill(first, signal.SIGKILL)
        asking.join(PATIENCE_S)
    finally:
        running.assistant.free.set()
    (during,) = replies
    assert (during["degraded"], code_of(during), during["aspect"]) == (True, BIRTH, "fee")
    assert n_turns(running) == before + 1, "the killed turn is not counted or answered again"
    until(lambda: running.server.rasa.pid not in (None, first) and running.server.rasa.is_ready(), "Rasa is ready again")
    running.wait_for_rasa()
    after = running.ask("bao lâu thì xong", "mid-turn")
    assert (after["degraded"], code_of(after), after["aspect"]) == (False, BIRTH, "time")
