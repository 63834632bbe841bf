"""The switch: on, off, damaged, seen in time, and what every door then shows."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from connectors.errors import SettingsError
from connectors.gateway import create_gateway
from connectors.notice import CHECK_EVERY_S, LIMIT, STANDARD, NoticeSwitch, read_notice, turn_off, turn_on
from connectors.pages.settings import PagesSettings
from connectors.settings import GatewaySettings
from tests.unit.connectors.fakes import FakeDialogue, FakeDirect, dependencies

TEXT = "Trợ lý tạm nghỉ đến 14 giờ. Ông bà, cô bác hỏi quầy số 3 nhé."


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_notice_is_seen_within_a_second_and_gone_as_fast(tmp_path: Path) -> None:
    path, clock = tmp_path / "notice.json", Clock()
    switch = NoticeSwitch(path, clock)
    assert switch.current() is None
    turn_on(path, TEXT)
    clock.now += CHECK_EVERY_S - 0.01
    assert switch.current() is None, "not looked at again yet"
    clock.now += 0.02
    assert switch.current().text == TEXT
    assert CHECK_EVERY_S <= 2
    assert turn_off(path) and not turn_off(path)
    clock.now += CHECK_EVERY_S
    assert switch.current() is None


def test_an_unchanged_file_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, clock = tmp_path / "notice.json", Clock()
    switch = NoticeSwitch(path, clock)
    turn_on(path, TEXT)
    switch.current()
    monkeypatch.setattr("connectors.notice.read_notice", lambda _: pytest.fail("read again"))
    clock.now += 5
    assert switch.current().text == TEXT


@pytest.mark.parametrize("damaged", ["", "{", "[]", '{"text": "", "since": ""}', '{"since": "x"}', "\udcff"])
def test_a_damaged_file_still_switches_the_assistant_off(tmp_path: Path, damaged: str) -> None:
    path = tmp_path / "notice.json"
    path.write_bytes(damaged.encode("utf-8", "surrogateescape"))
    assert read_notice(path).text == STANDARD


@pytest.mark.parametrize("bad", ["", "   ", "x" * (LIMIT + 1)])
def test_a_notice_without_words_or_too_long_is_refused(tmp_path: Path, bad: str) -> None:
    with pytest.raises(SettingsError, match=str(LIMIT)):
        turn_on(tmp_path / "notice.json", bad)
    assert os.listdir(tmp_path) == []


def test_while_it_is_on_nobody_is_asked_and_every_door_shows_it(tmp_path: Path) -> None:
    path, dialogue, direct = tmp_path / "notice.json", FakeDialogue(), FakeDirect()
    settings = GatewaySettings(pages=PagesSettings(notice_file=path))
    turn_on(path, TEXT + " <b>")
    client = TestClient(create_gateway(dependencies(dialogue=dialogue, direct=direct), settings), client=("127.0.0.1", 4))
    answer = client.post("/api/v1/ask", json={"question": "khai sinh cần gì"})
    assert (answer.status_code, answer.json()["status"]) == (200, "unanswerable_paused")
    assert answer.json()["messages"][0]["text"] == TEXT + " <b>"
    assert dialogue.asked == [] and direct.asked == []
    status = client.get("/api/v1/status").json()
    assert (status["state"], status["notice"]["text"]) == ("paused", TEXT + " <b>")
    for page in ("/", "/embed", "/tim", "/thu-tuc/1.001193", "/kiosk", "/ho-tro", "/trang-thai"):
        html = client.get(page).text
        assert TEXT in html and "3 nhé. &lt;b&gt;" in html, page
    assert client.get("/thu-tuc/1.001193").text.count("Giấy chứng sinh") == 1, "pages go on"
