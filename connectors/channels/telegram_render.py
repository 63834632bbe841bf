"""Answers as Telegram's ``sendMessage``: split, escaped, with an inline keyboard."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from typing import Any

from connectors.channels.base import ChannelPayload
from connectors.channels.layout import shorten, split_text, with_numbers
from connectors.messages import Button, OutgoingMessage

CALLBACK_BYTES = 64  # core.telegram.org/bots/api#inlinekeyboardbutton
MOST_BUTTONS = 100
MOST_ENTITIES = 90  # 100 are allowed
TITLE_CHARS = 64  # ours: a phone shows no more of a button
ROW_CHARS = 28  # two short buttons side by side, up to so many letters together
_TAG = re.compile(r"</?b>")
_HEADING_CHARS = 80


def render_message(message: OutgoingMessage, text_chars: int) -> list[ChannelPayload]:
    """The calls that show the message; the keyboard hangs below the last piece, the quote above the first."""
    pressed, written = _sort_buttons(message.buttons)
    text, numbered = with_numbers(message.text, written)
    pieces = split_text(text, text_chars) or ["…"]
    return [
        ChannelPayload(
            "sendMessage",
            _body(message, piece, is_first=n == 0, keyboard=_keyboard(pressed) if n == len(pieces) - 1 else []),
            message.chat_id,
            numbered if n == len(pieces) - 1 else (),
        )
        for n, piece in enumerate(pieces)
    ]


def plain_body(body: dict[str, Any]) -> dict[str, Any]:
    """The same without markup, for the case that Telegram does not like ours."""
    return {**body, "text": html.unescape(_TAG.sub("", body["text"])), "parse_mode": None}


def _sort_buttons(buttons: Sequence[Button]) -> tuple[list[Button], list[Button]]:
    """Those for the keyboard, and those that can only be written: telephone numbers, payloads above 64 bytes."""
    fits = [bool(b.url) or (bool(b.payload) and len(b.payload.encode()) <= CALLBACK_BYTES) for b in buttons]
    if any(b.payload and not fit for b, fit in zip(buttons, fits, strict=True)):
        fits = [fit and not b.payload for b, fit in zip(buttons, fits, strict=True)]  # all numbers or none
    pressed = [b for b, fit in zip(buttons, fits, strict=True) if fit][:MOST_BUTTONS]
    return pressed, [b for b, fit in zip(buttons, fits, strict=True) if not fit]


def _body(message: OutgoingMessage, piece: str, is_first: bool, keyboard: list[list[dict[str, str]]]) -> dict[str, Any]:
    chat_id, _, thread = message.chat_id.partition("#")
    body: dict[str, Any] = {"chat_id": chat_id, "text": _markup(piece), "parse_mode": "HTML"}
    if thread:
        body["message_thread_id"] = int(thread)
    if keyboard:
        body["keyboard"] = keyboard
    if message.reply_to_id.isdigit() and is_first:
        body["reply_to"] = int(message.reply_to_id)
    return body


def _markup(piece: str) -> str:
    """Escaped; short lines that end with ":" are headings, list marks become dots."""
    lines, n_bold = [], 0
    for line in piece.split("\n"):
        shown = html.escape(line, quote=False)
        if line.startswith("- "):
            shown = "• " + shown[2:]
        elif line.rstrip().endswith(":") and len(line) <= _HEADING_CHARS and n_bold < MOST_ENTITIES:
            shown, n_bold = f"<b>{shown}</b>", n_bold + 1
        lines.append(shown)
    return "\n".join(lines)


def _keyboard(buttons: Sequence[Button]) -> list[list[dict[str, str]]]:
    rows: list[list[dict[str, str]]] = []
    room = 0
    for button in buttons:
        title = shorten(button.title, TITLE_CHARS) or "…"
        shown = {"text": title, "url": button.url} if button.url else {"text": title, "callback_data": button.payload}
        if rows and len(rows[-1]) == 1 and len(title) <= room:
            rows[-1].append(shown)
            room = 0
        else:
            rows.append([shown])
            room = ROW_CHARS - len(title)
    return rows
