"""When an index is built again, and what happens when that fails."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

import bot.pipeline
from bot.errors import CommandFailed
from bot.pipeline import all_roots, open_ingest, read_library, refresh_index
from bot.settings import Settings
from knowledge.content.phrasings import Phrasings
from knowledge.errors import SourceError
from knowledge.index.store import IndexStore
from knowledge.sources.report import ReadReport
from tests.fakes import BIRTH, PLANS, PROCEDURES, HashEncoder

DATA = Path(__file__).resolve().parents[2] / "data" / "knowledge"


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small_restorer: None) -> Settings:
    monkeypatch.setattr(bot.pipeline, "load_bundled", lambda: ReadReport(records=PROCEDURES, plans=PLANS))
    monkeypatch.setattr(bot.pipeline, "load_phrasings", dict)
    return Settings(_env_file=None, home=tmp_path / "home", corpus=())


def live(settings: Settings) -> str:
    return IndexStore(settings.index_root).current_name()


def test_the_first_run_builds(settings: Settings) -> None:
    outcome = refresh_index(settings, HashEncoder())
    assert (outcome.was_built, outcome.n_procedures, outcome.n_plans) == (True, len(PROCEDURES), len(PLANS))
    assert IndexStore(settings.index_root).load_current(HashEncoder()).procedures == PROCEDURES


def test_nothing_changed_builds_nothing(settings: Settings) -> None:
    first = refresh_index(settings, HashEncoder())
    name, encoder = live(settings), HashEncoder()
    second = refresh_index(settings, encoder)
    assert (second.was_built, live(settings), encoder.encoded) == (False, name, [])
    assert second.n_passages == first.n_passages


def test_force_builds_although_nothing_changed(settings: Settings) -> None:
    refresh_index(settings, HashEncoder())
    name = live(settings)
    assert refresh_index(settings, HashEncoder(), force=True).was_built
    assert live(settings) != name


def test_changed_content_is_built_and_only_what_is_new_encoded(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    refresh_index(settings, HashEncoder())
    changed = (replace(BIRTH, aliases=(*BIRTH.aliases, "tờ giấy đầu đời")), *PROCEDURES[1:])
    monkeypatch.setattr(bot.pipeline, "load_bundled", lambda: ReadReport(records=changed, plans=PLANS))
    encoder = HashEncoder()
    assert refresh_index(settings, encoder).was_built
    assert encoder.encoded == ["tờ giấy đầu đời"]


def test_citizens_words_are_indexed_with_their_procedure(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    words = {BIRTH.code: Phrasings(("giấy chào đời",), {}), "9.999999": Phrasings(("không ai có",), {})}
    monkeypatch.setattr(bot.pipeline, "load_phrasings", lambda: words)
    library, _ = read_library(settings)
    assert "giấy chào đời" in library.procedures[BIRTH.code].aliases
    assert "9.999999" not in library.procedures


def test_a_corpus_file_that_changes_is_built_again(settings: Settings, tmp_path: Path) -> None:
    corpus = Path(shutil.copytree(DATA / "plans", tmp_path / "corpus"))
    settings = settings.model_copy(update={"corpus": (corpus,)})
    assert refresh_index(settings, HashEncoder()).n_plans > len(PLANS)
    assert not refresh_index(settings, HashEncoder()).was_built
    file = next(corpus.glob("*.txt"))
    file.write_text(file.read_text(encoding="utf-8") + "\nMột đoạn mới về việc nuôi chim.\n", encoding="utf-8")
    assert refresh_index(settings, HashEncoder()).was_built


def test_another_encoder_builds_again(settings: Settings) -> None:
    refresh_index(settings, HashEncoder())
    assert refresh_index(settings, HashEncoder(digest="ab" * 32)).was_built


@pytest.mark.parametrize("name", ["manifest.json", "procedures.json", "dense_titles.faiss", "bm25_titles/params.index.json"])
@pytest.mark.parametrize("is_gone", [True, False])
def test_a_damaged_live_index_is_built_again(settings: Settings, name: str, is_gone: bool) -> None:
    refresh_index(settings, HashEncoder())
    path = settings.index_root / live(settings) / name
    path.unlink() if is_gone else path.write_bytes(b"damaged")
    assert refresh_index(settings, HashEncoder()).was_built
    assert IndexStore(settings.index_root).load_current(HashEncoder()).procedures == PROCEDURES


def test_a_build_that_fails_leaves_the_live_index_and_nothing_half(settings: Settings) -> None:
    refresh_index(settings, HashEncoder())
    before = sorted(p.name for p in settings.index_root.iterdir())

    class Breaking(HashEncoder):
        def encode_passages(self, texts: list[str]) -> None:
            raise MemoryError

    with pytest.raises(MemoryError):
        refresh_index(settings, Breaking(digest="cd" * 32))
    assert sorted(p.name for p in settings.index_root.iterdir()) == before
    assert not refresh_index(settings, HashEncoder()).was_built


def test_a_broken_file_in_a_corpus_folder_is_a_warning_and_the_rest_is_read(settings: Settings, tmp_path: Path) -> None:
    corpus = Path(shutil.copytree(DATA / "plans", tmp_path / "corpus"))
    (corpus / "half.jsonl.gz").write_bytes(b"\x1f\x8bhalf")
    (corpus / "empty.jsonl").write_bytes(b"")
    outcome = refresh_index(settings.model_copy(update={"corpus": (corpus,)}), HashEncoder())
    assert {"half.jsonl.gz", "empty.jsonl"} <= {w.record for w in outcome.warnings}
    assert outcome.n_plans > len(PLANS)


def test_a_corpus_that_is_not_there_is_named_and_the_live_index_stays(settings: Settings, tmp_path: Path) -> None:
    refresh_index(settings, HashEncoder())
    name = live(settings)
    with pytest.raises(SourceError, match="no-such"):
        refresh_index(settings.model_copy(update={"corpus": (tmp_path / "no-such",)}), HashEncoder())
    assert live(settings) == name


def test_paths_that_an_earlier_version_listed_move_into_the_database_once(settings: Settings, tmp_path: Path) -> None:
    settings.home.mkdir(parents=True)
    listed = [str(tmp_path / "b"), str(tmp_path / "a"), str(tmp_path / "b")]
    settings.imports.write_text(json.dumps(listed), encoding="utf-8")
    for _ in range(2):
        with open_ingest(settings, HashEncoder()) as ingest:
            assert all_roots(settings, ingest) == [tmp_path / "b", tmp_path / "a"]
    assert not settings.imports.exists()


@pytest.mark.parametrize("content", ["", "{", "7"])
def test_a_damaged_list_of_what_was_ingested_is_refused(settings: Settings, content: str) -> None:
    settings.home.mkdir(parents=True)
    settings.imports.write_text(content)
    with pytest.raises(CommandFailed, match=r"sources\.json"):
        refresh_index(settings, HashEncoder())


def test_without_the_database_the_live_index_goes_on(settings: Settings) -> None:
    refresh_index(settings, HashEncoder())
    away = settings.model_copy(update={"database_url": "sqlite:////proc/no/such/place.db"})
    outcome = refresh_index(away, HashEncoder())
    assert (outcome.was_built, outcome.n_procedures, outcome.ingest) == (False, len(PROCEDURES), None)


def test_without_database_and_index_one_is_built_from_the_files(settings: Settings) -> None:
    away = settings.model_copy(update={"database_url": "sqlite:////proc/no/such/place.db"})
    assert refresh_index(away, HashEncoder()).was_built
    assert IndexStore(settings.index_root).load_current(HashEncoder()).procedures == PROCEDURES
