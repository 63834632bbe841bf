"""What several components of one process share: the encoder, and vectors while a model is trained."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from nlu.encoder import Encoder, load_encoder

#: Property of a message: its text normalised, abbreviations written out; "" for buttons and empty texts.
PREPARED_TEXT = "prepared_text"


@lru_cache(maxsize=2)
def shared_encoder(spec: str) -> Encoder:
    """The encoder a configuration names, loaded once a process (EncoderError where it cannot be)."""
    return load_encoder(spec)


class TrainingVectors:
    """An encoder that remembers its vectors while training, since featuriser and classifier ask for the same
    texts. Never used for citizens' messages: their words are not kept in memory."""

    def __init__(self, encoder: Encoder) -> None:
        self.dimension = encoder.dimension
        self.digest = encoder.digest
        self._encoder = encoder
        self._vectors: dict[str, np.ndarray] = {}

    def encode_queries(self, texts: Sequence[str]) -> np.ndarray:
        new = [text for text in dict.fromkeys(texts) if text not in self._vectors]
        if new:
            self._vectors.update(zip(new, self._encoder.encode_queries(new), strict=True))
        return np.stack([self._vectors[text] for text in texts])

    def forget(self) -> None:
        self._vectors.clear()


@lru_cache(maxsize=2)
def training_vectors(spec: str) -> TrainingVectors:
    """The remembering encoder of this training run; ``forget`` it when training is over."""
    return TrainingVectors(shared_encoder(spec))
