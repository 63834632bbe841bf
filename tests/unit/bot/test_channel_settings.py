"""What an operator sets of channels arrives at the connectors."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.channels import connected_channels
from bot.errors import SettingsInvalid
from bot.settings import Settings, load_settings
from connectors.inbox.database import InboxDatabase
from connectors.store.database import Store

#: Setting → (channel, attribute of the connector's settings, its default).
PACES = {
    "TELEGRAM_PER_SECOND": ("telegram", "per_second", 25),
    "TELEGRAM_PER_CHAT_5S": ("telegram", "per_chat_5s", 4),
    "TELEGRAM_PER_GROUP_MINUTE": ("telegram", "per_group_minute", 18),
    "ZALO_PER_MINUTE": ("zalo", "per_minute", 3_600),
    "ZALO_BOT_PER_SECOND": ("zalo-bot", "per_second", 20),
}
TOKENS = {
    "telegram_token": "123456789:TEST-only-token-of-no-bot-AAAAAAAAA", "zalo_app_id": "1234567890", "zalo_app_secret": "app-secret",
    "zalo_bot_token": "a-token-of-no-bot-at-all",
}  # fmt: skip


@pytest.mark.parametrize("name", PACES)
@pytest.mark.parametrize("is_set", [False, True])
def test_how_fast_a_channel_is_written_to_can_be_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, is_set: bool
) -> None:
    channel, attribute, standard = PACES[name]
    if is_set:
        monkeypatch.setenv(f"MOTCUA_{name}", "7")
    settings = Settings(_env_file=None, home=tmp_path, **TOKENS)
    connected = connected_channels(settings, Store(settings.database), InboxDatabase(settings.database))
    (found,) = [each.channel for each in connected if each.channel.name == channel]
    assert getattr(found.settings, attribute) == (7 if is_set else standard)


@pytest.mark.parametrize("name", PACES)
def test_a_pace_of_nothing_is_refused_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(f"MOTCUA_{name}", "0")
    with pytest.raises(SettingsInvalid, match=f"MOTCUA_{name}"):
        load_settings()
