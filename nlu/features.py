"""What the intent classifier sees of a text: hashed n-grams of its letters and words.

Taken from the expanded, lower-case text without diacritics, so that one spelling serves every register;
the dense vector of the encoder stands beside it and knows the marks. Hashing is CRC-32: the same buckets
in every Python and numpy, unlike ``hash()``.
"""

from __future__ import annotations

import math
import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from nlu.normalizer import expand_abbreviations, normalise, strip_diacritics

FEATURES_VERSION = "3"
N_BUCKETS = 1 << 16

# Tried on a fifth of the training data held out: words 1, 2, 3; word n-grams with their marks gave nothing.
LETTERS_WEIGHT = 1.0
WORDS_WEIGHT = 3.0

_NGRAM_LENGTHS = (2, 3, 4, 5)
_WORD = re.compile(r"[^\W_]+|[^\w\s]")
_DIGIT = re.compile(r"\d")


@dataclass(frozen=True)
class SparseFeatures:
    """One row of features.

    Attributes:
        indices: int32, ascending, each once, below ``N_BUCKETS``.
        values: float32, L2 norm 1 (or empty for a text without words).
    """

    indices: np.ndarray
    values: np.ndarray


def classifier_text(text: str) -> str:
    """The form in which a text is classified and encoded: normalised, abbreviations written out.

    Returns:
        "" when nothing readable is left.
    """
    return expand_abbreviations(normalise(text))


def ngram_features(text: str) -> SparseFeatures:
    """Hash a text's n-grams.

    Args:
        text: as ``classifier_text`` returns it; diacritics and case make no difference here.
    """
    words = _WORD.findall(_DIGIT.sub("0", strip_diacritics(text).lower()))
    weights: dict[int, float] = defaultdict(float)
    _add_block(weights, _letter_ngrams(words), LETTERS_WEIGHT)
    _add_block(weights, _word_ngrams(words), WORDS_WEIGHT)
    indices = sorted(weights)
    values = np.array([weights[index] for index in indices], dtype=np.float32)
    norm = float(np.linalg.norm(values))
    return SparseFeatures(np.array(indices, dtype=np.int32), values / norm if norm else values)


def _add_block(weights: dict[int, float], grams: Iterator[str], weight: float) -> None:
    """Each kind of n-gram has length ``weight`` of its own: letters are many and would drown the words."""
    counts = Counter(zlib.crc32(gram.encode("utf-8")) % N_BUCKETS for gram in grams)
    damped = {index: 1.0 + math.log(count) for index, count in counts.items()}
    norm = math.sqrt(sum(value * value for value in damped.values()))
    for index, value in damped.items():
        weights[index] += weight * value / norm


def _letter_ngrams(words: list[str]) -> Iterator[str]:
    """Letters within each word, its edges marked by spaces."""
    for word in words:
        padded = f" {word} "
        for length in _NGRAM_LENGTHS:
            for start in range(len(padded) - length + 1):
                yield "c:" + padded[start : start + length]


def _word_ngrams(words: list[str]) -> Iterator[str]:
    """Words, pairs and triples; ^ and $ mark the ends of the text."""
    for word in words:
        yield f"w1:{word}"
    framed = ["^", *words, "$"]
    for length in (2, 3):
        for start in range(len(framed) - length + 1):
            yield f"w{length}:" + " ".join(framed[start : start + length])
