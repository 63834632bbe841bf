"""Zalo's Official Account: Open API v3 (and the v2.0 calls that stayed), OAuth v4, signed webhook events."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections import deque
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from connectors.store.sealing import Seal
from tests.channel_servers.courier import RETRY_AFTER_S, Courier, Parcel
from tests.channel_servers.faults import answer_with, parameters
from tests.channel_servers.serving import ChannelServer
from tests.channel_servers.zalo_people import ZaloPeople

APP_ID, APP_SECRET, OA_SECRET = "1000000000000000001", "test-app-secret", "test-oa-secret-key"
SEAL = Seal("A" * 43)  # what the product under test seals its tokens with
OA_ID = "2000000000000000002"
TEXT_LIMIT, BUTTONS_LIMIT, TITLE_LIMIT, QUERY_LIMIT = 2_000, 5, 100, 1_000
BUTTON_TYPES = {"oa.open.url", "oa.query.show", "oa.query.hide", "oa.open.phone", "oa.open.sms"}
HOUR, DAY = 3_600, 86_400
WORDS = {
    -32: "Rate limit exceeded", -100: "Attachment expired", -200: "Send message failed", -201: "Params is invalid",
    -204: "OA is disabled", -205: "OA does not exist", -209: "App is inactive", -210: "Params exceed the limit",
    -211: "Out of quota", -213: "User has not followed OA", -216: "Access token is invalid", -217: "User blocked invitation",
    -218: "Out of recipient quota", -219: "App was removed", -220: "Access token has expired", -221: "OA is not verified",
    -223: "OA has no permission", -224: "OA tier is not sufficient", -227: "User is inactive or banned",
    -230: "User has not interacted with the OA in the past 7 days", -232: "User has not interacted with the OA",
    -233: "Message type is not supported", -240: "API V2 is closed", -242: "appsecret_proof is invalid",
    -244: "User has restricted this OA", -248: "Policy violation", -124: "Access token is invalid",
}  # fmt: skip


class ZaloRefusal(Exception):
    def __init__(self, code: int) -> None:
        super().__init__(WORDS.get(code, "Error"))
        self.code = code


class ZaloOaServer(ZaloPeople, ChannelServer):
    """One Official Account and one application.

    Attributes:
        access_token_s: life of an access token (25 hours as documented); ``expire_tokens`` ends it at once.
        spent_refresh_tokens: used ones; using one again is refused, and kills nothing else.
        template_type: what a button message's payload must carry: "any", "button" or "absent".
        needs_proof: refuse calls without ``appsecret_proof`` (-242).
        rate_per_minute: calls of one application.
        last_interaction: second of each user's last act, by this server's clock.
    """

    name = "zalo-oa"

    def __init__(self, template_type: str = "any", needs_proof: bool = False, rate_per_minute: int = 4_000) -> None:
        ChannelServer.__init__(self, Courier(retry_after_s=RETRY_AFTER_S, timeout_s=2))
        ZaloPeople.__init__(self, APP_ID, OA_ID)
        self.template_type, self.needs_proof, self.rate_per_minute = template_type, needs_proof, rate_per_minute
        self.access_token_s: float = 25 * HOUR
        self.access_tokens: dict[str, float] = {}
        self.refresh_tokens: set[str] = set()
        self.spent_refresh_tokens: set[str] = set()
        self.codes: dict[str, str] = {}
        self.webhook_url = ""
        self.oa_secret = OA_SECRET
        self.uploads: dict[str, float] = {}
        self._called_at: deque[float] = deque()

    def new_pair(self) -> dict[str, str]:
        """A pair of tokens as the consent page would give it."""
        with self.lock:
            pair = {"access_token": "at-" + secrets.token_hex(16), "refresh_token": "rt-" + secrets.token_hex(16)}
            self.access_tokens[pair["access_token"]] = self.now() + self.access_token_s
            self.refresh_tokens.add(pair["refresh_token"])
            return pair | {"expires_in": str(int(self.access_token_s))}

    def new_code(self, verifier: str) -> str:
        """A code as the consent page hands it to the callback; good once."""
        code = "code-" + secrets.token_hex(8)
        self.codes[code] = verifier
        return code

    def expire_tokens(self) -> None:
        """Every access token has expired."""
        with self.lock:
            self.access_tokens = dict.fromkeys(self.access_tokens, self.now() - 1)

    def revoke_all(self) -> None:
        """The OA's owner withdrew the consent: no token works any more."""
        with self.lock:
            self.access_tokens.clear()
            self.refresh_tokens.clear()

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/v4/oa/access_token", self._oauth, methods=["POST"]),
            Route("/{version}/oa/{method:path}", self._call, methods=["GET", "POST"]),
        ]

    # OAuth.

    async def _oauth(self, request: Request) -> Response:
        given = dict(await request.form())
        kind = str(given.get("grant_type", ""))

        async def work() -> Response:
            with self.lock:
                answer = self._grant(kind, given, request.headers)
            self.note_call("oauth/" + kind, {key: "…" for key in given}, answer.get("error", "ok"))
            return JSONResponse(answer)

        return await answer_with(self.faults.take("oauth/" + kind), work, _oauth_error)

    def _grant(self, kind: str, given: Mapping[str, Any], headers: Mapping[str, str]) -> dict[str, Any]:
        if headers.get("secret_key") != APP_SECRET:
            return _oauth_body(-14004, "Invalid secret key")
        if given.get("app_id") != APP_ID:
            return _oauth_body(-14002, "Invalid application")
        if kind == "authorization_code":
            verifier = self.codes.pop(str(given.get("code", "")), None)
            if verifier is None or verifier != given.get("code_verifier"):
                return _oauth_body(-14003, "Invalid authorization code or code verifier")
            return self.new_pair()
        if kind != "refresh_token":
            return _oauth_body(-14001, "Invalid grant type")
        token = str(given.get("refresh_token", ""))
        if token not in self.refresh_tokens:
            return _oauth_body(-14014, "Invalid refresh token")
        self.refresh_tokens.discard(token)
        self.spent_refresh_tokens.add(token)
        return self.new_pair()

    # Open API.

    async def _call(self, request: Request) -> Response:
        method = request.path_params["version"] + "/" + request.path_params["method"]
        given = await parameters(request)
        if request.method == "GET" and "data" in given:
            given = json.loads(given["data"])

        async def work() -> Response:
            with self.lock:
                try:
                    answer = {"data": self._do(method, given, request.headers), "error": 0, "message": "Success"}
                except ZaloRefusal as refusal:
                    answer = {"error": refusal.code, "message": str(refusal)}
                self.note_call(method, given, answer["error"] or "ok")
            remain = max(0, self.rate_per_minute - len(self._called_at))
            return JSONResponse(answer, headers={"X-RateLimit-Limit": str(self.rate_per_minute), "X-RateLimit-Remain": str(remain)})

        return await answer_with(self.faults.take(method), work, _api_error)

    def _do(self, method: str, given: dict[str, Any], headers: Mapping[str, str]) -> dict[str, Any]:
        self._check_token(headers)
        self._check_rate()
        if method == "v3.0/message/cs":
            return self._consultation(given)
        if method == "v2.0/getoa":
            return {"oa_id": OA_ID, "name": "Xã Hoa Mơ thử nghiệm", "is_verified": True, "oa_type": 4, "num_follower": len(self.last_interaction)}
        if method == "v3.0/user/detail":
            return self._user(given)
        if method == "v3.0/quota/message":
            at = self.last_interaction.get(str(given.get("user_id")))
            return {"last_interaction": str(int(at * 1000)) if at else "", "cs_reply": {"type": "reply", "total": 0, "remain": 0}}
        if method in ("v2.0/upload/image", "v2.0/upload/file", "v2.0/upload/gif"):
            token = "up-" + secrets.token_hex(8)
            self.uploads[token] = self.now() + 7 * DAY
            return {"attachment_id": token} if method.endswith(("image", "gif")) else {"token": token}
        if method == "v2.0/message":
            return {"message_id": secrets.token_hex(12)}
        raise ZaloRefusal(-212)

    def _check_token(self, headers: Mapping[str, str]) -> None:
        token = headers.get("access_token", "")
        if token not in self.access_tokens:
            raise ZaloRefusal(-216)
        if self.access_tokens[token] <= self.now():
            raise ZaloRefusal(-220)
        if self.needs_proof:
            proof = hmac.new(APP_SECRET.encode(), token.encode(), hashlib.sha256).hexdigest()
            if headers.get("appsecret_proof") != proof:
                raise ZaloRefusal(-242)

    def _check_rate(self) -> None:
        now = self.now()
        while self._called_at and now - self._called_at[0] > 60:
            self._called_at.popleft()
        if len(self._called_at) >= self.rate_per_minute:
            raise ZaloRefusal(-32)
        self._called_at.append(now)

    def _consultation(self, given: dict[str, Any]) -> dict[str, Any]:
        user, message = given.get("recipient", {}).get("user_id"), given.get("message")
        if not isinstance(user, str) or not isinstance(message, dict):
            raise ZaloRefusal(-201)
        quota = self._check_window(user)
        text = message.get("text", "")
        if not isinstance(text, str) or (not text.strip() and "attachment" not in message):
            raise ZaloRefusal(-201)
        if len(text) > TEXT_LIMIT:
            raise ZaloRefusal(-210)
        buttons = self._checked_attachment(message.get("attachment"))
        message_id = secrets.token_hex(12)
        self.sent.append({
            "chat": user, "text": text, "buttons": buttons, "message_id": message_id, "reply_to": message.get("quote_message_id", ""),
            "quota": quota, "at": self.now(),
        })  # fmt: skip
        return {"message_id": message_id, "user_id": user, "sent_time": str(int(self.now() * 1000)), "quota": {"quota_type": quota}}

    def _check_window(self, user: str) -> str:
        """The kind of quota used: ``reply`` within 48 hours, ``purchase_quota`` up to seven days."""
        if user in self.restricting:
            raise ZaloRefusal(-244)
        last = self.last_interaction.get(user)
        if last is None:
            raise ZaloRefusal(-232)
        idle_s = self.now() - last
        if idle_s > 7 * DAY:
            raise ZaloRefusal(-230)
        return "reply" if idle_s <= 48 * HOUR else "purchase_quota"

    def _checked_attachment(self, attachment: Any) -> list[dict[str, Any]]:
        """The buttons of a button message."""
        if attachment is None:
            return []
        if not isinstance(attachment, dict) or attachment.get("type") not in ("template", "file"):
            raise ZaloRefusal(-201)
        payload = attachment.get("payload", {})
        if attachment["type"] == "file" or payload.get("template_type") == "media":
            elements = payload.get("elements", [payload])
            for element in elements:
                token = element.get("attachment_id") or element.get("token")
                if token and self.uploads.get(token, 0) <= self.now():
                    raise ZaloRefusal(-100)
                if not token and not str(element.get("url", "")).startswith("https://"):
                    raise ZaloRefusal(-201)
            return []
        has_type = payload.get("template_type")
        if (self.template_type == "button" and has_type != "button") or (self.template_type == "absent" and has_type):
            raise ZaloRefusal(-201)
        buttons = payload.get("buttons", [])
        if not buttons or len(buttons) > BUTTONS_LIMIT:
            raise ZaloRefusal(-210)
        for button in buttons:
            _check_button(button)
        return buttons

    def _user(self, given: dict[str, Any]) -> dict[str, Any]:
        user = str(given.get("user_id", ""))
        if user not in self.last_interaction:
            raise ZaloRefusal(-213)
        return {"user_id": user, "display_name": "Người thử", "user_is_follower": user in self.followers}

    # Webhook.

    def deliver(self, event: dict[str, Any], signature: str | None = None, delay_s: float = 0.0, secret: str | None = None) -> None:
        """Bring a signed event; ``signature`` overrides the header ("" leaves it out), ``secret`` the key."""
        if not self.webhook_url:
            return
        body = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
        mac = sign(body, str(event.get("timestamp", "")), self.oa_secret if secret is None else secret, str(event.get("app_id", APP_ID)))
        shown = mac if signature is None else signature

        def headers(attempt: int) -> dict[str, str]:
            made = {"content-type": "application/json"} | ({"X-ZEvent-Signature": shown} if shown else {})
            return made | ({"num_retry": str(attempt)} if attempt else {})

        key = str(event.get("message", {}).get("msg_id") or f"{event.get('event_name')}-{event.get('timestamp')}")
        self.post(Parcel(key, self.webhook_url, body, headers, delay_s))


