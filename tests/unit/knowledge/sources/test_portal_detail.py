"""The portal's page of one procedure, as PDF and as a Word or web document: the same record from each."""

from __future__ import annotations

import html
from collections.abc import Sequence
from pathlib import Path

import docx
import pytest

from knowledge.model import LegalBasis, Procedure, RequiredDocument
from knowledge.sources.faults import FileFault
from knowledge.sources.files import read_file
from tests.unit.knowledge.sources.pdf_making import PdfMaker

FACTS = (
    ("Tên thủ tục", "Cấp giấy nuôi chim"), ("Mã thủ tục", "9.000001"), ("Số quyết định", "11/QĐ-BNNMT"),
    ("Cấp thực hiện", "Tỉnh, Xã"), ("Lĩnh vực", "Chim"),
    ("Đối tượng thực hiện", "Công dân Việt Nam, Cán bộ, công chức, viên chức"),
    ("Cơ quan có thẩm quyền", "Sở Gió"), ("Địa chỉ tiếp nhận HS", "Trung tâm Gió"),
)  # fmt: skip
PAPERS = (
    ("Tên giấy tờ", "Mẫu đơn, tờ khai", "Số lượng"),
    ("Tờ khai nuôi chim (Mẫu số 12)", "Mau12.docx", "1 bản chính"),
    ("- Ảnh chim;", "", "1 bản chính, 1 bản sao"),
)
WAYS = (
    ("Hình thức nộp", "Thời hạn giải quyết", "Phí, lệ phí", "Mô tả"),
    ("Trực tiếp", "3 ngày làm việc", "20.000 VNĐ", "Nộp tại quầy, Nộp tại quầy"),
    ("Trực tuyến", "3", "Miễn phí", ""),
    ("Qua bưu điện", "Theo mô tả", "Miễn phí", ""),
)
GROUNDS = (("Tên văn bản pháp lý", "Mã văn bản"), ("Nghị định về chim", "1/2031/NĐ-CP"))
TABLES = {"papers": (PAPERS, (220, 150, 120)), "ways": (WAYS, (80, 120, 100, 190)), "grounds": (GROUNDS, (300, 190))}
PAGE: tuple[tuple[str, ...] | str, ...] = (
    ("CHI TIẾT THỦ TỤC HÀNH CHÍNH",), "facts", ("TRÌNH TỰ THỰC HIỆN",), ("Bước 1: nộp hồ sơ.", "Bước 2: nhận kết quả."),
    ("THÀNH PHẦN HỒ SƠ",), "papers", ("CÁCH THỨC THỰC HIỆN",), "ways", ("CĂN CỨ PHÁP LÝ",), "grounds",
    ("CƠ QUAN THỰC HIỆN",), ("Chi cục Chim",), ("YÊU CẦU, ĐIỀU KIỆN THỰC HIỆN",), ("Không",),
    ("KẾT QUẢ XỬ LÝ",), ("Giấy nuôi chim", "Mã: KQ.G01.000001"), ("TỪ KHÓA",), ("giấy chim",), ("MÔ TẢ",),
)  # fmt: skip


def as_pdf(path: Path, page: Sequence[tuple[str, ...] | str] = PAGE) -> Path:
    maker = PdfMaker()
    for part in page:
        if isinstance(part, tuple):
            maker.lines(*part)
        elif part == "facts":
            maker.table(FACTS, (160, 330))
        else:
            rows, widths = TABLES[part]
            maker.table(rows, widths)
    return maker.save(path)


def as_docx(path: Path) -> Path:
    word = docx.Document()
    for part in PAGE:
        if isinstance(part, tuple):
            for text in part:
                word.add_paragraph(text)
            continue
        rows = FACTS if part == "facts" else TABLES[part][0]
        table = word.add_table(len(rows), len(rows[0]))
        for cells, row in zip(rows, table.rows, strict=True):
            for text, cell in zip(cells, row.cells, strict=True):
                cell.text = text
    word.save(str(path))
    return path


def as_html(path: Path) -> Path:
    out = ["<html><body><div>"]
    for part in PAGE:
        if isinstance(part, tuple):
            out += [f"<p>{html.escape(text)}</p>" for text in part]
            continue
        rows = FACTS if part == "facts" else TABLES[part][0]
        cells = ("".join(f"<td>{html.escape(cell)}</td>" for cell in row) for row in rows)
        out.append("<table>" + "".join(f"<tr>{row}</tr>" for row in cells) + "</table>")
    path.write_text("".join(out) + "</div></body></html>", encoding="utf-8")
    return path


