"""Keeps the one valid pair of Zalo tokens, sealed, for all processes. Blocking: called in a worker thread."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from connectors.errors import StoreError
from connectors.store.database import Store
from connectors.store.sealing import Seal, SealBroken, is_sealed
from connectors.store.tables import ZaloToken, utc_now


@dataclass(frozen=True)
class TokenPair:
    """As Zalo handed it out; ``expires_in_s`` of the access token."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in_s: float


@dataclass(frozen=True)
class TokenState:
    """What is kept now. Ages are measured with the database's clock, so that machines' clocks may differ.

    Attributes:
        age_s, life_s: seconds since the pair was obtained, and until the access token expires (negative: expired).
        tried_s: seconds since Zalo refused the refresh token; None where it did not.
        is_being_renewed: somebody holds the lease.
        is_readable: False where the tokens were sealed with another key; then they are "" here.
    """

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    version: int
    is_dead: bool
    fault: str
    age_s: float
    life_s: float
    tried_s: float | None
    is_being_renewed: bool
    seed_digest: str
    is_readable: bool = True


class ZaloTokenStore:
    """The tokens of one application. Every method may raise StoreError."""

    def __init__(self, store: Store, app_id: str, seal: Seal) -> None:
        self._store, self._app_id, self._seal = store, app_id, seal

    def read(self) -> TokenState | None:
        with self._store.session() as session:
            row = session.get(ZaloToken, self._app_id)
            if row is None:
                return None
            if not (is_sealed(row.access_token) and is_sealed(row.refresh_token)):
                self._seal_old(session, row)
            return self._state(row, _now(session))

    def seed(self, pair: TokenPair, digest: str = "") -> None:
        """Put a pair in the place of whatever was there; it comes from a person, so it ends a dead state."""
        try:
            self._put(pair, digest)
        except StoreError as exc:
            if not isinstance(exc.__cause__, IntegrityError):
                raise
            self._put(pair, digest)  # another process seeded in this instant

    def _put(self, pair: TokenPair, digest: str) -> None:
        with self._store.session() as session:
            now = _now(session)
            row = session.get(ZaloToken, self._app_id, with_for_update=True)
            values = {**self._values(pair, now), "seed_digest": digest}
            if row is None:
                session.add(ZaloToken(app_id=self._app_id, **values))
                return
            for name, value in {**values, "version": row.version + 1, "lease_by": "", "lease_until": None}.items():
                setattr(row, name, value)

    def claim(self, owner: str, version: int, lease_s: float) -> bool:
        """Whether ``owner`` alone may renew the pair of this version now."""
        with self._store.session() as session:
            now = _now(session)
            is_free = or_(ZaloToken.lease_by == "", ZaloToken.lease_until.is_(None), ZaloToken.lease_until < now)
            claimed = session.execute(
                update(ZaloToken)
                .where(ZaloToken.app_id == self._app_id, ZaloToken.version == version, is_free)
                .values(lease_by=owner, lease_until=now + timedelta(seconds=lease_s))
            )
            return claimed.rowcount == 1

    def keep(self, pair: TokenPair, version: int) -> bool:
        """Store the pair that replaces ``version`` and end the lease; False where a newer one is there already."""
        with self._store.session() as session:
            done = session.execute(
                update(ZaloToken)
                .where(ZaloToken.app_id == self._app_id, ZaloToken.version == version)
                .values(**self._values(pair, _now(session)), version=version + 1, lease_by="", lease_until=None)
            )
            return done.rowcount == 1

    def bury(self, version: int, fault: str) -> bool:
        """Note that Zalo refused this version's refresh token, and end the lease; whether it was still alive."""
        with self._store.session() as session:
            here = (ZaloToken.app_id == self._app_id, ZaloToken.version == version)
            was_live = session.scalar(select(func.count()).where(*here, ZaloToken.state == "live"))
            values = {"state": "dead", "fault": fault[:64], "tried_at": _now(session), "lease_by": "", "lease_until": None}
            session.execute(update(ZaloToken).where(*here).values(**values))
            return bool(was_live)

    def release(self, owner: str) -> None:
        with self._store.session() as session:
            mine = update(ZaloToken).where(ZaloToken.app_id == self._app_id, ZaloToken.lease_by == owner)
            session.execute(mine.values(lease_by="", lease_until=None))

    def _seal_old(self, session: Session, row: ZaloToken) -> None:
        """A row of a version that kept tokens in clear text. Only that very pair: a renewal meanwhile wins."""
        here = (ZaloToken.app_id == self._app_id, ZaloToken.version == row.version)
        sealed = {"access_token": self._seal.close(row.access_token), "refresh_token": self._seal.close(row.refresh_token)}
        session.execute(update(ZaloToken).where(*here).values(**sealed).execution_options(synchronize_session=False))

    def _values(self, pair: TokenPair, now: datetime) -> dict[str, object]:
        return {
            "access_token": self._seal.close(pair.access_token), "refresh_token": self._seal.close(pair.refresh_token),
            "obtained_at": now, "expires_at": now + timedelta(seconds=pair.expires_in_s), "state": "live", "fault": "",
            "tried_at": None,
        }  # fmt: skip

    def _state(self, row: ZaloToken, now: datetime) -> TokenState:
        try:
            access, refresh, is_readable = self._seal.open(row.access_token), self._seal.open(row.refresh_token), True
        except SealBroken:
            access, refresh, is_readable = "", "", False
        return TokenState(
            access_token=access,
            refresh_token=refresh,
            version=row.version,
            is_dead=row.state == "dead",
            fault=row.fault,
            age_s=(now - row.obtained_at).total_seconds(),
            life_s=(row.expires_at - now).total_seconds(),
            tried_s=(now - row.tried_at).total_seconds() if row.tried_at else None,
            is_being_renewed=bool(row.lease_by) and row.lease_until is not None and row.lease_until > now,
            seed_digest=row.seed_digest,
            is_readable=is_readable,
        )


def _now(session: Session) -> datetime:
    """The database's clock where it has one of its own."""
    if session.get_bind().dialect.name == "postgresql":
        return session.scalar(text("SELECT timezone('utc', clock_timestamp())"))  # type: ignore[return-value]
    return utc_now()
