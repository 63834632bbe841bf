"""A message that changes what is asked about and not what is asked of it: "còn thường trú?", "hộ kinh doanh thì sao?", or a
detail that is told after an answer ("chồng em người Hàn").

What it names is mostly a sibling of the procedure in focus, and often in a word or two that alone name nothing. So procedures
are ranked by what the message finds and by half of what the matter in focus finds: "hộ kinh doanh" after a company's pause is
the household's pause.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from actions.reply import Choice, Context
from actions.topic import Topic, matter_in_focus
from knowledge.model import Family
from knowledge.retrieval.judge import plain_name_of
from knowledge.retrieval.search import Searcher
from nlu.aspects import asks_again, opens_with_again
from nlu.frames import content_words

_FOCUS_SHARE = 0.5  # weight of the matter in focus beside the message's own words
_STAYS = 0.7  # fused score by which the procedure in focus has to be worse to be left: the message says that something changes
_CLEAR = 0.35  # lead over the next of another name; with less it is asked which one is meant
_RELATED = 0.25  # share of the best fused score of the matter in focus below which only "còn …?" leads to a procedure
_BELONGS = 0.4  # fused score by which one option of a family has to lead in what the matter in focus finds
_MAX_OFFERED = 4
_HELD = 0.5  # share of the message's words that the record has to hold: else it asks for something else


@dataclass(frozen=True)
class FollowUp:
    """Codes of the procedures that a follow-up means, likeliest first; one where one clearly is."""

    codes: tuple[str, ...]
    rivals: tuple[str, ...]


def read_follow_up(searcher: Searcher, topic: Topic, context: Context) -> FollowUp | None:
    """What a message means that puts the question before to something else; None where it does not, where nothing is in
    focus, or where no record near it holds its words."""
    return _read(searcher, topic, context, _STAYS) if asks_again(topic.restored) else None


def read_detail(searcher: Searcher, topic: Topic, context: Context, is_repair: bool) -> FollowUp | None:
    """What a message means that only tells something more of what is in focus; None as above. After a correction the
    procedure in focus is none of it."""
    return _read(searcher, topic, context, math.inf if is_repair else 0.0)


def choices_in_focus(searcher: Searcher, family: Family, choices: Sequence[Choice], context: Context) -> list[Choice]:
    """A family's choices, in front the one that the procedure in focus belongs with: "thuế trước bạ" after a land certificate is
    that of land; [] where nothing is in focus or it belongs with none of them much more than with another."""
    focus = searcher.procedure(context.procedure_code)
    if focus is None or len(choices) < 2:
        return []
    in_focus = searcher.rank_all(searcher.prepare(focus.name.removeprefix("Thủ tục ")))[0]
    score_of = {p.code: float(score) for p, score in zip(searcher.index.procedures, in_focus, strict=True)}
    codes = {option.codes[0]: option.codes for option in family.options}
    scores = [max(score_of.get(code, -math.inf) for code in codes.get(choice.code, (choice.code,))) for choice in choices]
    first, second, *_ = sorted(range(len(choices)), key=lambda i: -scores[i])
    is_clear = scores[first] - scores[second] >= _BELONGS
    return [choices[first], *(c for c in choices if c is not choices[first])] if is_clear else []


def _read(searcher: Searcher, topic: Topic, context: Context, stays: float) -> FollowUp | None:
    words = content_words(topic.restored)
    matter = matter_in_focus(searcher, context)
    if not matter or not words or topic.exact_rows:
        return None
    own, in_focus = (searcher.rank_all(searcher.prepare(text))[0] for text in (topic.restored, matter))
    total = own + _FOCUS_SHARE * in_focus
    if not opens_with_again(topic.restored):
        total = np.where(in_focus >= _RELATED * in_focus.max(), total, -np.inf)
    procedures = searcher.index.procedures
    best: dict[str, tuple[float, str]] = {}  # plain name → score, code
    for row in np.argsort(-total)[: 4 * _MAX_OFFERED].tolist():
        score = float(total[row]) - (stays if procedures[row].code == context.procedure_code else 0.0)
        if score > -math.inf:  # related, and not what was just denied
            name = plain_name_of(procedures[row])
            best[name] = max(best.get(name, (score, "")), (score, procedures[row].code))
    ranked = sorted(best.values(), reverse=True)[: _MAX_OFFERED + 1]
    if not ranked or searcher.record_coverage(words, ranked[0][1]) < _HELD:
        return None
    first, code = ranked[0]
    is_same = code == context.procedure_code  # nothing is named better: it is told of what is in focus
    near = (code,) if is_same else tuple(c for score, c in ranked[:_MAX_OFFERED] if first - score <= _CLEAR)
    return FollowUp(near, tuple(c for _, c in ranked[1:]))
