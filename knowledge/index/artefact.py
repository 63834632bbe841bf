"""An index as an artefact that other machines fetch by its digest from a folder (a share, a mounted object store).

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


def fetch_artefact(folder: Path, store: IndexStore) -> str | None:
    """Take over the index that ``folder`` says to use and make it live; its digest, None when it is live already.

    Nothing is live before every byte was compared with the digest.

    Raises:
        IndexMissingError: nothing was published there; IndexDamagedError: what lies there is not what it says.
    """
    digest = current_digest(folder)
    if _is_live(store, digest):
        return None
    target = store.new_folder()
    try:
        _copy(folder / digest, target)
        _check(target, digest)
    except FileNotFoundError as exc:
        shutil.rmtree(target, ignore_errors=True)
        raise IndexDamagedError(folder.name, f"the index {digest[:12]}", "a folder that lacks it; publish it again") from exc
    except BaseException:
        shutil.rmtree(target, ignore_errors=True)
        raise
    store.publish(target)
    return digest


def current_digest(folder: Path) -> str:
    """The digest to use. Raises IndexMissingError when none was published, IndexDamagedError when it is no digest."""
    try:
        digest = (folder / "current").read_text().strip()
    except FileNotFoundError as exc:
        raise IndexMissingError(folder.name) from exc
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


def _check(folder: Path, digest: str) -> None:
    found = _digest_of(folder)
    if found != digest:
        raise IndexDamagedError("manifest.json", f"digest {digest[:12]}", found[:12])
    for name, expected in Manifest.load(folder).files.items():
        path = folder / name
        if not path.is_file() or digest_of_file(path) != expected:
            raise IndexDamagedError(name, f"digest {expected[:12]}", "none" if not path.is_file() else digest_of_file(path)[:12])


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
