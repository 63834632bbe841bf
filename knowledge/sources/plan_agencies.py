"""Names of agencies in the text of plans: where one begins, where it ends, and how a list of them is taken apart."""

from __future__ import annotations

import re

_UP = "A-ZĐÀ-ÃÈ-ÊÌÍÒ-ÕÙÚÝĂŨƠƯẠ-Ỹ"
_NAMED = (
    rf"(?:Sở|Bộ|Phòng|Ban|Cục|Chi cục|Trung tâm|Trường|Viện|Thanh tra|Ngân hàng|Kho bạc|Bảo hiểm|Đài|Báo|Hội|Liên đoàn|Liên minh|"
    rf"Đoàn|Văn phòng|Công ty|Bệnh viện|Tòa án|Toà án|Viện kiểm sát|Chi nhánh|Tổ công tác|Cơ quan) (?:và |nhân dân |quản lý |"
    rf"nhà nước |[{_UP}])"
)
_WHOLE = (
    r"(?:Công an|Thuế|Hải quan|Bưu điện|Mặt trận|MTTQ|UBND|HĐND|Ủy ban|Uỷ ban|Thành đoàn|Tỉnh đoàn|Giám đốc|Thủ trưởng|Chủ tịch|"
    r"Chánh|Bộ trưởng|Tổng cục|Quỹ|Doanh nghiệp|Chủ đầu tư|Chủ cơ sở|Hiệp hội|Người đứng đầu)\b"
)
_GROUP = r"[Cc]ác (?:sở|Sở|cơ quan|ban|phòng|đơn vị|bộ|Bộ|địa phương|doanh nghiệp|trường|tổ chức|xã|cấp|chủ|cơ sở|hộ|hợp tác xã|cấp ủy|nhà thầu|[Tt]rung tâm|hội|đoàn thể|thành viên|nhà mạng|Ban|ngành|Cơ quan|Phòng|Thành viên)"
_PLAIN = r"(?:[Ss]ở|[Bb]an), (?:ban|ngành|sở)"
AGENCY = rf"(?:{_NAMED}|{_WHOLE}|{_GROUP}|{_PLAIN})"
_VERB = (
    r"(?:chủ trì|chủ động|chịu trách nhiệm|có trách nhiệm|có nhiệm vụ|là cơ quan|là đầu mối|làm đầu mối|phối hợp|tham mưu|theo dõi|tổ chức(?! chính trị| thành viên| xã hội)|"
    r"hướng dẫn|xây dựng|bố trí|cân đối|đôn đốc|căn cứ|rà soát|triển khai|thực hiện|tiến hành|thường xuyên|tăng cường|tiếp tục|kịp thời|"
    r"nghiên cứu|đề xuất|tổng hợp|chỉ đạo|hỗ trợ|giám sát|kiểm tra|huy động|cung cấp|đảm bảo|bảo đảm|vận động|tuyên truyền|báo cáo|phổ biến|duy trì|"
    r"tham gia|khẩn trương|gửi|nâng cao|cử |trên cơ sở|kiện toàn|phân công|lập |giúp|quan tâm|đẩy mạnh|định kỳ|ban hành|đưa|theo)"
)
_SUBJECT = re.compile(rf"^(?:[-–+•] ?)?(?:(?:Căn cứ|Trên cơ sở) [^,]{{3,160}}, )?(?:đề nghị |giao |Đề nghị |Giao (?:cho )?|Yêu cầu )?(?P<who>{AGENCY}.{{0,400}}?),? (?<!được )(?={_VERB})")
_NAMED_BEFORE_COLON = re.compile(rf"^(?:[-–+•] ?)?(?:Đề nghị |Giao (?:cho )?)?(?P<who>{AGENCY}[^.:;]{{0,200}}): (?=\w)")
_LED_BY = re.compile(rf"^(?:[-–+•] ?)?(?:Đề nghị |Giao (?:cho )?)?(?P<who>{AGENCY}.{{0,200}}?),? (?:có trách nhiệm )?chủ trì")
_CO = re.compile(
    r"phối hợp(?: chặt chẽ| thường xuyên)?(?: với| cùng)? (?P<co>[^;:.]{3,260}?)"
    r"(?= tham mưu| trong| để| thực hiện| tổ chức| thống nhất| xây dựng| triển khai| duy trì| đưa | thiết lập| đảm bảo| bảo đảm| giúp | tổng hợp| rà soát|"
    r" hướng dẫn| đề xuất| nghiên cứu| theo dõi| kiểm tra| đẩy mạnh| tiếp tục| bố trí| tăng cường| trình | cung cấp| lập | quản lý| chỉ đạo|[;:.]|$)"
)
_STARTS = re.compile(rf"{AGENCY}")
_PERSONAL = re.compile(r"^(?:Đề nghị|Giao|Trách nhiệm của|Trách nhiệm) ", re.IGNORECASE)
_DOES = re.compile(r" (?:chủ trì|phối hợp|theo dõi|tham mưu|có trách nhiệm|chịu trách nhiệm|căn cứ|chỉ đạo|hướng dẫn|tăng cường|đôn đốc)\b")
_ANY_AGENCY = re.compile(rf"{AGENCY}|phòng |sở |đơn vị |cơ quan |những ", re.IGNORECASE)


