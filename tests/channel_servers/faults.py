"""Faults on demand: what a server does with the next calls of a method instead of, before or after its work."""

from __future__ import annotations

import asyncio
import fnmatch
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Receive, Scope, Send

KINDS = ("status", "error", "slow", "slow_after", "drop", "drop_after", "garbage")


@dataclass
class Fault:
    """One rule.

    Attributes:
        kind: ``status`` answers that HTTP status; ``error`` the protocol's own error ``code``; ``slow`` waits
            before the work, ``slow_after`` does the work and then waits; ``drop`` breaks the connection before the
            work, ``drop_after`` after it; ``garbage`` answers 200 with a page that is no JSON.
        method: name of the API method, ``*`` and ``?`` allowed.
        times: how many calls it hits; -1 for all.
        code: HTTP status of ``status``, protocol error of ``error``.
        seconds: of ``slow`` and ``slow_after``.
        detail: further fields of a protocol error (Telegram: ``description``, ``retry_after`` …).
    """

    kind: str
    method: str = "*"
    times: int = 1
    code: int = 500
    seconds: float = 0.0
    detail: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"fault kind: expected one of {', '.join(KINDS)}, got {self.kind!r}")


class Faults:
    """The rules in force, first come, first served. Safe between threads."""

    def __init__(self) -> None:
        self._rules: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, kind: str, method: str = "*", **fields: Any) -> Fault:
        fault = Fault(kind, method, **fields)
        with self._lock:
            self._rules.append(fault)
        return fault

    def clear(self) -> None:
        with self._lock:
            self._rules.clear()

    def take(self, method: str) -> Fault | None:
        """The first rule for this method, counted down."""
        with self._lock:
            for fault in self._rules:
                if fault.times and fnmatch.fnmatchcase(method, fault.method):
                    fault.times -= 1 if fault.times > 0 else 0
                    return fault
        return None


async def answer_with(
    fault: Fault | None,
    work: Callable[[], Awaitable[Response]],
    protocol_error: Callable[[int, dict[str, Any]], Response],
) -> Response:
    """Do the work, or what the fault says."""
    if fault is None:
        return await work()
    if fault.kind == "slow":
        await asyncio.sleep(fault.seconds)
        return await work()
    if fault.kind in ("slow_after", "drop_after"):
        answer = await work()
        await asyncio.sleep(fault.seconds)
        return Dropped() if fault.kind == "drop_after" else answer
    if fault.kind == "error":
        return protocol_error(fault.code, fault.detail)
    if fault.kind == "garbage":
        return HTMLResponse("<html><body>502 Bad Gateway</body></html>")
    if fault.kind == "drop":
        return Dropped()
    return JSONResponse({"message": "fault on demand"}, status_code=fault.code)


class Dropped(Response):
    """Promises a body and breaks the connection instead, as a dying server does."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000")]})
        await send({"type": "http.response.body", "body": b"", "more_body": True})
        raise ConnectionAbortedError("connection dropped on demand")


async def parameters(request: Request) -> dict[str, Any]:
    """A call's parameters, wherever they stand: query, form, multipart (files left as they are) or JSON."""
    found: dict[str, Any] = dict(request.query_params)
    kind = request.headers.get("content-type", "").split(";")[0]
    if kind == "application/json":
        body = await request.body()
        given = (await request.json()) if body else {}
        if not isinstance(given, dict):
            raise ValueError("a JSON object was expected")
        found.update(given)
    elif kind in ("application/x-www-form-urlencoded", "multipart/form-data"):
        found.update(dict(await request.form()))
    return found
