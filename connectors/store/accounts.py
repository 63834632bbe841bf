"""Staff accounts and their sessions: argon2 passwords, random cookies of which only the digest is kept."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import timedelta

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from sqlalchemy import delete, select

from connectors.errors import ConnectorError
from connectors.store.database import Store
from connectors.store.tables import StaffAccount, StaffSession, utc_now

NAME_PATTERN = r"[a-z0-9][a-z0-9._-]{1,63}"
ROLES = ("staff", "admin")
MIN_PASSWORD_LENGTH = 10


class AccountError(ConnectorError):
    """An account cannot be made or changed; the message is for whoever typed the command."""


@dataclass(frozen=True)
class StaffUser:
    """Who is signed in, and the token their forms must carry."""

    name: str
    role: str
    csrf_token: str


class StaffAccounts:
    """Adds accounts, checks passwords, opens and closes sessions. Every method may raise StoreError."""

    def __init__(self, store: Store, hasher: PasswordHasher | None = None) -> None:
        self._store = store
        self._hasher = hasher or PasswordHasher()
        self._dummy_hash: str | None = None

    def add(self, name: str, password: str, role: str = "staff") -> None:
        """Raises AccountError when the name is taken or not right, or the password too short."""
        name = _checked_name(name)
        if role not in ROLES:
            raise AccountError(f"role: expected one of {', '.join(ROLES)}, got {role!r}")
        password_hash = self._hash(password)
        with self._store.session() as session:
            if session.scalar(select(StaffAccount).where(StaffAccount.name == name)):
                raise AccountError(f"account {name!r} exists already; set its password instead")
            session.add(StaffAccount(name=name, password_hash=password_hash, role=role))

    def set_password(self, name: str, password: str) -> None:
        """Also ends the account's sessions. Raises AccountError when there is no such account."""
        password_hash = self._hash(password)
        with self._store.session() as session:
            account = session.scalar(select(StaffAccount).where(StaffAccount.name == _checked_name(name)))
            if account is None:
                raise AccountError(f"there is no account {name!r}; add it first")
            account.password_hash = password_hash
            session.execute(delete(StaffSession).where(StaffSession.account_id == account.id))

    def stamp(self, name: str) -> str:
        """A mark of the account that changes with its password; "" when there is no such account."""
        with self._store.session() as session:
            account = session.scalar(select(StaffAccount).where(StaffAccount.name == name))
            return hashlib.sha256(account.password_hash.encode()).hexdigest() if account else ""

    def remove(self, name: str) -> None:
        with self._store.session() as session:
            account = session.scalar(select(StaffAccount).where(StaffAccount.name == _checked_name(name)))
            if account is None:
                raise AccountError(f"there is no account {name!r}")
            session.execute(delete(StaffSession).where(StaffSession.account_id == account.id))
            session.delete(account)

    def names(self) -> list[str]:
        with self._store.session() as session:
            return list(session.scalars(select(StaffAccount.name).order_by(StaffAccount.name)))

    def sign_in(self, name: str, password: str, session_s: float) -> str | None:
        """Open a session; the cookie's value, or None when name or password is wrong."""
        with self._store.session() as session:
            account = session.scalar(select(StaffAccount).where(StaffAccount.name == name.strip().lower()))
        if not self._verify(account.password_hash if account else None, password) or account is None:
            return None
        token = secrets.token_urlsafe(32)
        now = utc_now()
        with self._store.session() as session:
            session.execute(delete(StaffSession).where(StaffSession.expires < now))
            session.get_one(StaffAccount, account.id).last_login = now
            session.add(
                StaffSession(
                    token_digest=_digest(token),
                    csrf_token=secrets.token_urlsafe(32),
                    account_id=account.id,
                    expires=now + timedelta(seconds=session_s),
                )
            )
        return token

    def user_of(self, token: str) -> StaffUser | None:
        """Who the cookie belongs to; None when it is unknown or has expired."""
        with self._store.session() as session:
            row = session.execute(
                select(StaffAccount, StaffSession)
                .join(StaffSession, StaffSession.account_id == StaffAccount.id)
                .where(StaffSession.token_digest == _digest(token), StaffSession.expires > utc_now())
            ).first()
            return StaffUser(row[0].name, row[0].role, row[1].csrf_token) if row else None

    def sign_out(self, token: str) -> None:
        with self._store.session() as session:
            session.execute(delete(StaffSession).where(StaffSession.token_digest == _digest(token)))

    def _hash(self, password: str) -> str:
        if len(password) < MIN_PASSWORD_LENGTH:
            raise AccountError(f"password: expected at least {MIN_PASSWORD_LENGTH} characters, got {len(password)}")
        return self._hasher.hash(password)

    def _verify(self, password_hash: str | None, password: str) -> bool:
        """As slow for an unknown name as for a known one, so that names cannot be probed."""
        if self._dummy_hash is None:
            self._dummy_hash = self._hasher.hash(secrets.token_urlsafe(16))
        try:
            return self._hasher.verify(password_hash or self._dummy_hash, password) and password_hash is not None
        except (Argon2Error, InvalidHashError):
            return False


def _checked_name(name: str) -> str:
    name = name.strip().lower()
    if not re.fullmatch(NAME_PATTERN, name):
        raise AccountError(f"name: expected 2 to 64 of a-z, 0-9, '.', '_', '-', got {name!r}")
    return name


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
