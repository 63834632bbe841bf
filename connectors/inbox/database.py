"""The database of the message path: short transactions, durable when they end, run off the event loop.

SQLite takes one writer at a time and every durable commit waits for the disk, so one thread does the writing and
puts what waits at that moment into one commit (group commit), each piece of work in a savepoint of its own. What a
channel waits for goes before what people wait for, and a group ends soon, so that a busy moment delays no webhook.
PostgreSQL takes as many writers as it has connections and groups commits itself.
"""

from __future__ import annotations

import asyncio
import itertools
import queue
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, Table, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from connectors.errors import StoreError
from connectors.store.database import open_engine, upgrade_engine
from connectors.store.tables import utc_now

Value = TypeVar("Value")
Arguments = ParamSpec("Arguments")
GROUP_SIZE = 64
GROUP_S = 0.02  # a group takes nothing more in after this long; decision 0016
POSTGRES_THREADS = 6
SQLITE_PATIENCE_MS = 5_000


@dataclass(frozen=True)
class Transaction:
    """One transaction and its time. On PostgreSQL the server's clock, since workers' clocks may differ."""

    connection: Connection
    now: datetime
    is_sqlite: bool

    def execute(self, statement: Any, parameters: Any = None) -> Any:
        return self.connection.execute(statement, parameters)

    def insert(self, table: Any) -> Any:
        """An INSERT that knows ON CONFLICT."""
        target: Table = table.__table__
        return sqlite.insert(target) if self.is_sqlite else postgresql.insert(target)


FIRST, LATER, END = 0, 1, 2

Work = Callable[Concatenate[Transaction, Arguments], Value]


class InboxDatabase:
    """Runs pieces of work, each in a transaction. Opening connects to nothing; close it with ``close``.

    A piece of work only uses its transaction and may be run again, so it has no other effect.
    """

    def __init__(self, url: str, clock: Callable[[], datetime] = utc_now, n_threads: int | None = None) -> None:
        self._engine = open_engine(url)
        self._clock = clock
        self.is_sqlite = self._engine.dialect.name == "sqlite"
        self._is_upgraded = False
        self._upgrading = threading.Lock()
        if self.is_sqlite:
            event.listen(self._engine, "connect", _prepare_sqlite)
            event.listen(self._engine, "begin", _begin_immediate)
        self._n_threads = 1 if self.is_sqlite else n_threads or POSTGRES_THREADS
        self._jobs: queue.PriorityQueue[_Job] = queue.PriorityQueue()
        self._numbers = itertools.count()
        self._threads: list[threading.Thread] = []
        self._starting = threading.Lock()
        self._is_closed = False

    def run(self, work: Work[Arguments, Value], *args: Arguments.args, **kwargs: Arguments.kwargs) -> Value:
        """Run one piece of work here and now; for blocking callers (staff pages, command line).

        Raises:
            StoreError: the database is away, locked for too long, full, or refused the work.
        """
        self.upgrade()
        with self._transaction() as tx:
            return work(tx, *args, **kwargs)

    async def arun(self, work: Work[Arguments, Value], *args: Arguments.args, **kwargs: Arguments.kwargs) -> Value:
        """The same from the event loop, together with whatever else waits. Raises as ``run`` does."""
        return await self._queued(LATER, lambda tx: work(tx, *args, **kwargs))

    async def arun_first(self, work: Work[Arguments, Value], *args: Arguments.args, **kwargs: Arguments.kwargs) -> Value:
        """The same before all else that waits: somebody outside waits for an acknowledgement."""
        return await self._queued(FIRST, lambda tx: work(tx, *args, **kwargs))

    async def _queued(self, rank: int, work: Callable[[Transaction], Value]) -> Value:
        job = _Job(rank, next(self._numbers), work, Future())
        self._start_threads()
        self._jobs.put(job)
        return await asyncio.wrap_future(job.future)

    def upgrade(self) -> None:
        """Bring the schema up to date once. Raises StoreError."""
        if self._is_upgraded:
            return
        with self._upgrading:
            if not self._is_upgraded:
                upgrade_engine(self._engine)
                self._is_upgraded = True

    def close(self) -> None:
        self._is_closed = True
        for _ in self._threads:
            self._jobs.put(_Job(END, next(self._numbers), _nothing, Future()))
        for thread in self._threads:
            thread.join(timeout=10)
        self._engine.dispose()

    @contextmanager
    def _transaction(self) -> Iterator[Transaction]:
        try:
            with self._engine.begin() as connection:
                yield Transaction(connection, self._now(connection), self.is_sqlite)
        except SQLAlchemyError as exc:
            raise _translated(exc) from exc

    def _now(self, connection: Connection) -> datetime:
        if self.is_sqlite:
            return self._clock()
        return connection.scalar(text("SELECT clock_timestamp() AT TIME ZONE 'UTC'"))

    def _start_threads(self) -> None:
        with self._starting:
            if self._is_closed:
                raise StoreError("the database of the message path is closed")
            while len(self._threads) < self._n_threads:
                thread = threading.Thread(target=self._serve, name="inbox-database", daemon=True)
                thread.start()
                self._threads.append(thread)

    def _serve(self) -> None:
        while (job := self._jobs.get()).rank != END:
            self._run_group(job)

    def _run_group(self, first: _Job) -> None:
        """All jobs in one commit; nobody hears of success before it is durable."""
        jobs = [first]
        settled: list[tuple[_Job, Any, BaseException | None]] = []
        is_alone, has_begun = not self.is_sqlite or self._jobs.empty(), False
        try:
            self.upgrade()
            with self._transaction() as tx:
                has_begun = True
                settled.append((first, *_in_savepoint(tx, first, is_alone)))
                if not is_alone:
                    for job in self._more():
                        jobs.append(job)
                        settled.append((job, *_in_savepoint(tx, job, is_alone=False)))
        except BaseException as exc:  # whatever it is, everybody who waits has to hear of it
            if self.is_sqlite and not has_begun:  # locked: who waits must not wait as long again, one after the other
                jobs += self._more()
            for job in jobs:
                job.fail(exc)
            return
        for job, value, fault in settled:
            if fault is None:
                job.succeed(value)
            else:
                job.fail(fault)

    def _more(self) -> Iterator[_Job]:
        """What waits, the most pressing first, as long as the group may grow."""
        until = time.monotonic() + GROUP_S
        for _ in range(GROUP_SIZE - 1):
            if time.monotonic() >= until:
                return
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return
            if job.rank == END:
                self._jobs.put(job)
                return
            yield job


