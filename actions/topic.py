"""What a message is about: a procedure it names, the one in focus, a plan, or nothing certain."""

from __future__ import annotations

from dataclasses import dataclass

from actions.reply import Context
from knowledge.model import Hit, ProcedureHit, SearchResult
from knowledge.retrieval.search import Searcher
from nlu.frames import content_words
from nlu.types import Understanding

_PLAN_PREFIX = "ask_plan_"
_PLAN_WORDS = ("kế hoạch", "cchc", "cải cách hành chính", "tuyên truyền", "par index", "papi")
_SURE_INTENT = 0.7
_PLAN_LEAD = 0.12  # how much better plans must hold the question to take it from procedures
_FOREIGN_UP_TO = 0.5  # share of Vietnamese syllables: teencode stays above .7, English below
_ALL_COVERED = 0.9  # share of a message's weight in the record in focus
_CLEARLY_NAMED = 0.75  # title_match at which a message names a procedure of its own
_NAMED_OUTRIGHT = 0.95  # title_match at which a message is one procedure's name and no mere part of it
_CLOSE = 0.25  # fused score below the best within which procedures count as equally likely


@dataclass(frozen=True)
class Topic:
    """What was found for one message.

    Attributes:
        restored: the message with diacritics.
        is_elliptic: it has no matter of its own ("còn lệ phí?").
        is_about_plans: plans, not procedures, are asked about.
        is_sure: the first procedure is meant.
        is_foreign: most words are of no Vietnamese the knowledge holds.
        candidates: procedures near the first, itself included.
        may_ask_back: sure enough of the neighbourhood to offer the candidates.
    """

    restored: str
    result: SearchResult
    plan_hits: tuple[Hit, ...]
    exact_rows: tuple[int, ...]
    named_plans: tuple[str, ...]
    unknown_numbers: tuple[tuple[str, str], ...]
    is_elliptic: bool
    is_about_plans: bool
    is_sure: bool
    candidates: tuple[ProcedureHit, ...]
    is_foreign: bool
    may_ask_back: bool


class TopicFinder:
    """Searches once for a message and judges what came back."""

    def __init__(self, searcher: Searcher) -> None:
        self._searcher = searcher
        self._thresholds = searcher.config.thresholds

    def find(self, question: str, understanding: Understanding, context: Context) -> Topic:
        exact = self._searcher.resolve_exact(question)
        result = self._read_with_focus(question, understanding, context)
        elliptic = not content_words(result.query.restored) and not exact.rows
        is_number_of_nothing = any(e.kind == "ordinal" for e in understanding.entities) and not context.choices
        elliptic = elliptic or (understanding.intent == "choose_option" and is_number_of_nothing and not exact.rows)
        elliptic = elliptic or self._stays_in_focus(result, context)
        generic = () if elliptic or exact.rows or context.n_clarifications else _generic(result)
        sure = not elliptic and not generic and result.confidence >= self._thresholds.answer
        candidates = generic or _close(result)
        return Topic(
            restored=result.query.restored,
            result=result,
            plan_hits=result.plan_hits,
            exact_rows=exact.rows,
            named_plans=exact.plan_ids,
            unknown_numbers=exact.unknown,
            is_elliptic=elliptic,
            is_about_plans=_is_about_plans(understanding, result, bool(exact.plan_ids)),
            is_sure=sure,
            candidates=candidates,
            is_foreign=self._searcher.share_of_vietnamese_words(question) <= _FOREIGN_UP_TO,
            may_ask_back=bool(generic)
            or (not elliptic and len(candidates) > 1 and result.confidence >= self._thresholds.ask_back),
        )

    def _read_with_focus(self, question: str, understanding: Understanding, context: Context) -> SearchResult:
        """A detail ("chồng em người Mỹ") is also read together with the procedure in focus; the reading whose
        first procedure is named more nearly wins."""
        alone = self._searcher.search(question)
        focus = self._searcher.procedure(context.procedure_code)
        if understanding.intent != "inform" or focus is None or context.choices or not alone.procedures:
            return alone
        together = self._searcher.search(f"{focus.name.removeprefix('Thủ tục ')} {question}", kinds=["procedure"])
        if not together.procedures or together.procedures[0].procedure.code == focus.code:
            return alone
        is_nearer = _named(together) > _named(alone)
        return together if is_nearer else alone

    def _stays_in_focus(self, result: SearchResult, context: Context) -> bool:
        """No other procedure is named by the message, and the record in focus holds all its words."""
        if not context.procedure_code or context.choices or not result.procedures:
            return False
        words = content_words(result.query.restored)
        covered = self._searcher.record_coverage(words, context.procedure_code)
        return covered >= _ALL_COVERED and _named(result) < _CLEARLY_NAMED


def _generic(result: SearchResult) -> tuple[ProcedureHit, ...]:
    """The procedures in question when the matter is a part of several names and all of none ("đăng ký xe")."""
    if not result.procedures or _named(result) >= _NAMED_OUTRIGHT:
        return ()
    holders = {_plain_name(h): h for h in reversed(result.procedures) if h.signals["holds_matter"]}
    alike = sorted(holders.values(), key=lambda h: -h.signals["fused"])  # one of each name: levels are no choice
    return tuple(alike[:5]) if len(alike) > 1 else ()


def _plain_name(hit: ProcedureHit) -> str:
    return hit.procedure.name.lower().split(" (thực hiện")[0].strip()


def _named(result: SearchResult) -> float:
    return result.procedures[0].signals["title_match"]


def _close(result: SearchResult) -> tuple[ProcedureHit, ...]:
    if not result.procedures:
        return ()
    best = result.procedures[0].signals["fused"]
    return tuple(h for h in result.procedures[:5] if best - h.signals["fused"] <= _CLOSE)


def _is_about_plans(understanding: Understanding, result: SearchResult, is_named: bool) -> bool:
    if not result.plan_hits:
        return False
    if is_named:
        return True
    text = result.query.restored.lower()
    plan_score = result.plan_hits[0].score
    procedure_score = result.procedures[0].score if result.procedures else 0.0
    lead = plan_score - procedure_score
    if understanding.intent.startswith(_PLAN_PREFIX) and understanding.confidence >= _SURE_INTENT:
        return lead > -_PLAN_LEAD
    if any(word in text for word in _PLAN_WORDS) or understanding.intent.startswith(_PLAN_PREFIX):
        return lead > 0
    return lead > _PLAN_LEAD