def sign(body: bytes, timestamp: str, secret: str = OA_SECRET, app_id: str = APP_ID) -> str:
    """The header Zalo makes: plain SHA-256 over application, raw body, time and key (MacUtils of its Java SDK)."""
    return "mac=" + hashlib.sha256(app_id.encode() + body + timestamp.encode() + secret.encode()).hexdigest()


def _check_button(button: dict[str, Any]) -> None:
    if button.get("type") not in BUTTON_TYPES or not button.get("title"):
        raise ZaloRefusal(-201)
    if len(button["title"]) > TITLE_LIMIT:
        raise ZaloRefusal(-210)
    payload = button.get("payload")
    if button["type"].startswith("oa.query"):
        if not isinstance(payload, str) or not payload:
            raise ZaloRefusal(-201)
        if len(payload) > QUERY_LIMIT:
            raise ZaloRefusal(-210)
        return
    url, number = (str(payload.get(key, "")) for key in ("url", "phone_code")) if isinstance(payload, dict) else ("", "")
    is_right = {"oa.open.url": url.startswith(("https://", "http://")), "oa.open.phone": number.startswith("84")}
    if not isinstance(payload, dict) or not is_right.get(button["type"], True):
        raise ZaloRefusal(-201)


def _api_error(code: int, _detail: dict[str, Any]) -> Response:
    """Errors come with HTTP 200."""
    return JSONResponse({"error": code, "message": WORDS.get(code, "Error")})


def _oauth_body(code: int, words: str) -> dict[str, Any]:
    return {"error": code, "error_name": words, "error_reason": words, "error_description": words}


def _oauth_error(code: int, _detail: dict[str, Any]) -> Response:
    return JSONResponse(_oauth_body(code, "fault on demand"))
