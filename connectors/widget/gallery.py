"""Sample replies for ``/widget/gallery``: invented matters, every shape a reply can have."""

from __future__ import annotations

import json
from typing import Any

from connectors.widget.qr_path import qr_path

Json = dict[str, Any]
PERSON = {"title": "Hỏi người thật", "payload": "#nguoi"}


def fixtures(config: Json) -> Json:
    return {"config": json.dumps(config), "replies": replies(), "procedure": PROCEDURE, "desk": DESK, "carry_on": carry_on()}


def carry_on() -> Json:
    qr, size = qr_path("https://t.example/bot?start=K3TW9FQA")
    return {"code": "K3TW-9FQA", "minutes": 10, "links": [{"title": "Mở Telegram", "url": "https://t.example/bot?start=K3TW9FQA", "qr": qr, "size": size}]}


def replies() -> dict[str, Json]:
    """Name of the state → reply, as ``/api/v1/ask`` gives it."""
    return {
        "Trả lời một mục": _reply(
            "answered_aspect", DOCUMENTS, understood="Đăng ký nuôi ong – Giấy tờ cần nộp", procedure=NAME, citations=[CITATION],
            buttons=[{"title": "Lệ phí", "payload": "#tt 9.000001 fee"}, {"title": "Thời gian giải quyết", "payload": "#tt 9.000001 time"}, PERSON],
        ),
        "Hỏi lại để chọn": _reply("clarification_procedure", "Bạn muốn làm lại sổ vì lý do gì?", choices=CHOICES),
        "Nguồn im lặng": _reply("answered_silent", "Nguồn không ghi lệ phí của việc này. Bạn hỏi lại nơi nộp trước khi đi nhé.", procedure=NAME, citations=[CITATION]),
        "Kế hoạch, đã hết thời gian": _reply("answered_plan", "Sở Nội vụ chủ trì, xong trước quý IV.", citations=[PLAN, PLAN, PLAN]),
        "Không tìm thấy": _reply("unanswerable_not_found", "Mình chưa tìm thấy việc này. Bạn thử nói cách khác, hoặc hỏi người thật nhé.", buttons=[PERSON]),
        "Gặp người": _reply("handoff_requested", "Bạn tới bộ phận một cửa nơi cư trú hoặc gọi tổng đài 1022."),
        "Câu trả lời rất dài": _reply("answered_aspect", "\n\n".join(f"Bước {n}. " + "Người nộp đối chiếu giấy tờ với bản chính. " * 12 for n in range(1, 32)), procedure=NAME, citations=[CITATION]),
        "Chữ có mã lạ": _reply("answered_aspect", "<img src=x onerror=alert(1)> <b>không đậm</b> [x](javascript:alert(1)) https://example.vn/a?b=1&c=2", citations=[CITATION | {"title": "<script>alert(1)</script>", "url": "javascript:alert(1)"}]),
        "Trục trặc bên trong": _reply("error_internal", "Xin lỗi bạn, mình vừa gặp trục trặc nên chưa trả lời được. (Mã lỗi: 00c0ffee)"),
    }  # fmt: skip


def _reply(status: str, text: str, buttons: list[Json] | None = None, **more: Any) -> Json:
    base = {
        "session_id": "gallery", "status": status, "aspect": None, "understood": "", "procedure": None, "choices": [],
        "citations": [], "messages": [{"text": text, "buttons": buttons or [], "card": None}],
    }  # fmt: skip
    return base | more


NAME = {"code": "9.000001", "name": "Đăng ký nuôi ong lấy mật trong vườn nhà"}
DOCUMENTS = """Đăng ký nuôi ong cần những giấy tờ sau:
- Tờ khai theo mẫu (1 bản chính)
- Sơ đồ vườn, ghi rõ khoảng cách tới nhà bên
- Giấy tờ tùy thân: xuất trình, không nộp

Ngoài giờ hành chính, bạn gửi qua bưu chính được."""
CHOICES = [
    {"code": "9.000002", "name": "Sổ bị mất", "facet": "thất lạc, cháy, không tìm thấy"},
    {"code": "9.000003", "name": "Sổ cũ hoặc rách", "facet": "mẫu cũ, nhòe, đo lại diện tích"},
    {"code": "9.000004", "name": "Sổ ghi sai", "facet": "sai tên, sai số thửa, sai ngày cấp"},
]
CITATION: Json = {
    "kind": "procedure", "source": "9.000001", "title": "Đăng ký nuôi ong lấy mật trong vườn nhà", "number": "9.000001",
    "section": "Thành phần hồ sơ", "quote": "Tờ khai theo mẫu; sơ đồ vườn.", "url": "https://example.vn/9.000001", "as_of": "2026-07", "expired": False,
}  # fmt: skip
PLAN: Json = CITATION | {"kind": "plan", "title": "Kế hoạch phát triển nghề nuôi ong", "number": "12/KH-UBND", "section": "II.3", "quote": "Sở Nội vụ chủ trì.", "expired": True}
DESK: Json = {
    "open": {"is_open": True, "hours": "thứ hai tới thứ sáu 07:30–11:30, 13:30–17:00", "hotline": "1022", "takes_contacts": True},
    "closed": {"is_open": False, "hours": "thứ hai tới thứ sáu 07:30–11:30, 13:30–17:00", "hotline": "", "takes_contacts": False},
}
PROCEDURE: Json = {
    "code": "9.000001", "name": NAME["name"], "agency": "Ủy ban nhân dân cấp xã", "online_level": "một phần",
    "place": "Trung tâm Phục vụ hành chính công cấp xã", "steps": "Nộp hồ sơ, nhận giấy hẹn, nhận kết quả.",
    "conditions": "Vườn cách nhà bên ít nhất 20 m.", "result": "Giấy xác nhận.",
    "source": {"url": "https://example.vn/9.000001", "title": "Cổng mẫu", "read_on": "2026-07"},
    "submissions": [
        {"channel": "desk", "time": "3 ngày làm việc", "is_time_certain": True, "fees": ["Miễn phí"], "note": ""},
        {"channel": "online", "time": "2", "is_time_certain": False, "fees": ["Lệ phí: 8.000 đồng mỗi bản sao"], "note": ""},
        {"channel": "post", "time": "", "is_time_certain": True, "fees": [], "note": ""},
    ],
    "documents": [
        {"name": "Tờ khai đăng ký nuôi ong", "quantity": "1 bản chính", "form": "Mẫu 01", "case": ""},
        {"name": "Sơ đồ vườn", "quantity": "1 bản sao", "form": "", "case": ""},
        {"name": "Văn bản đồng ý của chủ vườn", "quantity": "1 bản chính", "form": "", "case": "Nuôi ở vườn của người khác"},
    ],
    "legal_basis": [{"title": "Luật Chăn nuôi", "number": "32/2018/QH14"}], "applicants": ["Cá nhân"], "forms": ["Mẫu 01"],
}  # fmt: skip
