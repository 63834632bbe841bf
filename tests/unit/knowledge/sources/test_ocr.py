"""Scans: pages that are pictures go to tesseract, and where it is missing a message names what to install."""

from __future__ import annotations

import stat
from pathlib import Path

import pypdfium2 as pdfium
import pytest

from knowledge.sources.document import Line
from knowledge.sources.faults import FileFault
from knowledge.sources.guards import ReadLimits
from knowledge.sources.ocr import Recogniser
from knowledge.sources.pdf_file import read_pdf
from tests.unit.knowledge.sources.pdf_making import PdfMaker

WORDS = ("level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext",
         "4\t1\t1\t1\t1\t0\t0\t0\t9\t9\t-1\t",
         "5\t1\t1\t1\t1\t1\t0\t0\t9\t9\t{conf}\tKẾ",
         "5\t1\t1\t1\t1\t2\t0\t0\t9\t9\t{conf}\tHOẠCH",
         "5\t1\t1\t1\t2\t1\t0\t0\t9\t9\t{conf}\t\"Thả",
         "5\t1\t1\t1\t2\t2\t0\t0\t9\t9\t{conf}\tdiều")  # fmt: skip


def scan(tmp_path: Path, n_pages: int = 1) -> Path:
    """A PDF whose pages are pictures of text, coarse to be quick."""
    source = PdfMaker().lines("KẾ HOẠCH", "Số: 7/KH-UBND", "Thả diều năm 2031").save(tmp_path / "source.pdf")
    maker, file = PdfMaker(), pdfium.PdfDocument(source)
    for number in range(n_pages):
        (maker.new_page() if number else maker).picture(file[0], dpi=40)
    return maker.save(tmp_path / "quet.pdf")


def stand_in(tmp_path: Path, languages: str = "osd\nvie", conf: int = 91, fails: bool = False) -> str:
    """A program that answers like tesseract and keeps the picture it was given."""
    table = "\n".join(WORDS).format(conf=conf)
    (tmp_path / "words.tsv").write_text(table, encoding="utf-8")
    program = tmp_path / "tesseract-stand-in"
    program.write_text(
        f"""#!/bin/sh
if [ "$1" = --list-langs ]; then printf 'List of available languages:\\n{languages}\\n'; exit 0; fi
cat > {tmp_path}/picture.pgm
{"exit 3" if fails else f"cat {tmp_path}/words.tsv"}
""",
        encoding="utf-8",
    )
    program.chmod(program.stat().st_mode | stat.S_IEXEC)
    return str(program)


def test_without_the_program_the_message_names_the_packages(tmp_path: Path):
    with pytest.raises(FileFault) as caught:
        read_pdf(scan(tmp_path), ReadLimits(), Recogniser(str(tmp_path / "no-such-program")))
    assert caught.value.kind == "ocr_missing"
    assert "sudo apt install tesseract-ocr tesseract-ocr-vie" in caught.value.vi


def test_a_blank_page_among_scans_does_not_hide_what_is_missing(tmp_path: Path):
    maker = PdfMaker().picture(pdfium.PdfDocument(scan(tmp_path))[0], dpi=40).new_page()
    with pytest.raises(FileFault) as caught:
        read_pdf(maker.save(tmp_path / "trang-trang.pdf"), ReadLimits(), Recogniser(str(tmp_path / "no-such-program")))
    assert caught.value.kind == "ocr_missing"


def test_without_vietnamese_the_message_names_its_package(tmp_path: Path):
    with pytest.raises(FileFault) as caught:
        read_pdf(scan(tmp_path), ReadLimits(), Recogniser(stand_in(tmp_path, languages="eng\nosd")))
    assert caught.value.kind == "ocr_language"
    assert "tesseract-ocr-vie" in caught.value.vi and "eng, osd" in caught.value.came


def test_words_become_lines_and_the_reader_is_told_that_a_machine_read_them(tmp_path: Path):
    document = read_pdf(scan(tmp_path), ReadLimits(), Recogniser(stand_in(tmp_path)))
    assert [block.text for block in document.blocks if isinstance(block, Line)] == ["KẾ HOẠCH", '"Thả diều']
    assert ["ocr_used" in found.message for found in document.warnings] == [True]


def test_the_page_goes_to_the_program_as_a_whole_greymap(tmp_path: Path):
    read_pdf(scan(tmp_path), ReadLimits(), Recogniser(stand_in(tmp_path)))
    data = (tmp_path / "picture.pgm").read_bytes()
    kind, width, height, _ = data.split(maxsplit=4)[:4]
    assert kind == b"P5"
    assert len(data) == len(b"P5 %s %s 255\n" % (width, height)) + int(width) * int(height)
    assert (int(width), int(height)) == (2480, 3509)  # A4 at 300 dpi


@pytest.mark.parametrize(("conf", "n_unsure"), [(75, 0), (74, 1)])
def test_a_page_below_the_threshold_is_reported(tmp_path: Path, conf: int, n_unsure: int):
    document = read_pdf(scan(tmp_path), ReadLimits(), Recogniser(stand_in(tmp_path, conf=conf)))
    assert sum("ocr_unsure" in found.message for found in document.warnings) == n_unsure


def test_a_page_on_which_the_program_fails_is_named(tmp_path: Path):
    maker = PdfMaker().lines("Trang có chữ, đọc được mà không cần máy nhận dạng.")
    maker.new_page().picture(pdfium.PdfDocument(scan(tmp_path))[0], dpi=40)
    path = maker.save(tmp_path / "nua.pdf")
    document = read_pdf(path, ReadLimits(), Recogniser(stand_in(tmp_path, fails=True)))
    assert [found.field for found in document.warnings if "ocr_failed" in found.message] == ["trang 2"]
    assert len(document.blocks) == 1


@pytest.mark.parametrize("languages", [None, "eng"], ids=["no program", "no Vietnamese"])
def test_without_the_program_the_other_pages_are_read_and_the_scans_are_named(tmp_path: Path, languages: str | None):
    picture = pdfium.PdfDocument(scan(tmp_path))[0]
    maker = PdfMaker().picture(picture, dpi=40)
    maker.new_page().lines("Trang có chữ, đọc được mà không cần máy nhận dạng.")
    maker.new_page().picture(picture, dpi=40)
    program = stand_in(tmp_path, languages=languages) if languages else str(tmp_path / "no-such-program")
    document = read_pdf(maker.save(tmp_path / "nua.pdf"), ReadLimits(), Recogniser(program))
    assert [block.text for block in document.blocks] == ["Trang có chữ, đọc được mà không cần máy nhận dạng."]
    (found,) = document.warnings
    assert found.field == "trang 1, 3"
    assert "scans_unread" in found.message and "sudo apt install tesseract-ocr tesseract-ocr-vie" in found.message


def test_scanned_pages_beyond_the_limit_are_counted(tmp_path: Path):
    document = read_pdf(scan(tmp_path, 3), ReadLimits(max_ocr_pages=2), Recogniser(stand_in(tmp_path)))
    assert len(document.blocks) == 4
    assert any("pages_left" in found.message and "còn 1 trang" in found.message for found in document.warnings)
