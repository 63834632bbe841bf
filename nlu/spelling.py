"""What a typed word may have been meant to be: every plausible word with what the slip costs.

The model of slips (``spelling.yml``) says how fingers and keyboards go wrong; which of the words was meant is
for the language model of ``nlu/reading.py`` to decide from the neighbours. Candidates are found through the
letters that are left when one is taken away, from a table built once over the words of the restorer.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from nlu.diacritics import Restorer, bare
from nlu.regional import is_regional
from nlu.syllables import decode_keys, is_syllable

SLIPS_PATH = Path(__file__).with_name("spelling.yml")

_COSTS = (
    "decoded", "doubled", "swapped", "missing_before_g", "missing", "extra", "neighbour", "other",
    "first_letter", "sound", "shorthand", "mark_added", "mark_removed", "tone_alike",
    "known_word", "split", "split_one_letter", "joined", "unknown",
)
_KEYBOARD = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_MIN_COUNT = 3.0  # a syllable seen less often in the knowledge may itself be a slip
_MIN_COUNT_OTHER = 20.0  # the same for what is no Vietnamese syllable: abbreviations, foreign words
_MIN_LETTERS = 3  # a shorter word is a slip of too many others
_MAX_CANDIDATES = 40
_HOOKS = ("\u0303", "\u0309")  # ngã and hỏi sound alike in the south


@dataclass(frozen=True)
class Slips:
    """``spelling.yml`` as it is used: costs by name, pairs of sounds, shorthand letters, loan words."""

    costs: Mapping[str, float]
    onsets: tuple[tuple[str, str], ...]
    endings: tuple[tuple[str, str], ...]
    shorthand: Mapping[str, tuple[str, ...]]
    loan_words: frozenset[str]


@lru_cache(maxsize=1)
def load_slips() -> Slips:
    """Read the shipped model of slips once.

    Raises:
        ValueError: a cost is missing, unknown or no positive number; names the key.
    """
    table = yaml.safe_load(SLIPS_PATH.read_text(encoding="utf-8"))
    costs = table["costs"]
    wrong = sorted(set(costs) ^ set(_COSTS)) or [k for k, v in costs.items() if not isinstance(v, int | float) or v <= 0]
    if wrong:
        raise ValueError(f"{SLIPS_PATH.name}: costs: expected a positive number for each of {_COSTS}, wrong: {wrong}")
    return Slips(
        costs={key: float(value) for key, value in costs.items()},
        onsets=tuple((a, b) for a, b in table["sounds"]["onsets"]),
        endings=tuple((a, b) for a, b in table["sounds"]["endings"]),
        shorthand={key: tuple(values) for key, values in table["shorthand"].items()},
        loan_words=frozenset(table["loan_words"].split()),
    )


class Speller:
    """Candidates for a typed word, from the words of one restorer."""

    def __init__(self, restorer: Restorer, slips: Slips | None = None) -> None:
        self._restorer = restorer
        self._slips = slips or load_slips()
        self._by_bare: dict[str, tuple[str, ...]] = {}
        self._by_deletion: dict[str, list[str]] = defaultdict(list)
        for bare_form, candidates in restorer.candidates.items():
            words = tuple(word for word in candidates if is_syllable(word) and restorer.count(word) >= _MIN_COUNT)
            if words and bare_form.isalpha():
                self._by_bare[bare_form] = words
                for shorter in {bare_form, *_deletions(bare_form)}:
                    self._by_deletion[shorter].append(bare_form)

    def is_known(self, word: str) -> bool:
        """Whether a lower-case word exists: a syllable or term of the knowledge, or a loan word."""
        if word in self._slips.loan_words or is_regional(word):
            return True
        return self._restorer.count(word) >= (_MIN_COUNT if is_syllable(word) else _MIN_COUNT_OTHER)

    def is_settled(self, word: str) -> bool:
        """Whether a word can only be itself: a loan word or a known term that is no Vietnamese syllable."""
        return word in self._slips.loan_words or (
            bare(word) == word and word not in self._by_bare and self.is_known(word)
        )

    def same_letters(self, word: str) -> tuple[str, ...]:
        """The known syllables with these bare letters, the most frequent first."""
        return self._by_bare.get(bare(word), ())

    def marks(self, typed: str, meant: str) -> float:
        """Cost of the marks by which two spellings of the same or similar letters differ."""
        costs = self._slips.costs
        if typed == meant:
            return 0.0
        had, has = _marks(typed), _marks(meant)
        missing, wrong = [m for m in has if m not in had], [m for m in had if m not in has]
        if len(missing) == len(wrong) == 1 and missing[0] in _HOOKS and wrong[0] in _HOOKS:
            return costs["tone_alike"]
        return costs["mark_added"] * len(missing) + costs["mark_removed"] * len(wrong)

    def misspelt(self, word: str) -> dict[str, float]:
        """Words that an unknown word may have been meant to be: candidate -> cost, marks included."""
        found: dict[str, float] = {}
        decoded = decode_keys(word)
        if decoded is not None:
            for meant in self.same_letters(decoded) or (decoded,):
                _keep(found, meant, self._slips.costs["decoded"] + self.marks(decoded, meant))
        letters = bare(word)
        if letters.isalpha() and len(letters) >= 2:
            for other, cost in self._near(letters).items():
                for meant in self._by_bare[other]:
                    _keep(found, meant, cost + self.marks(word, meant))
        return dict(sorted(found.items(), key=lambda pair: pair[1])[:_MAX_CANDIDATES])

    def confused(self, word: str) -> dict[str, float]:
        """Words that a known word may stand for because they sound alike or differ in marks: candidate -> cost."""
        costs = self._slips.costs
        found: dict[str, float] = {}
        for meant in self.same_letters(word):
            _keep(found, meant, self.marks(word, meant) + costs["known_word"])
        for other, cost in self._sounding_like(bare(word)).items():
            for meant in self._by_bare[other]:
                marks = self.marks(word, meant)
                if marks <= costs["tone_alike"]:
                    _keep(found, meant, cost + costs["known_word"] + marks)
        found.pop(word, None)
        return found

    def _near(self, letters: str) -> dict[str, float]:
        costs = self._slips.costs
        found = self._one_slip_away(letters) if len(letters) >= _MIN_LETTERS else {}
        for key, meant in self._slips.shorthand.items():
            for onset in meant if letters.startswith(key) else ():
                other = onset + letters[len(key) :]
                if other in self._by_bare:
                    _keep(found, other, costs["shorthand"])
        return found

    def _one_slip_away(self, letters: str) -> dict[str, float]:
        found: dict[str, float] = {}
        for other in {o for key in (letters, *_deletions(letters)) for o in self._by_deletion.get(key, ())}:
            cost = self._slip(letters, other)
            if cost is not None:
                found[other] = cost + (self._slips.costs["first_letter"] if other[0] != letters[0] else 0.0)
        for other, cost in self._sounding_like(letters).items():
            _keep(found, other, cost)
        return found

    def _slip(self, typed: str, meant: str) -> float | None:
        """Cost of one slip that turns ``meant`` into ``typed``; None where one does not suffice."""
        costs = self._slips.costs
        if typed == meant:
            return 0.0
        start = next((i for i, (a, b) in enumerate(zip(typed, meant, strict=False)) if a != b), min(len(typed), len(meant)))
        if len(typed) == len(meant) + 1:
            if typed[:start] + typed[start + 1 :] != meant:
                return None
            return costs["doubled"] if start and typed[start] == typed[start - 1] else costs["extra"]
        if len(typed) + 1 == len(meant):
            if meant[:start] + meant[start + 1 :] != typed:
                return None
            return costs["missing_before_g"] if meant[start:] in ("ng", "nh") else costs["missing"]
        if len(typed) != len(meant):
            return None
        if typed[start : start + 2] == meant[start : start + 2][::-1] and typed[start + 2 :] == meant[start + 2 :]:
            return costs["swapped"]
        if typed[start + 1 :] != meant[start + 1 :]:
            return None
        return costs["neighbour"] if meant[start] in _NEIGHBOURS.get(typed[start], "") else costs["other"]

    def _sounding_like(self, letters: str) -> dict[str, float]:
        """Letters that sound like these: other -> cost; one sound exchanged, or both the first and the last."""
        once = self._slips.costs["sound"]
        heads = {letters: 0.0}
        for head in _exchanged(letters, self._slips.onsets, str.startswith, _with_head):
            _keep(heads, head, once)
        found = dict(heads)
        for head, cost in heads.items():
            for other in _exchanged(head, self._slips.endings, str.endswith, _with_tail):
                _keep(found, other, cost + once)
        return {other: cost for other, cost in found.items() if other != letters and other in self._by_bare}


def _exchanged(
    letters: str,
    pairs: Sequence[tuple[str, str]],
    stands: Callable[[str, str], bool],
    replace: Callable[[str, str, str], str],
) -> Iterator[str]:
    for first, second in pairs:
        for old, new in ((first, second), (second, first)):
            if stands(letters, old) and len(letters) > len(old):
                yield replace(letters, old, new)


def _with_head(letters: str, old: str, new: str) -> str:
    return new + letters[len(old) :]


def _with_tail(letters: str, old: str, new: str) -> str:
    return letters[: -len(old)] + new


def _deletions(letters: str) -> Iterable[str]:
    return (letters[:i] + letters[i + 1 :] for i in range(len(letters)))


@lru_cache(maxsize=50_000)
def _marks(word: str) -> tuple[str, ...]:
    """The combining marks of a word and its đ, in order."""
    return tuple(c for c in unicodedata.normalize("NFD", word) if unicodedata.combining(c) or c == "đ")


def _keep(found: dict[str, float], word: str, cost: float) -> None:
    if cost < found.get(word, float("inf")):
        found[word] = cost


def _neighbours() -> dict[str, str]:
    near: dict[str, str] = defaultdict(str)
    for row, keys in enumerate(_KEYBOARD):
        for column, key in enumerate(keys):
            for other_row in (row - 1, row, row + 1):
                if 0 <= other_row < len(_KEYBOARD):
                    near[key] += _KEYBOARD[other_row][max(column - 1, 0) : column + 2]
    return dict(near)


_NEIGHBOURS = _neighbours()
