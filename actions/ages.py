"""Ages as procedures name them ("dưới 14 tuổi", "từ đủ 14 tuổi trở lên") beside the age that somebody tells."""

from __future__ import annotations

import re
from dataclasses import replace

from actions.reply import Context
from actions.topic import Topic, TopicFinder
from nlu.ages import told_age
from nlu.types import Understanding

_BELOW = re.compile(r"dưới (?:đủ )?(\d{1,3}) tuổi", re.IGNORECASE)
_FROM_ON = re.compile(r"(?:từ (?:đủ )?|trên )(\d{1,3}) tuổi(?: trở lên)?", re.IGNORECASE)
_NEAR = 5  # ranks whose names are looked at
_SETTLED = 0.5  # confidence from which on a procedure for every age is meant, though one for the age told lies near


def holds_age(words: str, age: int) -> bool | None:
    """Whether an age lies within all bounds that words name; None where they name none."""
    below = [int(n) for n in _BELOW.findall(words)]
    from_on = [int(n) for n in _FROM_ON.findall(words)]
    if not (below or from_on):
        return None
    return all(age < n for n in below) and all(age >= n for n in from_on)


def find_aged(finder: TopicFinder, text: str, understanding: Understanding, context: Context, year: int) -> Topic:
    """The topic of a text. Where it tells an age and what was found first is for some ages, the age is read as the
    bound that a record names ("95 tuổi" as "từ đủ 14 tuổi trở lên"); what is not for it is left away. A matter elsewhere
    ("chuyển trường cho con lớp 7") stays one: the bound would find an identity card.

    Args:
        year: the present one.
    """
    topic = finder.find(text, understanding, context)
    told = told_age(topic.restored, year)
    if told is None or topic.exact_rows or topic.is_elliptic or topic.outside:
        return topic
    names = _names(topic)
    bound = next((_bound(name) for name in names if holds_age(name, told.years)), "")
    is_settled = topic.is_sure and topic.result.confidence >= _SETTLED
    if (is_settled and not _is_by_age(topic)) or all(holds_age(name, told.years) is not False for name in names):
        return _only_for(topic, told.years)
    before, behind = topic.restored[: told.start], topic.restored[told.end :]
    aged = topic
    if bound and (context.procedure_code or _finds_something(finder.find(f"{before}{behind}", understanding, context))):
        aged = finder.find(f"{before}{bound}{behind}", understanding, context)
    is_found = _is_by_age(topic) or _is_by_age(aged)  # else "căn cước bị mất", for any age
    return _only_for(aged if is_found else topic, told.years)


def _finds_something(rest: Topic) -> bool:
    """Whether a first message names a matter without its age: else the bound alone would find one ("học bơi cho con 7 tuổi")."""
    return rest.is_sure or rest.family is not None or rest.may_ask_back


def _is_by_age(topic: Topic) -> bool:
    """Whether the procedure found first is for some ages only."""
    names = _names(topic)
    return bool(names) and bool(_BELOW.search(names[0]) or _FROM_ON.search(names[0]))


def _names(topic: Topic) -> list[str]:
    """Names of the procedures found first, and what a family's question offers."""
    options = topic.family.options if topic.family else ()
    return [*(hit.procedure.name for hit in topic.result.procedures[:_NEAR]), *(option.label for option in options)]


def _bound(name: str) -> str:
    found = _FROM_ON.search(name) or _BELOW.search(name)
    return found.group() if found else ""


def _only_for(topic: Topic, age: int) -> Topic:
    """The topic without procedures and options for other ages; one option of a family that is left is meant."""
    hits = topic.result.procedures
    fitting = tuple(hit for hit in hits if holds_age(hit.procedure.name, age) is not False)
    is_first_kept = bool(hits) and fitting[:1] == hits[:1]
    topic = replace(
        topic,
        is_sure=topic.is_sure and is_first_kept,
        result=replace(topic.result, procedures=fitting),
        candidates=tuple(hit for hit in topic.candidates if hit in fitting),
    )
    if topic.family is None:
        return topic
    options = tuple(o for o in topic.family.options if holds_age(o.label, age) is not False)
    if len(options) > 1:
        return replace(topic, family=replace(topic.family, options=options))
    first = next((hit for option in options for code in option.codes for hit in fitting if hit.procedure.code == code), None)
    if first is None:
        return topic
    others = tuple(hit for hit in fitting if hit is not first)
    return replace(topic, family=None, is_sure=True, result=replace(topic.result, procedures=(first, *others)))
