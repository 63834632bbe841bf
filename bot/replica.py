"""A replica: takes the index from the folder or address where another machine publishes it, instead of building one."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from knowledge.index.artefact import fetch_artefact
from knowledge.index.errors import IndexError_
from knowledge.index.store import IndexStore

log = logging.getLogger(__name__)
LOOK_EVERY_S = 30.0


class IndexFollower:
    """Fetches what is published, now and then; while the place is away or damaged the live index goes on."""

    def __init__(self, source: str | Path, store: IndexStore, every_s: float = LOOK_EVERY_S) -> None:
        self._source, self._store, self._every_s = source, store, every_s
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def look(self) -> bool:
        """Fetch if another index is published; True when one was. Raises IndexError_ or OSError."""
        digest = fetch_artefact(self._source, self._store)
        if digest:
            log.info("index %s fetched", digest[:12])
        return digest is not None

    def follow(self) -> None:
        """Look every so often until :meth:`stop`."""
        self._thread = threading.Thread(target=self._run, name="index-follow", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread:
            self._thread.join(timeout=5)

    def _run(self) -> None:
        while not self._stopping.wait(self._every_s):
            try:
                self.look()
            except (OSError, IndexError_) as exc:
                log.warning("no index could be fetched, the live one goes on: %s", exc)
