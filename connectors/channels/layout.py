"""How an answer is laid out where a channel's messages are short or have no buttons. Shared by all connectors."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from connectors.messages import Button

PICK_HINT = "Bạn gõ số thứ tự để chọn nhé."
_HAS_HINT = re.compile(r"gõ số", re.IGNORECASE)
_NUMBER = re.compile(r"^\d{1,2}\. ")
#: Where a long text may be cut, best first: paragraph, line, sentence, word.
_CUTS = (re.compile(r"\n\s*\n"), re.compile(r"\n"), re.compile(r"(?<=[.!?…;:])\s"), re.compile(r"\s"))
#: A better cut is taken only if the piece before it is at least this full, so that no crumbs are sent.
_LEAST_FILL = 0.4


def utf16_units(text: str) -> int:
    """Length as Telegram's clients count it; never less than the number of characters."""
    return len(text.encode("utf-16-le")) // 2


def split_text(text: str, limit: int) -> list[str]:
    """Cut a text into pieces of at most ``limit`` UTF-16 units, between paragraphs where that is possible.

    Returns:
        Pieces without white space at their ends; nothing of the text but white space is lost. [] for an empty text.
    """
    rest, pieces = text.strip(), []
    while utf16_units(rest) > limit:
        cut = _best_cut(rest, _longest_prefix(rest, limit))
        pieces.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*pieces, rest] if rest else pieces


def shorten(text: str, limit: int) -> str:
    """At most ``limit`` UTF-16 units, with "…" where something is missing."""
    text = " ".join(text.split())
    if utf16_units(text) <= limit:
        return text
    return text[: _longest_prefix(text, limit - 1)].rstrip() + "…"


def with_numbers(text: str, buttons: Sequence[Button]) -> tuple[str, tuple[str, ...]]:
    """Write buttons below the text: payloads as numbered lines, addresses and telephone numbers as they are.

    A line that already stands in the text ("2. Đăng ký tạm trú") is not repeated.

    Returns:
        The text, and the payloads behind 1, 2, ….
    """
    standing = {line.strip() for line in text.split("\n")}
    picks = [button for button in buttons if button.payload]
    lines = [line for n, button in enumerate(picks, 1) if (line := f"{n}. {bare_title(button.title)}") not in standing]
    if picks and not _HAS_HINT.search(text):
        lines.append(PICK_HINT)
    lines += [_plain_line(button) for button in buttons if not button.payload]
    parts = [text, "\n".join(lines)] if lines else [text]
    return "\n\n".join(part for part in parts if part), tuple(button.payload for button in picks)


def bare_title(title: str) -> str:
    """A button's title without a number of its own."""
    return _NUMBER.sub("", title.strip())


def _plain_line(button: Button) -> str:
    return f"{button.title}: {button.url or button.phone}"


def _longest_prefix(text: str, limit: int) -> int:
    """How many characters fit into ``limit`` units; at least one, and no mark is torn from its letter."""
    units, end = 0, len(text)
    for at, character in enumerate(text):
        units += 2 if ord(character) > 0xFFFF else 1
        if units > limit:
            end = at
            break
    while end > 1 and end < len(text) and unicodedata.combining(text[end]):
        end -= 1
    return max(end, 1)


def _best_cut(text: str, most: int) -> int:
    window = text[: most + 1]  # a space just behind the limit is a fine place
    for pattern in _CUTS:
        places = [match.start() for match in pattern.finditer(window) if match.start() <= most]
        if places and places[-1] >= most * _LEAST_FILL:
            return places[-1]
    return most
