"""``make soak``: 10,000 messages of 500 people over three channels, with kills, a database restart and dead tokens."""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.soak.incidents import DOWN_S, lock_sqlite, plan_incidents
from tests.soak.soak import Result, make_people, run_soak
from tests.soak.stage import ROOT, Mode, stage

SAFE_FROM_CRASHES = "synchronous_commit=on"  # what is committed is in the log, as on a server that people rely on
MODES = {"rasa": "with Rasa", "direct": "direct answers, without Rasa", "echo": "echoed answers, without knowledge"}


def main() -> None:
    options = _options()
    mode: Mode = "echo" if options.echo else "direct" if options.no_rasa else "rasa"
    console = Console()

    def tell(line: str) -> None:
        console.print(f"{time.strftime('%H:%M:%S')} {line}", highlight=False, markup=False, soft_wrap=True)

    with tempfile.TemporaryDirectory(prefix="motcua-soak-") as folder, _database(options.database, Path(folder)) as (url, restart):
        codes = [path.stem for path in sorted((ROOT / "knowledge/content/procedures").glob("*.yml"))]
        people = make_people(options.people, options.messages, codes)
        tell(f"starting three channels, a database and the product ({MODES[mode]})")
        with stage(Path(folder), url, mode, home=options.home) as (actors, product):
            incidents = [] if options.calm else plan_incidents(actors, product, restart)
            result = run_soak(actors, product, url, people, options.rate, incidents, options.patience, options.calm, tell)
    _print(console, options, mode, result)
    if options.output:
        options.output.write_text(json.dumps({"options": {k: str(v) for k, v in vars(options).items()}, **result.to_json()}, indent=1))
    for fault in result.faults:
        tell(f"failed: {fault}")
    raise SystemExit(1 if result.faults else 0)


@contextmanager
def _database(kind: str, folder: Path) -> Iterator[tuple[str, Callable[[], None]]]:
    """(address, what stands for its restart)."""
    if kind == "sqlite":
        path = folder / "soak.db"
        yield f"sqlite:///{path}", lambda: lock_sqlite(path)
        return
    from tests.postgres import running_server

    with running_server(None, SAFE_FROM_CRASHES) as server:
        yield server.url, lambda: server.restart(DOWN_S)


def _print(console: Console, options: argparse.Namespace, mode: Mode, result: Result) -> None:
    calm = ", calm" if options.calm else ""
    table = Table("", "", title=f"soak {date.today()}: {options.messages} messages, {options.people} people, {options.database}, {MODES[mode]}{calm}")
    for name, value in result.rows():
        table.add_row(name, value)
    console.print(table)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--rate", type=float, default=20.0, help="messages a second")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--echo", action="store_true", help="without knowledge: answers repeat the question")
    how.add_argument("--no-rasa", action="store_true", help="the product without Rasa: it answers directly")
    parser.add_argument("--home", type=Path, default=None, help="MOTCUA_HOME with an index and trained models to use; default: builds and trains")
    parser.add_argument("--calm", action="store_true", help="nothing goes wrong, each message is brought once: for measuring speed")
    parser.add_argument("--patience", type=float, default=600.0, help="seconds without any progress after which it gives up")
    parser.add_argument("--output", type=Path, default=None, help="save the figures as JSON")
    return parser.parse_args()


if __name__ == "__main__":
    main()
