"""Varied real texts for measuring at scale: sentences and pairs of neighbouring sentences of the whole knowledge.

The library has some tens of thousands of passages; cut finer and with overlap it gives more than a hundred thousand
distinct texts. Nothing is copied or made up here. Larger sizes: bench/scale/mixing.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

import numpy as np

from knowledge.model import Passage

_SENTENCE_END = re.compile(r"(?<=[.;:])\s+")
_LEAST, _MOST = 20, 500  # characters of a sentence: shorter ones are labels, longer ones tables
SEED = 20


def sentences_of(passages: Iterable[Passage]) -> list[str]:
    """Distinct sentences, in the order they come."""
    return _distinct(s for passage in passages for s in _sentences(passage))


def pairs_of(passages: Iterable[Passage]) -> list[tuple[str, str]]:
    """Distinct pairs of sentences that follow each other in a passage."""
    pairs = {_key(f"{a} {b}"): (a, b) for passage in passages for a, b in pairwise(_sentences(passage))}
    return list(pairs.values())


def real_texts(passages: Iterable[Passage]) -> list[str]:
    """Sentences and pairs, distinct, shuffled the same way each time: the first n are a sample of all."""
    passages = list(passages)
    texts = _distinct([*sentences_of(passages), *(f"{a} {b}" for a, b in pairs_of(passages))])
    return [texts[i] for i in np.random.default_rng(SEED).permutation(len(texts))]


def _sentences(passage: Passage) -> Iterator[str]:
    for line in passage.text.split("\n"):
        for sentence in _SENTENCE_END.split(line.strip(" -–+•*\t")):
            if _LEAST <= len(sentence) <= _MOST:
                yield sentence


def _distinct(texts: Iterable[str]) -> list[str]:
    return list({_key(text): text for text in texts}.values())


def _key(text: str) -> str:
    return " ".join(text.lower().split())
