"""The few texts the gateway says itself, before or instead of the dialogue. Citizens read them."""

from __future__ import annotations

from connectors.ports import ReplyJson

EMPTY = "Mình chưa thấy câu hỏi nào. Bạn gõ việc muốn hỏi nhé, ví dụ: “Làm khai sinh cho con cần giấy tờ gì?”"
TOO_LONG = (
    "Câu hỏi này dài {n:,} ký tự, mình chỉ đọc được tối đa {limit:,} ký tự một lần. "
    "Bạn tóm lại điều cần hỏi trong một hai câu giúp mình nhé."
)
SECRET = (
    "Bạn đừng gửi mã OTP, mật khẩu hay số thẻ cho bất kỳ ai, kể cả mình. Mình không lưu tin nhắn vừa rồi. "
    "Cơ quan nhà nước không bao giờ hỏi những mã này qua tin nhắn. "
    "Nếu bạn đã lỡ gửi cho người khác, hãy đổi mật khẩu và gọi ngay cho ngân hàng."
)
PERSONAL_NOTICE = (
    "Mình đã che {what} trong tin nhắn của bạn. Lần sau bạn không cần gửi thông tin này, "
    "mình vẫn trả lời được câu hỏi về thủ tục."
)
INTERNAL = (
    "Xin lỗi bạn, mình vừa gặp trục trặc nên chưa trả lời được. Bạn thử hỏi lại sau ít phút, "
    "hoặc hỏi cán bộ một cửa nơi gần nhất nhé. (Mã lỗi: {error_id})"
)

KIND_NAMES = {
    "email": "địa chỉ thư điện tử",
    "bank_account": "số tài khoản",
    "insurance_number": "số bảo hiểm",
    "tax_code": "mã số thuế",
    "passport": "số hộ chiếu",
    "identity_number": "số định danh",
    "phone": "số điện thoại",
    "long_number": "dãy số",
}


def empty_reply() -> ReplyJson:
    return own_reply("unanswerable_empty", EMPTY)


def too_long_reply(n_characters: int, limit: int) -> ReplyJson:
    return own_reply("refused_too_long", TOO_LONG.format(n=n_characters, limit=limit).replace(",", "."))


def secret_reply() -> ReplyJson:
    return own_reply("refused_personal_data", SECRET, intent="give_secret")


def paused_reply(notice: str) -> ReplyJson:
    return own_reply("unanswerable_paused", notice)


def internal_reply(error_id: str) -> ReplyJson:
    return own_reply("error_internal", INTERNAL.format(error_id=error_id))


def personal_notice(kinds: list[str]) -> str:
    """Name what was masked; kinds without a name of ours count as "thông tin cá nhân"."""
    names = list(dict.fromkeys(KIND_NAMES.get(kind, "thông tin cá nhân") for kind in kinds))
    return PERSONAL_NOTICE.format(what=" và ".join(names))


def own_reply(status: str, text: str, intent: str = "") -> ReplyJson:
    return {"status": status, "intent": intent, "messages": [{"text": text, "buttons": [], "card": None}]}
