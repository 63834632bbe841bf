"""Small readers every connector's ``parse`` uses: tolerant of types, strict about shape."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from connectors.errors import WebhookUnreadable

_NAME = re.compile(r"[a-z][a-z0-9_.]{0,47}")
_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?=\s|$)\s*")
_MOST_NAMES = 60


def json_object(raw: bytes) -> dict[str, Any]:
    """Raises WebhookUnreadable where the body is no JSON object; nothing of it is quoted."""
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError) as exc:
        raise WebhookUnreadable(f"expected a JSON object, got {len(raw)} bytes that are no JSON") from exc
    if not isinstance(found, dict):
        raise WebhookUnreadable(f"expected a JSON object, got {type(found).__name__}")
    return found


def part(body: Mapping[str, Any], key: str) -> dict[str, Any]:
    """An object inside; {} where there is none or something else stands there."""
    found = body.get(key)
    return found if isinstance(found, dict) else {}


def id_text(value: object) -> str:
    """An id as text, whether it came as text or as a number; "" for anything else."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return ""
    return words(str(value)).strip()[:128]


def words(value: object) -> str:
    """A text without what no database or protocol takes: the character NUL, halves of a character. "" for anything else."""
    if not isinstance(value, str):
        return ""
    return value.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "ignore")


def at_time(value: object) -> datetime | None:
    """A time in seconds or milliseconds since 1970, as text or number; None for anything else."""
    try:
        number = float(value)  # type: ignore[arg-type]
        return datetime.fromtimestamp(number / 1000 if number > 1e11 else number, UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def split_command(text: str) -> tuple[str, str]:
    """"/nguoi xin chào" → ("nguoi", "xin chào"); ("", text) where it is no command."""
    found = _COMMAND.match(text)
    return (found.group(1).lower(), text[found.end() :].strip()) if found else ("", text)


class Tally:
    """Counts events nobody handles, by name. Names come from outside, so their number and form are bounded."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def add(self, name: object) -> str:
        """The name it was counted under."""
        shown = name if isinstance(name, str) and _NAME.fullmatch(name) else "nameless"
        if shown not in self.counts and len(self.counts) >= _MOST_NAMES:
            shown = "others"
        self.counts[shown] += 1
        return shown
