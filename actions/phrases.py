"""Our own words around the record's (phrases.yml)."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

_FILE = Path(__file__).with_name("phrases.yml")


@cache
def phrases() -> dict[str, Any]:
    """The whole table, read once."""
    return yaml.safe_load(_FILE.read_text(encoding="utf-8"))


def say(key: str, /, **values: object) -> str:
    """The phrase at ``key`` ("heads.fee" reaches into a group), filled in."""
    found: Any = phrases()
    for part in key.split("."):
        found = found[part]
    return found.format(**values)
