"""``motcua ingest --watch`` as a process of its own over a real folder: files come, grow, change, spoil and go."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from knowledge.index.errors import IndexError_
from knowledge.index.store import IndexStore
from tests.fakes import BIRTH, MARRIAGE, HashEncoder
from tests.unit.knowledge.ingest.town import export

pytestmark = pytest.mark.integration

#: The command with two bundled procedures, a stand-in for the encoder and shorter waits.
WATCHING = """
import sys
from pathlib import Path
import bot.pipeline, bot.watching, knowledge.index.build, nlu.diacritics
from bot.settings import Settings
from knowledge.sources.report import ReadReport
from rich.console import Console
from tests.fakes import BIRTH, MARRIAGE, HashEncoder
knowledge.index.build.general_vietnamese = nlu.diacritics._everyday_sentences
bot.pipeline.load_bundled = lambda: ReadReport(records=(BIRTH, MARRIAGE))
bot.pipeline.dress = lambda library: library
bot.watching._LOOK_AGAIN_S, bot.watching._QUIET_S = float(sys.argv[2]), 2.5
home = Path(sys.argv[1])
settings = Settings(_env_file=None, home=home / "home", corpus=(), rasa=False)
bot.watching.watch_roots(settings, HashEncoder(), [home / "files"], Console(width=200), Console(stderr=True))
"""
_PATIENCE_S = 60.0


@dataclass
class Watched:
    """A folder, the process that watches it, and the index that comes of it."""

    home: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def files(self) -> Path:
        return self.home / "files"

    def start(self, repository: Path, look_again_s: float = 600.0) -> None:
        with (self.home / "said.txt").open("ab") as said:
            command = [sys.executable, "-c", WATCHING, str(self.home), str(look_again_s)]
            self.process = subprocess.Popen(
                command,
                cwd=repository,
                stdout=said,
                stderr=said,
                env=os.environ | {"PYTHONPATH": str(repository)},
            )

    def said(self) -> str:
        return (self.home / "said.txt").read_text(encoding="utf-8")

    def codes(self) -> set[str]:
        """Codes of the live index that came from the folder."""
        try:
            live = IndexStore(self.home / "home" / "index").load_current(HashEncoder())
        except IndexError_:  # none yet
            return set()
        return {p.code for p in live.procedures} - {BIRTH.code, MARRIAGE.code}

    def wait(self, is_so: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _PATIENCE_S
        while not is_so():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.2)

    def wait_for(self, *codes: str) -> None:
        self.wait(lambda: self.codes() == set(codes))


@pytest.fixture
def watched(tmp_path: Path, repository: Path) -> Iterator[Watched]:
    watched = Watched(tmp_path)
    watched.files.mkdir()
    watched.start(repository)
    yield watched
    watched.process.kill()
    watched.process.wait(timeout=30)


def test_an_empty_folder_is_watched_and_what_is_dropped_changed_and_removed_there_is_live(
    watched: Watched,
) -> None:
    watched.wait(lambda: "released 1" in watched.said())
    file = export(watched.files / "a-2031-05.jsonl", "9.200001")
    watched.wait_for("9.200001")
    export(file, "9.200001", "9.200002")
    watched.wait_for("9.200001", "9.200002")
    below = watched.files / "new folder"
    below.mkdir()
    export(below / "b-2031-05.jsonl", "9.200003")
    watched.wait_for("9.200001", "9.200002", "9.200003")
    file.unlink()
    watched.wait_for("9.200003")


def test_a_file_is_read_when_it_is_whole_and_not_before(watched: Watched) -> None:
    watched.wait(lambda: "released 1" in watched.said())
    codes = [f"9.2{n:05}" for n in range(12)]
    whole = export(watched.home / "whole.jsonl", *codes).read_bytes().splitlines(keepends=True)
    with (watched.files / "a-2031-05.jsonl").open("wb") as file:
        for line in whole:  # five seconds in all, twice the quiet time: it is the pauses between that count
            file.write(line)
            file.flush()
            time.sleep(0.4)
            assert watched.codes() == set()
    watched.wait_for(*codes)
    assert "released 3" not in watched.said()


def test_a_copy_on_its_way_is_read_under_its_last_name_only(watched: Watched) -> None:
    watched.wait(lambda: "released 1" in watched.said())
    on_its_way = export(watched.files / "a-2031-05.jsonl.part", "9.200001")
    export(watched.files / "b-2031-05.jsonl", "9.200002")
    watched.wait_for("9.200002")
    on_its_way.rename(watched.files / "a-2031-05.jsonl")
    watched.wait_for("9.200001", "9.200002")
    assert ".part" not in watched.said()


def test_a_bad_file_is_said_and_stops_neither_the_others_nor_the_watch(watched: Watched) -> None:
    good = export(watched.files / "good-2031-05.jsonl", "9.200001")
    watched.wait_for("9.200001")
    (watched.files / "empty.docx").touch()
    good.write_bytes(b'{"ma_thu_tuc": ')
    export(watched.files / "other-2031-05.jsonl", "9.200002")
    watched.wait_for("9.200001", "9.200002")  # a file that spoilt keeps what it gave
    watched.wait(
        lambda: "empty.docx: Tệp trống" in watched.said() and "good-2031-05.jsonl" in watched.said()
    )  # said after the swap
    export(good, "9.200003")
    watched.wait_for("9.200002", "9.200003")


def test_what_came_while_nobody_watched_is_read_at_the_start(watched: Watched, repository: Path) -> None:
    watched.wait(lambda: "released 1" in watched.said())
    watched.process.kill()
    watched.process.wait(timeout=30)
    export(watched.files / "a-2031-05.jsonl", "9.200001")
    watched.start(repository)
    watched.wait_for("9.200001")


def test_a_folder_that_went_away_and_came_back_is_watched_again(tmp_path: Path, repository: Path) -> None:
    watched = Watched(tmp_path)
    watched.files.mkdir()
    export(watched.files / "a-2031-05.jsonl", "9.200001")
    watched.start(repository, look_again_s=1.0)
    try:
        watched.wait_for("9.200001")
        shutil.move(watched.files, tmp_path / "away")
        watched.wait(lambda: "root_away" in watched.said())
        assert watched.codes() == {"9.200001"}
        watched.files.mkdir()
        export(watched.files / "a-2031-05.jsonl", "9.200001", "9.200002")
        watched.wait_for("9.200001", "9.200002")
        assert watched.said().count("root_away") == 1  # said once, not at every look
    finally:
        watched.process.kill()
        watched.process.wait(timeout=30)
