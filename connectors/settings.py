"""What can be set about the gateway. ``bot/settings.py`` reads the environment and fills these in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from connectors.errors import SettingsError
from connectors.pages.settings import PagesSettings
from connectors.widget.settings import WidgetSettings


@dataclass(frozen=True)
class DialogueSettings:
    """How Rasa is reached. ``token`` is Rasa's own (``--auth-token``); it is never logged."""

    base_url: str = "http://127.0.0.1:5005"
    token: str = ""
    timeout_s: float = 8.0
    connect_timeout_s: float = 1.0
    turns_per_sender: int = 40
    sender_expiry_s: float = 3600.0
    failures_to_open: int = 3
    open_s: float = 10.0

    def __post_init__(self) -> None:
        _require(self.base_url.startswith(("http://", "https://")), "base_url", self.base_url, "an http address")
        for name in ("timeout_s", "connect_timeout_s", "turns_per_sender", "failures_to_open"):
            _require_positive(self, name)


@dataclass(frozen=True)
class GatewaySettings:
    """Limits and looks of the gateway.

    Attributes:
        question_limit: characters of a question; longer ones end as ``refused_too_long``.
        body_limit_bytes: hard limit of a request body; beyond it 413.
        action_body_limit_bytes: the same for Rasa's action calls, which carry the domain and the tracker.
        webhook_body_limit_bytes: the same for channels' webhooks.
        rate_limit_per_minute: API calls a minute and client address, 0 for none. Direct loopback
            callers (the machine itself) are never limited.
        session_ttl_s, max_sessions: how long and how many conversation contexts are kept in memory.
        direct_timeout_s, direct_threads: patience with, and threads of, the direct answerer.
        action_secret: what Rasa must send in ``X-Motcua-Action-Secret``; "" closes the action route.
        calendar_secret: signs the addresses of staff calendars; "" closes them.
        province: invented name on the demonstration portal.
        embed_origins: origins that may show ``/embed`` in a frame ("https://portal.example.vn").
        staff_session_s: a staff login ends after this many seconds.
        pages: the public pages, the kiosk and the notice.
        widget: the chat.
        outcomes: every status a turn can end with → what it means; the API's description lists them.
        login_failures: failures after which a name is locked out for ``lockout_s``.
    """

    question_limit: int = 2_000
    body_limit_bytes: int = 64 * 1024
    action_body_limit_bytes: int = 16 * 1024 * 1024
    webhook_body_limit_bytes: int = 256 * 1024
    rate_limit_per_minute: int = 240
    session_ttl_s: float = 3600.0
    max_sessions: int = 20_000
    direct_timeout_s: float = 20.0
    direct_threads: int = 2
    action_secret: str = ""
    calendar_secret: str = ""
    province: str = "Lam Giang"
    embed_origins: tuple[str, ...] = ()
    staff_session_s: float = 8 * 3600.0
    login_failures: int = 5
    lockout_s: float = 300.0
    pages: PagesSettings = PagesSettings()
    widget: WidgetSettings = WidgetSettings()
    outcomes: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in (
            "question_limit", "body_limit_bytes", "action_body_limit_bytes", "webhook_body_limit_bytes",
            "session_ttl_s", "max_sessions", "direct_timeout_s", "direct_threads", "staff_session_s", "login_failures", "lockout_s",
        ):  # fmt: skip
            _require_positive(self, name)
        _require(self.rate_limit_per_minute >= 0, "rate_limit_per_minute", self.rate_limit_per_minute, "0 or more")
        for origin in self.embed_origins:
            is_origin = origin.startswith(("http://", "https://")) and not set(origin) & set(" ;,'\"")
            _require(is_origin, "embed_origins", origin, "origins such as https://portal.example.vn")


def _require_positive(settings: object, name: str) -> None:
    value = getattr(settings, name)
    _require(value > 0, name, value, "a number above 0")


def _require(is_right: bool, key: str, value: object, expected: str) -> None:
    if not is_right:
        raise SettingsError(f"setting {key}: expected {expected}, got {value!r}")
