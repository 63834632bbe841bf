"""Kinds of dense index and the rule that chooses one by size (``index.yml``)."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from knowledge.errors import KnowledgeError

DEFAULT_FILE = Path(__file__).resolve().parent.parent / "index.yml"
Storage = Literal["float32", "float16", "int8"]


class IndexConfigError(KnowledgeError):
    """index.yml does not hold what the code reads."""


class _Kind(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Flat(_Kind):
    """Every vector is compared: exact."""

    kind: Literal["flat"] = "flat"


class Hnsw(_Kind):
    """A graph of neighbours.

    Attributes:
        storage: form in which a vector lies in the index.
        links: neighbours of a node; the lowest level has twice as many.
        ef_construction, ef_search: candidates kept while building, while searching.
    """

    kind: Literal["hnsw"] = "hnsw"
    storage: Storage
    links: int = Field(ge=4, le=128)
    ef_construction: int = Field(ge=8)
    ef_search: int = Field(ge=8)


class Ivf(_Kind):
    """Lists around centres, some of which are read.

    Attributes:
        storage: form in which a vector lies in its list.
        lists_per_root: number of lists by the root of the number of vectors.
        n_probe_share: share of the lists that are read, 1 for all.
        refine: candidates a result that are compared again in half precision; 0 for none.
    """

    kind: Literal["ivf"] = "ivf"
    storage: Storage
    lists_per_root: float = Field(gt=0)
    n_probe_share: float = Field(gt=0, le=1)
    refine: int = Field(ge=0)


class Postgres(_Kind):
    """A table of PostgreSQL with pgvector's half-precision vectors.

    Attributes:
        table: its name.
        links, ef_construction, ef_search: of its graph, as in :class:`Hnsw`; 0 links for none, so exact.
    """

    kind: Literal["postgresql"] = "postgresql"
    table: str
    links: int = Field(ge=0, le=100)
    ef_construction: int = Field(ge=0, le=1000)
    ef_search: int = Field(ge=0, le=1000)


AnyKind = Flat | Hnsw | Ivf | Postgres
FileKind = Annotated[Flat | Hnsw | Ivf, Field(discriminator="kind")]
_ADAPTER: TypeAdapter[AnyKind] = TypeAdapter(Annotated[AnyKind, Field(discriminator="kind")])


class _Step(_Kind):
    """One line of the table: this kind up to that many vectors, without end where ``up_to`` is null."""

    kind: FileKind
    up_to: int | None = Field(ge=0)

    @model_validator(mode="before")
    @classmethod
    def _apart(cls, value: object) -> object:
        if not isinstance(value, dict):
            return value
        return {"up_to": value.get("up_to", "missing"), "kind": {k: v for k, v in value.items() if k != "up_to"}}


class IndexConfig(_Kind):
    """The steps in rising order; the last has no end."""

    dense: tuple[_Step, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _rising(self) -> IndexConfig:
        ends = [step.up_to for step in self.dense]
        if ends[-1] is not None or None in ends[:-1] or ends[:-1] != sorted(set(ends[:-1])):
            raise ValueError("up_to has to rise from step to step and be null in the last only")
        return self

    def kind_for(self, n_vectors: int) -> Flat | Hnsw | Ivf:
        """The kind that a part of this size gets."""
        return next(step.kind for step in self.dense if step.up_to is None or n_vectors <= step.up_to)


def load_index_config(path: Path = DEFAULT_FILE) -> IndexConfig:
    """Read ``index.yml``.

    Raises:
        IndexConfigError: names file, key, what was expected and what came.
    """
    try:
        return IndexConfig.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except ValidationError as exc:
        first = exc.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise IndexConfigError(f"{path.name}: {key}: {first['msg']} (got {first.get('input')!r:.60})") from exc
    except (OSError, yaml.YAMLError) as exc:
        raise IndexConfigError(f"{path.name}: expected a readable YAML file, {type(exc).__name__}") from exc


def kind_from(parameters: dict[str, object]) -> AnyKind:
    """What a manifest says of one part; the inverse of ``model_dump``.

    Raises:
        ValueError: no kind of ours, or parameters that do not belong to it.
    """
    return _ADAPTER.validate_python(parameters)


@cache
def default_config() -> IndexConfig:
    """``index.yml`` as shipped, read once."""
    return load_index_config()
