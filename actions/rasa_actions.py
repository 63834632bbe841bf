"""Rasa's custom actions: thin wrappers, one a skill. Names are those of bot/domain/actions.yml."""

from __future__ import annotations

from collections.abc import Callable

from actions.bootstrap import Wiring
from actions.guarding import answer_named, guard
from actions.rasa_bridge import SkillAction
from actions.reply import Context, Reply
from actions.skills import hand_off, take_feedback, track_dossier
from nlu.types import Understanding

Skill = Callable[[Wiring, str, Understanding, Context], Reply]

#: What each custom action does; the direct answerer runs the same functions.
SKILLS: dict[str, Skill] = {
    "action_answer": lambda w, question, u, context: w.assistant.answer(question, u, context),
    "action_answer_plan": lambda w, question, u, context: w.assistant.answer(question, u, context),
    "action_default_fallback": lambda w, question, u, context: w.assistant.answer(question, u, context),
    "action_track_dossier": lambda w, question, u, context: answer_named(w, question, u, context) or track_dossier(u, context),
    "action_feedback": lambda w, question, u, context: answer_named(w, question, u, context) or take_feedback(u, context),
    "action_guard": guard,
    "action_handoff": lambda w, question, u, context: hand_off(u, context, w.hotline),
}


class NamedSkill(SkillAction):
    """The action called ``name``."""

    def __init__(self, name: str, wiring: Wiring | None = None) -> None:
        super().__init__(wiring)
        self._name = name
        self._skill = SKILLS[name]

    def name(self) -> str:
        return self._name

    def reply(self, wiring: Wiring, question: str, understanding: Understanding, context: Context) -> Reply:
        return self._skill(wiring, question, understanding, context)
