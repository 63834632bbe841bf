"""What every HTTP request passes first and last: size, rate, security headers, one line of metrics."""

from __future__ import annotations

import time
from collections.abc import Callable
from ipaddress import ip_address

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from connectors.faults import broken_response, fault_response
from connectors.metrics import Metrics
from connectors.sessions import AgeingCache
from connectors.settings import GatewaySettings

ACTIONS_PATH = "/actions"
CHAT_PATHS = ("/", "/embed")  # where the chat may ask for the microphone
WEBHOOKS_PATH = "/webhooks"
FORWARD_HEADERS = ("x-forwarded-for", "forwarded", "x-real-ip")
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}"
)


class HttpGuard:
    """Plain ASGI middleware, outermost, so that refusals carry the headers and are counted too."""

    def __init__(self, app: ASGIApp, settings: GatewaySettings, metrics: Metrics) -> None:
        self._app = RequestBodyLimitMiddleware(app, settings.body_limit_bytes)  # counts chunked bodies too
        self._settings, self._metrics = settings, metrics
        self._limiter = RateLimiter(settings.rate_limit_per_minute)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        started = time.perf_counter()
        code, has_started = 500, False

        async def send_with_headers(message: Message) -> None:
            nonlocal code, has_started
            if message["type"] == "http.response.start":
                has_started = True
                code = message["status"]
                self._add_headers(scope, MutableHeaders(scope=message))
            await send(message)

        try:
            refusal = self._refusal(scope)
            await (refusal or self._app)(scope, receive, send_with_headers)
        except Exception as exc:  # here, not in a handler: those re-raise, and the server would log the message
            response = broken_response(Request(scope), exc)
            if not has_started:
                await response(scope, receive, send_with_headers)
        finally:
            self._metrics.request(_method(scope), _route(scope), code, time.perf_counter() - started)

    def _refusal(self, scope: Scope) -> ASGIApp | None:
        limit = self._settings.body_limit_bytes
        if scope["path"].startswith(ACTIONS_PATH):
            limit = self._settings.action_body_limit_bytes
        elif scope["path"].startswith(WEBHOOKS_PATH):
            limit = self._settings.webhook_body_limit_bytes
        length = Headers(scope=scope).get("content-length", "0")
        if length.isascii() and length.isdigit() and int(length) > limit:
            return fault_response(413, got=f"{int(length):,} bytes", expected=f"≤ {limit:,} bytes")
        request = Request(scope)
        if scope["method"] == "POST" and self._is_from_elsewhere(request):
            return fault_response(403, expected="cùng trang hoặc trang được phép / this site or an allowed one")
        if scope["path"].startswith("/api/") and not is_direct_loopback(request):
            wait_s = self._limiter.wait_s(request.client.host if request.client else "")
            if wait_s > 0:
                return fault_response(
                    429, expected=f"≤ {self._settings.rate_limit_per_minute} / min", retry_after_s=wait_s
                )
        return None

    def _is_from_elsewhere(self, request: Request) -> bool:
        """The browser says that another site's page sends this. Programs say nothing and pass."""
        if request.headers.get("sec-fetch-site", "") != "cross-site":
            return False
        return request.headers.get("origin", "") not in self._settings.embed_origins

    def _add_headers(self, scope: Scope, headers: MutableHeaders) -> None:
        path = scope["path"]
        is_frame = path == "/embed"
        headers.setdefault("content-security-policy", frame_policy(self._settings) if is_frame else CSP.format(ancestors="'none'"))
        if not is_frame:
            headers.setdefault("x-frame-options", "DENY")
        headers.setdefault("x-content-type-options", "nosniff")
        headers.setdefault("referrer-policy", "no-referrer")
        microphone = "(self)" if self._settings.widget.has_voice and path in CHAT_PATHS else "()"
        headers.setdefault("permissions-policy", f"camera=(), geolocation=(), microphone={microphone}, payment=()")
        headers.setdefault("cross-origin-opener-policy", "same-origin")
        if scope.get("scheme") == "https":
            headers.setdefault("strict-transport-security", "max-age=31536000")
        if not path.startswith("/static/"):
            headers.setdefault("cache-control", "no-store")
        elif scope["query_string"].startswith(b"v="):  # the address holds the file's digest
            headers.setdefault("cache-control", "public, max-age=31536000, immutable")


def frame_policy(settings: GatewaySettings) -> str:
    """The policy of the chat's frame: the allowed portals may show it, and it may show their logos."""
    hosts = "".join(f" {origin}" for origin in settings.embed_origins)
    return CSP.format(ancestors=f"'self'{hosts}").replace("img-src 'self'", f"img-src 'self'{hosts}")


class RateLimiter:
    """A token bucket an address: a full minute's allowance at once, refilled evenly."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic, max_clients: int = 20_000) -> None:
        self._per_minute, self._clock = per_minute, clock
        self._buckets: AgeingCache[tuple[float, float]] = AgeingCache(max_clients, 120.0, clock)

    def wait_s(self, client: str) -> float:
        """Take one token; 0 when there was one, else the seconds until there is."""
        if self._per_minute == 0:
            return 0.0
        now = self._clock()
        tokens, taken_at = self._buckets.get(client) or (float(self._per_minute), now)
        tokens = min(self._per_minute, tokens + (now - taken_at) * self._per_minute / 60.0)
        if tokens < 1.0:
            return (1.0 - tokens) * 60.0 / self._per_minute
        self._buckets.set(client, (tokens - 1.0, now))
        return 0.0


def is_direct_loopback(request: Request) -> bool:
    """The request comes from this machine and no proxy forwarded it."""
    if request.client is None or any(header in request.headers for header in FORWARD_HEADERS):
        return False
    try:
        return ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def _route(scope: Scope) -> str:
    """The route's pattern, never the path itself: paths would make labels without end."""
    path = getattr(scope.get("route"), "path", None)
    if isinstance(path, str) and path:
        return path
    return "/static" if scope["path"].startswith("/static/") else "other"


def _method(scope: Scope) -> str:
    return scope["method"] if scope["method"] in {"GET", "HEAD", "POST", "OPTIONS"} else "other"
