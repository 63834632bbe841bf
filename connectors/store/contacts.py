"""Requests to be called back, in the store. A request is deleted when staff say it is done, or after 90 days."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import delete, select

from connectors.store.database import Store
from connectors.store.tables import ContactNote, utc_now
from connectors.widget.ports import ContactRequest

KEPT = timedelta(days=90)
LETTERS = "ACDEFGHJKLMNPQRTUVWXY34679"  # none that is mistaken for another


class StoreContacts:
    """``ContactDesk`` over the store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def leave(self, request: ContactRequest) -> str:
        number = "".join(secrets.choice(LETTERS) for _ in range(6))
        with self._store.session() as session:
            session.add(ContactNote(
                number=number, session_digest=_digest(request.session_id), name=request.name, reach=request.reach,
                matter=request.matter, procedure_code=request.procedure_code,
            ))  # fmt: skip
        return number

    def withdraw(self, session_id: str) -> int:
        if not session_id:
            return 0
        with self._store.session() as session:
            return session.execute(delete(ContactNote).where(ContactNote.session_digest == _digest(session_id))).rowcount


def list_contacts(store: Store) -> list[ContactNote]:
    """Open requests, the oldest first; those past their time are deleted first."""
    with store.session() as session:
        session.execute(delete(ContactNote).where(ContactNote.at < utc_now() - KEPT))
        return list(session.scalars(select(ContactNote).order_by(ContactNote.at)))


def close_contact(store: Store, number: str) -> bool:
    """Delete a request that was answered; False when there is none of this number."""
    with store.session() as session:
        return session.execute(delete(ContactNote).where(ContactNote.number == number)).rowcount > 0


def _digest(session_id: str) -> str:
    return hashlib.sha256(session_id.encode()).hexdigest() if session_id else ""
