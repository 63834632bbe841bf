"""Several processes on one database: one of them asks Telegram, all of them answer, a dead one is replaced, each tells its figures."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import select

from bot.errors import CommandFailed
from bot.figures import serving_figures
from bot.rasa_process import free_port
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
def worker(home: Path, database_url: str, api_url: str, **more: object) -> Iterator[subprocess.Popen[bytes]]:
    own = {
        "MOTCUA_HOME": str(home), "MOTCUA_DATABASE_URL": database_url, "MOTCUA_CHANNEL_MODE": "poll", "MOTCUA_PUBLIC_URL": "",
        "MOTCUA_TELEGRAM_TOKEN": telegram.TOKEN, "MOTCUA_TELEGRAM_API_URL": api_url, "MOTCUA_ZALO_APP_ID": "", "MOTCUA_ZALO_BOT_TOKEN": "",
    }  # fmt: skip
    own |= {f"MOTCUA_{name}": str(value) for name, value in more.items()}
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


def figures_at(port: int) -> dict[tuple[str, str, str], float]:
    """(name, channel, outcome or direction) → value, as Prometheus reads it."""
    shown = httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False)
    assert shown.status_code == 200
    samples = [sample for family in text_string_to_metric_families(shown.text) for sample in family.samples]
    found: dict[tuple[str, str, str], float] = {}
    for each in samples:
        key = (each.name, each.labels.get("channel", ""), each.labels.get("outcome", each.labels.get("direction", "")))
        found[key] = found.get(key, 0.0) + each.value
    return found


def test_each_worker_tells_what_it_took_in_and_sent_on_a_port_of_its_own(tmp_path: Path) -> None:
    url, ports = f"sqlite:///{tmp_path / 'm.db'}", (free_port(), free_port())
    with (
        running(TelegramServer()) as server,
        worker(tmp_path, url, server.url, CHANNEL_METRICS_PORT=ports[0]),
        worker(tmp_path, url, server.url, CHANNEL_METRICS_PORT=ports[1]),
    ):
        talk(server, "một")
        talk(server, "hai")
        server.wait_until(lambda: all(measures(port) for port in ports), "both workers to measure", PATIENCE_S)
        server.wait_until(lambda: total(ports, "motcua_channel_out_total", "sent") == len(server.sent), "every bubble to be counted", PATIENCE_S)
        assert total(ports, "motcua_channel_in_total", "stored") == 6


def measures(port: int) -> bool:
    try:
        return ("motcua_channel_waiting", "telegram", "in") in figures_at(port)
    except httpx.TransportError:
        return False


def total(ports: tuple[int, int], name: str, outcome: str) -> float:
    return sum(figures_at(port).get((name, "telegram", outcome), 0.0) for port in ports)


def test_a_port_for_figures_that_is_taken_is_named() -> None:
    port = free_port()
    with (
        serving_figures(CollectorRegistry(), port),
        pytest.raises(CommandFailed, match=f"MOTCUA_CHANNEL_METRICS_PORT.*{port}"),
        serving_figures(CollectorRegistry(), port),
    ):
        pass
    with serving_figures(CollectorRegistry(), port):
        """The port is free again."""
