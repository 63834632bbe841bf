"""What somebody hears who tells what happened and asks for nothing: all that may have to be done, and first of it the likeliest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from actions.phrases import say
from actions.reply import Choice, Reply, ReplyMessage
from knowledge.model import EVENT_PREFIX


def is_about_event(reply: Reply) -> bool:
    """Whether a reply tells or asks what has to be done after a life event."""
    return bool(reply.context.listed) or reply.context.family.startswith(EVENT_PREFIX)


def told_first(reply: Reply, question: ReplyMessage, choices: Sequence[Choice]) -> Reply:
    """The answer of an event's first option below the list of all its options, of which a number may pick another.

    Args:
        reply: answers the first of ``choices``.
        question: asks which of the choices is meant, numbered.
    """
    first, *others = reply.messages
    told = replace(first, text=f"{say('event_first', name=choices[0].name)}\n\n{first.text}")
    context = replace(reply.context, listed=tuple(choices))
    return replace(reply, messages=(replace(question, buttons=()), told, *others), choices=tuple(choices), context=context)
