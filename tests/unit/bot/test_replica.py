"""An index goes to other machines by its digest; nothing that is not what it says goes live there."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.pipeline import refresh_index
from bot.replica import IndexFollower
from bot.settings import Settings
from knowledge.index.artefact import current_digest, fetch_artefact, publish_artefact
from knowledge.index.errors import IndexDamagedError, IndexMissingError
from knowledge.index.store import IndexStore
from tests.fakes import BIRTH, PROCEDURES, HashEncoder, publish_town


@pytest.fixture
def home(tmp_path: Path, town_store: IndexStore) -> IndexStore:
    """The machine that builds, with a live index of its own to spoil."""
    root = tmp_path / "home" / "index"
    shutil.copytree(town_store.root, root)
    return IndexStore(root)


@pytest.fixture
def replica(tmp_path: Path) -> IndexStore:
    return IndexStore(tmp_path / "replica" / "index")


def test_a_replica_fetches_the_published_index_and_loads_it(home: IndexStore, replica: IndexStore, tmp_path: Path) -> None:
    digest = publish_artefact(home, tmp_path / "share")
    assert current_digest(tmp_path / "share") == digest
    assert fetch_artefact(tmp_path / "share", replica) == digest
    assert replica.load_current(HashEncoder()).procedures == PROCEDURES
    assert fetch_artefact(tmp_path / "share", replica) is None


def test_publishing_the_same_index_twice_keeps_one(home: IndexStore, tmp_path: Path) -> None:
    digest = publish_artefact(home, tmp_path / "share")
    assert publish_artefact(home, tmp_path / "share") == digest
    assert {p.name for p in (tmp_path / "share").iterdir()} == {"current", digest}


@pytest.mark.parametrize("spoilt", ["manifest.json", "procedures.json"])
@pytest.mark.parametrize("is_gone", [True, False])
def test_what_is_not_what_it_says_never_goes_live(home: IndexStore, replica: IndexStore, tmp_path: Path, spoilt: str, is_gone: bool) -> None:
    digest = publish_artefact(home, tmp_path / "share")
    path = tmp_path / "share" / digest / spoilt
    path.unlink() if is_gone else path.write_bytes(path.read_bytes().replace(b"a", b"b", 1))
    with pytest.raises(IndexDamagedError):
        fetch_artefact(tmp_path / "share", replica)
    assert [p for p in replica.root.iterdir()] == []


@pytest.mark.parametrize("content", ["", "../../etc", "ab" * 31])
def test_a_pointer_that_is_no_digest_is_refused(replica: IndexStore, tmp_path: Path, content: str) -> None:
    (tmp_path / "current").write_text(content)
    with pytest.raises(IndexDamagedError):
        fetch_artefact(tmp_path, replica)


def test_an_empty_folder_says_that_nothing_was_published(replica: IndexStore, tmp_path: Path) -> None:
    with pytest.raises(IndexMissingError):
        fetch_artefact(tmp_path, replica)


def test_only_the_last_artefacts_are_kept(small_restorer: None, tmp_path: Path) -> None:
    digests = []
    for n in range(1, 6):
        digests.append(publish_artefact(publish_town(tmp_path / "home", HashEncoder(), PROCEDURES[:n]), tmp_path / "share"))
    left = {p.name for p in (tmp_path / "share").iterdir()}
    assert left == {"current", *digests[-3:]}


def test_a_replica_fetches_instead_of_building_and_goes_on_when_the_share_is_away(home: IndexStore, tmp_path: Path) -> None:
    publish_artefact(home, tmp_path / "share")
    settings = Settings(_env_file=None, home=tmp_path / "other", corpus=(), index_source=tmp_path / "share")
    encoder = HashEncoder()
    first = refresh_index(settings, encoder)
    assert (first.was_built, first.n_procedures, encoder.encoded) == (True, len(PROCEDURES), [])
    shutil.rmtree(tmp_path / "share")
    assert not refresh_index(settings, encoder).was_built


def test_a_follower_takes_a_newer_index_over(home: IndexStore, replica: IndexStore, tmp_path: Path, small_restorer: None) -> None:
    publish_artefact(home, tmp_path / "share")
    follower = IndexFollower(tmp_path / "share", replica)
    assert follower.look() and not follower.look()
    publish_artefact(publish_town(tmp_path / "newer", HashEncoder(), (BIRTH,)), tmp_path / "share")
    assert follower.look()
    assert replica.load_current(HashEncoder()).procedures == (BIRTH,)
