"""The gate's second half: the whole ranker with a candidate in the encoder's place, beside the shipped encoder.

    python scripts/encoder/finetune_ranker.py --base-index BASE/index --candidate var/finetune/e5-small-vi-en-ft \
        --candidate-index CANDIDATE/index --questions FILE… --output var/finetune/ranker.json

Both indexes are built by `motcua index` from the same records and code, each with its own MOTCUA_HOME and the
candidate's with MOTCUA_ENCODER=onnx:FOLDER. Weights and thresholds are those of search.yml for both.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from finetune_measure import compare
from finetune_questions import Asked, part_questions, raw_development_questions

from knowledge.index.store import IndexStore
from knowledge.retrieval.config import load_search_config
from knowledge.retrieval.search import Searcher
from nlu.encoder import BUNDLED_FOLDER, OnnxEncoder


def main() -> None:
    wanted = _arguments()
    base = _searcher(BUNDLED_FOLDER, wanted.base_index)
    candidate = _searcher(wanted.candidate, wanted.candidate_index)
    if base.index.manifest.source_digest != candidate.index.manifest.source_digest:
        raise SystemExit("expected two indexes of the same records, found two digests; build both again")
    known = {p.code: p for p in base.index.procedures}
    asked = raw_development_questions(wanted.questions)
    asked += [a for a in part_questions(known, "kept_aside", base.index.restorer) if not a.register.endswith("restored")]
    print(f"{len(asked)} questions, {len(known)} procedures")
    report = compare(_ranks(base, asked), _ranks(candidate, asked))
    if wanted.output:
        wanted.output.write_text(json.dumps(report, indent=1), encoding="utf-8")


def _searcher(folder: Path, index_root: Path) -> Searcher:
    encoder = OnnxEncoder(folder)
    return Searcher(IndexStore(index_root).load_current(encoder), encoder, load_search_config())


def _ranks(searcher: Searcher, asked: list[Asked]) -> dict[str, np.ndarray]:
    """Of each question the place of its best right procedure among the first fifty, 1,000 where none is."""
    ranks: dict[str, list[int]] = {}
    for one in asked:
        found = [hit.procedure.code in one.gold for hit in searcher.rank_procedures(searcher.prepare(one.text))]
        ranks.setdefault(one.register, []).append(found.index(True) + 1 if any(found) else 1000)
    return {register: np.array(places) for register, places in ranks.items()}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base-index", type=Path, required=True)
    parser.add_argument("--candidate", type=Path, required=True, help="the candidate's ONNX folder")
    parser.add_argument("--candidate-index", type=Path, required=True)
    parser.add_argument("--questions", type=Path, nargs="*", default=[], help="development questions with gold codes")
    parser.add_argument("--output", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
