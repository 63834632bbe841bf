"""Looks at the roots without reading any file: which files there are, in the order in which readings are merged, and
which bytes are not those that were read last."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from knowledge.sources.files import is_furniture
from knowledge.sources.guards import ReadLimits
from knowledge.sources.report import ReadReport
from knowledge.sources.text import digest_of_file
from knowledge.store.files import Bytes, FileState
from knowledge.store.records import to_json

STILL_WRITTEN = (
    "Tệp đang được ghi, sẽ đọc khi ghi xong; bản trước (nếu có) vẫn dùng. | still_written: expected a file at rest; came one "
    "that was written to a moment ago; wait, or read it with: motcua ingest"
)


@dataclass(frozen=True)
class Found:
    """A file as it lies there. ``fault`` says why it could not even be looked at; ``bytes`` is None then."""

    path: Path
    bytes: Bytes | None
    fault: str = ""


@dataclass(frozen=True)
class Scan:
    """Files below the roots, each once, roots in their order and names sorted; and roots, or folders below them, that
    could not be reached."""

    files: tuple[Found, ...]
    missing_roots: tuple[Path, ...]


def scan(roots: Sequence[Path], known: Mapping[str, FileState], limits: ReadLimits, settle_s: float = 0) -> Scan:
    """Look at every file below ``roots``; bytes are digested only where size or date differ from what is known.

    Args:
        settle_s: a file written to less than so long ago is still being written: it gets a fault and waits.
    """
    found: dict[str, Found] = {}
    missing = []
    for root in roots:
        if not _is_there(root):
            missing.append(root)
            continue
        for path in [root] if root.is_file() else _files_below(root, set(), missing):
            if str(path) not in found:
                found[str(path)] = _look(path, known.get(str(path)), limits, settle_s)
    return Scan(tuple(found.values()), tuple(missing))


def is_below(path: str, roots: Sequence[Path]) -> bool:
    """Whether a known file belongs to one of the roots."""
    return any(Path(path) == root or root in Path(path).parents for root in roots)


def reader_digest() -> str:
    """sha256 over the code that reads files: after a change to it every file is read anew."""
    folder = Path(__file__).resolve().parents[1]
    digest = hashlib.sha256()
    for path in sorted([*(folder / "sources").glob("*.py"), folder / "model.py", folder / "history" / "relations.py"]):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def plan_ids(files: Sequence[Found]) -> dict[str, str]:
    """Path → id of its plan, for files that share their name with a different one in another folder.

    Elsewhere a plan is known by its file's name. Here the nearest folders that tell them apart go before it; copies of the
    same bytes are one plan.
    """
    by_name: dict[str, dict[str, Path]] = {}
    for found in files:
        if found.bytes is not None:
            by_name.setdefault(found.path.stem, {})[str(found.path)] = found.path
    digests = {str(found.path): found.bytes.digest for found in files if found.bytes is not None}
    ids: dict[str, str] = {}
    for stem, paths in by_name.items():
        folders = {path.parent for path in paths.values()}
        if len(folders) < 2 or len({digests[path] for path in paths}) < 2:
            continue
        names = _apart(folders)
        of_digest: dict[str, str] = {}
        for name, path in paths.items():
            ids[name] = of_digest.setdefault(digests[name], f"{names[path.parent]}-{stem}")
    return ids


def _apart(folders: set[Path]) -> dict[Path, str]:
    """Folder → as many of its last names as tell it from the others."""
    for n in range(1, max(len(folder.parts) for folder in folders)):
        names = {folder: "-".join(part for part in folder.parts[-n:] if part != folder.anchor) for folder in folders}
        if len(set(names.values())) == len(folders):
            return names
    return {folder: "-".join(folder.parts[1:]) for folder in folders}


def _is_there(root: Path) -> bool:
    try:
        return root.exists()
    except OSError:  # a share that hangs or refuses is away, too
        return False


def _files_below(folder: Path, seen: set[Path], missing: list[Path]) -> Iterator[Path]:
    """Files of a folder and those below it, names sorted; a link that leads back up is not followed twice, and a folder
    that cannot be opened is added to those that are missing."""
    real = folder.resolve()
    if real in seen:
        return
    seen.add(real)
    try:
        children = sorted(folder.iterdir())
    except OSError:
        missing.append(folder)
        return
    for child in children:
        if is_furniture(child):
            continue
        kind = _kind(child)
        if kind == "folder":
            yield from _files_below(child, seen, missing)
        elif kind == "file":
            yield child


def _kind(path: Path) -> str:
    """``folder``, ``file`` or "" for neither; what cannot be looked at is a file, whose line will say so."""
    try:
        return "folder" if path.is_dir() else "file" if path.is_file() else ""
    except OSError:
        return "file"


def _look(path: Path, state: FileState | None, limits: ReadLimits, settle_s: float) -> Found:
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return Found(path, None, "Tên tệp có ký tự không đọc được. Bạn đổi tên tệp. | name: expected UTF-8; came other bytes; rename the file")
    try:
        stat = path.stat()
        if state and (state.bytes.size, state.bytes.mtime_ns) == (stat.st_size, stat.st_mtime_ns):
            return Found(path, state.bytes)
        if 0 <= time.time() - stat.st_mtime < settle_s:
            return Found(path, None, STILL_WRITTEN)
        is_too_large = stat.st_size > limits.max_file_bytes  # its reader refuses it; not worth digesting
        digest = f"size {stat.st_size} at {stat.st_mtime_ns}"[:64] if is_too_large else digest_of_file(path)
    except OSError as exc:
        reason = exc.strerror or type(exc).__name__
        return Found(path, None, f"Không mở được tệp ({reason}). Bạn kiểm tra quyền đọc. | open: expected a readable file; came {reason}; check its rights")
    return Found(path, Bytes(digest, stat.st_size, stat.st_mtime_ns))


def digest_of_report(report: ReadReport) -> str:
    """sha256 over records and sources of a report."""
    digest = hashlib.sha256()
    for record in (*report.records, *report.plans):
        digest.update(to_json(record).encode())
    return digest.hexdigest()
