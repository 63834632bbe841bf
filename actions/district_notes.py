"""Who asks for a body of the district level ("UBND huyện … còn làm … không") hears who does its work now."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from actions.phrases import say
from actions.reply import Reply
from knowledge.validity.districts import successor_of

_TOLD = ("answered_aspect", "answered_overview", "answered_silent", "clarification_procedure", "unanswerable_not_found")
_TOLD_ALREADY = ("không còn cấp", "không còn là một cấp")


def note_district(reply: Reply, question: str, today: date) -> Reply:
    """The reply with a note where the question names a district body of which the successor is known, unless the reply
    speaks of the district level's end already."""
    successor = successor_of(question, today) if reply.status in _TOLD else None
    if successor is None or not successor.now or not reply.messages:
        return reply
    text = reply.messages[0].text
    if any(words in text for words in _TOLD_ALREADY):
        return reply
    note = say("district_asked", was=successor.was, now=successor.now, sure=say(f"sure.{successor.sure}"), source=successor.source)
    return replace(reply, messages=(replace(reply.messages[0], text=f"{text}\n\n{note}"), *reply.messages[1:]))
