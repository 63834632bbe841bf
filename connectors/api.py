"""``/api/v1``: ask, search and the catalogue."""

from __future__ import annotations

import math
from typing import Annotated, Any

from fastapi import APIRouter, BackgroundTasks, HTTPException, Path, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from connectors.ask_flow import AskFlow, TurnRecorder
from connectors.http_guard import is_direct_loopback
from connectors.models import (
    AskRequest,
    AskResponse,
    ErrorResponse,
    ProcedureList,
    SearchRequest,
    SearchResponse,
)
from connectors.ports import Catalogue, Searcher
from connectors.shapes import procedure_json, procedure_summary
from connectors.widget.session_limit import SessionLimiter

PAGE_SIZE = 20
FAULTS: dict[int | str, dict[str, Any]] = {
    code: {"model": ErrorResponse, "description": text}
    for code, text in {
        400: "Không đọc được, cần JSON UTF-8 / Unreadable, expected JSON in UTF-8",
        413: "Nội dung quá lớn / Body too large",
        422: "Dữ liệu chưa đúng / Invalid data",
        429: "Quá nhiều yêu cầu / Too many requests",
    }.items()
}


def create_api(
    flow: AskFlow, searcher: Searcher, catalogue: Catalogue, recorder: TurnRecorder | None, limiter: SessionLimiter
) -> APIRouter:
    api = APIRouter(prefix="/api/v1", responses=FAULTS)

    @api.post("/ask", summary="Hỏi một câu / Ask a question", tags=["Hỏi đáp"])
    async def ask(request: AskRequest, background: BackgroundTasks, http: Request) -> AskResponse:
        """Trả lời một câu trong một cuộc trò chuyện. Luôn là 200 khi yêu cầu đúng dạng; kết cục ở `status`.

        Answers one question of a conversation. 200 whenever the request is well formed; see `status`.
        """
        if request.session_id and not is_direct_loopback(http):
            wait_s = limiter.wait_s(request.session_id)
            if wait_s > 0:
                raise HTTPException(429, headers={"Retry-After": str(math.ceil(wait_s))})
        turn = await flow.ask(request.question, request.session_id)
        if recorder is not None:
            background.add_task(recorder.record, turn)
        return turn.response

    @api.post("/search", summary="Tìm đoạn văn / Search passages", tags=["Tra cứu"], response_model=SearchResponse)
    def search(request: SearchRequest) -> Response:
        """Tìm trong thủ tục và kế hoạch, không lưu trạng thái. / Stateless search."""
        found = searcher.search(request.query, request.top_k, request.kinds, request.as_of)
        body = SearchResponse.model_validate(found).model_dump_json(exclude_unset=True)
        return Response(body, media_type="application/json")  # written once: FastAPI would check and copy it all again

    @api.get("/procedures", summary="Danh mục thủ tục / List procedures", tags=["Tra cứu"])
    def procedures(
        q: Annotated[str, Query(max_length=200, description="Tên, tên thường gọi hoặc mã. / Name, alias or code.")] = "",
        field: Annotated[str, Query(max_length=200, description="Lĩnh vực, đúng tên. / Exact field.")] = "",
        level: Annotated[str, Query(max_length=40, description="Cấp thực hiện, ví dụ “Cấp xã”. / Level.")] = "",
        page: Annotated[int, Query(ge=1, le=100_000, description="Trang, từ 1. / Page, from 1.")] = 1,
    ) -> ProcedureList:
        """Mỗi trang 20 dòng. / Twenty rows a page."""
        found = catalogue.list(q, field, level, (page - 1) * PAGE_SIZE, PAGE_SIZE)
        items = [procedure_summary(procedure) for procedure in found.items]
        return ProcedureList.model_validate(
            {"items": items, "total": found.total, "page": page, "page_size": PAGE_SIZE}
        )

    @api.get(
        "/procedures/{code}",
        summary="Một thủ tục / One procedure",
        tags=["Tra cứu"],
        responses={404: {"model": ErrorResponse, "description": "Không có mã này / No such code"}},
    )
    async def procedure(
        code: Annotated[str, Path(max_length=32, description="Mã thủ tục, ví dụ 1.001193. / Procedure code.")],
    ) -> dict[str, Any]:
        """Bản ghi đầy đủ, đúng như nguồn. / The whole record, as its source prints it."""
        found = await run_in_threadpool(catalogue.get, code)
        if found is None:
            raise HTTPException(404)
        return procedure_json(found)

    return api
