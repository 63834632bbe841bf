"""Failures of evaluating: part of the knowledge room's tree (knowledge/errors.py)."""

from __future__ import annotations

from pathlib import Path

from knowledge.errors import KnowledgeError


class QuestionError(KnowledgeError):
    """A question file cannot be read.

    Attributes:
        path: the file.
        line: 1-based; 0 for the file as a whole.
    """

    def __init__(self, path: Path, line: int, expected: str, came: str) -> None:
        self.path, self.line, self.expected, self.came = path, line, expected, came
        place = f"{path.name}:{line}" if line else path.name
        super().__init__(f"{place}: expected {expected}; came {came}; mend the file or leave it out")


class GateError(KnowledgeError):
    """A file of floors cannot be used, or names a figure that this run does not have."""
