"""Printed text cut into paragraphs, lists and step headings. Words stay as they stand; only marks of lists go."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

_BULLET = re.compile(r"^\s*[-–—+*•▪·]\s*(?=\S)")
_NUMBER = re.compile(r"^\s*(\d{1,2})[.)]\s+(?=\S)")
_STEP = re.compile(r"^\s*(?:Bước|BƯỚC|Bươc)\s+\d+\b.{0,160}$")


@dataclass(frozen=True)
class Block:
    """``heading`` and ``text`` hold one item; ``list`` and ``numbered`` several."""

    kind: Literal["heading", "text", "list", "numbered"]
    items: tuple[str, ...]


def to_blocks(text: str) -> tuple[Block, ...]:
    """Cut a printed field at its lines.

    Numbered lines make a list only where they count from 1 without a gap, so that no printed number is lost.
    """
    blocks: list[tuple[str, list[str]]] = []
    for line in filter(None, (line.strip() for line in text.splitlines())):
        kind, item = _read_line(line, blocks)
        if blocks and blocks[-1][0] == kind and kind in ("list", "numbered"):
            blocks[-1][1].append(item)
        else:
            blocks.append((kind, [item]))
    return tuple(Block(kind, tuple(items)) for kind, items in blocks)  # type: ignore[arg-type]


def _read_line(line: str, blocks: list[tuple[str, list[str]]]) -> tuple[str, str]:
    if _STEP.match(line):
        return "heading", line
    if bullet := _BULLET.match(line):
        return "list", line[bullet.end() :]
    if number := _NUMBER.match(line):
        expected = len(blocks[-1][1]) + 1 if blocks and blocks[-1][0] == "numbered" else 1
        if int(number[1]) == expected:
            return "numbered", line[number.end() :]
    return "text", line
