"""``motcua channels check`` for Telegram: what is wrong and how to mend it, in plain words."""

from __future__ import annotations

from datetime import UTC, datetime

from telegram import Bot, User, WebhookInfo
from telegram.error import InvalidToken, TelegramError

from connectors.channels.base import ChannelCheck
from connectors.channels.settings import TelegramSettings

_RECENT_S = 3_600


async def check_bot(bot: Bot, settings: TelegramSettings) -> list[ChannelCheck]:
    """Token, then what hangs on it. Never raises."""
    try:
        me = await bot.get_me()
    except InvalidToken:
        return [ChannelCheck(
            "token", False, "Telegram không nhận token này / Telegram does not know this token",
            "Nhắn @BotFather, lệnh /token, chép token mới vào MOTCUA_TELEGRAM_TOKEN rồi khởi động lại / "
            "Ask @BotFather (/token) for a new one, put it into MOTCUA_TELEGRAM_TOKEN and restart",
        )]  # fmt: skip
    except TelegramError as exc:
        return [ChannelCheck(
            "token", False, f"không tới được máy chủ Telegram ({type(exc).__name__}) / Telegram cannot be reached",
            "Xem mạng và tường lửa: máy này cần ra được api.telegram.org cổng 443 / "
            "Look at network and firewall: this machine has to reach api.telegram.org, port 443",
        )]  # fmt: skip
    checks = [ChannelCheck("token", True, f"@{me.username}"), _group_check(me)]
    try:
        checks.append(_webhook_check(await bot.get_webhook_info(), settings))
        checks.append(_commands_check(len(await bot.get_my_commands())))
    except TelegramError as exc:
        checks.append(ChannelCheck(
            "webhook", False, f"không hỏi được webhook ({type(exc).__name__}) / the webhook could not be asked for",
            "Chạy lại lệnh này sau ít phút / Run this again in a few minutes",
        ))  # fmt: skip
    return checks


def _group_check(me: User) -> ChannelCheck:
    if not me.can_join_groups:
        return ChannelCheck("groups", True, "bot không vào nhóm được (tắt ở @BotFather) / the bot cannot join groups")
    if me.can_read_all_group_messages:
        return ChannelCheck(
            "groups", True, "bot đọc được mọi tin trong nhóm; chỉ trả lời tin gọi nó / reads all group messages, answers when addressed",
            "Nên bật Privacy Mode ở @BotFather (/setprivacy) để Telegram chỉ gửi tin gọi bot / "
            "Better switch privacy mode on (/setprivacy), so that Telegram sends only what addresses the bot",
        )  # fmt: skip
    return ChannelCheck("groups", True, "trong nhóm chỉ nhận tin gọi bot / in groups receives only what addresses it")


def _webhook_check(info: WebhookInfo, settings: TelegramSettings) -> ChannelCheck:
    set_it = "Chạy: motcua channels set-webhook telegram / Run: motcua channels set-webhook telegram"
    if not info.url:
        if not settings.public_url:
            return ChannelCheck("webhook", True, "không đặt webhook: nhận tin bằng hỏi định kỳ / no webhook: long polling")
        return ChannelCheck("webhook", False, "chưa đặt webhook / no webhook is set", set_it)
    if not settings.public_url:
        return ChannelCheck(
            "webhook", False, f"đang đặt webhook {info.url} nên không hỏi định kỳ được / a webhook is set, so polling is impossible",
            "Xóa webhook: motcua channels set-webhook telegram --delete, hoặc điền MOTCUA_PUBLIC_URL / "
            "Delete it (--delete), or fill in MOTCUA_PUBLIC_URL",
        )  # fmt: skip
    if info.url != settings.public_url:
        return ChannelCheck("webhook", False, f"Telegram đang gửi tới {info.url} / Telegram sends to another address", set_it)
    waiting = f"{info.pending_update_count} tin đang chờ / waiting"
    if info.last_error_date is not None and (datetime.now(UTC) - info.last_error_date).total_seconds() < _RECENT_S:
        return ChannelCheck(
            "webhook", False, f"lần gửi gần đây bị lỗi: {info.last_error_message}; {waiting}",
            "Xem địa chỉ có mở từ Internet, chứng thư TLS còn hạn, và máy chủ trung gian chuyển /webhooks/telegram / "
            "Is the address open to the Internet, its certificate valid, and /webhooks/telegram passed on?",
        )  # fmt: skip
    return ChannelCheck("webhook", True, f"{info.url}; {waiting}")


def _commands_check(n_commands: int) -> ChannelCheck:
    if n_commands:
        return ChannelCheck("commands", True, f"{n_commands} lệnh trong bảng chọn / commands in the menu")
    return ChannelCheck("commands", True, "bảng chọn lệnh còn trống, sẽ được đăng ký khi khởi động / the menu is filled at the next start")
