"""Words whose sense only their neighbours tell: "ông nội mất" is a death, "ông nội mất sổ" a loss, "mất mấy ngày" neither."""

from __future__ import annotations

import re

_PERSON = (
    r"(?:ông|bà|ổng|bả|ba|bố|cha|tía|thầy|mẹ|má|mạ|mệ|vợ|chồng|con|cụ|cố|chú|bác|cô|dì|cậu|mợ|thím|dượng"
    r"|(?:anh|chị|em) (?:trai|gái|ruột|họ|rể|dâu|cả)|người (?:nhà|thân|cha|mẹ|chồng|vợ)|chủ (?:hộ|đất|nhà|xe))"
    r"(?: (?:nội|ngoại|tôi|tui|em|mình|cháu|ruột|vợ|chồng|cố|cụ|ấy|nhà|trai|gái|cả|hai|út|già|chủ|bạn))*"
    r"(?: (?:quốc tịch|là người|người) (?:hàn quốc|nhật bản|trung quốc|đài loan|thái lan|hoa kỳ|nước ngoài|\w+))?"
)
_SINCE = r"(?: (?:vừa|mới|đã|đột ngột|không may|chẳng may))*"
# What a living person loses, or needs: papers and things, time and money, and "mất" within another word.
_LOST = (
    r"giấy|sổ|thẻ|căn cước|cccd|cmnd|chứng minh|bằng|hộ chiếu|passport|xe|điện thoại|ví|bóp|tiền|bao|mấy|cái|con|đầu|khai sinh"
    r"|chứng|biển|hợp đồng|đăng ký|việc|liên lạc|tích|trộm|cắp|hết|sạch|bản|tấm|tờ|cà vẹt|túi|hồ sơ|quyền|năng lực|sức|khả năng|thông tin"
    r"|đất|nhà|mật khẩu|sim|tài khoản|vé|tem|gốc|phí|thời gian|công|điện|nước|\d"
)
_DIED = re.compile(rf"(?<!\w)(?P<who>{_PERSON}{_SINCE}) mất(?!\w)(?! (?:{_LOST}))", re.IGNORECASE)


def with_deaths_named(text: str) -> str:
    """Write "qua đời" where "mất" says that somebody died; everything else stays.

    Args:
        text: normalised, with its diacritics.
    """
    return _DIED.sub(lambda match: f"{match['who']} qua đời", text)
