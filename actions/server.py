"""Rasa's action protocol as FastAPI routes: rasa-sdk's executor inside the gateway, no process of its own."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException

from actions.bootstrap import Wiring
from actions.rasa_actions import SKILLS, NamedSkill


def create_action_router(wiring: Wiring | None = None) -> APIRouter:
    """``POST /webhook`` as rasa-sdk's own server answers it; the gateway mounts and guards it."""
    executor = ActionExecutor()
    for name in SKILLS:
        executor.register_action(NamedSkill(name, wiring))
    router = APIRouter()

    @router.post("/webhook")
    async def run_action(call: dict[str, Any]) -> JSONResponse:
        try:
            result = await executor.run(call)
        except ActionExecutionRejection as exc:
            return JSONResponse({"error": exc.message, "action_name": exc.action_name}, 400)
        except ActionNotFoundException as exc:
            return JSONResponse({"error": exc.message, "action_name": exc.action_name}, 404)
        return JSONResponse(result.model_dump() if result else None)

    return router
