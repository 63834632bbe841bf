"""More texts than there are: two real sentences of one field, and a vector made from theirs.

SYNTHETIC, and called so in every table. The text is made of real sentences; its vector is not the encoder's, but the
mean of the sentences' real vectors (by length) plus noise. The noise has the covariance of what is left over when real
pairs of sentences, whose vectors the encoder gave, are compared with the means of their parts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bench.scale.texts import SEED

_BLOCK = 20_000  # texts made at a time
_LEAST_PAIRS = 100  # to learn the noise from


@dataclass(frozen=True)
class Sentence:
    """A real sentence with its real vector, float32 (dim,), unit length, and the field it is about."""

    text: str
    vector: np.ndarray
    field: str


class Mixer:
    """Makes texts and vectors; the same ones for the same seed."""

    def __init__(self, sentences: Sequence[Sentence], residuals: np.ndarray) -> None:
        """``residuals``: float32 (n, dim), of :func:`residuals_of`."""
        if len(residuals) < _LEAST_PAIRS:
            raise ValueError(f"expected {_LEAST_PAIRS} encoded pairs to learn the noise from, came {len(residuals)}; encode more")
        self._texts = [s.text for s in sentences]
        self._vectors = np.stack([s.vector for s in sentences])
        self._lengths = np.array([len(s.text) for s in sentences], dtype=np.float32)
        self._shift = residuals.mean(axis=0)
        # A square root of the covariance: standard normal numbers times it are noise of that covariance.
        values, axes = np.linalg.eigh(np.cov(residuals, rowvar=False))
        self._noise = (np.sqrt(np.maximum(values, 0))[:, None] * axes.T).astype(np.float32)
        fields = np.array([s.field for s in sentences])
        self._order = np.argsort(fields, kind="stable")
        _, self._starts, self._sizes = np.unique(fields[self._order], return_index=True, return_counts=True)

    def mixed(self, n: int) -> tuple[list[str], np.ndarray]:
        """``n`` distinct texts of two sentences and their vectors, float16 (n, dim)."""
        generator = np.random.default_rng(SEED)
        pairs = self._pairs(n, generator)
        vectors = np.empty((n, self._vectors.shape[1]), dtype=np.float16)
        for start in range(0, n, _BLOCK):
            part = pairs[start : start + _BLOCK]
            noise = generator.standard_normal((len(part), vectors.shape[1]), dtype=np.float32) @ self._noise
            noisy = _means(self._vectors[part], self._lengths[part]) + self._shift + noise
            vectors[start : start + len(part)] = noisy / np.linalg.norm(noisy, axis=1, keepdims=True)
        return [f"{self._texts[a]} {self._texts[b]}" for a, b in pairs.tolist()], vectors

    def _pairs(self, n: int, generator: np.random.Generator) -> np.ndarray:
        """Distinct ordered pairs of different sentences of one field, each as likely as the other: int (n, 2)."""
        chances = self._sizes.astype(float) * (self._sizes - 1)
        if chances.sum() < 2 * n:
            raise ValueError(f"expected sentences for {n} mixed texts, came {int(chances.sum())} pairs of one field; encode more")
        codes = np.zeros(0, dtype=np.int64)
        while len(codes) < n:
            groups = generator.choice(len(self._sizes), size=n, p=chances / chances.sum())
            first = (generator.random(n) * self._sizes[groups]).astype(np.int64)
            step = 1 + (generator.random(n) * (self._sizes[groups] - 1)).astype(np.int64)
            second = (first + step) % self._sizes[groups]
            pairs = self._starts[groups][:, None] + np.stack([first, second], axis=1)
            codes = np.unique(np.concatenate([codes, pairs[:, 0] * len(self._order) + pairs[:, 1]]))
        codes = generator.permutation(codes)[:n]
        return self._order[np.stack(np.divmod(codes, len(self._order)), axis=1)]


def residuals_of(pairs: Sequence[tuple[str, str]], vectors: Mapping[str, np.ndarray]) -> np.ndarray:
    """What the encoder gives for a pair less the mean of its parts, for the pairs all three of whose vectors are known."""
    found = [
        vectors[f"{a} {b}"] - _means(np.stack([vectors[a], vectors[b]])[None], np.array([[len(a), len(b)]], dtype=np.float32))[0]
        for a, b in pairs
        if a in vectors and b in vectors and f"{a} {b}" in vectors
    ]
    return np.array(found, dtype=np.float32).reshape(len(found), -1)


def _means(vectors: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Mean of each row's sentences by length, unit length: (n, sentences, dim) and (n, sentences) give (n, dim)."""
    total = np.einsum("nsd,ns->nd", vectors, lengths / lengths.sum(axis=1, keepdims=True))
    return total / np.linalg.norm(total, axis=1, keepdims=True)
