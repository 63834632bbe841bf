"""Secrets sealed before they are stored."""

from __future__ import annotations

import secrets

import pytest

from connectors.errors import SettingsError
from connectors.store.sealing import Seal, SealBroken, is_sealed


def test_what_is_closed_opens_with_the_same_key_only() -> None:
    key = secrets.token_urlsafe(32)
    closed = Seal(key).close("mã làm mới")
    assert is_sealed(closed) and "mã" not in closed
    assert Seal(key).open(closed) == "mã làm mới"
    with pytest.raises(SealBroken):
        Seal(secrets.token_urlsafe(32)).open(closed)


def test_a_changed_text_is_refused() -> None:
    seal = Seal(secrets.token_urlsafe(32))
    closed = seal.close("token")
    middle = len(closed) // 2
    with pytest.raises(SealBroken):
        seal.open(closed[:middle] + ("A" if closed[middle] != "A" else "B") + closed[middle + 1 :])


def test_a_text_of_before_comes_back_as_it_is() -> None:
    assert Seal(secrets.token_urlsafe(32)).open("clear") == "clear"
    assert not is_sealed("clear")


@pytest.mark.parametrize("key", ["", "short", "?" * 43, "A" * 42, "A" * 60])
def test_a_key_that_is_none_names_its_file_and_not_itself(key: str) -> None:
    with pytest.raises(SettingsError, match="secrets/zalo-tokens") as caught:
        Seal(key)
    assert not key or key not in str(caught.value)
    assert "A" * 20 not in repr(Seal("A" * 43))
