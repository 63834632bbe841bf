"""Readers against real files: the portal's 24 PDF exports with their facts, plans turned into Word and web
documents and back, and a scan read by the real tesseract.

The facts were taken with a second, independent PDF library and spot-checked by eye on rendered pages; they hold
channel, time and fee of every way of handing in, quantity and form of every paper, and no sentence.
"""

from __future__ import annotations

import html
import json
import shutil
import subprocess
from pathlib import Path

import docx
import pypdfium2 as pdfium
import pytest

from knowledge.sources.files import read_file
from knowledge.sources.ocr import LANGUAGE
from knowledge.sources.plan_lines import Paragraph, read_paragraphs
from knowledge.sources.plans import read_plan
from tests.unit.knowledge.sources.pdf_making import PdfMaker

FACTS = json.loads((Path(__file__).resolve().parents[2] / "data/knowledge/portal-pdf-facts.json").read_text(encoding="utf-8"))
PLANS = ("plans/binh-dinh-2017-tuyen-truyen-cchc.txt", "plans/hung-yen-2023-tuyen-truyen-cchc.txt", "plans-2025/f004d93b21e7fc5f.md")

pytestmark = pytest.mark.integration


@pytest.mark.corpus
@pytest.mark.parametrize("code", FACTS)
def test_time_fee_and_papers_of_a_portal_pdf_are_those_on_its_pages(corpus_dir: Path, code: str):
    (record,) = read_file(corpus_dir / "procedure-pdfs" / f"{code}.pdf").records
    expected = FACTS[code]
    assert record.code == code and record.name
    assert [(way.channel, ", ".join(way.fees)) for way in record.submissions] == [(way[0], way[2]) for way in expected["ways"]]
    for way, (_, time, _) in zip(record.submissions, expected["ways"], strict=True):
        assert way.time.startswith(time) if time.startswith("a)") else way.time == time
        assert way.is_time_certain is not time.isdigit()
    assert [[paper.quantity, paper.form] for paper in record.documents] == expected["papers"]


@pytest.mark.corpus
def test_every_part_of_the_portal_pdfs_is_read(corpus_dir: Path):
    records = [read_file(corpus_dir / "procedure-pdfs" / f"{code}.pdf").records[0] for code in FACTS]
    assert all(record.steps and record.result and record.field and record.levels for record in records)
    assert all(record.legal_basis and record.decision_number for record in records)
    assert {record.source.read_on for record in records} == {"2026-07-17"}
    footers = ("TỪ KHÓA", "MÔ TẢ", "CĂN CỨ PHÁP LÝ", "Mã: KQ.")
    assert not [record.code for record in records if any(mark in record.result + record.steps for mark in footers)]


def as_docx(paragraphs: tuple[Paragraph, ...], path: Path) -> Path:
    word = docx.Document()
    for block in blocks(paragraphs):
        if isinstance(block, Paragraph):
            word.add_paragraph().add_run(block.text).bold = block.is_bold
            continue
        table = word.add_table(len(block), max(map(len, block)))
        for cells, row in zip(block, table.rows, strict=True):
            for text, cell in zip(cells, row.cells, strict=False):
                cell.text = text
    word.save(str(path))
    return path


def as_html(paragraphs: tuple[Paragraph, ...], path: Path) -> Path:
    out = ["<html><head><meta charset=utf-8></head><body><nav>Trang chủ</nav><div>"]
    for block in blocks(paragraphs):
        if isinstance(block, Paragraph):
            text = html.escape(block.text)
            out.append(f"<p><b>{text}</b></p>" if block.is_bold else f"<p>{text}</p>")
            continue
        rows = ("".join(f"<td>{html.escape(cell)}</td>" for cell in cells) for cells in block)
        out.append("<table>" + "".join(f"<tr>{row}</tr>" for row in rows) + "</table>")
    path.write_text("\n".join(out) + "</div></body></html>", encoding="utf-8")
    return path


def blocks(paragraphs: tuple[Paragraph, ...]) -> list[Paragraph | list[tuple[str, ...]]]:
    """Paragraphs, and rows that follow each other as one table."""
    found: list[Paragraph | list[tuple[str, ...]]] = []
    for paragraph in paragraphs:
        if paragraph.cells and found and isinstance(found[-1], list):
            found[-1].append(paragraph.cells)
        else:
            found.append([paragraph.cells] if paragraph.cells else paragraph)
    return found


@pytest.mark.corpus
@pytest.mark.parametrize("name", PLANS)
@pytest.mark.parametrize(("make", "suffix"), [(as_docx, ".docx"), (as_html, ".html")])
def test_a_plan_reads_the_same_from_word_and_web_pages(corpus_dir: Path, tmp_path: Path, name: str, make, suffix: str):
    path = corpus_dir / name
    text = read_plan(path)
    copy = make(read_paragraphs(path.read_text(encoding="utf-8")), tmp_path / f"{path.stem}{suffix}")
    (plan,) = read_file(copy).plans
    assert (plan.id, plan.number, plan.title, plan.issued_on) == (text.id, text.number, text.title, text.issued_on)
    assert (plan.period_from, plan.period_to) == (text.period_from, text.period_to)
    assert [section.number for section in plan.sections] == [section.number for section in text.sections]
    assert {task.what for task in text.tasks} <= {task.what for task in plan.tasks}


def has_vietnamese() -> bool:
    program = shutil.which("tesseract")
    return bool(program) and LANGUAGE in subprocess.run([program, "--list-langs"], capture_output=True, text=True).stdout.split()


@pytest.mark.skipif(not has_vietnamese(), reason="no tesseract with Vietnamese (tesseract-ocr, tesseract-ocr-vie)")
def test_the_real_tesseract_reads_a_scanned_plan(tmp_path: Path):
    source = PdfMaker().lines(
        "UBND TỈNH TRĂNG SAO", "Số: 7/KH-UBND", "", "KẾ HOẠCH", "Thả diều năm 2031", "", "I. MỤC ĐÍCH",
        "Cho trẻ em chơi ngoài trời.",
    ).save(tmp_path / "source.pdf")  # fmt: skip
    scan = PdfMaker().picture(pdfium.PdfDocument(source)[0], dpi=200).save(tmp_path / "quet.pdf")
    report = read_file(scan)
    (plan,) = report.plans
    assert (plan.number, plan.kind, plan.title) == ("7/KH-UBND", "Kế hoạch", "Thả diều năm 2031")
    assert plan.sections[-1].paragraphs == ("Cho trẻ em chơi ngoài trời.",)
    assert any("ocr_used" in found.message for found in report.warnings)
