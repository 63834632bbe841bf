"""``motcua channels check`` for Zalo OA: what is wrong and how to mend it, in plain words."""

from __future__ import annotations

from connectors.channels.base import ChannelCheck
from connectors.channels.settings import ZaloOaSettings
from connectors.channels.zalo_oa_api import ZaloOaApi
from connectors.channels.zalo_oa_tokens import TokenKeeper
from connectors.errors import ChannelError

_CONSENT = (
    "Cấp quyền rồi chạy: motcua channels zalo-login (docs/channels/zalo-oa.md, mục “Cấp quyền”) / "
    "Give consent, then run: motcua channels zalo-login (docs/channels/zalo-oa.en.md)"
)
_MEND = {
    "token": _CONSENT,
    "connection": "Xem mạng và tường lửa: máy này cần ra được openapi.zalo.me và oauth.zaloapp.com cổng 443 / "
    "Look at network and firewall: openapi.zalo.me and oauth.zaloapp.com, port 443",
    "store": "Xem cơ sở dữ liệu: motcua doctor / Look at the database: motcua doctor",
    "-209": "Kích hoạt ứng dụng ở developers.zalo.me / Activate the application at developers.zalo.me",
    "-219": "Ứng dụng đã bị gỡ khỏi OA; liên kết lại / The application was removed from the OA; link it again",
    "-221": "Xác thực OA ở oa.zalo.me / Verify the OA at oa.zalo.me",
    "-223": "Cấp quyền cho ứng dụng trong OA / Give the application its rights in the OA",
    "-224": "Gói OA không đủ; xem gói dịch vụ ở oa.zalo.me / The OA's tier is too low; see oa.zalo.me",
    "-242": "Đặt MOTCUA_ZALO_PROOF=true / Set MOTCUA_ZALO_PROOF=true",
}


async def check_oa(settings: ZaloOaSettings, tokens: TokenKeeper, api: ZaloOaApi) -> list[ChannelCheck]:
    """Tokens, account, webhook. Never raises."""
    checks = [await _check_tokens(tokens)]
    if checks[0].is_ok:
        checks.append(await _check_account(api))
    return [*checks, _check_webhook(settings)]


async def _check_tokens(tokens: TokenKeeper) -> ChannelCheck:
    try:
        await tokens.token()
        state = await tokens.state()
    except ChannelError as exc:
        return ChannelCheck("token", False, str(exc), _MEND.get(exc.code, _CONSENT))
    if state is None or state.is_dead:
        return ChannelCheck("token", False, "refresh token đã chết; token hiện tại sắp hết hạn / the refresh token is dead", _CONSENT)
    hours = max(0.0, state.life_s) / 3_600
    return ChannelCheck("token", True, f"còn {hours:.1f} giờ, tự làm mới / {hours:.1f} hours left, renewed by itself")


async def _check_account(api: ZaloOaApi) -> ChannelCheck:
    try:
        account = await api.read("v2.0/oa/getoa")
    except ChannelError as exc:
        return ChannelCheck("account", False, str(exc), _MEND.get(exc.code, "Chạy lại sau ít phút / Run this again in a few minutes"))
    name = str(account.get("name", "?"))[:80]
    if account.get("is_verified") is False:
        return ChannelCheck("account", False, f"OA “{name}” chưa xác thực / not verified", _MEND["-221"])
    return ChannelCheck("account", True, f"OA “{name}”")


def _check_webhook(settings: ZaloOaSettings) -> ChannelCheck:
    """Zalo does not tell what is set, so only what must be there can be said."""
    where = "developers.zalo.me → ứng dụng → Webhook"
    if not settings.oa_secret_key:
        return ChannelCheck(
            "webhook", False, "chưa có MOTCUA_ZALO_OA_SECRET_KEY; chỉ thử được khóa của ứng dụng / only the application's key is tried",
            f"Chép “OA Secret Key” ở {where} / Copy “OA Secret Key” from there",
        )  # fmt: skip
    if not settings.public_url.startswith("https://"):
        return ChannelCheck(
            "webhook", False, "chưa có địa chỉ https công khai / no public https address",
            "Điền MOTCUA_PUBLIC_URL=https://tên-miền; Zalo OA không có cách nhận tin nào khác / Fill in MOTCUA_PUBLIC_URL",
        )  # fmt: skip
    return ChannelCheck(
        "webhook", True, f"Zalo không cho hỏi; ở {where} phải là {settings.public_url} / Zalo does not tell: it has to be this address there"
    )


