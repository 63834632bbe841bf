"""The way of a question through the gateway, top to bottom."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
import traceback
import unicodedata
from dataclasses import dataclass
from typing import Any, Protocol

import anyio
import anyio.to_thread
from pydantic import ValidationError

from connectors import texts
from connectors.errors import DialogueUnavailable
from connectors.metrics import Metrics
from connectors.models import AskResponse, Message
from connectors.notice import NoticeSwitch
from connectors.ports import Dialogue, DirectAnswerer, Masker, ReplyJson
from connectors.sessions import AgeingCache, KeyedLocks
from connectors.settings import GatewaySettings
from connectors.throttled_log import ThrottledLog
from nlu.privacy import SECRET_KINDS

log = logging.getLogger(__name__)
throttled = ThrottledLog(log)

Context = dict[str, Any]


@dataclass(frozen=True)
class Turn:
    """A turn that ended, as the recorder needs it. ``question`` is masked; ``context`` was before it.

    ``next_context``: what the conversation carries on; None when the turn did not touch it.
    """

    question: str
    response: AskResponse
    context: Context
    next_context: Context | None = None


class TurnRecorder(Protocol):
    """Keeps what staff should see of a turn. Blocking; never raises."""

    def record(self, turn: Turn) -> None: ...


@dataclass
class _Memory:
    """What the gateway keeps of a conversation. ``is_stale``: the dialogue engine missed a turn."""

    context: Context
    is_stale: bool = False


class AskFlow:
    """Runs turns. Never raises for what a citizen can send; a fault inside ends as ``error_internal``."""

    def __init__(
        self, dialogue: Dialogue | None, direct: DirectAnswerer, mask: Masker, settings: GatewaySettings, metrics: Metrics,
        notice: NoticeSwitch | None = None,
    ) -> None:  # fmt: skip
        self._dialogue, self._direct, self._mask = dialogue, direct, mask
        self._settings, self._metrics = settings, metrics
        self._notice = notice or NoticeSwitch(None)
        self._memories: AgeingCache[_Memory] = AgeingCache(settings.max_sessions, settings.session_ttl_s)
        self._locks = KeyedLocks()
        self._threads: anyio.CapacityLimiter | None = None

    async def ask(self, question: str, session_id: str | None, context: Context | None = None) -> Turn:
        """One turn; ``context``: what the caller kept of the conversation, where it knows better than our memory."""
        started = time.perf_counter()
        session_id = session_id or secrets.token_urlsafe(18)
        try:
            turn = await self._run(question, session_id, context)
        except Exception as exc:  # the boundary: one polite reply, one logged error
            turn = Turn("", _response(texts.internal_reply(log_fault(exc)), session_id), {})
        took_s = time.perf_counter() - started
        turn.response.took_ms = round(took_s * 1000)
        self._metrics.turn(turn.response.status, turn.response.degraded, took_s)
        return turn

    async def forget(self, session_id: str) -> None:
        """Drop what is remembered of a session, here and in the dialogue engine."""
        async with self._locks.hold(session_id):
            self._memories.drop(session_id)
            if self._dialogue is not None:
                await self._dialogue.forget(session_id)

    def context_of(self, session_id: str) -> Context | None:
        """What is remembered of a session; None for one that is unknown or too old."""
        memory = self._memories.get(session_id)
        return memory.context if memory else None

    def adopt(self, session_id: str, context: Context) -> None:
        """Go on in this session with a conversation that began elsewhere."""
        self._memories.set(session_id, _Memory(context, is_stale=True))

    async def _run(self, question: str, session_id: str, context: Context | None) -> Turn:
        if notice := self._notice.current():
            return Turn("", _response(texts.paused_reply(notice.text), session_id), {})
        question = unicodedata.normalize("NFC", question).strip()
        if not any(character.isalnum() for character in question):
            return Turn("", _response(texts.empty_reply(), session_id), {})
        if len(question) > self._settings.question_limit:
            reply = texts.too_long_reply(len(question), self._settings.question_limit)
            return Turn("", _response(reply, session_id), {})
        masked = self._mask(question)
        if SECRET_KINDS.intersection(masked.kinds):
            return Turn("", _response(texts.secret_reply(), session_id), {})
        async with self._locks.hold(session_id):
            memory = self._memory_of(session_id, context)
            response, next_context = await self._answer(masked.text, session_id, memory)
            self._memories.set(session_id, _Memory(next_context, is_stale=response.degraded))
        if masked.kinds:
            response.messages.append(Message(text=texts.personal_notice(list(masked.kinds))))
        return Turn(masked.text, response, memory.context if memory else {}, next_context)

    def _memory_of(self, session_id: str, context: Context | None) -> _Memory | None:
        """Our memory, unless the caller's is another: then the dialogue engine missed what lies between."""
        memory = self._memories.get(session_id)
        if not context or (memory is not None and memory.context == context):
            return memory
        return _Memory(context, is_stale=memory is not None)

    async def _answer(self, question: str, session_id: str, memory: _Memory | None) -> tuple[AskResponse, Context]:
        """Through the dialogue engine, or directly when it gives nothing usable."""
        try:
            reply = await self._ask_dialogue(question, session_id, memory)
            return _response(reply, session_id), _next_context(reply, memory)
        except DialogueUnavailable as exc:
            self._metrics.dialogue_failure(exc.cause)
            throttled.warning(exc.cause, "dialogue unavailable (%s), answering directly", exc)
        except ValidationError as exc:
            self._metrics.dialogue_failure("protocol")
            places = [".".join(map(str, fault["loc"])) for fault in exc.errors(include_input=False)]
            log.error("a reply of the dialogue does not fit AskResponse at %s, answering directly", places)
        reply = await self._ask_directly(question, memory)
        return _response(reply, session_id, is_degraded=True), _next_context(reply, memory)

    async def _ask_dialogue(self, question: str, session_id: str, memory: _Memory | None) -> ReplyJson:
        if self._dialogue is None:
            raise DialogueUnavailable("absent", "no dialogue engine is configured")
        if memory is None:
            return await self._dialogue.ask(question, session_id)
        return await self._dialogue.ask(question, session_id, memory.context, memory.is_stale)

    async def _ask_directly(self, question: str, memory: _Memory | None) -> ReplyJson:
        if self._threads is None:  # a limiter belongs to the running loop
            self._threads = anyio.CapacityLimiter(self._settings.direct_threads)
        context = memory.context if memory else None
        work = anyio.to_thread.run_sync(
            self._direct.answer, question, context, limiter=self._threads, abandon_on_cancel=True
        )
        return await asyncio.wait_for(work, self._settings.direct_timeout_s)


def log_fault(exc: BaseException) -> str:
    """Log an unexpected error under a new id. Its message may hold a citizen's words and stays out."""
    error_id = secrets.token_hex(4)
    frames = "".join(traceback.format_tb(exc.__traceback__))
    causes = []
    cause: BaseException | None = exc
    while cause is not None and len(causes) < 5:
        causes.append(f"{type(cause).__module__}.{type(cause).__qualname__}")
        cause = cause.__cause__ or cause.__context__
    log.error("error %s: %s\n%s", error_id, " from ".join(causes), frames)
    return error_id


def _response(reply: ReplyJson, session_id: str, is_degraded: bool = False) -> AskResponse:
    known = {key: value for key, value in reply.items() if key in AskResponse.model_fields}
    return AskResponse.model_validate({**known, "session_id": session_id, "degraded": is_degraded})


def _next_context(reply: ReplyJson, memory: _Memory | None) -> Context:
    """The reply's context; plain ``utter_`` responses carry none and only leave their status behind."""
    given = reply.get("context")
    if isinstance(given, dict):
        return given
    before = memory.context if memory and reply["status"] != "chitchat_restart" else {}
    return {**before, "last_status": reply["status"]}
