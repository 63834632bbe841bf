"""Lines of a record that answer what no field of it holds, quoted as they stand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from knowledge.model import Procedure
from nlu.diacritics import bare

Coverage = Callable[[str], float]
"""Share 0..1 of a question's weight that a text holds."""

_LONGEST = 420  # characters of a quote
_SHORTEST = 25
_LEAST_COVERED = 0.5
_LINES = re.compile(r"\n+|(?<=[.;])\s+(?=[-+A-ZĐÂĂÊÔƠƯÁÀẢÃẠ(])")

# "Phải báo trước mấy giờ", "nộp trễ mấy ngày": the day by which the citizen has to act, not how long the office takes.
_HOW_LONG = r"(?:bao lau|(?:may|bao nhieu) (?:gio|phut|ngay|hom|bua|tuan|thang|nam))"
_ASKS_DEADLINE = re.compile(
    rf"\btruoc {_HOW_LONG}|\b(?:phai|can)\b[^?]{{0,40}}\btrong (?:vong )?{_HOW_LONG}|\btrong (?:vong )?{_HOW_LONG} (?:thi )?phai\b"
    rf"|\b{_HOW_LONG} (?:la |thi )?phai (?:bao|khai|nop|lam|di|dang ky|trinh)|\bhan (?:chot|cuoi|phai nop|nop)\b|\b(?:tre|cham|qua) (?:han|{_HOW_LONG})"
)
_PERIOD = re.compile(
    r"(?:trong (?:thời hạn|vòng|thời gian)|chậm nhất|muộn nhất|tối thiểu|ít nhất|trước)\s+(?:là\s+|ngày\s+)?"
    r"(?:\d+|một|hai|ba|sáu|mười)\s*(?:\([^)]*\)\s*)?(?:ngày|giờ|tháng|năm|tuần|phút)",
    re.IGNORECASE,
)
_DUTY = re.compile(r"phải|trách nhiệm|nộp|báo|khai|đăng ký|gửi|làm thủ tục", re.IGNORECASE)
# What an office does in its time, and how old a photograph may be, is no deadline of the citizen's.
_OF_THE_OFFICE = re.compile(
    r"hợp lệ|kể từ (?:ngày|khi) (?:nhận|tiếp nhận)|[Cc]ơ quan|[Cc]ơ sở|\bSở\b|\bCục\b|\bBộ\b|UBND|Ủy ban|[Cc]án bộ|[Cc]ông chức|"
    r"[Tt]rung tâm|[Vv]ăn phòng|[Hh]ội đồng|[Bb]ộ phận|thẩm định|giải quyết|trả lời|trả kết quả|xem xét|quyết định|cấp (?:giấy|thẻ)|\b[Ảả]nh\b"
)


def best_paragraph(procedure: Procedure, coverage: Coverage) -> str:
    """The paragraph of steps, conditions or notes that covers most of a question; "" when none covers at least half."""
    texts = (procedure.steps, procedure.conditions, *(s.note for s in procedure.submissions))
    paragraphs = [p.strip() for text in texts for p in re.split(r"\n+", text) if len(p.strip()) > _SHORTEST]
    best = max(paragraphs, key=coverage, default="")
    return shorten(best, _LONGEST) if best and coverage(best) >= _LEAST_COVERED else ""


def asks_filing_deadline(question: str) -> bool:
    """Whether a question asks by when the citizen has to act ("phải báo trước mấy giờ"); diacritics do not matter."""
    return bool(_ASKS_DEADLINE.search(bare(question)))


def filing_deadline(procedure: Procedure, coverage: Coverage) -> str:
    """The line of the record that tells by when the citizen has to act; "" where it has none.

    Of several the one that covers most of the question, of equals the first.
    """
    found = [line for line in _lines(procedure) if _PERIOD.search(line) and _DUTY.search(line) and not _OF_THE_OFFICE.search(line)]
    return shorten(max(found, key=coverage), _LONGEST) if found else ""


def shorten(text: str, limit: int) -> str:
    """Cut at the end of a sentence or line before ``limit`` and mark the cut; nothing is reworded."""
    if len(text) <= limit:
        return text
    cut = max(text.rfind(mark, 0, limit) for mark in (". ", ".\n", ";\n", "\n", "; "))
    if cut < limit // 2:
        cut = text.rfind(" ", 0, limit)
    return text[:cut].rstrip() + " …"


def _lines(procedure: Procedure) -> Iterator[str]:
    texts = (procedure.conditions, procedure.steps, *(s.note for s in procedure.submissions), *procedure.notes)
    for text in texts:
        yield from (line.strip(" -+*•") for line in _LINES.split(text) if len(line.strip()) > _SHORTEST)
