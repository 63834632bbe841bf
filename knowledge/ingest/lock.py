"""One ingest at a time in one home; the lock dies with its process, so a killed one leaves none behind."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from knowledge.errors import KnowledgeError

_POLL_S = 0.2


class IngestBusy(KnowledgeError):
    """Another ingest runs in this home and did not end in time."""


@contextmanager
def only_ingest(path: Path, wait_s: float = 600.0, sleep: Callable[[float], None] = time.sleep) -> Iterator[None]:
    """Hold the lock file; wait for whoever holds it.

    Raises:
        IngestBusy: it was not free within ``wait_s`` seconds.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        for _ in range(max(1, int(wait_s / _POLL_S))):
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                sleep(_POLL_S)
        else:
            raise IngestBusy("ingest: expected to be the only one; came another that is still running; wait for it or end it")
        yield
