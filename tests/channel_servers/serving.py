"""What all servers share: a thread with uvicorn on loopback, records, and control from another process."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeVar

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from tests.channel_servers.courier import Chaos, Courier, Parcel
from tests.channel_servers.faults import Faults

START_S = 10.0


class ChannelServer:
    """Base of the servers.

    Attributes:
        sent: messages that were accepted, as the citizen sees them, in order; each has ``chat``, ``text`` and the rest.
        calls: every call of the API, refused ones too: ``method``, ``parameters``, ``outcome``.
        faults: what goes wrong next.
        courier: how updates reach the webhook.
        clock_offset_s: the server's clock runs this far ahead, so that windows and expiry need no waiting.
        acts: methods that ``/_control/act`` may call: what citizens and staff do.
    """

    name = ""
    acts: Sequence[str] = ()

    def __init__(self, courier: Courier) -> None:
        self.sent: list[dict[str, Any]] = []
        self.calls: list[dict[str, Any]] = []
        self.faults = Faults()
        self.courier = courier
        self.clock_offset_s = 0.0
        self._handed_in = 0
        self.lock = threading.RLock()
        self.url = ""
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._port = 0

    def routes(self) -> list[BaseRoute]:
        raise NotImplementedError

    def now(self) -> float:
        """Seconds since 1970 by this server's clock."""
        return time.time() + self.clock_offset_s

    def note_call(self, method: str, given: dict[str, Any], outcome: object) -> None:
        with self.lock:
            self.calls.append({"method": method, "parameters": given, "outcome": outcome})

    def calls_of(self, method: str) -> list[dict[str, Any]]:
        with self.lock:
            return [call for call in self.calls if call["method"] == method]

    def post(self, parcel: Parcel) -> None:
        """Hand a parcel to the courier, from any thread."""
        self._in_loop(self.courier.post, parcel)

    def release(self, order: str = "reversed") -> None:
        self._in_loop(self.courier.release, order)

    def wait_until(self, is_so: Callable[[], bool], what: str, patience_s: float = 10.0) -> None:
        """Wait for something that happens by itself; says what did not."""
        until = time.monotonic() + patience_s
        while not is_so():
            if time.monotonic() > until:
                raise AssertionError(f"{self.name} server waited {patience_s:g} s in vain for: {what}")
            time.sleep(0.01)

    def wait_delivered(self, patience_s: float = 10.0) -> None:
        self.wait_until(lambda: self._handed_in == 0 and self.courier.on_the_way == 0, "all updates delivered", patience_s)

    # Running.

    def start(self, port: int = 0) -> str:
        """Listen on loopback; after ``stop`` again on the same port. Returns the address."""
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port or self._port))
        self._port = listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}"
        config = uvicorn.Config(self.application(), log_level="critical", timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([listener],), daemon=True, name=f"{self.name}-server")
        self._thread.start()
        self.wait_until(lambda: bool(self._server and self._server.started), "start", START_S)
        return self.url

    def stop(self) -> None:
        """Stop listening: callers are refused from now on."""
        if self._server is None or self._thread is None:
            return
        self._server.should_exit = True
        self._thread.join(START_S)
        self._server = self._thread = None

    def application(self) -> Starlette:
        return Starlette(routes=[*self.routes(), *self._control_routes()], lifespan=self._lifespan)

    @asynccontextmanager
    async def _lifespan(self, _app: Starlette) -> Any:
        self._loop = asyncio.get_running_loop()
        yield
        await self.courier.aclose()
        self._loop = None

    def _in_loop(self, work: Callable[..., None], *arguments: Any) -> None:
        if self._loop is None:
            raise RuntimeError(f"{self.name} server: start it before it can deliver")

        def run() -> None:
            work(*arguments)
            with self.lock:
                self._handed_in -= 1

        with self.lock:
            self._handed_in += 1
        self._loop.call_soon_threadsafe(run)

    # Control from another process.

    def _control_routes(self) -> list[BaseRoute]:
        return [
            Route("/_control/state", self._state, methods=["GET"]),
            Route("/_control/sent", self._sent, methods=["GET"]),
            Route("/_control/attempts", self._attempts, methods=["GET"]),
            Route("/_control/fault", self._fault, methods=["POST", "DELETE"]),
            Route("/_control/chaos", self._set_chaos, methods=["POST"]),
            Route("/_control/act", self._act, methods=["POST"]),
        ]

    async def _state(self, _request: Request) -> Response:
        with self.lock:
            return JSONResponse({
                "name": self.name,
                "sent": len(self.sent),
                "calls": len(self.calls),
                "attempts": len(self.courier.attempts),
                "on_the_way": self.courier.on_the_way,
                "undelivered": self.courier.undelivered,
            })  # fmt: skip

    async def _sent(self, request: Request) -> Response:
        """Messages accepted from number ``since`` on."""
        since = int(request.query_params.get("since", "0"))
        with self.lock:
            return Response(json.dumps(self.sent[since:], ensure_ascii=False, default=str), media_type="application/json")

    async def _attempts(self, request: Request) -> Response:
        since = int(request.query_params.get("since", "0"))
        return JSONResponse([vars(attempt) for attempt in self.courier.attempts[since:]])

    async def _fault(self, request: Request) -> Response:
        if request.method == "DELETE":
            self.faults.clear()
        else:
            self.faults.add(**await request.json())
        return JSONResponse({"ok": True})

    async def _set_chaos(self, request: Request) -> Response:
        self.courier.chaos = Chaos(**await request.json())
        return JSONResponse({"ok": True})

    async def _act(self, request: Request) -> Response:
        """``{"do": "say", …}``: what a citizen or a member of staff does."""
        given = await request.json()
        act = given.pop("do", "")
        if act not in self.acts:
            return JSONResponse({"error": f"do: expected one of {', '.join(self.acts)}, got {act!r}"}, status_code=400)
        return JSONResponse({"result": getattr(self, act)(**given)})


Server = TypeVar("Server", bound=ChannelServer)


@contextmanager
def running(server: Server, port: int = 0) -> Iterator[Server]:
    """The server while the block lasts; its ``url`` is set."""
    server.start(port)
    try:
        yield server
    finally:
        server.stop()
