"""``search.yml`` as checked objects: an unknown or missing key stops the start and is named."""

from __future__ import annotations

from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from knowledge.errors import KnowledgeError

DEFAULT_FILE = Path(__file__).resolve().parent.parent / "search.yml"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Candidates(_Part):
    titles: int = Field(gt=0)
    digests: int = Field(gt=0)
    second_look: int = Field(gt=0)
    plan_passages: int = Field(gt=0)
    legal_and_form: int = Field(gt=0)


class Weights(_Part):
    title_dense: float
    title_bm25: float
    title_match: float
    title_pairs: float
    title_exact: float
    digest_dense: float
    body_bm25: float
    body_marked: float
    circumstances: float
    unasked: float
    contradicted: float
    names_words: float
    names_pairs: float
    names_dense: float


class Prior(_Part):
    commune: float
    province: float
    citizen: float
    curated: float


class PlanWeights(_Part):
    dense: float
    bm25: float
    document: float
    section: float


class Frames(_Part):
    share: float = Field(ge=0, le=1)


class Reading(_Part):
    doubtful_below: float = Field(ge=0, le=1)


class Thresholds(_Part):
    answer: float = Field(ge=0, le=1)
    ask: float = Field(ge=0, le=1)
    ask_first: float = Field(ge=0, le=1)
    ask_first_share: float = Field(ge=0, le=1)
    ask_back: float = Field(ge=0, le=1)
    hit: float = Field(ge=0, le=1)


class SearchConfig(_Part):
    """Every tuned number of retrieval; see the comments in search.yml."""

    candidates: Candidates
    weights: Weights
    prior: Prior
    plan_weights: PlanWeights
    frames: Frames
    reading: Reading
    thresholds: Thresholds
    near_misses: int = Field(ge=0)


class SearchConfigError(KnowledgeError):
    """search.yml does not hold what the code reads."""


def load_search_config(path: Path = DEFAULT_FILE) -> SearchConfig:
    """Read ``search.yml``.

    Raises:
        SearchConfigError: names file, key, what was expected and what came.
    """
    try:
        return SearchConfig.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except ValidationError as exc:
        first = exc.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise SearchConfigError(f"{path.name}: {key}: {first['msg']} (got {first.get('input')!r:.60})") from exc
    except (OSError, yaml.YAMLError) as exc:
        raise SearchConfigError(f"{path.name}: expected a readable YAML file, {type(exc).__name__}") from exc
