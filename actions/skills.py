"""The skills that need no search: one small function each, used by Rasa's actions and the direct answerer."""

from __future__ import annotations

from dataclasses import replace

from actions.phrases import say
from actions.reply import Button, Context, Reply, ReplyMessage
from nlu.payloads import write_payload
from nlu.types import Understanding


def track_dossier(understanding: Understanding, context: Context) -> Reply:
    """Says where a dossier's state is found; never invents one, never keeps the code."""
    has_code = any(e.kind == "dossier_code" for e in understanding.entities)
    already = context.last_status == "tracking_code_given"
    status = "tracking_code_given" if has_code or already else "tracking_need_code"
    text = say("track_code_given") if has_code or already else say("track_need_code")
    return _plain(status, text, understanding, context, with_person=True)


def take_feedback(understanding: Understanding, context: Context) -> Reply:
    """Thanks for a rating; the gateway keeps it together with the procedure in focus."""
    status = "feedback_positive" if understanding.intent == "feedback_positive" else "feedback_negative"
    return _plain(status, say(status), understanding, context, with_person=status == "feedback_negative")


def hand_off(understanding: Understanding, context: Context, hotline: str) -> Reply:
    """Where to find a person."""
    return _plain("handoff_requested", say("handoff", hotline=hotline), understanding, context)


def _plain(
    status: str, text: str, understanding: Understanding, context: Context, with_person: bool = False
) -> Reply:
    person = Button(say("ask_person"), write_payload(command="handoff"))
    message = ReplyMessage(text, (person,) if with_person else ())
    return Reply(
        status=status,
        messages=(message,),
        intent=understanding.intent,
        confidence=round(understanding.confidence, 3),
        context=replace(context, last_status=status),
    )
