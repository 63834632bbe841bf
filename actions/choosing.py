"""Reading the answer to a question back: by number, age, words, or what a search for it finds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from actions.ages import holds_age
from actions.reply import Choice, Context
from actions.topic import ALL_SAID, Topic
from knowledge.model import FamilyOption, ProcedureHit
from knowledge.retrieval.search import Searcher
from nlu.ages import told_age
from nlu.frames import content_words
from nlu.types import Entity

# Set on 4,928 citizens' names of procedures as answers to families that hold them, and 1,347 of other procedures
# (docs/decisions/0011): .29 are decided by words, .85 of them rightly, and .05 of the others are taken for an answer.
_LEAST_SAID = 0.25  # share of a free answer's weight that must stand in one choice's own words more than in any other's
_ONLY_SAID = 0.08  # the same where no other choice has a word of the answer to itself
_FAR_AHEAD = 1.0  # fused score before the next procedure at which one beside the choices is taken to be meant
_NEARLY_ALL = 0.7  # share of an answer's weight that must be one choice's words where it names another procedure
# Fitted on citizens' names of procedures as answers to families that hold them, the name itself hidden from the search
# (docs/decisions/0011): the right option is found for .94 of them, another matter is taken for an answer in .03.
_MAX_BEHIND = 1.5  # fused score behind the best of all procedures at which a choice may still be meant
_RANK_SHARE = 0.2  # weight of the fused score beside the share of words
_MIN_LEAD = 0.15  # before the next choice: two thirds are then decided, .91 of them rightly


def choice_meant(searcher: Searcher, topic: Topic, entities: Sequence[Entity], context: Context, asks: bool, year: int) -> Choice | None:
    """The choice that an answer means. A message that names a procedure outright is an answer only where nearly all its
    words are one choice's.

    Args:
        asks: the message asks for an aspect, so what it is sure to be about may be something new.
        year: the present one, by which an age is told.
    """
    choices = context.choices
    picked = numbered_choice(entities, choices) or aged_choice(topic.restored, choices, year)
    if picked or (asks and not content_words(topic.restored)):  # "nộp ở đâu" says no option, though one may be about paying
        return picked
    if topic.is_named and topic.result.procedures[0].procedure.code not in {c.code for c in choices}:
        return worded_choice(searcher, topic.restored, choices, least=_NEARLY_ALL)
    said = worded_choice(searcher, topic.restored, choices)
    if said or (asks and topic.is_sure):
        return said
    family = next((f for f in searcher.index.families if f.id == context.family), None)
    codes = {option.codes[0]: option.codes for option in family.options} if family else {}
    return found_choice(searcher, topic.restored, topic.alone.procedures, choices, codes)


def meant_beside(searcher: Searcher, topic: Topic, choices: Sequence[Choice]) -> str:
    """Code of the procedure that an answer means beside the choices: of their field and found first by far; else ""."""
    if not choices or topic.is_sure or topic.is_elliptic or len(topic.alone.procedures) < 2:
        return ""
    first, second = topic.alone.procedures[:2]
    fields = {p.field for c in choices if (p := searcher.procedure(c.code))}
    is_far_ahead = first.signals["fused"] - second.signals["fused"] >= _FAR_AHEAD
    return first.procedure.code if is_far_ahead and first.procedure.field in fields else ""


def likeliest_first(choices: Sequence[Choice], topic: Topic) -> list[Choice]:
    """Choices with the one in front whose procedure ranks best; the order of the content where none is ranked, or where
    the message says the family's name and nothing of any option ("bà nội em mất hôm qua")."""
    near = topic.result.family
    if near is not None and near.family is topic.family and near.signals["whole"] >= ALL_SAID and not near.signals["facet"]:
        return list(choices)
    ranks = {h.procedure.code: i for i, h in enumerate(topic.result.procedures)}
    best = min(choices, key=lambda c: ranks.get(c.code, len(ranks)))
    return [best, *(c for c in choices if c is not best)]


def numbered_choice(entities: Sequence[Entity], choices: Sequence[Choice]) -> Choice | None:
    """The choice a reader made by number or ordinal; None when there is none or it is out of range."""
    for entity in entities:
        if entity.kind == "ordinal":
            n = int(entity.value)
            if n == -1 and choices:
                return choices[-1]
            if 1 <= n <= len(choices):
                return choices[n - 1]
    return None


def worded_choice(searcher: Searcher, text: str, choices: Sequence[Choice], least: float = _LEAST_SAID) -> Choice | None:
    """The choice whose own words make up most of a free answer; None when none is clearly meant.

    Args:
        text: restored text of the message.
        least: share of the answer's weight of words by which it has to lead.
    """
    i, lead, is_only = searcher.option_meant(text, _options(choices))
    return choices[i] if lead >= (min(least, _ONLY_SAID) if is_only and least <= _LEAST_SAID else least) else None


def aged_choice(text: str, choices: Sequence[Choice], year: int) -> Choice | None:
    """The one choice whose ages hold the age that an answer tells: "nó mới 9 tuổi" beside "dưới 14 tuổi" and "từ đủ 14 tuổi"."""
    told = told_age(text, year)
    if told is None:
        return None
    fitting = [choice for choice in choices if holds_age(f"{choice.name} {choice.facet}", told.years)]
    return fitting[0] if len(fitting) == 1 else None


def found_choice(
    searcher: Searcher, text: str, ranked: Sequence[ProcedureHit], choices: Sequence[Choice], codes: Mapping[str, Sequence[str]]
) -> Choice | None:
    """The choice that a free answer means by its words and by what a search for them finds; None when the search finds
    another matter first by far, or no choice leads.

    Args:
        text: restored text of the message.
        ranked: what a search for the message alone found.
        codes: all procedures of a choice that leads to several, by its own code.
    """
    fused = {hit.procedure.code: hit.signals["fused"] for hit in ranked}
    found = [max((fused[c] for c in (choice.code, *codes.get(choice.code, ())) if c in fused), default=None) for choice in choices]
    near = [score for score in found if score is not None]
    if not near or max(fused.values()) - max(near) > _MAX_BEHIND:
        return None
    shares = searcher.option_shares(text, _options(choices))
    least = min(fused.values())
    scores = [share + _RANK_SHARE * (least if score is None else score) for share, score in zip(shares, found, strict=True)]
    best, *others = sorted(range(len(choices)), key=lambda i: -scores[i])
    return choices[best] if not others or scores[best] - scores[others[0]] >= _MIN_LEAD else None


def _options(choices: Sequence[Choice]) -> list[FamilyOption]:
    return [FamilyOption(choice.name, (choice.code,), (choice.facet,)) for choice in choices]
