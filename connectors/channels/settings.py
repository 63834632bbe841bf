"""What can be set about each channel. ``bot/settings.py`` reads the environment and fills these in.

Facts that the vendors document are constants of the connectors; what we only saw in code, or what differs
between sources, is a setting here. Secrets are kept out of every ``repr``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from connectors.errors import SettingsError

TELEGRAM_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")  # core.telegram.org/bots/api#setwebhook
TELEGRAM_TOKEN = re.compile(r"\d+:[A-Za-z0-9_-]{20,}")
BUTTON_QUERIES = ("oa.query.show", "oa.query.hide")
TEMPLATE_TYPES = ("auto", "button", "absent")


@dataclass(frozen=True)
class TelegramSettings:
    """One bot of Telegram's.

    Attributes:
        token: from @BotFather.
        webhook_secret: what Telegram has to send in ``X-Telegram-Bot-Api-Secret-Token``; 1 to 256 of A-Za-z0-9_-.
        api_url: another one for a Bot API server of your own, or for tests.
        public_url: the webhook's address as it should be set; only compared in ``check``. "" where we poll.
        username: the bot's name without "@"; read from Telegram at start where empty.
        per_second, per_group_minute: how fast we send; Telegram allows 30 and 20.
        per_chat_5s: messages to one person in five seconds; Telegram allows one a second, and short bursts.
    """

    token: str = field(repr=False)
    webhook_secret: str = field(repr=False)
    api_url: str = "https://api.telegram.org"
    public_url: str = ""
    username: str = ""
    timeout_s: float = 10.0
    connect_timeout_s: float = 5.0
    text_chars: int = 4_096
    per_second: int = 25
    per_group_minute: int = 18
    per_chat_5s: int = 4

    def __post_init__(self) -> None:
        _require(TELEGRAM_TOKEN.fullmatch(self.token), "telegram token", "a token as @BotFather gives it (digits:letters)")
        _require(TELEGRAM_SECRET.fullmatch(self.webhook_secret), "telegram webhook_secret", "1 to 256 of A-Z a-z 0-9 _ -")
        _require_address(self.api_url, "telegram api_url")
        _require(0 < self.text_chars <= 4_096, "telegram text_chars", "1 to 4096")
        _require_positive(self, "telegram", "timeout_s", "connect_timeout_s", "per_second", "per_group_minute", "per_chat_5s")


@dataclass(frozen=True)
class ZaloOaSettings:
    """One Official Account of Zalo's, with the application that speaks for it.

    Attributes:
        app_id, app_secret: of the application in Zalo's developer console.
        oa_secret_key: "OA Secret Key" of the webhook page. Some sources sign with the application's secret
            instead, so both are tried; which one fitted is logged once, without its value.
        seed_refresh_token, seed_access_token: the first pair (API Explorer, or the consent page). Used where the
            database holds none, and again when another seed is given after the old tokens died.
        proof: send ``appsecret_proof`` with each call (accounts that require it answer -242 without).
        refresh_after_s: a token is replaced when it is this old (they live 25 hours).
        refresh_wait_s: how long a message waits for a token before it is put off; less than the time a send may take.
        max_age_s: an event older or newer than this is refused; Zalo's last retry comes after 1 h 50.
        template_type: whether the payload of a button message carries ``"template_type": "button"``. "auto"
            tries without, then with it, and stays with what was taken.
        button_query: ``oa.query.show`` (the citizen sees the payload in the chat) or ``oa.query.hide``.
        staff_needs_admin_id: only ``oa_send_*`` events with ``sender.admin_id`` count as written by a person.
        per_minute: calls of the application; Zalo allows 4,000.
    """

    app_id: str
    app_secret: str = field(repr=False)
    oa_secret_key: str = field(default="", repr=False)
    seed_refresh_token: str = field(default="", repr=False)
    seed_access_token: str = field(default="", repr=False)
    api_url: str = "https://openapi.zalo.me"
    oauth_url: str = "https://oauth.zaloapp.com"
    public_url: str = ""
    timeout_s: float = 10.0
    connect_timeout_s: float = 5.0
    proof: bool = False
    refresh_after_s: float = 20 * 3_600.0
    refresh_wait_s: float = 15.0
    max_age_s: float = 3 * 3_600.0
    text_chars: int = 2_000
    template_type: str = "auto"
    button_query: str = "oa.query.show"
    staff_needs_admin_id: bool = True
    per_minute: int = 3_600

    def __post_init__(self) -> None:
        _require(self.app_id.isdigit(), "zalo app_id", "digits, as in Zalo's developer console")
        _require(self.app_secret, "zalo app_secret", "the application's secret key")
        _require_address(self.api_url, "zalo api_url")
        _require_address(self.oauth_url, "zalo oauth_url")
        _require(self.template_type in TEMPLATE_TYPES, "zalo template_type", " or ".join(TEMPLATE_TYPES))
        _require(self.button_query in BUTTON_QUERIES, "zalo button_query", " or ".join(BUTTON_QUERIES))
        _require(0 < self.text_chars <= 2_000, "zalo text_chars", "1 to 2000")
        _require_positive(
            self, "zalo", "timeout_s", "connect_timeout_s", "refresh_after_s", "refresh_wait_s", "max_age_s", "per_minute"
        )


@dataclass(frozen=True)
class ZaloBotSettings:
    """One bot of Zalo's Bot Platform (no Official Account needed).

    Attributes:
        token: as the platform gives it.
        webhook_secret: 8 to 256 characters.
        name: how people address the bot in groups, without "@"; group messages that do not are dropped. Read from
            Zalo at start where empty.
        per_second: how fast we send; the platform documents no limit.
    """

    token: str = field(repr=False)
    webhook_secret: str = field(repr=False)
    api_url: str = "https://bot-api.zaloplatforms.com"
    public_url: str = ""
    name: str = ""
    timeout_s: float = 10.0
    connect_timeout_s: float = 5.0
    text_chars: int = 2_000
    per_second: int = 20

    def __post_init__(self) -> None:
        _require(len(self.token) >= 16 and not set(self.token) & set("/?# "), "zalo-bot token", "the token the platform gave")
        _require(8 <= len(self.webhook_secret) <= 256, "zalo-bot webhook_secret", "8 to 256 characters")
        _require(self.webhook_secret.isascii(), "zalo-bot webhook_secret", "plain letters and digits")
        _require_address(self.api_url, "zalo-bot api_url")
        _require(0 < self.text_chars <= 2_000, "zalo-bot text_chars", "1 to 2000")
        _require_positive(self, "zalo-bot", "timeout_s", "connect_timeout_s", "per_second")


def _require_positive(settings: object, channel: str, *names: str) -> None:
    for name in names:
        _require(getattr(settings, name) > 0, f"{channel} {name}", "a number above 0")


def _require_address(url: str, key: str) -> None:
    parts = urlsplit(url)
    _require(parts.scheme in ("http", "https") and parts.hostname, key, "an http address")


def _require(is_right: object, key: str, expected: str) -> None:
    """The value is never shown: most of these are secrets."""
    if not is_right:
        raise SettingsError(f"setting {key}: expected {expected}, got something else")
