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
    r"(?= tham mưu| thực hiện| tổ chức| xây dựng| triển khai| rà soát| tiếp tục| hướng dẫn| nghiên cứu| đề xuất| giúp |:)| chủ trì|(?=:| thường xuyên| rà soát| xây dựng| tham mưu| là cơ quan| tiếp tục| hướng dẫn)) ?:?(?P<what>.*)",
    re.DOTALL,
)
_LED = re.compile(
    r"[Cc]hủ trì,? phối hợp(?: với)? (?P<co>[^;:.]{3,200}?)(?= tham mưu| thực hiện| tổ chức| thống nhất| xây dựng| triển khai| duy trì| đưa | thiết lập| đảm bảo| bảo đảm| giúp |[;:.]|$)"
)
_DEADLINE = re.compile(
    r"(?:[Tt]rước(?: ngày)?|[Hh]oàn thành (?:trong|trước)(?: ngày)?|[Xx]ong trước(?: ngày)?) ?"
    r"((?:ngày )?\d{1,2}/\d{1,2}/\d{4}|tháng \d{1,2}/\d{4}|quý [IVX]+/?(?: ?năm )?\d{4})"
)
_CLOSING = re.compile(r"Trên đây là|Trong quá trình (?:triển khai|tổ chức|thực hiện)|\(?(?:Ban hành k|K)èm theo")
_LEAD_LABEL = re.compile(r"(?:Cơ quan|Đơn vị) (?:chủ trì|thực hiện): ?(?P<lead>.+)")
_TIME_LABEL = re.compile(r"(?:Thời gian|Thời hạn)(?: thực hiện| hoàn thành)?: ?(?P<when>.+)")
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
    found += _of_labels(sections)
    found += [task for table in tables for task in _of_table(table)]
    return tuple(dict.fromkeys(found))


def _of_section(section: PlanSection) -> Iterator[PlanTask]:
    """Tasks of one section's paragraphs; a bullet belongs to the "Giao X …:" above it, else to the section's agency."""
    heading_lead = _agency_of(section)
    lead, co = heading_lead, ()
    for paragraph in section.paragraphs:
        if " | " in paragraph or _CLOSING.match(paragraph):
            continue
        assigned = _ASSIGNED.search(paragraph)
        if assigned:
            lead, co = assigned["lead"].strip(), _split_agencies(assigned["co"] or "")
            if paragraph.endswith(":"):
                continue
            yield PlanTask(_what(paragraph), lead, co, "", _deadline(paragraph), section.number)
            lead, co = heading_lead, ()
        elif lead and (lead != heading_lead or _is_own(section, paragraph)):
            led = _LED.search(paragraph)
            partners = _split_agencies(led["co"]) if led else co
            yield PlanTask(_what(paragraph), lead, partners, "", _deadline(paragraph), section.number)


def _is_own(section: PlanSection, paragraph: str) -> bool:
    """Whether a paragraph under an agency's heading is a task and no lead-in ending with a colon."""
    return not paragraph.endswith(":") or len(section.paragraphs) == 1


def _of_labels(sections: Sequence[PlanSection]) -> Iterator[PlanTask]:
    """Items written as "a. Thời gian thực hiện: … b. Cơ quan chủ trì: …" under a heading that names the task."""
    for position, section in enumerate(sections):
        led = next((found for text in section.paragraphs if (found := _LEAD_LABEL.match(text))), None)
        if led is None or not section.path:
            continue
        parent = section.number.rsplit(".", 1)[0]
        family = [other for other in sections[max(0, position - 3) : position + 4] if other.number.startswith(f"{parent}.")]
        time = next((found["when"] for other in family for text in other.paragraphs if (found := _TIME_LABEL.match(text))), "")
        what = re.sub(r"^\S+ ", "", section.path[-1]) if not section.title else section.title
        yield PlanTask(what, led["lead"].strip(" ."), (), "", time.strip(" ."), parent)


def _agency_of(section: PlanSection) -> str:
    """The agency that heads a section: inside the chapter on carrying out, or after "Giao"."""
    in_chapter = any(_CHAPTER.search(heading) for heading in section.path[:-1])
    if not section.title or not (in_chapter or section.title.startswith("Giao ")):
        return ""
    if not re.match(rf"(?:Đề nghị |Giao |Các )?{_AGENCY}", section.title, re.IGNORECASE):
        return ""
    return re.sub(r"^(?:Đề nghị|Giao) ", "", section.title)


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
