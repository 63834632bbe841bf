"""What is kept of turns for staff: questions without a full answer, and ratings."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects import postgresql, sqlite

from connectors.ask_flow import Turn
from connectors.errors import StoreError
from connectors.store.database import Store
from connectors.store.tables import Feedback, OpenQuestion, utc_now
from connectors.throttled_log import ThrottledLog
from nlu.privacy import mask_dossier_codes

log = logging.getLogger(__name__)
OPEN_STATUSES = frozenset({"unanswerable_not_found", "unanswerable_elsewhere", "unanswerable_law", "answered_silent"})
RATINGS = {"feedback_positive": 1, "feedback_negative": -1}


@dataclass(frozen=True)
class QuestionRecord:
    """A question without a full answer. ``text``: masked; ``nearest``: procedure codes."""

    text: str
    status: str
    nearest: tuple[str, ...] = ()


@dataclass(frozen=True)
class RatingRecord:
    """+1 or -1 and what the answer was about. ``comment``: masked; ``status``: how the rated turn had ended."""

    rating: int
    procedure_code: str = ""
    aspect: str = ""
    reason: str = ""
    comment: str = ""
    status: str = ""


Record = QuestionRecord | RatingRecord


class StoreRecorder:
    """``TurnRecorder`` over the store. A dead database costs one log line a minute, nothing else."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._throttled = ThrottledLog(log)

    def record(self, turn: Turn) -> None:
        record = record_of(turn)
        try:
            if record is not None:
                keep_record(self._store, record)
        except StoreError as exc:
            self._throttled.warning("store", "a turn could not be recorded: %s", exc)


def record_of(turn: Turn) -> Record | None:
    """What staff should see of a turn; None for most."""
    status = turn.response.status
    if status in OPEN_STATUSES:
        return QuestionRecord(turn.question, status, tuple(nearest_codes(turn)))
    if status in RATINGS:
        procedure_code = str(turn.context.get("procedure_code") or "")[:32]
        return RatingRecord(RATINGS[status], procedure_code, str(turn.context.get("aspect") or "")[:32])
    return None


def keep_record(store: Store, record: Record) -> None:
    """Write it in a transaction of its own. Raises StoreError."""
    with store.session() as session:
        write_record(session.connection(), record, utc_now())


def write_record(connection: Connection, record: Record, now: datetime) -> None:
    """Write it in the caller's transaction. A question asked before counts up; one that was closed opens again."""
    insert = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert
    if isinstance(record, RatingRecord):
        connection.execute(insert(Feedback).values(
            rating=record.rating, procedure_code=record.procedure_code, aspect=record.aspect, at=now, reason=record.reason,
            comment=mask_dossier_codes(record.comment).text, status=record.status,
        ))  # fmt: skip
        return
    text = mask_dossier_codes(record.text).text  # a dossier code may go on to an answer, never into the store
    latest = {"last_seen": now, "status": record.status, "nearest": " ".join(record.nearest), "state": "open"}
    asked = insert(OpenQuestion).values(digest=_digest(text), text=text, first_seen=now, count=1, **latest)
    again = latest | {"count": OpenQuestion.count + 1}
    connection.execute(asked.on_conflict_do_update(index_elements=["digest"], set_=again))


def keep_question(store: Store, text: str, status: str, nearest: list[str]) -> None:
    """Add a masked question, or count it up. Raises StoreError."""
    keep_record(store, QuestionRecord(text, status, tuple(nearest)))


def keep_rating(
    store: Store, rating: int, procedure_code: str, aspect: str, reason: str = "", comment: str = "", status: str = ""
) -> None:
    """Add a rating; ``comment`` must be masked already. Raises StoreError."""
    keep_record(store, RatingRecord(rating, procedure_code, aspect, reason, comment, status))


def _digest(text: str) -> str:
    return hashlib.sha256(" ".join(text.lower().split()).encode()).hexdigest()


def nearest_codes(turn: Turn) -> list[str]:
    codes = [turn.response.procedure.code] if turn.response.procedure else []
    codes += [choice.code for choice in turn.response.choices]
    codes += [citation.number for citation in turn.response.citations if citation.kind == "procedure"]
    return list(dict.fromkeys(code for code in codes if code))[:5]


def list_questions(store: Store, state: str, offset: int, limit: int) -> tuple[list[OpenQuestion], int]:
    """Questions of a state, most asked first, and how many there are in all."""
    with store.session() as session:
        chosen = select(OpenQuestion).where(OpenQuestion.state == state)
        rows = session.scalars(
            chosen.order_by(OpenQuestion.count.desc(), OpenQuestion.last_seen.desc()).offset(offset).limit(limit)
        )
        total = session.scalar(select(func.count()).select_from(chosen.subquery()))
        return list(rows), total or 0


def set_question_state(store: Store, question_id: int, state: str) -> bool:
    """Whether there was such a question."""
    with store.session() as session:
        known = session.get(OpenQuestion, question_id)
        if known is not None:
            known.state = state
        return known is not None


def feedback_totals(store: Store) -> tuple[int, int]:
    """How many good and bad ratings there are."""
    with store.session() as session:
        counts = dict(session.execute(select(Feedback.rating, func.count()).group_by(Feedback.rating)).all())
        return counts.get(1, 0), counts.get(-1, 0)
