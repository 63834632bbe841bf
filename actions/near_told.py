"""What the next procedure says: on a fee or a time on which the first one's record is silent, or where the same is handed
in at the other level, of which somebody asks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from actions.answers import aspect_body, cite, short_name
from actions.phrases import say
from actions.reply import Button, Reply, ReplyMessage
from knowledge.model import Procedure, ProcedureHit
from knowledge.retrieval.matching import telling_terms, without_brackets
from nlu.diacritics import bare
from nlu.payloads import write_payload

# Who asks for a fee or a time mostly means a record that has one: of nine evaluation questions on these that were answered
# with silence eight had found the wrong procedure (`motcua eval` at 01a908e, all sets).
_PRESUPPOSED = frozenset({"fee", "time"})
_NEAR = 1.0  # fused score behind the first within which another procedure may be the one meant


_LEVEL = r"(?:bo|cuc|trung uong|so|tinh|thanh pho|xa|phuong|huyen)"
_WHICH_LEVEL = re.compile(rf"\b{_LEVEL}\b[^,.?]{{0,16}}\bhay( la)?\b[^,.?]{{0,16}}\b{_LEVEL}\b")
_AMONG = 5  # ranks that are looked at for the other level
_SAME_NAME = 0.8  # share of either name's words that both have


def add_near_told(reply: Reply, hits: Sequence[ProcedureHit], question: str) -> Reply:
    """The reply with what the nearest other procedure says on the aspect, told as such; unchanged where none is near, or
    the record is not silent and no level is asked for.

    Args:
        reply: answers ``hits[0]``.
        hits: procedures, best first.
        question: as typed.
    """
    if reply.status == "answered_silent" and reply.aspect in _PRESUPPOSED:
        return _with_told(reply, _first_told(reply.aspect, hits), is_apart=False)
    if reply.status == "answered_aspect" and reply.aspect == "place" and _WHICH_LEVEL.search(bare(question.lower())):
        return _with_told(reply, _other_level(hits), is_apart=True)  # advice on the place follows in the first bubble
    return reply


def _with_told(reply: Reply, told: Procedure | None, is_apart: bool) -> Reply:
    if told is None:
        return reply
    text = say("near_told", name=short_name(told), aspect=say(f"aspects.{reply.aspect}"), body=aspect_body(told, reply.aspect))
    button = Button(short_name(told), write_payload(procedure_code=told.code))
    *messages, last = reply.messages
    if is_apart:
        messages, last = [*messages, last], ReplyMessage(text, (button,))
    else:
        last = replace(last, text=f"{last.text}\n\n{text}", buttons=(button, *last.buttons))
    return replace(reply, messages=(*messages, last), citations=(*reply.citations, cite(told, reply.aspect)))


def _other_level(hits: Sequence[ProcedureHit]) -> Procedure | None:
    """The nearest procedure of nearly the same name at another level ("hạng I" at the ministry, "hạng II" at the province)."""
    first = hits[0].procedure
    others = (h.procedure for h in hits[1:_AMONG] if set(h.procedure.levels) != set(first.levels))
    return next((p for p in others if _is_same_name(p.name, first.name) and aspect_body(p, "place")), None)


def _is_same_name(name: str, other: str) -> bool:
    a, b = (set(telling_terms(without_brackets(n))) for n in (name, other))
    return len(a & b) >= _SAME_NAME * max(len(a), len(b))


def _first_told(aspect: str, hits: Sequence[ProcedureHit]) -> Procedure | None:
    first, *others = hits
    near = (h.procedure for h in others if first.signals["fused"] - h.signals["fused"] <= _NEAR)
    return next((p for p in near if aspect_body(p, aspect)), None)
