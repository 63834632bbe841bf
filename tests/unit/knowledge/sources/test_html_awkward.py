"""Web pages as portals really make them: one form around everything, procedures behind links, amounts cut by markup."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.sources.document import Line, Table
from knowledge.sources.files import read_file
from knowledge.sources.html_file import read_html


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "a.html"
    path.write_text(f"<html><body>{text}</body></html>", encoding="utf-8")
    return path


def texts(path: Path) -> list[str]:
    return [block.text for block in read_html(path).blocks if isinstance(block, Line)]


def rows(path: Path) -> tuple[tuple[str, ...], ...]:
    (table,) = (block for block in read_html(path).blocks if isinstance(block, Table))
    return table.rows


def test_a_form_around_the_whole_page_is_the_page(tmp_path: Path):
    page = "<form id='aspnetForm'><div><input value='x'><select><option>Chọn</option></select><p>Thủ tục khai sinh</p><p>Lệ phí: không</p></div></form>"
    assert texts(written(tmp_path, page)) == ["Thủ tục khai sinh", "Lệ phí: không"]


def test_a_list_of_procedures_behind_links_is_no_menu(tmp_path: Path):
    listed = "".join(
        f"<tr><td>9.00000{n}</td><td><a href='/{n}'>Thủ tục đăng ký nuôi chim hoàng yến ở nhà vườn loại {n}</a></td></tr>" for n in range(1, 6)
    )
    page = f"<table><tr><th>Mã TTHC</th><th>Tên thủ tục hành chính</th></tr>{listed}</table>"
    assert len(read_file(written(tmp_path, page)).records) == 5


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("Phí <b>50</b>.000 đồng", "Phí 50.000 đồng"),
        ("Qu<i>ý</i> I", "Quý I"),
        ("Phí 50.000<sup>1</sup> đồng/m<sup>2</sup>", "Phí 50.000¹ đồng/m²"),
        ("<s>50.000</s> <del>60.000</del> 25.000 đồng", "25.000 đồng"),
        ("<p>- Tờ khai;</p><p>- Ảnh</p>", "- Tờ khai;\n- Ảnh"),
        ("Tờ khai<br>Ảnh", "Tờ khai\nẢnh"),
        ("<ul><li>Tờ khai</li><li>Ảnh</li></ul>", "- Tờ khai\n- Ảnh"),
        ("5&nbsp;ngày &#150; 7 ngày", "5 ngày – 7 ngày"),
    ],
)
def test_a_cell_keeps_its_amounts_and_lines(tmp_path: Path, cell: str, text: str):
    page = f"<table><tr><td>Việc</td><td>Lời</td></tr><tr><td>Một</td><td>{cell}</td></tr></table>"
    assert rows(written(tmp_path, page))[1] == ("Một", text)


def test_papers_on_lines_of_one_cell_are_papers_of_their_own(tmp_path: Path):
    page = """<table><tr><th>Mã TTHC</th><th>Tên thủ tục</th><th>Thành phần hồ sơ</th></tr>
      <tr><td>9.000001</td><td>Nuôi chim</td><td>- Tờ khai<br>- Ảnh chim</td></tr></table>"""
    (bird,) = read_file(written(tmp_path, page)).records
    assert [paper.name for paper in bird.documents] == ["Tờ khai", "Ảnh chim"]


def test_a_raised_digit_in_a_line_stays_apart_from_the_amount(tmp_path: Path):
    assert texts(written(tmp_path, "<p>Lệ phí 8.000<sup>2</sup> đồng <s>9.000 đồng</s></p>")) == ["Lệ phí 8.000² đồng"]


def test_items_keep_their_marks_whatever_stands_in_them(tmp_path: Path):
    page = "<ol type=I><li><p>Mục đích</p></li><li>Yêu cầu</li></ol><ul><li><p>Vui</p></li></ul><ol><li value=4>Bốn</li><li>Năm</li></ol>"
    assert texts(written(tmp_path, page)) == ["I. Mục đích", "II. Yêu cầu", "- Vui", "4. Bốn", "5. Năm"]


def test_a_small_table_inside_a_cell_does_not_undo_the_table_around_it(tmp_path: Path):
    inner = "<table><tr><td>bản chính</td><td>1</td></tr></table>"
    page = f"""<table><tr><th>Mã TTHC</th><th>Tên thủ tục</th><th>Thời hạn</th></tr>
      <tr><td>9.000001</td><td>Đăng ký nuôi chim hoàng yến {inner}</td><td>3 ngày</td></tr></table>"""
    (bird,) = read_file(written(tmp_path, page)).records
    assert (bird.name, bird.submissions[0].time) == ("Đăng ký nuôi chim hoàng yến bản chính 1", "3 ngày")
