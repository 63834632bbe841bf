"""Words and syllables with their places in the text.

Words come from underthesea, loaded once and warmed under a lock because its first concurrent calls race.
Only ``word_tokenize`` is used: it works offline.
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable, Sequence

from nlu.types import Token

TOKENIZER_VERSION = "2"

logger = logging.getLogger(__name__)

_SYLLABLE = re.compile(r"[^\W_]+")
_CHUNK = re.compile(r"\S+")
_CLASS_WORDS = frozenset({"loại", "loai", "hạng", "hang", "cấp", "cap", "nhóm", "nhom", "bậc", "bac", "mức", "muc"})
_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6"}

_lock = threading.Lock()
_word_tokenize: Callable[..., list[str]] | None = None
_has_warned = threading.Event()


def tokenize(text: str) -> list[Token]:
    """Split a text into words ("khai sinh" is one).

    Args:
        text: NFC; repeated spaces and any other characters are welcome.

    Returns:
        Tokens in reading order, ``token.text == text[token.start:token.end]``. Where the segmenter's
        words cannot be laid on the text, white-space separated pieces instead (one warning a process).
    """
    if not text.strip():
        return []
    spans = align(_segmenter()(text, use_token_normalize=False), text)
    if spans is None:
        _warn_once()
        spans = [match.span() for match in _CHUNK.finditer(text)]
    return [Token(text[start:end], start, end) for start, end in spans]


def syllables(text: str) -> list[str]:
    """Lower-case runs of letters and digits, for lexical search; signs and underscores separate."""
    return _SYLLABLE.findall(text.lower())


def with_arabic_classes(words: Sequence[str]) -> list[str]:
    """Lower-case syllables with Roman numerals of classes in digits: records write "cảng cá loại I", people "loại 1"."""
    return [
        _ROMAN[word] if word in _ROMAN and at and words[at - 1] in _CLASS_WORDS else word for at, word in enumerate(words)
    ]


def warm_up() -> None:
    """Load the segmenter now instead of at the first question."""
    _segmenter()


def align(words: Sequence[str], text: str) -> list[tuple[int, int]] | None:
    """Lay words on a text, whatever its spacing.

    Returns:
        (start, end) of each word; None when the words' characters are not the text's.
    """
    spans: list[tuple[int, int]] = []
    position = 0
    for word in words:
        start = -1
        for char in word:
            if char.isspace():
                continue
            while position < len(text) and text[position].isspace():
                position += 1
            if position >= len(text) or text[position] != char:
                return None
            start = position if start < 0 else start
            position += 1
        if start >= 0:
            spans.append((start, position))
    return spans if not text[position:].strip() else None


def _segmenter() -> Callable[..., list[str]]:
    global _word_tokenize
    with _lock:
        if _word_tokenize is None:
            from underthesea import word_tokenize

            word_tokenize("khởi động", use_token_normalize=False)
            _word_tokenize = word_tokenize
    return _word_tokenize


def _warn_once() -> None:
    if not _has_warned.is_set():
        _has_warned.set()
        logger.warning("nlu-tokenizer-alignment: a text could not be aligned to its words; split at spaces")
