"""What a message is about: a procedure it names, the one in focus, a plan, or nothing certain."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from actions.law_questions import asks_law
from actions.reply import Context
from knowledge.model import Family, Hit, OutsideMatter, ProcedureHit, SearchResult, Verdict
from knowledge.retrieval.judge import named_by, named_by_sign, plain_name
from knowledge.retrieval.matching import telling_terms, without_brackets
from knowledge.retrieval.search import Searcher
from nlu.aspects import asks_again, asks_whether_needed, aspects_asked
from nlu.frames import content_words, matter_of, without_repair
from nlu.payloads import read_payload
from nlu.types import Understanding

ASPECT_OF_INTENT = {
    "ask_documents": "documents",
    "ask_fee": "fee",
    "ask_time": "time",
    "ask_place": "place",
    "ask_online": "online",
    "ask_steps": "steps",
    "ask_conditions": "conditions",
    "ask_legal_basis": "legal_basis",
    "ask_result": "result",
    "ask_form": "form",
    "ask_who": "who",
    "ask_procedure": "general",
}
#: What plan questions without a plan ("đơn gửi cho ai") ask of the procedure in focus.
ASPECT_IN_FOCUS = {"ask_plan_agency": "place", "ask_plan_deadline": "time", "ask_plan_task": "steps"}
ASPECT_INTENTS = frozenset(ASPECT_OF_INTENT) - {"ask_procedure"}
_TELLING_INTENTS = frozenset({"inform", "repair", "deny", "affirm", "nlu_fallback"})
_PLAN_PREFIX = "ask_plan_"
_PLAN_WORDS = ("kế hoạch", "cchc", "cải cách hành chính", "tuyên truyền", "par index", "papi")
_SURE_INTENT = 0.7
_PLAN_LEAD = 0.12  # how much better plans must hold the question to take it from procedures
_PLAN_HELD = 3.0  # fused score at which a plan passage holds the whole question; tied to the weights of plans.py
_FOREIGN_UP_TO = 0.5  # share of Vietnamese syllables: teencode stays above .7, English below
_ALL_COVERED = 0.9  # share of a message's weight in the record in focus
_HALF_COVERED = 0.5
_FEW_WORDS = 3
_RETURNED = 0.35  # title_match at which a message names a procedure of an earlier turn
_RETURNED_AMONG = 10  # ranks that are looked at for it
_LEFT = 0.2  # at least this much chance must be left when the chance of asking is taken away
_FAMILY_NAMED = 0.6  # match (words and pairs, 0..2) at which a family's own question is asked
_FAMILY_SAID = 0.8  # match of words from which on a message names a family, and no other kind ("tàu" may be of the sea or of a river)
_SAID_WHOLE = 0.8  # share of a sign's own weight of words that the message has to hold
_SURELY_OPEN = 0.85  # chance of asking from which on a paper that is only named is asked about, though no other lies near
_SURELY_SHARED = 0.6  # chance of asking at which a smaller part of a family's name is enough
_SAID_ENOUGH = 0.7  # that part: "khai sinh cho con" is not yet "khai sinh con ngoài giá thú"
ALL_SAID = 0.95  # that part from which a family is asked about before a message is given up
# With these two 8 of the 80 events of life_events.jsonl are not found instead of 15 (docs/decisions/0011).
_EVENT_SAID = 0.6  # part of an event's own words that the message has to hold; the rest of it is told beside
_EVENT_ALIKE = 0.91  # cosine from which words count less
_ALIKE_NAMED = 0.5  # share of how nearly a procedure is named that they still have to reach: "mất sổ hưu" is no aged mother
_MOSTLY_SAID = 0.7  # the same for a matter elsewhere, which has fewer names
_AS_NEARLY = 0.85  # share of how nearly the first is named at which another counts as named by the same words
_NAMED_AMONG = 3  # ranks among which a procedure may be named as nearly as a sign
_OPTION_SAID = 0.2  # lead in weight of words at which a message names one option of a family
_ONLY_OPTION_SAID = 0.1  # the same where no other option shares a word with it
_OWN_FAMILY = 0.85  # share of a procedure's match at which the family it belongs to is asked about all the same
_OUTSIDE_NAMED = 0.9  # the same at which a matter outside is named as what was asked
_HALF_NAMED = 0.6  # title_match at which a short message is taken to name something, if not clearly
_CLEARLY_NAMED = 0.75  # title_match at which a message names a procedure of its own
MAX_CLARIFICATIONS = 2
_OFFERED = 3  # procedures offered where none lies close to the first, which is not sure enough to be told
_CERTAIN = 0.8  # confidence at which an answer to a question back is a new question, whatever was asked back
_FAR_BEHIND = 1.5  # fused score at which a family's nearest procedure is another matter than the first
_LONG_NAME = 5  # syllables of an official name that nobody says without meaning it
_CLOSE = 0.25  # fused score below the best within which procedures count as equally likely


@dataclass(frozen=True)
class Topic:
    """What was found for one message.

    Attributes:
        restored: the message with diacritics.
        alone: what a search for the message by itself found.
        result: the same, or what was found for it together with the matter in focus.
        is_elliptic: it has no matter of its own ("còn lệ phí?").
        is_about_plans: plans, not procedures, are asked about.
        is_sure: the first procedure is meant.
        is_named: the message names the first procedure outright.
        returned_to: code of a procedure of an earlier turn that the message names while it is sure of none, else "".
        is_foreign: most words are of no Vietnamese the knowledge holds.
        family: the matter that several procedures share, or the life event, whose question is to be asked, else None.
        outside: the matter outside the knowledge that is meant, None when none is named nearly enough.
        candidates: procedures near the first, itself included.
        may_ask_back: sure enough of the neighbourhood to offer the candidates.
    """

    restored: str
    alone: SearchResult
    result: SearchResult
    plan_hits: tuple[Hit, ...]
    exact_rows: tuple[int, ...]
    named_plans: tuple[str, ...]
    unknown_numbers: tuple[tuple[str, str], ...]
    is_elliptic: bool
    is_about_plans: bool
    is_sure: bool
    is_named: bool
    family: Family | None
    outside: OutsideMatter | None
    candidates: tuple[ProcedureHit, ...]
    is_foreign: bool
    may_ask_back: bool
    returned_to: str = ""

    @property
    def names_family(self) -> bool:
        """Whether the message names the family that was found, not only something in it."""
        return self.family is not None and not self.family.is_event and self.result.family.signals["match"] >= _FAMILY_SAID

    def is_about(self, plan_hits: Sequence[Hit], understanding: Understanding, context: Context) -> bool:
        """Whether plans are asked about when only these passages of theirs may answer, best first."""
        result = replace(self.result, plan_hits=tuple(plan_hits))
        return _is_about_plans(understanding, result, bool(self.named_plans), self.is_elliptic, context)


class TopicFinder:
    """Searches once for a message and judges what came back."""

    def __init__(self, searcher: Searcher) -> None:
        self._searcher = searcher
        self._thresholds = searcher.config.thresholds

    def find(self, question: str, understanding: Understanding, context: Context) -> Topic:
        is_first = not (context.choices or context.procedure_code)
        exact = self._searcher.resolve_exact(question)
        alone = self._searcher.search(without_repair(question) if understanding.intent == "repair" else question)
        elliptic = not exact.rows and self._names_nothing(alone, understanding, context)
        result = alone
        if not elliptic and not exact.rows:
            elliptic = self._stays_in_focus(alone, understanding, context) or self._asks_of_choices(alone, understanding, context)
            is_told = understanding.intent in _TELLING_INTENTS and _named(alone) < _CLEARLY_NAMED
            is_open = is_told or not self._is_sure(alone) or (context.choices and alone.confidence < _CERTAIN)
            if not elliptic and alone.procedures and is_open:
                result = self._read_with_focus(question, alone, understanding, context)
        family = self._family_to_ask(result, is_first) if _may_ask(context) and not (elliptic or exact.rows) else None
        event = None if elliptic or exact.rows else _event_told(result, is_first)  # later it is a detail, unless it is said whole
        if is_first and understanding.intent == "inform" and result.confidence < _CERTAIN:
            family = event or family  # who only tells is told what may have to be done
        is_vague = understanding.intent == "ask_procedure" and not aspects_asked(result.query.restored)
        sure = not elliptic and family is None and self._is_sure(result, is_first, is_vague)
        is_held = result.confidence >= self._thresholds.answer  # it would be answered, were there nothing to ask: not elsewhere
        outside = None if sure or family or elliptic or is_held else _outside(result)
        if not (sure or family or outside or elliptic or exact.rows):
            family = (_family_said_whole(result) or event) if _may_ask(context) else None
        candidates = self._candidates(result)
        return Topic(
            restored=alone.query.restored,
            alone=alone,
            result=result,
            plan_hits=result.plan_hits,
            exact_rows=exact.rows,
            named_plans=exact.plan_ids,
            unknown_numbers=exact.unknown,
            is_elliptic=elliptic,
            is_about_plans=_is_about_plans(understanding, result, bool(exact.plan_ids), elliptic, context),
            is_sure=sure,
            is_named=bool(result.procedures) and _named(result) >= _CLEARLY_NAMED,
            family=family,
            outside=outside,
            candidates=candidates,
            is_foreign=_is_in_another_script(question) or self._searcher.share_of_vietnamese_words(question) <= _FOREIGN_UP_TO,
            returned_to="" if sure or elliptic or exact.rows else _returned_to(result, understanding, context),
            may_ask_back=not elliptic and len(candidates) > 1 and self._is_near(result) and _may_ask(context),
        )

    def _family_to_ask(self, result: SearchResult, is_first: bool) -> Family | None:
        """Siblings remain and none clearly wins."""
        if result.verdict is None:
            return None
        is_open = self._rather_asks(result.verdict, is_first) and not _names_option(result) and not _is_official(result)
        return _family(result) if is_open else None

    def _candidates(self, result: SearchResult) -> tuple[ProcedureHit, ...]:
        """Procedures near the first; where there is none, yet something of the kind is meant likely enough, the next ones."""
        near, verdict = _close(result), result.verdict
        if len(near) != 1 or verdict is None or verdict.answer + verdict.ask < self._thresholds.answer:
            return near
        return tuple(_one_of_each_name(result.procedures)[:_OFFERED])

    def _is_near(self, result: SearchResult) -> bool:
        return result.verdict is not None and result.verdict.unknown <= 1 - self._thresholds.ask_back

    def _rather_asks(self, verdict: Verdict, is_first: bool) -> bool:
        """Whether to ask back rather than answer. Of a first message less is enough: an open one that is answered costs a trip,
        a clear one that is asked back a tap; later the conversation may have told what the message leaves out."""
        least, share = (self._thresholds.ask_first, self._thresholds.ask_first_share) if is_first else (self._thresholds.ask, 1.0)
        return verdict.ask >= least and verdict.ask > share * verdict.answer

    def _is_sure(self, result: SearchResult, is_first: bool = False, is_vague: bool = False) -> bool:
        """The first procedure is meant; where the judge would ask but no family fits, among what is left.

        Args:
            is_first: no matter is in focus and none was asked about.
            is_vague: the message asks for a matter and for no aspect of it ("giúp tôi làm sổ đất với").
        """
        verdict = result.verdict
        if _is_official(result):
            return True
        family = _family(result)
        if family is not None and _names_option(result):
            return verdict is not None and verdict.answer + verdict.ask >= self._thresholds.answer
        if verdict is None or result.exact or family is not None:
            return result.confidence >= self._thresholds.answer
        is_open = verdict.ask >= _SURELY_OPEN and (is_vague or _is_shared_name(result))
        is_alone = len(_close(result)) == 1 and _named(result) >= _CLEARLY_NAMED and not is_open
        if not is_alone and self._rather_asks(verdict, is_first):
            return False
        left = 1e-9 if is_alone else _LEFT  # named outright and none beside it: there is nothing to ask back
        return verdict.answer / max(1 - verdict.ask, left) >= self._thresholds.answer

    def _names_nothing(self, result: SearchResult, understanding: Understanding, context: Context) -> bool:
        """No word of the message names a matter ("thế nộp ở đâu"), or it is a number that answers no question."""
        if read_payload(result.query.original) or not content_words(result.query.restored):
            return True
        has_ordinal = any(e.kind == "ordinal" for e in understanding.entities)
        return understanding.intent == "choose_option" and has_ordinal and not context.choices

    def _read_with_focus(
        self, question: str, alone: SearchResult, understanding: Understanding, context: Context
    ) -> SearchResult:
        """A detail ("chồng em người Mỹ") read together with the procedure in focus, where that leads surely to
        another procedure than the one in focus; else the message as it stands."""
        matter = matter_in_focus(self._searcher, context)
        if not matter or not alone.procedures or (_named(alone) >= _CLEARLY_NAMED and not context.choices):
            return alone
        together = self._searcher.search(f"{matter} {question}", kinds=["procedure"])
        if not together.procedures or together.procedures[0].procedure.code == context.procedure_code:
            return alone
        is_nearer = _named(together) > _named(alone)
        is_detail = bool(context.choices) or understanding.intent in _TELLING_INTENTS
        is_answer = is_detail and _outside(alone) is None and self._is_sure(together)
        return together if is_nearer or is_answer else alone

    def _stays_in_focus(self, result: SearchResult, understanding: Understanding, context: Context) -> bool:
        """The message is a further question on the procedure in focus: it names no other one outright, and the
        record in focus holds its words. One that asks for an aspect ("ai đi cùng cháu") needs to be held by half, and
        by nothing where it has few words and is sure of nothing else."""
        if not context.procedure_code or context.choices or not result.procedures:
            return False
        if understanding.intent == "repair" or asks_again(result.query.restored):  # says itself that something else is meant
            return False
        if understanding.intent in ASPECT_INTENTS and asks_whether_needed(result.query.restored):
            return not (_named(result) >= _CLEARLY_NAMED and self._is_sure(result))
        if _named(result) >= _CLEARLY_NAMED or _outside(result) is not None:
            return False
        words = content_words(result.query.restored)
        covered = self._searcher.record_coverage(words, context.procedure_code)
        if understanding.intent not in ASPECT_INTENTS:
            return covered >= _ALL_COVERED and not self._is_sure(result)
        names_nothing = result.confidence < _CERTAIN and _named(result) < _HALF_NAMED and _family_said_whole(result) is None
        if len(words) <= _FEW_WORDS and names_nothing:
            return True
        return covered >= (_ALL_COVERED if self._is_sure(result) else _HALF_COVERED)

    def _asks_of_choices(self, result: SearchResult, understanding: Understanding, context: Context) -> bool:
        """A question back is answered with a question about an aspect that names nothing else ("ra xã mang theo gì")."""
        if not context.choices or understanding.intent not in ASPECT_INTENTS or self._is_sure(result):
            return False
        is_short = len(content_words(result.query.restored)) <= _FEW_WORDS
        return is_short and bool(result.procedures) and _named(result) < _HALF_NAMED


def matter_in_focus(searcher: Searcher, context: Context) -> str:
    """What the last turn was about, in words to search with: a family asked about, or a procedure answered; "" for nothing."""
    if context.choices:
        family = next((f for f in searcher.index.families if f.id == context.family), None)
        return family.matter if family else ""
    focus = searcher.procedure(context.procedure_code)
    return focus.name.removeprefix("Thủ tục ") if focus else ""


def _may_ask(context: Context) -> bool:
    """After two questions back in a row no third is asked."""
    return context.n_clarifications < MAX_CLARIFICATIONS


def _is_in_another_script(text: str) -> bool:
    """Most letters are none of the Latin ones ("我想登记结婚")."""
    letters = [letter for letter in text if letter.isalpha()]
    return 2 * sum(not unicodedata.name(letter, "").startswith("LATIN") for letter in letters) > len(letters)


def _returned_to(result: SearchResult, understanding: Understanding, context: Context) -> str:
    if understanding.intent not in ASPECT_OF_INTENT:
        return ""
    known = (context.procedure_code, *context.recent)
    named = (h for h in result.procedures[:_RETURNED_AMONG] if h.signals["title_match"] >= _RETURNED)
    return next((h.procedure.code for h in named if h.procedure.code in known), "")


def _family(result: SearchResult) -> Family | None:
    """The family that the message names, and names at least as nearly as any procedure is named, or almost as nearly as
    one of its own."""
    near = result.family
    if near is None or not result.procedures or _is_far_behind(near.family, result):
        return None
    first = result.procedures[0].procedure.code
    is_own = any(first in option.codes for option in near.family.options)
    share = _OWN_FAMILY if is_own else 1.0
    is_shared = result.verdict is not None and result.verdict.ask >= _SURELY_SHARED
    whole = _SAID_ENOUGH if is_shared else _SAID_WHOLE
    return near.family if _is_named(near.signals, result, _FAMILY_NAMED, share, whole) else None


def _family_said_whole(result: SearchResult) -> Family | None:
    """The family to ask about where nothing else is found: the message says all of one of its names."""
    near, family = result.family, _family(result)
    return family if near is not None and near.signals["whole"] >= ALL_SAID else None


def _event_told(result: SearchResult, is_first: bool) -> Family | None:
    """The life event that a message tells, at least as nearly as any procedure is named, or in much the same words, and more
    nearly than a matter elsewhere; in a conversation all of it has to be said."""
    near = result.event
    if near is None:
        return None
    far = result.outside if _outside(result) else None
    if far is not None and named_by_sign(far.signals) >= named_by_sign(near.signals):
        return None
    named = max(named_by(hit.signals) for hit in result.procedures[:_NAMED_AMONG]) if result.procedures else 0.0
    is_alike = is_first and near.signals["dense"] >= _EVENT_ALIKE and named_by_sign(near.signals) >= _ALIKE_NAMED * named
    is_told = is_alike or _is_named(near.signals, result, _FAMILY_NAMED, whole=_EVENT_SAID if is_first else ALL_SAID)
    return near.family if is_told else None


def _is_far_behind(family: Family, result: SearchResult) -> bool:
    """Whether a procedure of another matter is found long before any of the family's."""
    codes = {code for option in family.options for code in option.codes}
    scores = [hit.signals["fused"] for hit in result.procedures if hit.procedure.code in codes]
    return not scores or result.procedures[0].signals["fused"] - scores[0] > _FAR_BEHIND


