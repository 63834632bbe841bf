"""Merging scores of different scales. Min-max beat reciprocal ranks on every register (docs/decisions)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

_COSINE_FLOOR, _COSINE_RANGE = 0.78, 0.16


def min_max(scores: np.ndarray) -> np.ndarray:
    """Scale to 0..1; all zeros when every score is the same."""
    low, high = float(scores.min(initial=np.inf)), float(scores.max(initial=-np.inf))
    if not high > low:
        return np.zeros_like(scores, dtype=np.float32)
    return ((scores - low) / (high - low)).astype(np.float32)


def scaled_cosine(cosine: np.ndarray | float, most: float = 1.5) -> np.ndarray:
    """0 to ``most`` over the narrow range that e5's cosines use: about 0 for texts with nothing in common, 1 for
    nearly the same."""
    return np.clip((cosine - _COSINE_FLOOR) / _COSINE_RANGE, 0.0, most)


def fuse(scaled: Mapping[str, np.ndarray], weights: Mapping[str, float]) -> np.ndarray:
    """Weighted sum of scaled scores; a weight must exist for each."""
    total = None
    for name, scores in scaled.items():
        part = weights[name] * scores
        total = part if total is None else total + part
    if total is None:
        raise ValueError("fuse needs at least one list of scores")
    return total
