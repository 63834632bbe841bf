"""The commands people see in Telegram's menu. What they do stands in the message path; other channels take them typed."""

from __future__ import annotations

#: Name → what it says in Vietnamese and in English. Names as Telegram allows them: a-z, 0-9, _, at most 32.
COMMANDS: dict[str, tuple[str, str]] = {
    "start": ("Bắt đầu trò chuyện", "Start"),
    "help": ("Mình giúp được gì, hỏi thế nào", "What I can do and how to ask"),
    "nguoi": ("Gặp người thật", "Talk to a person"),
    "batdau": ("Hỏi lại từ đầu, quên việc đang hỏi", "Start the conversation anew"),
    "ma": ("Lấy mã để hỏi tiếp ở kênh khác", "Get a code to go on elsewhere"),
    "xoadulieu": ("Xem và xóa những gì mình đang giữ về bạn", "See and delete what is kept about you"),
}
