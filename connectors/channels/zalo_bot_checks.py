"""``motcua channels check`` for Zalo's Bot Platform: what is wrong and how to mend it, in plain words."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from connectors.channels.base import ChannelCheck
from connectors.channels.settings import ZaloBotSettings
from connectors.errors import ChannelError

Ask = Callable[[str], Awaitable[dict[str, Any]]]
_SET_IT = "Chạy: motcua channels set-webhook zalo-bot / Run: motcua channels set-webhook zalo-bot"


async def check_bot(settings: ZaloBotSettings, ask: Ask) -> list[ChannelCheck]:
    """Token, then webhook. Never raises."""
    try:
        me = await ask("getMe")
    except ChannelError as exc:
        return [_token_fault(exc)]
    token = ChannelCheck("token", True, str(me.get("account_name") or me.get("name") or me.get("id") or "?")[:80])
    try:
        webhook = _webhook_check(str((await ask("getWebhookInfo")).get("url") or ""), settings.public_url)
    except ChannelError as exc:
        webhook = ChannelCheck("webhook", False, str(exc), "Chạy lại sau ít phút / Run this again in a few minutes")
    return [token, webhook]


def _token_fault(exc: ChannelError) -> ChannelCheck:
    if exc.code == "token":
        return ChannelCheck(
            "token", False, "Zalo không nhận token này / Zalo does not know this token",
            "Lấy token ở trang Zalo Bot Creator, chép vào MOTCUA_ZALO_BOT_TOKEN rồi khởi động lại / "
            "Copy the token from Zalo Bot Creator into MOTCUA_ZALO_BOT_TOKEN and restart",
        )  # fmt: skip
    return ChannelCheck(
        "token", False, f"không tới được Zalo Bot ({exc.code}) / cannot be reached",
        "Xem mạng và tường lửa: máy này cần ra được bot-api.zaloplatforms.com cổng 443 / "
        "Look at network and firewall: bot-api.zaloplatforms.com, port 443",
    )  # fmt: skip


def _webhook_check(is_set: str, wanted: str) -> ChannelCheck:
    if is_set == wanted:
        return ChannelCheck("webhook", True, is_set or "không đặt webhook: nhận tin bằng hỏi định kỳ / no webhook: polling")
    if not wanted:
        return ChannelCheck(
            "webhook", False, f"đang đặt webhook {is_set} nên không hỏi định kỳ được / a webhook is set, so polling is impossible",
            "Xóa: motcua channels set-webhook zalo-bot --delete, hoặc điền MOTCUA_PUBLIC_URL / Delete it, or fill in MOTCUA_PUBLIC_URL",
        )  # fmt: skip
    if not is_set:
        return ChannelCheck("webhook", False, "chưa đặt webhook / no webhook is set", _SET_IT)
    return ChannelCheck("webhook", False, f"Zalo đang gửi tới {is_set} / Zalo sends to another address", _SET_IT)
