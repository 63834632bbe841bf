"""Vectors kept between builds, so that only new texts are encoded, and an encoding that was cut off goes on.

Finished vectors are written in chunks while the rest is still being encoded; a chunk is written aside, flushed and
renamed, so that after ``kill -9`` or a power cut the folder holds whole chunks only and at most the work of
``_CHUNK_SECONDS`` is done again. A chunk's name carries a checksum of its bytes.

``folder/<encoder>/<time>-<random>.<crc32>.npy``: structured rows (key: SHA-1 of the text, vector: float16).
"""

from __future__ import annotations

import hashlib
import logging
import os
import time
import uuid
import zlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

log = logging.getLogger(__name__)
Progress = Callable[[int, int], None]
_BATCH = 256  # texts between two progress reports
_CHUNK_TEXTS = 4096  # about 3 MB; a million texts make some 250 files
_CHUNK_SECONDS = 20.0  # the most work that a kill loses
_STALE_SECONDS = 3600.0
_MOST_CHUNKS = 64  # of a cache that was tidied; more are merged into one
_MOST_UNUSED = 0.25  # share of texts that no build needs any more, before they are dropped


class PassageEncoder(Protocol):
    """What a build needs of an encoder (nlu/encoder.py)."""

    name: str
    dimension: int
    digest: str

    def encode_passages(self, texts: Sequence[str]) -> np.ndarray: ...


class VectorRows:
    """Vectors of a list of texts, read from the cache's files block by block: indexing gives float32 unit rows."""

    def __init__(self, chunks: Sequence[np.ndarray], positions: np.ndarray, dimension: int) -> None:
        """``positions``: row of each text in the chunks laid end to end."""
        self._chunks = tuple(chunks)
        self._starts = np.cumsum([0, *(len(chunk) for chunk in chunks)])
        self._positions = positions
        self.shape = (len(positions), dimension)

    def __len__(self) -> int:
        return len(self._positions)

    def __getitem__(self, rows: slice | np.ndarray) -> np.ndarray:
        positions = self._positions[rows]
        out = np.empty((len(positions), self.shape[1]), dtype=np.float32)
        owners = np.searchsorted(self._starts, positions, side="right") - 1
        for owner in np.unique(owners):
            of_chunk = owners == owner
            out[of_chunk] = self._chunks[owner]["vector"][positions[of_chunk] - self._starts[owner]]
        return out / np.linalg.norm(out, axis=1, keepdims=True)


