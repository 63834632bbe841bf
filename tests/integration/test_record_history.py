"""Earlier readings as the public pages show them, over a real content database (SQLite and PostgreSQL)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.history_service import ContentHistory, PageHistory
from connectors.store.database import open_engine
from knowledge.model import Procedure, Submission
from knowledge.sources.report import ReadReport
from knowledge.store.database import ContentDatabase
from knowledge.store.errors import ContentStoreError
from knowledge.store.files import Bytes, SourceFiles
from knowledge.store.releases import Batch, Releases
from tests.fakes import BIRTH, MARRIAGE

pytestmark = pytest.mark.integration
TODAY = (datetime.now(UTC) + timedelta(hours=7)).date()


@pytest.fixture
def database(any_database_url: str) -> Iterator[ContentDatabase]:
    database = ContentDatabase(open_engine(any_database_url))
    yield database
    database.close()


def read(record: Procedure, day: str, **changes: object) -> Procedure:
    return replace(record, source=replace(record.source, read_on=day, digest=day), **changes)


def go_live(database: ContentDatabase, path: str, *records: Procedure) -> None:
    files, releases = SourceFiles(database), Releases(database)
    file_id = files.begin(path, Bytes((path * 64)[:64], 10, 1), "reader")
    files.finish(file_id, ReadReport(records, ()))
    order = [Batch(f.id, f.batch) for f in files.known().values() if f.batch and f.state != "gone"]
    made = releases.begin(order, "cd" * 32)
    releases.built(made, path, 1, 0)
    releases.went_live(made)


def test_readings_come_newest_first_with_what_differs_and_first_readings_are_no_change(database: ContentDatabase) -> None:
    go_live(database, "a", read(BIRTH, "2030-01-05"), read(MARRIAGE, "2030-01-05"))
    dearer = read(BIRTH, "2031-02-06", place="Nơi mới", submissions=(Submission("desk", "1 ngày", fees=("20.000 đồng",)),))
    go_live(database, "b", dearer)
    port = PageHistory(ContentHistory(database))
    rows = port.versions(dearer)
    assert [row.read_on for row in rows] == ["2031-02-06", "2030-01-05"]
    assert len(rows[0].changed) >= 2 and rows[1].changed == ()
    changes = port.changes(TODAY - timedelta(days=1), TODAY + timedelta(days=1))
    assert [(each.code, each.name) for each in changes] == [(BIRTH.code, BIRTH.name)]
    assert changes[0].changed == rows[0].changed
    assert (changes[0].since, changes[0].until, changes[0].is_stated) == (date(2031, 2, 6), None, False)
    assert port.changes(TODAY + timedelta(days=5), TODAY + timedelta(days=9)) == ()


def test_a_database_that_is_away_leaves_the_reading_at_hand_and_is_told(tmp_path: Path) -> None:
    port = PageHistory(ContentHistory(ContentDatabase(open_engine(f"sqlite:///{tmp_path}"))))  # a folder is no database
    assert [row.read_on for row in port.versions(BIRTH)] == [BIRTH.source.read_on]
    with pytest.raises(ContentStoreError):
        port.changes(TODAY, TODAY)
