"""The HTTP bodies of ``/api/v1``, as OpenAPI shows them. Requests refuse unknown fields."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

SESSION_ID_PATTERN = r"^[A-Za-z0-9_-]{1,64}$"


class AskRequest(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"question": "Làm khai sinh cho con cần giấy tờ gì?", "session_id": None}]},
    )

    question: Annotated[str, Field(description="Câu hỏi của người dân, hoặc payload của nút đã bấm. / The question, or a pressed button's payload.")]
    session_id: Annotated[
        str | None,
        Field(pattern=SESSION_ID_PATTERN, description="Mã cuộc trò chuyện; null để bắt đầu cuộc mới. / Conversation id; null starts a new one."),
    ] = None


class Button(BaseModel):
    title: Annotated[str, Field(description="Chữ trên nút. / What the button says.")]
    payload: Annotated[str, Field(description="Gửi lại làm câu hỏi khi bấm. / Sent as the next question when pressed.")]


class Message(BaseModel):
    text: Annotated[str, Field(description="Đoạn cách nhau bằng dòng trống, danh sách bằng '- '. / Paragraphs by blank lines, lists by '- '.")]
    buttons: Annotated[list[Button], Field(description="Gợi ý bước tiếp theo. / Suggested next steps.")] = []
    card: Annotated[dict[str, Any] | None, Field(description="Thẻ tóm tắt, nếu có. / Summary card, if any.")] = None


class ProcedureName(BaseModel):
    code: Annotated[str, Field(description="Mã thủ tục quốc gia. / National procedure code.")]
    name: Annotated[str, Field(description="Tên thủ tục. / Name.")]


class Choice(ProcedureName):
    facet: Annotated[str, Field(description="Điểm khác với các thủ tục còn lại. / What sets it apart.")] = ""


class Citation(BaseModel):
    kind: Annotated[Literal["procedure", "plan", "faq"], Field(description="Loại nguồn. / Kind of source.")]
    source: Annotated[str, Field(description="Tệp hoặc mã bản ghi đã lập chỉ mục. / File or record id that was indexed.")] = ""
    title: Annotated[str, Field(description="Tên nguồn. / Title.")] = ""
    number: Annotated[str, Field(description="Mã thủ tục hoặc số văn bản. / Procedure code or document number.")] = ""
    section: Annotated[str, Field(description="Mục được dẫn. / Section cited.")] = ""
    quote: Annotated[str, Field(description="Nguyên văn được dẫn. / Quoted words.")] = ""
    url: Annotated[str, Field(description="Trang công khai; rỗng nếu không có. / Public page; empty when none.")] = ""
    as_of: Annotated[str, Field(description="Ngày đọc nguồn (ISO). / When the source was read.")] = ""
    expired: Annotated[bool, Field(description="Kế hoạch đã hết thời gian áp dụng. / The plan's period has passed.")] = False


class AskResponse(BaseModel):
    session_id: Annotated[str, Field(description="Gửi lại ở câu sau để giữ mạch chuyện. / Send it with the next question.")]
    status: Annotated[str, Field(description="Cách lượt này kết thúc; phần trước dấu gạch dưới đầu tiên là loại. / How the turn ended; its kind stands before the first underscore.")]
    intent: Annotated[str, Field(description="Ý định nhận ra; rỗng nếu không có. / Intent; empty when none.")] = ""
    aspect: Annotated[str | None, Field(description="Khía cạnh được hỏi. / Aspect asked.")] = None
    understood: Annotated[str, Field(description="Câu hỏi như trợ lý đã hiểu. / The question as understood.")] = ""
    procedure: Annotated[ProcedureName | None, Field(description="Thủ tục được trả lời. / Procedure answered.")] = None
    choices: Annotated[list[Choice], Field(description="Các thủ tục để chọn khi chưa rõ. / Procedures to choose from.")] = []
    messages: Annotated[list[Message], Field(description="Các bong bóng trả lời, theo thứ tự. / Answer bubbles, in order.")]
    citations: Annotated[list[Citation], Field(description="Nguồn của câu trả lời. / Sources.")] = []
    confidence: Annotated[float, Field(ge=0, le=1, description="Độ tin cậy 0..1. / Confidence.")] = 0.0
    degraded: Annotated[bool, Field(description="Trả lời không qua bộ máy hội thoại. / Answered without the dialogue engine.")] = False
    took_ms: Annotated[int, Field(ge=0, description="Mili giây xử lý. / Milliseconds taken.")] = 0


class SearchRequest(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"query": "lệ phí đăng ký kết hôn", "top_k": 5}]})

    query: Annotated[str, Field(min_length=1, max_length=2_000, description="Từ cần tìm. / What to search for.")]
    top_k: Annotated[int, Field(ge=1, le=50, description="Số kết quả. / How many hits.")] = 5
    kinds: Annotated[
        list[Literal["procedure", "plan", "faq"]] | None, Field(max_length=3, description="Chỉ các loại này; null là tất cả. / Only these kinds; null for all.")
    ] = None
    as_of: Annotated[date | None, Field(description="Kế hoạch còn hiệu lực và thủ tục theo bản của ngày này. / Plans in force and procedures as they stood on this day.")] = None


class HitVersion(BaseModel):
    read_on: Annotated[str, Field(description="Ngày hoặc tháng đọc. / When it was read.")]
    since: Annotated[date, Field(description="Dùng từ ngày. / From this day.")]
    until: Annotated[date | None, Field(description="Đến hết ngày; null là đang dùng. / Last day; null: still.")]
    status: Annotated[str, Field(description="current, superseded, ended.")]


class SearchHit(BaseModel):
    score: Annotated[float, Field(description="0..1, cao hơn là gần hơn. / Higher is better.")]
    kind: Annotated[str, Field(description="procedure, plan, faq.")]
    id: Annotated[str, Field(description="Mã đoạn. / Passage id.")]
    code: Annotated[str, Field(description="Mã thủ tục; rỗng với kế hoạch. / Procedure code; empty for plans.")] = ""
    number: Annotated[str, Field(description="Mã thủ tục hoặc số văn bản. / Code or document number.")] = ""
    title: Annotated[str, Field(description="Tên thủ tục hoặc kế hoạch. / Title.")] = ""
    section: Annotated[str, Field(description="Mục. / Section.")] = ""
    text: Annotated[str, Field(description="Đoạn văn. / The passage.")] = ""
    source: Annotated[str, Field(description="Tệp hoặc mã bản ghi. / File or record id.")] = ""
    url: Annotated[str, Field(description="Trang công khai. / Public page.")] = ""
    version: Annotated[
        HitVersion | None,
        Field(description="Bản đã dùng ngày as_of; null khi không hỏi ngày hoặc chưa có bản nào lúc đó. / The version of that day."),
    ] = None


class SearchQuery(BaseModel):
    normalised: Annotated[str, Field(description="Chuẩn hóa, mở viết tắt. / Normalised, abbreviations expanded.")]
    restored: Annotated[str, Field(description="Đã thêm dấu. / With diacritics restored.")]


class SearchResponse(BaseModel):
    hits: Annotated[list[SearchHit], Field(description="Từ ngưỡng trở lên. / At or above the threshold.")]
    near_misses: Annotated[list[SearchHit], Field(description="Dưới ngưỡng một chút. / Just below it.")]
    query: SearchQuery
    stages_ms: Annotated[dict[str, float], Field(description="Mili giây từng bước. / Milliseconds by stage.")]


class ProcedureSummary(ProcedureName):
    field: Annotated[str, Field(description="Lĩnh vực. / Field.")]
    levels: Annotated[list[str], Field(description="Cấp thực hiện. / Levels of government.")]
    agency: Annotated[str, Field(description="Cơ quan thực hiện. / Agency.")]


class ProcedureList(BaseModel):
    items: list[ProcedureSummary]
    total: Annotated[int, Field(description="Tổng số thủ tục khớp. / How many fit in all.")]
    page: Annotated[int, Field(description="Trang này, từ 1. / This page, from 1.")]
    page_size: Annotated[int, Field(description="Số dòng mỗi trang. / Rows a page.")]


class Fault(BaseModel):
    field: Annotated[str, Field(description="Chỗ sai. / Where.")]
    expected: Annotated[str, Field(description="Cần gì (tiếng Việt / English).")]
    got: Annotated[str, Field(description="Đã nhận gì. / What came.")]


class ErrorResponse(BaseModel):
    error: Annotated[str, Field(description="Mã lỗi ngắn. / Short error code.")]
    message: Annotated[str, Field(description="Tiếng Việt.")]
    message_en: Annotated[str, Field(description="English.")]
    faults: list[Fault] = []
    error_id: Annotated[str | None, Field(description="Mã để tra nhật ký. / Id to look up in the log.")] = None


class PartState(BaseModel):
    ok: bool
    required: bool
    detail: str = ""
    numbers: dict[str, int | float] = {}


class Readiness(BaseModel):
    status: Annotated[Literal["ready", "degraded", "not_ready"], Field(description="Sẵn sàng, suy giảm hay chưa. / State.")]
    parts: dict[str, PartState]


class Liveness(BaseModel):
    status: Literal["ok"] = "ok"
