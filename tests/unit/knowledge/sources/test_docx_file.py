"""Word documents, made here by python-docx: numbers that stand in no text, merged cells, old fonts, tracked changes."""

from __future__ import annotations

from pathlib import Path

import docx
import pytest
from docx.document import Document as WordDocument
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn

from knowledge.sources.document import Document, Line, Table
from knowledge.sources.docx_file import read_docx
from knowledge.sources.faults import FileFault
from knowledge.sources.files import read_file
from knowledge.sources.guards import ReadLimits

LEVELS = (("upperRoman", "%1."), ("decimal", "%2."), ("lowerLetter", "%3)"), ("bullet", "·"))


def read(word: WordDocument, path: Path) -> Document:
    word.save(str(path))
    return read_docx(path, ReadLimits())


def texts(document: Document) -> list[str]:
    return [block.text for block in document.blocks if isinstance(block, Line)]


def with_list(word: WordDocument) -> str:
    """Define a list of several levels and return its id."""
    root = word.part.numbering_part.element
    levels = "".join(
        f'<w:lvl w:ilvl="{n}"><w:start w:val="1"/><w:numFmt w:val="{kind}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for n, (kind, text) in enumerate(LEVELS)
    )
    root.insert(0, parse_xml(f'<w:abstractNum {nsdecls("w")} w:abstractNumId="90">{levels}</w:abstractNum>'))
    root.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="91"><w:abstractNumId w:val="90"/></w:num>'))
    return "91"


