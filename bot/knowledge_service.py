"""The live index: loaded once, replaced without a gap when a new one is published."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from bot.history_service import ContentHistory, hits_as_of
from connectors.ports import Part, ProcedurePage
from connectors.shapes import search_json
from knowledge.index.errors import IndexError_
from knowledge.index.store import IndexStore
from knowledge.model import Plan, Procedure, SearchResult
from knowledge.retrieval.config import SearchConfig
from knowledge.retrieval.search import Searcher
from knowledge.search_among import search_among
from nlu.diacritics import bare
from nlu.encoder import Encoder

log = logging.getLogger(__name__)
_CHECK_EVERY_S = 2.0


class KnowledgeService:
    """Holds the live searcher and watches for a newer index.

    A newer index is loaded in the background; until it is whole, and if it cannot be loaded, the old one
    goes on answering.
    """

    def __init__(self, store: IndexStore, encoder: Encoder, config: SearchConfig) -> None:
        """Raises an IndexError_ when no usable index is published."""
        self._store, self._encoder, self._config = store, encoder, config
        self._live = Searcher(store.load_current(encoder), encoder, config)
        self._refused = ""
        self._stopping = threading.Event()
        self._watcher: threading.Thread | None = None

    def searcher(self) -> Searcher:
        """The live searcher; keep it for one turn, not longer."""
        return self._live

    def watch(self) -> None:
        """Look for a newer index every two seconds until :meth:`stop`."""
        self._watcher = threading.Thread(target=self._watch, name="index-watch", daemon=True)
        self._watcher.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._watcher:
            self._watcher.join(timeout=5)

    def reload_if_newer(self) -> bool:
        """Swap in the published index if it is another one; True when it was."""
        name = self._store.current_name()
        if name in (self._live.index.name, self._refused):
            return False
        try:
            self._live = Searcher(self._store.load_current(self._encoder), self._encoder, self._config)
        except IndexError_ as exc:
            self._refused = name
            log.error("new index %s refused, the old one goes on answering: %s", name, exc)
            return False
        log.info("index %s is live", name)
        return True

    def _watch(self) -> None:
        while not self._stopping.wait(_CHECK_EVERY_S):
            try:
                self.reload_if_newer()
            except (OSError, IndexError_) as exc:
                log.warning("index folder cannot be read now: %s", exc)


class SearchPort:
    """``connectors.ports.Searcher`` over the live index."""

    def __init__(self, service: KnowledgeService, history: ContentHistory | None = None) -> None:
        self._service, self._history = service, history

    def search(self, query: str, top_k: int, kinds: Sequence[str] | None, as_of: date | None) -> dict[str, Any]:
        return self._told(lambda searcher: searcher.search(query, top_k, kinds, as_of), as_of)

    def search_procedures(
        self, query: str, top_k: int, wanted: Callable[[Procedure], bool], as_of: date | None
    ) -> dict[str, Any]:
        found = self._told(lambda searcher: search_among(searcher, query, wanted, top_k), as_of)
        return {name: part for name, part in found.items() if name != "confidence"}  # that is of all procedures

    def _told(self, search: Callable[[Searcher], SearchResult], as_of: date | None) -> dict[str, Any]:
        searcher = self._service.searcher()
        config = searcher.config
        operating = {f"thresholds.{k}": v for k, v in config.thresholds.model_dump().items()}
        operating |= {f"weights.{k}": v for k, v in config.weights.model_dump().items()}
        found = search_json(search(searcher), operating)
        return hits_as_of(found, as_of, self._history) if as_of and self._history else found


class CataloguePort:
    """``connectors.ports.Catalogue`` over the live index."""

    def __init__(self, service: KnowledgeService) -> None:
        self._service = service

    def list(self, q: str, field: str, level: str, offset: int, limit: int) -> ProcedurePage:
        wanted = bare(q)
        found = [p for p in self._all() if _fits(p, wanted, field, level)]
        return ProcedurePage(tuple(found[offset : offset + limit]), len(found))

    def get(self, code: str) -> Procedure | None:
        return next((p for p in self._all() if p.code == code), None)

    def fields(self) -> Sequence[str]:
        return sorted({p.field for p in self._all() if p.field})

    def _all(self) -> tuple[Procedure, ...]:
        return self._service.searcher().index.procedures


class PlansPort:
    """``connectors.pages.ports.PlanShelf`` over the live index."""

    def __init__(self, service: KnowledgeService) -> None:
        self._service = service

    def plans(self) -> Sequence[Plan]:
        return self._service.searcher().index.plans

    def plan(self, plan_id: str) -> Plan | None:
        return next((plan for plan in self.plans() if plan.id == plan_id), None)


class HealthPort:
    """``connectors.ports.Health``: index, model and disk."""

    def __init__(self, service: KnowledgeService, encoder: Encoder, disk_free_bytes: Any) -> None:
        self._service, self._encoder, self._disk_free = service, encoder, disk_free_bytes
        self._started = time.time()

    def parts(self) -> Mapping[str, Part]:
        manifest = self._service.searcher().index.manifest
        free = self._disk_free()
        numbers = {
            "procedures": manifest.n_procedures,
            "plans": manifest.n_plans,
            "passages": manifest.n_passages + manifest.n_plan_passages,
        }
        return {
            "index": Part(True, self._service.searcher().index.name, numbers=numbers),
            "encoder": Part(True, f"{self._encoder.name} {self._encoder.digest[:12]}"),
            "disk": Part(free > 200 * 1024**2, f"{free // 1024**2} MiB", is_required=False),
        }


def _fits(procedure: Procedure, wanted: str, field: str, level: str) -> bool:
    if field and procedure.field != field or level and level not in procedure.levels:
        return False
    if not wanted:
        return True
    return wanted in procedure.code or any(wanted in bare(t) for t in (procedure.name, *procedure.aliases))
