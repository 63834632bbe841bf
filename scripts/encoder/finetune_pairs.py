"""Writes the pairs that scripts/encoder/finetune.py learns from. Run it in the training environment.

    python scripts/encoder/finetune_pairs.py --corpus FOLDER --index var/index --output var/finetune/pairs.jsonl

The index is a built one (`motcua index`): its diacritics restorer makes the restored queries. Hard negatives are
mined with the shipped encoder. Development questions are not read.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from finetune_data import Pair, choose_forms, choose_negative, in_form, make_pairs, part_of, with_negative
from finetune_signs import mine_signs, set_outside, sign_pairs

from knowledge.content.loader import load_bundled
from knowledge.content.phrasings import add_phrasings, load_phrasings
from knowledge.content.signposts import add_signposts, load_families, load_outside
from knowledge.library import Library, build_library, read_any
from knowledge.model import Procedure
from nlu.diacritics import Restorer
from nlu.encoder import BUNDLED_FOLDER, OnnxEncoder

_CANDIDATES = 60


def main() -> None:
    wanted = _arguments()
    restorer = restorer_of(wanted.index)
    library = add_signposts(read_procedures(wanted.corpus), load_families(), load_outside())
    procedures = library.procedures
    pairs = make_pairs(procedures, load_phrasings(), wanted.record_pairs, wanted.seed, wanted.formal_pairs, wanted.most_spoken)
    rng = random.Random(wanted.seed + 1)
    pairs += sign_pairs(library.families, library.outside, wanted.sign_pairs, rng)
    rng.shuffle(pairs)
    forms = choose_forms(len(pairs), wanted.seed + 2)
    pairs = [replace(p, query=in_form(p.query, form, restorer, rng), form=form) for p, form in zip(pairs, forms, strict=True)]
    pairs = [p for p in pairs if p.query.strip()]
    encoder = OnnxEncoder(BUNDLED_FOLDER, n_passage_workers=2)
    signs = [p for p in pairs if p.kind == "sign"]
    spoken = [p for p in pairs if p.kind != "sign"]
    pairs = mine(spoken, procedures, encoder, rng) + mine_signs(signs, library, encoder)
    pairs = set_outside(pairs, library.outside, encoder, wanted.outside_share, rng)
    rng.shuffle(pairs)
    wanted.output.parent.mkdir(parents=True, exist_ok=True)
    wanted.output.write_text("".join(json.dumps(asdict(p), ensure_ascii=False) + "\n" for p in pairs), encoding="utf-8")
    _report(pairs, procedures)


def read_procedures(corpus: Path) -> Library:
    """The library as the product reads it: bundled content, the corpus, citizens' words."""
    return add_phrasings(build_library(load_bundled(), read_any(corpus)), load_phrasings())


def restorer_of(index_root: Path) -> Restorer:
    """The diacritics model of the live index below ``index_root``."""
    live = (index_root / "current").read_text(encoding="utf-8").strip()
    return Restorer.load(str(index_root / live / "restorer.npz"))


def mine(pairs: Sequence[Pair], procedures: Mapping[str, Procedure], encoder: OnnxEncoder, rng: random.Random) -> list[Pair]:
    """Each pair with its hardest wrong sibling by the shipped encoder; pairs of fields without one are left out."""
    codes = sorted(procedures)
    fields = np.array([procedures[code].field for code in codes])
    titles = encoder.encode_passages([procedures[code].name[:300] for code in codes])
    mined = []
    for start in range(0, len(pairs), 512):
        part = pairs[start : start + 512]
        scores = encoder.encode_queries([p.query for p in part]) @ titles.T
        for pair, row in zip(part, scores, strict=True):
            own = np.flatnonzero(fields == procedures[pair.code].field)
            ranked = [codes[i] for i in own[np.argsort(-row[own])][:_CANDIDATES]]
            negative = choose_negative(pair, ranked, procedures)
            if negative:
                mined.append(with_negative(pair, procedures[negative], rng))
    return mined


def _report(pairs: Sequence[Pair], procedures: Mapping[str, Procedure]) -> None:
    print(f"{len(pairs)} pairs of {len({p.code for p in pairs})} procedures")
    for what in ("source", "kind", "form"):
        print(f"  {what}: {dict(Counter(getattr(p, what) for p in pairs))}")
    spoken = load_phrasings()
    for part in ("train", "validation", "kept_aside"):
        codes = [code for code in procedures if part_of(code) == part]
        with_words = [code for code in codes if code in spoken]
        questions = sum(len(lines) for code in with_words for lines in spoken[code].questions.values())
        print(f"  {part}: {len(codes)} procedures, {len(with_words)} with citizens' words, {questions} questions")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True, help="folder with the portal's export")
    parser.add_argument("--index", type=Path, required=True, help="folder of indexes, for its diacritics restorer")
    parser.add_argument("--output", type=Path, required=True, help="file of pairs to write")
    parser.add_argument("--record-pairs", type=int, default=2000, help="pairs from records alone")
    parser.add_argument("--formal-pairs", type=int, default=6000, help="pairs of official questions")
    parser.add_argument("--sign-pairs", type=int, default=7000, help="pairs of families and of matters outside")
    parser.add_argument("--most-spoken", type=int, default=8, help="most pairs of one procedure's citizens' words")
    parser.add_argument("--outside-share", type=float, default=0.25, help="of procedures' pairs, with a matter outside as negative")
    parser.add_argument("--seed", type=int, default=7)
    return parser.parse_args()


if __name__ == "__main__":
    main()
