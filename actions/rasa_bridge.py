"""Between Rasa's tracker and our turn: reads an Understanding and a Context, writes a Reply back."""

from __future__ import annotations

import asyncio
import logging
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter, ValidationError
from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.bootstrap import Wiring, installed
from actions.phrases import say
from actions.reply import Context, Reply, ReplyMessage
from nlu.types import Entity, Understanding

log = logging.getLogger(__name__)
_CONTEXT = TypeAdapter(Context)


class SkillAction(Action):
    """Shared shape of our actions; abstract, so that rasa-sdk never builds it.

    Args:
        wiring: real collaborators; None takes those of actions.bootstrap on first use.
    """

    def __init__(self, wiring: Wiring | None = None) -> None:
        self._wiring = wiring

    @abstractmethod
    def reply(self, wiring: Wiring, question: str, understanding: Understanding, context: Context) -> Reply:
        """The whole turn; runs in a worker thread."""

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """The boundary: whatever is unexpected becomes one polite reply and one logged error."""
        context = context_of(tracker)
        try:
            wiring = self._wiring or installed()
            understanding = understanding_of(tracker.latest_message)
            question = tracker.latest_message.get("text") or ""
            reply = await asyncio.to_thread(self.reply, wiring, question, understanding, context)
        except Exception as exc:
            log.error("%s failed: %s", self.name(), type(exc).__name__, exc_info=_without_message(exc))
            reply = error_reply(context)
        dispatcher.utter_message(json_message={"reply": reply.to_json()})
        return slot_events(reply.context)


def understanding_of(message: Mapping[str, Any]) -> Understanding:
    """Rasa's parsed message as ours."""
    intent = message.get("intent") or {}
    return Understanding(
        text=message.get("text") or "",
        intent=intent.get("name") or "",
        confidence=float(intent.get("confidence") or 0.0),
        ranking=tuple((r["name"], float(r["confidence"])) for r in message.get("intent_ranking") or ()),
        entities=tuple(
            Entity(e["entity"], str(e["value"]), int(e.get("start") or 0), int(e.get("end") or 0))
            for e in message.get("entities") or ()
        ),
    )


def context_of(tracker: Tracker) -> Context:
    """What the conversation carries: the gateway's copy in the message's metadata is newer than the slot."""
    metadata = tracker.latest_message.get("metadata") or {}
    return read_context(metadata.get("session_context") or tracker.get_slot("session_context"))


def read_context(data: object) -> Context:
    """A Context from JSON; a damaged one is logged and the conversation starts anew."""
    if not data:
        return Context()
    try:
        return _CONTEXT.validate_python(data)
    except ValidationError as exc:
        log.error("session context is damaged (%d faults), starting anew", exc.error_count())
        return Context()


def slot_events(context: Context) -> list[EventType]:
    """The whole context in one slot, and its parts in slots that people can read in Rasa's own tools."""
    data = _CONTEXT.dump_python(context, mode="json")
    readable = ("procedure_code", "aspect", "pending_aspect", "choices", "plan_id", "last_status", "n_clarifications")
    return [SlotSet("session_context", data), *(SlotSet(key, data[key] or None) for key in readable)]


def error_reply(context: Context) -> Reply:
    return Reply(status="error_internal", messages=(ReplyMessage(say("error")),), context=context)


def _without_message(exc: BaseException) -> tuple[Any, Any, Any]:
    """exc_info whose message cannot quote a citizen."""
    return (type(exc), type(exc)("withheld") if _takes_text(exc) else None, exc.__traceback__)


def _takes_text(exc: BaseException) -> bool:
    return type(exc) in (ValueError, KeyError, TypeError, RuntimeError, AttributeError, IndexError)


def entities_of(understanding: Understanding, kind: str) -> Sequence[Entity]:
    return [e for e in understanding.entities if e.kind == kind]
