"""Fits ``knowledge/judge.yml``: whether to answer, to ask back, or to say that the knowledge does not hold it.

Run ``python -m knowledge.evaluation.tune_judge var/index`` on a built index; it writes the file and prints what it
gives on the fifth of the procedures, families and matters that the fit has not seen. No evaluation set is read.
Examples, each with the name it was written as hidden, a third of them without diacritics:

- questions and short names of ``content/phrasings``, the names as somebody tells what happened ("em sắp …"), and
  official names with a question around them: *answer* where the first procedure is the right one, else *unknown*;
  half of them once more with the right procedure taken away: *unknown*
- names and questions of families: *ask*
- names of matters outside the knowledge, some with the whole matter hidden: *unknown*
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import yaml

from knowledge.content.phrasings import load_phrasings
from knowledge.model import ProcedureHit
from knowledge.retrieval.judge import (
    DEFAULT_FILE,
    OUTCOMES,
    TERMS,
    JudgeWeights,
    features_of,
    plain_name,
    terms_of,
)
from knowledge.retrieval.search import Searcher
from knowledge.retrieval.types import Query
from nlu.diacritics import bare

_FRAMES = (
    "Hồ sơ {} gồm những gì?",
    "Thủ tục {} như thế nào?",
    "Trình tự thực hiện {}?",
    "Thời hạn giải quyết {} là bao lâu?",
    "{} nộp ở đâu",
    "Lệ phí {} là bao nhiêu?",
    "Điều kiện để {}?",
    "Tôi muốn {} thì cần giấy tờ gì?",
    "{}",
)
_STATEMENTS = ("{}", "{}", "em {}", "tôi muốn {}", "nhà em {}", "giúp tôi {} với")
# Shares expected in use: most of what citizens ask has a record, some is asked too generally, some lies elsewhere.
_SHARES = {"answer": 0.6, "ask": 0.12, "unknown": 0.28}
_WITHOUT_GOLD = 0.5  # weight of a question asked with its procedure taken away: a sibling may answer it as well
_C = 0.01  # strong: there are many products


@dataclass(frozen=True)
class Example:
    """Features of one ranking, what would be right to do, how much it counts, and the group it is kept aside with."""

    features: dict[str, float]
    outcome: str
    weight: float
    group: str


def examples(searcher: Searcher, n: int, seed: int) -> Iterator[Example]:
    """All examples, about ``n`` of each kind."""
    rng = random.Random(seed)
    yield from _procedure_examples(searcher, _content_questions(searcher, n, rng), rng)
    yield from _procedure_examples(searcher, _short_statements(searcher, n // 2, rng), rng)
    yield from _procedure_examples(searcher, _formal_questions(searcher, n // 2, rng), rng)
    yield from _sign_examples(searcher, n, rng)


def fit(found: list[Example]) -> JudgeWeights:
    """Multinomial logistic regression over standardised features, scaled back so that raw ones can be used."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    x, y, weight = _arrays(found)
    scaler = StandardScaler().fit(x)
    model = LogisticRegression(C=_C, max_iter=5000).fit(scaler.transform(x), y, sample_weight=weight)
    factors = model.coef_ / scaler.scale_
    biases = model.intercept_ - factors @ scaler.mean_
    order = [list(model.classes_).index(o) for o in OUTCOMES]
    return JudgeWeights(
        bias={o: round(float(biases[i]), 4) for o, i in zip(OUTCOMES, order, strict=True)},
        weights={
            o: {f: round(float(factors[i][k]), 4) for k, f in enumerate(TERMS)}
            for o, i in zip(OUTCOMES, order, strict=True)
        },
    )


