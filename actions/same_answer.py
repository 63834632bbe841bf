"""Whether the options of a question back differ in what was asked at all."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from actions.answers import aspect_body
from actions.phrases import say
from actions.reply import Choice, Reply
from knowledge.model import Family, Procedure, Verdict
from knowledge.places.sentences import names_district, receiver_of

_SAME_CENTRES = ({"commune", "commune_or_province"}, {"province"})  # receivers of which one sentence tells where to go


def same_for_all(procedures: Sequence[Procedure], aspect: str) -> bool:
    """Whether the records of several procedures say the same on an aspect, and none is silent; of places, whether one
    kind of office receives all."""
    if len(procedures) < 2 or aspect in ("", "general"):
        return False
    if aspect == "place" and (at_same_centre(procedures) or _at_same_office(procedures)):
        return True
    told = {_plain(aspect_body(procedure, aspect)) for procedure in procedures}
    return len(told) == 1 and "" not in told


def told_for_all(reply: Reply, family: Family, choices: Sequence[Choice], verdict: Verdict | None) -> Reply:
    """The answer of one procedure as that of every option of its family; as sure as the family is.

    Args:
        reply: answers one aspect.
        choices: what the family's question would offer.
    """
    aspect = say(f"aspects.{reply.aspect}")
    lead = say("same_for_all", aspect=aspect, labels="\n".join(f"- {choice.name}" for choice in choices))
    first, *others = reply.messages
    return replace(
        reply,
        messages=(replace(first, text=f"{lead}\n\n{first.text}"), *others),
        understood=say("understood", name=family.matter[:1].upper() + family.matter[1:], aspect=aspect),
        confidence=round(1 - verdict.unknown, 3) if verdict else reply.confidence,
    )


def at_same_centre(procedures: Sequence[Procedure]) -> bool:
    """Whether public service centres of the same kind receive all of them."""
    receivers = {receiver_of(procedure) for procedure in procedures}
    is_one = any(receivers and receivers <= same for same in _SAME_CENTRES)
    return is_one and not any(names_district(procedure) for procedure in procedures)


def _at_same_office(procedures: Sequence[Procedure]) -> bool:
    """Whether all records name one agency ("Công an cấp xã"), at whichever window."""
    agencies = {_plain(procedure.agency) for procedure in procedures}
    receivers = {receiver_of(procedure) for procedure in procedures}
    is_one = len(agencies) == len(receivers) == 1 and agencies != {""}
    return is_one and not any(names_district(procedure) for procedure in procedures)


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text.lower()).strip()
