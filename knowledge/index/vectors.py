"""Vectors kept between builds, so that only new texts are encoded."""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

log = logging.getLogger(__name__)
Progress = Callable[[int, int], None]
_BATCH = 256  # texts between two progress reports


class PassageEncoder(Protocol):
    """What a build needs of an encoder (nlu/encoder.py)."""

    name: str
    dimension: int
    digest: str

    def encode_passages(self, texts: Sequence[str]) -> np.ndarray: ...


class VectorCache:
    """One ``.npz`` per encoder: text digests and their vectors (float16: cosine differs by less than 1e-3)."""

    def __init__(self, folder: Path, encoder: PassageEncoder) -> None:
        self._path = folder / f"{encoder.digest[:16]}.npz"
        self._encoder = encoder
        self._known = self._load()

    def encode(self, texts: Sequence[str], on_progress: Progress | None = None) -> np.ndarray:
        """Vectors of ``texts``: float32 (n, dim), unit rows; unknown ones are encoded and remembered."""
        keys = [hashlib.sha1(t.encode()).hexdigest() for t in texts]
        missing = {k: t for k, t in zip(keys, texts, strict=True) if k not in self._known}
        pending = list(missing.items())
        for start in range(0, len(pending), _BATCH):
            batch = pending[start : start + _BATCH]
            vectors = self._encoder.encode_passages([t for _, t in batch])
            self._known.update(zip((k for k, _ in batch), vectors.astype(np.float16), strict=True))
            if on_progress:
                on_progress(start + len(batch), len(pending))
        if not texts:
            return np.zeros((0, self._encoder.dimension), dtype=np.float32)
        matrix = np.stack([self._known[k] for k in keys]).astype(np.float32)
        return matrix / np.linalg.norm(matrix, axis=1, keepdims=True)

    def save(self, used: Sequence[str] | None = None) -> None:
        """Write the cache in one step; ``used`` texts only where given, so it does not grow for ever."""
        keep = {hashlib.sha1(t.encode()).hexdigest() for t in used} if used is not None else set(self._known)
        items = [(k, v) for k, v in self._known.items() if k in keep]
        self._path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self._path.parent, suffix=".npz")
        with os.fdopen(handle, "wb") as file:
            np.savez(
                file,
                keys=np.array([k for k, _ in items]),
                vectors=np.array([v for _, v in items], dtype=np.float16),
            )
        os.replace(name, self._path)

    def _load(self) -> dict[str, np.ndarray]:
        if not self._path.exists():
            return {}
        try:
            with np.load(self._path, allow_pickle=False) as data:
                return dict(zip(data["keys"].tolist(), data["vectors"], strict=True))
        except Exception as exc:  # a cache: whatever is wrong with it, encoding anew is right, and says so
            log.warning("vector cache %s is unreadable (%s): encoding anew", self._path.name, type(exc).__name__)
            return {}
