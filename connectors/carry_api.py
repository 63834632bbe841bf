"""``/api/v1/carry-on/take``: go on, on the web, with a conversation that began on Telegram or Zalo."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, ConfigDict, Field

from connectors.api import FAULTS as API_FAULTS
from connectors.ask_flow import AskFlow
from connectors.channel_path import StoreDesk
from connectors.errors import StoreError
from connectors.inbox.carry import read_code
from connectors.models import SESSION_ID_PATTERN, ErrorResponse

SessionId = Annotated[
    str, Field(pattern=SESSION_ID_PATTERN, description="Mã cuộc trò chuyện trên web. / The web conversation's id.")
]


class TakeRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    code: Annotated[str, Field(max_length=40, description="Mã lấy ở kênh khác bằng /ma. / Code got elsewhere with /ma.")]
    session_id: SessionId


class CarryTaken(BaseModel):
    session_id: Annotated[str, Field(description="Cuộc trò chuyện đã nối. / The conversation that goes on.")]
    origin: Annotated[str, Field(description="Kênh trước. / The channel before.")]


FAULTS = API_FAULTS | {
    404: {"model": ErrorResponse, "description": "Mã sai hoặc hết hạn / Wrong or expired code"},
    503: {"model": ErrorResponse, "description": "Cơ sở dữ liệu đang bận / Database away"},
}


def create_carry_api(flow: AskFlow, desk: StoreDesk) -> APIRouter:
    api = APIRouter(prefix="/api/v1/carry-on", tags=["Hỏi đáp"], responses=FAULTS)

    @api.post("/take", summary="Nói tiếp bằng mã / Go on with a code")
    async def take(request: TakeRequest) -> CarryTaken:
        code = read_code(request.code)
        try:
            taken = await desk.take_code(code, f"web {request.session_id}"[:64]) if code else None
        except StoreError as exc:
            raise HTTPException(503) from exc
        if taken is None:
            raise HTTPException(404)
        flow.adopt(request.session_id, dict(taken["context"]))
        return CarryTaken(session_id=request.session_id, origin=str(taken["origin"]))

    return api
