"""An assistant at a desk: asks as the gateway would, with how sure a ranking is set by the test.

Rankings come from the invented library, so that no tuned number decides.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from actions.reply import Context, Reply
from actions.turn import Assistant
from knowledge.model import SearchResult, Verdict
from knowledge.retrieval.search import Searcher
from nlu.entities import extract_entities
from nlu.payloads import payload_entities, read_payload
from nlu.types import Understanding
from tests.fakes import TODAY


class Certain:
    """A searcher whose verdict is given, whose first ``n_close`` procedures are equally likely, the others ``behind`` them."""

    def __init__(self, town: Searcher, confidence: float, n_close: int, ask: float = 0.0, behind: float = 1.2) -> None:
        self._town, self._confidence, self._n_close, self._ask, self._behind = town, confidence, n_close, ask, behind

    def __getattr__(self, name: str) -> object:
        return getattr(self._town, name)

    def search(self, question: str, **kinds: object) -> SearchResult:
        result = self._town.search(question, **kinds)
        procedures = tuple(
            replace(hit, signals={**hit.signals, "fused": 9.0 if n < self._n_close else 9.0 - self._behind})
            for n, hit in enumerate(result.procedures)
        )
        if result.exact:
            return replace(result, procedures=procedures, confidence=1.0)
        verdict = Verdict(self._confidence, self._ask, max(0.0, 1 - self._confidence - self._ask))
        return replace(result, procedures=procedures, confidence=self._confidence, verdict=verdict)


class Desk:
    """Asks an assistant as the gateway would: parses codes and buttons, carries the context."""

    def __init__(self, town: Searcher) -> None:
        self._town = town
        self.context = Context()

    def ask(
        self,
        text: str,
        intent: str = "inform",
        certainty: str = "sure",
        n_close: int = 1,
        today: date = TODAY,
        ask: float = 0.0,
        behind: float = 1.2,
    ) -> Reply:
        limits = self._town.config.thresholds
        confidence = {"sure": limits.answer, "unsure": limits.ask_back, "lost": limits.ask_back - 0.01, "certain": 0.99}[certainty]
        assistant = Assistant(lambda: Certain(self._town, confidence, n_close, ask, behind), today=lambda: today)
        payload = read_payload(text)
        entities = payload_entities(payload, text) if payload else extract_entities(text)
        understanding = Understanding(text, payload.intent if payload else intent, 0.95, (), entities)
        reply = assistant.answer(text, understanding, self.context)
        self.context = reply.context
        return reply


def code_of(reply: Reply) -> str | None:
    return reply.procedure["code"] if reply.procedure else None