def _arrays(found: list[Example]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    x = np.array([list(terms_of(e.features).values()) for e in found])
    total = {o: sum(e.weight for e in found if e.outcome == o) for o in OUTCOMES}
    weight = np.array([e.weight * _SHARES[e.outcome] * len(found) / total[e.outcome] for e in found])
    return x, np.array([e.outcome for e in found]), weight


def _content_questions(searcher: Searcher, n: int, rng: random.Random) -> list[tuple[str, str]]:
    held = {p.code for p in searcher.index.procedures}
    pairs = [
        (question, code)
        for code, words in sorted(load_phrasings().items())
        for lines in words.questions.values()
        for question in lines
        if code in held
    ]
    rng.shuffle(pairs)
    return pairs[:n]


def _short_statements(searcher: Searcher, n: int, rng: random.Random) -> list[tuple[str, str]]:
    """Citizens' names for procedures as whole messages."""
    held = {p.code for p in searcher.index.procedures}
    pairs = [(name, code) for code, words in sorted(load_phrasings().items()) for name in words.names if code in held]
    return [(rng.choice(_STATEMENTS).format(name), code) for name, code in rng.sample(pairs, min(n, len(pairs)))]


def _formal_questions(searcher: Searcher, n: int, rng: random.Random) -> list[tuple[str, str]]:
    """Official names with a question around them, some cut short as people do."""
    chosen = rng.sample(searcher.index.procedures, min(n, len(searcher.index.procedures)))
    pairs = []
    for procedure in chosen:
        words = procedure.name.removeprefix("Thủ tục ").split(" (")[0].split()
        if rng.random() < 0.4:
            words = words[: max(4, round(len(words) * rng.uniform(0.5, 0.9)))]
        pairs.append((rng.choice(_FRAMES).format(" ".join(words)), procedure.code))
    return pairs


def _procedure_examples(
    searcher: Searcher, questions: list[tuple[str, str]], rng: random.Random
) -> Iterator[Example]:
    rows_of = {p.code: row for row, p in enumerate(searcher.index.procedures)}
    titles: dict[int, list[int]] = {}
    for i, title in enumerate(searcher.index.titles):
        if not title.is_name:
            titles.setdefault(title.row, []).append(i)
    for question, code in questions:
        own = titles.get(rows_of[code], [])
        hidden = frozenset(i for i in own if rng.random() < 0.6) if rng.random() < 0.5 else frozenset()
        if rng.random() < 0.5:  # the very words that somebody wrote down may be asked, or others
            asked = bare(question)
            hidden |= {i for i in own if bare(searcher.index.titles[i].text) in asked}
        query = _query(searcher, question, rng, hidden_titles=hidden)
        hits = searcher.rank_procedures(query)
        gold = plain_name(ProcedureHit(searcher.index.procedures[rows_of[code]], 0.0))
        is_right = hits[0].procedure.code == code or plain_name(hits[0]) == gold
        yield _example(searcher, query, hits, "answer" if is_right else "unknown", 1.0, code)
        if rng.random() < 0.5:
            rest = [h for h in hits if h.procedure.code != code and plain_name(h) != gold]
            yield _example(searcher, query, rest, "unknown", _WITHOUT_GOLD, code)


def _sign_examples(searcher: Searcher, n: int, rng: random.Random) -> Iterator[Example]:
    index = searcher.index
    n_families = len(index.families)

    def is_event(row: int) -> bool:
        return row < n_families and index.families[row].is_event

    by_row: dict[int, list[int]] = {}
    for i, sign in enumerate(index.signs):
        by_row.setdefault(sign.row, []).append(i)
    for is_family in (True, False):
        chosen = [i for i, sign in enumerate(index.signs) if (sign.row < n_families) == is_family and not is_event(sign.row)]
        for i in rng.sample(chosen, min(n, len(chosen))):
            row = index.signs[i].row
            others = [k for k in by_row[row] if k != i]
            share = 1.0 if not is_family and rng.random() < 0.4 else rng.choice((0.0, 0.5, 0.7))
            hidden = frozenset([i, *(k for k in others if rng.random() < share)])
            query = _query(searcher, index.signs[i].text, rng, hidden_signs=hidden)
            hits = searcher.rank_procedures(query)
            outcome = "ask" if is_family else "unknown"
            yield _example(searcher, query, hits, outcome, 1.0, f"sign {row}")


def _query(searcher: Searcher, text: str, rng: random.Random, **hidden: frozenset[int]) -> Query:
    return replace(searcher.prepare(bare(text) if rng.random() < 1 / 3 else text), **hidden)


def _example(
    searcher: Searcher, query: Query, hits: list[ProcedureHit], outcome: str, weight: float, group: str
) -> Example:
    signs = searcher.signs.find(query)
    return Example(features_of(query, hits, signs.family, signs.outside), outcome, weight, group)


def _report(weights: JudgeWeights, kept: list[Example]) -> None:
    from sklearn.metrics import roc_auc_score

    from knowledge.retrieval.judge import judge

    verdicts = [judge(e.features, weights) for e in kept]
    answer = np.array([v.answer for v in verdicts])
    right = np.array([e.outcome == "answer" for e in kept])
    picked = [max(OUTCOMES, key=lambda o, v=v: getattr(v, o)) for v in verdicts]
    for outcome in OUTCOMES:
        rows = [p for p, e in zip(picked, kept, strict=True) if e.outcome == outcome]
        shares = ", ".join(f"{o} {rows.count(o) / max(len(rows), 1):.2f}" for o in OUTCOMES)
        print(f"# {outcome} ({len(rows)}): taken as {shares}")
    print(f"# answer against the rest: AUC {roc_auc_score(right, answer):.3f}")


def main(index_root: str, n: int = 1600, seed: int = 7) -> None:
    """Fit on four fifths, report on the fifth kept aside, then fit on all and write judge.yml."""
    from knowledge.index.store import IndexStore
    from knowledge.retrieval.config import load_search_config
    from nlu.encoder import load_encoder

    encoder = load_encoder()
    index = IndexStore(Path(index_root)).load_current(encoder)
    searcher = Searcher(index, encoder, load_search_config(), _no_weights())
    found = list(examples(searcher, n, seed))
    groups = sorted({e.group for e in found})
    aside = set(random.Random(seed).sample(groups, len(groups) // 5))
    _report(fit([e for e in found if e.group not in aside]), [e for e in found if e.group in aside])
    weights = fit(found)
    head = "# Fitted by `python -m knowledge.evaluation.tune_judge`; not edited by hand.\n"
    DEFAULT_FILE.write_text(head + yaml.safe_dump(weights.model_dump(), sort_keys=False), encoding="utf-8")


def _no_weights() -> JudgeWeights:
    return JudgeWeights(bias=dict.fromkeys(OUTCOMES, 0.0), weights={o: dict.fromkeys(TERMS, 0.0) for o in OUTCOMES})


if __name__ == "__main__":
    main(sys.argv[1], *(int(argument) for argument in sys.argv[2:4]))
