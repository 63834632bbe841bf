"""Messages that are refused, warned of or helped with, unless they only sound like one and a record plainly answers them.

The classifier knows no names of procedures: "giấy phép mang súng săn" sounds unlawful and is a service. So where it is
not wholly sure, the search is asked as well. Measured in docs/intents.md.
"""

from __future__ import annotations

from dataclasses import replace

from actions.bootstrap import Wiring
from actions.reply import Context, Reply
from nlu.types import Understanding
from nlu.understanding import GUARDED_INTENTS

_SURELY_GUARDED = 0.9  # chance of all guarded intents together from which on no search is asked
_SURELY_ANSWERED = 0.8  # chance that the first procedure answers from which on it does
_WRONGDOING = frozenset({"ask_illegal", "ask_others_data", "give_secret", "manipulate"})
_SURELY_NO_WRONGDOING = 0.93  # the same where wrong is meant; a forger names the paper he wants: one reached .89
_UNSAID = "ask_procedure"  # what is asked where the classifier names nothing beside the guarded


def guard(wiring: Wiring, question: str, understanding: Understanding, context: Context) -> Reply:
    """The reply for the guarded intent, or the answer of the record that the message names."""
    chance = sum(chance for intent, chance in understanding.ranking if intent in GUARDED_INTENTS)
    least = _SURELY_NO_WRONGDOING if understanding.intent in _WRONGDOING else _SURELY_ANSWERED
    if understanding.ranking and chance < _SURELY_GUARDED and wiring.assistant.chance_of_answer(question) >= least:
        reply = wiring.assistant.answer(question, _beside_guarded(understanding), context)
        if reply.status.startswith("answered"):
            return reply
    reply = wiring.plain(understanding.intent)
    return replace(
        reply,
        intent=understanding.intent,
        confidence=round(understanding.confidence, 3),
        context=replace(context, last_status=reply.status),
    )


def _beside_guarded(understanding: Understanding) -> Understanding:
    """The understanding with the likeliest intent that is not guarded."""
    beside = next((pair for pair in understanding.ranking if pair[0] not in GUARDED_INTENTS), (_UNSAID, 0.0))
    return replace(understanding, intent=beside[0], confidence=beside[1])
