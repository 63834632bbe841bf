"""What can go wrong in the connectors room.

    ConnectorError
    ├── DialogueUnavailable   Rasa gave no usable answer; carries the cause as one word
    ├── StoreError            the database cannot be opened, migrated or reached
    ├── WebhookError          a webhook's body is not taken
    │   ├── WebhookRefused        secret or signature missing or wrong, or too old
    │   └── WebhookUnreadable     no JSON, or not the channel's shape
    ├── ChannelError          a channel did not do what it was asked
    │   ├── ChannelRefused        it said no and always will: never repeat
    │   ├── ChannelThrottled      too fast: surely not delivered, carries when to try again
    │   │   └── ChatThrottled     too fast for one chat only
    │   ├── ChannelDown           surely not delivered: try again
    │   └── ChannelUnsure         fate unknown: never repeated blindly
    └── SettingsError         a setting is missing or wrong; stops the start
"""

from __future__ import annotations


class ConnectorError(Exception):
    """Root of this room's errors."""


class DialogueUnavailable(ConnectorError):
    """Rasa gave no usable answer; the gateway answers directly instead.

    Attributes:
        cause: ``timeout``, ``connection``, ``http_status``, ``empty``, ``protocol`` or ``circuit_open``.
        retry_after_s: when trying again makes sense, None when at once.
    """

    def __init__(self, cause: str, detail: str = "", retry_after_s: float | None = None) -> None:
        super().__init__(f"{cause}: {detail}" if detail else cause)
        self.cause = cause
        self.retry_after_s = retry_after_s


class StoreError(ConnectorError):
    """The database cannot be opened, migrated or reached; the message names no password."""


class SettingsError(ConnectorError):
    """A setting is missing or wrong; the message names key and value, never a secret."""


class WebhookError(ConnectorError):
    """A webhook's body is not taken."""


class WebhookRefused(WebhookError):
    """Secret or signature missing or wrong, or the event too old.

    Attributes:
        cause: ``missing``, ``wrong`` or ``stale``; a label of the metrics.
    """

    def __init__(self, cause: str, detail: str = "") -> None:
        super().__init__(f"{cause}: {detail}" if detail else cause)
        self.cause = cause


class WebhookUnreadable(WebhookError):
    """The body is no JSON, or not the channel's shape; the message quotes nothing of it."""


class ChannelError(ConnectorError):
    """A channel did not do what it was asked.

    Attributes:
        code: the channel's own error code or HTTP status, or a word of ours (``timeout``, ``connection``,
            ``token``, ``blocked``, ``window``); short, no citizen's words, no secret. A label of the metrics.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code


class ChannelRefused(ChannelError):
    """The channel said no and always will. ``is_gone``: the person blocked us or left; do not write again."""

    def __init__(self, code: str, detail: str = "", is_gone: bool = False) -> None:
        super().__init__(code, detail)
        self.is_gone = is_gone


class ChannelThrottled(ChannelError):
    """Too fast; surely not delivered. Nothing more goes out on this channel for ``retry_after_s`` seconds."""

    def __init__(self, code: str, retry_after_s: float, detail: str = "") -> None:
        super().__init__(code, detail)
        self.retry_after_s = retry_after_s


class ChatThrottled(ChannelThrottled):
    """Too fast for this one chat, a group; others need not wait."""


class ChannelDown(ChannelError):
    """Surely not delivered; may be sent again."""


class ChannelUnsure(ChannelError):
    """Nobody knows whether it was delivered; never repeated blindly."""
