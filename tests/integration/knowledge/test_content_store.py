"""Files, versions and releases on SQLite and on a real PostgreSQL: the same tests on both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import inspect

from connectors.store.database import open_engine
from knowledge.model import Plan, PlanSection, Procedure
from knowledge.sources.report import ReadReport, ReadWarning
from knowledge.store.database import ContentDatabase
from knowledge.store.errors import ContentStoreError, ReleaseMissing
from knowledge.store.files import Bytes, SourceFiles
from knowledge.store.history import VersionHistory
from knowledge.store.releases import Batch, Releases
from knowledge.store.tables import ContentBase
from tests.fakes import BIRTH, LIVE_PLAN, MARRIAGE, OLD_PLAN, PASSPORT

pytestmark = pytest.mark.integration
SOME = Bytes("ab" * 32, 10, 1)


@pytest.fixture
def database(any_database_url: str) -> Iterator[ContentDatabase]:
    database = ContentDatabase(open_engine(any_database_url))
    yield database
    database.close()


@pytest.fixture
def files(database: ContentDatabase) -> SourceFiles:
    return SourceFiles(database)


@pytest.fixture
def releases(database: ContentDatabase) -> Releases:
    return Releases(database)


def take(files: SourceFiles, path: str, *records: Procedure | Plan, digest: str = "ab"):
    file_id = files.begin(path, Bytes(digest * 32, 10, 1), "reader")
    report = ReadReport(
        tuple(r for r in records if isinstance(r, Procedure)), tuple(r for r in records if isinstance(r, Plan))
    )
    return file_id, files.finish(file_id, report)


def release(files: SourceFiles, releases: Releases, name: str = "build") -> int:
    order = [Batch(f.id, f.batch) for f in files.known().values() if f.batch and f.state != "gone"]
    live = releases.live()
    made = releases.begin(order, "cd" * 32)
    releases.built(made, name, 1, 0)
    releases.went_live(made)
    releases.count_changes(made, live.id if live else None)
    return made


def read_on(record: Procedure, day: str, **changes) -> Procedure:
    return replace(record, source=replace(record.source, read_on=day, digest=day), **changes)


def test_migrations_make_every_table(database: ContentDatabase, any_database_url: str) -> None:
    database.upgrade()
    engine = open_engine(any_database_url)
    looked_at = inspect(engine)
    for name, table in ContentBase.metadata.tables.items():
        made = {column["name"]: column["nullable"] for column in looked_at.get_columns(name)}
        assert made == {column.name: column.nullable for column in table.columns}
    indexes = {i["name"] for i in looked_at.get_indexes("record_version")} | {i["name"] for i in looked_at.get_indexes("record_reading")}
    assert {"ix_record_version_first_live", "ix_record_reading_version_id"} <= indexes
    engine.dispose()


def test_the_gateways_tables_and_these_share_one_database(database: ContentDatabase, any_database_url: str) -> None:
    from connectors.store.database import upgrade_database

    upgrade_database(any_database_url)
    database.upgrade()
    upgrade_database(any_database_url)
    engine = open_engine(any_database_url)
    assert {"open_question", "record_version"} <= set(inspect(engine).get_table_names())
    engine.dispose()


def test_what_was_read_comes_back_equal_and_in_order(files: SourceFiles, releases: Releases) -> None:
    file_id, outcome = take(files, "/a.jsonl", MARRIAGE, BIRTH, OLD_PLAN)
    report = releases.reports([Batch(file_id, 1)])[0]
    assert report.records == (MARRIAGE, BIRTH)
    assert report.plans == (OLD_PLAN,)
    assert (outcome.n_new, outcome.n_procedures, outcome.n_plans) == (3, 2, 1)


def test_the_same_words_read_again_make_no_new_version(files: SourceFiles, releases: Releases, database: ContentDatabase) -> None:
    take(files, "/a.jsonl", BIRTH)
    _, again = take(files, "/b-2031-06.jsonl", read_on(BIRTH, "2031-06"))
    assert (again.n_new, again.n_changed, again.n_same) == (0, 0, 1)
    release(files, releases)
    (version,) = VersionHistory(database).versions("procedure", BIRTH.code)
    assert (version.read_on, version.last_read_on) == ("2031-05", "2031-06")
    assert version.record.source.read_on == "2031-06"


def test_other_words_make_a_new_version_and_the_old_one_is_superseded(files: SourceFiles, releases: Releases, database: ContentDatabase) -> None:
    take(files, "/a.jsonl", BIRTH, MARRIAGE)
    release(files, releases, "one")
    _, again = take(files, "/a.jsonl", read_on(BIRTH, "2031-06", result="Bản điện tử"), MARRIAGE)
    assert (again.n_new, again.n_changed, again.n_same) == (0, 1, 1)
    release(files, releases, "two")
    versions = VersionHistory(database).versions("procedure", BIRTH.code)
    assert [(v.read_on, v.status) for v in versions] == [("2031-05", "superseded"), ("2031-06", "current")]
    assert [r.n_changed for r in releases.list()] == [1, 0]


def test_a_record_that_the_file_no_longer_holds_has_ended(files: SourceFiles, releases: Releases, database: ContentDatabase) -> None:
    take(files, "/a.jsonl", BIRTH, MARRIAGE)
    release(files, releases)
    _, again = take(files, "/a.jsonl", MARRIAGE)
    assert again.n_ended == 1
    release(files, releases)
    assert [v.status for v in VersionHistory(database).versions("procedure", BIRTH.code)] == ["ended"]


def test_what_never_went_live_is_a_draft_and_no_history(files: SourceFiles, database: ContentDatabase) -> None:
    take(files, "/a.jsonl", BIRTH)
    history = VersionHistory(database)
    assert history.versions("procedure", BIRTH.code) == ()
    assert [v.status for v in history.versions("procedure", BIRTH.code, with_drafts=True)] == ["draft"]


def test_a_plan_whose_period_has_passed_has_ended(files: SourceFiles, releases: Releases, database: ContentDatabase) -> None:
    over = replace(OLD_PLAN, period_from=date.today() - timedelta(20), period_to=date.today() - timedelta(1))
    runs = replace(LIVE_PLAN, period_from=date.today(), period_to=date.today())
    take(files, "/plans", over, runs)
    release(files, releases)
    (ended,) = VersionHistory(database).versions("plan", over.id)
    (current,) = VersionHistory(database).versions("plan", runs.id)
    assert (ended.status, ended.in_force_to) == ("ended", over.period_to)
    assert (current.status, current.in_force_from) == ("current", date.today())


def test_a_plan_that_another_replaces_names_it(files: SourceFiles, releases: Releases, database: ContentDatabase) -> None:
    older = replace(LIVE_PLAN, id="cu", number="41/KH-UBND", period_from=None, period_to=None)
    words = PlanSection("I", "Hiệu lực", ("Hiệu lực",), ("Kế hoạch này thay thế Kế hoạch số 41/KH-UBND ngày 05/01/2031.",))
    newer = replace(older, id="moi", number="52/KH-UBND", sections=(words,))
    take(files, "/plans", older, newer)
    release(files, releases)
    history = VersionHistory(database)
    (old,), (new,) = history.versions("plan", "cu"), history.versions("plan", "moi")
    assert (old.status, old.replaced_by) == ("superseded", "52/KH-UBND")
    assert (new.status, new.replaces) == ("current", ("41/KH-UBND",))


def test_changes_since_a_day_are_those_that_went_live_then(files: SourceFiles, releases: Releases, database: ContentDatabase) -> None:
    take(files, "/a.jsonl", BIRTH, OLD_PLAN)
    release(files, releases)
    history, today = VersionHistory(database), date.today()
    assert {v.record_id for v in history.gone_live_since(today - timedelta(1))} == {BIRTH.code, OLD_PLAN.id}
    assert [v.record_id for v in history.gone_live_since(today - timedelta(1), kind="plan")] == [OLD_PLAN.id]
    assert history.gone_live_since(today + timedelta(2)) == ()
    pages = [history.gone_live_since(today - timedelta(1), limit=1, offset=n) for n in range(3)]
    assert [len(page) for page in pages] == [1, 1, 0] and pages[0] != pages[1]


def test_a_failed_reading_keeps_what_the_file_gave_before(files: SourceFiles) -> None:
    file_id, _ = take(files, "/a.jsonl", BIRTH)
    files.begin("/a.jsonl", Bytes("cd" * 32, 3, 2), "reader")
    files.fail(file_id, "Tệp hỏng", [ReadWarning("a.jsonl", "", "hỏng")])
    state = files.known()["/a.jsonl"]
    assert (state.state, state.batch, state.fault) == ("failed", 1, "Tệp hỏng")
    assert state.warnings == (ReadWarning("a.jsonl", "", "hỏng"),)


def test_attempts_are_counted_until_a_reading_ends(files: SourceFiles) -> None:
    for n in (1, 2, 3):
        file_id = files.begin("/a.pdf", SOME, "reader")
        assert files.known()["/a.pdf"].n_attempts == n
    files.begin("/a.pdf", replace(SOME, digest="ef" * 32), "reader")
    assert files.known()["/a.pdf"].n_attempts == 1  # other bytes, a fresh try
    files.finish(file_id, ReadReport(records=(BIRTH,)))
    assert files.known()["/a.pdf"].n_attempts == 0


def test_a_reading_that_cannot_be_kept_leaves_nothing_of_itself(files: SourceFiles, database: ContentDatabase, releases: Releases) -> None:
    file_id, _ = take(files, "/a.jsonl", BIRTH)
    broken = replace(PASSPORT, name="\ud800")  # no text that could be stored
    with pytest.raises(ValueError):
        files.finish(file_id, ReadReport(records=(MARRIAGE, broken)))
    assert VersionHistory(database).versions("procedure", MARRIAGE.code, with_drafts=True) == ()
    assert releases.reports([Batch(file_id, 1)])[0].records == (BIRTH,)


def test_text_with_control_characters_is_kept(files: SourceFiles, releases: Releases) -> None:
    odd = replace(BIRTH, name="Đăng ký\x00 khai sinh", steps="một\x0bhai")
    file_id, _ = take(files, "/a.jsonl", odd)
    assert releases.reports([Batch(file_id, 1)])[0].records == (odd,)


def test_roots_are_kept_once_in_order_and_forgotten(files: SourceFiles) -> None:
    files.add_roots(["/b", "/a", "/b"])
    files.add_roots(["/a", "/c" + "x" * 3000])
    assert files.roots() == ["/b", "/a", "/c" + "x" * 3000]
    assert files.forget_root("/b") and not files.forget_root("/b")
    assert files.roots()[0] == "/a"


def test_a_release_whose_index_is_live_becomes_live_after_a_crash_between_the_two(files: SourceFiles, releases: Releases) -> None:
    file_id, _ = take(files, "/a.jsonl", BIRTH)
    made = releases.begin([Batch(file_id, 1)], "cd" * 32)
    releases.built(made, "published", 1, 0)
    lost = releases.begin([Batch(file_id, 1)], "cd" * 32)
    releases.reconcile("published")
    assert releases.live().id == made
    assert {r.id: r.state for r in releases.list()} == {made: "live", lost: "failed"}


def test_going_back_makes_the_withdrawn_words_drafts_and_holds_their_file(files: SourceFiles, releases: Releases, database: ContentDatabase) -> None:
    file_id, _ = take(files, "/a.jsonl", BIRTH)
    first = release(files, releases)
    take(files, "/a.jsonl", read_on(BIRTH, "2031-06", result="Nhầm"), digest="cd")
    release(files, releases)
    target = releases.one_before(releases.live())
    assert target.id == first
    releases.hold_files(releases.batches(target.id))
    releases.went_live(target.id, left_as="withdrawn")
    assert [v.read_on for v in VersionHistory(database).versions("procedure", BIRTH.code)] == ["2031-05"]
    assert (files.known()["/a.jsonl"].batch, files.known()["/a.jsonl"].state) == (1, "held")
    assert [r.state for r in releases.list()] == ["withdrawn", "live"]
    with pytest.raises(ReleaseMissing, match="nothing was changed"):
        releases.one_before(releases.live())


def test_failed_releases_in_between_do_not_bar_the_way_back(files: SourceFiles, releases: Releases) -> None:
    take(files, "/a.jsonl", BIRTH)
    first = release(files, releases)
    for _ in range(25):  # a refused ingest each hour
        releases.fail(releases.begin([Batch(1, 1)], "cd" * 32), "refused")
    take(files, "/a.jsonl", read_on(BIRTH, "2031-06", result="Nhầm"), digest="cd")
    last = release(files, releases)
    target = releases.one_before(releases.live())
    assert target.id == first and releases.batches(first) == [Batch(1, 1)]
    releases.went_live(first, left_as="withdrawn")
    assert releases.batches(first) == [Batch(1, 1)]
    assert releases.batches(last - 1)  # the latest failed one, to be looked at
    assert releases.batches(first + 1) == []


def test_a_database_that_is_away_is_a_clear_error() -> None:
    database = ContentDatabase(open_engine("postgresql://motcua:secret@127.0.0.1:1/none?connect_timeout=1"))
    with pytest.raises(ContentStoreError) as caught:
        SourceFiles(database).known()
    assert "MOTCUA_DATABASE_URL" in str(caught.value) and "secret" not in str(caught.value)
    database.close()
