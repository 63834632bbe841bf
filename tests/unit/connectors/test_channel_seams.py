"""Where outside answers and words come in: what an odd answer means, and what looks like a command but is data."""

from __future__ import annotations

import httpx
import pytest

from connectors.channels.http_seam import call_json
from connectors.errors import ChannelDown, ChannelError, ChannelThrottled, ChannelUnsure
from connectors.intake import mask_message
from connectors.messages import IncomingMessage
from nlu.privacy import mask_personal_data
from tests.channel_path_fakes import event


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (403, {"message": "Forbidden"}, ChannelDown),
        (429, {"message": "slow down"}, ChannelThrottled),
        (200, {}, ChannelUnsure),
        (302, {"moved": True}, ChannelUnsure),
    ],
)
async def test_an_object_that_is_no_answer_of_the_api_is_no_success(status: int, body: dict, error: type[ChannelError]) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(status, json=body))
    async with httpx.AsyncClient(transport=transport) as client:
        with pytest.raises(error):
            await call_json(client, "POST", "http://zalo.invalid/x", says=("error",))


async def test_the_apis_own_refusal_is_handed_on_whatever_its_status() -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(400, json={"error": -201}))
    async with httpx.AsyncClient(transport=transport) as client:
        assert await call_json(client, "POST", "http://zalo.invalid/x", says=("error",)) == {"error": -201}


def command(name: str, text: str = "") -> IncomingMessage:
    return IncomingMessage.from_json({**event("w1", text).to_json(), "kind": "command", "command": name, "text": text})


@pytest.mark.parametrize("name", ["0912345678", "001099012345"])
def test_a_number_typed_as_a_command_is_masked_like_any_other(name: str) -> None:
    masked = mask_message(command(name), mask_personal_data)
    assert masked.message.command == "" and masked.message.kind == "text"
    assert name not in str(masked.message.to_json())
    assert masked.kinds


def test_a_one_time_code_named_by_its_command_is_not_kept() -> None:
    assert "482913" not in str(mask_message(command("otp", "482913"), mask_personal_data).message.to_json())


def test_a_command_and_its_words_stay() -> None:
    masked = mask_message(command("nguoi", "cho tôi gặp cán bộ"), mask_personal_data)
    assert (masked.message.command, masked.message.text) == ("nguoi", "cho tôi gặp cán bộ")
