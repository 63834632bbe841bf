"""Circumstances of a question beside those of each procedure: who asks, at which level, what happened to the paper.

Words tell matters apart; of the siblings in one matter ("cấp hộ chiếu" at the province, at the ministry) few words
tell which is meant, and people use others than the record. ``circumstances.yml`` holds both ways to say each.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from re import Pattern

import numpy as np
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from knowledge.errors import KnowledgeError
from knowledge.model import Procedure
from knowledge.places.units import province_names
from knowledge.retrieval.types import Query
from nlu.normalizer import normalise

DEFAULT_FILE = Path(__file__).with_name("circumstances.yml")


class CircumstancesError(KnowledgeError):
    """circumstances.yml does not hold what the code reads."""


class Circumstance(BaseModel):
    """One of them: ``said`` by people, ``held`` by names; names that hold ``against`` are not meant where it is said;
    ``level`` is a record's only one. ``shared`` and ``unasked`` are weights."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    said: str
    held: str
    against: str = ""
    level: str = ""
    shared: float = Field(ge=0)
    unasked: float = Field(ge=0)


@cache
def load_circumstances(path: Path = DEFAULT_FILE) -> dict[str, Circumstance]:
    """Read the table.

    Raises:
        CircumstancesError: names the file and the first fault.
    """
    try:
        table = yaml.safe_load(path.read_text(encoding="utf-8").replace("{provinces}", _provinces()))
        found = {name: Circumstance.model_validate(entry) for name, entry in table.items()}
        for circumstance in found.values():
            _pattern(circumstance.said), _pattern(circumstance.held), _pattern(circumstance.against)
    except ValidationError as exc:
        raise CircumstancesError(f"{path.name}: {exc.errors()[0]['msg']} at {exc.errors()[0]['loc']}") from exc
    except (OSError, yaml.YAMLError, AttributeError, re.error) as exc:
        raise CircumstancesError(f"{path.name}: expected a table of circumstances, found {exc!r}") from exc
    return found


def says(name: str, text: str) -> bool:
    """Whether a text with its diacritics says one circumstance of the table. KeyError for an unknown name."""
    return bool(_pattern(load_circumstances()[name].said).search(text.lower()))


class CircumstanceReader:
    """Reads a question's circumstances and knows those of every procedure of an index."""

    def __init__(self, procedures: Sequence[Procedure]) -> None:
        table = load_circumstances().values()
        self._shared, self._unasked = (np.array(w, dtype=np.float32) for w in zip(*((c.shared, c.unasked) for c in table), strict=True))
        self._said = [_pattern(c.said) for c in table]
        self._held = np.array([_held_by(p, table) for p in procedures], dtype=np.float32).reshape(-1, len(table))
        self._against = np.array([_against(p, table) for p in procedures], dtype=np.float32).reshape(-1, len(table))

    def said(self, query: Query) -> np.ndarray:
        """0 or 1 a circumstance, float32 (n_circumstances,): read from the matter, where "mất bao lâu" is no loss."""
        text = query.matter.lower()
        return np.array([bool(p.search(text)) for p in self._said], dtype=np.float32)

    def shared(self, query: Query) -> np.ndarray:
        """Weight of the question's circumstances that each procedure names: float32 (n_procedures,)."""
        return self._held @ (self._shared * self.said(query))

    def unasked(self, query: Query) -> np.ndarray:
        """Minus the weight of what each procedure names and the question does not."""
        return -(self._held @ (self._unasked * (1 - self.said(query))))

    def columns(self, query: Query, rows: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
        """For fitting: of some procedures each circumstance shared, and minus each unasked: float32 (n_rows, n_circumstances)."""
        said, held = self.said(query), self._held[list(rows)]
        return held * said, -(held * (1 - said))

    def contradicted(self, query: Query) -> np.ndarray:
        """Minus the number of the question's circumstances that speak against each procedure's name."""
        return -(self._against @ self.said(query))


def _held_by(procedure: Procedure, table: Sequence[Circumstance]) -> list[bool]:
    name = normalise(procedure.name).lower()
    return [
        bool(_pattern(c.held).search(name)) or (bool(c.level) and list(procedure.levels) == [c.level]) for c in table
    ]


def _against(procedure: Procedure, table: Sequence[Circumstance]) -> list[bool]:
    name = normalise(procedure.name).lower()
    return [bool(c.against) and bool(_pattern(c.against).search(name)) for c in table]


def _provinces() -> str:
    """What ``{provinces}`` stands for in the table."""
    return "|".join(sorted((normalise(name).lower() for name in province_names()), key=lambda name: (-len(name), name)))


@cache
def _pattern(alternatives: str) -> Pattern[str]:
    return re.compile(rf"(?<![^\W_])(?:{alternatives})(?![^\W_])")
