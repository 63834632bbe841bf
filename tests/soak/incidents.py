"""What goes wrong during a soak, when, and that nothing of it fails in silence."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from tests.soak.stage import Actor, Product

LOCKED_S = 8.0
DOWN_S = 3.0
LOCK_PATIENCE_S = 120.0
INCIDENTS_PATIENCE_S = 600.0


@dataclass(frozen=True)
class Incident:
    """``share``: of the messages written when it strikes."""

    share: float
    name: str
    strike: Callable[[], None]


class IncidentFailed(Exception):
    """An incident could not be carried out, or the product did not do what it must during it; the cause is attached."""


class Incidents:
    """Lets each incident strike at its time, in a thread of its own, so that slow ones may meet."""

    def __init__(self, planned: Sequence[Incident]) -> None:
        self._waiting = sorted(planned, key=lambda incident: incident.share)
        self._threads: list[threading.Thread] = []
        self._failed: list[tuple[str, BaseException]] = []

    def strike_due(self, share: float) -> list[str]:
        """Start what is due; its names. Raises IncidentFailed for an earlier one."""
        self.check()
        struck = []
        while self._waiting and share >= self._waiting[0].share:
            incident = self._waiting.pop(0)
            thread = threading.Thread(target=self._run, args=(incident,), name=incident.name, daemon=True)
            thread.start()
            self._threads.append(thread)
            struck.append(incident.name)
        return struck

    def check(self) -> None:
        if self._failed:
            name, cause = self._failed[0]
            raise IncidentFailed(f"incident {name!r} failed: {type(cause).__name__}: {cause}") from cause

    def wait(self) -> None:
        """Until all are over. Raises IncidentFailed."""
        until = time.monotonic() + INCIDENTS_PATIENCE_S
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
            self.check()
            if thread.is_alive():
                raise IncidentFailed(f"incident {thread.name!r} did not end in {INCIDENTS_PATIENCE_S:g} s")

    def _run(self, incident: Incident) -> None:
        try:
            incident.strike()
        except BaseException as exc:  # whatever it is, the run has to end with it
            self._failed.append((incident.name, exc))


def plan_incidents(actors: dict[str, Actor], product: Product, restart_database: Callable[[], None]) -> list[Incident]:
    """Everything the issue names; the kill of Rasa only where the product runs one."""
    planned = [
        Incident(0.15, "Telegram answers 503 for a while", lambda: _away(actors["telegram"])),
        Incident(0.25, "kill -9 of the product", product.crash),
        Incident(0.4, "Zalo's access token expires", lambda: actors["zalo"].act("expire_tokens")),
        Incident(0.5, "the database restarts", restart_database),
        Incident(0.6, "Zalo Bot breaks connections after sending", lambda: actors["zalo-bot"].post("fault", kind="drop_after", method="*", times=5)),
        Incident(0.75, "kill -9 of the product", product.crash),
    ]  # fmt: skip
    if product.has_rasa:
        planned.append(Incident(0.35, "kill -9 of Rasa", product.crash_rasa))
    return planned


def lock_sqlite(path: Path) -> None:
    """SQLite has nothing to restart: somebody else locks the file for eight seconds."""
    with closing(sqlite3.connect(path, timeout=LOCK_PATIENCE_S, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        time.sleep(LOCKED_S)
        connection.execute("ROLLBACK")


def _away(actor: Actor) -> None:
    for _ in range(10):
        actor.post("fault", kind="status", method="*", times=3, code=503)
        time.sleep(0.5)
