"""Puts diacritics back where a text was typed without them.

A bigram model over syllables: for every bare syllable the accented forms seen in training are candidates,
and Viterbi picks the likeliest path. Syllables that carry a mark already are kept as typed and anchor the
rest. The model is trained on the knowledge being indexed and on general Vietnamese that underthesea ships,
so it is an artefact of an index build, not a file of the repository.
"""

from __future__ import annotations

import math
import os
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import yaml

from nlu.errors import ModelError
from nlu.normalizer import place_tones

RESTORER_VERSION = 3
EVERYDAY_PATH = Path(__file__).with_name("everyday.yml")
_WORD = re.compile(r"[^\W_]+", re.UNICODE)
_PIECES = re.compile(r"[^\W_]+|[\W_]+", re.UNICODE)
START = "<s>"
_BIGRAM_WEIGHT = 0.8  # interpolation of bigram and unigram; .6 to .85 made no difference (probes)
_VARIETY_WEIGHT = 0.7  # tried 0, .5, .9 (docs/decisions/0008-normalising.md)
_MIN_BIGRAM = 2.0
_MAX_CANDIDATES = 12


def bare(text: str) -> str:
    """Lower case without diacritics (đ becomes d)."""
    decomposed = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def share_of_marked_syllables(text: str) -> float:
    """Part of the alphabetic syllables that carry a diacritic, 0..1; ordinary Vietnamese has about .7."""
    words = [w for w in _WORD.findall(text.lower()) if w.isalpha()]
    if not words:
        return 1.0
    return sum(bare(w) != w for w in words) / len(words)


@dataclass(frozen=True)
class Restoration:
    """``text`` with diacritics; ``confidence`` 0..1 is the mean posterior of the syllables chosen."""

    text: str
    confidence: float


class Restorer:
    """The model. ``unigrams`` and ``bigrams`` hold weighted counts of lower-case NFC syllables."""

    def __init__(self, unigrams: Mapping[str, float], bigrams: Mapping[tuple[str, str], float]) -> None:
        self._unigrams = dict(unigrams)
        self._bigrams = dict(bigrams)
        self._total = sum(v for k, v in self._unigrams.items() if k != START) or 1.0
        self._n_before = Counter(current for _, current in self._bigrams)
        self._n_pairs = len(self._bigrams) or 1
        candidates: dict[str, list[str]] = defaultdict(list)
        for syllable in sorted(self._unigrams, key=lambda s: -self._unigrams[s]):
            if syllable != START and len(candidates[bare(syllable)]) < _MAX_CANDIDATES:
                candidates[bare(syllable)].append(syllable)
        self._candidates = dict(candidates)

    def restore(self, text: str, keep_above: float = 0.45) -> Restoration:
        """Restore ``text`` (NFC).

        Args:
            keep_above: a text whose share of marked syllables is above this was typed with diacritics
                and is returned unchanged with confidence 1.
        """
        if share_of_marked_syllables(text) > keep_above:
            return Restoration(text, 1.0)
        pieces = _PIECES.findall(text)
        spots = [i for i, piece in enumerate(pieces) if _WORD.fullmatch(piece)]
        if not spots:
            return Restoration(text, 1.0)
        chosen, confidence = self._viterbi([pieces[i].lower() for i in spots])
        for i, syllable in zip(spots, chosen, strict=False):
            pieces[i] = syllable
        return Restoration("".join(pieces), confidence)

    @property
    def candidates(self) -> Mapping[str, Sequence[str]]:
        """For each bare form the syllables seen with these letters, the most frequent first."""
        return self._candidates

    def count(self, syllable: str) -> float:
        """Weighted count of a lower-case syllable in the training texts."""
        return self._unigrams.get(syllable, 0.0)

    def pair_count(self, first: str, second: str) -> float:
        """Weighted count of the second syllable right after the first; 0 where it may be chance."""
        return self._bigrams.get((first, second), 0.0)

    def scorer(self, current: str) -> Callable[[str], float]:
        """How well a syllable follows others: a function from the one before (``START`` opens a sentence) to the
        natural logarithm of the probability."""
        bigrams, unigrams, unigram = self._bigrams, self._unigrams, self._base(current)
        unseen, backed_off = math.log(unigram), math.log((1 - _BIGRAM_WEIGHT) * unigram)

        def score(previous: str) -> float:
            pair = bigrams.get((previous, current))
            if pair is None:
                return backed_off if previous in unigrams else unseen
            return math.log(_BIGRAM_WEIGHT * pair / unigrams[previous] + (1 - _BIGRAM_WEIGHT) * unigram)

        return score

    def is_vietnamese(self, bare_syllable: str) -> bool:
        """Whether a bare syllable has a marked form, as most Vietnamese ones do and few foreign words."""
        return any(candidate != bare_syllable for candidate in self._candidates.get(bare_syllable, ()))

    def _viterbi(self, syllables: Sequence[str]) -> tuple[list[str], float]:
        beam: dict[str, tuple[float, list[str]]] = {START: (0.0, [])}
        margins: list[float] = []
        for syllable in syllables:
            options = self._candidates.get(syllable, [syllable]) if bare(syllable) == syllable else [syllable]
            step: dict[str, tuple[float, list[str]]] = {}
            for option in options:
                follows = self.scorer(option)
                score, path = max(((s + follows(prev), p) for prev, (s, p) in beam.items()), key=lambda pair: pair[0])
                step[option] = (score, path + [option])
            beam = step
            margins.append(_posterior_of_best([s for s, _ in step.values()]))
        best = max(beam.values(), key=lambda pair: pair[0])[1]
        return best, float(np.mean(margins))

    def _base(self, syllable: str) -> float:
        """Probability of a syllable after one with which it was never seen: how frequent it is, and after how many
        different syllables it stands (Kneser and Ney 1995): "mướn" is frequent, but only in "thuê mướn"."""
        frequency = (self._unigrams.get(syllable, 0.0) + 0.01) / self._total
        variety = self._n_before[syllable] / self._n_pairs
        return (1 - _VARIETY_WEIGHT) * frequency + _VARIETY_WEIGHT * variety

    def save(self, path: str) -> None:
        """Write one ``.npz`` file; :meth:`load` gives an equal model back."""
        vocabulary = sorted(self._unigrams)
        number = {s: i for i, s in enumerate(vocabulary)}
        pairs = sorted((number[a], number[b], w) for (a, b), w in self._bigrams.items())
        np.savez_compressed(
            path,
            version=np.array(RESTORER_VERSION),
            vocabulary=np.array("\n".join(vocabulary)),
            unigrams=np.array([self._unigrams[s] for s in vocabulary], dtype=np.float32),
            pairs=np.array([(a, b) for a, b, _ in pairs], dtype=np.int32).reshape(-1, 2),
            weights=np.array([w for _, _, w in pairs], dtype=np.float32),
        )

    @classmethod
    def load(cls, path: str) -> Restorer:
        """Read what :meth:`save` wrote.

        Raises:
            ModelError: file missing, damaged or of another version.
        """
        try:
            with np.load(path, allow_pickle=False) as data:
                version = int(data["version"])
                vocabulary = str(data["vocabulary"]).split("\n")
                unigrams = dict(zip(vocabulary, data["unigrams"].tolist(), strict=False))
                weights = data["weights"].tolist()
                bigrams = {
                    (vocabulary[a], vocabulary[b]): w for (a, b), w in zip(data["pairs"].tolist(), weights, strict=False)
                }
        except (OSError, KeyError, ValueError, EOFError) as exc:
            raise ModelError(
                f"diacritics model {os.path.basename(path)}: expected an intact file of version "
                f"{RESTORER_VERSION}, could not read it ({type(exc).__name__}); run `motcua index` again"
            ) from exc
        except Exception as exc:  # zipfile.BadZipFile and zlib.error have no common base with the above
            raise ModelError(
                f"diacritics model {os.path.basename(path)} is damaged ({type(exc).__name__}); run `motcua index` again"
            ) from exc
        if version != RESTORER_VERSION:
            raise ModelError(
                f"diacritics model {os.path.basename(path)}: expected version {RESTORER_VERSION}, found {version}; "
                "run `motcua index` again"
            )
        return cls(unigrams, bigrams)


