"""The one place where httpx's failures become ours: surely not sent, or nobody knows."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from typing import Any

import httpx

from connectors.errors import ChannelDown, ChannelError, ChannelThrottled, ChannelUnsure

#: Failures before the request left this machine.
NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol, httpx.ProxyError)
DEFAULT_PAUSE_S = 30.0


def quiet_http_logs() -> None:
    """Keep tokens in addresses, and citizens' words in parameters, out of the libraries' own logs."""
    for name, level in (("httpx", logging.WARNING), ("httpcore", logging.WARNING), ("telegram", logging.WARNING)):
        logging.getLogger(name).setLevel(max(level, logging.getLogger(name).level))


def failure_of(exc: httpx.HTTPError) -> ChannelError:
    """What a failed request means for the message in it."""
    word = type(exc).__name__
    if isinstance(exc, NEVER_SENT):
        return ChannelDown("connection", word)
    return ChannelUnsure("timeout" if isinstance(exc, httpx.TimeoutException) else "connection", word)


async def call_json(client: httpx.AsyncClient, method: str, url: str, says: Collection[str] = (), **request: Any) -> Mapping[str, Any]:
    """One call whose answer is a JSON object that says by itself what came of it (``says``), whatever its HTTP status
    between 200 and 499. An object without that key is no answer of the API: a proxy's or a firewall's refusal.

    Raises:
        ChannelDown: it never left this machine, or was refused on the way.
        ChannelThrottled: HTTP 429 without such an object.
        ChannelUnsure: it may have been done (no answer, 5xx, or a 2xx or 3xx without such an object).
    """
    try:
        answer = await client.request(method, url, **request)
    except httpx.HTTPError as exc:
        raise failure_of(exc) from exc
    if answer.status_code >= 500:
        raise ChannelUnsure(str(answer.status_code), "the channel's server failed")
    found = _json_object(answer)
    if found is not None and (not says or not found.keys().isdisjoint(says)):
        return found
    if answer.status_code == 429:
        raise ChannelThrottled("429", _pause(answer))
    if answer.status_code >= 400:
        raise ChannelDown(str(answer.status_code), "refused on the way; is the address right?")
    raise ChannelUnsure(str(answer.status_code), "expected the API's JSON object, got something else")


def _json_object(answer: httpx.Response) -> Mapping[str, Any] | None:
    try:
        found = answer.json()
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _pause(answer: httpx.Response) -> float:
    shown = answer.headers.get("retry-after", "")
    return float(shown) if shown.isdigit() else DEFAULT_PAUSE_S


def for_reading(exc: ChannelError) -> ChannelError:
    """A call that only reads may always be made again."""
    return ChannelDown(exc.code, str(exc)) if isinstance(exc, ChannelUnsure) else exc
