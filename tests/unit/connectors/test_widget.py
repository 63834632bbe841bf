"""What the widget asks of the server: rating, contact, forgetting, carrying on, limits, origins, budgets, built files."""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from connectors.errors import SettingsError
from connectors.gateway import create_gateway
from connectors.pages.settings import PagesSettings
from connectors.settings import GatewaySettings
from connectors.store.contacts import list_contacts
from connectors.store.database import Store
from connectors.store.tables import Feedback
from connectors.widget.office_hours import read_office_hours
from connectors.widget.pages import widget_integrity
from connectors.widget.ports import CarryCode
from connectors.widget.qr_path import qr_path
from connectors.widget.session_limit import SessionLimiter
from connectors.widget.settings import WidgetSettings
from nlu.privacy import mask_personal_data
from tests.unit.connectors.fakes import FakeDialogue, dependencies

ROOT = Path(__file__).resolve().parents[3]
WIDGET = ROOT / "connectors" / "widget"
STATIC = WIDGET / "static"
ELSEWHERE = ("203.0.113.9", 40_000)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(f"sqlite:///{tmp_path / 'motcua.db'}")


def gateway(settings: GatewaySettings | None = None, client: tuple[str, int] = ELSEWHERE, **given: Any) -> TestClient:
    return TestClient(create_gateway(dependencies(**given), settings), client=client)


class SomeCodes:
    """``CarryOn`` that remembers what it was given."""

    def __init__(self) -> None:
        self.contexts: list[Mapping[str, Any]] = []

    async def issue(self, context: Mapping[str, Any]) -> CarryCode:
        self.contexts.append(context)
        return CarryCode("K3TW-9FQA", 10, (("Telegram", "https://t.example/bot?start=K3TW9FQA"),))


# Rating


def test_a_rating_keeps_its_reason_and_a_masked_comment(store: Store) -> None:
    body = {"session_id": "s", "rating": -1, "reason": "wrong_fact", "comment": "Căn cước 001099012345 ghi sai, hồ sơ H25.12-260701-0042", "procedure_code": "1.001193", "aspect": "fee", "status": "answered_aspect"}
    assert gateway(store=store, mask=mask_personal_data).post("/api/v1/feedback", json=body).status_code == 200
    with store.session() as session:
        kept = session.scalars(select(Feedback)).one()
    assert (kept.rating, kept.reason, kept.procedure_code, kept.aspect, kept.status) == (-1, "wrong_fact", "1.001193", "fee", "answered_aspect")
    assert "001099012345" not in kept.comment and "0042" not in kept.comment and "ghi sai" in kept.comment


@pytest.mark.parametrize("bad", [{"rating": 5}, {"reason": "because"}, {"comment": "x" * 501}, {"procedure_code": "<b>"}, {"more": 1}])
def test_a_rating_out_of_form_is_refused(store: Store, bad: dict[str, Any]) -> None:
    assert gateway(store=store).post("/api/v1/feedback", json={"rating": 1, **bad}).status_code == 422


def test_without_a_store_a_rating_says_so() -> None:
    assert gateway().post("/api/v1/feedback", json={"rating": 1}).status_code == 503


# A person


def contact(**more: Any) -> dict[str, Any]:
    return {"session_id": "s-1", "name": "Lan", "reach": "0912 345 678", "matter": "Khai sinh, căn cước 001099012345", "consent": True} | more


def test_a_contact_keeps_how_to_reach_the_person_and_masks_the_matter(store: Store) -> None:
    number = gateway(store=store, mask=mask_personal_data).post("/api/v1/contact", json=contact()).json()["number"]
    (kept,) = list_contacts(store)
    assert (kept.number, kept.reach, kept.name) == (number, "0912 345 678", "Lan")
    assert "001099012345" not in kept.matter
    assert kept.session_digest == hashlib.sha256(b"s-1").hexdigest()


def test_a_contact_needs_consent_and_a_desk(store: Store) -> None:
    assert gateway(store=store).post("/api/v1/contact", json=contact(consent=False)).status_code == 422
    closed = GatewaySettings(widget=WidgetSettings(takes_contacts=False))
    assert gateway(closed, store=store).post("/api/v1/contact", json=contact()).status_code == 503
    assert gateway(closed, store=store).get("/api/v1/desk").json()["takes_contacts"] is False
    assert list_contacts(store) == []


