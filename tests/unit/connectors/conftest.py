"""Fixtures of the connectors' tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.running_path import Running, begin, end


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Callable[..., Awaitable[Running]]]:
    """Starts a message path (see tests/running_path.py) and stops it when the test is over."""
    opened: list[Running] = []

    async def open_one(*args: Any, **settings: Any) -> Running:
        opened.append(await begin(tmp_path, *args, **settings))
        return opened[-1]

    yield open_one
    for running in opened:
        await end(running)