@dataclass(frozen=True, order=True)
class _Job:
    """Ordered by rank and number: of equal rank, who came first."""

    rank: int
    number: int
    work: Callable[[Transaction], Any] = field(compare=False)
    future: Future[Any] = field(compare=False)

    def succeed(self, value: Any) -> None:
        if not self.future.cancelled():
            self.future.set_result(value)

    def fail(self, fault: BaseException) -> None:
        if not self.future.cancelled():
            self.future.set_exception(fault)


def _nothing(_tx: Transaction) -> None:
    """The work of a job that only says that it is the last."""


def _in_savepoint(tx: Transaction, job: _Job, is_alone: bool) -> tuple[Any, BaseException | None]:
    """The job's value, or its fault; its changes are undone when it failed. Faults of the database end the group."""
    if is_alone:
        return job.work(tx), None
    savepoint = tx.connection.begin_nested()
    try:
        value = job.work(tx)
        savepoint.commit()
    except IntegrityError as exc:
        savepoint.rollback()
        return None, _translated(exc)
    except SQLAlchemyError:
        raise
    except Exception as exc:
        savepoint.rollback()
        return None, exc
    return value, None


def _translated(exc: SQLAlchemyError) -> StoreError:
    """The driver's class and, for SQLite, its words; a server's words may hold addresses and stay out."""
    origin = getattr(exc, "orig", None)
    words = f": {origin}" if origin is not None and type(origin).__module__ == "sqlite3" else ""
    return StoreError(f"database fault {type(origin or exc).__name__}{words}")


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    connection.execute(f"PRAGMA busy_timeout={SQLITE_PATIENCE_MS}")
    connection.execute("PRAGMA synchronous=FULL")  # a commit outlives a power cut: nothing acknowledged is lost


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")  # a deferred one would fail at once when it turns to writing