def test_forgetting_drops_the_context_the_tracker_and_the_sessions_request(store: Store) -> None:
    dialogue = FakeDialogue()
    client = gateway(store=store, dialogue=dialogue)
    for question in ("khai sinh cần gì", "bao nhiêu tiền"):
        client.post("/api/v1/ask", json={"question": question, "session_id": "s-1"})
    client.post("/api/v1/contact", json=contact())
    client.post("/api/v1/contact", json=contact(session_id="s-2"))
    assert client.post("/api/v1/forget", json={"session_id": "s-1"}).json() == {"status": "ok"}
    client.post("/api/v1/ask", json={"question": "nộp ở đâu", "session_id": "s-1"})
    assert [context is None for _, _, context, _ in dialogue.asked] == [True, False, True]
    assert dialogue.forgotten == ["s-1"]
    assert [row.session_digest for row in list_contacts(store)] == [hashlib.sha256(b"s-2").hexdigest()]


# Office hours


@pytest.mark.parametrize(
    ("utc", "is_open"),
    [
        ("2026-11-23T00:29", False), ("2026-11-23T00:30", True), ("2026-11-23T04:29", True), ("2026-11-23T04:30", False),
        ("2026-11-23T09:59", True), ("2026-11-23T10:00", False), ("2026-11-28T02:00", True), ("2026-11-28T07:00", False),
        ("2026-11-22T02:00", False),
    ],
)  # fmt: skip
def test_office_hours_are_read_in_vietnams_time(utc: str, is_open: bool) -> None:
    hours = read_office_hours("T2-T6 07:30-11:30 13:30-17:00; T7 07:30-11:30")
    assert hours.is_open(datetime.fromisoformat(utc).replace(tzinfo=UTC)) is is_open
    assert hours.words() == "Thứ hai đến thứ sáu 7:30–11:30, 13:30–17:00; thứ bảy 7:30–11:30"


@pytest.mark.parametrize("bad", ["T2", "T8 07:00-09:00", "T2 9:00-10:00", "T2 11:00-10:00", "T6-T2 07:00-09:00", "thứ hai sáng"])
def test_office_hours_that_cannot_be_read_stop_the_start(bad: str) -> None:
    with pytest.raises(SettingsError, match="office_hours"):
        read_office_hours(bad)


def test_no_office_hours_claim_nothing() -> None:
    assert read_office_hours("").words() == ""


# Another channel


def test_carrying_on_hands_over_the_context_and_draws_the_code(store: Store) -> None:
    codes = SomeCodes()
    client = gateway(carry_on=codes, store=store)
    session = client.post("/api/v1/ask", json={"question": "khai sinh cần gì"}).json()["session_id"]
    given = client.post("/api/v1/carry-on", json={"session_id": session}).json()
    assert (given["code"], given["minutes"]) == ("K3TW-9FQA", 10)
    assert codes.contexts[0]["procedure_code"] == "1.001193"
    (link,) = given["links"]
    assert (link["qr"], link["size"]) == qr_path("https://t.example/bot?start=K3TW9FQA")


def test_without_another_channel_there_is_no_such_route() -> None:
    assert gateway().post("/api/v1/carry-on", json={"session_id": None}).status_code == 404
    assert '"carry_on": false' in gateway().get("/embed").text


def test_a_code_is_drawn_square_by_square() -> None:
    path, size = qr_path("https://example.vn/a")
    squares = set(path.removesuffix("z").split("z"))
    assert size in (25, 29)
    assert {"M0 0h1v1h-1", f"M{size - 1} 0h1v1h-1", f"M0 {size - 1}h1v1h-1"} <= squares, "the three corners are dark"
    assert "M7 7h1v1h-1" not in squares, "beside a corner it is light"


# Limits, origins, headers


def ask(client: TestClient, session: str | None, **headers: str) -> int:
    return client.post("/api/v1/ask", json={"question": "khai sinh", "session_id": session}, headers=headers).status_code


