"""Stand-ins for what the gateway is handed: deterministic, no model, no net."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from connectors.errors import DialogueUnavailable
from connectors.gateway import GatewayDependencies
from connectors.ports import Part, ProcedurePage
from knowledge.model import LegalBasis, Procedure, RequiredDocument, Source, Submission

BIRTH = Procedure(
    code="1.001193",
    name="Thủ tục đăng ký khai sinh",
    source=Source(id="1.001193", title="Cổng Dịch vụ công quốc gia", url="https://example.vn/1.001193", read_on="2026-07"),
    aliases=("làm giấy khai sinh",),
    levels=("Cấp xã",),
    field="Hộ tịch",
    agency="Ủy ban nhân dân cấp xã",
    submissions=(Submission("desk", "Ngay trong ngày", fees=("Miễn phí",)), Submission("online", "2", is_time_certain=False)),
    documents=(RequiredDocument("Giấy chứng sinh", "1 bản chính", case="Sinh tại cơ sở y tế"),),
    legal_basis=(LegalBasis("Luật Hộ tịch", "60/2014/QH13"),),
)
MARRIAGE = Procedure(
    code="1.000894", name="Thủ tục đăng ký kết hôn", source=BIRTH.source, levels=("Cấp xã",), field="Hộ tịch", agency="UBND cấp xã"
)
TRADEMARK = Procedure(
    code="1.005276", name="Đăng ký nhãn hiệu <script>alert(1)</script>", source=BIRTH.source, levels=("Cấp bộ",), field="Sở hữu trí tuệ", agency="Cục"
)

Json = dict[str, Any]


def reply(status: str = "answered_aspect", text: str = "Bạn cần Giấy chứng sinh.", **more: Any) -> Json:
    base: Json = {
        "status": status, "intent": "ask_documents", "aspect": "documents", "understood": "", "procedure": None,
        "choices": [], "messages": [{"text": text, "buttons": [], "card": None}], "citations": [], "confidence": 0.9,
        "context": {"procedure_code": "1.001193", "aspect": "documents", "last_status": status},
    }  # fmt: skip
    return base | more


CITATION: Json = {
    "kind": "procedure", "source": "1.001193", "title": "Thủ tục đăng ký khai sinh", "number": "1.001193",
    "section": "Thành phần hồ sơ", "quote": "", "url": "https://example.vn/1.001193", "as_of": "2026-07-15", "expired": False,
}  # fmt: skip


class FakeDialogue:
    """Answers with ``replies`` in turn (the last for ever); a reply that is an exception is raised."""

    def __init__(self, *replies: Json | Exception) -> None:
        self.replies = list(replies) or [reply()]
        self.asked: list[tuple[str, str, Mapping[str, Any] | None, bool]] = []
        self.is_closed = False
        self.forgotten: list[str] = []

    async def ask(
        self, question: str, session_id: str, context: Mapping[str, Any] | None = None, is_stale: bool = False
    ) -> Json:
        self.asked.append((question, session_id, context, is_stale))
        answer = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def is_alive(self) -> bool:
        return not isinstance(self.replies[0], DialogueUnavailable)

    async def forget(self, session_id: str) -> None:
        self.forgotten.append(session_id)

    async def aclose(self) -> None:
        self.is_closed = True


class FakeDirect:
    """Answers directly; remembers question, context and thread of each call."""

    def __init__(self, answer: Json | Exception | None = None) -> None:
        self._answer = answer or reply(text="Trả lời trực tiếp.")
        self.asked: list[tuple[str, Mapping[str, Any] | None]] = []
        self.threads: list[str] = []

    def answer(self, question: str, context: Mapping[str, Any] | None) -> Json:
        self.asked.append((question, context))
        self.threads.append(threading.current_thread().name)
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


def hit(code: str, title: str, score: float) -> Json:
    return {
        "score": score, "kind": "procedure", "id": f"{code}#fee", "code": code, "number": code, "title": title,
        "section": "Lệ phí", "text": "Miễn phí", "source": code, "url": "https://example.vn", "signals": {"dense": 0.71, "bm25": 0.42},
    }  # fmt: skip


class FakeSearcher:
    def __init__(self) -> None:
        self.asked: list[tuple[str, int, Any, date | None]] = []

    def search(self, query: str, top_k: int, kinds: Any, as_of: date | None) -> Json:
        self.asked.append((query, top_k, kinds, as_of))
        return {
            "hits": [hit(BIRTH.code, BIRTH.name, 0.83), hit(TRADEMARK.code, TRADEMARK.name, 0.61)],
            "near_misses": [hit(MARRIAGE.code, MARRIAGE.name, 0.41)],
            "query": {"normalised": query.lower(), "restored": "lệ phí khai sinh"},
            "stages_ms": {"normalise": 0.4, "dense": 8.2},
            "confidence": 0.77,
            "exact": False,
            "operating": {"threshold": 0.55, "top_k": top_k},
        }


    def search_procedures(self, query: str, top_k: int, wanted: Any, as_of: date | None) -> Json:
        self.asked.append((query, top_k, ["procedure"], as_of))
        kept = [procedure for procedure in (BIRTH, TRADEMARK, MARRIAGE) if wanted(procedure)]
        return {
            "hits": [hit(procedure.code, procedure.name, 0.83) for procedure in kept],
            "near_misses": [],
            "query": {"normalised": query.lower(), "restored": "lệ phí khai sinh"},
            "stages_ms": {"among": 8.2},
        }


class FakeCatalogue:
    def __init__(self, *procedures: Procedure) -> None:
        self._procedures = {each.code: each for each in procedures or (BIRTH, MARRIAGE, TRADEMARK)}

    def list(self, q: str, field: str, level: str, offset: int, limit: int) -> ProcedurePage:
        fit = [
            each for each in self._procedures.values()
            if q.lower() in f"{each.name} {each.code}".lower() and field in ("", each.field) and (not level or level in each.levels)
        ]  # fmt: skip
        return ProcedurePage(tuple(fit[offset : offset + limit]), len(fit))

    def get(self, code: str) -> Procedure | None:
        return self._procedures.get(code)

    def fields(self) -> list[str]:
        return sorted({each.field for each in self._procedures.values()})


class FakeHealth:
    def __init__(self, **parts: Part) -> None:
        self._parts = parts or {"index": Part(True, numbers={"passages": 78.0}), "model": Part(True), "disk": Part(True)}

    def parts(self) -> Mapping[str, Part]:
        return self._parts


def dependencies(**given: Any) -> GatewayDependencies:
    """The gateway's collaborators, fakes except those given."""
    fakes = {
        "direct": FakeDirect(), "searcher": FakeSearcher(), "catalogue": FakeCatalogue(),
        "health": FakeHealth(), "dialogue": FakeDialogue(),
    }  # fmt: skip
    return GatewayDependencies(**(fakes | given))


def record(procedure: Procedure) -> Json:
    return asdict(procedure)
