"""Ingest from file to live index: only what changed is read, nothing half live, the way back."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event

import knowledge.index.store
import knowledge.ingest.service
from knowledge.index.store import IndexStore
from knowledge.ingest.lock import IngestBusy, only_ingest
from knowledge.ingest.page import headline, page_of, write_page
from knowledge.ingest.report import IngestOutcome, differing_facts
from knowledge.ingest.scan import STILL_WRITTEN
from knowledge.library import build_library
from knowledge.sources.report import ReadReport
from knowledge.store.errors import ContentStoreError, ReleaseMissing
from knowledge.store.history import VersionHistory
from tests.fakes import BIRTH, MARRIAGE, PASSPORT
from tests.unit.knowledge.ingest.town import Town, export, line_of, plan


@pytest.fixture
def town(tmp_path: Path, small_restorer: None) -> Town:
    return Town(tmp_path / "town")


def counting(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files that were parsed."""
    names: list[str] = []
    real = knowledge.ingest.service.read_file
    monkeypatch.setattr(knowledge.ingest.service, "read_file", lambda path, limits: names.append(path.name) or real(path, limits))
    return names


# What changed.


def test_a_first_run_takes_everything_in_and_says_what_it_found(town: Town) -> None:
    export(town.files / "a-2031-05.jsonl", "9.200001", "9.200002")
    plan(town.files / "dieu.txt")
    outcome = town.run()
    assert (outcome.state, outcome.n_procedures, outcome.n_plans, outcome.n_new) == ("live", 4, 1, 5)
    assert town.codes() == {BIRTH.code, MARRIAGE.code, "9.200001", "9.200002"}
    read = line_of(outcome, "a-2031-05.jsonl").outcome
    assert (read.n_procedures, read.n_new, read.n_changed) == (2, 2, 0)


