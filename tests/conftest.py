"""Fixtures every test may use. Unit tests cannot reach the network (loopback stays open for servers of our own)."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.skipped_parts import pytest_collection_finish, pytest_terminal_summary  # noqa: F401 (hooks)

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """What a command sets up for its log ends with the test: its handlers write to a terminal that is closed by then."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    for handler in root.handlers:
        if handler not in handlers:
            handler.close()
    root.handlers[:] = handlers
    root.setLevel(level)


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


@pytest.fixture(scope="session")
def small_restorer() -> Iterator[None]:
    """Builds learn diacritics from the records and our everyday lines; underthesea's word list would take seconds."""
    import knowledge.index.build
    import nlu.diacritics

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(knowledge.index.build, "general_vietnamese", nlu.diacritics._everyday_sentences)
        yield


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A real PostgreSQL that lives as long as the test run, skipped clearly where the machine has none.

    One database for all: a test that leaves tables behind takes ``fresh_postgres_url``.
    """
    from tests.postgres import PostgresMissing, running_postgres

    try:
        with running_postgres() as url:
            yield url
    except PostgresMissing as exc:
        pytest.skip(str(exc))


@pytest.fixture(scope="session")
def pgvector_url() -> Iterator[str]:
    """A real PostgreSQL with the real pgvector extension, skipped clearly where the environment has none."""
    from tests.postgres import PostgresMissing, pgvector_programs, running_postgres

    try:
        with running_postgres(pgvector_programs()) as url:
            yield url
    except PostgresMissing as exc:
        pytest.skip(str(exc))


@pytest.fixture
def fresh_postgres_url(postgres_url: str) -> Iterator[str]:
    """An empty database of one test's own on that server."""
    from tests.postgres import fresh_database

    with fresh_database(postgres_url) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def any_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The test runs twice: on a SQLite file and on the real PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'motcua.db'}"
    return request.getfixturevalue("fresh_postgres_url")


def pytest_configure(config: pytest.Config) -> None:
    config.option.allow_hosts = config.option.allow_hosts or "127.0.0.1,::1,localhost"
