"""Makes a read document Unicode where its text stands in an old Vietnamese encoding and no font name says so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from knowledge.sources.document import Document, Line, Table
from knowledge.sources.encodings import LEGACY, Decoded, mend_legacy
from knowledge.sources.faults import warning
from knowledge.sources.report import ReadWarning


def encoding_warnings(path: Path, decoded: Decoded) -> tuple[ReadWarning, ...]:
    """What a person should know about how a file's bytes became text; nothing where it was plain Unicode."""
    if decoded.is_certain:
        return ()
    if decoded.n_bad:
        return (warning(path, "bad_bytes", n=decoded.n_bad),)
    return (warning(path, "converted" if decoded.encoding in LEGACY else "guessed", encoding=decoded.encoding),)


def mended(path: Path, document: Document) -> Document:
    """The document as it is, or with every text converted and a warning that says from which encoding.

    Where the whole is Unicode, single lines, tables and columns of tables that came from an older file are converted.
    """
    encoding, mend = mend_legacy("\n".join(_texts(document)))
    if encoding:
        blocks = tuple(_with(block, mend) for block in document.blocks)
        found = {encoding}
    else:
        pairs = [_mended_block(block) for block in document.blocks]
        blocks, found = tuple(block for block, _ in pairs), set().union(*(names for _, names in pairs))
    if not found:
        return document
    said = tuple(warning(path, "converted", encoding=name) for name in sorted(found))
    return replace(document, blocks=blocks, warnings=tuple(dict.fromkeys((*document.warnings, *said))))


def _with(block: Line | Table, mend: Callable[[str], str]) -> Line | Table:
    if isinstance(block, Line):
        return replace(block, text=mend(block.text))
    return replace(block, rows=tuple(tuple(map(mend, row)) for row in block.rows))


def _mended_block(block: Line | Table) -> tuple[Line | Table, set[str]]:
    """A line, or a table column by column, and the encodings it was in."""
    if isinstance(block, Line):
        encoding, mend = mend_legacy(block.text)
        return (_with(block, mend), {encoding}) if encoding else (block, set())
    found = [mend_legacy("\n".join(column)) for column in zip(*block.rows, strict=True)]
    names = {encoding for encoding, _ in found if encoding}
    if not names:
        return block, set()
    rows = tuple(tuple(mend(cell) for (_, mend), cell in zip(found, row, strict=True)) for row in block.rows)
    return replace(block, rows=rows), names


def _texts(document: Document) -> Iterator[str]:
    for block in document.blocks:
        if isinstance(block, Line):
            yield block.text
        else:
            yield from (cell for row in block.rows for cell in row)
