"""Small text helpers that every source parser shares."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from datetime import UTC, datetime
from pathlib import Path

UPPER = "A-ZÀ-ÃÈ-ÊÌÍÒ-ÕÙÚÝĂĐĨŨƠƯẠẢẤẦẨẪẬẮẰẲẴẶẸẺẼẾỀỂỄỆỈỊỌỎỐỒỔỖỘỚỜỞỠỢỤỦỨỪỬỮỰỲỴỶỸ"
LOWER = "a-zà-ãè-êìíò-õùúýăđĩũơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ"

NO_INFORMATION = "Không có thông tin"
_NONE = re.compile(r"(?:không(?: có(?: thông tin)?| quy định)?)?[.\s]*", re.IGNORECASE)
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_MONTH_IN_NAME = re.compile(r"(?<!\d)(20\d\d)-(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\d|3[01]))?(?!\d)")


def clean(text: str) -> str:
    """NFC, no byte-order mark, blanks inside a line single, lines trimmed, at most one empty line together."""
    text = unicodedata.normalize("NFC", text.replace("\ufeff", "").replace("\r\n", "\n").replace("\r", "\n"))
    lines = (re.sub(r"[ \t\u00a0\u200b]+", " ", line).strip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def collapse(text: str) -> str:
    """NFC with every run of white space as one blank."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def raised(text: str) -> str:
    """Digits that are printed raised, so that the mark of a note never becomes part of an amount ("50.000¹ đồng")."""
    return text.translate(_RAISED)


def is_none_word(text: str) -> bool:
    """Whether a cell only says that there is nothing ("Không có thông tin", "Không", "Không quy định.")."""
    return _NONE.fullmatch(text.strip()) is not None


def without_none(text: str) -> str:
    """The cleaned cell, "" where it only says that there is nothing."""
    text = clean(text)
    return "" if is_none_word(text) else text


def digest_of(raw: str | bytes) -> str:
    """sha256 in hex of the raw record."""
    return hashlib.sha256(raw.encode() if isinstance(raw, str) else raw).hexdigest()


def digest_of_file(path: Path) -> str:
    """sha256 in hex of a file, read in blocks."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_on_of(path: Path) -> str:
    """When a file was read at its source.

    The month or day in its name or in that of the two folders above it ("collection-2026-10-10/details/x.json"), else
    the day the file was last changed.
    """
    for name in (path.name, *(folder.name for folder in path.parents[:2])):
        found = _MONTH_IN_NAME.search(name)
        if found:
            return found.group(0)
    return datetime.fromtimestamp(path.stat().st_mtime, tz=UTC).date().isoformat()
