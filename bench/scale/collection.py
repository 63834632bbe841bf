"""The texts and vectors of one size: real ones as far as they are encoded, mixed ones beyond."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.scale.mixing import Mixer, Sentence, residuals_of
from bench.scale.texts import pairs_of, real_texts, sentences_of
from knowledge.index.vectors import VectorCache
from knowledge.model import Passage
from nlu.encoder import Encoder


@dataclass(frozen=True)
class Collection:
    """``n_real`` of the vectors are the encoder's own, the rest made by bench/scale/mixing.py."""

    texts: list[str]
    vectors: np.ndarray
    n_real: int


class Collections:
    """Opens what was encoded and gives collections of any size."""

    def __init__(self, passages: Sequence[Passage], fields: Mapping[str, str], encoder: Encoder, cache_folder: Path) -> None:
        """``fields``: what each procedure is about, by code; a plan is a field of its own."""
        self._passages, self._fields = passages, fields
        self._texts = real_texts(self._passages)
        self._cache = VectorCache(cache_folder, encoder)
        self.n_passages = len(passages)

    @property
    def n_texts(self) -> int:
        """How many distinct real texts there are."""
        return len(self._texts)

    def encode(self, n: int, on_progress: Callable[[int, int], None] | None = None) -> None:
        """Encode the first ``n`` real texts; those of an earlier run are not encoded again."""
        self._cache.rows(self._texts[:n], on_progress)

    def of_size(self, n: int) -> Collection:
        known = [text for text in self._texts if self._cache.knows(text)]
        real = self._cache.rows(known)[:]
        if len(known) >= n:
            return Collection(known[:n], real[:n], n)
        mixer = self._mixer(dict(zip(known, real, strict=True)))
        texts, vectors = mixer.mixed(n - len(known))
        return Collection([*known, *texts], np.concatenate([real.astype(np.float16), vectors]), len(known))

    def _mixer(self, vectors: dict[str, np.ndarray]) -> Mixer:
        sentences: dict[str, Sentence] = {}
        for passage in self._passages:
            for text in sentences_of([passage]):
                if text in vectors:
                    field = self._fields.get(passage.record_id, passage.record_id)
                    sentences.setdefault(text, Sentence(text, vectors[text], field))
        return Mixer(list(sentences.values()), residuals_of(pairs_of(self._passages), vectors))
