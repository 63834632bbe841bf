"""Folders as offices really keep them: plans of one file name in many communes, a folder that cannot be opened, and faults
that are not the file's."""

from __future__ import annotations

import gzip
import json
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from knowledge.ingest.service import Ingest
from knowledge.sources.guards import ReadLimits
from knowledge.store.errors import ContentStoreError
from knowledge.store.releases import Releases
from tests.unit.knowledge.ingest.test_faults import LOCKED
from tests.unit.knowledge.ingest.town import Town, export, line_of, plan


@pytest.fixture
def town(tmp_path: Path, small_restorer: None) -> Town:
    return Town(tmp_path / "town")


def communes(town: Town) -> tuple[Path, Path]:
    folders = town.files / "xa-an", town.files / "xa-binh"
    for folder in folders:
        folder.mkdir()
    return folders


def numbers(town: Town) -> dict[str, str]:
    return {p.number: p.id for p in town.live().plans}


def test_plans_of_one_file_name_in_two_folders_are_two_plans(town: Town) -> None:
    an, binh = communes(town)
    plan(an / "ke-hoach.txt", "11/KH-UBND", "Trồng tre.", "An Hòa")
    plan(binh / "ke-hoach.txt", "12/KH-UBND", "Trồng dừa.", "Bình Hòa")
    town.run()
    found = {p.number: p for p in town.live().plans}
    assert set(found) == {"11/KH-UBND", "12/KH-UBND"}
    assert "Bình Hòa" in found["12/KH-UBND"].authority and "An Hòa" in found["11/KH-UBND"].authority
    assert all("/" not in p.id for p in found.values())


def test_a_plan_of_a_known_file_name_leaves_the_known_one_alone(town: Town) -> None:
    an, binh = communes(town)
    plan(binh / "ke-hoach.txt", "12/KH-UBND", "Trồng dừa.", "Bình Hòa")
    town.run()
    plan(an / "ke-hoach.txt", "11/KH-UBND", "Trồng tre.", "An Hòa")
    town.run()
    assert numbers(town)["12/KH-UBND"] == "ke-hoach"
    assert set(numbers(town)) == {"11/KH-UBND", "12/KH-UBND"}


def test_one_file_copied_into_two_folders_is_one_plan(town: Town) -> None:
    an, binh = communes(town)
    plan(an / "ke-hoach.txt", "11/KH-UBND")
    shutil.copy2(an / "ke-hoach.txt", binh / "ke-hoach.txt")
    town.run()
    assert numbers(town) == {"11/KH-UBND": "ke-hoach"}


