"""Messages that are refused, warned of or helped with, unless they only sound like one and a record plainly answers them.

The classifier knows no names of procedures: "giấy phép mang súng săn" sounds unlawful and is a service. So where it is
not wholly sure, the search is asked as well: whether a record plainly answers, or the message is the name of a matter. A question beside a call for help is answered below the help. Measured
in docs/intents.md.
"""

from __future__ import annotations

import re
from collections.abc import Set
from dataclasses import replace

from actions.bootstrap import Wiring
from actions.law_questions import asks_fine_alone
from actions.life_events import is_about_event
from actions.reply import Context, Reply
from nlu.aspects import aspects_asked
from nlu.diacritics import bare
from nlu.sentences import asking_clause, asks, narrower_readings
from nlu.types import Understanding
from nlu.understanding import GUARDED_INTENTS, HELP_INTENTS, SOCIAL_INTENTS, WRONGDOING_INTENTS

_SURELY_GUARDED = 0.9  # chance of all guarded intents together from which on no search is asked
_LIKELY_HELP = 0.75  # chance from which on whoever calls for help hears of it before the record that answers, or alone
_SURELY_ANSWERED = 0.8  # chance that the first procedure answers from which on it does
_SURELY_NO_WRONGDOING = 0.93  # the same where wrong is meant; a forger names the paper he wants: one reached .89
_LIKELY_WRONGDOING = 0.7  # chance of all wrongdoing together below which it is hardly meant …
_LIKELY_NO_WRONGDOING = 0.6  # … and this much is enough
_ANSWERED = ("answered",)
_NAMED_STATUS = ("clarification_procedure", "unanswerable_elsewhere")  # what is as good where the message names a matter
_LIKE_EVENTS = HELP_INTENTS | {"ask_others_data"}  # as which life events are misheard
# Who wants to know something of somebody asks for it: all 129 examples and all 30 held back do. "Đăng ký kết hôn với người đã
# ly hôn" only tells.
_ASKED_FOR = re.compile(
    r"\b(tra|xem|doc|coi|kiem tra|ktra|tim|cho (toi|em|minh|tui|xin|e|mk)|xin|cung cap|danh sach|in4|thong tin|dien thoai|sdt|dia chi|so|chua|khong|ko|k"
    r"|hong|hok|ai|dau|bao nhieu|nhieu|gi|may|biet|nao)\b"
)
_UNSAID = "ask_procedure"  # what is asked where the classifier names nothing beside the guarded
#: Help that a question may stand beside. Who means harm to himself or another hears of nothing else, unless it is doubtful
#: that he does and he tells a life event.
_WITH_ANSWER = HELP_INTENTS - {"ask_selfharm", "threaten_others"}


def guard(wiring: Wiring, question: str, understanding: Understanding, context: Context) -> Reply:
    """The reply for the guarded intent, or the answer of the record that the message names."""
    chance = sum(chance for intent, chance in understanding.ranking if intent in GUARDED_INTENTS)
    intent = understanding.intent
    if intent == "ask_illegal" and asks_fine_alone(question):  # how a breach is fined is a question, not a plan
        return wiring.assistant.answer(question, _beside(understanding, GUARDED_INTENTS), context)
    is_doubtful = bool(understanding.ranking) and chance < _SURELY_GUARDED
    if intent == "ask_others_data" and is_doubtful and not (asks(question) or _ASKED_FOR.search(bare(question.lower()))):
        return wiring.assistant.answer(question, _beside(understanding, GUARDED_INTENTS), context)
    least = _least_answered(understanding)
    answer = None
    if is_doubtful:
        is_plain = wiring.assistant.chance_of_answer(question) >= least
        told = (*_NAMED_STATUS, *_ANSWERED) if not is_plain else _ANSWERED
        if is_plain or wiring.assistant.names_matter(question, outright=intent in WRONGDOING_INTENTS):
            answer = wiring.assistant.answer(question, _beside(understanding, GUARDED_INTENTS), context)
            answer = answer if answer.status.startswith(told) else None
    if answer and not (intent in HELP_INTENTS and chance >= _LIKELY_HELP):
        return answer
    event = _told_event(wiring, question, understanding, context) if chance < _SURELY_GUARDED else None
    if event and intent not in HELP_INTENTS:
        return event
    if intent in HELP_INTENTS - _WITH_ANSWER:
        answer = None
    answer = answer or event or _answer_of_part(wiring, question, understanding, context)
    if answer and intent not in HELP_INTENTS:
        return answer
    reply = wiring.plain(intent)
    if answer is None:
        return replace(reply, intent=intent, confidence=round(understanding.confidence, 3), context=replace(context, last_status=reply.status))
    # Where a record plainly answers, the turn is answered, and the help above it was said to be sure.
    status = answer.status if answer.confidence >= _SURELY_ANSWERED else reply.status
    return replace(
        answer,
        status=status,
        messages=(*reply.messages, *answer.messages),
        intent=intent,
        confidence=round(understanding.confidence, 3),
        context=replace(answer.context, last_status=status),
    )


