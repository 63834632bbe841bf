"""``python -m bench.scale.run`` (``make bench-scale``): index kinds, BM25 and search from ten thousand to a million passages.

Nothing here is a test: times depend on the machine and on what else it does (the load is written down). Each size is
built into ``var/bench-scale/<n>/`` by the product's own classes and then searched by a fresh process, whose memory is
measured. Vectors beyond the encoded texts are synthetic (bench/scale/mixing.py), and the table says how many.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from bench.scale.collection import Collection, Collections
from bot.settings import load_settings
from knowledge.errors import KnowledgeError
from knowledge.index.bm25 import Bm25Index
from knowledge.index.dense import DenseIndex
from knowledge.index.kinds import default_config, kind_from
from knowledge.index.lines import write_lines
from knowledge.index.store import IndexStore
from knowledge.index.terms import bare_terms
from knowledge.model import Passage
from nlu.encoder import load_encoder
from nlu.errors import NluError

_BM25 = {"k1": 1.2, "b": 0.75}
PASSAGES_A_PLAN = 40
out, err = Console(), Console(stderr=True)


def main(arguments: list[str] | None = None) -> int:
    options = _options(arguments)
    settings = load_settings()
    home = settings.home / "bench-scale"
    try:
        encoder = load_encoder(settings.encoder)
        index = IndexStore(settings.index_root).load_current(encoder)
        fields = {procedure.code: procedure.field for procedure in index.procedures}
        collections = Collections(index.passages, fields, encoder, home / "cache")
        out.print(f"{collections.n_passages} passages by the product's chunking, {collections.n_texts} distinct sentences and pairs")
        _encode(collections, options.encode)
        for size in options.sizes:
            figures = {"n": size, "load_before": os.getloadavg()[0]}
            for kind in options.kinds or [None]:
                figures |= build(collections.of_size(size), home / str(size), kind)
                figures |= _measured(home / str(size), options.queries, figures["kind"])
                _write(figures)
                print_figures(figures)
    except (KnowledgeError, NluError, ValueError) as exc:
        err.print(f"bench-scale: {exc}", style="red", highlight=False, markup=False, soft_wrap=True)
        return 1
    return 0


def build(collection: Collection, folder: Path, kind: str | None = None) -> dict[str, Any]:
    """Build and save both indexes of one size; times in seconds, disk in MiB. BM25 and texts are kept between kinds."""
    folder.mkdir(parents=True, exist_ok=True)
    n = len(collection.texts)
    fitting = default_config().kind_for(n)
    chosen = fitting if kind in (None, fitting.kind) else {s.kind.kind: s.kind for s in default_config().dense}[kind]
    figures: dict[str, Any] = {"kind": chosen.model_dump(), "n_real": collection.n_real}
    np.save(folder / "vectors.npy", collection.vectors.astype(np.float16))
    write_lines(folder / "passages.jsonl", Passage, passages_of(collection.texts))
    if not (folder / "bm25" / "data.csc.index.npy").exists():
        started = time.perf_counter()
        Bm25Index.build(map(bare_terms, collection.texts), **_BM25).save(folder / "bm25")
        figures["bm25_build_s"] = round(time.perf_counter() - started, 1)
    started = time.perf_counter()
    DenseIndex.build(collection.vectors, chosen).save(folder / f"dense_{chosen.kind}.faiss")
    figures["dense_build_s"] = round(time.perf_counter() - started, 1)
    figures["dense_mib"] = round((folder / f"dense_{chosen.kind}.faiss").stat().st_size / 2**20)
    figures["bm25_mib"] = round(sum(p.stat().st_size for p in (folder / "bm25").iterdir()) / 2**20)
    return figures


def passages_of(texts: Iterable[str]) -> Iterator[Passage]:
    """The texts as passages of plans, forty a plan, as the bundled plans have."""
    for row, text in enumerate(texts):
        plan = f"plan-{row // PASSAGES_A_PLAN}"
        yield Passage(f"{plan}#{row}", "plan", plan, f"{row // PASSAGES_A_PLAN}/KH", "", f"{row}.", text)


def print_figures(figures: dict[str, Any]) -> None:
    table = Table("", "")
    for key, value in figures.items():
        table.add_row(key, str(value))
    out.print(table)


def _encode(collections: Collections, n: int) -> None:
    columns = (TextColumn("vectors"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err) as progress:
        task = progress.add_task("vectors", total=n)
        collections.encode(n, lambda done, total: progress.update(task, completed=done, total=total))


def _measured(folder: Path, queries: Path, kind: dict[str, Any]) -> dict[str, Any]:
    """Search in a process of its own, so that its memory is that of a server and not of the build."""
    command = [sys.executable, "-m", "bench.scale.measure", str(folder), str(queries), json.dumps(kind_from(kind).model_dump())]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ValueError(f"expected figures, measuring failed: {done.stderr.strip()[-800:]}")
    return json.loads(done.stdout.splitlines()[-1])


def _write(figures: dict[str, Any]) -> None:
    folder = Path("results")
    folder.mkdir(exist_ok=True)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    (folder / f"scale-{figures['n']}-{figures['kind']['kind']}-{stamp}.json").write_text(json.dumps(figures, indent=1))


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.scale.run", description=__doc__)
    parser.add_argument("--sizes", type=lambda text: [int(n) for n in text.split(",")], default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--encode", type=int, default=100_000, help="real texts to encode before (resumes)")
    parser.add_argument("--kinds", type=lambda text: text.split(","), help="flat,hnsw,ivf instead of the rule in index.yml")
    parser.add_argument("--queries", type=Path, default=Path("knowledge/evaluation/queries.jsonl"))
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
