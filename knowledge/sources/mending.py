"""Makes a read document Unicode where its text stands in an old Vietnamese encoding and no font name says so."""

from __future__ import annotations

from collections.abc import Iterator
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
    """The document as it is, or with every text converted and a warning that says from which encoding."""
    words = "\n".join(_texts(document))
    encoding, mend = mend_legacy(words)
    if not encoding:
        return document
    blocks = tuple(
        Line(mend(block.text), block.is_bold, block.is_paragraph)
        if isinstance(block, Line)
        else Table(tuple(tuple(mend(cell) for cell in row) for row in block.rows), block.page_starts)
        for block in document.blocks
    )
    found = (*document.warnings, warning(path, "converted", encoding=encoding))
    return Document(blocks, found, document.made_on)


def _texts(document: Document) -> Iterator[str]:
    for block in document.blocks:
        if isinstance(block, Line):
            yield block.text
        else:
            yield from (cell for row in block.rows for cell in row)
