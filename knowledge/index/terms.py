"""Terms for BM25. Queries and documents pass through the same functions.

Words are split first and normalised one by one from a cache: the same few thousand syllables make up a whole
library, and cleaning each text as a whole took two minutes for 2,600 procedures.
"""

from __future__ import annotations

import sys
import unicodedata
from functools import lru_cache
from itertools import pairwise

from nlu.normalizer import normalise, strip_diacritics
from nlu.tokenizer import syllables, with_arabic_classes


def bare_words(text: str) -> list[str]:
    """Syllables without diacritics, lower case."""
    return [bare_word(word) for word in _split(text)]


def bare_terms(text: str) -> list[str]:
    """Bare syllables and pairs of neighbours: what works for every way of typing."""
    words = bare_words(text)
    return words + [f"{a}_{b}" for a, b in pairwise(words)]


def marked_terms(text: str) -> list[str]:
    """Syllables with their diacritics, lower case."""
    return [_marked_word(word) for word in _split(text)]


def _split(text: str) -> list[str]:
    return with_arabic_classes(syllables(unicodedata.normalize("NFC", text)))


@lru_cache(maxsize=200_000)
def bare_word(word: str) -> str:
    """One word without diacritics, lower case."""
    return sys.intern(strip_diacritics(_marked_word(word)))


@lru_cache(maxsize=200_000)
def _marked_word(word: str) -> str:
    return sys.intern(normalise(word).lower())
