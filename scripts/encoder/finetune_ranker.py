"""The gate's second half: the whole ranker with a candidate in the encoder's place, beside the shipped encoder.

    python scripts/encoder/finetune_ranker.py --index var/index --cache var/finetune/cache \
        --candidate var/finetune/e5-small-vi-en-ft --questions FILE… --output var/finetune/ranker.json

One index, built by `motcua index` with the shipped encoder; for the candidate its vectors of names, aliases and
digests are put in the place of the index's own. Weights are those of search.yml for both.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from finetune_measure import compare
from finetune_questions import Asked, part_questions, raw_development_questions

from knowledge.chunking import digest_of_procedure
from knowledge.index.dense import DenseIndex
from knowledge.index.store import IndexStore, SearchIndex
from knowledge.index.vectors import VectorCache
from knowledge.retrieval.config import load_search_config
from knowledge.retrieval.search import Searcher
from nlu.encoder import BUNDLED_FOLDER, OnnxEncoder
from nlu.normalizer import expand_abbreviations


def main() -> None:
    wanted = _arguments()
    shipped, candidate = OnnxEncoder(BUNDLED_FOLDER), OnnxEncoder(wanted.candidate, n_passage_workers=wanted.workers)
    index = IndexStore(wanted.index).load_current(shipped)
    known = {p.code: p for p in index.procedures}
    asked = raw_development_questions(wanted.questions)
    asked += [a for a in part_questions(known, "kept_aside", index.restorer) if not a.register.endswith("restored")]
    print(f"{len(asked)} questions, {len(known)} procedures")
    config = load_search_config()
    base = _ranks(Searcher(index, shipped, config), asked)
    report = compare(base, _ranks(Searcher(with_vectors_of(candidate, index, wanted.cache), candidate, config), asked))
    if wanted.output:
        wanted.output.write_text(json.dumps(report, indent=1), encoding="utf-8")


def with_vectors_of(encoder: OnnxEncoder, index: SearchIndex, cache_folder: Path) -> SearchIndex:
    """The index with names, aliases and digests encoded anew; plans keep theirs, so they must not be searched."""
    cache = VectorCache(cache_folder, encoder)
    titles = cache.encode([t.text for t in index.titles])
    digests = cache.encode([expand_abbreviations(digest_of_procedure(p)) for p in index.procedures])
    return replace(index, dense_titles=DenseIndex.build(titles), dense_digests=DenseIndex.build(digests))


def _ranks(searcher: Searcher, asked: list[Asked]) -> dict[str, np.ndarray]:
    """Of each question the place of its best right procedure among the first fifty, 1,000 where none is."""
    ranks: dict[str, list[int]] = {}
    for one in asked:
        found = [hit.procedure.code in one.gold for hit in searcher.rank_procedures(searcher.prepare(one.text))]
        ranks.setdefault(one.register, []).append(found.index(True) + 1 if any(found) else 1000)
    return {register: np.array(places) for register, places in ranks.items()}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--index", type=Path, required=True, help="folder of indexes, built with the shipped encoder")
    parser.add_argument("--candidate", type=Path, required=True, help="the candidate's ONNX folder")
    parser.add_argument("--cache", type=Path, required=True, help="folder for the candidate's vectors")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--questions", type=Path, nargs="*", default=[], help="development questions with gold codes")
    parser.add_argument("--output", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
