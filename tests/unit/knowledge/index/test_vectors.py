"""Vectors kept between builds: encoded once, written while the rest is encoded, gone on with after a kill."""

from __future__ import annotations

import dataclasses
import hashlib
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from knowledge.index import vectors
from knowledge.index.vectors import VectorCache
from tests.fakes import BIRTH, PROCEDURES, HashEncoder, publish_town

TEXTS = ["khai sinh", "kết hôn", "hộ chiếu"]
MANY = [f"đoạn văn số {i}" for i in range(40)]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four texts a batch, eight a chunk."""
    monkeypatch.setattr(vectors, "_BATCH", 4)
    monkeypatch.setattr(vectors, "_CHUNK_TEXTS", 8)


class Breaking(HashEncoder):
    """Fails once it has encoded ``after`` texts."""

    def __init__(self, after: int, fault: type[BaseException] = MemoryError) -> None:
        super().__init__()
        self.after, self.fault = after, fault

    def encode_passages(self, texts: Sequence[str]) -> np.ndarray:
        if len(self.encoded) >= self.after:
            raise self.fault
        return super().encode_passages(texts)


def chunks_in(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.npy"))


def test_the_cache_gives_the_encoders_vectors_as_unit_rows(tmp_path: Path) -> None:
    encoder = HashEncoder()
    found = VectorCache(tmp_path, encoder).encode(TEXTS)
    assert found.dtype == np.float32
    assert np.allclose(found, encoder.encode_queries(TEXTS), atol=2e-3)
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-6)


def test_a_text_is_encoded_once_also_over_builds(tmp_path: Path) -> None:
    first = HashEncoder()
    cache = VectorCache(tmp_path, first)
    before = cache.encode([*TEXTS, TEXTS[0]])
    cache.encode(TEXTS)
    second = HashEncoder()
    again = VectorCache(tmp_path, second).encode([TEXTS[2], "mới", TEXTS[0]])
    assert first.encoded == TEXTS
    assert second.encoded == ["mới"]
    assert np.array_equal(again[[0, 2]], before[[2, 3]])


@pytest.mark.usefixtures("small_restorer")
def test_a_second_build_encodes_only_what_is_new(tmp_path: Path) -> None:
    publish_town(tmp_path, HashEncoder())
    second = HashEncoder()
    publish_town(tmp_path, second, (dataclasses.replace(BIRTH, aliases=(*BIRTH.aliases, "tờ giấy đầu đời")), *PROCEDURES[1:]))
    assert second.encoded == ["tờ giấy đầu đời"]


@pytest.mark.usefixtures("small")
def test_rows_read_by_slice_and_by_number_are_those_read_at_once(tmp_path: Path) -> None:
    cache = VectorCache(tmp_path, HashEncoder())
    cache.encode(MANY[:13])
    order = [MANY[i] for i in np.random.default_rng(2).permutation(len(MANY))]
    rows, whole = cache.rows(order), cache.encode(order)
    assert (len(rows), rows.shape) == (40, whole.shape)
    assert len(chunks_in(tmp_path)) > 3
    assert np.array_equal(np.concatenate([rows[:17], rows[17:]]), whole)
    assert np.array_equal(rows[np.array([39, 0, 7])], whole[[39, 0, 7]])
    assert np.allclose(whole, HashEncoder().encode_queries(order), atol=2e-3)


def test_no_text_gives_an_empty_matrix_of_the_encoders_width(tmp_path: Path) -> None:
    assert VectorCache(tmp_path, HashEncoder()).encode([]).shape == (0, HashEncoder.dimension)


def test_another_encoder_has_a_cache_of_its_own(tmp_path: Path) -> None:
    VectorCache(tmp_path, HashEncoder()).encode(TEXTS)
    other = HashEncoder(digest=hashlib.sha256(b"other").hexdigest())
    VectorCache(tmp_path, other).encode(TEXTS)
    assert other.encoded == TEXTS


# Cut off and gone on with.


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("fault", [KeyboardInterrupt, MemoryError])
def test_an_interrupted_encoding_keeps_everything_it_finished(tmp_path: Path, fault: type[BaseException]) -> None:
    with pytest.raises(fault):
        VectorCache(tmp_path, Breaking(20, fault)).encode(MANY)
    second = HashEncoder()
    VectorCache(tmp_path, second).encode(MANY)
    assert second.encoded == MANY[20:]


KILLED = """
import os, signal, sys
from pathlib import Path
from knowledge.index import vectors
from tests.fakes import HashEncoder
vectors._BATCH, vectors._CHUNK_TEXTS = 4, 8
class Killed(HashEncoder):
    def encode_passages(self, texts):
        if len(self.encoded) >= 20:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().encode_passages(texts)
