"""``make soak``: 10,000 messages of 500 people over three channels, with kills, a database restart and dead tokens."""

from __future__ import annotations

import argparse
import json
import sqlite3
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.soak.soak import Result, make_people, run_soak
from tests.soak.stage import ROOT, Actor, Product, stage


def main() -> None:
    options = _options()
    console = Console()
    with tempfile.TemporaryDirectory(prefix="motcua-soak-") as folder, _database(options.database, Path(folder)) as (url, restart):
        codes = [path.stem for path in sorted((ROOT / "knowledge/content/procedures").glob("*.yml"))]
        people = make_people(options.people, options.messages, codes)
        with stage(Path(folder), url, is_real=not options.echo, home=options.home) as (actors, product):
            incidents = make_incidents(actors, product, restart)
            result = run_soak(actors, product, url, people, options.rate, incidents)
    _print(console, options, result)
    if options.output:
        options.output.write_text(json.dumps({"options": {k: str(v) for k, v in vars(options).items()}, **vars(result)}, indent=1))
    raise SystemExit(0 if result.lost == result.answered_twice == result.order == 0 else 1)


def make_incidents(actors: dict[str, Actor], product: Product, restart_database):  # type: ignore[no-untyped-def]
    """(share of messages written, name, what happens)."""

    one_at_a_time = threading.Lock()

    def kill() -> None:
        with one_at_a_time:
            product.kill()
            time.sleep(1.0)
            product.start()

    def away(channel: str) -> None:
        for _ in range(10):
            actors[channel].post("fault", kind="status", method="*", times=3, code=503)
            time.sleep(0.5)

    return [
        (0.15, "Telegram answers 503 for a while", lambda: away("telegram")),
        (0.25, "kill -9 of the product", kill),
        (0.4, "Zalo's access token expires", lambda: actors["zalo"].act("expire_tokens")),
        (0.5, "the database restarts", restart_database),
        (0.6, "Zalo Bot breaks connections after sending", lambda: actors["zalo-bot"].post("fault", kind="drop_after", method="*", times=5)),
        (0.75, "kill -9 of the product", kill),
    ]


@contextmanager
def _database(kind: str, folder: Path) -> Iterator[tuple[str, object]]:
    if kind == "sqlite":
        path = folder / "soak.db"
        yield f"sqlite:///{path}", lambda: _lock(path)
        return
    from tests.postgres import running_postgres

    with running_postgres() as url:
        yield url, lambda: _cut_off(url)


def _lock(path: Path) -> None:
    """SQLite has nothing to restart: somebody else locks the file for eight seconds."""
    with sqlite3.connect(path, timeout=30, isolation_level=None) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        time.sleep(8.0)
        connection.execute("ROLLBACK")


def _cut_off(url: str) -> None:
    """Every connection is cut off, as a restart of the server does, and none is taken for three seconds."""
    from sqlalchemy import create_engine, text

    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        until = time.monotonic() + 3
        while time.monotonic() < until:
            connection.execute(text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"))
            time.sleep(0.05)
    engine.dispose()


def _print(console: Console, options: argparse.Namespace, result: Result) -> None:
    table = Table("", "", title=f"soak {date.today()}: {options.messages} messages, {options.people} people, {options.database}, "
                  f"{'echo' if options.echo else 'direct answers, without Rasa'}")  # fmt: skip
    for name, value in result.rows():
        table.add_row(name, value)
    console.print(table)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests.soak", description=__doc__)
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--rate", type=float, default=20.0, help="messages a second")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--echo", action="store_true", help="without knowledge: answers repeat the question")
    parser.add_argument("--home", type=Path, default=None, help="MOTCUA_HOME with an index; default: builds one")
    parser.add_argument("--output", type=Path, default=None, help="save the figures as JSON")
    return parser.parse_args()


if __name__ == "__main__":
    main()
