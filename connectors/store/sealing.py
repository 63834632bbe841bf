"""Seals secrets before they are stored, so that a copy of the database alone opens nothing.

Fernet of the library ``cryptography``: AES-128-CBC with HMAC-SHA256, so a changed text is noticed as well.
"""

from __future__ import annotations

import base64
import binascii

from cryptography.fernet import Fernet, InvalidToken

from connectors.errors import SettingsError

MARK = "fernet:"
KEY_BYTES = 32


class SealBroken(Exception):
    """The text was sealed with another key, or was changed."""


class Seal:
    """One key. Its ``repr`` shows nothing of it."""

    def __init__(self, key: str) -> None:
        """
        Args:
            key: 32 random bytes in URL-safe base64, with or without padding (``secrets.token_urlsafe(32)``).

        Raises:
            SettingsError: it is no such key.
        """
        self._fernet = Fernet(_whole(key))

    def close(self, text: str) -> str:
        return MARK + self._fernet.encrypt(text.encode()).decode()

    def open(self, stored: str) -> str:
        """The text. One that an earlier version stored unsealed comes back as it is. Raises SealBroken."""
        if not is_sealed(stored):
            return stored
        try:
            return self._fernet.decrypt(stored.removeprefix(MARK)).decode()
        except InvalidToken as exc:
            raise SealBroken("sealed with another key, or changed") from exc


def is_sealed(stored: str) -> bool:
    return stored.startswith(MARK)


def _whole(key: str) -> bytes:
    padded = key + "=" * (-len(key) % 4)
    try:
        if len(base64.b64decode(padded, altchars=b"-_", validate=True)) == KEY_BYTES:
            return padded.encode()
    except (binascii.Error, ValueError):
        pass
    raise SettingsError("secrets/zalo-tokens: expected 32 bytes in URL-safe base64, got something else; put the right file back, or remove it and run motcua channels zalo-login")
