"""Fixtures with the real encoder, an index of the bundled knowledge alone, built once a test run, and the inbox on each database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.pipeline import refresh_index
from bot.settings import REPOSITORY, Settings
from connectors.inbox.database import InboxDatabase
from nlu.encoder import Encoder, load_encoder
from tests.inbox_hands import Hands

#: Outlive the run: only changed texts are encoded anew, the intent classifier is trained where its data changed.
KEPT = {
    Path("cache", "vectors"): REPOSITORY / "var" / "cache" / "vectors",
    Path("models", "intents"): REPOSITORY / "var" / "cache" / "test-intents",
}


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    """The encoder that ships with the product."""
    return load_encoder("")


@pytest.fixture(scope="session")
def bundled_settings(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Settings:
    """Settings of a home of its own whose live index holds the bundled knowledge and nothing else."""
    home = tmp_path_factory.mktemp("home")
    settings = Settings(_env_file=None, home=home, corpus=(), rasa=False, encoder="")
    _share_what_is_kept(home)
    refresh_index(settings, encoder)
    return settings


def _share_what_is_kept(home: Path) -> None:
    for place, kept in KEPT.items():
        kept.mkdir(parents=True, exist_ok=True)
        (home / place).parent.mkdir(parents=True, exist_ok=True)
        (home / place).symlink_to(kept, target_is_directory=True)


@pytest.fixture
def hands(any_database_url: str) -> Iterator[Hands]:
    database = InboxDatabase(any_database_url)
    yield Hands(database)
    database.close()
