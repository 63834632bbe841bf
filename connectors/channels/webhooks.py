"""``POST /webhooks/…``: the raw body to the intake, an answer once it is durable, nothing else."""

from __future__ import annotations

import time
from collections.abc import Mapping

from fastapi import APIRouter, HTTPException, Request, Response

from connectors.channel_metrics import ChannelMetrics
from connectors.channels.base import Channel
from connectors.errors import StoreError, WebhookRefused, WebhookUnreadable
from connectors.intake import Intake

PREFIX = "/webhooks"


def create_webhooks(channels: Mapping[str, Channel], intake: Intake, metrics: ChannelMetrics) -> APIRouter:
    """One route a channel, named like it."""
    router = APIRouter(prefix=PREFIX, include_in_schema=False)

    for channel in channels.values():
        router.add_api_route(f"/{channel.name}", _receiver(channel, intake, metrics), methods=["POST"])
    return router


def _receiver(channel: Channel, intake: Intake, metrics: ChannelMetrics):
    async def receive(request: Request) -> Response:
        began = time.perf_counter()
        raw = await request.body()
        if len(raw) > channel.limits.body_bytes:
            raise HTTPException(413)
        try:
            await intake.take(channel, raw, request.headers)
        except WebhookRefused as exc:
            raise HTTPException(403) from exc
        except WebhookUnreadable as exc:
            raise HTTPException(400) from exc
        except StoreError as exc:  # not durable, so not taken: the channel brings it again
            raise HTTPException(503, headers={"Retry-After": "5"}) from exc
        finally:
            metrics.ack_s.labels(channel.name).observe(time.perf_counter() - began)
        return Response(b'{"ok":true}', media_type="application/json")

    return receive
