"""What the widget needs beside the gateway's own ports. Where a port is absent, the widget shows no such button."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class ContactRequest:
    """Somebody wants to be called back.

    ``matter`` is masked; ``reach`` is a telephone number or an e-mail address, given for this purpose and agreed to.
    ``session_id`` lets the person withdraw the request with the conversation; "" when there was none.
    """

    reach: str
    matter: str
    name: str = ""
    procedure_code: str = ""
    session_id: str = ""


class ContactDesk(Protocol):
    """Takes requests to be called back to those who will call. Blocking; called in a worker thread."""

    def leave(self, request: ContactRequest) -> str:
        """Keep the request; returns the number told to the person.

        Raises:
            StoreError: it cannot be kept now.
        """
        ...

    def withdraw(self, session_id: str) -> int:
        """Delete the open requests of a session; returns how many there were."""
        ...


@dataclass(frozen=True)
class CarryCode:
    """A code that moves a conversation to another channel; ``links`` are (title, address) of the channels."""

    code: str
    minutes: int
    links: tuple[tuple[str, str], ...]


class CarryOn(Protocol):
    """Issues codes that carry a conversation to Zalo or Telegram."""

    async def issue(self, context: Mapping[str, Any]) -> CarryCode:
        """Keep this conversation's context (codes and marks, no words) under a new code."""
        ...