_MAX_HEADING = 320


def leading_agency(sentence: str) -> str:
    """The agency that a sentence begins with and that does something in it, "" where none does."""
    found = _NAMED_BEFORE_COLON.match(sentence) or _SUBJECT.match(sentence)
    return _clean(found["who"]) if found and _is_sane(found["who"]) else ""


def assigned_agency(text: str) -> str:
    """The agency that a "Giao Sở X …" somewhere in a paragraph names, "" where none does."""
    found = re.search(r"(?<=[.;:(,] )Giao |(?<=\()Giao ", text)
    return leading_agency(text[found.start() :]) if found else ""


def leads(sentence: str) -> str:
    """The agency that a sentence begins with and that "chủ trì", "" where none does."""
    found = _LED_BY.match(sentence)
    return _clean(found["who"]) if found and _is_sane(found["who"]) else ""


def heading_agency(title: str) -> str:
    """The agency that a heading consists of ("Đề nghị Ủy ban Mặt trận Tổ quốc …"), "" where it is another heading."""
    who = _PERSONAL.sub("", title.strip())
    if not _STARTS.match(who) or len(title) > _MAX_HEADING:
        return ""
    return leading_agency(title) if is_sentence(title) else _clean(who)


def is_sentence(title: str) -> bool:
    """Whether a heading says what an agency does ("Sở Y tế theo dõi các trạm"), and does not only name it."""
    return bool(_DOES.search(title)) and leading_agency(title) != ""


def partners(sentence: str) -> tuple[str, ...]:
    """The agencies that a sentence says to work with."""
    found = _CO.search(sentence)
    return split_agencies(found["co"]) if found and _ANY_AGENCY.match(found["co"]) else ()


def names_agency(text: str) -> bool:
    """Whether a table's cell begins with an agency."""
    return bool(_STARTS.match(text.strip().lstrip("- ")) or re.match(r"UBND|Sở|Ban|Công an", text.strip().lstrip("- ")))


def split_agencies(text: str) -> tuple[str, ...]:
    """Agencies of a list, each whole: commas inside a name ("Sở Văn hóa, Thể thao và Du lịch") do not split."""
    parts = re.split(r"[,;]\s*| và (?=[Cc]ác |Sở |Phòng |UBND |Ủy ban |Công an |Ban )|\s(?=Sở [A-ZĐ])", text)
    merged: list[str] = []
    for part in (part.strip(" .;-") for part in parts if part):
        if merged and part and not _STARTS.match(part):
            merged[-1] = f"{merged[-1]}, {part}"
        elif part:
            merged.append(part)
    return tuple(merged)


def _clean(who: str) -> str:
    return who.strip(" ,.:;-")


def _is_sane(who: str) -> bool:
    """No full stop inside: the agency stands in the sentence's own beginning."""
    return not re.search(r"[.;:] ", who)
