"""Word documents as offices really make them: rows numbered by Word, content controls, restarted lists, old fonts laid
over Unicode, struck and hidden words, notes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import docx
import pytest
from docx.document import Document as WordDocument
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Pt

from knowledge.model import Plan
from knowledge.sources.document import Document, Line, Table
from knowledge.sources.docx_file import read_docx
from knowledge.sources.files import read_file
from knowledge.sources.guards import ReadLimits

W = nsdecls("w")
HEAD = ("STT", "Nội dung", "Cơ quan chủ trì", "Thời hạn")


def read(word: WordDocument, path: Path) -> Document:
    word.save(str(path))
    return read_docx(path, ReadLimits())


def texts(document: Document) -> list[str]:
    return [block.text for block in document.blocks if isinstance(block, Line)]


def kinds(document: Document) -> list[str]:
    return [found.message.split(" | ")[1].split(":")[0] for found in document.warnings]


def defined(word: WordDocument, levels: Sequence[str], abstract: int = 90) -> None:
    """A list definition; ``levels`` are the inner XML of its levels, the first one's number is abstract + 1."""
    root = word.part.numbering_part.element
    inner = "".join(f'<w:lvl w:ilvl="{n}">{level}</w:lvl>' for n, level in enumerate(levels))
    root.insert(0, parse_xml(f'<w:abstractNum {W} w:abstractNumId="{abstract}">{inner}</w:abstractNum>'))
    added(word, abstract + 1, abstract)


def added(word: WordDocument, number: int, abstract: int, inner: str = "") -> None:
    word.part.numbering_part.element.append(
        parse_xml(f'<w:num {W} w:numId="{number}"><w:abstractNumId w:val="{abstract}"/>{inner}</w:num>')
    )


def level(kind: str, text: str, more: str = "") -> str:
    return f'<w:start w:val="1"/><w:numFmt w:val="{kind}"/>{more}<w:lvlText w:val="{text}"/>'


def put_in_list(paragraph: object, list_id: int, depth: int = 0) -> None:
    paragraph._p.get_or_add_pPr().append(
        parse_xml(f'<w:numPr {W}><w:ilvl w:val="{depth}"/><w:numId w:val="{list_id}"/></w:numPr>')
    )


def numbered(word: WordDocument, *items: tuple[str, int, int]) -> None:
    for text, list_id, depth in items:
        put_in_list(word.add_paragraph(text), list_id, depth)


def plan_with_table(path: Path, rows: Sequence[Sequence[str]], is_numbered_by_word: bool = False) -> Plan:
    word = docx.Document()
    for text in ("Số: 7/KH-UBND", "KẾ HOẠCH", "Thả diều năm 2031", "I. NHIỆM VỤ"):
        word.add_paragraph(text)
    defined(word, [level("decimal", "%1")])
    table = word.add_table(len(rows) + 1, len(HEAD))
    for r, cells in enumerate((HEAD, *rows)):
        for c, text in enumerate(cells):
            table.cell(r, c).text = text
        if is_numbered_by_word and r:
            put_in_list(table.cell(r, 0).paragraphs[0], 91)
    word.save(str(path))
    (plan,) = read_file(path).plans
    return plan


def facts(plan: Plan) -> list[tuple[str, str, str]]:
    return [(task.what, task.lead, task.deadline) for task in plan.tasks]


def test_rows_whose_number_word_counts_are_tasks_of_their_own(tmp_path: Path):
    rows = [("", "Mua giấy màu", "Sở Gió", "Quý I/2031"), ("", "Vót nan tre", "Sở Mây", "Quý II/2031")]
    plan = plan_with_table(tmp_path / "a.docx", rows, is_numbered_by_word=True)
    assert facts(plan) == [("Mua giấy màu", "Sở Gió", "Quý I/2031"), ("Vót nan tre", "Sở Mây", "Quý II/2031")]
    assert any("STT: 2; Nội dung: Vót nan tre" in text for section in plan.sections for text in section.paragraphs)


