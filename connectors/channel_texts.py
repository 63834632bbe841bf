"""What the message path says itself on Telegram and Zalo. Citizens read it; no markup, no channel's own words."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

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
    "Mình đang giữ về bạn ở kênh này: {n_received} tin nhắn bạn gửi (đã che thông tin cá nhân), {n_sent} tin mình trả lời"
    "{tickets}, và thủ tục bạn đang hỏi dở{since}. Không có tên, số điện thoại hay ảnh.\n\n"
    "Bạn muốn xóa hết không? Xóa rồi không lấy lại được, yêu cầu gặp cán bộ đang chờ (nếu có) cũng bị xóa."
)
ERASE_NOTHING = "Mình không giữ gì về bạn ở kênh này ngoài tin nhắn vừa rồi; tin ấy sẽ tự xóa sau {days} ngày."
ERASED = (
    "Mình đã xóa hết tin nhắn, câu trả lời và yêu cầu hỗ trợ của bạn ở kênh này. Còn lại chỉ là dấu vân tay của mã tin nhắn "
    "trong hai ngày để không trả lời trùng, và số đếm không gắn với ai. Tin trong ứng dụng thì bạn tự xóa ở máy mình nhé."
)
ERASE_LATE = "Yêu cầu xóa đã quá lâu nên mình chưa xóa gì. Nếu vẫn muốn xóa, bạn gõ /xoadulieu lần nữa nhé."
ERASE_KEPT = "Vâng, mình giữ nguyên. Bạn cần hỏi gì thêm không?"

CHANNEL_NAMES = {"telegram": "Telegram", "zalo": "Zalo", "zalo-bot": "Zalo", "web": "trang web"}


def erase_question(n_received: int, n_sent: int, n_tickets: int, since: datetime | None) -> str:
    return ERASE_ASK.format(
        n_received=n_received,
        n_sent=n_sent,
        tickets=f", {n_tickets} yêu cầu gặp cán bộ" if n_tickets else "",
        since=f", từ ngày {since.replace(tzinfo=ZoneInfo('UTC')).astimezone(HERE):%d/%m/%Y}" if since else "",
    )
