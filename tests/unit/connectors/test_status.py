"""The status page: plain words, since when, and nothing of the inside."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from fastapi.testclient import TestClient

from connectors.errors import DialogueUnavailable
from connectors.gateway import create_gateway
from connectors.pages.status import WORDS, StatusBoard, readable_moment
from connectors.ports import Part
from tests.unit.connectors.fakes import FakeDialogue, FakeHealth, dependencies

START = datetime(2026, 11, 22, 2, 5, tzinfo=UTC)


class Hours:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


class BrokenHealth:
    def parts(self) -> dict:
        raise OSError("no such disk: /secret/place")


def client(**given: object) -> TestClient:
    return TestClient(create_gateway(dependencies(**given)), client=("127.0.0.1", 4))


async def test_since_is_the_start_until_a_part_changes_and_then_the_change() -> None:
    clock, health = Hours(), FakeHealth(index=Part(True))
    board = StatusBoard(health, None, None, clock)
    await board.look()
    assert (board.state(), board.parts()[0].since, board.parts()[0].is_since_start) == ("ok", START, True)
    clock.now += timedelta(minutes=7)
    health._parts = {"index": Part(False)}
    await board.look()
    clock.now += timedelta(minutes=7)
    await board.look()
    part = board.parts()[0]
    assert (board.state(), part.since, part.is_since_start) == ("down", START + timedelta(minutes=7), False)
    assert part.meaning == WORDS["index"][1]


async def test_a_part_that_is_not_required_only_weakens() -> None:
    board = StatusBoard(FakeHealth(index=Part(True)), FakeDialogue(DialogueUnavailable("connection")), None)
    await board.look()
    assert board.state() == "weak"
    assert [part.state for part in board.parts()] == ["ok", "weak"]


def test_page_names_parts_in_vietnamese_and_hides_details() -> None:
    health = FakeHealth(index=Part(True, "20261122T073120-cf886e"), encoder=Part(True, "e5 0123abcd"))
    html = client(health=health).get("/trang-thai").text
    assert "Kho thủ tục và kế hoạch" in html and "Mọi thứ đang chạy bình thường" in html
    assert "cf886e" not in html and "0123abcd" not in html


def test_page_stands_when_health_itself_breaks() -> None:
    response = client(health=BrokenHealth()).get("/trang-thai")
    assert response.status_code == 200
    assert "Đang hỏng" in response.text and "secret" not in response.text
    assert client(health=BrokenHealth()).get("/api/v1/status").json()["state"] == "down"


def test_moments_are_read_in_vietnams_time() -> None:
    assert readable_moment(START) == "9 giờ 05, 22/11/2026"
