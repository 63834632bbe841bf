"""Fixtures every test may use. Unit tests cannot reach the network (loopback stays open for servers of our own)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def corpus_dir() -> Path:
    """The optional real corpus: MOTCUA_TEST_CORPUS, else ../shared/corpus beside the repository."""
    given = os.environ.get("MOTCUA_TEST_CORPUS")
    path = Path(given) if given else REPOSITORY.parent / "shared" / "corpus"
    if not (path / "procedures-2026-07.jsonl.gz").is_file():
        pytest.skip(f"no corpus at hand (set MOTCUA_TEST_CORPUS to its folder; looked at {path.name})")
    return path


@pytest.fixture(scope="session")
def repository() -> Path:
    return REPOSITORY


def pytest_configure(config: pytest.Config) -> None:
    config.option.allow_hosts = config.option.allow_hosts or "127.0.0.1,::1,localhost"
