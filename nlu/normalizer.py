"""Bring what people type into one form: question and passage pass through the same functions.

``normalise`` changes spelling only where two spellings are the same word (Unicode form, tone placement,
stretched letters); ``expand_abbreviations`` reads teencode and office abbreviations from
``abbreviations.yml``; ``strip_diacritics`` is the form in which text with and without marks meet.
None of them ever adds a fact.
"""

from __future__ import annotations

import html
import re
import unicodedata

from nlu.abbreviations import load_abbreviations

NORMALIZER_VERSION = "4"

_TAG = re.compile(r"<!--.*?-->|</?[a-zA-Z][^<>]*>", re.DOTALL)
_SPACE = re.compile(r"\s+")
_KEPT_SYMBOLS = frozenset("°№℃")
_MAX_PASSES = 8  # everyday text is stable after one; nested entities made on purpose need more


def normalise(text: str) -> str:
    """Clean a text without changing its words.

    NFC; control, zero-width and private-use characters, HTML tags and emoji dropped; white space
    collapsed; tone marks placed the traditional way (hoà becomes hòa, thuý thúy, quý stays); letters
    repeated three times or more for emphasis cut to one ("nhaaaa"), Roman numerals and "cccd" apart.

    Returns:
        The cleaned text; "" when nothing readable is left. Idempotent. Letter case is kept.
    """
    for _ in range(_MAX_PASSES):
        cleaned = _normalise_once(text)
        if cleaned == text:
            break
        text = cleaned
    return text


def expand_abbreviations(text: str) -> str:
    """Write out teencode and office abbreviations ("ko" becomes "không", "bhyt" "bảo hiểm y tế").

    Where an abbreviation has several readings its neighbours decide, as the table says. Codes, document
    numbers, addresses and anything else with digits or signs inside are left alone.

    Args:
        text: as ``normalise`` returns it.
    """
    return load_abbreviations().expand(text)


def place_tones(text: str) -> str:
    """Set tone marks the traditional way and nothing else (hoà becomes hòa); ``text`` is NFC."""
    text = _OPEN.sub(lambda match: _move_tone(match.group(), to=0), text)
    text = _CLOSED.sub(lambda match: _move_tone(match.group(), to=1), text)
    return _AFTER_Q.sub(lambda match: _move_tone(match.group(), to=1), text)


def strip_diacritics(text: str) -> str:
    """Drop every combining mark and turn đ into d.

    Returns:
        NFC. For NFC Vietnamese the result has the same length as the text, so offsets carry over.
    """
    decomposed = unicodedata.normalize("NFD", text)
    bare = "".join(char for char in decomposed if not _is_mark(char))
    return unicodedata.normalize("NFC", bare.replace("đ", "d").replace("Đ", "D"))


def has_diacritics(text: str) -> bool:
    """Whether the text holds any letter with a mark (or đ): False means "typed without diacritics"."""
    return strip_diacritics(text) != unicodedata.normalize("NFC", text)


def fold_with_offsets(text: str) -> tuple[str, list[int]]:
    """Lower-case and strip a text while remembering where each character stood.

    Returns:
        The folded text and, for each of its characters plus one for its end, the offset in ``text``.
        Works for NFC and NFD text alike.
    """
    folded: list[str] = []
    offsets: list[int] = []
    for position, char in enumerate(text):
        for piece in strip_diacritics(char).lower():
            if not _is_mark(piece):
                folded.append(piece)
                offsets.append(position)
    offsets.append(len(text))
    return "".join(folded), offsets


def _normalise_once(text: str) -> str:
    text = _drop_invisible(_unescape(text))
    text = unicodedata.normalize("NFC", text)
    text = _TAG.sub(" ", text)
    text = "".join(" " if _is_pictogram(char) else char for char in text)
    text = _cut_repeats(text)
    text = place_tones(text)
    return _SPACE.sub(" ", text).strip()


def _unescape(text: str) -> str:
    while "&" in text:
        plain = html.unescape(text)
        if plain == text:
            break
        text = plain
    return text


def _drop_invisible(text: str) -> str:
    return "".join(
        " " if char.isspace() else char
        for char in text
        if char.isspace() or unicodedata.category(char) not in ("Cc", "Cf", "Cs")
    )


def _is_pictogram(char: str) -> bool:
    category = unicodedata.category(char)
    if category == "So":
        return char not in _KEPT_SYMBOLS
    return category == "Co" or char in "\ufe0e\ufe0f\u20e3" or "\U0001f3fb" <= char <= "\U0001f3ff"


def _is_mark(char: str) -> bool:
    return unicodedata.category(char).startswith("M")


# Letters repeated for emphasis.

_WORD = re.compile(r"[^\W\d_]+")
_VOWELS = frozenset("aeiouy")
_ROMAN = re.compile(r"[IVXLCDM]+|[ivx]+")


def _cut_repeats(text: str) -> str:
    return _WORD.sub(lambda match: _cut_word(match.group()), text)


def _cut_word(word: str) -> str:
    if len(word) < 3 or _ROMAN.fullmatch(word):
        return word
    bases = strip_diacritics(word).lower()
    if len(bases) != len(word):
        return word
    kept: list[str] = []
    start = 0
    for end in range(1, len(word) + 1):
        if end == len(word) or bases[end] != bases[start]:
            run = word[start:end]
            kept.append(_one_of(run) if _is_stretched(bases, start, end) else run)
            start = end
    return "".join(kept)


def _is_stretched(bases: str, start: int, end: int) -> bool:
    """Three vowels, or consonants at the end of a syllable; "cccd" and "www" are words, "kkkk" is not."""
    length = end - start
    if length < 3:
        return False
    return bases[start] in _VOWELS or length > 3 or (end == len(bases) and bool(_VOWELS & set(bases)))


def _one_of(run: str) -> str:
    """One letter for a run of it: its marked form where it has one ("nháaa" is "nhá")."""
    return next((char for char in run if has_diacritics(char)), run[0])


# Tone placement: òa òe ùy at the end of a syllable, oà oè uỳ before a final consonant.

_TONES = "\u0300\u0301\u0309\u0303\u0323"
_OPEN = re.compile(r"(?<![qQ])([oO])([àáảãạèéẻẽẹÀÁẢÃẠÈÉẺẼẸ])(?!\w)|(?<![qQ])([uU])([ỳýỷỹỵỲÝỶỸỴ])(?!\w)")
_CLOSED = re.compile(r"([òóỏõọÒÓỎÕỌ])([aeAE])(?=[cmnptiyoCMNPTIYO])|([ùúủũụÙÚỦŨỤ])([yY])(?=[cnptCNPT])")
_AFTER_Q = re.compile(r"(?<=[qQ])([ùúủũụÙÚỦŨỤ])([aeoyAEOYêÊ])")


def _move_tone(pair: str, to: int) -> str:
    decomposed = unicodedata.normalize("NFD", pair)
    tone = next(char for char in decomposed if char in _TONES)
    letters = unicodedata.normalize("NFC", decomposed.replace(tone, ""))
    moved = letters[: to + 1] + tone + letters[to + 1 :]
    return unicodedata.normalize("NFC", moved)
