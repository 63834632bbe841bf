"""Bad files and bad releases: a clear line each, the rest is taken in, nothing that was live is lost."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from knowledge.ingest.validate import MAX_LOSS, MIN_COUNTED
from knowledge.sources.encodings import from_tcvn3, from_vni
from knowledge.sources.guards import ReadLimits
from knowledge.store.history import VersionHistory
from nlu.normalizer import strip_diacritics
from tests.unit.knowledge.ingest.town import Town, export, line_of, plan
from tests.unit.knowledge.sources.pdf_making import locked_pdf, plain_pdf, scripted_pdf

LOCKED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le")


@pytest.fixture
def town(tmp_path: Path, small_restorer: None) -> Town:
    return Town(tmp_path / "town", limits=ReadLimits(max_file_bytes=2_000_000))


def bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"\0" * 3_000_000)


def large(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(2_000_001)


BAD = {
    "password.docx": (lambda p: p.write_bytes(LOCKED), "có mật khẩu"),
    "password.pdf": (lambda p: p.write_bytes(locked_pdf()), "có mật khẩu"),
    "truncated.pdf": (lambda p: p.write_bytes(plain_pdf()[:350]), "bị cụt"),
    "truncated.docx": (lambda p: p.write_bytes(b"PK\x03\x04" + b"x" * 400), "bị cụt"),
    "empty.xlsx": (lambda p: p.write_bytes(b""), "0 byte"),
    "large.pdf": (large, "quá mức 2 MB"),
    "bomb.docx": (bomb, "bung ra lớn bất thường"),
    "noise.txt": (lambda p: p.write_bytes(bytes(range(128, 256)) * 20), "bảng mã"),
    "half.json": (lambda p: p.write_bytes(b"{"), "hỏng"),
}


def test_every_bad_file_is_a_line_and_the_good_ones_go_live(town: Town) -> None:
    export(town.files / "good-2031-05.jsonl", "9.200001")
    for name, (write, _) in BAD.items():
        write(town.files / name)
    outcome = town.run()
    for name, (_, words) in BAD.items():
        line = line_of(outcome, name)
        assert (line.state, line.has_earlier) == ("failed", False), name
        assert words in line.fault and " | " in line.fault, name
    assert outcome.state == "live" and "9.200001" in town.codes()


@pytest.mark.parametrize("name", ["password.docx", "truncated.pdf", "empty.xlsx", "bomb.docx"])
def test_a_bad_file_is_not_opened_again_until_it_changes_and_says_its_fault_each_time(town: Town, name: str, monkeypatch) -> None:
    BAD[name][0](town.files / name)
    town.run()
    monkeypatch.setattr("knowledge.ingest.service.read_file", lambda *_: pytest.fail("opened"))
    assert BAD[name][1] in line_of(town.run(), name).fault


@pytest.mark.parametrize("spoilt", [b"", b'{"ma_thu_tuc": ', b"[]"])
def test_a_good_file_that_becomes_bad_keeps_what_it_gave(town: Town, spoilt: bytes) -> None:
    file = export(town.files / "a-2031-05.jsonl", "9.200001")
    town.run()
    file.write_bytes(spoilt)
    line = line_of(town.run(), "a-2031-05.jsonl")
    assert (line.state, line.has_earlier) == ("failed", True)
    assert line.fault and "9.200001" in town.codes()


def spelt_in(words: str, read: Callable[[str], str], codec: str) -> bytes:
    """The words as the old encoding that ``read`` undoes would have typed them."""
    high = [bytes([n]).decode(codec, errors="ignore") for n in range(161, 256)]
    typed = []
    for letter in words:
        pairs = [one + two for one in "aeiouyAEIOUYôöÔÖ" for two in high if read(one + two) == letter]
        pairs += [one for one in high if read(one) == letter]
        typed.append(letter if letter.isascii() else [*pairs, strip_diacritics(letter)][0])  # TCVN3 has no accented capitals
    return "".join(typed).encode(codec)


@pytest.mark.parametrize(("encoding", "read", "codec"), [("TCVN3", from_tcvn3, "latin-1"), ("VNI", from_vni, "cp1252")])
def test_old_encodings_are_converted_and_said(town: Town, encoding: str, read: Callable[[str], str], codec: str) -> None:
    (town.files / "cu.txt").write_bytes(spelt_in(plan(town.home / "x.txt").read_text(encoding="utf-8"), read, codec))
    outcome = town.run()
    assert any(encoding in w.message for w in line_of(outcome, "cu.txt").warnings)
    texts = [text for plan_ in town.live().plans for s in plan_.sections for text in s.paragraphs]
    assert "- Cho trẻ em được chơi ngoài trời." in texts


def test_a_pdf_with_a_script_is_read_without_running_it_and_said(town: Town) -> None:
    (town.files / "script.pdf").write_bytes(scripted_pdf())
    line = line_of(town.run(), "script.pdf")
    assert "JavaScript" in line.fault + " ".join(w.message for w in line.warnings)


def test_plans_that_replace_each_other_are_reported_and_both_stay_in_force(town: Town) -> None:
    plan(town.files / "a.txt", "41/KH-UBND", "Kế hoạch này thay thế Kế hoạch số 52/KH-UBND ngày 05/03/2031.")
    plan(town.files / "b.txt", "52/KH-UBND", "Kế hoạch này thay thế Kế hoạch số 41/KH-UBND ngày 05/03/2031.")
    outcome = town.run()
    assert [(f.kind, f.is_fatal) for f in outcome.findings] == [("circle", False)]
    assert "a, b" in outcome.findings[0].message
    history = VersionHistory(town.database)
    assert all(history.versions("plan", name)[0].replaced_by == "" for name in "ab")


def test_one_number_with_two_texts_is_reported_and_neither_is_lost(town: Town) -> None:
    plan(town.files / "a.txt", "41/KH-UBND", "Trồng tre dọc bờ sông lớn.")
    plan(town.files / "b.txt", "41/KH-UBND", "Trồng dừa dọc bờ biển.")
    outcome = town.run()
    assert [f.kind for f in outcome.findings] == ["same_number"]
    assert "41/KH-UBND" in outcome.findings[0].message and outcome.n_plans == 2


def test_one_number_of_two_provinces_is_no_conflict(town: Town) -> None:
    plan(town.files / "a.txt", "41/KH-UBND", "Trồng tre dọc bờ sông lớn.", place="Sương Lam")
    plan(town.files / "b.txt", "41/KH-UBND", "Trồng dừa dọc bờ biển.", place="Hoa Mơ")
    assert town.run().findings == ()


def many(n: int) -> list[str]:
    return [f"9.2{i:05}" for i in range(n)]


@pytest.mark.parametrize(("n_left", "is_refused"), [(32, False), (31, True)])
def test_a_release_that_lost_more_than_a_fifth_is_refused(town: Town, n_left: int, is_refused: bool) -> None:
    n_live = 40  # the two bundled ones are counted too
    assert MAX_LOSS == 0.2 and n_live >= MIN_COUNTED
    file = export(town.files / "a-2031-05.jsonl", *many(n_live - 2))
    town.run()
    export(file, *many(n_left - 2))
    outcome = town.run()
    assert outcome.is_refused is is_refused
    assert len(town.codes()) == (n_live if is_refused else n_left)
    if is_refused:
        assert "--accept-loss" in outcome.findings[0].message
        assert town.run().is_refused  # until the files or the operator's word change
        assert town.run(accept_loss=True).state == "live" and len(town.codes()) == n_left


def test_records_that_suddenly_lack_a_part_are_refused(town: Town) -> None:
    file = export(town.files / "a-2031-05.jsonl", *many(30))
    town.run()
    export(file, *many(30), thanh_phan_ho_so="")
    outcome = town.run()
    assert outcome.is_refused and [f.kind for f in outcome.findings] == ["emptied"]
    assert "documents" in outcome.findings[0].message
    assert all(p.documents for p in town.live().procedures if p.code.startswith("9.2"))


def test_records_without_code_or_name_are_left_out_and_named(town: Town) -> None:
    export(town.files / "a-2031-05.jsonl", "9.200001", "mã sai")
    line = line_of(town.run(), "a-2031-05.jsonl")
    assert "9.200001" in town.codes() and "mã sai" not in town.codes()
    assert any("d.dddddd" in w.message or "mã sai" in w.record for w in line.warnings)


def test_a_link_that_leads_back_up_is_read_once(town: Town) -> None:
    export(town.files / "a-2031-05.jsonl", "9.200001")
    (town.files / "round").symlink_to(town.files, target_is_directory=True)
    outcome = town.run()
    assert sum(line.name.endswith("a-2031-05.jsonl") for line in outcome.files) == 1


def test_a_name_that_is_no_text_is_a_line(town: Town) -> None:
    path = os.fsencode(town.files) + b"/t\xd6n.txt"
    try:
        Path(os.fsdecode(path)).write_bytes(b"x")
    except OSError:
        pytest.skip("this file system takes no such names")
    outcome = town.run()
    assert any("Tên tệp" in line.fault for line in outcome.files)


def test_a_file_without_the_right_to_read_is_a_line(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    file = export(town.files / "a-2031-05.jsonl", "9.200001")

    def denied(path: Path) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("knowledge.ingest.scan.digest_of_file", denied)
    line = line_of(town.run(), file.name)
    assert line.state == "failed" and "Không mở được tệp" in line.fault
