"""Looks at a file before any parser opens it: size, emptiness, what it really is, what it would unpack to."""

from __future__ import annotations

import gzip
import os
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from knowledge.sources.faults import FileFault

_MB = 1_000_000
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK"
_ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")  # MS-OFFCRYPTO 1.3: the stream of an encrypted OOXML file
_TAIL = 2048


@dataclass(frozen=True)
class ReadLimits:
    """How much of a file is read.

    Attributes:
        max_file_bytes: a larger file is not opened.
        max_unpacked_bytes, max_ratio: of all parts of a docx or xlsx together; a real one of text packs about 20 times,
            a sheet of equal cells 34 (measured).
        max_parts: of a docx or xlsx.
        max_rows: of one sheet.
        max_ocr_pages: scanned pages of one file.
    """

    max_file_bytes: int = 300 * _MB
    max_unpacked_bytes: int = 500 * _MB
    max_ratio: int = 150
    max_parts: int = 10_000
    max_rows: int = 200_000
    max_ocr_pages: int = 400


def check_size(path: Path, limits: ReadLimits) -> None:
    """Raise FileFault when a file is empty or larger than allowed; nothing of it is read."""
    size = path.stat().st_size
    if size == 0:
        raise FileFault(path, "empty")
    if size > limits.max_file_bytes:
        raise FileFault(path, "too_large", size_mb=_in_mb(size), limit_mb=_in_mb(limits.max_file_bytes))


def check_office(path: Path, format_name: str, limits: ReadLimits) -> None:
    """Raise FileFault unless the file is a whole zip of modest content, without a password.

    Sizes are those of the zip's own directory: Python's zipfile never hands out more bytes than stand there, so a
    directory that lies cannot pass more either.
    """
    with path.open("rb") as file:
        head = file.read(len(_OLE))
    if head == _OLE:
        raise FileFault(path, "password" if _holds(path, _ENCRYPTED_STREAM) else "legacy_office")
    if not zipfile.is_zipfile(path):
        kind = "truncated" if head.startswith(_ZIP) else "damaged"
        raise FileFault(path, kind, format=format_name, came=f"a file that begins with {head[:4]!r}")
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError) as exc:
        raise FileFault(path, "damaged", format=format_name, came=str(exc)) from exc
    if any(part.flag_bits & 0x1 for part in parts):
        raise FileFault(path, "password")
    _check_unpacked(path, parts, limits)


def _check_unpacked(path: Path, parts: list[zipfile.ZipInfo], limits: ReadLimits) -> None:
    unpacked = sum(part.file_size for part in parts)
    packed = max(1, sum(part.compress_size for part in parts))
    places = {"limit_mb": _in_mb(limits.max_unpacked_bytes), "limit_ratio": limits.max_ratio}
    if len(parts) > limits.max_parts:
        raise FileFault(path, "bomb", came=f"{len(parts)} parts", **places)
    if unpacked > limits.max_unpacked_bytes:
        raise FileFault(path, "bomb", came=f"{_in_mb(unpacked)} MB", **places)
    if unpacked > _MB and unpacked / packed > limits.max_ratio:
        raise FileFault(path, "bomb", came=f"{unpacked // packed} times the packed size", **places)


def check_gzip(path: Path, limits: ReadLimits) -> None:
    """Raise FileFault unless a .gz is whole and unpacks to at most the limit; nothing of it is kept in memory."""
    n_bytes = 0
    try:
        with gzip.open(path) as file:
            while block := file.read(1 << 20):
                n_bytes += len(block)
                if n_bytes > limits.max_unpacked_bytes:
                    places = {"limit_mb": _in_mb(limits.max_unpacked_bytes), "limit_ratio": limits.max_ratio}
                    raise FileFault(path, "bomb", came=f"more than {places['limit_mb']} MB", **places)
    except EOFError as exc:
        raise FileFault(path, "truncated", format="gzip") from exc
    except (OSError, zlib.error) as exc:
        raise FileFault(path, "damaged", format="gzip", came=type(exc).__name__) from exc


def check_pdf(path: Path) -> None:
    """Raise FileFault unless the file begins and ends like a PDF (ISO 32000 7.5.2 and 7.5.5, with the usual leeway)."""
    with path.open("rb") as file:
        if b"%PDF-" not in file.read(1024):
            raise FileFault(path, "damaged", format="PDF", came="a file without the mark %PDF")
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _TAIL))
        if b"%%EOF" not in file.read():
            raise FileFault(path, "truncated", format="PDF")


def holds_script(path: Path) -> bool:
    """Whether a PDF's plain bytes name a script action; the ones in packed streams are pdfium's to count."""
    return _holds(path, b"/JavaScript") or _holds(path, b"/JS(") or _holds(path, b"/JS (")


def _holds(path: Path, needle: bytes) -> bool:
    """Whether the bytes stand anywhere in the file, read in blocks."""
    rest = b""
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            if needle in rest + block:
                return True
            rest = block[-len(needle) :]
    return False


def _in_mb(n_bytes: int) -> str:
    return f"{n_bytes / _MB:.0f}" if n_bytes >= _MB else f"{n_bytes / _MB:.3f}".rstrip("0").rstrip(".")
