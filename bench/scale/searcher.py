"""``python -m bench.scale.searcher FOLDER``: the product's own searcher where its plans are as many as one built collection.

The live index keeps its procedures; its plan passages are replaced by those that bench.scale.run left in FOLDER
(``var/bench-scale/100000``), forty a plan, and whole questions are searched: reading, encoding, procedures, plans,
verdict. Prints one line of JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path

import numpy as np
import psutil

from bench.scale.measure import queries_of
from bench.scale.run import PASSAGES_A_PLAN
from bot.settings import load_settings
from knowledge.index.bm25 import Bm25Index
from knowledge.index.dense import DenseIndex
from knowledge.index.kinds import default_config
from knowledge.index.lines import read_lines, write_lines
from knowledge.index.store import IndexStore, SearchIndex
from knowledge.model import Passage, Plan, Source
from knowledge.retrieval.config import load_search_config
from knowledge.retrieval.search import Searcher
from nlu.encoder import load_encoder

_TITLE = 80  # characters of a plan's first passage that stand for its title


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="bench.scale.searcher", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--queries", type=Path, default=Path("knowledge/evaluation/queries.jsonl"))
    options = parser.parse_args(arguments)
    settings, questions = load_settings(), queries_of(options.queries)
    encoder = load_encoder(settings.encoder)
    live = IndexStore(settings.index_root).load_current(encoder)
    with tempfile.TemporaryDirectory() as scratch:
        started = time.perf_counter()
        index = with_plans(live, options.folder, Path(scratch))
        laid_s = time.perf_counter() - started
        searcher = Searcher(index, encoder, load_search_config())
        start_s = time.perf_counter() - started - laid_s
        figures = {"n": index.manifest.n_plan_passages, "start_s": round(start_s, 1)}
        for name, kinds in (("plans", ["plan"]), ("all", None)):
            spans: list[float] = []
            busy: list[float] = []  # the processors' own time, of both threads: comparable on a busy machine too
            for is_measured in (False, True):  # the first round reads the pages that the second finds in memory
                for question in questions:
                    asked, before = time.perf_counter(), time.process_time()
                    searcher.search(question, kinds=kinds)
                    if is_measured:
                        spans.append((time.perf_counter() - asked) * 1000)
                        busy.append((time.process_time() - before) * 1000)
            figures |= {f"{name}_p{p}_ms": round(float(np.percentile(spans, p)), 1) for p in (50, 95)}
            figures[f"{name}_processor_p50_ms"] = round(float(np.median(busy)), 1)
        figures |= {"rss_mib": round(psutil.Process().memory_info().rss / 2**20), "load": round(os.getloadavg()[0], 1)}
    print(json.dumps(figures))
    return 0


def with_plans(live: SearchIndex, folder: Path, scratch: Path) -> SearchIndex:
    """The live index with the collection's passages as those of its plans."""
    n = np.load(folder / "vectors.npy", mmap_mode="r").shape[0]
    kind = default_config().kind_for(n)
    found, n_kept = read_lines(folder / "passages.jsonl", Passage, n), live.manifest.n_passages
    write_lines(scratch / "passages.jsonl", Passage, chain(live.passages[:n_kept], found))
    plans = tuple(_plans(found))
    return replace(
        live,
        manifest=replace(live.manifest, n_plans=len(plans), n_plan_passages=n),
        plans=plans,
        passages=read_lines(scratch / "passages.jsonl", Passage, n_kept + n),
        dense_plans=DenseIndex.load(folder / f"dense_{kind.kind}.faiss", n, live.manifest.dimension, kind),
        bm25_plans=Bm25Index.load(folder / "bm25", n),
    )


def _plans(passages: Sequence[Passage]) -> Iterator[Plan]:
    for first in islice(passages, 0, None, PASSAGES_A_PLAN):
        yield Plan(first.record_id, first.text[:_TITLE], Source(f"{first.record_id}.txt", ""), first.number, "Kế hoạch")


if __name__ == "__main__":
    sys.exit(main())
