"""Records that stay in their file: written is read by number, damaged is refused, nothing is read before it is asked for."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from knowledge.index.errors import IndexDamagedError
from knowledge.index.lines import read_lines, write_lines
from knowledge.model import Passage

PASSAGES = [
    Passage(f"p{n}", "plan", "ke-hoach", "7/KH", "Kế hoạch thả diều", f"Mục {n}", f"Dòng một\nDòng hai số {n} \u2028 “đủ dấu”" * (n % 5))
    for n in range(60)
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write_lines(tmp_path / "passages.jsonl", Passage, iter(PASSAGES))
    return tmp_path / "passages.jsonl"


def test_lines_written_are_records_read(path: Path) -> None:
    lines = read_lines(path, Passage, 60)
    assert (len(lines), list(lines)) == (60, PASSAGES)
    assert (lines[0], lines[59], lines[-1], lines[-60]) == (PASSAGES[0], PASSAGES[59], PASSAGES[59], PASSAGES[0])
    assert lines[np.int64(7)] == PASSAGES[7]


@pytest.mark.parametrize("part", [slice(0, 5), slice(20, None), slice(None), slice(58, 99), slice(60, None), slice(9, 3), slice(-4, -1)])
def test_a_slice_is_the_same_part_of_the_records(path: Path, part: slice) -> None:
    assert list(read_lines(path, Passage, 60)[part]) == PASSAGES[part]
    assert list(read_lines(path, Passage, 60)[10:50][part]) == PASSAGES[10:50][part]


@pytest.mark.parametrize("row", [60, -61])
def test_a_row_beyond_the_records_is_an_index_error(path: Path, row: int) -> None:
    with pytest.raises(IndexError):
        read_lines(path, Passage, 60)[row]
    with pytest.raises(IndexError):
        read_lines(path, Passage, 60)[10:20][10]


def test_no_records_are_an_empty_sequence(tmp_path: Path) -> None:
    write_lines(tmp_path / "none.jsonl", Passage, [])
    assert list(read_lines(tmp_path / "none.jsonl", Passage, 0)) == []


def test_many_threads_read_alike(path: Path) -> None:
    lines = read_lines(path, Passage, 60)
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lines.__getitem__, [*range(60)] * 20)) == PASSAGES * 20


@pytest.mark.parametrize("n", [0, 59, 61])
def test_records_of_another_number_are_refused(path: Path, n: int) -> None:
    with pytest.raises(IndexDamagedError, match=r"passages\.jsonl"):
        read_lines(path, Passage, n)


@pytest.mark.parametrize("name", ["passages.jsonl", "passages.starts.npy"])
@pytest.mark.parametrize("damage", ["gone", "empty", "half", "longer"])
def test_files_that_do_not_fit_each_other_are_refused(path: Path, name: str, damage: str) -> None:
    file = path.with_name(name)
    whole = file.read_bytes()
    file.unlink() if damage == "gone" else file.write_bytes({"empty": b"", "half": whole[: len(whole) // 2], "longer": whole + whole}[damage])
    if (name, damage) == ("passages.starts.npy", "longer"):  # numpy reads one array and leaves the rest
        assert list(read_lines(path, Passage, 60)) == PASSAGES
    else:
        with pytest.raises(IndexDamagedError, match=r"passages\.jsonl"):
            read_lines(path, Passage, 60)


def test_starts_that_go_back_are_refused(path: Path) -> None:
    starts = np.load(path.with_suffix(".starts.npy"))
    starts[[3, 4]] = starts[[4, 3]]
    np.save(path.with_suffix(".starts.npy"), starts)
    with pytest.raises(IndexDamagedError):
        read_lines(path, Passage, 60)


def test_a_spoilt_line_is_told_when_it_is_read_and_the_others_are_not_touched(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[: content.index(b"\n")] = b"?" * content.index(b"\n")
    path.write_bytes(content)
    lines = read_lines(path, Passage, 60)
    assert lines[1] == PASSAGES[1]
    with pytest.raises(IndexDamagedError, match="line 0"):
        lines[0]
