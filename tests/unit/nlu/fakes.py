"""Stand-ins for the room's models."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np


class HashEncoder:
    """Unit vectors from the hash of each word: like texts are near, nothing is learnt."""

    name = "hash"
    dimension = 32

    def __init__(self, digest: str = "fake") -> None:
        self.digest = digest
        self.n_encoded = 0

    def encode_queries(self, texts: Sequence[str]) -> np.ndarray:
        self.n_encoded += len(texts)
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in text.lower().split():
                row += np.random.RandomState(zlib.crc32(word.encode())).standard_normal(self.dimension)
        return (rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)).astype(np.float32)
