"""Pairs of what stands beside the procedures: families that need a question back, and matters outside the knowledge.

Search compares a question with their names as well, and what it decides hangs on which lies nearer. A matter outside is
taught away from the procedure it is most like, and a part of the procedures' questions away from the matter outside.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from finetune_data import Pair, name_key, part_of

from knowledge.library import Library
from knowledge.model import Family, OutsideMatter
from nlu.diacritics import bare
from nlu.encoder import OnnxEncoder

_SAME = 0.97  # cosine from which two texts say one thing: no wrong answer to each other


def sign_pairs(families: Sequence[Family], outside: Sequence[OutsideMatter], n: int, rng: random.Random) -> list[Pair]:
    """At most ``n`` pairs of the training part: one way to say a family or a matter beside another, no negatives yet."""
    said = {f.id: ("family", f.names) for f in families} | {m.name: ("outside", (m.name, *m.names)) for m in outside}
    pairs = []
    for own, (source, texts) in sorted(said.items()):
        if part_of(own) != "train":
            continue
        for text in texts:
            others = [t for t in texts if bare(t) != bare(text)]
            if others:
                pairs.append(Pair(text, rng.choice(others), own, name_key(own), "sign", source))
    return rng.sample(pairs, min(n, len(pairs)))


def mine_signs(pairs: Sequence[Pair], library: Library, encoder: OnnxEncoder) -> list[Pair]:
    """Each pair with the nearest wrong text: for a matter outside the name of a procedure, for a family the matter of another."""
    pools = {
        "outside": {p.code: p.name[:300] for p in library.procedures.values()},
        "family": {f.id: f.matter for f in library.families},
    }
    return [p for source, pool in pools.items() for p in _mined([p for p in pairs if p.source == source], pool, encoder)]


def set_outside(
    pairs: Sequence[Pair], outside: Sequence[OutsideMatter], encoder: OnnxEncoder, share: float, rng: random.Random
) -> list[Pair]:
    """The pairs, ``share`` of those of procedures with the nearest matter outside as negative instead of a sibling."""
    chosen = [p.kind != "sign" and rng.random() < share for p in pairs]
    mined = iter(_mined([p for p, is_chosen in zip(pairs, chosen, strict=True) if is_chosen], {m.name: m.name for m in outside}, encoder))
    return [next(mined) if is_chosen else p for p, is_chosen in zip(pairs, chosen, strict=True)]


def _mined(pairs: Sequence[Pair], pool: Mapping[str, str], encoder: OnnxEncoder) -> list[Pair]:
    """Pairs with the nearest text of ``pool`` (id to text) of the training part that is not of the pair's own."""
    owners = [own for own in pool if part_of(own) == "train"]
    vectors = encoder.encode_passages([pool[own] for own in owners])
    mined = []
    for start in range(0, len(pairs), 512):
        part = pairs[start : start + 512]
        near = encoder.encode_passages([p.positive for p in part]) @ vectors.T
        scores = np.where(near < _SAME, encoder.encode_queries([p.query for p in part]) @ vectors.T, -1.0)
        for pair, row in zip(part, scores, strict=True):
            row[[i for i, own in enumerate(owners) if own == pair.code]] = -1.0
            own = owners[int(row.argmax())]
            mined.append(replace(pair, negative=pool[own], negative_code=own))
    return mined
