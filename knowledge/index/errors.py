"""Failures of an index: each says what was expected, what was found and what to do.

KnowledgeError
└── IndexError_
    ├── IndexMissingError    no index was built yet
    ├── IndexDamagedError    a file is missing, cut off or altered
    ├── IndexMismatchError   built by other code, or with another encoder, than the one running
    ├── ArtefactAwayError    the address where indexes are published does not answer
    └── VectorsAwayError     the database that keeps the vectors does not answer, or lacks pgvector
"""

from __future__ import annotations

from knowledge.errors import KnowledgeError

_MEND = "run `motcua index` to build it again"


class IndexError_(KnowledgeError):
    """Root of this room's failures (the built-in IndexError means something else)."""


class IndexMissingError(IndexError_):
    def __init__(self, folder: str) -> None:
        super().__init__(f"no index in {folder}: {_MEND}")


class IndexDamagedError(IndexError_):
    def __init__(self, part: str, expected: str, found: str) -> None:
        self.part = part
        super().__init__(f"index file {part}: expected {expected}, found {found}; {_MEND}")


class IndexMismatchError(IndexError_):
    def __init__(self, key: str, expected: str, found: str) -> None:
        self.key = key
        super().__init__(f"index was built with {key} {found!r}, the running code has {expected!r}; {_MEND}")


class ArtefactAwayError(IndexError_):
    def __init__(self, host: str, found: str) -> None:
        super().__init__(f"published index: expected {host} to answer, {found}; check MOTCUA_INDEX_SOURCE and the network")


class VectorsAwayError(IndexError_):
    def __init__(self, expected: str, found: str, mend: str) -> None:
        super().__init__(f"vectors in PostgreSQL: expected {expected}, found {found}; {mend}")
