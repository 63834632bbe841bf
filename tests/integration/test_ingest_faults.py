"""An ingest that is killed, a database that goes away under it, an index that is swapped while people ask."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from bot.knowledge_service import KnowledgeService, SearchPort
from connectors.store.database import open_engine
from knowledge.index.store import IndexStore
from knowledge.ingest.service import Ingest
from knowledge.retrieval.config import load_search_config
from knowledge.sources.report import ReadReport
from knowledge.store.database import ContentDatabase
from knowledge.store.errors import ContentStoreError
from tests.fakes import BIRTH, MARRIAGE, HashEncoder
from tests.postgres import PostgresMissing, running_postgres
from tests.unit.knowledge.ingest.town import Town, export

pytestmark = pytest.mark.integration

#: Reads one file, says so, and then hangs in the second until it is killed.
KILLED = """
import sys, time
from pathlib import Path
import knowledge.index.build, knowledge.ingest.service, nlu.diacritics
from tests.unit.knowledge.ingest.town import Town
knowledge.index.build.general_vietnamese = nlu.diacritics._everyday_sentences
home = Path(sys.argv[1])
real = knowledge.ingest.service.read_file
def slow(path, limits):
    if path.name.startswith("b"):
        print("in the second file", flush=True)
        time.sleep(60)
    return real(path, limits)
knowledge.ingest.service.read_file = slow
town = Town.__new__(Town)
from tests.fakes import HashEncoder, BIRTH, MARRIAGE
from knowledge.sources.report import ReadReport
town.home, town.encoder, town.bundled, town.limits = home, HashEncoder(), ReadReport(records=(BIRTH, MARRIAGE)), None
town.files = home / "files"
town.open_database()
town.run()
"""


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Town:
    import knowledge.index.build
    import nlu.diacritics

    monkeypatch.setattr(knowledge.index.build, "general_vietnamese", nlu.diacritics._everyday_sentences)
    return Town(tmp_path / "town")


def test_after_kill_9_the_next_run_goes_on_with_the_file_it_stopped_in(town: Town, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    town.run()
    name = town.live().name
    export(town.files / "a-2031-05.jsonl", "9.200001")
    export(town.files / "b-2031-05.jsonl", "9.200002")
    with subprocess.Popen([sys.executable, "-c", KILLED, str(town.home)], cwd=repository, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout.readline() == "in the second file\n"
        running.send_signal(signal.SIGKILL)
    assert town.live().name == name and town.codes() == {BIRTH.code, MARRIAGE.code}
    parsed = []
    import knowledge.ingest.service as service

    real = service.read_file
    monkeypatch.setattr(service, "read_file", lambda path, limits: parsed.append(path.name) or real(path, limits))
    assert town.run().state == "live"
    assert parsed == ["b-2031-05.jsonl"]
    assert {"9.200001", "9.200002"} <= town.codes()


def test_a_server_that_goes_away_in_mid_ingest_loses_nothing(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    import knowledge.ingest.service as service

    export(town.files / "a-2031-05.jsonl", "9.200001")
    export(town.files / "b-2031-05.jsonl", "9.200002")
    real = service.read_file
    try:
        with running_postgres() as url:
            database = ContentDatabase(open_engine(url))
            ingest = Ingest(database, IndexStore(town.home / "index"), HashEncoder(), town.home / "cache", town.home / "lock", town.dress)

            def cut_off(path: Path, limits: object) -> ReadReport:
                if path.name.startswith("b"):
                    with database._engine.connect() as one:
                        one.exec_driver_sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
                    monkeypatch.setattr(database, "_sessions", ContentDatabase(open_engine("postgresql://x@127.0.0.1:1/none"))._sessions)
                return real(path, limits)

            kept = database._sessions
            monkeypatch.setattr(service, "read_file", cut_off)
            with pytest.raises(ContentStoreError, match="goes on where it stopped"):
                ingest.run(town.bundled, [town.files])
            with pytest.raises(Exception, match="index"):
                IndexStore(town.home / "index").load_current(HashEncoder())  # nothing half live
            parsed = []
            monkeypatch.setattr(database, "_sessions", kept)
            monkeypatch.setattr(service, "read_file", lambda path, limits: parsed.append(path.name) or real(path, limits))
            assert ingest.run(town.bundled, [town.files]).n_procedures == 4
            assert parsed == ["b-2031-05.jsonl"]
            database.close()
    except PostgresMissing as exc:
        pytest.skip(str(exc))


def test_index_and_content_are_swapped_under_load_without_one_failed_question(town: Town) -> None:
    town.run()
    service = KnowledgeService(IndexStore(town.home / "index"), HashEncoder(), load_search_config())
    port, stop, faults, n_answers = SearchPort(service), threading.Event(), [], [0]

    def ask() -> None:
        while not stop.is_set():
            try:
                found = port.search(BIRTH.name, 3, None, None)
                assert found["hits"][0]["code"] == BIRTH.code
                n_answers[0] += 1
            except Exception as exc:  # what this test looks for
                faults.append(repr(exc))
                return

    askers = [threading.Thread(target=ask) for _ in range(4)]
    for thread in askers:
        thread.start()
    seen = set()
    for n in range(1, 5):
        export(town.files / "a-2031-05.jsonl", *(f"9.20000{i}" for i in range(n)))
        assert town.run().state == "live"
        assert service.reload_if_newer()
        seen.add(service.searcher().index.name)
    town.ingest.roll_back()
    assert service.reload_if_newer()
    deadline = time.monotonic() + 30
    while n_answers[0] < 50 and not faults and time.monotonic() < deadline:
        time.sleep(0.05)
    stop.set()
    for thread in askers:
        thread.join(timeout=30)
    assert faults == [] and len(seen) == 4 and n_answers[0] >= 50
