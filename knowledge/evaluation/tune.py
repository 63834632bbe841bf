"""Fits the ranker's weights from the content's own questions, not from evaluation sets.

Run ``python -m knowledge.evaluation.tune`` on a built index; it prints the numbers for search.yml and, as ``shared``
and ``unasked``, those for circumstances.yml.

Every question of ``content/phrasings`` names its procedure. The ranker is a conditional logit over the candidates
of a question. For part of the questions aliases are hidden, so that the weights also fit words and procedures
nobody has written down. ``tune_judge`` beside this fits what to do about a ranking.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from knowledge.content.phrasings import load_phrasings
from knowledge.retrieval.circumstances import CircumstanceReader, load_circumstances
from knowledge.retrieval.config import Prior
from knowledge.retrieval.fusion import min_max
from knowledge.retrieval.ranker import ABSOLUTE
from knowledge.retrieval.search import Searcher

_N_CANDIDATES = 40
# Shares of questions asked with nobody's aliases there, and with three fifths of the right procedure's hidden:
# the questions' author wrote the aliases too, a citizen did not.
_HIDE_ALL, _HIDE_HALF = 0.2, 0.5
_RIDGE = 0.5
_PRIORS = ("commune", "province", "citizen")


@dataclass(frozen=True)
class Example:
    """Candidates of one question: features (n, k) and the position of the right one (-1: not among them)."""

    features: np.ndarray
    target: int


def content_questions(limit: int, seed: int) -> list[tuple[str, str]]:
    """(question, code) pairs of the phrasings, a fixed sample, with a copy without diacritics for every third."""
    from nlu.diacritics import bare

    pairs = [
        (question, code)
        for code, words in sorted(load_phrasings().items())
        for lines in words.questions.values()
        for question in lines
    ]
    random.Random(seed).shuffle(pairs)
    return [(bare(q) if n % 3 == 0 else q, code) for n, (q, code) in enumerate(pairs[:limit])]


def ranking_examples(
    searcher: Searcher, questions: Sequence[tuple[str, str]], seed: int
) -> Iterator[tuple[Example, tuple[str, ...]]]:
    """One example a question, and the names of its features."""
    rng = random.Random(seed)
    rows_of = {p.code: row for row, p in enumerate(searcher.index.procedures)}
    reader = CircumstanceReader(searcher.index.procedures)
    signals = [name for name in searcher.config.weights.model_dump() if name not in ("circumstances", "unasked")]
    names = (*signals, *_PRIORS, *(f"{kind} {name}" for kind in ("shared", "unasked") for name in load_circumstances()))
    priors = _prior_columns(searcher)
    for question, code in questions:
        if code not in rows_of:
            continue
        gold = rows_of[code]
        hidden = _hidden_titles(searcher, gold, rng)
        query = replace(searcher.prepare(question), hidden_titles=hidden)
        fused, raw = searcher.ranker.rank(query)
        scaled = {n: s if n in ABSOLUTE else min_max(s) for n, s in raw.items()}
        order = np.argsort(-fused)[:_N_CANDIDATES].tolist()
        if gold not in order:
            order[-1] = gold
        columns = [*(scaled[name][order] for name in signals), *(priors[name][order] for name in _PRIORS)]
        features = np.hstack([np.stack(columns, axis=1), *reader.columns(query, order)])
        yield Example(features, order.index(gold)), names


def fit_ranker(examples: Sequence[Example], start: np.ndarray) -> np.ndarray:
    """Weights that make the right candidates likeliest: non-negative for the signals, ridge towards nothing."""

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        total, gradient = _RIDGE * float(weights @ weights), 2 * _RIDGE * weights
        for example in examples:
            scores = example.features @ weights
            chances = np.exp(scores - scores.max())
            chances /= chances.sum()
            total -= float(np.log(chances[example.target] + 1e-12))
            gradient = gradient + chances @ example.features - example.features[example.target]
        return total, gradient

    bounds = [(0.0, None)] * len(start)
    return minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x


def _hidden_titles(
    searcher: Searcher, row: int, rng: random.Random, hide_all: float = _HIDE_ALL
) -> frozenset[int]:
    luck = rng.random()
    titles = list(enumerate(searcher.index.titles))
    if luck < hide_all:
        return frozenset(i for i, t in titles if not t.is_name)
    if luck < hide_all + _HIDE_HALF:
        return frozenset(i for i, t in titles if t.row == row and not t.is_name and rng.random() < 0.6)
    return frozenset()


def _prior_columns(searcher: Searcher) -> dict[str, np.ndarray]:
    from knowledge.retrieval.ranker import prior_of

    none = {key: 0.0 for key in Prior.model_fields}
    return {
        name: np.array([prior_of(p, Prior(**(none | {name: 1.0}))) for p in searcher.index.procedures])
        for name in _PRIORS
    }


def main(index_root: str, limit: int = 2400, seed: int = 7) -> None:
    """Fit and print; ``index_root`` is the folder of indexes (``var/index``)."""
    from knowledge.index.store import IndexStore
    from knowledge.retrieval.config import load_search_config
    from nlu.encoder import load_encoder

    encoder = load_encoder()
    searcher = Searcher(IndexStore(Path(index_root)).load_current(encoder), encoder, load_search_config())
    questions = content_questions(limit, seed)
    found = list(ranking_examples(searcher, questions, seed))
    examples, names = [example for example, _ in found], found[0][1]
    cut = len(examples) * 4 // 5
    weights = fit_ranker(examples[:cut], np.full(len(names), 1.0))
    kept = [example.features @ weights for example in examples[cut:]]
    right = np.mean([scores.argmax() == e.target for scores, e in zip(kept, examples[cut:], strict=True)])
    print(f"# {len(examples)} questions; R@1 on the fifth kept aside {right:.3f}")
    scale = 1.0 / weights[names.index("title_dense")]
    for name, weight in zip(names, weights, strict=True):
        print(f"  {name}: {weight * scale:.2f}")


if __name__ == "__main__":
    main(sys.argv[1], *(int(argument) for argument in sys.argv[2:4]))
