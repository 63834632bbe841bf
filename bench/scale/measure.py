"""A fresh process that opens one built collection, searches it, and prints its figures as one line of JSON.

``python -m bench.scale.measure FOLDER QUESTIONS KIND``: question files as of ``motcua eval``.
"""

from __future__ import annotations

import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import psutil

from knowledge.evaluation.questions import Question, read_file
from knowledge.index.bm25 import Bm25Index
from knowledge.index.dense import DenseIndex
from knowledge.index.kinds import kind_from
from knowledge.index.lines import read_lines
from knowledge.index.role import DenseSearch
from knowledge.index.terms import bare_terms
from knowledge.model import Passage
from knowledge.retrieval.fusion import min_max
from knowledge.retrieval.passages import PassageCandidates, PassageFinder
from nlu.encoder import load_encoder
from nlu.normalizer import expand_abbreviations, normalise

_N_QUERIES = 200
_N_CANDIDATES = 100


def main(folder: Path, questions: Path, kind_text: str) -> dict[str, object]:
    n = np.load(folder / "vectors.npy", mmap_mode="r").shape[0]
    texts = queries_of(questions)
    process = psutil.Process()
    before = process.memory_info().rss
    started = time.perf_counter()
    encoder = load_encoder()
    kind = kind_from(json.loads(kind_text))
    dense = DenseIndex.load(folder / f"dense_{kind.kind}.faiss", n, encoder.dimension, kind)
    bm25 = Bm25Index.load(folder / "bm25", n)
    finder = PassageFinder(dense, bm25, _N_CANDIDATES)
    beside = ThreadPoolExecutor(1)  # as the searcher does: vectors on one thread, words on the other
    passages = read_lines(folder / "passages.jsonl", Passage, n)
    load_s = time.perf_counter() - started
    # The processors' own time of a question (of both threads together) says more than the clock on a busy machine.
    stages: dict[str, list[float]] = {"all": [], "encode": [], "dense": [], "words": [], "all_processor": []}
    vectors = []
    for warm in (True, False):  # the first round reads the pages that the second finds in memory
        for text in texts:
            times, busy = [time.perf_counter()], time.process_time()
            query = expand_abbreviations(normalise(text))  # what a query costs before it is encoded counts
            vector = encoder.encode_queries([query])[0]
            times.append(time.perf_counter())
            nearest = beside.submit(finder.nearest, vector)
            found = finder.candidates(vector, bare_terms(query), nearest.result)
            [passages[row] for row in best_of(found, 10)]
            times.append(time.perf_counter())
            busy = time.process_time() - busy
            dense.search(vector[None, :], _N_CANDIDATES)
            times.append(time.perf_counter())
            bm25.top(bare_terms(query), _N_CANDIDATES)
            times.append(time.perf_counter())
            if not warm:
                spans = np.diff(times) * 1000
                for name, value in zip(("all", "encode", "dense", "words"), (spans[0] + spans[1], spans[0], spans[2], spans[3]), strict=True):
                    stages[name].append(float(value))
                stages["all_processor"].append(busy * 1000)
                vectors.append(vector)
    memory = process.memory_full_info()
    figures: dict[str, object] = {
        "load_s": round(load_s, 2),
        "rss_mib": round(memory.rss / 2**20),
        "rss_before_mib": round(before / 2**20),
        "private_mib": round(memory.uss / 2**20),
        "load_while_measuring": os.getloadavg()[0],
    }
    for name, values in stages.items():
        figures[f"{name}_p50_ms"], figures[f"{name}_p95_ms"] = (round(float(np.percentile(values, p)), 1) for p in (50, 95))
    vectors_there = np.load(folder / "vectors.npy", mmap_mode="r")
    figures["recall_at_10"] = round(recall(dense, vectors_there, np.stack(vectors)), 4)
    return figures


def best_of(found: PassageCandidates, top_k: int) -> list[int]:
    """Rows of the best by meaning and words, half each."""
    scores = min_max(found.cosines) + min_max(found.bm25)
    return found.rows[np.lexsort((found.rows, -scores))[:top_k]].tolist()


def queries_of(questions: Path) -> list[str]:
    """The first questions of a file, as they are encoded."""
    items = [item.text for item in read_file(questions) if isinstance(item, Question)][:_N_QUERIES]
    return [expand_abbreviations(normalise(text)) for text in items]


def recall(dense: DenseSearch, vectors: np.ndarray, queries: np.ndarray, k: int = 10) -> float:
    """Share of the exact ``k`` nearest that the index finds, exact ones computed block by block."""
    best = np.full((len(queries), k), -np.inf, dtype=np.float32)
    rows = np.zeros((len(queries), k), dtype=np.int64)
    for start in range(0, len(vectors), 50_000):
        block = vectors[start : start + 50_000].astype(np.float32)
        block /= np.linalg.norm(block, axis=1, keepdims=True)
        scores = np.concatenate([best, queries @ block.T], axis=1)
        ids = np.concatenate([rows, np.broadcast_to(np.arange(start, start + len(block)), (len(queries), len(block)))], axis=1)
        chosen = np.argpartition(-scores, k, axis=1)[:, :k]
        best, rows = np.take_along_axis(scores, chosen, 1), np.take_along_axis(ids, chosen, 1)
    found = dense.search(queries, k)[1]
    return float(np.mean([len(set(a) & set(b)) / k for a, b in zip(rows.tolist(), found.tolist(), strict=True)]))


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])))
