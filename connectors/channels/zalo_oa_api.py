"""The one seam to Zalo's Open API: token in the header, errors in the body of a 200, one renewal where it expired.

    -32                                → ChannelThrottled
    -216, -220, -124 after a renewal   → ChannelDown "token": answers wait until somebody has consented again
    -230, -232, -234                   → ChannelRefused "window"
    -213, -227, -244                   → ChannelRefused "blocked", is_gone
    any other code                     → ChannelRefused with that code
    no answer, 5xx, no JSON            → ChannelUnsure where something was sent, ChannelDown where it was only read
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

import httpx

from connectors.channels.http_seam import call_json, for_reading
from connectors.channels.pacing import Pacer
from connectors.channels.settings import ZaloOaSettings
from connectors.channels.zalo_oa_tokens import TokenKeeper
from connectors.errors import ChannelDown, ChannelError, ChannelRefused, ChannelThrottled

TOKEN_CODES = (-216, -220, -124)
RATE_CODE, PARAMETER_CODE = -32, -201
WINDOW_CODES = (-230, -232, -234)
GONE_CODES = (-213, -227, -244)
RATE_PAUSE_S = 20.0  # the limit counts a minute; two thirds of one empty it enough
WORDS = {
    -100: "attachment older than seven days", -200: "Zalo could not send it", -201: "a parameter is wrong",
    -204: "the OA is disabled", -205: "no such OA", -209: "the application is inactive", -210: "a parameter is over its limit",
    -211: "out of quota", -212: "this API is not registered", -218: "the recipient's quota is used up",
    -219: "the application was removed", -221: "the OA is not verified", -223: "the OA gave no right for this API",
    -224: "the OA's tier is too low", -233: "this kind of message is not supported", -240: "this API is closed",
    -242: "appsecret_proof is wrong or missing", -248: "against Zalo's policy", -320: "no Zalo Cloud Account",
    -321: "the Zalo Cloud Account has no money",
}  # fmt: skip


class ZaloOaApi:
    """Calls of one application."""

    def __init__(self, settings: ZaloOaSettings, client: httpx.AsyncClient, tokens: TokenKeeper) -> None:
        self._settings, self._client, self._tokens = settings, client, tokens
        self._pacer = Pacer()

    async def send(self, path: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """POST something that a person will see; the answer's ``data``. Raises what the module says."""
        return await self._call("POST", path, json=body)

    async def read(self, path: str, query: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        """GET; parameters go as one query parameter ``data`` of JSON."""
        params = {"data": json.dumps(query, ensure_ascii=False)} if query is not None else None
        try:
            return await self._call("GET", path, params=params)
        except ChannelError as exc:
            raise for_reading(exc) from exc

    async def _call(self, method: str, path: str, **request: Any) -> Mapping[str, Any]:
        token = await self._tokens.token()
        answer = await self._once(method, path, token, **request)
        if _code(answer) in TOKEN_CODES:  # refused before anything was done, so it may be said again
            token = await self._tokens.token(rejected=token)
            answer = await self._once(method, path, token, **request)
        code = _code(answer)
        if code:
            raise _error(code)
        data = answer.get("data")
        return data if isinstance(data, dict) else {}

    async def _once(self, method: str, path: str, token: str, **request: Any) -> Mapping[str, Any]:
        await self._pacer.wait((f"{self._settings.per_minute}/minute", "application"))
        headers = {"access_token": token}
        if self._settings.proof:
            headers["appsecret_proof"] = hmac.new(self._settings.app_secret.encode(), token.encode(), hashlib.sha256).hexdigest()
        url = f"{self._settings.api_url.rstrip('/')}/{path}"
        return await call_json(self._client, method, url, says=("error",), headers=headers, **request)


def _code(answer: Mapping[str, Any]) -> int:
    try:
        return int(answer.get("error", 0))
    except (TypeError, ValueError):
        return PARAMETER_CODE


def _error(code: int) -> ChannelError:
    if code == RATE_CODE:
        return ChannelThrottled(str(code), RATE_PAUSE_S)
    if code in TOKEN_CODES:
        return ChannelDown("token", "Zalo refuses the access token")
    if code in WINDOW_CODES:
        return ChannelRefused("window", "the person has not written for seven days, or it is night")
    if code in GONE_CODES:
        return ChannelRefused("blocked", "the person left the OA or restricts it", is_gone=True)
    return ChannelRefused(str(code), WORDS.get(code, "a code that Zalo's documentation does not name"))
