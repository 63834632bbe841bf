"""What can go wrong in the connectors room.

    ConnectorError
    ├── DialogueUnavailable   Rasa gave no usable answer; carries the cause as one word
    ├── StoreError            the database cannot be opened, migrated or reached
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
