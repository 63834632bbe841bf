"""What comes from outside becomes a text that every database and protocol takes, or nothing."""

from __future__ import annotations

import pytest

from connectors.channels.reading import id_text, words


@pytest.mark.parametrize(
    ("given", "read"),
    [("làm khai sinh 🏠", "làm khai sinh 🏠"), ("a\0b", "ab"), ("a\ud800b", "ab"), ("\ud83c\udfe0", "🏠"), ("\0", ""), (7, ""), (None, "")],
)
def test_words_lose_what_nothing_can_store(given: object, read: str) -> None:
    assert words(given) == read
    words(given).encode()


@pytest.mark.parametrize(
    ("given", "read"),
    [("77", "77"), (77, "77"), (" 77\0", "77"), ("7\udfff7", "77"), (True, ""), (7.5, ""), (["7"], ""), ({"id": 7}, ""), (None, ""), ("7" * 200, "7" * 128)],
)
def test_an_id_is_a_short_text_whatever_it_came_as(given: object, read: str) -> None:
    assert id_text(given) == read
