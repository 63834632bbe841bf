"""Rasa's action protocol as FastAPI routes: rasa-sdk's executor inside the gateway, no process of its own."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import (
    ActionExecutionRejection,
    ActionMissingDomainException,
    ActionNotFoundException,
)

from actions.bootstrap import Wiring
from actions.rasa_actions import SKILLS, NamedSkill


class TrackerState(BaseModel):
    """What rasa-sdk reads of a tracker without asking; the rest passes through."""

    model_config = ConfigDict(extra="allow")

    sender_id: str
    slots: dict[str, Any] = Field(default_factory=dict)
    latest_message: dict[str, Any] | None = None
    events: list[dict[str, Any]] = Field(default_factory=list)


class ActionCall(BaseModel):
    """Rasa's call of an action; anything else is refused with 422 before the executor sees it."""

    model_config = ConfigDict(extra="allow")

    next_action: str = Field(min_length=1)
    tracker: TrackerState
    domain: dict[str, Any] | None = None


def create_action_router(wiring: Wiring | None = None) -> APIRouter:
    """``POST /webhook`` as rasa-sdk's own server answers it; the gateway mounts and guards it."""
    executor = ActionExecutor()
    for name in SKILLS:
        executor.register_action(NamedSkill(name, wiring))
    router = APIRouter()

    @router.post("/webhook")
    async def run_action(call: ActionCall) -> JSONResponse:
        try:
            result = await executor.run(call.model_dump())
        except ActionExecutionRejection as exc:
            return JSONResponse({"error": exc.message, "action_name": exc.action_name}, 400)
        except ActionNotFoundException as exc:
            return JSONResponse({"error": exc.message, "action_name": exc.action_name}, 404)
        except ActionMissingDomainException as exc:  # rasa-sdk's own code for "send the domain too"
            return JSONResponse({"error": exc.message, "action_name": exc.action_name}, 449)
        return JSONResponse(result.model_dump() if result else None)

    return router
