"""Knowledge shapes as JSON: what ``/api/v1/search``, the catalogue and the staff pages send."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from knowledge.model import Hit, Procedure, SearchResult


def search_json(result: SearchResult, operating: Mapping[str, float] | None = None) -> dict[str, Any]:
    """A search result in the design's shape, with what staff see beside it (signals, operating numbers)."""
    return {
        "hits": [hit_json(hit) for hit in result.hits],
        "near_misses": [hit_json(hit) for hit in result.near_misses],
        "query": {"normalised": result.query.normalised, "restored": result.query.restored},
        "stages_ms": dict(result.stages_ms),
        "confidence": result.confidence,
        "exact": result.exact,
        "operating": dict(operating or {}),
    }


def hit_json(hit: Hit) -> dict[str, Any]:
    passage = hit.passage
    return {
        "score": hit.score,
        "kind": passage.kind,
        "id": passage.id,
        "code": passage.record_id if passage.kind == "procedure" else "",
        "number": passage.number,
        "title": passage.title,
        "section": passage.section,
        "text": passage.text,
        "source": passage.source,
        "url": passage.url,
        "signals": dict(hit.signals),
    }


def procedure_json(procedure: Procedure) -> dict[str, Any]:
    return asdict(procedure)


def procedure_summary(procedure: Procedure) -> dict[str, Any]:
    return {
        "code": procedure.code,
        "name": procedure.name,
        "field": procedure.field,
        "levels": list(procedure.levels),
        "agency": procedure.agency,
    }
