"""Public pages and files travel packed (gzip), so that the budgets hold without a proxy in front."""

from __future__ import annotations

from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

#: Answers to a person's own words, and pages of a signed-in clerk, stay as they are: a packed length can give away a secret
#: that stands beside words somebody else chose (BREACH, https://www.breachattack.com, read 2026-11-22).
PRIVATE = ("/api/", "/staff", "/actions", "/webhooks", "/metrics")
MIN_BYTES = 1_000
LEVEL = 6  # level 9 takes twice the time for a hundredth of the size


class PublicPacking:
    """ASGI middleware: packs what anybody may read, for those who say they can unpack it."""

    def __init__(self, app: ASGIApp) -> None:
        self._plain, self._packing = app, GZipMiddleware(app, minimum_size=MIN_BYTES, compresslevel=LEVEL)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_private = scope["type"] != "http" or scope["path"].startswith(PRIVATE)
        await (self._plain if is_private else self._packing)(scope, receive, send)