def test_a_session_may_ask_fifteen_times_a_minute_and_others_are_not_held_up() -> None:
    client = gateway()
    assert [ask(client, "one") for _ in range(15)] == [200] * 15
    refused = client.post("/api/v1/ask", json={"question": "khai sinh", "session_id": "one"})
    assert refused.status_code == 429 and 1 <= int(refused.headers["retry-after"]) <= 60
    assert ask(client, "two") == 200


def test_this_machine_itself_is_not_limited_and_the_limit_can_be_lifted() -> None:
    here = gateway(client=("127.0.0.1", 1))
    lifted = gateway(GatewaySettings(widget=WidgetSettings(questions_per_minute=0)))
    for client in (here, lifted):
        assert {ask(client, "one") for _ in range(20)} == {200}


def test_the_window_moves() -> None:
    limiter = SessionLimiter(2)
    assert (limiter.wait_s("a"), limiter.wait_s("a")) == (0.0, 0.0)
    assert 0 < limiter.wait_s("a") <= 60
    with pytest.raises(SettingsError):
        WidgetSettings(questions_per_minute=-1)


def test_another_sites_page_may_not_post_unless_it_is_allowed() -> None:
    client = gateway(GatewaySettings(embed_origins=("https://portal.example.vn",)))
    cross = {"sec-fetch-site": "cross-site"}
    assert ask(client, None, **cross, origin="https://evil.example") == 403
    assert ask(client, None, **cross, origin="https://portal.example.vn") == 200
    assert ask(client, None, **{"sec-fetch-site": "same-origin"}, origin="https://anything.example") == 200
    assert ask(client, None) == 200


def test_the_frame_may_show_logos_of_allowed_portals_and_use_the_microphone() -> None:
    settings = GatewaySettings(embed_origins=("https://portal.example.vn",))
    frame, home = (gateway(settings).get(path).headers for path in ("/embed", "/thu-tuc"))
    assert "img-src 'self' https://portal.example.vn;" in frame["content-security-policy"]
    assert "microphone=(self)" in frame["permissions-policy"]
    assert "img-src 'self';" in home["content-security-policy"] and "microphone=()" in home["permissions-policy"]
    silent = gateway(GatewaySettings(widget=WidgetSettings(has_voice=False))).get("/embed")
    assert "microphone=()" in silent.headers["permissions-policy"] and '"voice": false' in silent.text


def test_addresses_with_a_digest_are_kept_for_ever_and_the_loader_for_minutes() -> None:
    client = gateway()
    assert "immutable" in client.get("/static/widget/chat.js?v=1").headers["cache-control"]
    loader = client.get("/widget.js")
    assert loader.headers["cache-control"] == "public, max-age=600"
    assert loader.headers["access-control-allow-origin"] == "*"


def test_the_frame_comes_whole_in_one_answer_that_its_own_policy_lets_through() -> None:
    """No second journey for style and script, and nothing inline but these two may run."""
    answer = gateway().get("/embed")
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert not re.search(r"<(script|link)[^>]* (src|href)=[^>]*\.(js|css)", answer.text)
    for tag, kind in (("script", "script-src"), ("style", "style-src")):
        inline = re.findall(rf"<{tag}>(.*?)</{tag}>", answer.text, re.S)
        assert len(inline) == 1
        digest = base64.b64encode(hashlib.sha256(inline[0].encode()).digest()).decode()
        assert f"{kind} 'self' 'sha256-{digest}';" in policy


def test_an_unchanged_frame_is_not_sent_again_and_a_notice_changes_it(tmp_path: Path) -> None:
    notice_file = tmp_path / "notice.json"
    client = gateway(GatewaySettings(pages=PagesSettings(notice_file=notice_file)))
    first = client.get("/embed")
    known = {"if-none-match": first.headers["etag"]}
    assert first.headers["cache-control"] == "no-cache"
    assert client.get("/embed", headers=known).status_code == 304
    notice_file.write_text(json.dumps({"text": "Nghỉ đến 14 giờ.", "since": "2026-07-01T00:00:00+00:00"}), "utf-8")
    again = gateway(GatewaySettings(pages=PagesSettings(notice_file=notice_file))).get("/embed", headers=known)
    config = json.loads(html.unescape(re.search(r"data-config='(.*?)'", again.text)[1]))
    assert again.status_code == 200
    assert config["notice"] == "Nghỉ đến 14 giờ."