def test_a_folder_that_cannot_be_opened_is_said_and_keeps_what_it_gave(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    an, binh = communes(town)
    export(an / "a-2031-05.jsonl", "9.200001")
    export(binh / "b-2031-05.jsonl", "9.200002")
    town.run()
    real = Path.iterdir

    def denied(folder: Path):
        if folder == binh:
            raise PermissionError(13, "Permission denied")
        return real(folder)

    monkeypatch.setattr(Path, "iterdir", denied)
    export(an / "a-2031-05.jsonl", "9.200001", "9.200003")
    outcome = town.run()
    assert {"9.200001", "9.200002", "9.200003"} <= town.codes()
    assert any(finding.kind == "root_away" and "xa-binh" in finding.message for finding in outcome.findings)


def test_a_file_that_was_too_large_is_read_when_the_limit_is_raised(town: Town) -> None:
    export(town.files / "a-2031-05.jsonl", "9.200001")
    town.limits = ReadLimits(max_file_bytes=100)
    assert line_of(town.run(), "a-2031-05.jsonl").state == "failed"
    town.limits = ReadLimits()
    assert line_of(town.run(), "a-2031-05.jsonl").state == "read"
    assert "9.200001" in town.codes()


def test_a_scan_is_read_when_tesseract_has_come(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    from knowledge.sources.faults import FileFault

    file = export(town.files / "quet-2031-05.jsonl", "9.200001")
    real = Ingest.run.__globals__["read_file"]

    def without(path: Path, limits: object):
        raise FileFault(path, "ocr_missing", n_pages=1)

    monkeypatch.setattr("knowledge.ingest.service.read_file", without)
    assert "tesseract" in line_of(town.run(), file.name).fault
    monkeypatch.setattr("knowledge.ingest.service.read_file", real)
    assert line_of(town.run(), file.name).state == "read"


def test_a_file_with_scans_left_is_read_again_when_tesseract_has_come(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    from knowledge.sources.faults import warning

    file = export(town.files / "nua-2031-05.jsonl", "9.200001")
    real = Ingest.run.__globals__["read_file"]

    def without(path: Path, limits: object):
        report = real(path, limits)
        left = warning(path, "scans_unread", field="trang 2", pages="2", came="1 scanned pages and no tesseract")
        return replace(report, warnings=(*report.warnings, left))

    monkeypatch.setattr("knowledge.ingest.service.read_file", without)
    assert [w.field for w in line_of(town.run(), file.name).warnings] == ["trang 2"]
    monkeypatch.setattr("knowledge.ingest.service.read_file", real)
    assert (line_of(town.run(), file.name).state, line_of(town.run(), file.name).state) == ("read", "unchanged")


def test_an_export_that_comes_cut_keeps_what_it_gave(town: Town) -> None:
    file = export(town.files / "a-2031-05.jsonl", *(f"9.20000{n}" for n in range(9)))
    town.run()
    file.write_bytes(file.read_bytes()[:-300])
    line = line_of(town.run(), file.name)
    assert (line.state, line.has_earlier) == ("failed", True)
    assert "cut_short" in line.fault and "9.200008" in town.codes()


@pytest.mark.parametrize("suffix", ["xlsx", "jsonl.gz", "jsonl"])
def test_a_bomb_of_any_kind_is_refused_and_the_rest_goes_live(town: Town, suffix: str) -> None:
    town.limits = ReadLimits(max_unpacked_bytes=1_000_000, max_file_bytes=2_000_000)
    bad = town.files / f"bom.{suffix}"
    if suffix == "xlsx":
        with zipfile.ZipFile(bad, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("xl/worksheets/sheet1.xml", b"\0" * 3_000_000)
    elif suffix == "jsonl.gz":
        bad.write_bytes(gzip.compress(b" " * 3_000_000))
    else:
        bad.write_text("[" * 100_000, encoding="utf-8")  # nested beyond any parser
    export(town.files / "a-2031-05.jsonl", "9.200001")
    outcome = town.run()
    assert line_of(outcome, bad.name).state == "failed"
    assert "9.200001" in town.codes()


def test_a_locked_workbook_is_a_line(town: Town) -> None:
    (town.files / "a.xlsx").write_bytes(LOCKED)
    assert "mật khẩu" in line_of(town.run(), "a.xlsx").fault


def test_a_database_that_goes_away_after_the_swap_is_made_good_by_the_next_run(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.run()
    export(town.files / "a-2031-05.jsonl", "9.200001")
    real = Releases.went_live

    def away(self: Releases, *_: object, **__: object) -> None:
        raise ContentStoreError("database of content: away")

    monkeypatch.setattr(Releases, "went_live", away)
    with pytest.raises(ContentStoreError):
        town.run()
    assert "9.200001" in town.codes(), "index and content are swapped in one step; the database only notes it"
    monkeypatch.setattr(Releases, "went_live", real)
    outcome = town.run()
    assert (outcome.state, outcome.n_procedures) == ("unchanged", 3)
    assert [release.state for release in town.ingest.releases.list()].count("live") == 1


def test_a_json_with_one_broken_record_gives_the_others(town: Town) -> None:
    good = {"code": "9.200001", "name": "Nuôi chim", "executionMethods": [], "executionCases": []}
    (town.files / "a.json").write_text(json.dumps([{**good, "code": "sai"}, good]), encoding="utf-8")
    line = line_of(town.run(), "a.json")
    assert "9.200001" in town.codes() and any("sai" in w.message for w in line.warnings)
