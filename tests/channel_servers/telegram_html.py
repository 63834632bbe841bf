"""Reads Telegram's HTML as the Bot API does, and refuses what it refuses (core.telegram.org/bots/api#html-style)."""

from __future__ import annotations

import html
import re

TAGS = {"b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "a", "code", "pre", "blockquote", "tg-spoiler", "span", "tg-emoji"}
TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9-]*)((?:\s+[a-zA-Z-]+(?:\s*=\s*(?:\"[^\"<>]*\"|'[^'<>]*'))?)*)\s*>")
ENTITY = re.compile(r"&(?:lt|gt|amp|quot|#\d{1,7}|#x[0-9a-fA-F]{1,6});")


class CannotParse(ValueError):
    """The text is refused with "can't parse entities"."""


def plain_text(source: str) -> tuple[str, int]:
    """The text as it is shown, and how many entities it has.

    Raises:
        CannotParse: unknown tag, end without start, start without end, or a "<" that opens no tag.
    """
    shown: list[str] = []
    open_tags: list[str] = []
    n_entities, at = 0, 0
    while at < len(source):
        character = source[at]
        if character == "<":
            found = TAG.match(source, at)
            if found is None:
                raise CannotParse(f'Unsupported start tag "{source[at + 1:at + 9]}" at byte offset {_bytes(source, at)}')
            name, is_end = found.group(2).lower(), bool(found.group(1))
            if name not in TAGS or (name == "span" and not is_end and "tg-spoiler" not in found.group(3)):
                raise CannotParse(f'Unsupported start tag "{name}" at byte offset {_bytes(source, at)}')
            if not is_end:
                open_tags.append(name)
            elif not open_tags:
                raise CannotParse(f"Unexpected end tag at byte offset {_bytes(source, at)}")
            elif open_tags.pop() != name:
                raise CannotParse(f'Unmatched end tag at byte offset {_bytes(source, at)}, expected other than "</{name}>"')
            else:
                n_entities += 1
            at = found.end()
        elif character == "&" and (entity := ENTITY.match(source, at)):
            shown.append(html.unescape(entity.group()))
            at = entity.end()
        else:
            shown.append(character)  # a bare "&" is taken as it is, as by the real one
            at += 1
    if open_tags:
        raise CannotParse(f'Can\'t find end tag corresponding to start tag "{open_tags[-1]}"')
    return "".join(shown), n_entities


def utf16_units(text: str) -> int:
    """Telegram counts as its clients do: in UTF-16 code units, an emoji being two."""
    return len(text.encode("utf-16-le")) // 2


def _bytes(source: str, at: int) -> int:
    return len(source[:at].encode())
