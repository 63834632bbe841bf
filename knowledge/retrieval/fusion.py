"""Merging scores of different scales. Min-max beat reciprocal ranks on every register (docs/decisions)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np


def min_max(scores: np.ndarray) -> np.ndarray:
    """Scale to 0..1; all zeros when every score is the same."""
    low, high = float(scores.min(initial=np.inf)), float(scores.max(initial=-np.inf))
    if not high > low:
        return np.zeros_like(scores, dtype=np.float32)
    return ((scores - low) / (high - low)).astype(np.float32)


def fuse(scaled: Mapping[str, np.ndarray], weights: Mapping[str, float]) -> np.ndarray:
    """Weighted sum of scaled scores; a weight must exist for each."""
    total = None
    for name, scores in scaled.items():
        part = weights[name] * scores
        total = part if total is None else total + part
    if total is None:
        raise ValueError("fuse needs at least one list of scores")
    return total
