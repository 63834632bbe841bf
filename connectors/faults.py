"""Errors as HTTP answers, Vietnamese and English: what was expected, what came, what to do."""

from __future__ import annotations

import math
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse, Response

from connectors.ask_flow import log_fault
from connectors.models import ErrorResponse, Fault

WORDS = {
    400: ("bad_request", "Không đọc được yêu cầu. Cần JSON, mã hóa UTF-8.", "The request cannot be read. Send JSON in UTF-8."),
    401: ("unauthorised", "Cần đăng nhập.", "Please sign in."),
    403: ("forbidden", "Yêu cầu này không được phép.", "This request is not allowed."),
    404: ("not_found", "Không có trang hay bản ghi này.", "There is no such page or record."),
    405: ("method_not_allowed", "Địa chỉ này không nhận phương thức đó.", "This address does not take that method."),
    413: ("too_large", "Nội dung gửi lên quá lớn. Bạn gửi ngắn hơn nhé.", "The body is too large. Send less."),
    422: ("invalid", "Dữ liệu gửi lên chưa đúng. Xem từng chỗ ở faults.", "The data sent is not valid. See faults."),
    429: ("too_many", "Bạn gửi hơi nhanh. Chờ một lát rồi thử lại nhé.", "Too many requests. Wait a little and try again."),
    500: ("internal", "Có lỗi bên trong. Bạn thử lại sau ít phút nhé.", "Something broke inside. Try again in a few minutes."),
    503: ("not_ready", "Dịch vụ chưa sẵn sàng. Bạn thử lại sau nhé.", "The service is not ready. Try again later."),
}

EXPECTED = {
    "missing": "bắt buộc phải có / required",
    "extra_forbidden": "không có trường này / no such field",
    "string_type": "chuỗi ký tự / a string",
    "string_pattern_mismatch": "chuỗi theo mẫu {pattern} / a string matching {pattern}",
    "string_too_short": "ít nhất {min_length} ký tự / at least {min_length} characters",
    "string_too_long": "nhiều nhất {max_length} ký tự / at most {max_length} characters",
    "too_long": "nhiều nhất {max_length} phần tử / at most {max_length} items",
    "int_type": "số nguyên / an integer",
    "int_parsing": "số nguyên / an integer",
    "greater_than_equal": "từ {ge} trở lên / {ge} or more",
    "less_than_equal": "nhiều nhất {le} / at most {le}",
    "bool_parsing": "true hoặc false / true or false",
    "literal_error": "một trong: {expected} / one of: {expected}",
    "json_invalid": "JSON hợp lệ, UTF-8 / valid JSON, UTF-8",
    "date_from_datetime_parsing": "ngày dạng 2026-07-31 / a date such as 2026-07-31",
    "date_parsing": "ngày dạng 2026-07-31 / a date such as 2026-07-31",
    "date_type": "ngày dạng 2026-07-31 / a date such as 2026-07-31",
    "model_attributes_type": "đối tượng JSON, Content-Type: application/json / a JSON object",
    "list_type": "danh sách / a list",
}


def fault_response(
    code: int, expected: str = "", got: str = "", retry_after_s: float | None = None, error_id: str | None = None
) -> JSONResponse:
    """A JSON error; ``expected`` and ``got`` become its one fault when given."""
    error, message, message_en = WORDS.get(code, WORDS[500] if code >= 500 else WORDS[400])
    faults = [Fault(field="body", expected=expected, got=got)] if expected else []
    body = ErrorResponse(error=error, message=message, message_en=message_en, faults=faults, error_id=error_id)
    headers = {"Retry-After": str(math.ceil(retry_after_s))} if retry_after_s else None
    return JSONResponse(body.model_dump(), status_code=code, headers=headers)


def add_fault_handlers(app: FastAPI) -> None:
    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, exc: RequestValidationError) -> Response:
        if not _wants_json(request):
            return _page(422)
        error, message, message_en = WORDS[422]
        faults = [_fault(fault) for fault in exc.errors()]
        body = ErrorResponse(error=error, message=message, message_en=message_en, faults=faults)
        return JSONResponse(body.model_dump(), status_code=422)

    @app.exception_handler(HTTPException)
    async def refused(request: Request, exc: HTTPException) -> Response:
        response = fault_response(exc.status_code) if _wants_json(request) else _page(exc.status_code)
        for name, value in (exc.headers or {}).items():
            response.headers[name] = value
        return response


def broken_response(request: Request, exc: Exception) -> Response:
    """Answer an error nobody foresaw, and log it once under the id shown."""
    error_id = log_fault(exc)
    return fault_response(500, error_id=error_id) if _wants_json(request) else _page(500, error_id)


def _fault(fault: dict[str, Any]) -> Fault:
    template = EXPECTED.get(fault["type"])
    # A body that is no JSON at all names its offset in loc; what stands there is the citizen's.
    where = ".".join(str(part) for part in fault["loc"]) or "body"
    expected = template.format(**fault.get("ctx", {})) if template else fault["msg"]
    return Fault(field=where, expected=expected, got=_kind_of(fault.get("input"), fault["type"]))


def _kind_of(value: Any, fault_type: str) -> str:
    """Type and size of what came, not its words."""
    if fault_type == "missing":
        return "không có / nothing"
    if isinstance(value, str):
        return f"chuỗi {len(value)} ký tự / a string of {len(value)}"
    if isinstance(value, bool | int | float):
        return f"{value!r:.40}"
    return {"NoneType": "null", "dict": "đối tượng / an object", "list": "danh sách / a list"}.get(
        type(value).__name__, type(value).__name__
    )


def _wants_json(request: Request) -> bool:
    path = request.url.path
    return path.startswith(("/api/", "/actions", "/healthz", "/readyz", "/metrics", "/openapi.json")) or (
        "text/html" not in request.headers.get("accept", "") and not path.startswith("/staff")
    )


def _page(code: int, error_id: str | None = None) -> HTMLResponse:
    _, message, _ = WORDS.get(code, WORDS[500] if code >= 500 else WORDS[400])
    reference = f"<p>Mã lỗi: <code>{error_id}</code></p>" if error_id else ""
    return HTMLResponse(
        f'<!doctype html><html lang="vi"><head><meta charset="utf-8"><meta name="viewport" '
        f'content="width=device-width, initial-scale=1"><title>{message}</title>'
        f'<link rel="stylesheet" href="/static/portal.css"></head><body class="plain"><main class="notice">'
        f'<h1>{message}</h1>{reference}<p><a href="/">Về trang chủ</a> · <a href="/tim">Tìm thủ tục</a></p></main></body></html>',
        status_code=code,
    )
