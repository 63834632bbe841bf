"""httpx's client, with one fault of the layer beneath it told as what it is.

A server that closes a connection in the moment it is made (a process killed while it starts, a broken line) leaves
the transport without a socket; anyio 4.16 then fails with ``AttributeError: 'NoneType' object has no attribute
'getpeername'``, which is none of httpx's errors, so whoever catches those would not see it.
"""

from __future__ import annotations

import socket
from typing import Any

import httpx


class HttpClient(httpx.AsyncClient):
    """``httpx.AsyncClient`` whose broken connections are always one of ``httpx.HTTPError``."""

    async def send(self, request: httpx.Request, **named: Any) -> httpx.Response:
        """As the base class; a connection that was gone before the request was written is ``httpx.ConnectError``."""
        try:
            return await super().send(request, **named)
        except AttributeError as exc:
            if exc.obj is not None or not hasattr(socket.socket, exc.name or ""):
                raise
            raise httpx.ConnectError("the connection was closed while it was made", request=request) from exc
