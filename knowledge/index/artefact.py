"""An index as an artefact that other machines fetch by its digest, from a folder (a share) or from a web address (an
object store's bucket, into which the folder is copied).

``folder/<digest>/`` holds one whole index; ``folder/current`` holds the digest of the one to use. The digest is sha256
of the manifest, which holds the sha256 of every other file: whoever has the digest knows every byte.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import Protocol

from knowledge.index.build import digest_of_file
from knowledge.index.errors import IndexDamagedError, IndexMissingError
from knowledge.index.manifest import Manifest
from knowledge.index.store import IndexStore

_KEPT = 3


def publish_artefact(store: IndexStore, folder: Path) -> str:
    """Copy the live index into ``folder`` and make it the one to use; its digest. Copying it twice does nothing.

    Raises:
        IndexMissingError, IndexDamagedError: there is no whole live index; OSError: the folder cannot be written.
    """
    store.checked_manifest()
    source = store.root / store.current_name()
    digest = _digest_of(source)
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / digest).is_dir():
        _copy(source, folder / digest)
    _write_in_one_step(folder / "current", digest)
    _drop_old(folder, digest)
    return digest


class Shelf(Protocol):
    """Where artefacts lie: a folder, or a web address (knowledge/index/bucket.py)."""

    name: str

    def copy(self, path: str, target: Path) -> None:
        """Write the file at a relative path into ``target``. Raises FileNotFoundError where there is none."""
        ...


class FolderShelf:
    """A folder that this machine can read."""

    def __init__(self, folder: Path) -> None:
        self.name, self._folder = folder.name, folder

    def copy(self, path: str, target: Path) -> None:
        shutil.copyfile(self._folder / path, target)


def open_shelf(source: str | Path) -> Shelf:
    """The place that a setting names: an address that begins with http:// or https://, else a folder."""
    if str(source).startswith(("http://", "https://")):
        from knowledge.index.bucket import BucketShelf

        return BucketShelf(str(source))
    return FolderShelf(Path(source))


def fetch_artefact(source: str | Path, store: IndexStore) -> str | None:
    """Take over the index that ``source`` says to use and make it live; its digest, None when it is live already.

    Nothing is live before every byte was compared with the digest. Only files that the manifest names are fetched, and
    the manifest is fetched first: what is not the index that was asked for costs one small file.

    Raises:
        IndexMissingError: nothing was published there; IndexDamagedError: what lies there is not what it says;
        ArtefactAwayError: the address does not answer; OSError: the folder or this disk does not.
    """
    shelf = open_shelf(source)
    digest = current_digest(shelf)
    if _is_live(store, digest):
        return None
    target = store.new_folder()
    half = Path(tempfile.mkdtemp(dir=target.parent, prefix=".half-"))
    try:
        _take(shelf, digest, "manifest.json", half, digest)
        for name, expected in Manifest.load(half).files.items():
            _take(shelf, digest, name, half, expected)
        os.replace(half, target)
    except FileNotFoundError as exc:
        raise IndexDamagedError(shelf.name, f"the index {digest[:12]}", "a folder that lacks it; publish it again") from exc
    finally:
        shutil.rmtree(half, ignore_errors=True)
    target.chmod(0o755)  # a temporary folder is its owner's alone
    store.publish(target)
    return digest


def current_digest(source: Shelf | Path) -> str:
    """The digest to use. Raises IndexMissingError when none was published, IndexDamagedError when it is no digest."""
    shelf = FolderShelf(source) if isinstance(source, Path) else source
    with tempfile.TemporaryDirectory() as scratch:
        try:
            shelf.copy("current", Path(scratch) / "current")
        except FileNotFoundError as exc:
            raise IndexMissingError(shelf.name) from exc
        digest = (Path(scratch) / "current").read_bytes()[:100].decode("ascii", "replace").strip()
    if not re.fullmatch(r"[0-9a-f]{64}", digest):
        raise IndexDamagedError("current", "a sha256 digest", repr(digest[:20]))
    return digest


def _is_live(store: IndexStore, digest: str) -> bool:
    try:
        return _digest_of(store.root / store.current_name()) == digest
    except (IndexMissingError, FileNotFoundError):
        return False


def _digest_of(folder: Path) -> str:
    return hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest()


def _take(shelf: Shelf, artefact: str, name: str, folder: Path, expected: str) -> None:
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()):
        raise IndexDamagedError("manifest.json", "files of the index", repr(name[:40]))
    path.parent.mkdir(parents=True, exist_ok=True)
    shelf.copy(f"{artefact}/{name}", path)
    found = digest_of_file(path)
    if found != expected:
        raise IndexDamagedError(name, f"digest {expected[:12]}", found[:12])


def _copy(source: Path, target: Path) -> None:
    """Copy a folder so that ``target`` is there whole or not at all."""
    half = Path(tempfile.mkdtemp(dir=target.parent, prefix=".half-"))
    try:
        shutil.copytree(source, half / "index")
        os.replace(half / "index", target)
    finally:
        shutil.rmtree(half, ignore_errors=True)


def _write_in_one_step(path: Path, text: str) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".current-")
    with os.fdopen(handle, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)


def _drop_old(folder: Path, live: str) -> None:
    kept = sorted((p for p in folder.iterdir() if p.is_dir() and len(p.name) == 64), key=lambda p: p.stat().st_mtime)
    for old in kept[:-_KEPT]:
        if old.name != live:
            shutil.rmtree(old, ignore_errors=True)
