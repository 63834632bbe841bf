"""Faults on the way in, through the gateway as it is wired and over real HTTP: nothing is lost, nothing said twice, no word
of a citizen reaches a log. Where every other fault is tried: tests/README.md."""

from __future__ import annotations

import itertools
import logging
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, event, text

from tests.channel_servers import zalo_oa
from tests.running_gateway import PATIENCE_S, SECRET, Office, office

pytestmark = pytest.mark.integration
BY_CHANNEL = pytest.mark.parametrize("channel", ["telegram", "zalo", "zalo-bot"])
_people = itertools.count(6_660_001)
#: Long enough that its row needs a page of its own.
WORDS = "chuyện bí mật của tôi. " * 60
pages = {"most": 1_000_000_000}


def _limit_pages(connection: Any) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages['most']}")


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """An office whose database gives up on a lock at once, and whose disk can be filled."""
    event.listen(Engine, "begin", _limit_pages)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("connectors.inbox.database.SQLITE_PATIENCE_MS", 100)
        with office(tmp_path_factory.mktemp("faults")) as opened:
            yield opened
    event.remove(Engine, "begin", _limit_pages)


@contextmanager
def locked(here: Office) -> Iterator[None]:
    other = sqlite3.connect(here.settings.home / "office.db", timeout=20, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


@contextmanager
def full(here: Office) -> Iterator[None]:
    pages["most"] = 1  # SQLite takes the present size for it
    try:
        yield
    finally:
        pages["most"] = 1_000_000_000


@BY_CHANNEL
@pytest.mark.parametrize("fault", [locked, full])
def test_a_message_that_cannot_be_stored_is_not_acknowledged_comes_again_and_is_answered_once(
    here: Office, channel: str, fault: Callable[[Office], Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    person, server = next(_people), here.servers[channel]
    n_before = len(server.courier.attempts)
    with fault(here):
        server.say(person if channel == "telegram" else str(person), WORDS)
        server.wait_until(lambda: [a.status for a in server.courier.attempts[n_before:]].count(503) >= 2, "refusals", PATIENCE_S)
    server.wait_until(lambda: len(here.shown(channel, person)) >= 2, "the answer", PATIENCE_S)
    server.wait_until(lambda: here._waiting() == 0, "rest", PATIENCE_S)
    notice, answer = (str(message["text"]) for message in here.shown(channel, person))
    assert notice.startswith("Chào bạn! Mình là máy") and answer.startswith("re: chuyện bí mật")
    assert "bí mật" not in caplog.text


@BY_CHANNEL
@pytest.mark.parametrize(
    ("body", "status"), [(b"x" * 5_000_000, 413), (b"{", 400), (b"[]", 400), (b"\xff\xfe", 400), (b'{"update_id": "' + b"9" * 300_000 + b'"}', 413)]
)
def test_a_body_too_large_or_no_event_is_refused_and_nothing_is_stored(here: Office, channel: str, body: bytes, status: int) -> None:
    n_before = n_stored(here)
    response = httpx.post(f"{here.url}/webhooks/{channel}", content=body, headers=signed(channel, body), trust_env=False)
    assert response.status_code == status
    assert n_stored(here) == n_before


def signed(channel: str, body: bytes) -> dict[str, str]:
    """Headers as the channel would send them with this body."""
    at = str(int(time.time() * 1000))
    return {
        "telegram": {"X-Telegram-Bot-Api-Secret-Token": SECRET}, "zalo-bot": {"X-Bot-Api-Secret-Token": SECRET},
        "zalo": {"X-ZEvent-Signature": zalo_oa.sign(body, at), "X-ZEvent-Timestamp": at},
    }[channel]  # fmt: skip


def n_stored(here: Office) -> int:
    with here.store.session() as session:
        return int(session.execute(text("SELECT count(*) FROM inbox_message")).scalar_one())
