"""Vectors in PostgreSQL with the pgvector extension, in the role of the FAISS files: one table for a part of a build.

A part is written in one transaction (table, rows, graph), so a build that is killed leaves nothing behind. The table's
name stands in the manifest; replicas that fetched the same index read the same tables. The graph's parameters are
those of ``index.yml``; where that says flat, the table has no graph and is read through, which is exact.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from pgvector import HalfVector
from pgvector.psycopg import register_vector
from pgvector.sqlalchemy import HALFVEC
from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Integer,
    MetaData,
    Table,
    create_engine,
    func,
    inspect,
    make_url,
    select,
    text,
)
from sqlalchemy.exc import OperationalError, ProgrammingError, SQLAlchemyError

from knowledge.index.errors import IndexDamagedError, VectorsAwayError
from knowledge.index.kinds import Flat, Hnsw, Ivf, Postgres
from knowledge.index.role import DenseSearch, Rows

_BLOCK = 4096  # rows read from the build at a time
_MOST_LINKS, _MOST_BREADTH = 100, 1000  # limits of pgvector 0.8
_BUILD_MEMORY = "512MB"  # for the graph; 64 MB, the server's own, makes it spill at some 50,000 rows
_MEND_SERVER = "check MOTCUA_DATABASE_URL and the server, or set MOTCUA_VECTORS=files and run `motcua index`"


class PgVectors:
    """A database that keeps the dense parts of indexes. Connects on first use."""

    def __init__(self, url: str) -> None:
        """``url``: SQLAlchemy address; any driver named in it is replaced by psycopg."""
        address = make_url(url)
        if address.get_backend_name() != "postgresql":
            raise VectorsAwayError("a PostgreSQL address in MOTCUA_DATABASE_URL", address.get_backend_name(), _MEND_SERVER)
        self._engine: Engine = create_engine(address.set(drivername="postgresql+psycopg"), pool_pre_ping=True)

    def check(self) -> None:
        """Make sure that the server answers and has the extension.

        Raises:
            VectorsAwayError: it does not; the message says what to do.
        """
        with _translated(), self._engine.begin() as connection:
            _ensure_extension(connection)

    def build(self, build: str, part: str, vectors: Rows, kind: Flat | Hnsw | Ivf) -> Postgres:
        """Write one part; what it returns goes into the manifest.

        Raises:
            VectorsAwayError: no server, no extension, or no right to create it.
        """
        chosen = _graph_for(kind, _table_name(build, part))
        table = _table(chosen.table, vectors.shape[1])
        with _translated(), self._engine.begin() as connection:
            _ensure_extension(connection)
            table.drop(connection, checkfirst=True)
            table.create(connection)
            _copy(connection, table, vectors)
            if chosen.links:
                connection.execute(text(f"SET LOCAL maintenance_work_mem = '{_BUILD_MEMORY}'"))
                connection.execute(
                    text(
                        f"CREATE INDEX ON {table.name} USING hnsw (embedding halfvec_ip_ops) "
                        f"WITH (m = {chosen.links}, ef_construction = {chosen.ef_construction})"
                    )
                )
        with _translated(), self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(f"ANALYZE {table.name}"))
        return chosen

    def open(self, kind: Postgres, n_vectors: int, dimension: int) -> PgVectorIndex:
        """The part that a manifest names.

        Raises:
            IndexDamagedError: no such table, or of another size than the manifest says.
            VectorsAwayError: no server.
        """
        with _translated(), self._engine.connect() as connection:
            if not inspect(connection).has_table(kind.table):
                raise IndexDamagedError(kind.table, f"a table of {n_vectors} vectors", "none")
            table = _table(kind.table, dimension)
            found = connection.execute(select(func.count()).select_from(table)).scalar_one()
            width = connection.execute(
                text("SELECT atttypmod FROM pg_attribute WHERE attrelid = to_regclass(:name) AND attname = 'embedding'"),
                {"name": kind.table},
            ).scalar_one()
        if (found, width) != (n_vectors, dimension):
            raise IndexDamagedError(kind.table, f"{n_vectors} × {dimension}", f"{found} × {width}")
        return PgVectorIndex(self._engine, table, kind, n_vectors, dimension)

    def drop_build(self, build: str) -> None:
        """Remove every part of a build; nothing happens where they are gone already."""
        with _translated(), self._engine.begin() as connection:
            for name in inspect(connection).get_table_names():
                if name.startswith(_table_name(build, "")):
                    _table(name, 1).drop(connection)

    def close(self) -> None:
        """Give up the connections."""
        self._engine.dispose()


class PgVectorIndex(DenseSearch):
    """One part, searched on the server; see :class:`PgVectors`."""

    def __init__(self, engine: Engine, table: Table, kind: Postgres, n_vectors: int, dimension: int) -> None:
        self._engine, self._table = engine, table
        self.kind = kind
        self._n_vectors, self._dimension = n_vectors, dimension

    @property
    def n_vectors(self) -> int:
        return self._n_vectors

    @property
    def dimension(self) -> int:
        return self._dimension

    def search(self, vectors: np.ndarray, top_k: int) -> tuple[np.ndarray, np.ndarray]:
        k = min(top_k, self._n_vectors)
        lines: list[list[tuple[int, float]]] = []
        if k:
            with _translated(), self._engine.begin() as connection:
                connection.execute(text(self._breadth(k)))
                lines = [self._nearest(connection, vector, k) for vector in vectors]
        n_found = min(map(len, lines), default=0)
        scores = np.array([[score for _, score in line[:n_found]] for line in lines], dtype=np.float32)
        rows = np.array([[row for row, _ in line[:n_found]] for line in lines], dtype=np.int64)
        return scores.reshape(len(vectors), n_found), rows.reshape(len(vectors), n_found)

    def cosines_of(self, vector: np.ndarray, rows: np.ndarray) -> np.ndarray:
        column = self._table.c.embedding
        distance = column.max_inner_product(HalfVector(vector))
        query = select(self._table.c.row, distance).where(self._table.c.row.in_(sorted({*rows.tolist()})))
        with _translated(), self._engine.connect() as connection:
            found = {row: -value for row, value in connection.execute(query)}
        return np.array([found[row] for row in rows.tolist()], dtype=np.float32)

    def _breadth(self, k: int) -> str:
        """The graph where it can give ``k`` rows; else every row is compared."""
        if self.kind.links and k <= _MOST_BREADTH:
            return f"SET LOCAL hnsw.ef_search = {min(_MOST_BREADTH, max(self.kind.ef_search, k))}"
        return "SET LOCAL enable_indexscan = off"

    def _nearest(self, connection: Connection, vector: np.ndarray, k: int) -> list[tuple[int, float]]:
        distance = self._table.c.embedding.max_inner_product(HalfVector(vector))
        query = select(self._table.c.row, distance).order_by(distance).limit(k)
        return [(row, -value) for row, value in connection.execute(query)]


def _graph_for(kind: Flat | Hnsw | Ivf, table: str) -> Postgres:
    if isinstance(kind, Flat):
        return Postgres(table=table, links=0, ef_construction=0, ef_search=0)
    if isinstance(kind, Hnsw):
        links = min(kind.links, _MOST_LINKS)
        return Postgres(
            table=table,
            links=links,
            ef_construction=min(max(kind.ef_construction, 2 * links), _MOST_BREADTH),
            ef_search=min(kind.ef_search, _MOST_BREADTH),
        )
    return Postgres(table=table, links=16, ef_construction=64, ef_search=200)  # where files would be lists: disk is no worry here


def _table_name(build: str, part: str) -> str:
    return f"motcua_vectors_{hashlib.sha1(build.encode()).hexdigest()[:12]}_{part}"


def _table(name: str, dimension: int) -> Table:
    return Table(name, MetaData(), Column("row", Integer, primary_key=True, autoincrement=False), Column("embedding", HALFVEC(dimension), nullable=False))


def _ensure_extension(connection: Connection) -> None:
    try:
        with connection.begin_nested():
            connection.execute(text("CREATE EXTENSION IF NOT EXISTS vector"))
    except SQLAlchemyError as exc:
        what = "no extension `vector` on this server, or no right to create it"
        mend = "install pgvector on the server and run `CREATE EXTENSION vector` in the database as its owner"
        raise VectorsAwayError("PostgreSQL with pgvector", what, mend) from exc


def _copy(connection: Connection, table: Table, vectors: Rows) -> None:
    raw = connection.connection.driver_connection
    register_vector(raw)
    with raw.cursor().copy(f"COPY {table.name} (row, embedding) FROM STDIN WITH (FORMAT BINARY)") as copy:
        copy.set_types(["int4", "halfvec"])
        for start in range(0, len(vectors), _BLOCK):
            for row, vector in enumerate(vectors[start : start + _BLOCK], start):
                copy.write_row((row, HalfVector(vector)))


@contextmanager
def _translated() -> Iterator[None]:
    """The seam where failures of the database become ours."""
    try:
        yield
    except (OperationalError, ProgrammingError) as exc:
        raise VectorsAwayError("a database that answers", type(exc.orig).__name__, _MEND_SERVER) from exc
