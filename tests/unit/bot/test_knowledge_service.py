"""The live index: a newer one takes over without a gap, a damaged one never does."""

from __future__ import annotations

import logging
import threading
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot.knowledge_service import CataloguePort, HealthPort, KnowledgeService, SearchPort
from knowledge.index.errors import IndexMissingError
from knowledge.index.store import IndexStore
from knowledge.retrieval.config import load_search_config
from tests.fakes import BIRTH, LODGING, MARRIAGE, PROCEDURES, RESIDENCE, HashEncoder, publish_town

pytestmark = pytest.mark.usefixtures("small_restorer")


@pytest.fixture
def store(tmp_path: Path) -> IndexStore:
    return publish_town(tmp_path, HashEncoder())


def publish(store: IndexStore, *procedures) -> str:
    publish_town(store.root.parent, HashEncoder(), procedures)
    return store.current_name()


def service_of(store: IndexStore) -> KnowledgeService:
    return KnowledgeService(store, HashEncoder(), load_search_config())


def test_without_an_index_there_is_no_service(tmp_path: Path) -> None:
    with pytest.raises(IndexMissingError, match="motcua index"):
        service_of(IndexStore(tmp_path))


def test_a_newer_index_takes_over_once(store: IndexStore) -> None:
    service = service_of(store)
    assert service.reload_if_newer() is False
    held = service.searcher()
    name = publish(store, BIRTH)
    assert service.reload_if_newer() is True
    assert service.reload_if_newer() is False
    assert service.searcher().index.name == name
    assert held.search(MARRIAGE.name).procedures[0].procedure == MARRIAGE, "a turn that began keeps its index"


def test_a_newer_damaged_index_is_refused_once_and_the_old_one_goes_on(
    store: IndexStore, caplog: pytest.LogCaptureFixture
) -> None:
    service = service_of(store)
    old = service.searcher()
    name = publish(store, BIRTH)
    (store.root / name / "titles.json").write_bytes(b"[]")
    with caplog.at_level(logging.ERROR):
        assert service.reload_if_newer() is False
        assert service.reload_if_newer() is False
    assert service.searcher() is old
    assert caplog.text.count("refused") == 1 and name in caplog.text
    good = publish(store, MARRIAGE)
    assert service.reload_if_newer() is True
    assert service.searcher().index.name == good


def test_a_newer_half_written_index_is_refused(store: IndexStore) -> None:
    service = service_of(store)
    half = store.new_folder()
    half.mkdir()
    (store.root / "current").write_text(half.name)
    assert service.reload_if_newer() is False
    assert service.searcher().search(BIRTH.name).procedures[0].procedure == BIRTH


def test_indexes_swap_under_searches_without_one_failure(store: IndexStore) -> None:
    service, faults, n_searches = service_of(store), [], []
    done = threading.Event()

    def search() -> None:
        while not done.is_set():
            try:
                found = service.searcher().search(BIRTH.name)
                assert found.procedures[0].procedure.code == BIRTH.code
                n_searches.append(1)
            except Exception as exc:
                faults.append(exc)
                return

    threads = [threading.Thread(target=search) for _ in range(4)]
    for thread in threads:
        thread.start()
    n_swaps = 0
    for procedures in ([BIRTH], PROCEDURES, [BIRTH, MARRIAGE], PROCEDURES[:3]):
        publish(store, *procedures)
        before = len(n_searches)
        n_swaps += service.reload_if_newer()
        while len(n_searches) < before + 8 and not faults:
            done.wait(0.005)
    done.set()
    for thread in threads:
        thread.join()
    assert faults == []
    assert n_swaps == 4


def test_watching_ends_when_stopped(store: IndexStore) -> None:
    service = service_of(store)
    service.watch()
    service.stop()
    assert "index-watch" not in {thread.name for thread in threading.enumerate()}


# Ports of the gateway.


