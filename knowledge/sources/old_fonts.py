"""Text that a file keeps in the fonts of before Unicode (".VnTime": TCVN3, "VNI-Times": VNI).

People also dress Unicode in such a font; so the letters decide, and where they could be either, the rest of what the file
keeps in these fonts.
"""

from __future__ import annotations

import re

from knowledge.sources.encodings import from_tcvn3, from_vni, syllable_share

_FONTS = ((".vn", "TCVN3"), ("vni-", "VNI"))
_MENDERS = {"TCVN3": from_tcvn3, "VNI": from_vni}
#: Vietnamese letters beyond Latin-1, which no old font has.
_UNICODE = re.compile("[ăĂđĐĩĨũŨơƠưƯ\u1ea0-\u1ef9\u0300-\u0323]")


class OldFonts:
    """Judges and converts the texts of one file; ``encodings`` are those that were converted so far."""

    def __init__(self) -> None:
        self.encodings: set[str] = set()
        self._balance = 0  # texts surely in their font's encoding, less those surely in Unicode

    def note(self, text: str, font: str) -> None:
        """Let a text that is sure decide for those that are not."""
        encoding = encoding_of(font)
        if encoding and not text.isascii():
            self._balance += {True: 1, False: -1, None: 0}[_is_old(text, encoding)]

    def mended(self, text: str, font: str) -> str:
        """The text as Unicode, as it is where its font is none of these; fonts with names in H print capitals."""
        encoding = encoding_of(font)
        if not encoding:
            return text
        if not text.isascii():
            is_old = _is_old(text, encoding)
            if is_old is False or (is_old is None and self._balance < 0):
                return text
            self.encodings.add(encoding)
            text = _MENDERS[encoding](text)
        return text.upper() if is_capital(font) and self._balance >= 0 else text


def encoding_of(font: str) -> str:
    """The encoding that a font's name tells, "" for others."""
    return next((name for mark, name in _FONTS if font.lower().startswith(mark)), "")


def is_capital(font: str) -> bool:
    return encoding_of(font) == "TCVN3" and font.endswith("H")


def _is_old(text: str, encoding: str) -> bool | None:
    """Whether letters in an old font are of its encoding; None where they make Vietnamese either way."""
    if _UNICODE.search(text):
        return False
    plain, mended = syllable_share(text), syllable_share(_MENDERS[encoding](text))
    return None if plain == mended else mended > plain
