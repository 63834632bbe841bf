"""Records and passages as JSON files; pydantic reads and writes the dataclasses of knowledge.model."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from knowledge.index.errors import IndexDamagedError

T = TypeVar("T")


def write_records(path: Path, kind: type[T], records: Sequence[T]) -> None:
    """Write ``records`` (instances of the dataclass ``kind``) as one JSON array."""
    path.write_bytes(_adapter(kind).dump_json(tuple(records)))


def read_records(path: Path, kind: type[T], n_records: int) -> tuple[T, ...]:
    """Read what :func:`write_records` wrote.

    Raises:
        IndexDamagedError: file missing, not of this shape, or not ``n_records`` long.
    """
    try:
        records = _adapter(kind).validate_json(path.read_bytes())
    except FileNotFoundError as exc:
        raise IndexDamagedError(path.name, f"{n_records} records", "no file") from exc
    except ValidationError as exc:
        raise IndexDamagedError(path.name, f"records of {kind.__name__}", "something else") from exc
    if len(records) != n_records:
        raise IndexDamagedError(path.name, f"{n_records} records", f"{len(records)}")
    return records


@cache
def _adapter(kind: type[T]) -> TypeAdapter[tuple[T, ...]]:
    return TypeAdapter(tuple[kind, ...])  # type: ignore[valid-type]
