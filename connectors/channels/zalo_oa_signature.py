"""Zalo's webhook signature: plain SHA-256 over application, raw body, time and key (MacUtils of Zalo's Java SDK)."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime

from connectors.channels.reading import at_time, id_text
from connectors.errors import WebhookRefused

SIGNATURE_HEADER = "x-zevent-signature"
TIME_HEADER = "x-zevent-timestamp"
_MAC = re.compile(r"\s*(?:mac\s*=\s*)?([0-9a-fA-F]{64})\s*")


class Signature:
    """Checks events of one application.

    Attributes:
        fitted: name of the key that fitted the last event; "" before the first.
    """

    def __init__(self, app_id: str, keys: Mapping[str, str], max_age_s: float) -> None:
        """``keys``: name → key; sources differ on which one signs, so each is tried. Empty keys are left out."""
        self._app_id, self._max_age_s = app_id.encode(), max_age_s
        self._keys = {name: key.encode() for name, key in keys.items() if key}
        self.fitted = ""

    def check(self, raw: bytes, headers: Mapping[str, str], now: datetime | None = None) -> None:
        """Raises WebhookRefused: no signature, a wrong one, or an event that no retry of Zalo's would bring any more."""
        given = _MAC.fullmatch(headers.get(SIGNATURE_HEADER, ""))
        if given is None:
            raise WebhookRefused("missing", f"expected {SIGNATURE_HEADER}: mac=<64 hex digits>")
        timestamp = _timestamp(raw, headers)
        if not timestamp:
            raise WebhookRefused("missing", f"no timestamp in the body and no {TIME_HEADER}")
        mac = given.group(1).lower()
        fitting = [name for name, key in self._keys.items() if hmac.compare_digest(self._mac(raw, timestamp, key), mac)]
        if not fitting:
            raise WebhookRefused("wrong", "the signature fits no key we have; is MOTCUA_ZALO_OA_SECRET_KEY that of the webhook page?")
        at = at_time(timestamp)
        if at is None or abs(((now or datetime.now(UTC)) - at).total_seconds()) > self._max_age_s:
            raise WebhookRefused("stale", f"signed more than {self._max_age_s / 3600:g} hours from now; is this machine's clock right?")
        self.fitted = fitting[0]

    def _mac(self, raw: bytes, timestamp: str, key: bytes) -> str:
        return hashlib.sha256(self._app_id + raw + timestamp.encode() + key).hexdigest()


def _timestamp(raw: bytes, headers: Mapping[str, str]) -> str:
    """As the body says it; the header where the body has none. Read before anything is trusted: only to compute with."""
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        body = None
    said = id_text(body.get("timestamp")) if isinstance(body, dict) else ""
    return said or headers.get(TIME_HEADER, "").strip()