class VectorCache:
    """Vectors of one encoder by the text's digest, in float16 (cosine differs by less than 1e-3)."""

    def __init__(self, folder: Path, encoder: PassageEncoder, clock: Callable[[], float] = time.monotonic) -> None:
        """Open what earlier builds left; ``clock`` gives seconds."""
        self._folder = folder / encoder.digest[:16]
        self._encoder = encoder
        self._clock = clock
        self._row = np.dtype([("key", "V20"), ("vector", np.float16, (encoder.dimension,))])
        self._files: list[Path] = []
        self._chunks: list[np.ndarray] = []
        self._position: dict[bytes, int] = {}
        self._n_rows = 0
        self._sweep()
        for path in sorted(self._folder.glob("*.npy")):
            self._open(path)
        self._take_over(folder / f"{encoder.digest[:16]}.npz")

    def encode(self, texts: Sequence[str], on_progress: Progress | None = None) -> np.ndarray:
        """Vectors of ``texts``: float32 (n, dim), unit rows; unknown ones are encoded and remembered."""
        return self.rows(texts, on_progress)[:]

    def rows(self, texts: Sequence[str], on_progress: Progress | None = None) -> VectorRows:
        """The same without holding them all in memory at once.

        Args:
            on_progress: called with (texts encoded now, texts that were not known).
        """
        keys = [_key(text) for text in texts]
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._position}
        self._encode_missing(list(missing.items()), on_progress)
        positions = np.fromiter((self._position[key] for key in keys), dtype=np.int64, count=len(keys))
        return VectorRows(self._chunks, positions, self._encoder.dimension)

    def knows(self, text: str) -> bool:
        """Whether this text was encoded already."""
        return _key(text) in self._position

    def tidy(self, used: Iterable[str]) -> None:
        """Merge many small chunks into one; drop texts outside ``used`` once they are a good part of all."""
        keep = {_key(text) for text in used}
        n_unused = sum(key not in keep for key in self._position)
        if n_unused <= _MOST_UNUSED * len(self._position) and len(self._files) <= _MOST_CHUNKS:
            return
        old = self._files
        chunks = [chunk[[key in keep for key in _keys_of(chunk)]] for chunk in self._chunks]
        self._files, self._chunks, self._position, self._n_rows = [], [], {}, 0
        rows = np.concatenate(chunks)
        for start in range(0, len(rows), 64 * _CHUNK_TEXTS):
            self._write(rows[start : start + 64 * _CHUNK_TEXTS])
        for path in old:
            path.unlink(missing_ok=True)

    def _encode_missing(self, pending: Sequence[tuple[bytes, str]], on_progress: Progress | None) -> None:
        waiting: list[np.ndarray] = []
        since = self._clock()
        try:
            for start in range(0, len(pending), _BATCH):
                batch = pending[start : start + _BATCH]
                rows = np.empty(len(batch), dtype=self._row)
                rows["vector"] = self._encoder.encode_passages([text for _, text in batch])
                rows["key"] = np.frombuffer(b"".join(key for key, _ in batch), dtype="V20")
                waiting.append(rows)
                if sum(map(len, waiting)) >= _CHUNK_TEXTS or self._clock() - since >= _CHUNK_SECONDS:
                    self._write(np.concatenate(waiting))
                    waiting, since = [], self._clock()
                if on_progress:
                    on_progress(start + len(batch), len(pending))
        finally:  # Ctrl-C and errors keep what is done
            if waiting:
                self._write(np.concatenate(waiting))

    def _write(self, rows: np.ndarray) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        temporary = self._folder / f".{uuid.uuid4().hex}.new"
        try:
            with temporary.open("wb") as file:
                np.save(file, rows)
                file.flush()
                os.fsync(file.fileno())
            name = f"{time.time_ns():020d}-{uuid.uuid4().hex[:6]}.{_checksum(temporary):08x}.npy"
            path = temporary.rename(self._folder / name)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        self._add(path)

    def _open(self, path: Path) -> None:
        try:
            if path.name.split(".")[1] != f"{_checksum(path):08x}":
                raise ValueError("checksum")
            self._add(path)
        except (OSError, ValueError, IndexError) as exc:
            # a cache: whatever is wrong with it, encoding anew is right, and says so
            log.warning("vector cache %s is unreadable (%s): encoding anew", path.name, exc)
            path.unlink(missing_ok=True)

    def _add(self, path: Path) -> None:
        rows = np.load(path, mmap_mode="r", allow_pickle=False)
        if rows.dtype != self._row:
            raise ValueError("vectors of another shape")
        self._files.append(path)
        self._chunks.append(rows)
        self._position.update(zip(_keys_of(rows), range(self._n_rows, self._n_rows + len(rows)), strict=True))
        self._n_rows += len(rows)

    def _sweep(self) -> None:
        """Remove what builds that were killed while writing left behind, once nobody can be writing it."""
        for path in self._folder.glob(".*.new"):
            if time.time() - path.stat().st_mtime > _STALE_SECONDS:
                path.unlink(missing_ok=True)

    def _take_over(self, old: Path) -> None:
        """Bring in the single file that versions before this one kept, then remove it."""
        if not old.exists():
            return
        try:
            with np.load(old, allow_pickle=False) as data:
                rows = np.empty(len(data["keys"]), dtype=self._row)
                rows["key"] = np.frombuffer(bytes.fromhex("".join(data["keys"].tolist())), dtype="V20")
                rows["vector"] = data["vectors"]
        except Exception as exc:  # zipfile, numpy and zlib raise their own
            log.warning("vector cache %s is unreadable (%s): encoding anew", old.name, type(exc).__name__)
        else:
            self._write(rows)
        old.unlink(missing_ok=True)


def _key(text: str) -> bytes:
    return hashlib.sha1(text.encode()).digest()


def _keys_of(rows: np.ndarray) -> list[bytes]:
    joined = rows["key"].tobytes()
    return [joined[start : start + 20] for start in range(0, len(joined), 20)]


def _checksum(path: Path) -> int:
    found = 0
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            found = zlib.crc32(block, found)
    return found
