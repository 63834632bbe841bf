"""Search, catalogue, health, metrics, headers, actions: contract over TestClient."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi import APIRouter
from fastapi.testclient import TestClient

from connectors.errors import DialogueUnavailable
from connectors.gateway import ACTION_SECRET_HEADER, create_gateway
from connectors.http_guard import RateLimiter
from connectors.ports import Part
from connectors.settings import GatewaySettings
from connectors.store.database import Store
from tests.unit.connectors.fakes import BIRTH, FakeDialogue, FakeHealth, FakeSearcher, dependencies

LOOPBACK = ("127.0.0.1", 40_000)


def gateway(settings: GatewaySettings | None = None, client: tuple[str, int] = LOOPBACK, **given: object) -> TestClient:
    return TestClient(create_gateway(dependencies(**given), settings), client=client)


def test_search_returns_the_design_shape_and_passes_every_filter() -> None:
    searcher = FakeSearcher()
    body = {"query": "Lệ phí", "top_k": 3, "kinds": ["procedure"], "as_of": "2026-07-31"}
    found = gateway(searcher=searcher).post("/api/v1/search", json=body).json()
    assert set(found) == {"hits", "near_misses", "query", "stages_ms"}
    assert set(found["hits"][0]) == {"score", "kind", "id", "code", "number", "title", "section", "text", "source", "url"}
    query, top_k, kinds, as_of = searcher.asked[0]
    assert (query, top_k, kinds, str(as_of)) == ("Lệ phí", 3, ["procedure"], "2026-07-31")


@pytest.mark.parametrize("bad", [{"top_k": 0}, {"top_k": 51}, {"kinds": ["law"]}, {"as_of": "31/07/2026"}, {"query": ""}])
def test_search_refuses_what_is_out_of_range(bad: dict) -> None:
    response = gateway().post("/api/v1/search", json={"query": "phí", **bad})
    assert response.status_code == 422
    assert response.json()["faults"][0]["expected"]


def test_catalogue_filters_and_pages() -> None:
    client = gateway()
    assert client.get("/api/v1/procedures").json()["total"] == 3
    page = client.get("/api/v1/procedures", params={"q": "khai sinh", "field": "Hộ tịch", "level": "Cấp xã"}).json()
    assert [item["code"] for item in page["items"]] == [BIRTH.code]
    assert client.get("/api/v1/procedures", params={"page": 2}).json()["items"] == []


def test_record_comes_whole_and_an_unknown_code_is_404() -> None:
    client = gateway()
    record = client.get(f"/api/v1/procedures/{BIRTH.code}").json()
    assert record["name"] == BIRTH.name
    assert record["submissions"][0]["fees"] == ["Miễn phí"]
    missing = client.get("/api/v1/procedures/9.999999")
    assert (missing.status_code, missing.json()["error"]) == (404, "not_found")


def test_ready_degraded_not_ready(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'm.db'}")
    ready = gateway(store=store).get("/readyz")
    assert (ready.status_code, ready.json()["status"]) == (200, "ready")
    absent = gateway(store=store, dialogue=FakeDialogue(DialogueUnavailable("connection"))).get("/readyz")
    assert (absent.status_code, absent.json()["status"]) == (200, "degraded")
    assert absent.json()["parts"]["rasa"]["ok"] is False
    broken = gateway(store=store, health=FakeHealth(index=Part(False, "no index"))).get("/readyz")
    assert (broken.status_code, broken.json()["status"]) == (503, "not_ready")


def test_dead_database_degrades_and_never_stops_an_answer(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}")  # a folder is no database file
    client = gateway(store=store)
    assert client.post("/api/v1/ask", json={"question": "khai sinh"}).json()["status"] == "answered_aspect"
    state = client.get("/readyz").json()
    assert (state["status"], state["parts"]["database"]["ok"]) == ("degraded", False)
    client.cookies.set("motcua_staff", "x")
    assert client.get("/staff", headers={"Accept": "text/html"}).status_code == 503


def test_readyz_writes_counts_as_whole_numbers() -> None:
    health = FakeHealth(index=Part(True, numbers={"passages": 78.0, "age_h": 1.5}))
    assert '"numbers":{"passages":78,"age_h":1.5}' in gateway(health=health).get("/readyz").text


def test_healthz_needs_nothing() -> None:
    assert gateway(health=FakeHealth(index=Part(False))).get("/healthz").json() == {"status": "ok"}


def test_metrics_count_turns_and_carry_no_path_of_a_citizen() -> None:
    client = gateway(dialogue=FakeDialogue(DialogueUnavailable("timeout")))
    client.post("/api/v1/ask", json={"question": "khai sinh"})
    client.get("/duong-dan-rieng")
    text = client.get("/metrics").text
    assert 'motcua_turns_total{degraded="true",status="answered_aspect"} 1.0' in text
    assert 'motcua_dialogue_failures_total{cause="timeout"} 1.0' in text
    assert 'route="/api/v1/ask"' in text and "duong-dan-rieng" not in text


def test_every_answer_carries_the_security_headers() -> None:
    client = gateway()
    for path in ("/", "/embed", "/docs", "/static/widget/chat.js", "/api/v1/procedures", "/nothing"):
        headers = client.get(path).headers
        policy = headers["content-security-policy"]
        assert "unsafe" not in policy and "default-src 'none'" in policy and "http" not in policy, path
        assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/widget.js", "/static/widget/chat.js?v=1", "/static/widget/chat.css", "/thu-tuc", "/kiosk", "/"])
def test_public_pages_and_files_travel_packed(path: str) -> None:
    plain, packed = (gateway().get(path, headers={"accept-encoding": coding}) for coding in ("identity", "gzip"))
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip" and "Accept-Encoding" in packed.headers["vary"]
    assert packed.content == plain.content


def test_only_the_embed_page_may_be_framed_and_only_by_named_origins() -> None:
    client = gateway(GatewaySettings(embed_origins=("https://portal.example.vn",)))
    assert "frame-ancestors 'self' https://portal.example.vn" in client.get("/embed").headers["content-security-policy"]
    home = client.get("/").headers
    assert "frame-ancestors 'none'" in home["content-security-policy"] and home["x-frame-options"] == "DENY"


def test_pages_load_nothing_from_elsewhere_and_hold_no_inline_code(repository: Path) -> None:
    import re

    client = gateway()
    for path in ("/", "/embed", "/docs"):
        page = client.get(path).text
        if path == "/embed":  # the chat's own files, each let through by its digest (test_widget.py)
            page = re.sub(r"<(style|script)>.*?</\1>", "", page, flags=re.S)
        assert re.findall(r'(?:src|href)="(?:https?:)?//', page) == []
        assert re.findall(r"<script(?![^>]*src=)|\sstyle=|\son\w+=", page) == []
        for asset in re.findall(r'(?:src|href)="(/static/[^"]+)"', page):
            assert client.get(asset).status_code == 200
    ours = [*(repository / "connectors/portal/static").iterdir(), *(repository / "connectors/widget/static").glob("*.[jc]*s")]
    for file in ours:
        text = file.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
        assert re.findall(r"(?:url\(|@import|src=\"|fetch\(\")(?:https?:)?//", text) == []


def test_openapi_is_whole_and_described_in_both_languages() -> None:
    api = gateway().get("/openapi.json").json()
    assert {
        "/api/v1/ask", "/api/v1/search", "/api/v1/procedures", "/api/v1/procedures/{code}", "/api/v1/desk", "/api/v1/feedback",
        "/api/v1/contact", "/api/v1/forget", "/healthz", "/readyz", "/metrics",
    } <= set(api["paths"])  # fmt: skip
    for name in ("AskRequest", "AskResponse", "SearchRequest", "Citation"):
        for field in api["components"]["schemas"][name]["properties"].values():
            assert field.get("description"), name


@pytest.mark.parametrize(
    ("secret", "headers", "client", "code"),
    [
        ("s3cret", {ACTION_SECRET_HEADER: "s3cret"}, LOOPBACK, 200),
        ("s3cret", {ACTION_SECRET_HEADER: "wrong"}, LOOPBACK, 403),
        ("s3cret", {}, LOOPBACK, 403),
        ("", {ACTION_SECRET_HEADER: ""}, LOOPBACK, 403),
        ("s3cret", {ACTION_SECRET_HEADER: "s3cret"}, ("10.0.0.9", 1), 403),
        ("s3cret", {ACTION_SECRET_HEADER: "s3cret", "X-Forwarded-For": "10.0.0.9"}, LOOPBACK, 403),
    ],
)
def test_actions_answer_only_this_machine_with_the_secret(secret: str, headers: dict, client: tuple, code: int) -> None:
    router = APIRouter()
    router.add_api_route("/webhook", lambda: {"events": []}, methods=["POST"])
    settings = GatewaySettings(action_secret=secret)
    assert gateway(settings, client, action_router=router).post("/actions/webhook", headers=headers).status_code == code


def test_actions_take_bodies_beyond_the_public_limit() -> None:
    router = APIRouter()

    async def webhook(body: dict) -> dict:
        return {"n": len(body["domain"])}

    router.add_api_route("/webhook", webhook, methods=["POST"])
    settings = GatewaySettings(action_secret="s", body_limit_bytes=1_000)
    client = gateway(settings, action_router=router)
    response = client.post("/actions/webhook", json={"domain": "x" * 5_000}, headers={ACTION_SECRET_HEADER: "s"})
    assert response.json() == {"n": 5_000}


def test_rate_limit_holds_strangers_back_and_never_this_machine() -> None:
    settings = GatewaySettings(rate_limit_per_minute=2)
    stranger = gateway(settings, ("10.0.0.9", 1))
    codes = [stranger.get("/api/v1/procedures").status_code for _ in range(3)]
    assert codes == [200, 200, 429]
    assert int(stranger.get("/api/v1/procedures").headers["retry-after"]) >= 1
    local = gateway(settings)
    assert {local.get("/api/v1/procedures").status_code for _ in range(5)} == {200}


def test_rate_limiter_refills_evenly() -> None:
    now = [0.0]
    limiter = RateLimiter(60, clock=lambda: now[0])
    assert [limiter.wait_s("a") for _ in range(60)] == [0.0] * 60
    assert limiter.wait_s("a") == pytest.approx(1.0)
    now[0] += 1.0
    assert limiter.wait_s("a") == 0.0 and limiter.wait_s("b") == 0.0


def test_unforeseen_error_of_a_route_is_500_with_an_id_and_no_words(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(FakeSearcher):
        def search(self, query: str, *_: object) -> dict:
            raise RuntimeError(query)

    response = gateway(searcher=Broken()).post("/api/v1/search", json={"query": "bé Na"})
    assert response.status_code == 500
    assert response.json()["error_id"] in caplog.text
    assert "bé Na" not in caplog.text + response.text
