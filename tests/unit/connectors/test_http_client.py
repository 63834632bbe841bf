"""A connection that is gone in the moment it is made is one of httpx's errors to whoever sends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import anyio._backends._asyncio as anyio_backend
import httpx
import pytest

from connectors.channels.http_seam import call_json
from connectors.dialogue_client import RasaDialogue
from connectors.errors import ChannelDown, DialogueUnavailable
from connectors.http_client import HttpClient
from connectors.settings import DialogueSettings


@pytest.fixture
async def gone(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    """A server whose connections have lost their socket once they stand, as uvloop tells it. Gives its address."""
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    monkeypatch.setattr(anyio_backend.SocketStream, "_raw_socket", property(lambda _: None))
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def test_it_is_a_connect_error(gone: str) -> None:
    async with HttpClient(trust_env=False) as client:
        with pytest.raises(httpx.ConnectError):
            await client.get(gone)


async def test_a_message_was_surely_not_sent_and_may_go_again(gone: str) -> None:
    async with HttpClient(trust_env=False) as client:
        with pytest.raises(ChannelDown):
            await call_json(client, "POST", gone)


async def test_the_dialogue_engine_counts_as_absent_so_the_question_is_answered_without_it(gone: str) -> None:
    dialogue = RasaDialogue(DialogueSettings(base_url=gone))
    with pytest.raises(DialogueUnavailable):
        await dialogue.ask("xin chào", "s1", {})
    await dialogue.aclose()


async def test_a_fault_of_ours_is_not_hidden_as_one() -> None:
    def broken(_: httpx.Request) -> httpx.Response:
        return None.text  # type: ignore[attr-defined]

    async with HttpClient(transport=httpx.MockTransport(broken)) as client:
        with pytest.raises(AttributeError):
            await client.get("http://zalo.invalid/")
