"""Answers without Rasa: the same understanding, the same skills, the same texts."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from actions.bootstrap import Wiring
from actions.rasa_actions import SKILLS
from actions.rasa_bridge import read_context
from actions.reply import Context, Reply
from bot.dialogue_content import DialogueContent
from nlu.understanding import Understander


class DirectAnswerer:
    """The gateway's way to an answer when Rasa is away. Blocking; safe to call from several threads."""

    def __init__(self, understander: Understander, wiring: Wiring, content: DialogueContent) -> None:
        self._understander = understander
        self._wiring = wiring
        self._content = content
        self._turns = itertools.count()

    def answer(self, question: str, context: Mapping[str, Any] | None) -> dict[str, Any]:
        """One turn as JSON (``Reply.to_json``); ``context`` is what the last reply carried."""
        return self.reply(question, context).to_json()

    def reply(self, question: str, context: Mapping[str, Any] | None) -> Reply:
        carried = read_context(context)
        understanding = self._understander.parse(question)
        action = self._content.action_of(understanding.intent)
        if action in SKILLS:
            return SKILLS[action](self._wiring, question, understanding, carried)
        plain = self._content.plain_reply(action, next(self._turns))
        return replace(
            plain,
            intent=understanding.intent,
            confidence=round(understanding.confidence, 3),
            context=_after(plain.status, carried),
        )


def _after(status: str, carried: Context) -> Context:
    """A conversation that starts anew carries nothing over."""
    return replace(Context() if status == "chitchat_restart" else carried, last_status=status)