def test_a_row_without_a_number_is_not_glued_to_the_row_above(tmp_path: Path):
    rows = [("1", "Mua giấy màu", "Sở Gió", "Quý I/2031"), ("", "Vót nan tre", "Sở Mây", "Quý II/2031")]
    assert facts(plan_with_table(tmp_path / "a.docx", rows)) == [
        ("Mua giấy màu", "Sở Gió", "Quý I/2031"), ("Vót nan tre", "Sở Mây", "Quý II/2031"),
    ]  # fmt: skip


def test_the_row_of_column_numbers_is_no_task(tmp_path: Path):
    rows = [("(1)", "(2)", "(3)", "(4)"), ("1", "Mua giấy màu", "Sở Gió", "Quý I/2031")]
    assert facts(plan_with_table(tmp_path / "a.docx", rows)) == [("Mua giấy màu", "Sở Gió", "Quý I/2031")]


def test_rows_and_cells_in_content_controls_are_read(tmp_path: Path):
    word = docx.Document()
    table = word.add_table(3, 3)
    for r, cells in enumerate((("Mã", "Phí", "Hạn"), ("1", "8.000 đồng", "3 ngày"), ("2", "9.000 đồng", "5 ngày"))):
        for c, text in enumerate(cells):
            table.cell(r, c).text = text
    for element in (table.cell(1, 1)._tc, table.rows[2]._tr):
        control = parse_xml(f"<w:sdt {W}><w:sdtPr/><w:sdtContent/></w:sdt>")
        element.addprevious(control)
        control[1].append(element)
    (found,) = (block for block in read(word, tmp_path / "a.docx").blocks if isinstance(block, Table))
    assert found.rows == (("Mã", "Phí", "Hạn"), ("1", "8.000 đồng", "3 ngày"), ("2", "9.000 đồng", "5 ngày"))


def test_a_list_that_is_told_to_start_anew_does(tmp_path: Path):
    word = docx.Document()
    defined(word, [level("decimal", "%1.")])
    added(word, 92, 90, '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride>')
    numbered(word, ("Một", 91, 0), ("Hai", 91, 0), ("Lại một", 92, 0), ("Lại hai", 92, 0))
    assert texts(read(word, tmp_path / "a.docx")) == ["1. Một", "2. Hai", "1. Lại một", "2. Lại hai"]


def test_a_list_of_its_own_levels_and_one_by_a_style_are_numbered(tmp_path: Path):
    word = docx.Document()
    defined(word, [level("decimal", "%1.")])
    added(word, 92, 90, f'<w:lvlOverride w:ilvl="0"><w:lvl w:ilvl="0">{level("upperRoman", "%1.")}</w:lvl></w:lvlOverride>')
    root = word.part.numbering_part.element
    root.insert(0, parse_xml(f'<w:abstractNum {W} w:abstractNumId="95"><w:numStyleLink w:val="Khung"/></w:abstractNum>'))
    added(word, 96, 95)
    word.styles.element.append(
        parse_xml(
            f'<w:style {W} w:type="numbering" w:styleId="Khung"><w:name w:val="Khung"/>'
            '<w:pPr><w:numPr><w:numId w:val="91"/></w:numPr></w:pPr></w:style>'
        )
    )
    numbered(word, ("La Mã", 92, 0), ("Theo kiểu", 96, 0))
    assert texts(read(word, tmp_path / "a.docx")) == ["I. La Mã", "2. Theo kiểu"]


def test_articles_count_on_over_chapters_and_decimals_below_roman_numbers(tmp_path: Path):
    word = docx.Document()
    defined(word, [level("upperRoman", "Chương %1"), level("decimal", "Điều %2.", '<w:lvlRestart w:val="0"/>')])
    defined(word, [level("upperRoman", "%1."), level("decimal", "%1.%2.", "<w:isLgl/>")], abstract=94)
    numbered(word, ("A", 91, 0), ("B", 91, 1), ("C", 91, 0), ("D", 91, 1))
    numbered(word, ("Đ", 95, 0), ("E", 95, 1))
    assert texts(read(word, tmp_path / "a.docx")) == ["Chương I A", "Điều 1. B", "Chương II C", "Điều 2. D", "I. Đ", "1.1. E"]


