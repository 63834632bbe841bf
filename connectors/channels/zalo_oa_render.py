"""Answers as Zalo OA's consultation messages (``/v3.0/oa/message/cs``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.channels.base import ChannelPayload
from connectors.channels.layout import shorten, split_text, with_numbers
from connectors.messages import Button, OutgoingMessage

MOST_BUTTONS = 5
TITLE_CHARS = 100
QUERY_CHARS = 1_000
METHOD = "message/cs"


def render_message(message: OutgoingMessage, text_chars: int, button_query: str) -> list[ChannelPayload]:
    """Buttons below the last piece where Zalo can show them all; else they are written, payloads as numbers."""
    fits = len(message.buttons) <= MOST_BUTTONS and all(_is_showable(button) for button in message.buttons)
    text, numbered = (message.text, ()) if fits else with_numbers(message.text, message.buttons)
    pieces = split_text(text, text_chars) or ["…"]
    shown = [_button(button, button_query) for button in message.buttons] if fits else []
    payloads = [ChannelPayload(METHOD, _body(message.chat_id, piece), message.chat_id) for piece in pieces[:-1]]
    return [*payloads, ChannelPayload(METHOD, _body(message.chat_id, pieces[-1], shown), message.chat_id, numbered)]


def with_template_type(body: Mapping[str, Any]) -> dict[str, Any]:
    """The same button message in the other form that is seen in working code."""
    message = body["message"]
    payload = {"template_type": "button", **message["attachment"]["payload"]}
    return {**body, "message": {**message, "attachment": {"type": "template", "payload": payload}}}


def without_buttons(body: Mapping[str, Any], text_chars: int) -> dict[str, Any]:
    """Buttons as words to type, for the case that Zalo takes neither form."""
    message = body["message"]
    lines = [f"• {b['title']}: {_to_type(b)}" for b in message["attachment"]["payload"]["buttons"]]
    text = "\n".join([message["text"], "", *lines])
    return {**body, "message": {"text": split_text(text, text_chars)[0]}}


def has_buttons(body: Mapping[str, Any]) -> bool:
    return "attachment" in body["message"]


def _body(chat_id: str, text: str, buttons: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
    message: dict[str, Any] = {"text": text}
    if buttons:
        message["attachment"] = {"type": "template", "payload": {"buttons": list(buttons)}}
    return {"recipient": {"user_id": chat_id}, "message": message}


def _button(button: Button, button_query: str) -> dict[str, Any]:
    title = shorten(button.title, TITLE_CHARS)
    if button.url:
        return {"title": title, "type": "oa.open.url", "payload": {"url": button.url}}
    if button.phone:
        return {"title": title, "type": "oa.open.phone", "payload": {"phone_code": _phone_code(button.phone)}}
    return {"title": title, "type": button_query, "payload": button.payload}


def _is_showable(button: Button) -> bool:
    if not button.title.strip():
        return False
    if button.phone:
        return _phone_code(button.phone).startswith("84")
    return bool(button.url) or 0 < len(button.payload) <= QUERY_CHARS


def _phone_code(phone: str) -> str:
    """"1800 1096" stays out (no country code fits a hotline); "0912…" becomes "84912…"."""
    digits = "".join(filter(str.isdigit, phone))
    return "84" + digits[1:] if digits.startswith("0") else digits


def _to_type(button: Mapping[str, Any]) -> str:
    payload = button["payload"]
    return f"gõ “{payload}”" if isinstance(payload, str) else str(next(iter(payload.values())))
