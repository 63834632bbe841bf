"""The product without its knowledge: real webhooks, inbox, workers, connectors and database; answers repeat the question.

For the short soak of the tests: ``python -m tests.soak.echo_product`` reads the same settings as ``motcua serve``.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from fastapi import FastAPI
from prometheus_client import CollectorRegistry

from bot.channels import channel_parts
from bot.settings import load_settings
from connectors.ask_flow import Turn
from connectors.channel_path import ChannelPath
from connectors.channels.webhooks import create_webhooks
from connectors.models import AskResponse
from connectors.store.database import Store
from nlu.privacy import mask_personal_data

CODE = re.compile(r"\d\.\d{6}")


class EchoFlow:
    """Answers with the procedure code it was asked for, as a source; takes a hundredth of a second."""

    async def ask(self, question: str, session_id: str | None, context: dict[str, Any] | None = None) -> Turn:
        await asyncio.sleep(0.01)
        code = CODE.search(question)
        citations = [{"kind": "procedure", "title": "Thủ tục", "number": code.group()}] if code else []
        body = {"session_id": session_id or "s", "status": "answered_aspect", "messages": [{"text": "Trả lời."}], "citations": citations}
        return Turn(question, AskResponse.model_validate(body), context or {}, {"procedure_code": code.group() if code else ""})

    async def forget(self, session_id: str) -> None:
        """Nothing is remembered."""


def main() -> None:
    logging.basicConfig(level=logging.WARNING)
    settings = load_settings()
    store = Store(settings.database)
    path = ChannelPath(channel_parts(settings, store), EchoFlow(), mask_personal_data, CollectorRegistry())

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await path.start()
        yield
        await path.stop()
        store.close()

    app = FastAPI(lifespan=lifespan)
    app.include_router(create_webhooks(path.channels, path.intake, path.metrics))

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    uvicorn.run(app, host=settings.host, port=settings.port, log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