MAKERS = {"9.000001.pdf": as_pdf, "9.000001.docx": as_docx, "9.000001.html": as_html}


@pytest.fixture(scope="module", params=MAKERS)
def report(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    return read_file(MAKERS[request.param](tmp_path_factory.mktemp("detail") / request.param))


@pytest.fixture(scope="module")
def record(report) -> Procedure:
    return report.records[0]


def test_the_facts_of_the_head_are_in_their_fields(record: Procedure):
    assert (record.code, record.name, record.field) == ("9.000001", "Cấp giấy nuôi chim", "Chim")
    assert record.levels == ("Cấp tỉnh", "Cấp xã")
    assert record.applicants == ("Công dân Việt Nam", "Cán bộ, công chức, viên chức")
    assert (record.authority, record.place, record.agency) == ("Sở Gió", "Trung tâm Gió", "Chi cục Chim")
    assert (record.decision_number, record.ministry) == ("11/QĐ-BNNMT", "Bộ Nông nghiệp và Môi trường")


def test_papers_have_name_form_and_quantity(record: Procedure):
    assert record.documents == (
        RequiredDocument("Tờ khai nuôi chim (Mẫu số 12)", "1 bản chính", "Mau12.docx"),
        RequiredDocument("Ảnh chim", "1 bản chính, 1 bản sao"),
    )
    assert record.forms == ("Mẫu số 12",)


def test_ways_have_channel_time_and_fee_and_a_bare_number_is_marked(record: Procedure):
    assert [(way.channel, way.time, way.is_time_certain, way.fees) for way in record.submissions] == [
        ("desk", "3 ngày làm việc", True, ("20.000 VNĐ",)),
        ("online", "3", False, ("Miễn phí",)),
        ("post", "Theo mô tả", True, ("Miễn phí",)),
    ]


def test_a_description_that_the_export_repeats_stands_once(record: Procedure):
    assert record.submissions[0].note == "Nộp tại quầy"


def test_prose_parts_and_legal_grounds_are_read(record: Procedure):
    assert record.steps == "Bước 1: nộp hồ sơ.\nBước 2: nhận kết quả."
    assert (record.conditions, record.result, record.aliases) == ("", "Giấy nuôi chim", ("giấy chim",))
    assert record.legal_basis == (LegalBasis("Nghị định về chim", "1/2031/NĐ-CP"),)


def test_the_only_warning_is_the_time_without_unit(report):
    assert [(found.record, found.field) for found in report.warnings] == [("9.000001", "cach_thuc_thuc_hien")]


def test_the_source_names_file_and_code(record: Procedure):
    assert record.source.id.startswith("9.000001.") and record.source.id.endswith("#9.000001")
    assert len(record.source.digest) == 64 and len(record.source.read_on) == 10


def test_cases_stand_in_the_table_and_a_row_cut_by_the_page_is_one(tmp_path: Path):
    widths = (220, 150, 120)
    maker = PdfMaker().lines("CHI TIẾT THỦ TỤC HÀNH CHÍNH").table(FACTS, (160, 330)).lines("THÀNH PHẦN HỒ SƠ")
    maker.table((("Trường hợp 1: chim non", "", ""), PAPERS[0], ("Giấy khai sinh của chim, quyền sở h ", "", "1 bản chính")), widths)
    maker.table((("ữu tổ chim", "", ""), ("Trường hợp 2: chim già", "", ""), PAPERS[0], ("Thẻ chim", "", "1 bản sao")), widths, opened=True)
    maker.lines("CÁCH THỨC THỰC HIỆN", "KẾT QUẢ XỬ LÝ", "Giấy")
    (record,) = read_file(maker.save(tmp_path / "a.pdf")).records
    assert [(paper.case, paper.name, paper.quantity) for paper in record.documents] == [
        ("Trường hợp 1: chim non", "Giấy khai sinh của chim, quyền sở hữu tổ chim", "1 bản chính"),
        ("Trường hợp 2: chim già", "Thẻ chim", "1 bản sao"),
    ]


def test_a_page_without_a_name_is_refused(tmp_path: Path):
    maker = PdfMaker().lines("CHI TIẾT THỦ TỤC HÀNH CHÍNH").table(FACTS[1:3], (160, 330))
    maker.lines("THÀNH PHẦN HỒ SƠ", "CÁCH THỨC THỰC HIỆN", "KẾT QUẢ XỬ LÝ", "Giấy")
    with pytest.raises(FileFault, match="9.000001 without a name"):
        read_file(maker.save(tmp_path / "a.pdf"))
