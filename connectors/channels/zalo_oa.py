"""Zalo Official Account: signed webhook in, Open API v3 out.

No maintained Python SDK was found (docs/decisions/0018-zalo-without-sdk.md), so httpx behind one seam.
Zalo calls back within two seconds or repeats for two hours; it has no polling, no typing notice and no call to set
the webhook: the address is typed into the developer console.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlsplit

import httpx

from connectors.channels.base import ChannelCheck, ChannelLimits, ChannelPayload, PollBatch, SendReceipt
from connectors.channels.http_seam import quiet_http_logs
from connectors.channels.reading import Tally, id_text
from connectors.channels.settings import ZaloOaSettings
from connectors.channels.zalo_oa_api import PARAMETER_CODE, ZaloOaApi
from connectors.channels.zalo_oa_checks import check_oa
from connectors.channels.zalo_oa_events import EventReader
from connectors.channels.zalo_oa_render import (
    METHOD,
    MOST_BUTTONS,
    TITLE_CHARS,
    has_buttons,
    render_message,
    with_template_type,
    without_buttons,
)
from connectors.channels.zalo_oa_signature import Signature
from connectors.channels.zalo_oa_tokens import TokenKeeper, TokenStore
from connectors.errors import ChannelError, ChannelRefused
from connectors.http_client import HttpClient
from connectors.messages import IncomingMessage, OutgoingMessage

log = logging.getLogger(__name__)
HOUR_S = 3_600.0
SEND_PATH = "v3.0/oa/message/cs"
RENEW_EVERY_S = 600.0


class ZaloOaChannel:
    """``Channel`` for one Official Account.

    Attributes:
        ignored: events nobody handles, by name.
        tokens: also used by the command line to put in the first pair.
    """

    name = "zalo"

    def __init__(
        self, settings: ZaloOaSettings, store: TokenStore, on_alarm: Callable[[str], None] | None = None,
        on_recovered: Callable[[], None] | None = None,
    ) -> None:  # fmt: skip
        """``on_alarm`` is called, with words for staff, when only a person can bring the tokens back to life;
        ``on_recovered`` when there is a new pair."""
        self.settings = settings
        self.limits = ChannelLimits(
            text_chars=settings.text_chars,
            buttons=MOST_BUTTONS,
            button_title_chars=TITLE_CHARS,
            payload_bytes=1_000,
            reply_window_s=48 * HOUR_S,
            send_window_s=7 * 24 * HOUR_S,
        )
        self.ignored = Tally()
        timeout = httpx.Timeout(settings.timeout_s, connect=settings.connect_timeout_s)
        self._client = HttpClient(timeout=timeout)
        self.tokens = TokenKeeper(settings, self._client, store, on_alarm, on_recovered)
        self._api = ZaloOaApi(settings, self._client, self.tokens)
        self._signature = Signature(
            settings.app_id, {"OA secret key": settings.oa_secret_key, "application secret": settings.app_secret}, settings.max_age_s
        )
        self._reader = EventReader(settings.staff_needs_admin_id, self.ignored)
        self._template_type = settings.template_type
        self._renewing: asyncio.Task[None] | None = None

    def __repr__(self) -> str:
        return f"ZaloOaChannel(app {self.settings.app_id})"

    # Coming in.

    def verify(self, raw: bytes, headers: Mapping[str, str]) -> None:
        known = self._signature.fitted
        self._signature.check(raw, headers)
        if self._signature.fitted != known:
            log.info("zalo: events are signed with the %s", self._signature.fitted)

    def parse(self, raw: bytes, headers: Mapping[str, str]) -> Sequence[IncomingMessage]:
        return self._reader.read_body(raw)

    async def poll(self, cursor: str, timeout_s: float) -> PollBatch:
        raise ChannelRefused("method", "Zalo OA has no polling; it needs a webhook")

    # Going out.

    def render(self, message: OutgoingMessage) -> list[ChannelPayload]:
        return render_message(message, self.settings.text_chars, self.settings.button_query)

    async def send(self, payload: ChannelPayload) -> SendReceipt:
        if payload.method != METHOD:
            raise ChannelRefused("method", f"expected {METHOD}, got {payload.method}")
        body = dict(payload.body)
        data = await (self._send_buttons(body) if has_buttons(body) else self._api.send(SEND_PATH, body))
        message_id = id_text(data.get("message_id"))
        if message_id:
            self._reader.remember_ours(message_id)
        return SendReceipt(message_id)

    async def show_working(self, message: IncomingMessage) -> None:
        """Zalo OA has no typing notice."""

    async def _send_buttons(self, body: dict[str, object]) -> Mapping[str, object]:
        """In the form this OA takes. A refusal for a wrong parameter means that nothing was shown, so the next is tried."""
        forms = {"absent": [body], "button": [with_template_type(body)], "auto": [body, with_template_type(body)]}
        tried = forms[self._template_type]
        for form in tried:
            try:
                data = await self._api.send(SEND_PATH, form)
            except ChannelRefused as exc:
                if exc.code != str(PARAMETER_CODE):
                    raise
                continue
            if self._template_type == "auto":
                self._template_type = "absent" if form is body else "button"
                log.info("zalo: button messages are taken with template_type %s", self._template_type)
            return data
        log.warning("zalo: button messages are refused; sent as words")
        return await self._api.send(SEND_PATH, without_buttons(body, self.settings.text_chars))

    # Operating.

    async def start(self) -> None:
        quiet_http_logs()
        self._renewing = asyncio.create_task(self._keep_tokens_fresh())

    async def check(self) -> list[ChannelCheck]:
        quiet_http_logs()
        return await check_oa(self.settings, self.tokens, self._api)

    async def set_webhook(self, url: str) -> None:
        """Zalo has no call for it. Raises ChannelRefused with what to do by hand."""
        if not url:
            raise ChannelRefused("manual", "xóa địa chỉ ở developers.zalo.me, mục Webhook / delete the address on the Webhook page there")
        parts = urlsplit(url)
        if parts.scheme != "https" or parts.port is not None:
            raise ChannelRefused("address", "Zalo chỉ nhận https://TÊN-MIỀN/… không có cổng / Zalo takes https://DOMAIN/… without a port")
        raise ChannelRefused(
            "manual",
            f"Zalo không có lệnh đặt webhook. Mở developers.zalo.me, ứng dụng {self.settings.app_id}, mục Webhook, "
            f"dán {url} rồi bật các sự kiện / Zalo has no call for it: paste the address into the application's Webhook page",
        )

    async def aclose(self) -> None:
        if self._renewing is not None:
            self._renewing.cancel()
            await asyncio.gather(self._renewing, return_exceptions=True)
        await self.tokens.aclose()
        await self._client.aclose()

    async def _keep_tokens_fresh(self) -> None:
        """Also where nobody writes for months: an unused refresh token dies after three."""
        while True:
            try:
                await self.tokens.token()
            except ChannelError as exc:
                log.warning("zalo: no usable token (%s)", exc.code)
            await asyncio.sleep(RENEW_EVERY_S)
