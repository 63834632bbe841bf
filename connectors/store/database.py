"""Opens the database, brings its schema up to date, and tells whether it can be reached."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic.util.exc import CommandError
from sqlalchemy import Engine, Executable, create_engine, delete, event, false, make_url, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from connectors.errors import StoreError
from connectors.store.tables import StaffAccount
from knowledge.store.database import run_migrations

log = logging.getLogger(__name__)
MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_TIMEOUT_MS = 3_000
RETRY_S = 60.0
UPGRADE_LOCK_KEY = 7_300_251_107  # any number of our own


class Store:
    """One database. Opening connects to nothing; the schema is upgraded before the first use.

    An upgrade that failed is tried again at most once in ``RETRY_S`` seconds, so that a dead server
    costs a request nothing and comes back by itself.
    """

    def __init__(self, url: str, clock: Callable[[], float] = time.monotonic) -> None:
        """Raises StoreError when ``url`` is no database address this installation can speak to."""
        self._engine = open_engine(url)
        self._sessions = sessionmaker(self._engine, expire_on_commit=False)
        self._clock, self._lock = clock, threading.Lock()
        self._is_upgraded = False
        self._failed_at: float | None = None
        self._fault = ""

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A transaction: committed at the end, rolled back on an error.

        Raises:
            StoreError: the database cannot be reached, or failed in the transaction.
        """
        self.upgrade()
        try:
            with self._sessions.begin() as session:
                yield session
        except SQLAlchemyError as exc:
            raise StoreError(_reason(exc)) from exc

    def upgrade(self) -> None:
        """Bring the schema up to date once.

        Raises:
            StoreError: it cannot be, now or at the try of less than ``RETRY_S`` seconds ago.
        """
        if self._is_upgraded:
            return
        with self._lock:
            if self._is_upgraded:
                return
            if self._failed_at is not None and self._clock() - self._failed_at < RETRY_S:
                raise StoreError(self._fault)
            try:
                upgrade_engine(self._engine)
            except StoreError as exc:
                self._failed_at, self._fault = self._clock(), str(exc)
                raise
            self._is_upgraded, self._failed_at = True, None

    def fault(self) -> str:
        """Why the database cannot be used now; "" when it can."""
        return self._fault_of(text("SELECT 1"))

    def write_fault(self) -> str:
        """Why the database cannot be written now; "" when it can. Changes nothing, but waits for other writers."""
        return self._fault_of(delete(StaffAccount).where(false()))

    def _fault_of(self, statement: Executable) -> str:
        try:
            with self.session() as session:
                session.execute(statement)
        except StoreError as exc:
            return str(exc)
        return ""

    def close(self) -> None:
        self._engine.dispose()


def upgrade_database(url: str) -> None:
    """Create or migrate the schema of the database at ``url``.

    Raises:
        StoreError: no such database, no right to write it, or a schema newer than this program.
    """
    engine = open_engine(url)
    try:
        upgrade_engine(engine)
    finally:
        engine.dispose()


def open_engine(url: str) -> Engine:
    """An engine with what SQLite needs for several threads: WAL, patience, foreign keys."""
    try:
        address = make_url(url)
        is_sqlite = address.get_backend_name() == "sqlite"
        if address.drivername == "postgresql":
            address = address.set(drivername="postgresql+psycopg")
        engine = create_engine(address, pool_pre_ping=not is_sqlite, hide_parameters=True)
    except (SQLAlchemyError, ImportError) as exc:
        raise StoreError(
            "database address: expected sqlite:///file.db or postgresql://user:password@host/name "
            f"with its driver installed (psycopg), got something else ({type(exc).__name__})"
        ) from exc
    if is_sqlite:
        event.listen(engine, "connect", _prepare_sqlite)
        if address.database and address.database != ":memory:":
            _make_folder(Path(address.database).parent)
    return engine


def upgrade_engine(engine: Engine) -> None:
    try:
        run_migrations(engine, MIGRATIONS, UPGRADE_LOCK_KEY)
    except SQLAlchemyError as exc:
        raise StoreError(_reason(exc)) from exc
    except CommandError as exc:
        raise StoreError(
            "the database schema is newer than this program or not its own; install the newer version "
            "or name another database in MOTCUA_DATABASE_URL"
        ) from exc


def _prepare_sqlite(connection: object, _record: object) -> None:
    cursor = connection.cursor()  # type: ignore[attr-defined]
    cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        # No reason to stop the start: answers do not need the database, and readyz will say it.
        log.warning("the database folder cannot be made (%s)", exc.strerror)


def _reason(exc: SQLAlchemyError) -> str:
    """The driver's class and, for SQLite, its words; a server's words may hold addresses and stay out."""
    origin = getattr(exc, "orig", None)
    words = f": {origin}" if origin is not None and type(origin).__module__ == "sqlite3" else ""
    return f"database fault {type(origin or exc).__name__}{words}"
