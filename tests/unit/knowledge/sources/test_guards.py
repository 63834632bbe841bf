"""Files that must not be opened, or not read to the end: each refused with one line in two languages."""

from __future__ import annotations

import gzip
import json
import zipfile
from pathlib import Path

import docx
import pytest

from knowledge.library import read_any
from knowledge.sources.faults import FileFault, fault_kinds, warning
from knowledge.sources.files import read_file
from knowledge.sources.guards import ReadLimits
from tests.unit.knowledge.sources.pdf_making import locked_pdf, plain_pdf, scripted_pdf

MB = 1_000_000
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


def fault_of(path: Path, limits: ReadLimits | None = None) -> FileFault:
    with pytest.raises(FileFault) as caught:
        read_file(path, limits)
    return caught.value


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def zipped(path: Path, parts: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


@pytest.mark.parametrize("name", ["a.docx", "a.pdf", "a.html", "a.xlsx", "a.csv", "a.md", "a.txt", "a.json", "a.jsonl"])
def test_a_file_without_a_byte_is_refused(tmp_path: Path, name: str):
    fault = fault_of(written(tmp_path / name, b""))
    assert fault.kind == "empty"
    assert "Tệp trống" in str(fault) and "zero bytes" in str(fault)


@pytest.mark.parametrize("name", ["a.docx", "a.pdf", "a.txt", "a.jsonl"])
def test_a_file_over_300_mb_is_not_opened(tmp_path: Path, name: str):
    path = tmp_path / name
    with path.open("wb") as file:
        file.truncate(300 * MB + 1)  # takes no room on disk
    fault = fault_of(path)
    assert fault.kind == "too_large"
    assert "300 MB" in str(fault) and "MOTCUA_MAX_FILE_MB" in fault.do


def test_the_limit_holds_to_the_byte(tmp_path: Path):
    path = written(tmp_path / "a.pdf", plain_pdf())
    size = path.stat().st_size
    assert read_file(path, ReadLimits(max_file_bytes=size)).warnings[0].message
    assert fault_of(path, ReadLimits(max_file_bytes=size - 1)).kind == "too_large"


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("a.docx", OLE + "EncryptedPackage".encode("utf-16-le"), "password"),
        ("a.xlsx", OLE + "EncryptedPackage".encode("utf-16-le"), "password"),
        ("a.pdf", locked_pdf(), "password"),
        ("a.doc", OLE, "legacy_office"),
        ("a.xls", OLE, "legacy_office"),
        ("a.docx", OLE, "legacy_office"),
        ("a.pdf", plain_pdf()[:350], "truncated"),
        ("a.docx", b"PK\x03\x04" + b"x" * 400, "truncated"),
        ("a.pdf", b"<html>not a pdf</html>", "damaged"),
        ("a.docx", b"{\\rtf1 not a docx}", "damaged"),
        ("a.pdf", b"%PDF-1.5\nnothing but noise\n%%EOF", "damaged"),
        ("a.json", b"{", "damaged"),
        ("a.txt", bytes(range(128, 256)) * 20, "encoding"),
        ("a.html", bytes(range(128, 256)) * 20, "encoding"),
        ("a.csv", bytes(range(128, 256)) * 20, "encoding"),
        ("a.txt", b" \n\n ", "no_words"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_by_its_fault(tmp_path: Path, name: str, data: bytes, kind: str):
    fault = fault_of(written(tmp_path / name, data))
    assert fault.kind == kind
    assert str(fault).startswith(f"{name}: {fault.vi} | {kind}: expected ")


def test_an_encrypted_part_of_a_zip_is_a_password(tmp_path: Path):
    path = zipped(tmp_path / "a.docx", {"word/document.xml": b"<w/>"})
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 0x1  # the flag in the zip's directory
    assert fault_of(written(path, bytes(data))).kind == "password"


@pytest.mark.parametrize("name", ["a.docx", "a.xlsx"])
def test_a_zip_that_unpacks_to_much_more_than_it_weighs_is_refused(tmp_path: Path, name: str):
    fault = fault_of(zipped(tmp_path / name, {"word/document.xml": b"\0" * 3 * MB}))
    assert fault.kind == "bomb"
    assert "times the packed size" in fault.came


def test_a_document_that_multiplies_entities_is_refused(tmp_path: Path):
    word = docx.Document()
    word.add_paragraph("&")
    word.save(str(tmp_path / "plain.docx"))
    entities = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(9))
    with zipfile.ZipFile(tmp_path / "plain.docx") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    body = parts["word/document.xml"].decode().split("?>", 1)[1].replace("&amp;", "&e9;")
    parts["word/document.xml"] = f'<!DOCTYPE d [<!ENTITY e0 "ha">{entities}]>{body}'.encode()
    assert fault_of(zipped(tmp_path / "a.docx", parts)).kind == "damaged"


def test_a_zip_with_too_much_in_all_is_refused(tmp_path: Path):
    path = zipped(tmp_path / "a.docx", {"a": b"ab" * 600, "b": b"cd" * 600})
    assert fault_of(path, ReadLimits(max_unpacked_bytes=2399)).kind == "bomb"
    assert fault_of(path, ReadLimits(max_unpacked_bytes=2400)).kind == "damaged"  # let through, and then no docx


def test_a_zip_with_too_many_parts_is_refused(tmp_path: Path):
    path = zipped(tmp_path / "a.xlsx", {f"{n}": b"x" for n in range(11)})
    assert "11 parts" in fault_of(path, ReadLimits(max_parts=10)).came


def test_a_gzip_bomb_is_refused_before_its_lines_are_read(tmp_path: Path):
    path = written(tmp_path / "a.jsonl.gz", gzip.compress(b"\0" * 3 * MB))
    assert fault_of(path, ReadLimits(max_unpacked_bytes=2 * MB)).kind == "bomb"


def test_a_cut_gzip_is_truncated(tmp_path: Path):
    data = gzip.compress(json.dumps({"ma_thu_tuc": "9.000001"}).encode())
    assert fault_of(written(tmp_path / "a.jsonl.gz", data[:-6])).kind == "truncated"


def test_a_script_in_a_pdf_is_reported_and_the_text_is_read(tmp_path: Path):
    report = read_file(written(tmp_path / "a.pdf", scripted_pdf()))
    assert "JavaScript" in report.warnings[0].message and "không được chạy" in report.warnings[0].message
    assert not read_file(written(tmp_path / "b.pdf", plain_pdf())).warnings[0].message.count("JavaScript")


def test_one_bad_file_never_stops_the_rest(tmp_path: Path):
    export = Path(__file__).resolve().parents[3] / "data" / "knowledge" / "jsonl" / "invented-2031-05.jsonl"
    (tmp_path / "z.jsonl").write_bytes(export.read_bytes())
    for name, data in (("a.docx", b"PK\x03\x04"), ("b.pdf", locked_pdf()), ("c.xlsx", OLE), ("d.txt", b""), ("~$e.docx", b"x"), ("f.docx.part", b"x")):
        written(tmp_path / name, data)
    report = read_any(tmp_path)
    assert len(report.records) == 2
    assert [found.record for found in report.warnings if found.record[1:2] == "."][:4] == ["a.docx", "b.pdf", "c.xlsx", "d.txt"]


def test_whatever_a_parser_throws_is_a_fault_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def breaks(path: Path, limits: ReadLimits) -> None:
        raise RecursionError("too deep")

    monkeypatch.setattr("knowledge.sources.pdf_file.read_pdf", breaks)
    fault = fault_of(written(tmp_path / "a.pdf", plain_pdf()))
    assert (fault.kind, isinstance(fault.__cause__, RecursionError)) == ("damaged", True)


def test_an_unknown_kind_of_file_gives_one_warning_that_names_the_kinds(tmp_path: Path):
    report = read_file(written(tmp_path / "a.mp3", b"ID3"))
    assert len(report.warnings) == 1
    assert ".mp3" in report.warnings[0].message and "docx, pdf" in report.warnings[0].message


@pytest.mark.parametrize("kind", fault_kinds())
def test_every_fault_speaks_to_the_person_and_to_the_operator(kind: str):

    places = {name: "7" for name in ("size_mb", "limit_mb", "limit_ratio", "format", "came", "n_pages", "page", "percent",
              "limit", "n_left", "sheet", "encoding", "n", "suffix", "columns", "place", "pages")}  # fmt: skip
    vietnamese, english = warning("a.pdf", kind, **places).message.split(" | ")
    assert any(ord(char) > 0x1E9F for char in vietnamese)
    assert english.startswith(f"{kind}: expected ") and english.isascii()
