"""Versions from the database for the API, the pages and searches of a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.history_service import ContentHistory, PageHistory, VersionsPort, hits_as_of
from connectors.errors import StoreError
from connectors.store.database import open_engine
from knowledge.model import Submission
from knowledge.sources.report import ReadReport
from knowledge.store.database import ContentDatabase
from knowledge.store.errors import ContentStoreError
from knowledge.store.files import Bytes, SourceFiles
from knowledge.store.releases import Batch, Releases
from tests.fakes import BIRTH, OLD_PLAN


def reading(fee: str, read_on: str):
    source = replace(BIRTH.source, read_on=read_on, digest=read_on)
    return replace(BIRTH, source=source, submissions=(Submission("desk", "1 ngày", fees=(fee,)),))


@pytest.fixture
def database(tmp_path: Path) -> ContentDatabase:
    """Two releases: the fee of a birth registration changed between July 2030 and March 2031."""
    database = ContentDatabase(open_engine(f"sqlite:///{tmp_path / 'motcua.db'}"))
    files, releases = SourceFiles(database), Releases(database)
    for fee, read_on in (("5.000 đồng", "2030-07"), ("8.000 đồng", "2031-03-10")):
        file_id = files.begin("/export.jsonl", Bytes(read_on, 1, 1), "reader")
        files.finish(file_id, ReadReport(records=(reading(fee, read_on),), plans=(OLD_PLAN,)))
        made = releases.begin([Batch(file_id, files.known()["/export.jsonl"].batch)], "")
        releases.went_live(made)
    return database


def test_the_api_tells_versions_with_days_and_what_changed(database: ContentDatabase) -> None:
    old, new = VersionsPort(ContentHistory(database)).of_procedure(BIRTH.code)
    assert (old["since"], old["until"], old["status"]) == (date(2030, 7, 1), date(2031, 3, 9), "superseded")
    assert (new["until"], new["status"]) == (None, "current")
    assert new["differences"] == [{"part": "fee", "added": ["8.000 đồng"], "removed": ["5.000 đồng"]}]


def test_changes_since_a_day_hold_procedures_and_plans(database: ContentDatabase) -> None:
    found = VersionsPort(ContentHistory(database)).since(date.today() - timedelta(2), None, 10)
    assert {row["id"] for row in found} == {BIRTH.code, OLD_PLAN.id}
    assert len(VersionsPort(ContentHistory(database)).since(date.today() - timedelta(2), None, 1)) == 1


def test_the_page_shows_the_newest_reading_first_and_names_what_changed(database: ContentDatabase) -> None:
    new, old = PageHistory(ContentHistory(database)).versions(BIRTH)
    assert (new.read_on, old.read_on, new.changed, old.changed) == ("2031-03-10", "2030-07", ("Phí, lệ phí",), ())


def hit(kind: str = "procedure") -> dict:
    return {"kind": kind, "code": BIRTH.code, "id": f"{BIRTH.code}#fee", "text": "8.000 đồng", "title": "x", "source": "s", "url": "u"}


@pytest.mark.parametrize(
    ("day", "words", "read_on"),
    [(date(2030, 8, 1), "5.000 đồng", "2030-07"), (date(2031, 4, 1), "8.000 đồng", "2031-03-10"), (date(2029, 1, 1), "8.000 đồng", None)],
)
def test_hits_of_a_day_hold_the_words_of_that_day(database: ContentDatabase, day: date, words: str, read_on: str | None) -> None:
    found = hits_as_of({"hits": [hit()], "near_misses": [hit("plan")]}, day, ContentHistory(database))
    assert words in found["hits"][0]["text"]
    version = found["hits"][0]["version"]
    assert (version["read_on"] if version else None) == read_on
    assert "version" not in found["near_misses"][0]


def test_a_database_that_is_away_is_left_alone_for_a_while(tmp_path: Path) -> None:
    now = [0.0]
    history = ContentHistory(ContentDatabase(open_engine("sqlite:////proc/no/such.db")), clock=lambda: now[0])
    asked = []
    real = history._history.versions
    history._history.versions = lambda *rest: asked.append(rest) or real(*rest)
    for seconds in (0.0, 29.9, 30.1):
        now[0] = seconds
        with pytest.raises(ContentStoreError):
            history.versions("9.1")
    assert len(asked) == 2
    with pytest.raises(StoreError):
        VersionsPort(history).of_procedure("9.1")
    assert PageHistory(history).versions(BIRTH)[0].read_on == BIRTH.source.read_on
    assert hits_as_of({"hits": [hit()], "near_misses": []}, date(2030, 8, 1), history)["hits"][0]["version"] is None