def test_the_search_port_gives_the_designs_shape(store: IndexStore) -> None:
    found = SearchPort(service_of(store)).search("đăng ký khai sinh", 3, None, date(2031, 6, 1))
    assert {"hits", "near_misses", "query", "stages_ms", "confidence", "exact", "operating"} <= set(found)
    hit = found["hits"][0]
    assert set(hit) >= {"score", "kind", "id", "code", "number", "title", "section", "text", "source", "url"}
    assert (hit["code"], hit["source"]) == (BIRTH.code, BIRTH.source.id)
    assert "thresholds.hit" in found["operating"]


CROWD = tuple(
    replace(BIRTH, code=f"9.2{n:05}", name=f"Đăng ký khai sinh cho trẻ ở chợ số {n}", aliases=(), levels=("Cấp tỉnh",)) for n in range(70)
)
ASKED = "đăng ký khai sinh cho trẻ ở chợ"


def test_a_filter_finds_what_many_others_rank_before(tmp_path: Path) -> None:
    kite = replace(LODGING, code="9.300001", name="Khai báo thả diều ở chợ", levels=("Cấp xã",), field="Gió")
    port = SearchPort(service_of(publish_town(tmp_path, HashEncoder(), (*CROWD, kite))))
    first_ten = port.search(ASKED, 10, None, None)
    assert kite.code not in {hit["code"] for hit in (*first_ten["hits"], *first_ten["near_misses"])}
    found = port.search_procedures(ASKED, 10, lambda procedure: procedure.field == "Gió", None)
    assert [hit["code"] for hit in (*found["hits"], *found["near_misses"])] == [kite.code]


def test_a_filter_keeps_order_cut_and_exact_numbers(tmp_path: Path) -> None:
    port = SearchPort(service_of(publish_town(tmp_path, HashEncoder(), CROWD)))
    of_province = lambda procedure: procedure.levels == ("Cấp tỉnh",)  # noqa: E731
    found = port.search_procedures(ASKED, 10, of_province, None)
    scores = [hit["signals"]["fused"] for hit in found["hits"]]
    assert len(scores) == 10 and scores == sorted(scores, reverse=True)
    assert [hit["code"] for hit in found["hits"]] == [hit["code"] for hit in port.search(ASKED, 10, ["procedure"], None)["hits"]]
    coded = port.search_procedures("thủ tục 9.200069", 10, of_province, None)
    assert (coded["hits"][0]["code"], coded["hits"][0]["score"], coded["exact"]) == ("9.200069", 1.0, True)
    assert "confidence" not in coded


def test_a_filter_that_nothing_meets_finds_nothing(store: IndexStore) -> None:
    found = SearchPort(service_of(store)).search_procedures("khai sinh", 10, lambda procedure: False, None)
    assert (found["hits"], found["near_misses"]) == ([], [])


def test_the_catalogue_filters_and_pages(store: IndexStore) -> None:
    catalogue = CataloguePort(service_of(store))
    assert catalogue.list("", "", "", 0, 2).total == len(PROCEDURES)
    assert catalogue.list("", "", "", 4, 10).items == PROCEDURES[4:]
    assert catalogue.list("tru", "", "", 0, 9).items == (RESIDENCE, LODGING)
    assert catalogue.list("", "Hộ tịch", "Cấp xã", 0, 9).items == (BIRTH, MARRIAGE)
    assert catalogue.list("9.100001", "", "", 0, 9).items == (BIRTH,)
    assert catalogue.list("khai sinh cho bé mới", "", "", 0, 9).items == (BIRTH,)
    assert catalogue.list("", "", "Cấp bộ", 0, 9).total == 0
    assert catalogue.get(BIRTH.code) == BIRTH
    assert catalogue.get("9.999999") is None
    assert catalogue.fields() == sorted({p.field for p in PROCEDURES})


def test_health_names_the_index_and_a_full_disk(store: IndexStore) -> None:
    service = service_of(store)
    parts = HealthPort(service, HashEncoder(), lambda: 10**12).parts()
    assert all(part.is_ok for part in parts.values())
    assert parts["index"].numbers["procedures"] == len(PROCEDURES)
    full = HealthPort(service, HashEncoder(), lambda: 10).parts()["disk"]
    assert (full.is_ok, full.is_required) == (False, False)
