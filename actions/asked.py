"""What one turn of a conversation works on, and which aspects of a procedure it asks for."""

from __future__ import annotations

from dataclasses import dataclass

from actions.reply import Context
from actions.topic import ASPECT_OF_INTENT
from nlu.aspects import asks_again, asks_whether_allowed, aspects_asked, is_open, speaks_of_online
from nlu.types import Entity, Understanding

_VAGUE = frozenset({"result", "conditions", "steps", "who", "legal_basis", "form"})  # read into "… thì sao?" without a word for them
_NO_ANSWER = frozenset({"who", "general"})  # to "… được không?": a list of applicants is none


@dataclass(frozen=True)
class Turn:
    """What one turn works on."""

    question: str
    understanding: Understanding
    context: Context
    restored: str = ""

    @property
    def aspect(self) -> str:
        """The aspect asked in this very message, "" when it asks for none.

        Words that ask for one aspect and no other ("bao lâu") weigh more than the classifier, which reads the whole.
        """
        aspect = ASPECT_OF_INTENT.get(self.understanding.intent, "")
        if aspect in _VAGUE and (is_open(self.restored) or self.aspect_kept):
            return ""
        is_no_answer = aspect in _NO_ANSWER or (aspect == "online" and not speaks_of_online(self.restored))
        if is_no_answer and asks_whether_allowed(self.restored):
            return "conditions"
        said = aspects_asked(self.restored)
        is_asking = bool(aspect) or self.understanding.intent == "nlu_fallback"
        return said[0] if is_asking and said and aspect not in said else aspect

    @property
    def aspect_kept(self) -> str:
        """The aspect of the turn before, where this message only changes what it is asked of; else ""."""
        is_again = asks_again(self.restored) and not asks_whether_allowed(self.restored)
        if self.understanding.intent == "repair" or is_again:
            return self.context.aspect or self.context.pending_aspect
        return ""

    def aspects(self, fallback: str) -> list[str]:
        """The asked aspect first, then others that the same message asks for; ``fallback`` where it asks for none."""
        first = self.aspect or fallback
        others = aspects_asked(self.restored) if self.aspect else ()
        return [first, *(a for a in others if a != first and len(others) > 1)]

    def entity(self, kind: str) -> Entity | None:
        return next((e for e in self.understanding.entities if e.kind == kind), None)
