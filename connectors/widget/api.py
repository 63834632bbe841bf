"""What the widget needs of ``/api/v1`` beside questions: rating, a person, another channel, forgetting."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, HTTPException
from starlette.concurrency import run_in_threadpool

from connectors.api import FAULTS
from connectors.ask_flow import AskFlow
from connectors.errors import StoreError
from connectors.models import ErrorResponse
from connectors.ports import Masker
from connectors.store.database import Store
from connectors.store.records import keep_rating
from connectors.widget.models import (
    CarryLink,
    CarryState,
    ContactBody,
    ContactKept,
    DeskState,
    Done,
    RatingRequest,
    SessionBody,
)
from connectors.widget.ports import CarryOn, ContactDesk, ContactRequest
from connectors.widget.qr_path import qr_path
from connectors.widget.settings import WidgetSettings

TAG = "Khung chat"
UNREADY: dict[int | str, dict[str, Any]] = {503: {"model": ErrorResponse, "description": "Chưa lưu được / Cannot be kept now"}}


def create_widget_api(
    flow: AskFlow, settings: WidgetSettings, mask: Masker, store: Store | None,
    desk: ContactDesk | None, carry_on: CarryOn | None, clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> APIRouter:  # fmt: skip
    api = APIRouter(prefix="/api/v1", tags=[TAG], responses=FAULTS | UNREADY)

    @api.post("/feedback", summary="Đánh giá câu trả lời / Rate an answer")
    async def feedback(body: RatingRequest) -> Done:
        """Lời góp ý được che thông tin cá nhân trước khi lưu. / Comments are masked before they are kept."""
        await _kept(store is not None, lambda: keep_rating(
            store, body.rating, body.procedure_code, body.aspect, body.reason, mask(body.comment.strip()).text, body.status
        ))  # fmt: skip
        return Done()

    @api.get("/desk", summary="Giờ làm việc, đường dây / Office hours, hotline")
    async def desk_state() -> DeskState:
        """Tính theo giờ Việt Nam ở máy chủ. / By the server's clock, in Vietnam's time."""
        hours = settings.office_hours
        return DeskState(
            is_open=hours.is_open(clock()), hours=hours.words(), hotline=settings.hotline, takes_contacts=desk is not None
        )

    @api.post("/contact", summary="Để lại cách liên hệ / Leave a contact")
    async def contact(body: ContactBody) -> ContactKept:
        """Cán bộ liên hệ lại trong giờ làm việc. / Staff get back in office hours."""
        request = ContactRequest(
            body.reach, mask(body.matter).text, mask(body.name).text.strip(), body.procedure_code, body.session_id or ""
        )
        return ContactKept(number=await _kept(desk is not None, lambda: desk.leave(request)))

    @api.post("/forget", summary="Quên cuộc trò chuyện / Forget a conversation")
    async def forget(body: SessionBody) -> Done:
        """Quên mạch chuyện và xóa yêu cầu liên hệ của cuộc này. / Drops the context and the session's requests."""
        if body.session_id:
            await flow.forget(body.session_id)
            if desk is not None:
                session_id = body.session_id
                await _kept(True, lambda: desk.withdraw(session_id))
        return Done()

    if carry_on is not None:

        @api.post("/carry-on", summary="Mã để hỏi tiếp ở kênh khác / Carry on elsewhere")
        async def carry(body: SessionBody) -> CarryState:
            """Mã dùng một lần. / Can be used once."""
            context = flow.context_of(body.session_id) if body.session_id else None
            given = await carry_on.issue(context or {})
            links = []
            for title, url in given.links:
                qr, size = qr_path(url)
                links.append(CarryLink(title=title, url=url, qr=qr, size=size))
            return CarryState(code=given.code, minutes=given.minutes, links=links)

    return api


async def _kept(is_there: bool, work: Callable[[], object]):
    """Run a store's work in a thread; 503 where there is no store or it fails."""
    if not is_there:
        raise HTTPException(503)
    try:
        return await run_in_threadpool(work)
    except StoreError as exc:
        raise HTTPException(503) from exc
