"""The index with the real encoder: rebuilt from the cache, swapped under load, refused when it does not fit."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import numpy as np
import pytest

from bot.knowledge_service import KnowledgeService
from bot.pipeline import refresh_index
from bot.settings import Settings
from knowledge.index.errors import IndexDamagedError, IndexMismatchError
from knowledge.index.store import IndexStore
from knowledge.retrieval.config import load_search_config
from nlu.encoder import Encoder
from tests.fakes import HashEncoder

pytestmark = pytest.mark.integration
BIRTH = "1.001193"


@pytest.fixture
def own(bundled_settings: Settings, tmp_path: Path) -> Settings:
    """A home of one's own with a copy of the bundled index and of the vectors, to be rebuilt and damaged."""
    home = tmp_path / "home"
    shutil.copytree(bundled_settings.index_root, home / "index")
    shutil.copytree(bundled_settings.cache / "vectors", home / "cache" / "vectors")
    return bundled_settings.model_copy(update={"home": home})


class Counting:
    """The real encoder, counting the passages it is given."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder, self.n_passages = encoder, 0

    def __getattr__(self, name: str) -> object:
        return getattr(self._encoder, name)

    def encode_passages(self, texts: list[str]) -> np.ndarray:
        self.n_passages += len(texts)
        return self._encoder.encode_passages(texts)


def test_nothing_changed_is_not_built_again(own: Settings, encoder: Encoder) -> None:
    assert refresh_index(own, encoder).was_built is False


def test_a_forced_build_takes_every_vector_from_the_cache_and_searches_alike(own: Settings, encoder: Encoder) -> None:
    store = IndexStore(own.index_root)
    before = store.load_current(encoder)
    counting = Counting(encoder)
    assert refresh_index(own, counting, force=True).was_built
    assert counting.n_passages == 0
    after = store.load_current(encoder)
    assert after.name != before.name
    query = encoder.encode_queries(["làm giấy khai sinh cho con"])
    for one, other in zip(before.dense_titles.search(query, 20), after.dense_titles.search(query, 20), strict=True):
        assert np.allclose(one, other, atol=1e-6)
    assert after.manifest.source_digest == before.manifest.source_digest
    text = "lam giay khai sinh cho con"
    assert after.restorer.restore(text).text == before.restorer.restore(text).text == "làm giấy khai sinh cho con"


def test_without_a_cache_vectors_stay_the_same_but_for_rounding(own: Settings, encoder: Encoder) -> None:
    live = IndexStore(own.index_root).load_current(encoder)
    names = [title.text for title in live.titles[:50]]
    vectors = encoder.encode_passages(names)
    scores, rows = live.dense_titles.search(vectors, 1)
    assert (scores[:, 0] > 0.999).all()
    assert [live.titles[row].text for row in rows[:, 0]] == names


def test_an_index_of_another_encoder_is_refused(own: Settings) -> None:
    with pytest.raises(IndexMismatchError, match="encoder"):
        IndexStore(own.index_root).load_current(HashEncoder())


@pytest.mark.parametrize("name", ["dense_titles.faiss", "restorer.npz", "passages.jsonl", "manifest.json"])
def test_a_damaged_index_is_refused_and_the_next_run_mends_it(own: Settings, encoder: Encoder, name: str) -> None:
    store = IndexStore(own.index_root)
    path = own.index_root / store.current_name() / name
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(IndexDamagedError, match="motcua index"):
        store.load_current(encoder)
    assert refresh_index(own, encoder).was_built
    assert store.load_current(encoder).procedures


def test_indexes_swap_under_concurrent_searches_without_one_failure(own: Settings, encoder: Encoder) -> None:
    store = IndexStore(own.index_root)
    service = KnowledgeService(store, encoder, load_search_config())
    found, faults, done = [], [], threading.Event()

    def search() -> None:
        while not done.is_set():
            try:
                result = service.searcher().search("đăng ký khai sinh cho con")
                found.append(result.procedures[0].procedure.code)
            except Exception as exc:
                faults.append(exc)
                return

    threads = [threading.Thread(target=search) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(2):
        refresh_index(own, encoder, force=True)
        before = len(found)
        assert service.reload_if_newer()
        while len(found) < before + 6 and not faults:
            done.wait(0.01)
    done.set()
    for thread in threads:
        thread.join()
    assert faults == []
    assert set(found) == {BIRTH}