vectors.VectorCache(Path(sys.argv[1]), Killed()).encode([f"đoạn văn số {i}" for i in range(40)])
"""


def test_after_kill_9_only_the_unwritten_chunk_is_encoded_again(tmp_path: Path, repository: Path) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], cwd=repository, timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL
    second = HashEncoder()
    found = VectorCache(tmp_path, second).encode(MANY)
    assert second.encoded == MANY[16:]
    assert np.allclose(found, HashEncoder().encode_queries(MANY), atol=2e-3)


@pytest.mark.usefixtures("small")
def test_finished_vectors_are_written_after_a_while_although_the_chunk_is_not_full(tmp_path: Path) -> None:
    ticks = iter(range(0, 1000, 30))  # every look at the clock is half a minute later
    seen: list[int] = []
    VectorCache(tmp_path, HashEncoder(), lambda: next(ticks)).encode(
        MANY[:12], lambda done, total: seen.append(len(chunks_in(tmp_path)))
    )
    assert seen == [1, 2, 3]


@pytest.mark.usefixtures("small")
def test_progress_counts_only_what_has_to_be_encoded(tmp_path: Path) -> None:
    VectorCache(tmp_path, HashEncoder()).encode(MANY[:30])
    seen: list[tuple[int, int]] = []
    VectorCache(tmp_path, HashEncoder()).encode(MANY, lambda *step: seen.append(step))
    assert seen == [(4, 10), (8, 10), (10, 10)]


def test_a_file_half_written_by_a_killed_build_is_swept_once_it_is_old(tmp_path: Path) -> None:
    VectorCache(tmp_path, HashEncoder()).encode(TEXTS)
    folder = chunks_in(tmp_path)[0].parent
    old, young = folder / ".old.new", folder / ".young.new"
    for path in (old, young):
        path.write_bytes(b"half")
    os.utime(old, (1, 1))
    VectorCache(tmp_path, HashEncoder())
    assert not old.exists()
    assert young.exists()


# Damaged, of older versions, no longer needed.


@pytest.mark.parametrize("damage", ["cut", "flipped", "emptied", "renamed"])
def test_a_damaged_chunk_is_reported_and_encoded_anew(tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture) -> None:
    VectorCache(tmp_path, HashEncoder()).encode(TEXTS)
    (path,) = chunks_in(tmp_path)
    whole = path.read_bytes()
    path.unlink()
    if damage == "renamed":
        path.with_name("unnamed.npy").write_bytes(whole)
    else:
        path.write_bytes({"cut": whole[:-9], "flipped": whole[:-1] + bytes([whole[-1] ^ 1]), "emptied": b""}[damage])
    encoder = HashEncoder()
    with caplog.at_level(logging.WARNING):
        VectorCache(tmp_path, encoder).encode(TEXTS)
    assert encoder.encoded == TEXTS
    assert "encoding anew" in caplog.text
    third = HashEncoder()
    VectorCache(tmp_path, third).encode(TEXTS)
    assert third.encoded == []


def old_cache(folder: Path, encoder: HashEncoder) -> Path:
    """What versions before the chunks kept: one archive an encoder."""
    path = folder / f"{encoder.digest[:16]}.npz"
    keys = np.array([hashlib.sha1(text.encode()).hexdigest() for text in TEXTS])
    np.savez(path, keys=keys, vectors=encoder.encode_queries(TEXTS).astype(np.float16))
    return path


def test_the_single_file_of_older_versions_is_taken_over(tmp_path: Path) -> None:
    encoder = HashEncoder()
    path = old_cache(tmp_path, encoder)
    found = VectorCache(tmp_path, encoder).encode(TEXTS)
    assert encoder.encoded == []
    assert np.allclose(found, encoder.encode_queries(TEXTS), atol=2e-3)
    assert not path.exists()
    VectorCache(tmp_path, encoder).encode(TEXTS)
    assert encoder.encoded == []


@pytest.mark.parametrize("content", [b"", b"no archive", "half"])
def test_a_damaged_single_file_is_reported_and_encoded_anew(
    tmp_path: Path, content: bytes | str, caplog: pytest.LogCaptureFixture
) -> None:
    encoder = HashEncoder()
    path = old_cache(tmp_path, encoder)
    path.write_bytes(path.read_bytes()[:200] if isinstance(content, str) else content)
    with caplog.at_level(logging.WARNING):
        VectorCache(tmp_path, encoder).encode(TEXTS)
    assert encoder.encoded == TEXTS
    assert "encoding anew" in caplog.text


def test_texts_no_longer_used_leave_the_cache_once_they_are_many(tmp_path: Path) -> None:
    cache = VectorCache(tmp_path, HashEncoder())
    cache.encode(MANY)
    cache.tidy(used=MANY[1:])
    kept = HashEncoder()
    VectorCache(tmp_path, kept).encode(MANY)
    assert kept.encoded == []
    cache.tidy(used=MANY[:20])
    assert np.allclose(cache.encode(MANY[:20]), HashEncoder().encode_queries(MANY[:20]), atol=2e-3)
    again = HashEncoder()
    VectorCache(tmp_path, again).encode(MANY)
    assert again.encoded == MANY[20:]


@pytest.mark.usefixtures("small")
def test_many_small_chunks_become_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors, "_MOST_CHUNKS", 3)
    cache = VectorCache(tmp_path, HashEncoder())
    before = cache.encode(MANY)
    assert len(chunks_in(tmp_path)) == 5
    cache.tidy(used=MANY)
    assert len(chunks_in(tmp_path)) == 1
    assert np.array_equal(cache.encode(MANY), before)
    second = HashEncoder()
    assert np.array_equal(VectorCache(tmp_path, second).encode(MANY), before)
    assert second.encoded == []


def test_a_full_disk_leaves_no_half_written_chunk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    cache = VectorCache(tmp_path, HashEncoder())
    with monkeypatch.context() as patched:
        patched.setattr(vectors.os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            cache.encode(TEXTS)
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []
    assert len(cache.encode(TEXTS)) == 3
