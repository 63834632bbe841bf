"""First half of an evaluation: put every question to the assistant and keep what it made of it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from knowledge.evaluation.outcome import Asked, Found, Outcome
from knowledge.evaluation.questions import Dialogue, Item, Question


class System(Protocol):
    """What is evaluated: the product in this process or a server."""

    def find_procedures(self, question: str) -> Found: ...

    def find_plans(self, question: str) -> Found: ...

    def ask(self, question: str, session_id: str) -> Mapping[str, Any]:
        """One turn in the shape of ``/api/v1/ask``; ``took_ms`` may have a fraction."""
        ...


def generate(system: System, items: Sequence[Item], on_progress: Callable[[int], None] | None = None) -> list[Outcome]:
    """Ask everything once; each question has a session of its own, the turns of a dialogue share one.

    Args:
        on_progress: called with the number of outcomes so far.
    """
    outcomes: list[Outcome] = []
    for item in items:
        for outcome in _outcomes(system, item):
            outcomes.append(outcome)
            if on_progress:
                on_progress(len(outcomes))
    return outcomes


def count(items: Sequence[Item]) -> int:
    """How many outcomes :func:`generate` will give."""
    return sum(len(item.turns) if isinstance(item, Dialogue) else 1 for item in items)


def _outcomes(system: System, item: Item) -> Iterator[Outcome]:
    session_id = f"eval-{uuid.uuid4().hex}"
    if isinstance(item, Dialogue):
        for turn in item.turns:  # search knows no context, so turns are judged by the conversation alone
            yield Outcome(turn, Found(), read_reply(system.ask(turn.text, session_id)), item.id)
    else:
        yield Outcome(item, _search(system, item), read_reply(system.ask(item.text, session_id)))


def _search(system: System, question: Question) -> Found:
    return system.find_plans(question.text) if question.kind == "plan" else system.find_procedures(question.text)


def read_reply(reply: Mapping[str, Any]) -> Asked:
    """The judged part of a reply. Buttons, cards and citations' quotes are no part of its text."""
    return Asked(
        status=reply["status"],
        intent=reply.get("intent") or "",
        aspect=reply.get("aspect") or "",
        code=(reply.get("procedure") or {}).get("code", ""),
        choices=tuple(choice["code"] for choice in reply.get("choices") or ()),
        text="\n\n".join(message["text"] for message in reply["messages"]),
        sources=tuple(citation["source"] for citation in reply.get("citations") or ()),
        confidence=float(reply.get("confidence") or 0.0),
        is_degraded=bool(reply.get("degraded")),
        took_ms=float(reply.get("took_ms") or 0.0),
    )