def _least_answered(understanding: Understanding) -> float:
    """Chance of the first procedure from which on it answers instead of the guarded reply."""
    if understanding.intent not in WRONGDOING_INTENTS:
        return _SURELY_ANSWERED
    wrongdoing = sum(chance for intent, chance in understanding.ranking if intent in WRONGDOING_INTENTS)
    return _SURELY_NO_WRONGDOING if wrongdoing >= _LIKELY_WRONGDOING else _LIKELY_NO_WRONGDOING


def _told_event(wiring: Wiring, question: str, understanding: Understanding, context: Context) -> Reply | None:
    """What may have to be done after a life event that sounds like a call for help ("tòa xử ly hôn xong rồi") or like a
    question about somebody else ("mới mua xe của ông chú"); it stands below the help."""
    if understanding.intent not in _LIKE_EVENTS or not understanding.ranking:
        return None
    reply = wiring.assistant.answer(question, _beside(understanding, GUARDED_INTENTS), context)
    return reply if is_about_event(reply) else None


def _answer_of_part(wiring: Wiring, question: str, understanding: Understanding, context: Context) -> Reply | None:
    """The answer to what the message asks beside its insult or its call for help; None where it asks nothing that a
    record answers. Below help it stands as second thing said; in place of the calm word it has to be plain."""
    if understanding.intent not in _WITH_ANSWER | {"abuse"} or not understanding.ranking:
        return None
    is_whole = understanding.intent in HELP_INTENTS and wiring.assistant.chance_of_answer(question) >= _SURELY_ANSWERED
    whole = (question,) if is_whole else ()  # beside an insult only the part that asks
    parts = [part for part in (*narrower_readings(question), asking_clause(question), *whole) if part and asks(part)]
    chances = [wiring.assistant.chance_of_answer(part) for part in parts]
    least = 0.0 if understanding.intent in HELP_INTENTS else _SURELY_ANSWERED
    if not parts or max(chances) < least:
        return None
    part = parts[chances.index(max(chances))]
    said = aspects_asked(part)
    meant = replace(understanding, intent=f"ask_{said[0]}" if said else _UNSAID)
    reply = wiring.assistant.answer(part, meant, context)
    return reply if reply.status.startswith("answered") else None


def answer_named(wiring: Wiring, question: str, understanding: Understanding, context: Context) -> Reply | None:
    """The answer to a message that only sounds like praise or a dossier in progress and is the name of a matter
    ("xin học trái tuyến", "hồ sơ đóng cửa mỏ"); None where it is meant so."""
    is_doubtful = understanding.ranking and understanding.confidence < _SURELY_GUARDED
    if not is_doubtful or context.choices or not wiring.assistant.names_matter(question):
        return None
    reply = wiring.assistant.answer(question, _beside(understanding, GUARDED_INTENTS | SOCIAL_INTENTS | {understanding.intent}), context)
    return reply if reply.status.startswith((*_NAMED_STATUS, *_ANSWERED)) else None


def _beside(understanding: Understanding, left: Set[str]) -> Understanding:
    """The understanding with the likeliest intent that is none of those ``left`` out."""
    beside = next((pair for pair in understanding.ranking if pair[0] not in left), (_UNSAID, 0.0))
    return replace(understanding, intent=beside[0], confidence=beside[1])
