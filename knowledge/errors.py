"""Failures of the knowledge room.

KnowledgeError
├── SourceError    a file cannot be read as what it claims to be
├── ContentError   a bundled file breaks the schema
└── index/errors.py: IndexError_ and below
"""

from __future__ import annotations

from pathlib import Path


class KnowledgeError(Exception):
    """Root of the room. Messages say what was expected, what came and what to do."""


class SourceError(KnowledgeError):
    """A source file as a whole cannot be read.

    Attributes:
        path: the file (its name only appears in the message).
        expected, came, do: the three parts of the message.
    """

    def __init__(self, path: Path | str, expected: str, came: str, do: str) -> None:
        self.path = Path(path)
        self.expected = expected
        self.came = came
        self.do = do
        super().__init__(f"{self.path.name}: expected {expected}; came {came}; {do}")


class ContentError(KnowledgeError):
    """A bundled file breaks the schema; ``field`` is the dotted place inside it."""

    def __init__(self, path: Path | str, field: str, expected: str, came: str) -> None:
        self.path = Path(path)
        self.field = field
        self.expected = expected
        self.came = came
        super().__init__(f"{self.path.name}: {field}: expected {expected}; came {came}")
