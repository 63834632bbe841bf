"""Lines of a record that answer what no field of it holds, quoted as they stand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from actions.phrases import say
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
_BEFORE_WHAT = r"(?:(?:khi|ngay|luc)(?: (?!mat |thi |la |co )[^\s?,]+){1,6} )?"  # "trước khi hết hạn bao nhiêu ngày", not "… mất bao lâu"
_ASKS_DEADLINE = re.compile(
    rf"\btruoc {_BEFORE_WHAT}{_HOW_LONG}|\b{_HOW_LONG} truoc (?:khi|ngay|luc)\b"
    rf"|\b(?:phai|can)\b[^?]{{0,40}}\btrong (?:vong )?{_HOW_LONG}|\btrong (?:vong )?{_HOW_LONG} (?:thi )?phai\b"
    rf"|\b{_HOW_LONG} (?:la |thi )?phai (?:bao|khai|nop|lam|di|dang ky|trinh)|\bhan (?:chot|cuoi|phai nop|nop)\b|\b(?:tre|cham|qua) (?:han|{_HOW_LONG})"
)
_PERIOD = re.compile(
    r"(?:trong(?: thời hạn| vòng| thời gian| khoảng)?|chậm nhất|muộn nhất|tối thiểu|ít nhất|trước)\s+(?:(?:là|ngày|vào|trong|sau|tối đa|không quá)\s+)*"
    r"(?:\d+|một|hai|ba|sáu|mười)\s*(?:\([^)]*\)\s*)?(?:ngày|giờ|tháng(?! \d+ năm \d)|năm|tuần|phút)(?! (?:liền (?:kề|trước)|liên tiếp|liên tục|gần nhất|trở về trước))",
    re.IGNORECASE,
)
_DUTY = re.compile(r"phải|trách nhiệm|nộp|báo|khai|đăng ký|gửi|làm thủ tục|thực hiện|hoàn thiện|bổ sung|xin|\blập\b|\bđi\b|\btrình\b", re.IGNORECASE)
# What an office does in its time, and how old a photograph may be, is no deadline of the citizen's.
_OF_THE_OFFICE = re.compile(
    r"hợp lệ|kể từ (?:ngày|khi) (?:nhận|tiếp nhận)|[Cc]ơ quan|[Cc]ơ sở|\bSở\b|\bCục\b|\bBộ\b|UBND|Ủy ban|[Cc]án bộ|[Cc]ông chức|"
    r"[Tt]rung tâm|[Vv]ăn phòng(?! đại diện)|(?<!đại )[Hh]ội đồng(?! (?:quản trị|thành viên|cổ đông))|[Bb]ộ phận|thẩm định|giải quyết|trả lời|trả kết quả|xem xét|quyết định|cấp (?:giấy|thẻ)|\b[Ảả]nh\b|"
    r"^(?:Bước \d+: ?)?(?:Trong [^,]*, )?Ngân hàng Nhà nước|xác minh|[Kk]iểm tra (?:tính|hồ sơ)|(?:Tổ|việc|tiến hành)\b[^.;]{0,30} đánh giá|(?<!phê )duyệt|có thông báo|cách nhau|"
    r"[Nn]hận (?:giấy|kết quả)|cách ly|[Tt]hực hiện đúng|(?:xử phạt|vi phạm|[Kk]hông bị|[Đđ]ảm bảo|[Tt]uân thủ) .*trong (?:thời (?:gian|hạn) )?\d+"
)
_ASKS_PENALTY = re.compile(
    r"\b(?:bi|xu|nop|dong|muc|tien|che tai)(?: xu)? phat\b(?! (?:hien|sinh|thuong|hanh|am|tan))|\bphat (?:tien|bao nhieu|may|khong|ko|nang|the nao|ra sao)\b"
)
_FINE_SPELLED = re.compile(r"\bph[aạ]t\b", re.IGNORECASE)  # "phát nặng hơn" is none
_PENALTY = re.compile(r"\b(?:bị|mức|tiền|sẽ)(?: xử)? phạt\b(?! tù)|\bphạt (?:tiền|cảnh cáo)\b|\bxử phạt vi phạm\b", re.IGNORECASE)
_UNPUNISHED = re.compile(r"(?:không|chưa)(?: từng| đang)? bị|chấp hành xong|(?:quyết định|biên lai|đã nộp|nộp đủ)[^.;]{0,30} phạt", re.IGNORECASE)  # conditions and papers
# The office that gets a notice does nothing: "gửi đến Bộ Công an chậm nhất 60 ngày trước khi hết hạn".
_ADDRESSEE = re.compile(
    r"\b(?:gửi|nộp|trình|báo cáo|thông báo|khai|giải trình)\b[^.;,]{0,60}?\b(?:tới|đến|cho|với|tại|gửi)? ?(?:[Cc]ơ quan|Sở|Cục|Bộ|UBND|Ủy ban[^.;,]{0,40}|[Tt]rung tâm[^.;,]{0,40})(?= |[.;,]|$)"
)

_OFFICE = (
    r"(?:[Cc]ơ quan|[Cc]hi nhánh|[Tt]rung tâm|[Bb]ộ phận|UBND|[UỦuủ][ỷyỉ] ban|Sở|Cục|[Cc]hi cục|Bộ|[Cc]ông an|[Pp]hòng|[Vv]ăn phòng|[Nn]gân hàng|[Cc]ảng vụ|Ban [Qq]uản lý|"
    r"[Tt]òa án|[Kk]ho bạc|[Tt]hủ trưởng|[Tt]ổ chức hành nghề|[Đđ]ồn|nơi)"
)
# "Nộp hồ sơ tại cơ quan đăng ký cư trú nơi …": where the citizen goes, which the field of the office leaves out.
_FILED_AT = re.compile(
    rf"\b(?:nộp|gửi|trình báo|thông báo|khai báo|xuất trình)\b[^.;]{{0,110}}?\b(?:tại|đến|tới|cho|với|về|ở)\s+[^.;,]{{0,24}}?{_OFFICE}\b", re.IGNORECASE
)
_OFFICE_ACTS = re.compile(
    rf"^(?:(?:Bước \d+|[a-zđ0-9.]{{1,5}}\)?)[:.)] ?)?(?:{_OFFICE}|Trong (?:thời hạn|vòng|thời gian)|Chậm nhất|Sau khi|Căn cứ|Nếu|Khi|Công chức|Cán bộ|Người tiếp nhận|Trường hợp .{{0,60}}(?:không|chưa))|kể từ (?:ngày|khi) (?:nhận|tiếp nhận)|"
    r"gửi lại|trả lại|hoàn thiện|bổ sung hồ sơ|nhận kết quả|trả kết quả|xin ý kiến|lấy ý kiến|thẩm định"
)
# "Trong thời hạn 05 ngày làm việc, …": how long one step takes, where the record gives no time for the whole.
_STAGE = re.compile(
    r"(?:thời hạn|trong vòng|không quá|chậm nhất|tối đa|thời gian)[^.;]{0,60}?(?:\d+|một|hai|ba|bốn|năm|mười)[^.;]{0,20}?(?:ngày|giờ|tháng)", re.IGNORECASE
)
_MAX_STAGES = 3
# "Có giá trị mấy năm": how long the paper is good for, which no field holds.
_ASKS_VALIDITY = re.compile(
    rf"\b(?:hieu luc|gia tri|han dung|han su dung|thoi han(?! (?:giai|nop|lam|xu|cap|tra)))(?: su dung)?(?: la| trong| duoc| toi| den)* {_HOW_LONG}"
)
_VALIDITY = re.compile(
    r"\b(?:giấy|thẻ|chứng chỉ|chứng nhận|văn bản chấp thuận|biển hiệu|phiếu|hộ chiếu|bằng|sổ|thị thực)\b[^.;,]{0,120}? (?:có giá trị|có hiệu lực|có thời hạn)(?: sử dụng)?(?: là| trong| thời hạn| không quá| tối đa)*"
    r" (?:\d+|một|hai|ba|năm|mười)(?: \([^)]*\))? ?(?:năm|tháng|ngày)\b(?! trở lên)", re.IGNORECASE
)
_OF_ANOTHER = re.compile(r"hợp đồng|USD|\bđồng\b|còn (?:giá trị|hiệu lực|thời hạn|lại)|đã được cấp có thời hạn|đi lại quốc tế", re.IGNORECASE)  # a condition, not what is got
_STAGE_LENGTH = 220  # characters shown of one step


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
    found = [line for line in _lines(procedure) if _binds_the_citizen(line)]
    return shorten(max(found, key=coverage), _LONGEST) if found else ""


def filing_place(procedure: Procedure) -> str:
    """The line of the steps that tells where the citizen hands the file in; "" where none does."""
    whole = (line for line in _lines_of(procedure.steps) if line[0].isupper() or re.match(r"[a-zđ][).]", line))
    return shorten(next((line for line in whole if _FILED_AT.search(line) and not _OFFICE_ACTS.search(line)), ""), _LONGEST)


def stage_times(procedure: Procedure) -> tuple[str, ...]:
    """Lines of the steps that say how long a step takes, the first few; () where none does."""
    found = dict.fromkeys(line for line in _lines_of(procedure.steps) if _STAGE.search(line))
    return tuple(shorten(line, _STAGE_LENGTH) for line in found)[:_MAX_STAGES]


def asks_validity(question: str) -> bool:
    """Whether a question asks how long the paper that is got is good for; diacritics do not matter."""
    return bool(_ASKS_VALIDITY.search(bare(question)))


def validity_line(procedure: Procedure, coverage: Coverage) -> str:
    """The line of the record that tells it, the one that covers most of the question; "" where none does."""
    lines = (*_lines_of(procedure.result), *_lines(procedure))
    found = [line for line in lines if _VALIDITY.search(line) and not _OF_ANOTHER.search(line)]
    return shorten(max(found, key=coverage), _LONGEST) if found else ""


def asks_penalty(question: str) -> bool:
    """Whether a question asks if or how something is fined ("có bị phạt không"); diacritics do not matter."""
    return bool(_ASKS_PENALTY.search(bare(question)) and _FINE_SPELLED.search(question))


def penalty_line(procedure: Procedure, coverage: Coverage) -> str:
    """The line of the record that names a fine, the one that covers most of the question; "" where it names none."""
    found = [line for line in _lines(procedure) if _PENALTY.search(line) and not _UNPUNISHED.search(line)]
    return shorten(max(found, key=coverage), _LONGEST) if found else ""


def _binds_the_citizen(line: str) -> bool:
    """It names a period and a duty, and no office as the one that acts."""
    return bool(_PERIOD.search(line) and _DUTY.search(line)) and not _OF_THE_OFFICE.search(_ADDRESSEE.sub(" ", line))


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
        yield from _lines_of(text)


def _lines_of(text: str) -> Iterator[str]:
    return (line.strip(" -+*•") for line in _LINES.split(text) if len(line.strip()) > _SHORTEST)


def deadline_and_fine(question: str, procedure: Procedure, coverage: Coverage) -> str:
    """What the record says on a day to act by, on how long a paper is good for and on a fine, or that it says nothing, where
    one is asked for."""
    is_fine, is_day, parts = asks_penalty(question), asks_filing_deadline(question), []
    line = filing_deadline(procedure, coverage) if is_fine or is_day else ""
    if line:
        parts.append(say("filing_deadline", quote=line))
    elif is_day and not is_fine:
        parts.append(say("no_filing_deadline"))
    if asks_validity(question):
        validity = validity_line(procedure, coverage)
        parts.append(say("validity", quote=validity) if validity else say("no_validity"))
    if is_fine:
        fine = penalty_line(procedure, coverage)
        parts.append(say("penalty", quote=fine) if fine else say("no_penalty"))
    return "\n\n".join(parts)
