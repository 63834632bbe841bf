"""The assembled product without Rasa: real encoder, bundled knowledge, the gateway's own routes."""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from fastapi.testclient import TestClient

from bot.app import Product, build_product, build_server
from bot.settings import Settings
from knowledge.index.errors import IndexMissingError
from knowledge.model import ASPECTS
from nlu.diacritics import bare
from nlu.encoder import Encoder

pytestmark = pytest.mark.integration
BIRTH, MARRIAGE = "1.001193", "1.000894"


@pytest.fixture(scope="module")
def product(bundled_settings: Settings, encoder: Encoder) -> Product:
    return build_product(bundled_settings, encoder)


@pytest.fixture(scope="module")
def client(product: Product, bundled_settings: Settings) -> Iterator[TestClient]:
    server = build_server(bundled_settings.model_copy(update={"rate_limit_per_minute": 0}), product)
    assert server.rasa is None
    with TestClient(server.app, client=("127.0.0.1", 50000)) as client:
        yield client


def ask(client: TestClient, question: str, session: str | None = None) -> dict[str, Any]:
    response = client.post("/api/v1/ask", json={"question": question, "session_id": session})
    assert response.status_code == 200, response.text
    return response.json()


def code_of(reply: dict[str, Any]) -> str | None:
    return reply["procedure"]["code"] if reply["procedure"] else None


# Answers.


@pytest.mark.parametrize("write", [str, bare, str.upper, lambda t: unicodedata.normalize("NFD", t)], ids=["plain", "bare", "capitals", "NFD"])
def test_a_question_is_answered_from_the_record_with_its_source(client: TestClient, write) -> None:
    reply = ask(client, write("đăng ký khai sinh cho con cần giấy tờ gì"))
    assert (reply["status"], code_of(reply), reply["aspect"]) == ("answered_aspect", BIRTH, "documents")
    assert "Giấy chứng sinh" in reply["messages"][0]["text"]
    (citation,) = reply["citations"]
    assert citation["number"] == BIRTH and citation["url"].startswith("https://") and citation["as_of"]
    assert reply["degraded"] is True


def test_every_bundled_procedure_is_found_by_code_and_by_name(client: TestClient, product: Product) -> None:
    procedures = product.knowledge.searcher().index.procedures
    assert len(procedures) >= 80
    by_name = 0
    for procedure in procedures:
        assert product.knowledge.searcher().search(procedure.code).procedures[0].procedure == procedure
        by_name += product.knowledge.searcher().search(procedure.name).procedures[0].procedure.name == procedure.name
    assert by_name >= 0.97 * len(procedures)


@pytest.mark.parametrize("aspect", ASPECTS)
def test_every_aspect_is_answered_through_its_button(client: TestClient, aspect: str) -> None:
    reply = ask(client, f"#tt {BIRTH} {aspect}")
    assert (code_of(reply), reply["aspect"]) == (BIRTH, aspect)
    assert reply["status"] in ("answered_aspect", "answered_overview", "answered_silent")
    assert reply["citations"]


def test_answers_copy_amounts_and_times_from_the_record(client: TestClient, product: Product) -> None:
    for procedure in product.knowledge.searcher().index.procedures[::6]:
        fee = ask(client, f"#tt {procedure.code} fee")["messages"][0]["text"]
        time = ask(client, f"#tt {procedure.code} time")["messages"][0]["text"]
        for submission in procedure.submissions:
            assert all(each in fee for each in submission.fees), procedure.code
            assert submission.time in time, procedure.code


def test_a_session_carries_the_procedure(client: TestClient) -> None:
    ask(client, "đăng ký kết hôn cần giấy tờ gì", "carry")
    for question, aspect in (("lệ phí thì sao", "fee"), ("bao lau thi xong", "time")):
        reply = ask(client, question, "carry")
        assert (code_of(reply), reply["aspect"]) == (MARRIAGE, aspect)
    assert code_of(ask(client, "lệ phí thì sao", "another-session")) is None


def test_starting_anew_forgets_the_procedure(client: TestClient) -> None:
    ask(client, "đăng ký kết hôn cần giấy tờ gì", "anew")
    assert ask(client, "#batdau", "anew")["status"] == "chitchat_restart"
    assert code_of(ask(client, "lệ phí bao nhiêu", "anew")) is None


def test_a_plan_is_quoted_with_number_and_whether_it_has_passed(client: TestClient, product: Product) -> None:
    plan = product.knowledge.searcher().index.plans[0]
    reply = ask(client, f"kế hoạch {plan.number} giao những nhiệm vụ gì")
    assert reply["status"] == "answered_plan"
    assert reply["citations"][0]["number"] == plan.number
    assert plan.number in reply["messages"][0]["text"]