def _is_official(result: SearchResult) -> bool:
    """Whether the message says all of the first procedure's official name, and no other begins so; a short one
    ("giao khu vực biển") is what people call all of its family."""
    if not result.procedures or not result.procedures[0].signals["title_exact"]:
        return False
    first, *others = (tuple(telling_terms(without_brackets(h.procedure.name))) for h in result.procedures)
    said = tuple(telling_terms(matter_of(result.query.restored)))
    return len(first) >= _LONG_NAME and first == said and all(other != first for other in others)


def _names_option(result: SearchResult) -> bool:
    """Whether the message itself answers the family's question ("sang tên đất" beside "xe", "nhà, đất", "ghe")."""
    near = result.family
    least = _ONLY_OPTION_SAID if near.signals["facet_only"] else _OPTION_SAID
    is_said = near.option is not None and near.signals["facet"] >= least
    return is_said and result.procedures[0].procedure.code in near.option.codes


def _outside(result: SearchResult) -> OutsideMatter | None:
    """The matter outside that the message names, and names at least as nearly as any procedure is named."""
    far = result.outside
    return far.matter if far and _is_named(far.signals, result, _OUTSIDE_NAMED, whole=_MOSTLY_SAID) else None


def _is_named(
    signals: Mapping[str, float], result: SearchResult, least: float, share: float = 1.0, whole: float = _SAID_WHOLE
) -> bool:
    """Whether a sign is named by ``least``, by the share ``whole`` of its words, and by ``share`` of how nearly the
    procedure is named that is named best among the first."""
    if not result.procedures or signals["whole"] < whole:
        return False
    best = max(named_by(hit.signals) for hit in result.procedures[:_NAMED_AMONG])
    return named_by_sign(signals) >= max(least, share * best)


