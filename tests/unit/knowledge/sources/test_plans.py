"""Plans: head, paragraphs, sections, tables and tasks, from wrapped text and from Markdown."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from knowledge.errors import SourceError
from knowledge.model import Plan, PlanTask
from knowledge.sources.plan_lines import read_paragraphs
from knowledge.sources.plans import read_plan

DATA = Path(__file__).resolve().parents[3] / "data" / "knowledge" / "plans"


@pytest.fixture(scope="module")
def kite() -> Plan:
    return read_plan(DATA / "ke-hoach-dieu-2031.txt")


@pytest.fixture(scope="module")
def star() -> Plan:
    return read_plan(DATA / "quyet-dinh-sao.md")


def text_of(plan: Plan, number: str) -> tuple[str, ...]:
    return next(section.paragraphs for section in plan.sections if section.number == number)


def test_the_head_of_wrapped_text_is_read(kite: Plan):
    assert (kite.kind, kite.number, kite.place) == ("Kế hoạch", "7/KH-UBND", "Trăng Sao")
    assert kite.authority == "UBND tỉnh Trăng Sao"
    assert kite.issued_on == date(2031, 3, 5)
    assert (kite.period_from, kite.period_to) == (date(2031, 1, 1), date(2031, 12, 31))


def test_an_all_capital_title_gets_the_capitals_of_the_text(kite: Plan):
    assert kite.title == "Tổ chức ngày hội thả diều tỉnh Trăng Sao năm 2031"


def test_wrapped_headings_and_paragraphs_are_joined(kite: Plan):
    assert [(section.number, section.title) for section in kite.sections] == [
        ("", ""), ("I", "MỤC ĐÍCH, YÊU CẦU"), ("I.1", "Mục đích"), ("I.2", "Yêu cầu"),
        ("II", "TỔ CHỨC THỰC HIỆN"), ("II.1", "Sở Gió"), ("II.2", "Sở Tài chính"),
    ]  # fmt: skip
    assert text_of(kite, "I.2") == ("- Diều bay cao, dây bền, từ ngày 16 tháng 3 đến hết tháng.",)


def test_an_agency_has_a_section_of_its_own(kite: Plan):
    assert text_of(kite, "II.2")[0] == "Bố trí kinh phí mua giấy màu."
    section = next(section for section in kite.sections if section.number == "II.2")
    assert section.path == ("II. TỔ CHỨC THỰC HIỆN", "2. Sở Tài chính")


def test_receivers_and_signature_are_dropped(kite: Plan):
    words = " ".join(" ".join(section.paragraphs) for section in kite.sections)
    assert "Nơi nhận" not in words and "Nguyễn Văn Diều" not in words and "CHỦ TỊCH" not in words


def test_a_task_under_an_agency_has_lead_partners_and_deadline(kite: Plan):
    task = kite.tasks[0]
    assert (task.lead, task.co_agencies) == ("Sở Gió", ("Sở Mây", "UBND các xã"))
    assert task.deadline == "trước ngày 01/04/2031"
    assert all("Trên đây là" not in task.what for task in kite.tasks)


def test_markdown_marks_are_dropped_and_articles_kept(star: Plan):
    assert (star.kind, star.number) == ("Quyết định", "8/QĐ-UBND")
    assert text_of(star, "Điều 1") == ("Ban hành kèm theo Quyết định này Kế hoạch đếm sao của tỉnh Trăng Sao.",)
    assert (star.period_from, star.period_to) == (date(2031, 1, 1), date(2033, 12, 31))
    assert "*" not in str(star)


def test_letters_below_a_heading_become_sections(star: Plan):
    assert text_of(star, "I.1.a") == ("Đếm khi trời quang;",)
    assert text_of(star, "I.1.b") == ("Ghi vào sổ.",)


def test_an_assignment_in_prose_becomes_a_task(star: Plan):
    task = next(task for task in star.tasks if task.section == "Điều 2")
    assert (task.lead, task.co_agencies, task.deadline) == ("Sở Sao", ("Sở Mây",), "hoàn thành trước 30/6/2031")


def test_cells_on_lines_of_their_own_become_rows_and_tasks(star: Plan):
    rows = text_of(star, "Phụ lục")
    assert rows[1].startswith("TT: 1; Nhiệm vụ: Mua kính viễn vọng; Cơ quan chủ trì: Sở Sao")
    assert PlanTask("Vẽ bản đồ", "Sở Mây", ("Sở Sao",), "", "Quý III/2031", "Phụ lục") in star.tasks


def test_a_page_break_inside_a_sentence_is_closed():
    (paragraph,) = read_paragraphs("- Nuôi chim ở tầng\n\n\n\ndưới và tầng trên.")
    assert paragraph.text == "- Nuôi chim ở tầng dưới và tầng trên."


def test_a_hyphen_after_a_page_break_is_no_bullet():
    (paragraph,) = read_paragraphs("7. Đề nghị tổ chức chính trị\n\n- **xã hội:** cùng làm.")
    assert paragraph.text == "7. Đề nghị tổ chức chính trị - xã hội: cùng làm."


def test_years_on_both_sides_of_a_page_break_are_one_period():
    (paragraph,) = read_paragraphs("4. Trong giai đoạn 2026\n\n- 2030 thả diều mỗi năm.")
    assert paragraph.text == "4. Trong giai đoạn 2026 - 2030 thả diều mỗi năm."


def test_a_row_cut_by_a_page_break_is_joined():
    rows = read_paragraphs("STT\tViệc\tAi\n1\tNuôi chim\tSở Gió\n\n\n\tbồ câu\tvà Sở Mây\n2\tThả diều\tSở Mây")
    assert [row.cells for row in rows] == [
        ("STT", "Việc", "Ai"), ("1", "Nuôi chim bồ câu", "Sở Gió và Sở Mây"), ("2", "Thả diều", "Sở Mây"),
    ]  # fmt: skip


def test_a_bullet_belongs_to_the_assignment_above_it(tmp_path: Path):
    path = tmp_path / "x.txt"
    path.write_text(
        "KẾ HOẠCH\nThả diều\n\nI. NỘI DUNG\n\nGiao Sở Gió chủ trì, phối hợp Sở Mây thực hiện các việc sau:\n\n"
        "- Chọn bãi, xong trước 30/4/2031;\n\n- Báo cáo.\n", encoding="utf-8")  # fmt: skip
    tasks = read_plan(path).tasks
    assert [(task.what, task.lead, task.deadline) for task in tasks] == [
        ("Chọn bãi, xong trước 30/4/2031;", "Sở Gió", "xong trước 30/4/2031"), ("Báo cáo.", "Sở Gió", ""),
    ]  # fmt: skip


def test_labelled_items_become_a_task_of_their_heading(tmp_path: Path):
    path = tmp_path / "x.txt"
    path.write_text(
        "KẾ HOẠCH\nThả diều\n\nI. VIỆC LÀM\n\n1. Làm diều giấy\n\na. Thời gian thực hiện: Quý I.\n\n"
        "b. Cơ quan chủ trì: Sở Gió.\n\nc. Nội dung: gấp giấy.\n", encoding="utf-8")  # fmt: skip
    assert PlanTask("Làm diều giấy", "Sở Gió", (), "", "Quý I", "I.1") in read_plan(path).tasks


def test_a_text_without_words_or_encoding_is_refused(tmp_path: Path):
    empty, wrong = tmp_path / "a.txt", tmp_path / "b.txt"
    empty.write_text("\n \n")
    wrong.write_bytes(b"\xff\xfe\x00K")
    for path in (empty, wrong):
        with pytest.raises(SourceError):
            read_plan(path)


def test_the_line_end_that_closes_a_file_changes_nothing(tmp_path: Path) -> None:
    text = (DATA / "ke-hoach-dieu-2031.txt").read_text(encoding="utf-8").rstrip("\n")
    plans = []
    for ending in ("", "\n", "\n\n"):
        path = tmp_path / "ke-hoach-dieu-2031.txt"
        path.write_text(text + ending, encoding="utf-8")
        plans.append(read_plan(path))
    assert [(p.number, p.kind, p.sections) for p in plans] == [(plans[0].number, plans[0].kind, plans[0].sections)] * 3
    assert plans[0].number


@pytest.mark.parametrize(
    ("head", "number", "authority", "place", "issued_on"),
    [
        ("UBND TỈNH SƯƠNG LAM\n\nSố 34/KH-UBND\n\nSương Lam, ngày 5 tháng 3 năm 2031", "34/KH-UBND", "UBND tỉnh Sương Lam", "Sương Lam", date(2031, 3, 5)),
        ("UBND PHƯỜNG HOA MƠ\nSỐ 9/KH-UBND\nHoa Mơ, ngày 1-2-2031", "9/KH-UBND", "UBND phường Hoa Mơ", "Hoa Mơ", date(2031, 2, 1)),
        ("SỞ NỘI VỤ\nSố: 12 /KH- SNV\nSương Lam, ngày 05/3/2031", "12/KH-SNV", "Sở Nội vụ", "Sương Lam", date(2031, 3, 5)),
        ("ỦY BAN NHÂN DÂN TỈNH SƯƠNG LAM\nSỞ TƯ PHÁP\nSố: 5/KH-STP\nSương Lam, ngày 1 tháng 2 năm 2031", "5/KH-STP", "Sở Tư pháp tỉnh Sương Lam", "Sương Lam", date(2031, 2, 1)),
        ("BỘ NỘI VỤ CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM Số: 7/KH-BNV Hà Nội, ngày 1 tháng 2 năm 2031", "7/KH-BNV", "Bộ Nội vụ", "Hà Nội", date(2031, 2, 1)),
        ("HỘI ĐỒNG NHÂN DÂN ĐẶC KHU ĐẢO XA\nSố: 5/KH-HĐND\nĐảo Xa, ngày 1 tháng 2 năm 2031", "5/KH-HĐND", "HĐND đặc khu Đảo Xa", "Đảo Xa", date(2031, 2, 1)),
        ("ỦY BAN NHÂN DÂN XÃ HOA MƠ\nSố:      /KH-UBND\nHoa Mơ, ngày     tháng 3 năm 2031", "", "UBND xã Hoa Mơ", "", None),
    ],
    ids=["no colon", "capitals, day in figures", "an office", "an office of a province", "one line", "a council", "number and day left open"],
)
def test_heads_in_the_habits_of_different_offices(tmp_path: Path, head: str, number: str, authority: str, place: str, issued_on: date | None):
    path = tmp_path / "dau.txt"
    path.write_text(f"{head}\n\nKẾ HOẠCH\nTrồng tre ven sông\n\nI. MỤC ĐÍCH\n\nTrồng tre để giữ bờ.\n", encoding="utf-8")
    plan = read_plan(path)
    assert (plan.number, plan.authority, plan.place, plan.issued_on) == (number, authority, place, issued_on)
