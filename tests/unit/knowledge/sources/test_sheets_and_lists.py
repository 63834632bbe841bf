"""Sheets, and the lists of procedures that offices keep in them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from knowledge.library import build_library
from knowledge.model import RequiredDocument
from knowledge.sources.document import Table
from knowledge.sources.faults import FileFault
from knowledge.sources.files import read_file
from knowledge.sources.guards import ReadLimits
from knowledge.sources.portal_jsonl import read_portal_jsonl
from knowledge.sources.sheet_file import read_csv, read_xlsx

EXPORT = Path(__file__).resolve().parents[3] / "data" / "knowledge" / "jsonl" / "invented-2031-05.jsonl"
HEAD = ["STT", "Mã TTHC", "Tên thủ tục hành chính", "Lĩnh vực", "Thời hạn giải quyết", "Phí, lệ phí", "Căn cứ pháp lý", "Mức độ DVC"]


def sheet(path: Path, *rows: list[object], merged: str = "") -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    if merged:
        book.active.merge_cells(merged)
    book.save(path)
    return path


def listed(tmp_path: Path, *rows: list[object], head: list[str] = HEAD):
    return read_file(sheet(tmp_path / "danh-muc.xlsx", ["DANH MỤC THỦ TỤC"], head, *rows))


def test_cells_are_printed_without_dates_turned_round_or_points_added(tmp_path: Path):
    path = sheet(tmp_path / "a.xlsx", ["Ngày", "Số", "Lẻ"], [datetime(2031, 3, 5), 20000.0, 12.5])
    (table,) = (block for block in read_xlsx(path, ReadLimits()).blocks if isinstance(block, Table))
    assert table.rows[1] == ("05/03/2031", "20000", "12.5")


def test_a_merged_cell_is_said_in_each_of_its_rows(tmp_path: Path):
    path = sheet(tmp_path / "a.xlsx", ["Sở", "Việc"], ["Sở Gió", "A"], [None, "B"], merged="A2:A3")
    (table,) = (block for block in read_xlsx(path, ReadLimits()).blocks if isinstance(block, Table))
    assert table.rows[1:] == (("Sở Gió", "A"), ("Sở Gió", "B"))


def test_rows_beyond_the_limit_are_reported(tmp_path: Path):
    path = sheet(tmp_path / "a.xlsx", *(["dòng", n] for n in range(6)))
    exact, cut = read_xlsx(path, ReadLimits(max_rows=6)), read_xlsx(path, ReadLimits(max_rows=5))
    assert exact.warnings == ()
    assert "rows_left" in cut.warnings[0].message
    assert [len(block.rows) for block in cut.blocks if isinstance(block, Table)] == [5]


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_the_delimiter_of_a_csv_is_found(tmp_path: Path, mark: str):
    path = tmp_path / "a.csv"
    path.write_text(f'Tên{mark}Phí\n"Nuôi {mark} chim"{mark}không\n', encoding="utf-8")
    table = read_csv(path, ReadLimits()).blocks[-1]
    assert isinstance(table, Table) and table.rows[1] == (f"Nuôi {mark} chim", "không")


@pytest.mark.parametrize(
    "text",
    [
        "Danh mục thủ tục, lệ phí, thời hạn, nơi nộp\nTên;Lệ phí\nNuôi ong;8,000, 9,000, 10,000\nNuôi chim;5,000\n",
        "sep=;\r\nTên;Lệ phí\r\nNuôi ong, nuôi chim;8,000\r\n",
        '"sep=;"\nTên;Lệ phí\n"Nuôi ong, nuôi dê, nuôi cá";"8,000, 9,000"\n',
        'Tên;Lệ phí\n"Nuôi ong,\nnuôi dê,\nnuôi cá,\nnuôi gà";8,000\n',
    ],
)
def test_commas_in_the_cells_do_not_hide_the_delimiter(tmp_path: Path, text: str):
    path = tmp_path / "a.csv"
    path.write_bytes(text.encode())
    tables = [block for block in read_csv(path, ReadLimits()).blocks if isinstance(block, Table)]
    assert [row for row in tables[0].rows if row[:2] == ("Tên", "Lệ phí")] and tables[0].rows[-1][1].startswith(("5,000", "8,000"))
    assert "sep=" not in str(tables)


def test_a_csv_in_tcvn3_is_converted_and_reported(tmp_path: Path):
    path = tmp_path / "a.csv"
    path.write_bytes("Tªn thñ tôc,LÖ phÝ\nKhai sinh,MiÔn phÝ\n".encode("latin-1"))
    document = read_csv(path, ReadLimits())
    assert document.blocks[-1].rows == (("Tên thủ tục", "Lệ phí"), ("Khai sinh", "Miễn phí"))
    assert "TCVN3" in document.warnings[0].message


def test_an_empty_workbook_is_refused(tmp_path: Path):
    with pytest.raises(FileFault) as caught:
        read_xlsx(sheet(tmp_path / "a.xlsx"), ReadLimits())
    assert caught.value.kind == "no_words"


def test_a_list_of_procedures_gives_a_record_a_row(tmp_path: Path):
    report = listed(
        tmp_path,
        ["I", "Lĩnh vực chim"],
        [1, "9.000001", "Nuôi chim", "Chim", "3 ngày làm việc", "Lệ phí: 8.000 đồng", "Nghị định số 1/2031/NĐ-CP", "Toàn trình"],
        [2, "9.000002", "Nuôi cá", "Cá", "Không quy định", "Không", "", ""],
    )
    bird, fish = report.records
    assert (bird.code, bird.name, bird.field, bird.online_level) == ("9.000001", "Nuôi chim", "Chim", "toàn trình")
    assert bird.source.read_on and bird.source.is_list
    assert [(way.channel, way.time, way.is_time_certain, way.fees) for way in bird.submissions] == [
        ("other", "3 ngày làm việc", True, ("Lệ phí: 8.000 đồng",))
    ]
    assert bird.legal_basis[0].number == "1/2031/NĐ-CP"
    assert (fish.submissions, fish.legal_basis, fish.online_level) == ((), (), "")
    assert [found.message.split(" | ")[1].split(":")[0] for found in report.warnings] == ["list_only"]


def test_values_without_unit_or_level_stay_raw_and_are_marked(tmp_path: Path):
    report = listed(tmp_path, [1, "9.000001", "Nuôi chim", "Chim", 5, 20000, "", "Mức 4"])
    (way,) = report.records[0].submissions
    assert (way.time, way.is_time_certain, way.fees, way.note) == ("5", False, (), "Phí, lệ phí: 20000")
    assert report.records[0].online_level == ""
    assert [found.field for found in report.warnings] == ["time", "fee", "online", ""]


def test_a_unit_in_the_heading_belongs_to_the_number_below(tmp_path: Path):
    head = ["Mã thủ tục", "Tên thủ tục", "Thời hạn (ngày làm việc)", "Phí (đồng)", "Toàn trình", "Thành phần hồ sơ"]
    report = listed(tmp_path, ["9.000001", "Nuôi chim", 5, "20.000", "x", "- Tờ khai;\n- Ảnh chim"], head=head)
    (bird,) = report.records
    assert [(way.time, way.is_time_certain, way.fees) for way in bird.submissions] == [("5 ngày làm việc", True, ("20.000 đồng",))]
    assert bird.online_level == "toàn trình"
    assert bird.documents == (RequiredDocument("Tờ khai"), RequiredDocument("Ảnh chim"))


def test_rows_with_a_bad_or_repeated_code_are_left_out_and_named(tmp_path: Path):
    good = [1, "9.000001", "Nuôi chim", "Chim"]
    report = listed(tmp_path, good, [2, "chín", "Nuôi cá", "Cá"], [3, "9.000001", "Lặp", "Chim"])
    assert [record.name for record in report.records] == ["Nuôi chim"]
    assert [found.field for found in report.warnings] == ["chín Nuôi cá", "9.000001 Lặp", ""]


def test_a_list_never_replaces_a_whole_record(tmp_path: Path):
    whole = read_portal_jsonl(EXPORT)
    thin = listed(tmp_path, [1, whole.records[0].code, "Tên khác", "Chim", "", "", "", "toàn trình"])
    kept = build_library(whole, thin).procedures[whole.records[0].code]
    assert (kept.name, kept.documents) == (whole.records[0].name, whole.records[0].documents)
    assert kept.online_level == "toàn trình"  # the whole record is silent on it


def test_the_export_columns_in_a_sheet_or_a_json_array_read_like_the_export(tmp_path: Path):
    import json

    lines = [json.loads(line) for line in EXPORT.read_text(encoding="utf-8").splitlines()]
    columns = list(lines[0])
    from_sheet = read_file(sheet(tmp_path / "e.xlsx", columns, *([line.get(column) for column in columns] for line in lines)))
    array = tmp_path / "e.json"
    array.write_text(json.dumps(lines), encoding="utf-8")
    whole = read_portal_jsonl(EXPORT).records
    for report in (from_sheet, read_file(array)):
        assert [record.code for record in report.records] == [record.code for record in whole]
        assert [record.documents for record in report.records] == [record.documents for record in whole]
        assert [record.submissions for record in report.records] == [record.submissions for record in whole]


def test_a_sheet_of_tasks_is_a_plan_and_one_of_other_rows_is_not(tmp_path: Path):
    tasks = sheet(tmp_path / "viec.xlsx", ["TT", "Nội dung công việc", "Cơ quan chủ trì", "Thời hạn"], [1, "Mua giấy", "Sở Gió", "Quý I"])
    other = sheet(tmp_path / "khac.xlsx", ["TT", "Tên"], [1, "Một"], [2, "Hai"])
    (plan,) = read_file(tasks).plans
    assert [(task.what, task.lead) for task in plan.tasks] == [("Mua giấy", "Sở Gió")]
    assert "viec.xlsx" in plan.title
    assert read_file(other).plans == ()