@pytest.mark.parametrize(
    ("question", "status"),
    [
        ("", "unanswerable_empty"),
        ("   ", "unanswerable_empty"),
        ("😀😀😀", "unanswerable_empty"),
        ("?!...", "unanswerable_empty"),
        ("khai sinh " * 1000, "refused_too_long"),
        ("thủ tục 9.999999 lệ phí bao nhiêu", "unanswerable_unknown_code"),
        ("xin chào", "chitchat_greeting"),
        ("cảm ơn bạn nhiều", "chitchat_thanks"),
        ("#nguoi", "handoff_requested"),
        ("#tot", "feedback_positive"),
        ("#chuatot", "feedback_negative"),
        ("hồ sơ H25.12-260701-0042 của tôi đến đâu rồi", "tracking_code_given"),
        ("mã OTP của tôi là 482913", "refused_personal_data"),
    ],
)
def test_each_ending_has_its_status(client: TestClient, question: str, status: str) -> None:
    reply = ask(client, question)
    assert reply["status"] == status
    assert reply["messages"][0]["text"]


@pytest.mark.parametrize(
    "question",
    [
        "<script>alert(1)</script> đăng ký khai sinh",
        "<img src=x onerror=alert(1)>",
        "how do I register a marriage",
        "\u202eđăng ký khai sinh\u202c",
        "đăng ký \x00 khai sinh",
        "'; DROP TABLE questions; --",
        "{name} %s {{ 7*7 }}",
        "a" * 1999,
        "1234567",
        "登记出生",
    ],
)
def test_odd_questions_get_a_polite_answer(client: TestClient, repository: Path, question: str) -> None:
    outcomes = yaml.safe_load((repository / "bot/outcomes.yml").read_text(encoding="utf-8"))
    reply = ask(client, question)
    assert reply["status"] in outcomes and not reply["status"].startswith("error")
    assert re.search(r"[ạảãáàăâđêôơư]", reply["messages"][0]["text"])


def test_a_citizens_number_is_masked_and_never_logged(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        reply = ask(client, "căn cước 079203001234 của tôi bị mất thì làm lại ở đâu")
    assert "079203001234" not in caplog.text
    assert "079203001234" not in str(reply)


# Search and the other routes.


def test_search_gives_hits_near_misses_and_stages(client: TestClient) -> None:
    found = client.post("/api/v1/search", json={"query": "dang ky khai sinh", "top_k": 5}).json()
    assert found["hits"][0]["code"] == BIRTH
    assert found["query"]["restored"] == "đăng ký khai sinh"
    assert {"normalise", "encode", "rank"} <= set(found["stages_ms"])
    threshold = found["hits"][-1]["score"]
    assert all(hit["score"] <= max(threshold, 1.0) for hit in found["near_misses"])


def test_expired_plans_can_be_left_out(client: TestClient, product: Product) -> None:
    body = {"query": "kế hoạch tuyên truyền cải cách hành chính", "top_k": 50, "kinds": ["plan"]}
    everything = client.post("/api/v1/search", json=body).json()
    later = client.post("/api/v1/search", json=body | {"as_of": "2100-01-01"}).json()
    endless = {p.id for p in product.knowledge.searcher().index.plans if p.period_to is None}
    assert everything["hits"]
    ids = {hit["id"].split("#")[0] for hit in (*later["hits"], *later["near_misses"])}
    assert ids <= endless


def test_the_catalogue_and_the_health_are_served(client: TestClient, product: Product) -> None:
    record = client.get(f"/api/v1/procedures/{BIRTH}").json()
    assert record["code"] == BIRTH
    assert client.get("/api/v1/procedures/9.999999").status_code == 404
    assert client.get("/api/v1/procedures", params={"q": "ket hon"}).json()["total"] >= 1
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 200
    assert "motcua" in client.get("/metrics").text


def test_actions_are_closed_without_the_secret(client: TestClient, bundled_settings: Settings) -> None:
    call = {"next_action": "action_handoff", "tracker": {"sender_id": "s"}, "domain": {"x": 1}}
    assert client.post("/actions/webhook", json=call).status_code == 403
    headers = {"X-Motcua-Action-Secret": bundled_settings.secret("actions")}
    done = client.post("/actions/webhook", json=call, headers=headers)
    assert done.status_code == 200
    assert done.json()["responses"][0]["custom"]["reply"]["status"] == "handoff_requested"
    assert client.post("/actions/webhook", json=call | {"next_action": "x"}, headers=headers).status_code == 404
    assert client.post("/actions/webhook", json=[], headers=headers).status_code == 422


# Faults at the start.


def test_without_an_index_the_product_names_the_mend(bundled_settings: Settings, encoder: Encoder, tmp_path: Path) -> None:
    with pytest.raises(IndexMissingError, match="motcua index"):
        build_product(bundled_settings.model_copy(update={"home": tmp_path}), encoder)


def test_a_damaged_intent_model_is_trained_anew_or_refused_never_used(
    bundled_settings: Settings, encoder: Encoder, tmp_path: Path
) -> None:
    from nlu.errors import ModelError
    from nlu.intent_classifier import load

    folder = tmp_path / "intents"
    folder.mkdir()
    for file in bundled_settings.intents.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    assert load(folder).manifest.labels
    for file in sorted(folder.iterdir()):
        whole = file.read_bytes()
        file.write_bytes(whole[: len(whole) // 2])
        with pytest.raises(ModelError, match="motcua train|train"):
            load(folder)
        file.write_bytes(whole)
