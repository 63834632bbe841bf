"""Question frames: the words that say what is asked ("cần giấy tờ gì", "bao lâu thì có"), cut away so that
what remains is the matter itself. Frames live in nlu/frames.yml, written without diacritics."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from re import Pattern

import yaml

from nlu.diacritics import bare
from nlu.tokenizer import syllables

_FILE = Path(__file__).with_name("frames.yml")
_ENDS = " ?!.,;:…"
_ASKED_ABOUT = frozenset({"được", "có", "phải", "đúng", "hay"})  # before "không": "được không", "phải không"
_MIN_LEFT = 2  # syllables that must remain; with fewer the whole question is the matter


def matter_of(question: str) -> str:
    """The question without its frames.

    Args:
        question: NFC, with or without diacritics.

    Returns:
        What is left, or the question itself when fewer than two syllables would be left.
    """
    left = _without_frames(question)
    return left if len(left.split()) >= _MIN_LEFT else question


def without_repair(message: str) -> str:
    """A correction without its opening: "không, ý em là làm di chúc" is "làm di chúc"; unchanged where nothing is left.

    Args:
        message: as typed, NFC.
    """
    mask = bare(message.lower())
    if len(mask) != len(message):
        return message
    end = max((m.end() for m in (p.match(mask) for p in _patterns("repairs")) if m), default=0)
    return message[end:].strip() or message


def content_words(question: str) -> list[str]:
    """Words of the question that name a matter: no frames, no fillers; [] for "thế nộp ở đâu".

    Args:
        question: NFC, diacritics restored: "sổ đỏ" is a matter, "sơ", "đó" are not.
    """
    return [word for word in _without_frames(question).split() if word.lower() not in _fillers()]


def telling_words(text: str) -> list[str]:
    """Words of a matter or of its name that tell what it is: politeness, particles and verbs of asking left out.

    Args:
        text: NFC; words without diacritics are kept, since "xin" and "xịn" are not told apart in them.

    Returns:
        Lower-case words in order; all words where nothing else would be left.
    """
    words = syllables(text.lower())
    return [w for i, w in enumerate(words) if w not in _soft() or _negates(words, i)] or words


def _negates(words: list[str], at: int) -> bool:
    """Whether "không" denies what follows ("trường hợp không phải đánh giá rủi ro") instead of asking ("được không")."""
    is_asking = at == 0 or words[at - 1] in _ASKED_ABOUT or all(w in _soft() for w in words[at:])
    return words[at] == "không" and not is_asking


def _without_frames(question: str) -> str:
    question = question.rstrip(_ENDS)  # a frame may end the question, not its question mark
    mask = bare(question)
    if len(mask) != len(question):  # a letter outside NFC Vietnamese: offsets would slip
        return question
    is_marked = mask != question.lower()
    kept = list(question)
    for frame in _frames():
        start = 0
        while match := frame.search(mask, start):
            start = match.end()
            if is_marked and not _is_spelled_so(question[match.start() : match.end()]):
                start = match.start() + 1  # a shorter one may begin within it
            else:
                blank = " " * (match.end() - match.start())
                kept[match.start() : match.end()] = blank
                mask = mask[: match.start()] + blank + mask[match.end() :]
    return re.sub(r"[\s?!.,;:]+", " ", "".join(kept)).strip()


def _is_spelled_so(found: str) -> bool:
    """Whether what a frame matched without diacritics is spelled as the frame means it: "thì", not "thi"."""
    forms = _spelled()
    return all(syllable in forms.get(bare(syllable), (syllable,)) for syllable in syllables(found.lower()))


@lru_cache(maxsize=1)
def _spelled() -> dict[str, frozenset[str]]:
    table = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    own_words = set(table["own_words"].split())
    return {
        syllable: frozenset(forms.split()) | (frozenset() if syllable in own_words else {syllable})
        for syllable, forms in table["spelled"].items()
    }


@lru_cache(maxsize=1)
def _fillers() -> frozenset[str]:
    return frozenset(yaml.safe_load(_FILE.read_text(encoding="utf-8"))["fillers"].split())


@lru_cache(maxsize=1)
def _soft() -> frozenset[str]:
    return frozenset(yaml.safe_load(_FILE.read_text(encoding="utf-8"))["soft"].split())


def _frames() -> list[Pattern[str]]:
    return _patterns("frames")


@lru_cache(maxsize=2)
def _patterns(table: str) -> list[Pattern[str]]:
    lines = yaml.safe_load(_FILE.read_text(encoding="utf-8"))[table]
    return [re.compile(rf"(?<![^\W_])(?:{line})(?![^\W_])") for line in lines]
