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
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from nlu.errors import ModelError

RESTORER_VERSION = 2
_WORD = re.compile(r"[^\W_]+", re.UNICODE)
_PIECES = re.compile(r"[^\W_]+|[\W_]+", re.UNICODE)
_START = "<s>"
_BIGRAM_WEIGHT = 0.75  # interpolation of bigram and unigram; .6 to .85 made no difference (probes)
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
        self._total = sum(v for k, v in self._unigrams.items() if k != _START) or 1.0
        candidates: dict[str, list[str]] = defaultdict(list)
        for syllable in sorted(self._unigrams, key=lambda s: -self._unigrams[s]):
            if syllable != _START and len(candidates[bare(syllable)]) < _MAX_CANDIDATES:
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

    def is_vietnamese(self, bare_syllable: str) -> bool:
        """Whether a bare syllable has a marked form, as most Vietnamese ones do and few foreign words."""
        return any(candidate != bare_syllable for candidate in self._candidates.get(bare_syllable, ()))

    def _viterbi(self, syllables: Sequence[str]) -> tuple[list[str], float]:
        beam: dict[str, tuple[float, list[str]]] = {_START: (0.0, [])}
        margins: list[float] = []
        for syllable in syllables:
            options = self._candidates.get(syllable, [syllable]) if bare(syllable) == syllable else [syllable]
            step: dict[str, tuple[float, list[str]]] = {}
            for option in options:
                score, path = max(
                    ((s + self._log_probability(prev, option), p) for prev, (s, p) in beam.items()),
                    key=lambda pair: pair[0],
                )
                step[option] = (score, path + [option])
            beam = step
            margins.append(_posterior_of_best([s for s, _ in step.values()]))
        best = max(beam.values(), key=lambda pair: pair[0])[1]
        return best, float(np.mean(margins))

    def _log_probability(self, previous: str, current: str) -> float:
        unigram = (self._unigrams.get(current, 0.0) + 0.01) / self._total
        seen = self._unigrams.get(previous, 0.0)
        if not seen:
            return math.log(unigram)
        bigram = self._bigrams.get((previous, current), 0.0) / seen
        return math.log(_BIGRAM_WEIGHT * bigram + (1 - _BIGRAM_WEIGHT) * unigram)

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
            previous = _START
            for syllable in _WORD.findall(sentence):
                unigrams[syllable] += weight
                bigrams[previous, syllable] += weight
                unigrams[_START] += weight if previous == _START else 0.0
                previous = syllable
    kept = {pair: w for pair, w in bigrams.items() if w >= _MIN_BIGRAM}
    used: set[str] = {s for pair in kept for s in pair}
    return Restorer({s: w for s, w in unigrams.items() if w >= 1.0 or s in used}, kept)


def general_vietnamese() -> Iterable[tuple[str, float]]:
    """Everyday Vietnamese that the underthesea package ships (a word list and a tagged news sample)."""
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


def _posterior_of_best(log_scores: Sequence[float]) -> float:
    best = max(log_scores)
    return 1.0 / sum(math.exp(s - best) for s in log_scores)
