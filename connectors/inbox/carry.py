"""Codes that move a conversation to another channel: short, single use, of short life; only digests are kept."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from connectors.inbox.database import Transaction
from connectors.inbox.tables import CarryCode

#: Without letters and digits that are mistaken for each other (0 O, 1 I L, 5 S, 2 Z, 8 B, U V).
ALPHABET = "ACDEFGHJKMNPQRTWXY34679"
LENGTH = 8
WRITTEN = re.compile(rf"\s*(?:M[AÃ]\s*[:#]?\s*)?([{ALPHABET}]{{4}})[ -]?([{ALPHABET}]{{4}})\s*", re.IGNORECASE)


def new_code() -> str:
    """A code as a person reads it: ``K3TW-9FQA``. 23⁸ - 18⁸ ≈ 6.7 · 10¹⁰ of them, ten minutes, a few tries."""
    while True:
        letters = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
        if _has_digit(letters):
            return f"{letters[:4]}-{letters[4:]}"


def read_code(text: str) -> str:
    """The code when the text is one and nothing else, in any case, with or without "mã"; else "".

    A code has a digit: without one "nhap hang" (nhập hàng) would be a code.
    """
    match = WRITTEN.fullmatch(text)
    return f"{match.group(1)}-{match.group(2)}".upper() if match and _has_digit(text) else ""


def keep_code(tx: Transaction, code: str, context: Mapping[str, Any], origin: str, life_s: float) -> None:
    expires_at = tx.now + timedelta(seconds=life_s)
    statement = tx.insert(CarryCode).values(
        digest=_digest(code), context=dict(context), origin=origin, expires_at=expires_at, used_by=""
    )
    tx.execute(statement)


def take_code(tx: Transaction, code: str, taker: str) -> Mapping[str, Any] | None:
    """{"context", "origin"} of the code; None when it is unknown, too old, or somebody else took it.

    Args:
        taker: names the use, so that asking again for the same use (after a crash) gives the same.
    """
    taken = tx.execute(
        update(CarryCode)
        .where(CarryCode.digest == _digest(code), CarryCode.expires_at > tx.now, CarryCode.used_by.in_(("", taker)))
        .values(used_by=taker)
    )
    if taken.rowcount != 1:
        return None
    row = tx.execute(select(CarryCode.context, CarryCode.origin).where(CarryCode.digest == _digest(code))).one()
    return {"context": row.context, "origin": row.origin}


def _has_digit(text: str) -> bool:
    return any(character.isdigit() for character in text)


def _digest(code: str) -> str:
    return hashlib.sha256(code.replace("-", "").upper().encode()).hexdigest()