def rivals_of(result: SearchResult, n: int = 4) -> tuple[str, ...]:
    """Codes of the procedures ranked after the first, one of each name."""
    return tuple(h.procedure.code for h in _one_of_each_name(result.procedures)[1 : n + 1])


def _one_of_each_name(hits: Iterable[ProcedureHit]) -> list[ProcedureHit]:
    """The best of each name, in order: levels of one procedure are no choice."""
    best: dict[str, ProcedureHit] = {}
    for hit in hits:
        best.setdefault(plain_name(hit), hit)
    return list(best.values())


def _named(result: SearchResult) -> float:
    return result.procedures[0].signals["title_match"]


def _is_shared_name(result: SearchResult) -> bool:
    """Whether a second procedure of another name is named nearly as the first ("tách sổ": the land's, the household's)."""
    first, *others = _one_of_each_name(result.procedures[:_NAMED_AMONG])
    return any(named_by(hit.signals) >= _AS_NEARLY * named_by(first.signals) for hit in others)


def _close(result: SearchResult) -> tuple[ProcedureHit, ...]:
    if not result.procedures:
        return ()
    best = result.procedures[0].signals["fused"]
    near = [h for h in result.procedures[:10] if best - h.signals["fused"] <= _CLOSE]
    return tuple(_one_of_each_name(near)[:5])


def _is_about_plans(
    understanding: Understanding, result: SearchResult, is_named: bool, elliptic: bool, context: Context
) -> bool:
    if not result.plan_hits:
        return False
    if is_named:
        return True
    if elliptic and not (context.plan_id and understanding.intent.startswith(_PLAN_PREFIX)):
        return False
    text = result.query.restored.lower()
    plan_score = result.plan_hits[0].score
    procedure_score = result.procedures[0].score if result.procedures else 0.0
    lead = plan_score - procedure_score
    if understanding.intent.startswith(_PLAN_PREFIX) and understanding.confidence >= _SURE_INTENT:
        return lead > -_PLAN_LEAD
    if any(word in text for word in _PLAN_WORDS) or understanding.intent.startswith(_PLAN_PREFIX):
        return lead > 0
    if asks_law(result.query.original):
        return False  # a plan says who does what by when, not what the law says
    is_held = result.plan_hits[0].signals["fused"] >= _PLAN_HELD
    return lead > (-_PLAN_LEAD / 2 if is_held else _PLAN_LEAD)
