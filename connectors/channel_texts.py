"""What the message path says itself on Telegram and Zalo. Citizens read it; no markup, no channel's own words."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from connectors.channels.layout import shorten
from connectors.inbox.retention import Kept, KeptMessage

HERE = ZoneInfo("Asia/Ho_Chi_Minh")

FIRST_CONTACT = (
    "Chào bạn! Mình là máy trả lời tự động về thủ tục hành chính, không phải người thật. "
    "Câu trả lời lấy từ nguồn công khai và có ghi nguồn.\n\n"
    "Tin nhắn của bạn được che số định danh, số điện thoại, mã hồ sơ, rồi giữ {days} ngày để trả lời và hỗ trợ bạn, "
    "sau đó tự xóa. Gõ /xoadulieu để xem và xóa ngay, /nguoi để gặp cán bộ, /trogiup để xem mình giúp được gì."
)
WELCOME = "Bạn cần làm giấy tờ gì, cứ hỏi như nói chuyện bình thường nhé. Ví dụ: “Làm khai sinh cho con cần giấy tờ gì?”"
WELCOME_BACK = "Chào bạn quay lại! Bạn cần hỏi thủ tục nào, cứ nhắn mình nhé."
HELP_COMMANDS = (
    "Các lệnh bạn có thể gõ:\n"
    "- /nguoi: gặp cán bộ\n"
    "- /batdau: bắt đầu lại từ đầu\n"
    "- /ma: lấy mã để nói tiếp ở kênh khác\n"
    "- /xoadulieu: xem và xóa dữ liệu của bạn"
)
RATE_BY_WORD = "Câu trả lời đúng ý bạn thì gõ #tot, chưa đúng thì gõ #chuatot nhé."
UNKNOWN_COMMAND = "Mình không có lệnh này. Gõ /trogiup để xem các lệnh, hoặc cứ hỏi thẳng điều bạn cần nhé."

MEDIA = {
    "photo": "Mình chưa đọc được ảnh. Bạn gõ câu hỏi bằng chữ giúp mình nhé. Đừng gửi ảnh giấy tờ tùy thân qua đây, để giữ an toàn cho bạn.",
    "voice": "Mình chưa nghe được tin nhắn thoại. Bạn gõ câu hỏi bằng chữ giúp mình nhé, gõ không dấu cũng được.",
    "video": "Mình chưa xem được video. Bạn gõ câu hỏi bằng chữ giúp mình nhé.",
    "file": "Mình chưa đọc được tệp gửi kèm. Bạn gõ câu hỏi bằng chữ giúp mình nhé. Hồ sơ thì nộp ở Cổng Dịch vụ công hoặc bộ phận một cửa, đừng gửi qua đây.",
    "sticker": "Mình vẫn ở đây. Bạn cần hỏi thủ tục nào thì nhắn mình nhé.",
    "location": "Mình chưa dùng được vị trí. Bạn gõ tên xã, phường và tỉnh, kèm việc cần hỏi, mình tra giúp nhé.",
    "contact": "Cảm ơn bạn. Mình không lưu thông tin liên hệ này. Bạn cần hỏi thủ tục nào thì nhắn mình nhé.",
    "unsupported": "Mình chưa đọc được loại tin nhắn này. Bạn gõ câu hỏi bằng chữ giúp mình nhé.",
}
CAPTION_ONLY = "Mình chỉ đọc được chữ bạn viết kèm, không đọc được phần đính kèm."

HANDED_OVER = (
    "Mình đã chuyển yêu cầu tới cán bộ. Cán bộ sẽ trả lời bạn ngay tại đây trong giờ làm việc. "
    "Bạn viết thêm điều cần hỏi cho cán bộ đọc trước nhé; trong lúc chờ, mình vẫn trả lời những gì mình biết."
)
ALREADY_HANDED_OVER = "Cán bộ đã nhận được yêu cầu của bạn và sẽ trả lời tại đây. Bạn viết thêm điều cần hỏi nhé."
STAFF_SAYS = "Cán bộ trả lời:\n{text}"
STAFF_CLOSED = "Cán bộ đã kết thúc phần hỗ trợ. Mình là máy, lại tiếp tục trả lời bạn đây. Bạn cần gì thêm cứ nhắn nhé."
MACHINE_AGAIN = "Mình là máy, lại tiếp tục trả lời bạn đây. Bạn cần hỏi thủ tục nào?"

UNSURE = "Tin trả lời vừa rồi của mình có thể chưa tới bạn. Nếu bạn chưa thấy, bấm nút dưới đây hoặc gõ #guilai, mình gửi lại."
SENT_AGAIN = "Mình gửi lại ngay đây."
NOTHING_TO_SEND = "Không có tin nào cần gửi lại. Bạn cần hỏi gì thêm không?"
APOLOGY = (
    "Xin lỗi bạn, mình gặp trục trặc nên chưa trả lời được câu vừa rồi. Cán bộ kỹ thuật đã thấy. "
    "Bạn thử hỏi lại sau ít phút, hoặc gõ /nguoi để gặp cán bộ nhé."
)

CODE_GIVEN = (
    "Mã của bạn: {code}\n\nTrong {minutes} phút, bạn gửi mã này cho mình ở kênh khác (trang web, Zalo, Telegram) để nói tiếp "
    "câu chuyện đang dở. Mã dùng được một lần. Đừng đưa mã cho người khác."
)
CODE_TAKEN = "Mình đã nối câu chuyện của bạn từ {origin} sang đây. Bạn hỏi tiếp nhé."
CODE_WRONG = "Mã này không đúng hoặc đã hết hạn. Bạn lấy mã mới ở kênh đang nói dở rồi gửi lại nhé."
CODE_LOCKED = "Bạn đã nhập sai mã nhiều lần. Bạn thử lại sau một giờ, hoặc cứ hỏi lại từ đầu nhé."

ERASE_ASK = (
    "Bạn muốn xóa hết không? Xóa rồi không lấy lại được, yêu cầu gặp cán bộ đang chờ (nếu có) cũng bị xóa. "
    "Nếu giữ lại, mỗi tin tự xóa sau {days} ngày."
)
KEPT_IN_GROUP = (
    "Trong nhóm này mình đang giữ của bạn: {received} và {sent}{tickets}. Ở đây nhiều người cùng đọc nên mình không chép lại lời của bạn. "
    "Muốn xem, hoặc xóa cả phần bạn nhắn riêng, bạn mở trò chuyện riêng với mình rồi gõ /xoadulieu.\n\n"
    "Bạn muốn xóa phần của bạn trong nhóm này không? Xóa rồi không lấy lại được."
)
ERASE_NOTHING = "Mình không giữ gì về bạn ở kênh này ngoài tin nhắn vừa rồi; tin ấy sẽ tự xóa sau {days} ngày."
ERASED = (
    "Mình đã xóa hết tin nhắn, câu trả lời và yêu cầu hỗ trợ của bạn ở kênh này. Còn lại chỉ là dấu vân tay của mã tin nhắn "
    "trong hai ngày để không trả lời trùng, và câu hỏi mình chưa trả lời được cùng số đếm, đã che và không gắn với ai. "
    "Tin trong ứng dụng thì bạn tự xóa ở máy mình nhé."
)
ERASED_IN_GROUP = (
    "Mình đã xóa tin của bạn và tin mình trả lời bạn trong nhóm này. Phần bạn nhắn riêng với mình (nếu có) còn nguyên: "
    "muốn xóa thì bạn gõ /xoadulieu trong trò chuyện riêng. Tin trong ứng dụng thì bạn tự xóa nhé."
)
ERASE_LATE = "Yêu cầu xóa đã quá lâu nên mình chưa xóa gì. Nếu vẫn muốn xóa, bạn gõ /xoadulieu lần nữa nhé."
ERASE_KEPT = "Vâng, mình giữ nguyên. Bạn cần hỏi gì thêm không?"

CHANNEL_NAMES = {"telegram": "Telegram", "zalo": "Zalo", "zalo-bot": "Zalo", "web": "trang web"}


KEPT_KINDS = {
    "photo": "ảnh (không lưu)", "voice": "tin thoại (không lưu)", "video": "video (không lưu)", "file": "tệp (không lưu)",
    "sticker": "nhãn dán", "location": "vị trí (không lưu)", "contact": "danh thiếp (không lưu)", "follow": "bạn bắt đầu theo dõi",
    "unfollow": "bạn ngừng theo dõi", "edit": "sửa tin",
}  # fmt: skip
NO_WORDS = "(không lưu chữ nào)"
SHOWN_CHARS = 200


def kept_of_person(kept: Kept, procedure_code: str) -> str:
    """What is kept: kinds with their dates, then the latest messages as they are stored."""
    lines = ["Mình đang giữ về bạn ở kênh này:", f"- {_received(kept)}, đã che thông tin cá nhân", f"- {kept.n_sent} tin mình trả lời"]
    if kept.n_tickets:
        lines.append(f"- {_tickets(kept)}, kèm lời trao đổi với cán bộ")
    if procedure_code:
        lines.append(f"- thủ tục bạn đang hỏi dở: {procedure_code}")
    lines.append("- mã người dùng mà kênh đặt cho bạn, để biết trả lời về đâu")
    lines.append("Không có tên, số điện thoại hay ảnh.")
    told = [_told(message) for message in kept.latest]
    n_older = kept.n_received - len(told)
    older = [f"- và {n_older} tin cũ hơn"] if n_older > 0 else []
    return "\n".join([*lines, "", "Tin bạn gửi, đúng như đang lưu:", *older, *told])


def kept_in_group(kept: Kept) -> str:
    tickets = f", {_tickets(kept)}" if kept.n_tickets else ""
    return KEPT_IN_GROUP.format(received=_received(kept), sent=f"{kept.n_sent} tin mình trả lời bạn", tickets=tickets)


def _received(kept: Kept) -> str:
    since, until = _day(kept.since), _day(kept.until)
    when = f" ngày {since}" if since == until else f" từ {since} tới {until}"
    return f"{kept.n_received} tin bạn gửi{when}"


def _tickets(kept: Kept) -> str:
    return f"{kept.n_tickets} yêu cầu gặp cán bộ từ {_day(kept.tickets_since)}"


def _told(message: KeptMessage) -> str:
    kind = KEPT_KINDS.get(message.kind, "")
    words = f"“{shorten(message.text, SHOWN_CHARS)}”" if message.text.strip() else "" if kind else NO_WORDS
    return f"- {_moment(message.at):%d/%m %H:%M}: " + " ".join(filter(None, (kind, words)))


def _day(at: datetime | None) -> str:
    return f"{_moment(at):%d/%m/%Y}" if at else ""


def _moment(at: datetime) -> datetime:
    """UTC without zone as the clock on the wall says it."""
    return at.replace(tzinfo=UTC).astimezone(HERE)
