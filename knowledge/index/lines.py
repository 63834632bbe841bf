"""Records that stay in their file: one JSON object a line, mapped into memory and read when it is asked for.

``<name>.jsonl`` holds the lines, ``<name>.starts.npy`` where each begins (int64, one more than there are lines). A
million passages cost eight megabytes and no time to load; what a search shows is read in microseconds.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Generic, TypeVar, overload

import numpy as np
from pydantic import TypeAdapter, ValidationError

from knowledge.index.errors import IndexDamagedError

T = TypeVar("T")


def write_lines(path: Path, kind: type[T], records: Iterable[T]) -> None:
    """Write ``records`` (instances of the dataclass ``kind``) to ``path`` (``….jsonl``) and where they begin beside it."""
    starts = [0]
    with path.open("wb") as file:
        for record in records:
            starts.append(starts[-1] + file.write(_adapter(kind).dump_json(record) + b"\n"))
    np.save(_starts_path(path), np.array(starts, dtype=np.int64))


def read_lines(path: Path, kind: type[T], n_records: int) -> RecordLines[T]:
    """Map what :func:`write_lines` wrote.

    Raises:
        IndexDamagedError: a file missing or cut off, or not ``n_records`` long. A line that is no such record is found
            when it is read.
    """
    try:
        starts = np.asarray(np.load(_starts_path(path), mmap_mode="r", allow_pickle=False))
        with path.open("rb") as file:
            size = file.seek(0, 2)
            content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if size else b""
    except (OSError, ValueError, EOFError) as exc:
        raise IndexDamagedError(path.name, f"{n_records} records", "no readable file") from exc
    if starts.shape != (n_records + 1,) or starts.dtype != np.int64:
        raise IndexDamagedError(path.name, f"{n_records} records", f"{max(starts.size - 1, 0)}")
    if starts[0] != 0 or starts[-1] != size or (np.diff(starts) <= 0).any():
        raise IndexDamagedError(path.name, f"{starts[-1]} bytes of lines", f"{size}")
    return RecordLines(path.name, content, starts, kind)


class RecordLines(Sequence[T], Generic[T]):
    """Records of a file by number; a slice is a view of the same file. Safe to read from many threads."""

    def __init__(self, name: str, content: mmap.mmap | bytes, starts: np.ndarray, kind: type[T]) -> None:
        """``starts``: where each record begins and, last, where the last ends."""
        self._name, self._content, self._starts, self._kind = name, content, starts, kind

    def __len__(self) -> int:
        return len(self._starts) - 1

    @overload
    def __getitem__(self, row: int) -> T: ...

    @overload
    def __getitem__(self, row: slice) -> RecordLines[T]: ...

    def __getitem__(self, row: int | slice) -> T | RecordLines[T]:
        if isinstance(row, slice):
            first, end, step = row.indices(len(self))
            if step != 1:
                raise ValueError(f"expected neighbouring rows, came a step of {step}")
            return RecordLines(self._name, self._content, self._starts[first : max(first, end) + 1], self._kind)
        row = range(len(self))[row]
        try:
            return _adapter(self._kind).validate_json(self._content[self._starts[row] : self._starts[row + 1]])
        except ValidationError as exc:
            raise IndexDamagedError(self._name, f"a {self._kind.__name__} in line {row}", "something else") from exc

    def __iter__(self) -> Iterator[T]:
        return (self[row] for row in range(len(self)))


def _starts_path(path: Path) -> Path:
    return path.with_suffix(".starts.npy")


@cache
def _adapter(kind: type[T]) -> TypeAdapter[T]:
    return TypeAdapter(kind)
