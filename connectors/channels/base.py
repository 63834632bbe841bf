"""What the message path needs of a channel. One connector a channel implements ``Channel``; nothing else differs.

Order of use: ``verify`` and ``parse`` in the webhook route (quick, no waiting, no store), then, from a worker,
``show_working``, ``render`` and ``send``. ``poll`` takes the webhook's place where there is no public address.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol, runtime_checkable

from connectors.messages import IncomingMessage, OutgoingMessage


@dataclass(frozen=True)
class ChannelLimits:
    """What the channel takes. Facts come with their source in each connector.

    Attributes:
        text_chars: longest text of one message, in the unit the channel counts (``render`` knows it).
        buttons: how many buttons a message may have; 0 where the channel has none (they become numbers).
        button_title_chars: longest title of a button.
        payload_bytes: longest payload of a button, UTF-8; 0 where it has no buttons.
        reply_window_s: seconds after the person's last message in which we may write for nothing; None for ever.
        send_window_s: seconds after which the channel refuses to deliver; None for never.
        is_idempotent: sending the same payload twice shows it once. False on every channel known today.
        body_bytes: largest webhook body worth reading.
    """

    text_chars: int
    buttons: int = 0
    button_title_chars: int = 0
    payload_bytes: int = 0
    reply_window_s: float | None = None
    send_window_s: float | None = None
    is_idempotent: bool = False
    body_bytes: int = 256 * 1024


@dataclass(frozen=True)
class ChannelPayload:
    """One call to the channel, ready to be sent and JSON-able: it waits in the outbox as it is.

    Attributes:
        method: the connector's own name of the call (``sendMessage``, ``message/cs``).
        body: JSON-able arguments; no token.
        chat_id: who gets it.
        numbered: payloads that the numbers 1, 2, … shown in the text stand for; empty where real buttons are shown.
    """

    method: str
    body: Mapping[str, Any]
    chat_id: str
    numbered: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> ChannelPayload:
        return cls(stored["method"], stored["body"], stored["chat_id"], tuple(stored.get("numbered", ())))


@dataclass(frozen=True)
class SendReceipt:
    """The channel took the message. ``message_id``: the channel's; "" when it names none."""

    message_id: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class PollBatch:
    """What a poll brought. ``cursor`` goes into the next poll, once ``messages`` are stored."""

    messages: tuple[IncomingMessage, ...]
    cursor: str = ""


@dataclass(frozen=True)
class ChannelCheck:
    """One line of ``motcua channels check``. ``found`` and ``mend`` in Vietnamese / English; never a secret."""

    name: str
    is_ok: bool
    found: str
    mend: str = ""


@runtime_checkable
class Channel(Protocol):
    """A connector. Its ``repr`` shows no token. One instance for one event loop."""

    name: str
    limits: ChannelLimits

    def verify(self, raw: bytes, headers: Mapping[str, str]) -> None:
        """Check secret or signature on the bytes as they came; ``headers`` has lower-case names.

        Raises:
            WebhookRefused: missing or wrong signature, or an event too old to be a repetition.
        """
        ...

    def parse(self, raw: bytes, headers: Mapping[str, str]) -> Sequence[IncomingMessage]:
        """The events of a verified body; empty for those nobody handles (counted by the connector's log).

        Raises:
            WebhookUnreadable: no JSON, or not this channel's shape at all.
        """
        ...

    def render(self, message: OutgoingMessage) -> list[ChannelPayload]:
        """Split, escape, lay out buttons. Never fails: what does not fit is shortened or split."""
        ...

    async def send(self, payload: ChannelPayload) -> SendReceipt:
        """Send once.

        Raises:
            ChannelRefused: the channel said no and always will (blocked, too long, window closed).
            ChannelThrottled: too fast; surely not delivered.
            ChannelDown: surely not delivered (no connection, 5xx the channel documents as not done, token being
                refreshed): may be sent again.
            ChannelUnsure: it may or may not have been delivered (time-out after the request went out, connection
                lost while waiting for the answer).
        """
        ...

    async def show_working(self, message: IncomingMessage) -> None:
        """Typing notice, button no longer spinning. Best effort; never raises."""
        ...

    async def poll(self, cursor: str, timeout_s: float) -> PollBatch:
        """Wait up to ``timeout_s`` for events; ``cursor`` confirms what came before.

        Raises:
            ChannelRefused: polling is impossible (a webhook is set, no such method).
            ChannelThrottled, ChannelDown: try again later.
        """
        ...

    async def check(self) -> list[ChannelCheck]:
        """Try token and webhook with the channel itself. Never raises."""
        ...

    async def set_webhook(self, url: str) -> None:
        """Tell the channel our address ``https://…/webhooks/…`` (with our secret). May raise ChannelError."""
        ...

    async def start(self) -> None:
        """Open connections; register commands where the channel has them. An unreachable channel is no error."""
        ...

    async def aclose(self) -> None: ...