def test_a_numbered_paragraph_without_words_counts_as_word_counts_it(tmp_path: Path):
    word = docx.Document()
    defined(word, [level("decimal", "%1.")])
    numbered(word, ("Một", 91, 0), ("", 91, 0), ("Ba", 91, 0))
    assert texts(read(word, tmp_path / "a.docx")) == ["1. Một", "3. Ba"]


@pytest.mark.parametrize(
    ("runs", "whole"),
    [
        ([("Không thu phí ở thôn Hồ", ".VnTime")], "Không thu phí ở thôn Hồ"),  # typed in Unicode, dressed in an old font
        ([("k", ".VnTimeH"), ("Õ ho¹ch", ".VnTimeH")], "KẾ HOẠCH"),
        ([("ha", "VNI-Times"), ("ønh chính", "VNI-Times")], "hành chính"),
        ([("Thñ tôc ", ".VnTime"), ("hộ tịch", "Arial")], "Thủ tục hộ tịch"),
    ],
)
def test_old_fonts_are_converted_only_where_the_letters_are_old(tmp_path: Path, runs: list[tuple[str, str]], whole: str):
    word = docx.Document()
    paragraph = word.add_paragraph()
    for text, font in runs:
        paragraph.add_run(text).font.name = font
    assert texts(read(word, tmp_path / "a.docx")) == [whole]


def test_unicode_in_an_old_font_is_not_reported_as_converted(tmp_path: Path):
    word = docx.Document()
    word.add_paragraph().add_run("Không thu phí ở thôn Hồ").font.name = ".VnTime"
    assert kinds(read(word, tmp_path / "a.docx")) == []


def test_short_unicode_words_in_an_old_font_follow_the_rest_of_that_font(tmp_path: Path):
    word = docx.Document()
    word.styles["Normal"].font.name = ".VnTime"
    for text in ("Lệ phí hộ tịch được miễn", "không"):
        word.add_paragraph(text)
    assert texts(read(word, tmp_path / "a.docx")) == ["Lệ phí hộ tịch được miễn", "không"]


def test_the_old_font_of_the_whole_document_and_of_a_letter_style_counts(tmp_path: Path):
    word = docx.Document()
    word.styles["Normal"].font.name = None
    fonts = word.styles.element.find(f"{qn('w:docDefaults')}/{qn('w:rPrDefault')}/{qn('w:rPr')}/{qn('w:rFonts')}")
    fonts.attrib.clear()
    fonts.set(qn("w:ascii"), ".VnTime")
    word.styles.add_style("Arial chữ", 2).font.name = "VNI-Times"
    word.add_paragraph("Thñ tôc")
    word.add_paragraph().add_run("haønh chính", style="Arial chữ")
    assert texts(read(word, tmp_path / "a.docx")) == ["Thủ tục", "hành chính"]


def test_old_letters_that_no_font_names_are_converted_beside_unicode(tmp_path: Path):
    word = docx.Document()
    for _ in range(12):
        word.add_paragraph("Ủy ban nhân dân xã tiếp nhận hồ sơ của người dân và trả kết quả đúng hẹn.")
    word.add_paragraph("LÖ phÝ ®¨ng ký hé tÞch ®­îc miÔn cho ng­êi thuéc hé nghÌo.")
    document = read(word, tmp_path / "a.docx")
    assert texts(document)[-1] == "Lệ phí đăng ký hộ tịch được miễn cho người thuộc hộ nghèo."
    assert kinds(document) == ["converted"]


def test_struck_and_hidden_words_are_out_and_the_struck_ones_said(tmp_path: Path):
    word = docx.Document()
    paragraph = word.add_paragraph("Lệ phí: ")
    paragraph.add_run("50.000 ").font.strike = True
    paragraph.add_run("ẩn ").font.hidden = True
    paragraph.add_run("25.000 đồng")
    document = read(word, tmp_path / "a.docx")
    assert texts(document) == ["Lệ phí: 25.000 đồng"]
    assert kinds(document) == ["struck_out"]


