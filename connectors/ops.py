"""Routes for whoever runs the service: alive, ready, figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from fastapi import APIRouter, Response
from starlette.concurrency import run_in_threadpool

from connectors.metrics import Metrics
from connectors.models import Liveness, PartState, Readiness
from connectors.ports import Dialogue, Health, Part
from connectors.store.database import Store


def create_ops(health: Health, dialogue: Dialogue | None, store: Store | None, metrics: Metrics) -> APIRouter:
    ops = APIRouter(tags=["Vận hành"])

    @ops.get("/healthz", summary="Tiến trình còn sống / Alive")
    async def healthz() -> Liveness:
        return Liveness()

    @ops.get(
        "/readyz",
        summary="Sẵn sàng trả lời / Ready",
        responses={503: {"model": Readiness, "description": "Chưa sẵn sàng / Not ready"}},
    )
    async def readyz(response: Response) -> Readiness:
        """`degraded` vẫn trả lời được (ví dụ Rasa vắng). / `degraded` still answers."""
        parts = dict(await run_in_threadpool(health.parts))
        parts.setdefault("rasa", await _dialogue_part(dialogue))
        parts.setdefault("database", await run_in_threadpool(_store_part, store))
        readiness = _readiness(parts)
        response.status_code = 503 if readiness.status == "not_ready" else 200
        return readiness

    @ops.get("/metrics", summary="Số liệu Prometheus / Prometheus figures", response_class=Response)
    async def prometheus() -> Response:
        return Response(metrics.render(), media_type="text/plain; version=0.0.4; charset=utf-8")

    return ops


async def _dialogue_part(dialogue: Dialogue | None) -> Part:
    if dialogue is None:
        return Part(False, "không cấu hình, trả lời trực tiếp / not configured, answering directly", is_required=False)
    is_alive = await dialogue.is_alive()
    return Part(is_alive, "" if is_alive else "Rasa không trả lời / Rasa does not answer", is_required=False)


def _store_part(store: Store | None) -> Part:
    if store is None:
        return Part(False, "không cấu hình / not configured", is_required=False)
    fault = store.fault()
    return Part(fault == "", fault, is_required=False)


def _readiness(parts: dict[str, Part]) -> Readiness:
    if any(part.is_required and not part.is_ok for part in parts.values()):
        status = "not_ready"
    else:
        status = "ready" if all(part.is_ok for part in parts.values()) else "degraded"
    states = {
        name: PartState(ok=fields["is_ok"], required=fields["is_required"], detail=fields["detail"], numbers=_plain_numbers(fields["numbers"]))
        for name, fields in ((name, asdict(part)) for name, part in parts.items())
    }
    return Readiness(status=status, parts=states)


def _plain_numbers(numbers: Mapping[str, float]) -> dict[str, int | float]:
    """Counts as whole numbers: 78, not 78.0."""
    return {name: int(number) if float(number).is_integer() else number for name, number in numbers.items()}
