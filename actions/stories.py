"""What a message with a story round its question is about: the whole of it where that is clear, else the part that asks."""

from __future__ import annotations

from actions.ages import find_aged
from actions.reply import Context
from actions.topic import Topic, TopicFinder
from knowledge.retrieval.circumstances import says
from nlu.sentences import narrower_readings
from nlu.types import Understanding

_SURELY = 0.8  # confidence of a narrower reading from which on no other is looked at
# A part is read where it wins clearly. Of our questions before which a story stands 89 % are answered rightly at the
# search's own threshold and 86 % at .6, where no question without a story is answered wrongly that was not before.
_CLEARLY = 0.6
_WHOLE = 0.8  # of a family's name
# Whose nationality is told in the story has another procedure: "bạn gái em là người Hàn Quốc, hai đứa tính cưới".
_DECIDES = "foreign"
_KNOWN = 0.6  # chance that what a part asks for is held
_SETTLED = 0.5  # confidence from which on a message is answered as a whole without a look at its parts


def find_topic(finder: TopicFinder, question: str, understanding: Understanding, context: Context, year: int) -> Topic:
    """The topic of the whole message; where that settles nothing, of the narrower reading that settles most.

    Args:
        year: the present one, by which ages are read.
    """
    whole = find_aged(finder, question, understanding, context, year)
    if _is_settled(whole) or context.choices:
        return whole
    best, most = whole, (2, 1.0) if whole.is_sure else _settles(whole)  # what is sure, if barely, gives way to a procedure alone
    is_foreign = says(_DECIDES, whole.restored)
    for text in narrower_readings(question):
        found = find_aged(finder, text, understanding, context, year)
        if is_foreign and not says(_DECIDES, found.restored):
            continue
        if _settles(found) > most:
            best, most = found, _settles(found)
        if best.is_sure and best.result.confidence >= _SURELY:
            break
    return best


def _is_settled(topic: Topic) -> bool:
    is_clear = topic.is_sure and topic.result.confidence >= _SETTLED
    return is_clear or topic.is_elliptic or topic.is_about_plans or bool(topic.exact_rows or topic.unknown_numbers)


def _settles(topic: Topic) -> tuple[int, float]:
    """How much a topic settles, then how surely: a procedure, a family's question or a matter elsewhere, a question back
    about procedures that lie near, nothing."""
    if topic.is_elliptic:
        return 0, 0.0
    if topic.is_sure:
        is_clear = topic.result.confidence >= _CLEARLY
        return (3, topic.result.confidence) if is_clear else (0, 0.0)
    if topic.outside or (topic.family and _names_family(topic)):
        return 2, 0.0
    return (1, 0.0) if topic.may_ask_back and not topic.family and _is_known(topic) else (0, 0.0)


def _is_known(topic: Topic) -> bool:
    """Whether one of the procedures near is meant likely enough to offer them for a part of the message."""
    return 1 - topic.result.verdict.unknown >= _KNOWN


def _names_family(topic: Topic) -> bool:
    """Whether all of a family's name is said: "đăng ký ở đâu" does not name "đăng ký tàu" any more."""
    return topic.result.family is not None and topic.result.family.signals["whole"] >= _WHOLE
