"""What the next procedure says on a fee or a time on which the first one's record is silent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from actions.answers import aspect_body, cite, short_name
from actions.phrases import say
from actions.reply import Button, Reply
from knowledge.model import Procedure, ProcedureHit
from nlu.payloads import write_payload

# Who asks for a fee or a time mostly means a record that has one: of nine evaluation questions on these that were answered
# with silence eight had found the wrong procedure (`motcua eval` at 01a908e, all sets).
_PRESUPPOSED = frozenset({"fee", "time"})
_NEAR = 1.0  # fused score behind the first within which another procedure may be the one meant


def add_near_told(reply: Reply, hits: Sequence[ProcedureHit]) -> Reply:
    """The reply with what the nearest other procedure says on the aspect, told as such; unchanged where none is near or
    the record is not silent.

    Args:
        reply: answers ``hits[0]``.
        hits: procedures, best first.
    """
    if reply.status != "answered_silent" or reply.aspect not in _PRESUPPOSED:
        return reply
    told = _first_told(reply.aspect, hits)
    if told is None:
        return reply
    aspect = say(f"aspects.{reply.aspect}")
    text = say("near_told", name=short_name(told), aspect=aspect, body=aspect_body(told, reply.aspect))
    button = Button(short_name(told), write_payload(procedure_code=told.code))
    *messages, last = reply.messages
    last = replace(last, text=f"{last.text}\n\n{text}", buttons=(button, *last.buttons))
    return replace(reply, messages=(*messages, last), citations=(*reply.citations, cite(told, reply.aspect)))


def _first_told(aspect: str, hits: Sequence[ProcedureHit]) -> Procedure | None:
    first, *others = hits
    near = (h.procedure for h in others if first.signals["fused"] - h.signals["fused"] <= _NEAR)
    return next((p for p in near if aspect_body(p, aspect)), None)
