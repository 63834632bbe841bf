"""The switch that replaces the assistant by a notice: one small file, seen by the running server within a second.

A file and no database row: the notice is needed most when the database is what broke.
"""

from __future__ import annotations

import json
import logging
import os
import time
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from connectors.errors import SettingsError

log = logging.getLogger(__name__)
LIMIT = 600
CHECK_EVERY_S = 1.0
STANDARD = "Trợ lý đang tạm nghỉ để bảo trì. Bạn vẫn tra cứu được thủ tục trên trang này, hoặc hỏi bộ phận một cửa nơi gần nhất."


@dataclass(frozen=True)
class Notice:
    """What citizens read instead of answers, and since when (UTC, ISO with seconds)."""

    text: str
    since: str


class NoticeSwitch:
    """Reads the notice file, at most once a second; asking it costs nothing in between."""

    def __init__(self, path: Path | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._path, self._clock = path, clock
        self._checked_at = float("-inf")
        self._stamp: tuple[int, int, int] | None = None
        self._notice: Notice | None = None

    def current(self) -> Notice | None:
        """The notice, or None while the assistant answers."""
        if self._path is None:
            return None
        now = self._clock()
        if now - self._checked_at >= CHECK_EVERY_S:
            self._checked_at = now
            self._look(self._path)
        return self._notice

    def _look(self, path: Path) -> None:
        try:
            state = path.stat()
        except FileNotFoundError:
            self._stamp = self._notice = None
            return
        except OSError as exc:  # the folder went away: what was shown last stays
            log.warning("the notice file cannot be looked at (%s)", exc.strerror)
            return
        stamp = (state.st_mtime_ns, state.st_size, state.st_ino)
        if stamp != self._stamp:
            self._stamp, self._notice = stamp, read_notice(path)


def read_notice(path: Path) -> Notice | None:
    """The notice in a file; None where there is none.

    A file that is there but cannot be read still switches the assistant off, with the standard words: somebody
    wanted it off.
    """
    try:
        given = json.loads(path.read_text(encoding="utf-8"))
        return Notice(_checked(given["text"]), str(given["since"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, SettingsError) as exc:
        log.warning("the notice file is damaged (%s), showing the standard notice", type(exc).__name__)
        return Notice(STANDARD, "")


def turn_on(path: Path, text: str) -> Notice:
    """Write the notice; a running server shows it within two seconds.

    Raises:
        SettingsError: the text is empty or too long.
        OSError: the folder cannot be written.
    """
    notice = Notice(_checked(text), datetime.now(UTC).isoformat(timespec="seconds"))
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps({"text": notice.text, "since": notice.since}, ensure_ascii=False), encoding="utf-8")
    os.replace(fresh, path)
    return notice


def turn_off(path: Path) -> bool:
    """Whether there was a notice to take away."""
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    return True


def _checked(text: str) -> str:
    text = unicodedata.normalize("NFC", text).strip()
    if not text or len(text) > LIMIT:
        raise SettingsError(f"notice: expected a text of 1 to {LIMIT} characters, got {len(text)}")
    return text
