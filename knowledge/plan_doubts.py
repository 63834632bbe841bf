"""What is not certain about a task as it was read from a plan, so that nobody takes a guess for the plan's word."""

from __future__ import annotations

import re

from knowledge.model import PlanTask
from knowledge.plan_deadlines import Deadline
from nlu.diacritics import bare

#: Key → what a reader is told, Vietnamese and English.
DOUBTS: dict[str, tuple[str, str]] = {
    "lead_missing": ("Văn bản không nói rõ ai chủ trì.", "The plan does not say who leads."),
    "lead_group": ("Giao chung cho một nhóm đơn vị, không nêu tên.", "Given to a group of bodies, none by name."),
    "lead_cut": ("Tên đơn vị chủ trì đọc chưa trọn.", "The name of the lead was not read whole."),
    "deadline_missing": ("Văn bản không ghi hạn.", "The plan sets no deadline."),
    "deadline_event": ("Hạn tùy một việc khác, chưa thành ngày.", "The deadline hangs on something else: no day yet."),
    "deadline_unclear": ("Lời ghi hạn chưa đọc ra ngày.", "The words of the deadline were not read as a day."),
    "year_assumed": ("Hạn không ghi năm, tính theo năm của văn bản.", "No year is printed; the plan's own year is taken."),
    "several_days": ("Văn bản ghi nhiều ngày; lấy ngày cuối.", "Several days are printed; the last one is taken."),
    "first_open": ("Làm từ ngày này trở đi, không có ngày cuối.", "From this day on; no last day."),
}
_GROUP_WORDS = frozenset(
    ["cac", "so", "ban", "nganh", "co", "quan", "don", "vi", "dia", "phuong", "phong", "lien", "to", "chuc", "doan", "the", "xa", "huyen", "quan", "thi", "thanh", "pho", "tinh", "cap", "va", "ca", "nhan", "theo", "quy", "dinh", "uy", "nhan", "dan", "dac", "khu", "thuoc", "truc", "cua", "ubnd", "chuc", "nang", "nhiem", "vu", "duoc", "giao", "doanh", "nghiep"]
)
_DATED = ("day", "month", "quarter")


def doubts_of(task: PlanTask, deadline: Deadline) -> tuple[str, ...]:
    """Keys of :data:`DOUBTS` that hold for a task; () where all of it stands in the plan."""
    return tuple(filter(None, [_about_lead(task.lead), _about_deadline(deadline)]))


def _about_lead(lead: str) -> str:
    if not lead.strip():
        return "lead_missing"
    if lead.count("(") != lead.count(")"):
        return "lead_cut"
    words = re.findall(r"[a-z0-9]+", bare(lead).lower())
    return "lead_group" if words and set(words) <= _GROUP_WORDS else ""


def _about_deadline(deadline: Deadline) -> str:
    if deadline.kind == "none":
        return "deadline_missing"
    if deadline.kind in ("event", "unclear"):
        return f"deadline_{deadline.kind}"
    if deadline.kind == "open":
        return "first_open"
    if deadline.kind == "day" and len(re.findall(r"\d{1,2}\s?(?:/|-|tháng\s)\s?\d{1,2}", deadline.text)) > 1:
        return "several_days"
    return "year_assumed" if deadline.kind in _DATED and not re.search(r"20\d\d", deadline.text) else ""
