"""The gate of fine-tuning: a candidate beside the shipped encoder, register by register, by the encoder alone.

    python scripts/encoder/finetune_measure.py --corpus FOLDER --index var/index --questions FILE… \
        --candidate var/finetune/e5-small-vi-en-ft --cache var/finetune/cache --output var/finetune/gate.json

The kept-aside part's questions and the development questions are ranked against all procedures, once by names
and aliases and once by names alone. The candidate passes where no figure is below the shipped encoder's.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from finetune_pairs import read_procedures, restorer_of
from finetune_questions import Ranking, development_questions, part_questions

from knowledge.index.build import titles_of
from knowledge.index.vectors import VectorCache
from nlu.encoder import BUNDLED_FOLDER, Encoder, OnnxEncoder, load_encoder


def main() -> None:
    wanted = _arguments()
    listed = list(read_procedures(wanted.corpus).procedures.values())
    restorer = restorer_of(wanted.index)
    asked = part_questions({p.code: p for p in listed}, "kept_aside", restorer)
    asked += development_questions(wanted.questions, restorer)
    ranking = Ranking([p.code for p in listed], titles_of(listed), asked)
    base = _ranks(ranking, OnnxEncoder(BUNDLED_FOLDER, n_passage_workers=wanted.workers), wanted.cache)
    report = {}
    for spec in wanted.candidate:
        print(f"\n{spec}")
        report[spec] = compare(base, _ranks(ranking, _open(spec, wanted.workers), wanted.cache))
    if wanted.output:
        wanted.output.write_text(json.dumps(report, indent=1), encoding="utf-8")


def compare(base: dict[str, np.ndarray], candidate: dict[str, np.ndarray]) -> dict[str, dict[str, float]]:
    """Print and return a row a register: R@1 and R@5 of both, and questions gained and lost at rank 1."""
    print("| Register | n | R@1 base | R@1 candidate | R@5 base | R@5 candidate | won | lost |  |")
    print("|---|---|---|---|---|---|---|---|---|")
    rows = {}
    for register, before in base.items():
        after = candidate[register]
        row = {"n": len(before)}
        for k in (1, 5):
            row |= {f"base_r{k}": float((before <= k).mean()), f"candidate_r{k}": float((after <= k).mean())}
        row |= {"won": int(((before > 1) & (after == 1)).sum()), "lost": int(((before == 1) & (after > 1)).sum())}
        row["passes"] = bool(row["candidate_r1"] >= row["base_r1"] and row["candidate_r5"] >= row["base_r5"])
        rows[register] = row
        figures = " | ".join(f"{row[key]:.3f}" for key in ("base_r1", "candidate_r1", "base_r5", "candidate_r5"))
        print(f"| {register} | {row['n']} | {figures} | {row['won']} | {row['lost']} | {'' if row['passes'] else 'worse'} |", flush=True)
    return rows


def _ranks(ranking: Ranking, encoder: Encoder, cache_folder: Path) -> dict[str, np.ndarray]:
    cache = VectorCache(cache_folder, encoder)
    titles, queries = cache.encode(ranking.titles), encoder.encode_queries(ranking.texts)
    found = {}
    for what, names_only in (("names and aliases", False), ("names alone", True)):
        for register, ranks in ranking.by_register(ranking.ranks(queries, titles, names_only)).items():
            found[f"{register}, {what}"] = ranks
    return found


def _open(spec: str, workers: int) -> Encoder:
    folder = Path(spec)
    if (folder / "manifest.json").is_file():
        return OnnxEncoder(folder, n_passage_workers=workers)
    return load_encoder(f"sentence-transformers:{folder}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--index", type=Path, required=True, help="folder of indexes, for its diacritics restorer")
    parser.add_argument("--questions", type=Path, nargs="*", default=[], help="development questions with gold codes")
    parser.add_argument("--candidate", nargs="+", required=True, help="folders: ONNX, or sentence-transformers")
    parser.add_argument("--cache", type=Path, required=True, help="folder for the vectors of names and aliases")
    parser.add_argument("--output", type=Path)
    parser.add_argument("--workers", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
