"""What is kept of turns for staff: questions without a full answer, and ratings."""

from __future__ import annotations

import hashlib
import logging

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from connectors.ask_flow import Turn
from connectors.errors import StoreError
from connectors.store.database import Store
from connectors.store.tables import Feedback, OpenQuestion, utc_now
from connectors.throttled_log import ThrottledLog
from nlu.privacy import mask_dossier_codes

log = logging.getLogger(__name__)
OPEN_STATUSES = frozenset({"unanswerable_not_found", "unanswerable_elsewhere", "answered_silent"})
RATINGS = {"feedback_positive": 1, "feedback_negative": -1}


class StoreRecorder:
    """``TurnRecorder`` over the store. A dead database costs one log line a minute, nothing else."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._throttled = ThrottledLog(log)

    def record(self, turn: Turn) -> None:
        try:
            if turn.response.status in OPEN_STATUSES:
                keep_question(self._store, turn.question, turn.response.status, nearest_codes(turn))
            elif turn.response.status in RATINGS:
                keep_feedback(self._store, turn)
        except StoreError as exc:
            self._throttled.warning("store", "a turn could not be recorded: %s", exc)


def keep_question(store: Store, text: str, status: str, nearest: list[str]) -> None:
    """Add a masked question, or count it up; one that was closed opens again."""
    text = mask_dossier_codes(text).text  # a dossier code may go on to an answer, never into the store
    digest = hashlib.sha256(" ".join(text.lower().split()).encode()).hexdigest()
    fresh = OpenQuestion(digest=digest, text=text, status=status, nearest=" ".join(nearest))
    try:
        _merge_question(store, fresh)
    except StoreError as exc:
        if not isinstance(exc.__cause__, IntegrityError):
            raise
        _merge_question(store, fresh)  # somebody else asked the same in this instant: count it up now


def _merge_question(store: Store, fresh: OpenQuestion) -> None:
    with store.session() as session:
        known = session.scalar(select(OpenQuestion).where(OpenQuestion.digest == fresh.digest).with_for_update())
        if known is None:
            values = {name: getattr(fresh, name) for name in ("digest", "text", "status", "nearest")}
            session.add(OpenQuestion(**values))
            return
        known.count += 1
        known.last_seen = utc_now()
        known.status, known.nearest, known.state = fresh.status, fresh.nearest, "open"


def keep_feedback(store: Store, turn: Turn) -> None:
    procedure_code = str(turn.context.get("procedure_code") or "")[:32]
    keep_rating(store, RATINGS[turn.response.status], procedure_code, str(turn.context.get("aspect") or "")[:32])


def keep_rating(
    store: Store, rating: int, procedure_code: str, aspect: str, reason: str = "", comment: str = "", status: str = ""
) -> None:
    """Add a rating; ``comment`` must be masked already."""
    comment = mask_dossier_codes(comment).text
    with store.session() as session:
        session.add(Feedback(
            rating=rating, procedure_code=procedure_code, aspect=aspect, reason=reason, comment=comment, status=status
        ))  # fmt: skip


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
