"""Fixtures of unit tests: an index of the invented library of tests/fakes.py, built once a run."""

from __future__ import annotations

import pytest

from knowledge.index.store import IndexStore, SearchIndex
from knowledge.retrieval.config import load_search_config
from knowledge.retrieval.search import Searcher
from tests.fakes import HashEncoder, publish_town


@pytest.fixture(scope="session")
def town_store(small_restorer: None, tmp_path_factory: pytest.TempPathFactory) -> IndexStore:
    """A published index of the invented library; tests must not write to it."""
    return publish_town(tmp_path_factory.mktemp("town"), HashEncoder())


@pytest.fixture(scope="session")
def town_index(town_store: IndexStore) -> SearchIndex:
    return town_store.load_current(HashEncoder())


@pytest.fixture(scope="session")
def town(town_index: SearchIndex) -> Searcher:
    """A searcher over the invented library with the product's own search.yml."""
    return Searcher(town_index, HashEncoder(), load_search_config())
