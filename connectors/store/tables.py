"""The tables, portable between SQLite and PostgreSQL. Times are UTC without zone."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


def utc_now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


class Base(DeclarativeBase):
    pass


class OpenQuestion(Base):
    """A question that found no full answer, masked; the same words count up instead of repeating.

    ``digest`` is sha256 of the text in lower case with spaces collapsed. ``state``: ``open``, ``closed``.
    ``nearest`` holds procedure codes, separated by spaces.
    """

    __tablename__ = "open_question"
    __table_args__ = (Index("ix_open_question_state_last_seen", "state", "last_seen"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    text: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(64))
    nearest: Mapped[str] = mapped_column(Text, default="")
    count: Mapped[int] = mapped_column(default=1)
    first_seen: Mapped[datetime] = mapped_column(default=utc_now)
    last_seen: Mapped[datetime] = mapped_column(default=utc_now)
    state: Mapped[str] = mapped_column(String(16), default="open")


class Feedback(Base):
    """A rating of an answer: +1 or -1, and what the answer was about. No session.

    ``reason``: why it was bad (connectors/widget/models.py); ``comment``: masked; ``status``: how the turn had ended.
    """

    __tablename__ = "feedback"

    id: Mapped[int] = mapped_column(primary_key=True)
    rating: Mapped[int]
    procedure_code: Mapped[str] = mapped_column(String(32), default="")
    aspect: Mapped[str] = mapped_column(String(32), default="")
    at: Mapped[datetime] = mapped_column(default=utc_now)
    reason: Mapped[str] = mapped_column(String(32), default="", server_default="")
    comment: Mapped[str] = mapped_column(Text, default="", server_default="")
    status: Mapped[str] = mapped_column(String(64), default="", server_default="")


class ContactNote(Base):
    """Somebody wants to be called back. ``reach`` is theirs and agreed to; the row goes when staff are done with it.

    ``session_digest``: sha256 of the conversation's id, so that deleting the conversation withdraws the request.
    """

    __tablename__ = "contact_note"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(12), unique=True)
    session_digest: Mapped[str] = mapped_column(String(64), default="", index=True)
    name: Mapped[str] = mapped_column(String(80), default="")
    reach: Mapped[str] = mapped_column(String(120))
    matter: Mapped[str] = mapped_column(Text)
    procedure_code: Mapped[str] = mapped_column(String(32), default="")
    at: Mapped[datetime] = mapped_column(default=utc_now)


class StaffAccount(Base):
    """Who may open the staff pages. ``role``: ``staff`` or ``admin``."""

    __tablename__ = "staff_account"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    password_hash: Mapped[str] = mapped_column(String(256))
    role: Mapped[str] = mapped_column(String(16), default="staff")
    created: Mapped[datetime] = mapped_column(default=utc_now)
    last_login: Mapped[datetime | None] = mapped_column(default=None)


class StaffSession(Base):
    """A signed-in browser. Only the digest of its cookie is kept, so the table opens no door."""

    __tablename__ = "staff_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    csrf_token: Mapped[str] = mapped_column(String(64))
    account_id: Mapped[int] = mapped_column(ForeignKey("staff_account.id", ondelete="CASCADE"))
    expires: Mapped[datetime]


class ZaloToken(Base):
    """The one valid pair of tokens of a Zalo application, and who is renewing it now.

    A refresh token works once, so whoever renews holds the lease (``lease_by`` until ``lease_until``). ``version``
    grows with each pair. ``state``: ``live``, ``dead`` (Zalo refused the refresh token; a person has to consent
    again). ``seed_digest``: sha256 of the refresh token an operator gave last, so that an old one is not taken twice.
    """

    __tablename__ = "zalo_token"

    app_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    access_token: Mapped[str] = mapped_column(Text, default="")
    refresh_token: Mapped[str] = mapped_column(Text)
    obtained_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    state: Mapped[str] = mapped_column(String(8), default="live")
    fault: Mapped[str] = mapped_column(String(64), default="")
    tried_at: Mapped[datetime | None] = mapped_column(default=None)
    lease_by: Mapped[str] = mapped_column(String(64), default="")
    lease_until: Mapped[datetime | None] = mapped_column(default=None)
    seed_digest: Mapped[str] = mapped_column(String(64), default="")
