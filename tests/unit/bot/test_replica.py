"""An index goes to other machines by its digest; nothing that is not what it says goes live there."""

from __future__ import annotations

import hashlib
import json
import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from bot.pipeline import refresh_index
from bot.replica import IndexFollower
from bot.settings import Settings
from knowledge.index.artefact import current_digest, fetch_artefact, publish_artefact
from knowledge.index.errors import ArtefactAwayError, IndexDamagedError, IndexMissingError
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
    settings = Settings(_env_file=None, home=tmp_path / "other", corpus=(), index_source=str(tmp_path / "share"))
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


class _Bucket(SimpleHTTPRequestHandler):
    """A bucket of an object store, as far as one is read: GET, and 403 for what is not there where listing is denied."""

    is_away, asked = False, []

    def do_GET(self) -> None:
        _Bucket.asked.append(self.path)
        if _Bucket.is_away:
            self.send_error(503)
        elif not Path(self.translate_path(self.path)).is_file():
            self.send_error(403)
        else:
            super().do_GET()

    def log_message(self, *parts: object) -> None: ...


@pytest.fixture
def bucket(tmp_path: Path) -> Iterator[str]:
    """Address of a server on this machine over the folder that is published into."""
    (tmp_path / "share").mkdir()
    _Bucket.is_away, _Bucket.asked = False, []
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Bucket, directory=str(tmp_path / "share"))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_many_replicas_fetch_the_same_index_from_a_bucket(home: IndexStore, tmp_path: Path, bucket: str) -> None:
    digest = publish_artefact(home, tmp_path / "share")
    replicas = [IndexStore(tmp_path / f"replica-{n}" / "index") for n in range(4)]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda store: fetch_artefact(bucket, store), replicas)) == [digest] * 4
    for store in replicas:
        assert store.load_current(HashEncoder()).procedures == PROCEDURES
        assert {p.name for p in store.root.iterdir()} == {"current", store.current_name()}
    _Bucket.asked.clear()
    assert fetch_artefact(f"{bucket}/", replicas[0]) is None
    assert _Bucket.asked == ["/current"]  # what is live is not fetched again


def test_an_index_in_a_bucket_that_is_not_what_it_says_never_goes_live(home: IndexStore, replica: IndexStore, tmp_path: Path, bucket: str) -> None:
    digest = publish_artefact(home, tmp_path / "share")
    (tmp_path / "share" / digest / "plans.json").write_bytes(b"[]")
    with pytest.raises(IndexDamagedError, match=r"plans\.json"):
        fetch_artefact(bucket, replica)
    (tmp_path / "share" / digest / "plans.json").unlink()
    with pytest.raises(IndexDamagedError, match="publish it again"):
        fetch_artefact(bucket, replica)
    assert list(replica.root.iterdir()) == []


def test_an_empty_bucket_says_that_nothing_was_published(replica: IndexStore, bucket: str) -> None:
    with pytest.raises(IndexMissingError):
        fetch_artefact(bucket, replica)


def test_a_bucket_that_is_away_leaves_the_live_index_as_it_is(home: IndexStore, tmp_path: Path, bucket: str) -> None:
    publish_artefact(home, tmp_path / "share")
    settings = Settings(_env_file=None, home=tmp_path / "other", corpus=(), index_source=bucket)
    assert refresh_index(settings, HashEncoder()).was_built
    _Bucket.is_away = True
    again = refresh_index(settings, HashEncoder())
    assert (again.was_built, again.n_procedures) == (False, len(PROCEDURES))
    with pytest.raises(ArtefactAwayError, match=r"127\.0\.0\.1.* 503"):
        fetch_artefact(bucket, IndexStore(settings.index_root))


def test_an_address_that_nobody_answers_is_told_without_its_password(replica: IndexStore, bucket: str) -> None:
    address = bucket.replace("127.0.0.1", "reader:hidden@127.0.0.1").rsplit(":", 1)[0] + ":1"
    with pytest.raises(ArtefactAwayError) as caught:
        fetch_artefact(address, replica)
    assert "hidden" not in str(caught.value)


def test_a_manifest_that_names_files_outside_the_index_is_refused(home: IndexStore, replica: IndexStore, tmp_path: Path) -> None:
    digest = publish_artefact(home, tmp_path / "share")
    path = tmp_path / "share" / digest / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["files"]["../../../stolen"] = "0" * 64
    path.write_text(json.dumps(manifest))
    changed = hashlib.sha256(path.read_bytes()).hexdigest()
    (tmp_path / "share" / digest).rename(tmp_path / "share" / changed)
    (tmp_path / "share" / "current").write_text(changed)
    with pytest.raises(IndexDamagedError, match="stolen"):
        fetch_artefact(tmp_path / "share", replica)
    assert list(replica.root.iterdir()) == []