def train_restorer(weighted_texts: Iterable[tuple[str, float]]) -> Restorer:
    """Count syllables and pairs.

    Args:
        weighted_texts: (accented NFC text, weight) pairs; texts that seem typed without diacritics are skipped.
    """
    unigrams: Counter = Counter()
    bigrams: Counter = Counter()
    for text, weight in weighted_texts:
        if share_of_marked_syllables(text) < 0.25 and len(text) > 30:
            continue
        for sentence in re.split(r"[.;:!?\n]+", text.lower()):
            previous = START
            for word in _WORD.findall(sentence):
                syllable = _one_spelling(word)
                unigrams[syllable] += weight
                bigrams[previous, syllable] += weight
                unigrams[START] += weight if previous == START else 0.0
                previous = syllable
    kept = {pair: w for pair, w in bigrams.items() if w >= _MIN_BIGRAM}
    used: set[str] = {s for pair in kept for s in pair}
    return Restorer({s: w for s, w in unigrams.items() if w >= 1.0 or s in used}, kept)


@lru_cache(maxsize=100_000)
def _one_spelling(word: str) -> str:
    return place_tones(word)


def general_vietnamese() -> Iterable[tuple[str, float]]:
    """Everyday questions (everyday.yml), and what the underthesea package ships: a word list, a news sample."""
    yield from _everyday_sentences()
    import importlib.util

    spec = importlib.util.find_spec("underthesea")
    if spec is None or spec.origin is None:
        return
    root = os.path.dirname(spec.origin)
    words = os.path.join(root, "corpus", "data", "Viet74K.txt")
    if os.path.isfile(words):
        with open(words, encoding="utf-8") as lines:
            for line in lines:
                yield unicodedata.normalize("NFC", line.strip()), 0.5
    news = os.path.join(root, "pipeline", "pos_tag", "models", "pos_crf_vlsp2013_20230303", "test_output.txt")
    if os.path.isfile(news):
        with open(news, encoding="utf-8", errors="ignore") as lines:
            sentence: list[str] = []
            for line in lines:
                columns = line.rstrip("\n").split("\t")
                if len(columns) < 2:
                    yield unicodedata.normalize("NFC", " ".join(sentence)), 2.0
                    sentence = []
                else:
                    sentence.append(columns[0].replace("_", " "))


def _everyday_sentences() -> Iterable[tuple[str, float]]:
    table = yaml.safe_load(EVERYDAY_PATH.read_text(encoding="utf-8"))
    for line in table["sentences"].splitlines():
        yield unicodedata.normalize("NFC", line.strip()), float(table["weight"])


def _posterior_of_best(log_scores: Sequence[float]) -> float:
    best = max(log_scores)
    return 1.0 / sum(math.exp(s - best) for s in log_scores)
