"""The repairs that need no Rasa to be shown; the rest is in tests/integration/test_rasa_components.py."""

from __future__ import annotations

import pytest

from bot.rasa_launcher import WITHHELD, is_authorised, withhold_fields


@pytest.mark.parametrize(
    ("query", "header", "expected"),
    [
        ("secret", None, True),
        (None, "Bearer secret", True),
        ("wrong", None, False),
        (None, "Bearer wrong", False),
        (None, "secret", False),
        (None, None, False),
        ("", "", False),
    ],
)
def test_a_request_needs_the_token(query: str | None, header: str | None, expected: bool) -> None:
    assert is_authorised(query, header, "secret") is expected


def test_log_entries_lose_personal_fields_and_keep_the_event() -> None:
    entry = withhold_fields({"event": "rest.message.received.failure", "text": "cccd 079203001234", "sender_id": "s1"})
    assert entry == {"event": "rest.message.received.failure", "text": WITHHELD, "sender_id": "s1"}


def test_of_an_exception_only_its_kind_is_logged() -> None:
    try:
        raise KeyError("cccd 079203001234")
    except KeyError:
        entry = withhold_fields({"event": "failed", "exc_info": True})
    assert entry == {"event": "failed", "exc_info": False, "error_kind": "KeyError"}
