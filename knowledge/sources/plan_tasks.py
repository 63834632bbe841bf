"""Finds who does what by when in a plan: "Giao X chủ trì, phối hợp …", chapters that name an agency, tables of tasks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from knowledge.model import PlanSection, PlanTask
from knowledge.sources.plan_sections import Table

_AGENCY = (
    r"(?:các )?(?:Sở|Phòng|Ban|Văn phòng|UBND|Ủy ban|Uỷ ban|Công an|Bộ|Trung tâm|Đài|Báo|Trường|Cục|Chi cục|Thanh tra|"
    r"MTTQ|Mặt trận|Kho bạc|Bảo hiểm|Ngân hàng|Viện|Hội|Liên|Đoàn|Thành đoàn|Tòa án|Toà án|Thuế|Bưu điện|Hải quan|"
    r"sở|giám đốc|Giám đốc|Chủ tịch|Thủ trưởng|Chánh)"
)
_ASSIGNED = re.compile(
    rf"\bGiao (?P<lead>{_AGENCY}[^,;:.]{{2,90}}?)(?: là cơ quan (?P<role>[^,;.]{{3,40}}),| chủ trì,? phối hợp(?: với)? (?P<co>[^;:.]{{3,200}}?)"
    r"(?= tham mưu| thực hiện| tổ chức| xây dựng| triển khai| rà soát| tiếp tục| hướng dẫn| nghiên cứu| đề xuất|:)| chủ trì|(?=:)) ?:?(?P<what>.*)",
    re.DOTALL,
)
_LED = re.compile(
    r"[Cc]hủ trì,? phối hợp(?: với)? (?P<co>[^;:.]{3,200}?)(?= tham mưu| thực hiện| tổ chức| thống nhất| xây dựng| triển khai| duy trì| đưa | thiết lập|[;:.]|$)"
)
_DEADLINE = re.compile(
    r"(?:[Tt]rước(?: ngày)?|[Hh]oàn thành (?:trong|trước)(?: ngày)?|[Xx]ong trước(?: ngày)?) ?"
    r"((?:ngày )?\d{1,2}/\d{1,2}/\d{4}|tháng \d{1,2}/\d{4}|quý [IVX]+/?(?: ?năm )?\d{4})"
)
_CHAPTER = re.compile(r"TỔ CHỨC THỰC HIỆN|TRÁCH NHIỆM|PHÂN CÔNG", re.IGNORECASE)
_COLUMNS = {
    "what": re.compile(r"nhiệm vụ|nội dung|công việc|hoạt động", re.IGNORECASE),
    "lead": re.compile(r"chủ trì|thực hiện$|cơ quan thực hiện|đơn vị thực hiện", re.IGNORECASE),
    "co": re.compile(r"phối hợp", re.IGNORECASE),
    "product": re.compile(r"sản phẩm|kết quả", re.IGNORECASE),
    "deadline": re.compile(r"thời gian|thời hạn|tiến độ|hoàn thành", re.IGNORECASE),
}


def find_tasks(sections: Sequence[PlanSection], tables: Sequence[Table]) -> tuple[PlanTask, ...]:
    """Tasks in reading order, prose before tables; each once."""
    found = [task for section in sections for task in _of_section(section)]
    found += [task for table in tables for task in _of_table(table)]
    return tuple(dict.fromkeys(found))


def _of_section(section: PlanSection) -> Iterator[PlanTask]:
    lead = _agency_of(section)
    for paragraph in section.paragraphs:
        if " | " in paragraph:
            continue
        assigned = _ASSIGNED.search(paragraph)
        if assigned:
            co = _split_agencies(assigned["co"] or "")
            yield PlanTask(_what(paragraph), assigned["lead"].strip(), co, "", _deadline(paragraph), section.number)
        elif lead:
            led = _LED.search(paragraph)
            co = _split_agencies(led["co"]) if led else ()
            yield PlanTask(_what(paragraph), lead, co, "", _deadline(paragraph), section.number)


def _agency_of(section: PlanSection) -> str:
    """The agency that a section of the chapter on carrying out is headed by."""
    if not section.title or not any(_CHAPTER.search(heading) for heading in section.path[:-1]):
        return ""
    return re.sub(r"^(?:Đề nghị|Giao) ", "", section.title) if re.match(rf"(?:Đề nghị |Giao |Các )?{_AGENCY}", section.title, re.IGNORECASE) else ""


def _what(paragraph: str) -> str:
    return re.sub(r"^[-–+•] ?", "", paragraph).strip()


def _deadline(text: str) -> str:
    found = _DEADLINE.search(text)
    return found.group(0).strip() if found else ""


def _split_agencies(text: str) -> tuple[str, ...]:
    parts = re.split(r", | và (?=các |Sở |Phòng |UBND )|; ?", text)
    merged: list[str] = []
    for part in (part.strip(" .;") for part in parts):
        if merged and part and not re.match(rf"{_AGENCY}|[Cc]ác ", part):
            merged[-1] = f"{merged[-1]}, {part}"
        elif part:
            merged.append(part)
    return tuple(merged)


def _of_table(table: Table) -> Iterator[PlanTask]:
    columns = {name: _column(table.head, pattern) for name, pattern in _COLUMNS.items()}
    if columns["what"] is None or columns["lead"] is None:
        return
    for row in table.rows:
        if len(row) != len(table.head):
            continue
        cell = {name: row[position].strip() if position is not None else "" for name, position in columns.items()}
        if cell["what"] and cell["lead"]:
            co = _split_agencies(cell["co"])
            yield PlanTask(cell["what"], cell["lead"].rstrip("."), co, cell["product"], cell["deadline"], table.section)


def _column(head: tuple[str, ...], pattern: re.Pattern[str]) -> int | None:
    return next((position for position, name in enumerate(head) if pattern.search(name)), None)
