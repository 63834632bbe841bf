"""Saved web pages: the words without menus and scripts, tables with spans, pages in old encodings."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.sources.document import Line, Table
from knowledge.sources.faults import FileFault
from knowledge.sources.files import read_file
from knowledge.sources.html_file import read_html


def written(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def texts(path: Path) -> list[str]:
    return [block.text for block in read_html(path).blocks if isinstance(block, Line)]


def test_menus_scripts_forms_and_hidden_parts_are_left_out(tmp_path: Path):
    menu = "".join(f"<li><a href='/{n}'>Chuyên mục số {n}</a></li>" for n in range(6))
    page = f"""<html><head><title>T</title><style>p{{}}</style></head><body><ul>{menu}</ul><nav>Trang chủ</nav>
      <script>alert(1)</script><form>Tìm kiếm</form><div hidden>ẩn</div>
      <div><p>Thủ tục <b>khai sinh</b></p><p>Lệ phí: không</p></div><footer>Bản quyền</footer></body></html>"""
    assert texts(written(tmp_path / "a.html", page)) == ["Thủ tục khai sinh", "Lệ phí: không"]


def test_the_main_part_is_chosen_where_the_page_names_it(tmp_path: Path):
    page = "<body><div>Tin bên lề</div><main><h1>Kế hoạch</h1><p>Nội dung chính của trang, dài hơn tin bên lề.</p></main></body>"
    assert texts(written(tmp_path / "a.html", page)) == ["Kế hoạch", "Nội dung chính của trang, dài hơn tin bên lề."]


def test_line_breaks_and_list_items_are_lines_with_their_marks(tmp_path: Path):
    page = "<p>Một<br>Hai</p><ul><li>Ba</li><li>- Bốn</li></ul><ol start=3><li>Năm</li></ol><ol type=a><li>Sáu</li></ol>"
    assert texts(written(tmp_path / "a.html", page)) == ["Một", "Hai", "- Ba", "- Bốn", "3. Năm", "a) Sáu"]


def test_bold_lines_are_known(tmp_path: Path):
    page = "<h2>Đậm</h2><p>nhạt <b>đậm</b></p><p style='font-weight: bold'>Đậm</p>"
    lines = [block for block in read_html(written(tmp_path / "a.html", page)).blocks if isinstance(block, Line)]
    assert [line.is_bold for line in lines] == [True, False, True]


def test_spans_of_a_table_fill_the_grid(tmp_path: Path):
    page = """<table><tr><th colspan=2>Việc</th><th>Hạn</th></tr>
      <tr><td rowspan=2>Sở Gió</td><td>Diều giấy</td><td>Quý I</td></tr><tr><td>Diều vải</td><td>Quý II</td></tr></table>"""
    (table,) = (block for block in read_html(written(tmp_path / "a.html", page)).blocks if isinstance(block, Table))
    assert table.rows == (("Việc", "", "Hạn"), ("Sở Gió", "Diều giấy", "Quý I"), ("Sở Gió", "Diều vải", "Quý II"))


def test_a_table_that_only_lays_out_the_page_is_no_table(tmp_path: Path):
    page = "<table><tr><td>Trái</td><td><table><tr><td>A</td><td>B</td></tr><tr><td>C</td><td>D</td></tr></table></td></tr></table>"
    blocks = read_html(written(tmp_path / "a.html", page)).blocks
    assert [type(block).__name__ for block in blocks] == ["Line", "Table"]


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        ("<meta charset=utf-8><p>Thủ tục hành chính</p>".encode("utf-8-sig"), ""),
        ("<p>Thñ tôc hµnh chÝnh</p>".encode("latin-1"), "converted"),
        ("<meta charset=utf-8><p>Thñ tôc hµnh chÝnh</p>".encode(), "converted"),
    ],
)
def test_pages_in_old_encodings_give_the_same_words(tmp_path: Path, data: bytes, kind: str):
    path = written(tmp_path / "a.html", data)
    assert texts(path) == ["Thủ tục hành chính"]
    assert [kind in found.message for found in read_html(path).warnings] == ([True] if kind else [])


def test_a_page_without_words_is_refused(tmp_path: Path):
    with pytest.raises(FileFault) as caught:
        read_html(written(tmp_path / "a.html", "<html><body><script>x()</script></body></html>"))
    assert caught.value.kind == "no_words"


def test_a_page_that_calls_itself_doc_is_read_as_a_page(tmp_path: Path):
    path = written(tmp_path / "a.doc", "<html><body><p>Không có kế hoạch nào ở đây</p></body></html>")
    assert "nothing_found" in read_file(path).warnings[-1].message