def test_a_raised_digit_stays_apart_from_the_amount(tmp_path: Path):
    word = docx.Document()
    paragraph = word.add_paragraph("Phí 50.000")
    paragraph.add_run("1").font.superscript = True
    paragraph.add_run(" đồng/m")
    paragraph.add_run("2").font.superscript = True
    assert texts(read(word, tmp_path / "a.docx")) == ["Phí 50.000¹ đồng/m²"]


def test_a_footnote_stands_below_its_paragraph_and_below_its_table(tmp_path: Path):
    from docx.opc.constants import RELATIONSHIP_TYPE as kinds_of_part
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part

    word = docx.Document()
    xml = (
        f"<w:footnotes {W}><w:footnote w:id='-1' w:type='separator'><w:p/></w:footnote>"
        "<w:footnote w:id='1'><w:p><w:r><w:footnoteRef/></w:r><w:r><w:t xml:space='preserve'> Từ 01/7/2031 giảm một nửa.</w:t></w:r></w:p></w:footnote>"
        "<w:footnote w:id='2'><w:p><w:r><w:t>Trừ ngày lễ.</w:t></w:r></w:p></w:footnote></w:footnotes>"
    )
    part = Part(PackURI("/word/footnotes.xml"), "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml", xml.encode(), word.part.package)
    word.part.relate_to(part, kinds_of_part.FOOTNOTES)
    paragraph, table = word.add_paragraph("Lệ phí: 8.000 đồng"), word.add_table(1, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "Thời hạn", "3 ngày"
    for n, place in ((1, paragraph), (2, table.cell(0, 1).paragraphs[0])):
        place.add_run()._r.append(parse_xml(f'<w:footnoteReference {W} w:id="{n}"/>'))
    blocks = read(word, tmp_path / "a.docx").blocks
    assert [block.text if isinstance(block, Line) else block.rows for block in blocks] == [
        "Lệ phí: 8.000 đồng", "Chú thích 1: Từ 01/7/2031 giảm một nửa.", (("Thời hạn", "3 ngày"),), "Chú thích 2: Trừ ngày lễ.",
    ]  # fmt: skip


def test_a_text_box_is_counted_once_although_word_writes_it_twice(tmp_path: Path):
    word = docx.Document()
    word.add_paragraph("Thân văn bản").add_run().font.size = Pt(12)
    box = "<w:txbxContent><w:p><w:r><w:t>trong hộp</w:t></w:r></w:p></w:txbxContent>"
    word.paragraphs[0].runs[-1]._r.append(
        parse_xml(
            f'<mc:AlternateContent {W} xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
            f'<mc:Choice Requires="wps"><w:drawing>{box}</w:drawing></mc:Choice>'
            f"<mc:Fallback><w:pict>{box}</w:pict></mc:Fallback></mc:AlternateContent>"
        )
    )
    document = read(word, tmp_path / "a.docx")
    assert "có 1 khung chữ" in document.warnings[0].message


def test_a_head_of_two_rows_keeps_the_deadline(tmp_path: Path):
    word = docx.Document()
    for text in ("Số: 7/KH-UBND", "KẾ HOẠCH", "Thả diều năm 2031", "I. NHIỆM VỤ"):
        word.add_paragraph(text)
    table = word.add_table(3, 5)
    rows = (
        ("STT", "Nội dung", "Cơ quan chủ trì", "Thời gian thực hiện", ""),
        ("", "", "", "Bắt đầu", "Hoàn thành"),
        ("1", "Mua giấy màu", "Sở Gió", "01/3/2031", "15/4/2031"),
    )
    for r, cells in enumerate(rows):
        for c, text in enumerate(cells):
            table.cell(r, c).text = text
    for column in range(3):
        table.cell(0, column).merge(table.cell(1, column))
    table.cell(0, 3).merge(table.cell(0, 4))
    word.save(str(tmp_path / "a.docx"))
    (plan,) = read_file(tmp_path / "a.docx").plans
    assert facts(plan) == [("Mua giấy màu", "Sở Gió", "15/4/2031")]
