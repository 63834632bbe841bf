"""What the intent classifier sees of a text: hashed n-grams of its letters and words.

Taken from the expanded, lower-case text without diacritics, so that one spelling serves every register;
the dense vector of the encoder stands beside it and knows the marks. Hashing is CRC-32: the same buckets
in every Python and numpy, unlike ``hash()``.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from nlu.normalizer import expand_abbreviations, normalise, strip_diacritics

FEATURES_VERSION = "1"
N_BUCKETS = 1 << 15

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
    counts = Counter(zlib.crc32(gram.encode("utf-8")) % N_BUCKETS for gram in _ngrams(text))
    indices = np.array(sorted(counts), dtype=np.int32)
    values = np.array([1.0 + np.log(counts[index]) for index in indices.tolist()], dtype=np.float32)
    norm = float(np.linalg.norm(values))
    return SparseFeatures(indices, values / norm if norm else values)


def _ngrams(text: str) -> Iterator[str]:
    """Letters within each word (its edges marked by spaces), words and pairs of words; digits are all 0."""
    bare = _DIGIT.sub("0", strip_diacritics(text).lower())
    words = _WORD.findall(bare)
    for word in words:
        padded = f" {word} "
        for length in _NGRAM_LENGTHS:
            for start in range(len(padded) - length + 1):
                yield "c:" + padded[start : start + length]
    framed = ["^", *words, "$"]
    for first, second in zip(framed, framed[1:]):  # noqa: B905 - pairs: the lists differ in length
        yield f"w2:{first} {second}"
    for word in words:
        yield "w1:" + word
