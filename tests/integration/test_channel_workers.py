"""Several processes on one PostgreSQL: one of them asks Telegram, all of them answer, and a dead one is replaced."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from connectors.errors import StoreError
from connectors.inbox.database import InboxDatabase
from connectors.inbox.tables import Lane
from tests.channel_servers import telegram
from tests.channel_servers.serving import running
from tests.channel_servers.telegram import TelegramServer

pytestmark = pytest.mark.integration
ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 40.0
PEOPLE = (11, 12, 13)


@contextmanager
def worker(home: Path, database_url: str, api_url: str) -> Iterator[subprocess.Popen[bytes]]:
    own = {
        "MOTCUA_HOME": str(home), "MOTCUA_DATABASE_URL": database_url, "MOTCUA_CHANNEL_MODE": "poll", "MOTCUA_PUBLIC_URL": "",
        "MOTCUA_TELEGRAM_TOKEN": telegram.TOKEN, "MOTCUA_TELEGRAM_API_URL": api_url, "MOTCUA_ZALO_APP_ID": "", "MOTCUA_ZALO_BOT_TOKEN": "",
    }  # fmt: skip
    process = subprocess.Popen([sys.executable, "-m", "tests.channel_worker"], cwd=ROOT, env={**os.environ, **own})
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def asking_pid(database: InboxDatabase) -> int:
    """Of the process that has the right to ask; 0 while none has."""
    try:
        owners = database.run(lambda tx: tx.execute(select(Lane.lease_by).where(Lane.direction == "ask")).scalars().all())
    except StoreError:
        return 0
    return int(owners[0].split("|")[1]) if owners and owners[0] else 0


def n_conflicts(server: TelegramServer) -> int:
    return sum("Conflict" in str(call["outcome"]) for call in server.calls_of("getUpdates"))


def talk(server: TelegramServer, words: str) -> None:
    """Everybody writes; waits until everybody was answered."""
    for person in PEOPLE:
        server.say(person, words)
    server.wait_until(lambda: all(answers(server, person, words) for person in PEOPLE), f"answers to {words!r}", PATIENCE_S)


def answers(server: TelegramServer, person: int, words: str) -> int:
    with server.lock:
        return sum(each["chat"] == str(person) and each["text"] == f"re: {words}" for each in server.sent)


def test_of_two_workers_one_asks_telegram_and_the_other_takes_over_when_it_is_killed(tmp_path: Path, fresh_postgres_url: str) -> None:
    database = InboxDatabase(fresh_postgres_url)
    database.upgrade()
    with running(TelegramServer()) as server:
        with worker(tmp_path, fresh_postgres_url, server.url) as one, worker(tmp_path, fresh_postgres_url, server.url) as other:
            talk(server, "một")
            talk(server, "hai")
            asking = asking_pid(database)
            assert asking in (one.pid, other.pid)
            assert n_conflicts(server) == 0, "nobody else asked"
            killed, left = (one, other) if asking == one.pid else (other, one)
            killed.kill()
            killed.wait()
            talk(server, "ba")
            assert asking_pid(database) == left.pid
        assert [answers(server, person, words) for person in PEOPLE for words in ("một", "hai", "ba")] == [1] * 9
        assert n_conflicts(server) <= 1, "at most the dead one's last request"
    database.close()
