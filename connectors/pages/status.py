"""The public status page and ``/api/v1/status``: each part in plain words, and since when it is so.

States are looked at every ``LOOK_EVERY_S`` seconds while the server runs, so "since" is the time a change was
noticed, at most so much late; what was so at the start is so "since the start".
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from connectors.ask_flow import log_fault
from connectors.notice import NoticeSwitch
from connectors.pages.render import PageKit
from connectors.ports import Dialogue, Health, Part
from connectors.store.database import Store

log = logging.getLogger(__name__)
LOOK_EVERY_S = 15.0
VIETNAM = timezone(timedelta(hours=7))  # no daylight saving since 1975
State = Literal["ok", "weak", "down"]
#: Part → its name for citizens, and what its loss means for them.
WORDS = {
    "index": ("Kho thủ tục và kế hoạch", "Chưa tra cứu và hỏi đáp được."),
    "encoder": ("Bộ phận hiểu câu hỏi", "Chưa hỏi đáp được; danh mục vẫn xem được."),
    "rasa": ("Trò chuyện nhiều lượt", "Vẫn trả lời được; câu hỏi nối tiếp có thể kém chính xác hơn."),
    "database": ("Ghi nhận góp ý", "Vẫn trả lời được; đánh giá và câu chưa trả lời tạm thời không được ghi lại."),
    "disk": ("Chỗ chứa dữ liệu", "Máy chủ sắp hết chỗ chứa; người vận hành cần dọn bớt."),
}


@dataclass(frozen=True)
class PartStatus:
    """A part as citizens read it; ``since`` is UTC."""

    id: str
    name: str
    state: State
    meaning: str
    since: datetime
    is_since_start: bool


class StatusBoard:
    """What was last seen of each part, and when it became so."""

    def __init__(
        self, health: Health, dialogue: Dialogue | None, store: Store | None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:  # fmt: skip
        self._health, self._dialogue, self._store, self._clock = health, dialogue, store, clock
        self._since: dict[str, tuple[State, datetime, bool]] = {}
        self._parts: dict[str, PartStatus] = {}

    async def look(self) -> None:
        """Ask every part once. Never raises: a part that cannot be asked is down."""
        now = self._clock()
        self._parts = {name: self._seen(name, part, now) for name, part in (await self._ask()).items()}

    def parts(self) -> tuple[PartStatus, ...]:
        """In the order of ``WORDS``; parts without a public name come last under their own."""
        order = list(WORDS)
        return tuple(sorted(self._parts.values(), key=lambda part: order.index(part.id) if part.id in order else 99))

    def state(self) -> State:
        states = {part.state for part in self._parts.values()}
        return "down" if "down" in states else "weak" if "weak" in states else "ok"

    async def _ask(self) -> dict[str, Part]:
        try:
            parts = dict(await run_in_threadpool(self._health.parts))
        except Exception as exc:  # promised not to, but this page has to stand when promises break
            log_fault(exc)
            parts = {"index": Part(False)}
        if self._dialogue is not None:
            parts.setdefault("rasa", Part(await self._dialogue.is_alive(), is_required=False))
        if self._store is not None:
            parts.setdefault("database", Part(await run_in_threadpool(self._store.fault) == "", is_required=False))
        return parts

    def _seen(self, name: str, part: Part, now: datetime) -> PartStatus:
        state: State = "ok" if part.is_ok else "down" if part.is_required else "weak"
        before = self._since.get(name)
        if before is None or before[0] != state:
            self._since[name] = (state, now, before is None)
        _, since, is_since_start = self._since[name]
        title, meaning = WORDS.get(name, (name, ""))
        return PartStatus(name, title, state, "" if state == "ok" else meaning, since, is_since_start)


class NoticeState(BaseModel):
    text: str
    since: str = Field(description="UTC, ISO; rỗng nếu không rõ. / Empty when unknown.")


class PublicPart(BaseModel):
    id: str
    name: str
    state: State
    since: str = Field(description="UTC, ISO: lúc nhận thấy. / When it was noticed.")


class PublicStatus(BaseModel):
    state: Literal["ok", "weak", "down", "paused"] = Field(description="paused: thông báo thay cho trợ lý. / A notice replaces the assistant.")
    notice: NoticeState | None = None
    parts: list[PublicPart] = []


def create_status(kit: PageKit, board: StatusBoard, notice: NoticeSwitch) -> APIRouter:
    status = APIRouter(lifespan=lambda _app: _watch(board))

    @status.get("/trang-thai", include_in_schema=False)
    async def page(request: Request) -> Response:
        await _look_once(board)
        return kit.page(
            request, "status.html", is_private=True, state=board.state(), parts=board.parts(), at=readable_moment,
            now=datetime.now(UTC), notice_since=_moment(notice),
        )  # fmt: skip

    @status.get("/api/v1/status", summary="Trạng thái công khai / Public status", tags=["Vận hành"])
    async def public_status() -> PublicStatus:
        """Cho widget, kiosk và trang ngoài: trợ lý đang chạy hay đang tạm nghỉ. / For widget, kiosk and other pages."""
        await _look_once(board)
        return PublicStatus.model_validate(status_json(board, notice))

    return status


def status_json(board: StatusBoard, notice: NoticeSwitch) -> dict[str, Any]:
    current = notice.current()
    parts = [
        {"id": part.id, "name": part.name, "state": part.state, "since": part.since.isoformat(timespec="seconds")}
        for part in board.parts()
    ]
    return {
        "state": "paused" if current else board.state(),
        "notice": {"text": current.text, "since": current.since} if current else None,
        "parts": parts,
    }


def readable_moment(moment: datetime) -> str:
    """"9 giờ 05, 22/11/2026" in Vietnam's time."""
    local = moment.astimezone(VIETNAM)
    return f"{local.hour} giờ {local.minute:02}, {local.day}/{local.month}/{local.year}"


@asynccontextmanager
async def _watch(board: StatusBoard) -> AsyncIterator[Mapping[str, Any]]:
    async def keep_looking() -> None:
        while True:
            await board.look()
            await asyncio.sleep(LOOK_EVERY_S)

    task = asyncio.create_task(keep_looking(), name="status-board")
    yield {}
    task.cancel()


async def _look_once(board: StatusBoard) -> None:
    if not board.parts():
        await board.look()


def _moment(notice: NoticeSwitch) -> str:
    current = notice.current()
    try:
        return readable_moment(datetime.fromisoformat(current.since)) if current else ""
    except ValueError:
        return ""
