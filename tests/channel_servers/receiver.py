"""A webhook of a test's own: verifies and parses with a connector, keeps what came of it."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from connectors.channels.base import Channel
from connectors.errors import WebhookRefused, WebhookUnreadable
from connectors.messages import IncomingMessage
from tests.channel_servers.courier import Courier
from tests.channel_servers.serving import ChannelServer


class Receiver(ChannelServer):
    """Attributes: ``taken``: messages in the order they came; ``statuses``: what each delivery was answered."""

    name = "receiver"

    def __init__(self, channel: Channel) -> None:
        super().__init__(Courier(retry_after_s=(), timeout_s=1))
        self.channel = channel
        self.taken: list[IncomingMessage] = []
        self.statuses: list[int] = []

    def routes(self) -> list[BaseRoute]:
        return [Route("/webhooks/{name}", self._receive, methods=["POST"])]

    async def _receive(self, request: Request) -> Response:
        raw, status = await request.body(), 200
        try:
            self.channel.verify(raw, request.headers)
            self.taken += self.channel.parse(raw, request.headers)
        except WebhookRefused:
            status = 403
        except WebhookUnreadable:
            status = 400
        self.statuses.append(status)
        return JSONResponse({}, status_code=status)
