"""What to do about a ranking: answer, ask back, or say that the knowledge does not hold it.

Cosines are squeezed (right .877, best wrong .870 in the probes), so no single number decides. A multinomial
logistic model over the features below and their products of two does; its weights lie in ``knowledge/judge.yml``
and are fitted by ``python -m knowledge.evaluation.tune_judge`` on the content's own questions (docs/decisions/0011).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import combinations_with_replacement
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from knowledge.errors import KnowledgeError
from knowledge.model import FamilyHit, OutsideHit, Procedure, ProcedureHit, Verdict
from knowledge.retrieval.fusion import scaled_cosine
from knowledge.retrieval.types import Query

DEFAULT_FILE = Path(__file__).resolve().parent.parent / "judge.yml"
OUTCOMES = ("answer", "ask", "unknown")
_MAX_MARGIN = 1.5
_CLOSE = 0.3  # fused score below the best within which a procedure counts as a rival
_NONE = {"dense": 0.8, "match": 0.0, "pairs": 0.0, "facet": 0.0}  # signals of a sign where there is none


class JudgeError(KnowledgeError):
    """judge.yml does not hold what the code reads."""


class JudgeWeights(BaseModel):
    """Bias and weights of each outcome, over the names of TERMS."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    bias: dict[str, float]
    weights: dict[str, dict[str, float]]

    @model_validator(mode="after")
    def _whole(self) -> JudgeWeights:
        for outcome in OUTCOMES:
            if outcome not in self.bias or set(self.weights.get(outcome, {})) != set(TERMS):
                raise ValueError(f"{outcome}: expected a bias and a weight for each of {', '.join(FEATURES)} and of their products")
        return self


@cache
def load_judge(path: Path = DEFAULT_FILE) -> JudgeWeights:
    """Read the fitted weights.

    Raises:
        JudgeError: names the file and the first fault.
    """
    try:
        return JudgeWeights.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except ValidationError as exc:
        raise JudgeError(f"{path.name}: {exc.errors()[0]['msg']}; fit it again with knowledge.evaluation.tune_judge") from exc
    except (OSError, yaml.YAMLError) as exc:
        raise JudgeError(f"{path.name}: expected a readable YAML file, {type(exc).__name__}") from exc


def judge(features: Mapping[str, float], weights: JudgeWeights) -> Verdict:
    """Softmax over the outcomes."""
    terms = terms_of(features)
    z = [weights.bias[o] + sum(w * terms[name] for name, w in weights.weights[o].items()) for o in OUTCOMES]
    exps = [math.exp(value - max(z)) for value in z]
    return Verdict(*(value / sum(exps) for value in exps))


def terms_of(features: Mapping[str, float]) -> dict[str, float]:
    """The features and the products of any two of them, squares among them; names are those of TERMS."""
    products = {f"{a}*{b}": features[a] * features[b] for a, b in combinations_with_replacement(FEATURES, 2)}
    return {**{name: features[name] for name in FEATURES}, **products}


def features_of(
    query: Query, hits: Sequence[ProcedureHit], family: FamilyHit | None, outside: OutsideHit | None
) -> dict[str, float]:
    """Features of a ranking with at least one procedure; names are those of FEATURES."""
    first = hits[0].signals
    rivals = [h for h in hits[1:] if plain_name(h) != plain_name(hits[0])]
    margin = first["fused"] - rivals[0].signals["fused"] if rivals else _MAX_MARGIN
    n_close = sum(first["fused"] - h.signals["fused"] <= _CLOSE for h in rivals)
    n_holders = len({plain_name(h) for h in hits if h.signals["holds_matter"]})
    near = family.signals if family else _NONE
    far = outside.signals if outside else _NONE
    in_family = bool(family) and any(hits[0].procedure.code in o.codes for o in family.family.options)
    option = family.option if family else None
    n_words = len(query.telling)
    own, its, theirs = named_by(first), named_by_sign(near), named_by_sign(far)
    return {
        "margin": min(margin, _MAX_MARGIN),
        "close": math.log1p(n_close),
        "holders": math.log1p(n_holders),
        "dense": float(scaled_cosine(first["title_dense"])),
        "digest": float(scaled_cosine(first["digest_dense"])),
        "match": first["title_match"],
        "pairs": first["title_pairs"],
        "overlap": first["overlap"],
        "missing": first["rarest_missing"],
        "said": first["title_recall"],
        "of_name": first["title_precision"],
        "pairs_held": first["pairs_held"],
        "pair_missing": first["rarest_pair_missing"],
        "words": math.log1p(n_words),
        "family_match": its,
        "family_lead": its - own,
        "family_over": max(0.0, its - own),
        "family_dense": float(scaled_cosine(near["dense"])) - float(scaled_cosine(first["title_dense"])),
        "in_family": float(in_family),
        "facet": near["facet"],
        "facet_first": near["facet"] * float(bool(option) and hits[0].procedure.code in option.codes),
        "outside_match": theirs,
        "outside_lead": theirs - own,
        "outside_over": max(0.0, theirs - own),
        "outside_dense": float(scaled_cosine(far["dense"])) - float(scaled_cosine(first["title_dense"])),
    }


#: What is known of a ranking.
FEATURES = (
    "margin",
    "close",
    "holders",
    "dense",
    "digest",
    "match",
    "pairs",
    "overlap",
    "missing",
    "said",
    "of_name",
    "pairs_held",
    "pair_missing",
    "words",
    "family_match",
    "family_lead",
    "family_over",
    "family_dense",
    "in_family",
    "facet",
    "facet_first",
    "outside_match",
    "outside_lead",
    "outside_over",
    "outside_dense",
)
#: What the model weighs.
TERMS = (*FEATURES, *(f"{a}*{b}" for a, b in combinations_with_replacement(FEATURES, 2)))


def named_by(signals: Mapping[str, float]) -> float:
    """How nearly a procedure's best name says what the question says: words and pairs, 0..2."""
    return signals["title_match"] + signals["title_pairs"]


def named_by_sign(signals: Mapping[str, float]) -> float:
    """How nearly the best name of a family or of a matter elsewhere says what the question says: 0..2."""
    return signals["match"] + signals["pairs"]


def plain_name(hit: ProcedureHit) -> str:
    """A procedure's name without what only tells its level: variants of one procedure are no rivals."""
    return plain_name_of(hit.procedure)


def plain_name_of(procedure: Procedure) -> str:
    """The same of a procedure that no search found."""
    return procedure.name.lower().split(" (")[0].removeprefix("thủ tục ").strip()