def test_the_frame_is_packed_for_those_who_can_unpack_it() -> None:
    client = gateway()
    plain, packed = (client.get("/embed", headers={"accept-encoding": coding}) for coding in ("identity", "gzip"))
    assert "content-encoding" not in plain.headers and packed.headers["content-encoding"] == "gzip"
    assert packed.content == plain.content and int(packed.headers["content-length"]) < len(plain.content) / 2
    assert packed.headers["etag"] != plain.headers["etag"] and "Accept-Encoding" in packed.headers["vary"]


def test_the_gallery_is_for_this_machine_or_where_it_is_allowed() -> None:
    assert gateway().get("/widget/gallery").status_code == 404
    assert gateway(client=("127.0.0.1", 1)).get("/widget/gallery").status_code == 200
    page = gateway(GatewaySettings(widget=WidgetSettings(shows_gallery=True))).get("/widget/gallery")
    assert widget_integrity() in page.text and "<script>alert" not in page.text


# Built files and budgets


def zipped(name: str) -> int:
    return len(gzip.compress((STATIC / name).read_bytes(), 9))


def test_the_loader_is_at_most_8_kb_and_everything_at_most_30_kb_gzipped() -> None:
    frame = len(gzip.compress(gateway().get("/embed").content, 9))
    assert zipped("widget.js") <= 8 * 1024
    assert zipped("widget.js") + frame <= 30 * 1024  # the frame holds chat.js and chat.css


def test_the_built_files_are_those_of_the_sources() -> None:
    """Digests that the build wrote down; `make widget` builds anew."""
    written = json.loads((STATIC / "sources.json").read_text())
    there = {
        path.relative_to(WIDGET).as_posix()
        for pattern in ("src/**/*.ts", "src/**/*.css", "build.mjs", "package.json", "static/*.js", "static/*.css")
        for path in WIDGET.glob(pattern)
    }
    assert set(written) == there
    assert {name for name, digest in written.items() if hashlib.sha256((WIDGET / name).read_bytes()).hexdigest() != digest} == set()


def test_building_anew_gives_the_same_bytes(tmp_path: Path) -> None:
    if not shutil.which("node") or not (WIDGET / "node_modules" / "esbuild").is_dir():
        pytest.skip("no Node with esbuild here: `make widget` installs it; the digests are checked without")
    subprocess.run(["node", "build.mjs", "--out", str(tmp_path)], cwd=WIDGET, check=True, timeout=60)
    for name in ("widget.js", "chat.js", "chat.css", "gallery.js", "gallery.css", "privacy.js"):
        assert (tmp_path / name).read_bytes() == (STATIC / name).read_bytes(), name


def test_no_pattern_looks_behind() -> None:
    """Safari before 16.4 stops at such a pattern with a syntax error, and nothing of the file runs."""
    scripts = [*STATIC.glob("*.js"), *(WIDGET.parent / "pages" / "static").glob("*.js"), *(WIDGET.parent / "portal" / "static").glob("*.js")]
    assert len(scripts) > 6
    assert [path.name for path in scripts if re.search(r"\(\?<[=!]", path.read_text("utf-8"))] == []


def test_no_source_of_the_widget_writes_markup_or_calls_elsewhere() -> None:
    """Output is escaped at one seam: no way around it is used. Nothing but our own paths is fetched."""
    for path in WIDGET.glob("src/**/*.ts"):
        text = path.read_text("utf-8")
        for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "srcdoc", "eval(", "new Function", "document.cookie"):
            assert way not in text, (path.name, way)
    fetches = [path.name for path in WIDGET.glob("src/**/*.ts") if "fetch(" in path.read_text("utf-8")]
    assert fetches == ["client.ts"]
    locked = (WIDGET / "package-lock.json").read_text()
    assert "http" not in locked and '"resolved"' not in locked
    pinned = json.loads((WIDGET / "package.json").read_text())["devDependencies"]
    assert all(version[0].isdigit() for version in pinned.values())
