"""Bodies of what the widget sends beside questions. Unknown fields are refused."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from connectors.models import SESSION_ID_PATTERN

SessionId = Annotated[str, Field(pattern=SESSION_ID_PATTERN, description="Mã cuộc trò chuyện. / Conversation id.")]
Code = Annotated[str, Field(max_length=32, pattern=r"^[\w.]*$", description="Mã thủ tục. / Procedure code.")]
Reason = Literal["", "other_matter", "wrong_fact", "missing", "unclear", "other"]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class RatingRequest(_Body):
    session_id: SessionId | None = None
    rating: Annotated[Literal[1, -1], Field(description="1 tốt, -1 chưa tốt. / 1 good, -1 bad.")]
    reason: Annotated[Reason, Field(description="Vì sao chưa tốt. / Why not good.")] = ""
    comment: Annotated[str, Field(max_length=500, description="Lời góp ý; được che trước khi lưu. / Masked before it is kept.")] = ""
    procedure_code: Code = ""
    aspect: Annotated[str, Field(max_length=32, pattern=r"^[a-z_]*$")] = ""
    status: Annotated[str, Field(max_length=64, pattern=r"^[a-z_]*$")] = ""


class ContactBody(_Body):
    session_id: SessionId | None = None
    name: Annotated[str, Field(max_length=80)] = ""
    reach: Annotated[str, StringConstraints(strip_whitespace=True, min_length=6, max_length=120), Field(description="Số điện thoại hoặc thư điện tử. / Telephone or e-mail.")]
    matter: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=500), Field(description="Việc cần hỏi. / The matter.")]
    procedure_code: Code = ""
    consent: Annotated[Literal[True], Field(description="Đồng ý để cơ quan liên hệ lại. / Agrees to be contacted.")]


class SessionBody(_Body):
    session_id: SessionId | None = None


class Done(BaseModel):
    status: Literal["ok"] = "ok"


class ContactKept(BaseModel):
    number: Annotated[str, Field(description="Số của yêu cầu. / The request's number.")]


class DeskState(BaseModel):
    is_open: Annotated[bool, Field(description="Đang trong giờ làm việc. / Within office hours.")]
    hours: Annotated[str, Field(description="Giờ làm việc; rỗng khi chưa khai. / Office hours; empty when not told.")]
    hotline: str
    takes_contacts: bool


class CarryLink(BaseModel):
    title: str
    url: str
    qr: Annotated[str, Field(description="Ô đen của mã QR, dạng SVG path. / Dark squares as an SVG path.")]
    size: Annotated[int, Field(description="Số ô mỗi cạnh. / Squares a side.")]


class CarryState(BaseModel):
    code: str
    minutes: int
    links: list[CarryLink]
