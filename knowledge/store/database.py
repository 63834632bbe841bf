"""The content tables of one database: schema brought up to date before the first use, foreign failures translated.

The engine is handed in (bot/pipeline.py opens it as the gateway does), so that one address serves both.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from knowledge.store.errors import ContentStoreError

MIGRATIONS = Path(__file__).parent / "migrations"
VERSION_TABLE = "content_schema"
_UPGRADE_LOCK = 0x6D6F7463  # "motc": one program at a time upgrades a PostgreSQL
_UPGRADING = threading.Lock()  # Alembic keeps its context in module globals


class ContentDatabase:
    """Opening connects to nothing."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._sessions = sessionmaker(engine, expire_on_commit=False)
        self._lock = threading.Lock()
        self._is_upgraded = False

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A transaction: committed at the end, rolled back on an error.

        Raises:
            ContentStoreError: the database cannot be reached, or failed in the transaction.
        """
        self.upgrade()
        try:
            with self._sessions.begin() as session:
                yield session
        except SQLAlchemyError as exc:
            raise ContentStoreError(_reason(exc)) from exc

    def upgrade(self) -> None:
        """Bring the schema up to date once. Raises ContentStoreError when it cannot be."""
        with self._lock:
            if not self._is_upgraded:
                _upgrade(self._engine)
                self._is_upgraded = True

    def close(self) -> None:
        self._engine.dispose()


def run_migrations(engine: Engine, folder: Path, lock_key: int) -> None:
    """Bring the tables of one Alembic folder up to date, in one transaction; the gateway's tables too.

    Args:
        lock_key: PostgreSQL's advisory lock, one a folder: several processes may start at once. Within this process
            one folder is upgraded at a time.

    Raises:
        SQLAlchemyError, CommandError: the database failed; its schema is newer than this program or not its own.
    """
    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    with _UPGRADING, engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": lock_key})
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _upgrade(engine: Engine) -> None:
    try:
        run_migrations(engine, MIGRATIONS, _UPGRADE_LOCK)
    except SQLAlchemyError as exc:
        raise ContentStoreError(_reason(exc)) from exc
    except CommandError as exc:
        raise ContentStoreError(
            "content tables: expected a schema this program knows; came a newer one or not its own; install the newer "
            "version or name another database in MOTCUA_DATABASE_URL"
        ) from exc


def _reason(exc: SQLAlchemyError) -> str:
    """What failed and what to do; a server's own words may hold addresses and stay out."""
    origin = getattr(exc, "orig", None)
    words = f": {origin}" if origin is not None and type(origin).__module__ == "sqlite3" else ""
    return (
        f"database of content: expected one that answers; came {type(origin or exc).__name__}{words}; "
        "check MOTCUA_DATABASE_URL and the disk, then run the command again: it goes on where it stopped"
    )