def numbered(word: WordDocument, text: str, list_id: str, depth: int) -> None:
    properties = word.add_paragraph(text)._p.get_or_add_pPr()
    properties.append(
        parse_xml(f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{depth}"/><w:numId w:val="{list_id}"/></w:numPr>')
    )


def test_automatic_numbers_stand_before_their_paragraphs(tmp_path: Path):
    word = docx.Document()
    list_id = with_list(word)
    for text, depth in (("Mục đích", 0), ("Vui", 1), ("Khỏe", 1), ("Cao", 2), ("Xa", 3), ("Tổ chức", 0), ("Sở Gió", 1)):
        numbered(word, text, list_id, depth)
    assert texts(read(word, tmp_path / "a.docx")) == [
        "I. Mục đích", "1. Vui", "2. Khỏe", "a) Cao", "- Xa", "II. Tổ chức", "1. Sở Gió",
    ]  # fmt: skip


def test_bold_is_known_from_runs_and_from_the_style(tmp_path: Path):
    word = docx.Document()
    word.add_paragraph().add_run("Đậm").bold = True
    mixed = word.add_paragraph("Nhạt ")
    mixed.add_run("đậm").bold = True
    word.add_heading("Đầu đề", level=1)
    lines = [block for block in read(word, tmp_path / "a.docx").blocks if isinstance(block, Line)]
    assert [line.is_bold for line in lines] == [True, False, True]


def test_a_cell_that_spans_rows_is_said_in_each_and_one_over_columns_once(tmp_path: Path):
    word = docx.Document()
    table = word.add_table(3, 3)
    for row, cells in enumerate((("Nhóm", "", ""), ("Sở Gió", "Diều giấy", "Quý I"), ("", "Diều vải", "Quý II"))):
        for column, text in enumerate(cells):
            table.cell(row, column).text = text
    table.cell(0, 0).merge(table.cell(0, 2))
    table.cell(1, 0).merge(table.cell(2, 0))
    (found,) = (block for block in read(word, tmp_path / "a.docx").blocks if isinstance(block, Table))
    rows = tuple(tuple(cell.strip() for cell in row) for row in found.rows)
    assert rows == (("Nhóm", "", ""), ("Sở Gió", "Diều giấy", "Quý I"), ("Sở Gió", "Diều vải", "Quý II"))


def test_a_frame_of_one_cell_is_text(tmp_path: Path):
    word = docx.Document()
    word.add_table(1, 1).cell(0, 0).text = "Trong khung"
    assert texts(read(word, tmp_path / "a.docx")) == ["Trong khung"]


def test_text_in_old_fonts_becomes_unicode_and_is_reported(tmp_path: Path):
    word = docx.Document()
    for text, font in (("Thñ tôc", ".VnTime"), ("quyÕt ®Þnh", ".VnTimeH"), ("haønh chính", "VNI-Times"), ("hộ tịch", "Arial")):
        word.add_paragraph().add_run(text).font.name = font
    document = read(word, tmp_path / "a.docx")
    assert texts(document) == ["Thủ tục", "QUYẾT ĐỊNH", "hành chính", "hộ tịch"]
    assert [("TCVN3" in found.message, "VNI" in found.message) for found in document.warnings] == [(True, False), (False, True)]


def test_the_old_font_of_a_style_counts_too(tmp_path: Path):
    word = docx.Document()
    word.styles["Normal"].font.name = ".VnTime"
    word.add_paragraph("Hµ Néi")
    assert texts(read(word, tmp_path / "a.docx")) == ["Hà Nội"]


def test_deleted_words_are_out_and_inserted_words_are_in(tmp_path: Path):
    word = docx.Document()
    paragraph = word.add_paragraph("Phí ")
    for tag, inner, text in (("w:del", "w:delText", "cũ"), ("w:ins", "w:t", "mới")):
        change, run, words = OxmlElement(tag), OxmlElement("w:r"), OxmlElement(inner)
        words.text = text
        run.append(words)
        change.append(run)
        paragraph._p.append(change)
    assert texts(read(word, tmp_path / "a.docx")) == ["Phí mới"]


def test_text_boxes_are_reported_as_not_read(tmp_path: Path):
    word = docx.Document()
    run = word.add_paragraph("Thân văn bản").add_run()
    box = parse_xml(f'<w:pict {nsdecls("w")}><w:txbxContent><w:p><w:r><w:t>trong hộp</w:t></w:r></w:p></w:txbxContent></w:pict>')
    run._r.append(box)
    document = read(word, tmp_path / "a.docx")
    assert texts(document) == ["Thân văn bản"]
    assert "text_box" in document.warnings[0].message


def test_a_document_without_words_is_refused(tmp_path: Path):
    with pytest.raises(FileFault) as caught:
        read(docx.Document(), tmp_path / "a.docx")
    assert caught.value.kind == "no_words"


def test_styles_in_a_circle_do_not_hang(tmp_path: Path):
    word = docx.Document()
    first, second = word.styles["Normal"], word.styles["Heading 1"]
    base = OxmlElement("w:basedOn")
    base.set(qn("w:val"), second.style_id)
    first.element.append(base)
    word.add_paragraph("Vẫn đọc được")
    assert texts(read(word, tmp_path / "a.docx")) == ["Vẫn đọc được"]


def test_a_plan_in_word_reads_like_the_plan_in_text(tmp_path: Path):
    word = docx.Document()
    for text in ("UBND TỈNH TRĂNG SAO", "Số: 7/KH-UBND", "Trăng Sao, ngày 05 tháng 03 năm 2031"):
        word.add_paragraph(text)
    for text in ("KẾ HOẠCH", "Tổ chức ngày hội thả diều năm 2031", "I. MỤC ĐÍCH"):
        word.add_paragraph().add_run(text).bold = True
    word.add_paragraph("Cho trẻ em chơi ngoài trời.")
    word.add_paragraph().add_run("II. NHIỆM VỤ").bold = True
    table = word.add_table(2, 4)
    for row, cells in enumerate((("TT", "Nội dung", "Cơ quan chủ trì", "Thời hạn"), ("1", "Mua giấy màu", "Sở Gió", "Quý I/2031"))):
        for column, text in enumerate(cells):
            table.cell(row, column).text = text
    path = tmp_path / "ke-hoach.docx"
    word.save(str(path))
    (plan,) = read_file(path).plans
    assert (plan.id, plan.number, plan.kind, plan.source.id) == ("ke-hoach", "7/KH-UBND", "Kế hoạch", "ke-hoach.docx")
    assert [section.number for section in plan.sections if section.number] == ["I", "II"]
    assert [(task.what, task.lead, task.deadline) for task in plan.tasks] == [("Mua giấy màu", "Sở Gió", "Quý I/2031")]