def test_a_second_run_parses_encodes_and_builds_nothing(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    export(town.files / "a-2031-05.jsonl", "9.200001")
    town.run()
    parsed, name = counting(monkeypatch), town.live().name
    town.encoder.encoded.clear()
    outcome = town.run()
    assert (outcome.state, parsed, town.encoder.encoded, town.live().name) == ("unchanged", [], [], name)


def test_only_the_file_that_changed_is_parsed_and_only_new_words_encoded(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    export(town.files / "a-2031-05.jsonl", "9.200001")
    changing = export(town.files / "b-2031-05.jsonl", "9.200002")
    town.run()
    parsed = counting(monkeypatch)
    town.encoder.encoded.clear()
    export(changing, "9.200002", linh_vuc="Chim rừng")
    outcome = town.run()
    assert parsed == ["b-2031-05.jsonl"]
    assert len(town.encoder.encoded) == 1  # the digest of the one record that changed
    assert (outcome.n_new, outcome.n_changed, outcome.n_ended) == (0, 1, 0)


def test_a_file_touched_but_the_same_is_not_parsed_again(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    file = export(town.files / "a-2031-05.jsonl", "9.200001")
    town.run()
    parsed = counting(monkeypatch)
    file.write_bytes(file.read_bytes())
    assert town.run().state == "unchanged"
    assert parsed == []


def test_readers_whose_code_changed_read_every_file_again(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    export(town.files / "a-2031-05.jsonl", "9.200001")
    town.run()
    parsed = counting(monkeypatch)
    monkeypatch.setattr(knowledge.ingest.service, "reader_digest", lambda: "ee" * 32)
    assert town.run().state == "live"  # the same records under a new reading: no index is built for them
    assert parsed == ["a-2031-05.jsonl"]


def test_a_file_that_is_gone_takes_its_records_with_it_and_history_keeps_them(town: Town) -> None:
    file = export(town.files / "a-2031-05.jsonl", "9.200001")
    town.run()
    file.unlink()
    outcome = town.run()
    assert line_of(outcome, "a-2031-05.jsonl").state == "gone"
    assert (outcome.n_ended, "9.200001" in town.codes()) == (1, False)
    assert [v.status for v in VersionHistory(town.database).versions("procedure", "9.200001")] == ["ended"]


def test_a_root_that_is_away_loses_nothing(town: Town) -> None:
    export(town.files / "a-2031-05.jsonl", "9.200001")
    town.run()
    shutil.move(town.files, town.home / "elsewhere")
    outcome = town.run(town.files)
    assert "9.200001" in town.codes()
    assert [f.kind for f in outcome.findings] == ["root_away"]


def test_a_file_that_was_removed_does_not_come_back_when_its_root_is_away(town: Town) -> None:
    export(town.files / "a-2031-05.jsonl", "9.200001")
    removed = export(town.files / "b-2031-05.jsonl", "9.200002")
    town.run()
    removed.unlink()
    town.run()
    shutil.move(town.files, town.home / "elsewhere")
    assert town.run(town.files).n_ended == 0
    assert "9.200001" in town.codes() and "9.200002" not in town.codes()


def test_a_file_still_being_written_waits_and_keeps_what_it_gave(town: Town) -> None:
    file = export(town.files / "a-2031-05.jsonl", "9.200001")
    old = time.time() - 60
    os.utime(file, (old, old))
    watching = replace(town.ingest, settle_s=30)
    assert watching.run(town.bundled, [town.files]).state == "live"
    export(file, "9.200002")
    waiting = line_of(watching.run(town.bundled, [town.files]), file.name)
    assert (waiting.state, waiting.fault, waiting.has_earlier) == ("failed", STILL_WRITTEN, True)
    assert "9.200001" in town.codes()
    os.utime(file, (old + 20, old + 20))
    watching.run(town.bundled, [town.files])
    assert "9.200002" in town.codes()


def test_a_root_that_is_no_longer_named_takes_its_records_with_it(town: Town, tmp_path: Path) -> None:
    export(town.files / "a-2031-05.jsonl", *(f"9.2000{n:02}" for n in range(30)))
    other = tmp_path / "other"
    other.mkdir()
    town.run(town.files, other)
    outcome = town.run(other)
    assert (outcome.state, town.codes()) == ("live", {BIRTH.code, MARRIAGE.code})


def test_new_bundled_records_are_a_change_like_any_other(town: Town) -> None:
    town.run()
    town.bundled = ReadReport(records=(replace(BIRTH, result="Bản điện tử"), MARRIAGE, PASSPORT))
    outcome = town.run()
    assert (outcome.n_new, outcome.n_changed) == (1, 1)


# Nothing half live.


def test_a_run_that_was_ended_goes_on_where_it_stopped(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in "abc":
        export(town.files / f"{name}-2031-05.jsonl", f"9.20000{ord(name) - 96}")
    real = knowledge.ingest.service.read_file

    def ended(path: Path, limits: object) -> ReadReport:
        if path.name.startswith("c"):
            raise KeyboardInterrupt  # as a kill would: nothing of ours runs after it
        return real(path, limits)

    monkeypatch.setattr(knowledge.ingest.service, "read_file", ended)
    with pytest.raises(KeyboardInterrupt):
        town.run()
    monkeypatch.setattr(knowledge.ingest.service, "read_file", real)
    parsed = counting(monkeypatch)
    assert town.run().n_procedures == 5
    assert parsed == ["c-2031-05.jsonl"]


def test_a_file_whose_reading_ends_the_program_is_left_alone_after_two_tries(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    deadly = export(town.files / "deadly-2031-05.jsonl", "9.200001")
    real = knowledge.ingest.service.read_file

    def crash(path: Path, limits: object) -> ReadReport:
        if path.name.startswith("deadly"):
            raise SystemExit(139)
        return real(path, limits)

    monkeypatch.setattr(knowledge.ingest.service, "read_file", crash)
    for _ in range(2):
        with pytest.raises(SystemExit):
            town.run()
    outcome = town.run()
    assert line_of(outcome, "deadly-2031-05.jsonl").state == "failed"
    assert "2 lần" in line_of(outcome, "deadly-2031-05.jsonl").fault
    monkeypatch.setattr(knowledge.ingest.service, "read_file", real)
    export(deadly, "9.200001", linh_vuc="Chim rừng")
    assert line_of(town.run(), "deadly-2031-05.jsonl").state == "read"


def test_a_full_disk_while_building_leaves_the_live_index_and_nothing_half(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.run()
    name, folders = town.live().name, sorted(p.name for p in (town.home / "index").iterdir())
    export(town.files / "a-2031-05.jsonl", "9.200001")
    real = knowledge.index.store.build_index

    def full(library, encoder, folder, *rest, **kept):
        folder.mkdir()
        (folder / "half").write_text("x")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(knowledge.index.store, "build_index", full)
    with pytest.raises(OSError, match="No space left"):
        town.run()
    assert (town.live().name, sorted(p.name for p in (town.home / "index").iterdir())) == (name, folders)
    assert [r.state for r in town.ingest.releases.list()] == ["failed", "live"]
    monkeypatch.setattr(knowledge.index.store, "build_index", real)
    assert town.run().state == "live" and "9.200001" in town.codes()


def test_a_full_disk_under_the_database_loses_nothing_and_the_next_run_goes_on(town: Town) -> None:
    town.run()
    name, engine = town.live().name, town.database._engine
    for letter in "ab":
        export(town.files / f"{letter}-2031-05.jsonl", *(f"9.2{letter == 'b':d}{n:04}" for n in range(150)))

    def is_full(connection: sqlite3.Connection, _: object) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages + 20}")

    engine.dispose()
    event.listen(engine, "connect", is_full)
    with pytest.raises(ContentStoreError, match="full.*goes on where it stopped"):
        town.run()
    event.remove(engine, "connect", is_full)
    engine.dispose()
    assert town.live().name == name and town.codes() == {BIRTH.code, MARRIAGE.code}
    assert town.run().n_procedures == 302


def test_a_database_that_goes_away_between_two_files_keeps_the_first(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.run()
    export(town.files / "a-2031-05.jsonl", "9.200001")
    export(town.files / "b-2031-05.jsonl", "9.200002")
    from knowledge.store.files import SourceFiles

    real = SourceFiles.begin

    def away(self: SourceFiles, path: str, *rest: object) -> int:
        if "b-2031" in path:
            raise ContentStoreError("database of content: away")
        return real(self, path, *rest)

    monkeypatch.setattr(SourceFiles, "begin", away)
    with pytest.raises(ContentStoreError):
        town.run()
    assert town.codes() == {BIRTH.code, MARRIAGE.code}
    monkeypatch.setattr(SourceFiles, "begin", real)
    parsed = counting(monkeypatch)
    town.run()
    assert parsed == ["b-2031-05.jsonl"]
    assert {"9.200001", "9.200002"} <= town.codes()


def test_an_index_that_does_not_find_its_own_procedures_never_goes_live(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.run()
    name = town.live().name
    export(town.files / "a-2031-05.jsonl", "9.200001")
    monkeypatch.setattr("knowledge.ingest.selfcheck._MUST_FIND", 1.1)
    outcome = town.run()
    assert outcome.is_refused and [f.kind for f in outcome.findings] == ["selfcheck"]
    assert town.live().name == name and len(list((town.home / "index").iterdir())) == 2


def test_two_ingests_at_once_wait_for_each_other(tmp_path: Path) -> None:
    with only_ingest(tmp_path / "lock"), pytest.raises(IngestBusy), only_ingest(tmp_path / "lock", wait_s=0, sleep=lambda _: None):
        pass
    with only_ingest(tmp_path / "lock", wait_s=0):
        pass


# The way back.


def test_rollback_brings_back_what_was_live_and_the_same_files_stay_out(town: Town) -> None:
    file = export(town.files / "a-2031-05.jsonl", "9.200001")
    town.run()
    before = town.live().name
    export(file, "9.200001", "9.200002")
    town.run()
    assert town.ingest.roll_back().state == "live"
    assert (town.live().name, "9.200002" in town.codes()) == (before, False)
    again = town.run()
    assert line_of(again, "a-2031-05.jsonl").state == "held"
    assert "9.200002" not in town.codes()
    export(file, "9.200001", "9.200003")
    town.run()
    assert "9.200003" in town.codes()


def test_rollback_builds_the_index_again_where_its_folder_is_gone(town: Town) -> None:
    file = export(town.files / "a-2031-05.jsonl", "9.200001")
    town.run()
    first = town.live().name
    export(file, "9.200002")
    town.run()
    shutil.rmtree(town.home / "index" / first)
    town.ingest.roll_back()
    assert "9.200001" in town.codes() and "9.200002" not in town.codes()


def test_rollback_without_a_release_before_changes_nothing(town: Town) -> None:
    town.run()
    name = town.live().name
    with pytest.raises(ReleaseMissing):
        town.ingest.roll_back()
    assert town.live().name == name


def test_a_file_that_is_gone_comes_back_with_the_release_that_held_it(town: Town) -> None:
    file = export(town.files / "a-2031-05.jsonl", "9.200001")
    town.run()
    file.unlink()
    town.run()
    town.ingest.roll_back()
    assert "9.200001" in town.codes()
    assert town.run().state == "unchanged" and "9.200001" in town.codes()


def test_an_index_from_before_the_database_becomes_its_first_release(town: Town) -> None:
    town.run()
    name = town.live().name
    town.database.close()
    for path in town.home.glob("motcua.db*"):
        path.unlink()
    town.open_database()
    outcome = town.run()
    assert (outcome.state, outcome.was_built, town.live().name) == ("live", False, name)


# The report.


def test_the_page_tells_of_every_file_and_escapes_what_files_say(town: Town, tmp_path: Path) -> None:
    export(town.files / "a-2031-05.jsonl", "9.200001")
    (town.files / "<script>.txt").write_bytes(b"")
    outcome = town.run()
    page = write_page(outcome, tmp_path / "reports").read_text(encoding="utf-8")
    assert "a-2031-05.jsonl" in page and "Tệp trống" in page and "Đã đưa lên bản" in page
    assert "<script>" not in page and "&lt;script&gt;" in page


def disagreeing(town: Town) -> IngestOutcome:
    """An ingest of an older and a newer reading of two bundled records, by other agencies."""
    export(town.files / "cu-2029-12.jsonl", BIRTH.code, co_quan_thuc_hien="Sở Chim")
    export(town.files / "moi-2033-01.jsonl", MARRIAGE.code, co_quan_thuc_hien="Sở Hoa")
    return town.run()


def test_two_readings_that_differ_are_listed_with_what_is_kept(town: Town) -> None:
    found = {conflict.record: conflict for conflict in disagreeing(town).disagreeing}
    birth, marriage = found[BIRTH.code], found[MARRIAGE.code]
    assert (birth.kept, birth.kept_on) == (BIRTH.source.id, BIRTH.source.read_on)
    assert (birth.left, birth.left_on) == (f"cu-2029-12.jsonl#{BIRTH.code}", "2029-12")
    assert (marriage.kept, marriage.kept_on, marriage.left) == (f"moi-2033-01.jsonl#{MARRIAGE.code}", "2033-01", MARRIAGE.source.id)
    assert "cơ quan / agency" in differing_facts(birth)
    assert {d.other for d in birth.facts if d.field == "agency"} == {"Sở Chim"}


def test_the_page_lists_every_disagreement_with_both_readings(town: Town) -> None:
    rows = page_of(disagreeing(town)).partition("Hai nguồn nói khác nhau")[2]
    for told in (BIRTH.code, BIRTH.source.id, f"cu-2029-12.jsonl#{BIRTH.code}", "2029-12", BIRTH.source.read_on, "Sở Chim", "Sở Hoa"):
        assert told in rows, told


def test_readings_that_differ_in_words_only_are_counted_but_not_listed(town: Town) -> None:
    town.run()
    same = replace(BIRTH, source=replace(BIRTH.source, id="khác", read_on="2029-12"), result="Giấy khác")
    library = build_library(ReadReport(records=(BIRTH,)), ReadReport(records=(same,)))
    outcome = replace(town.run(), conflicts=library.conflicts)
    assert (outcome.n_conflicts, outcome.disagreeing) == (1, ())


def test_without_two_readings_the_page_has_no_such_list(town: Town) -> None:
    assert "Hai nguồn nói khác nhau" not in page_of(town.run())


def test_the_headline_names_the_end(town: Town) -> None:
    outcome = town.run()
    assert "Đã đưa lên bản / released 1" in headline(outcome)
    assert "nothing changed" in headline(town.run())
    refused: IngestOutcome = replace(outcome, state="refused")
    assert "NOT released" in headline(refused) and 'class="state refused"' in page_of(refused)


def test_only_the_last_pages_are_kept(town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("knowledge.ingest.page._KEPT_PAGES", 2)
    outcome = town.run()
    for second in range(4):
        write_page(replace(outcome, started=outcome.started.replace(second=second)), tmp_path)
    assert len(list(tmp_path.glob("ingest-*.html"))) == 2


def test_the_live_folder_is_never_dropped(town: Town) -> None:
    store = IndexStore(town.home / "index")
    for n in range(4):
        export(town.files / "a-2031-05.jsonl", f"9.20000{n}")
        town.run()
        assert (store.root / store.current_name() / "manifest.json").exists()
