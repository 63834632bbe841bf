"""schema.org data of a procedure: GovernmentService and the way to its page, as JSON-LD.

Only what the record prints; nothing is computed. See schema.org/GovernmentService.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from connectors.pages.procedure_view import ProcedureView

AREA = {"@type": "Country", "name": "Việt Nam"}


def government_service(view: ProcedureView, base: str) -> dict[str, Any]:
    record = view.record
    service: dict[str, Any] = {
        "@type": "GovernmentService",
        "@id": f"{base}{view.path}#dich-vu",
        "name": record.name,
        "identifier": record.code,
        "serviceType": record.field,
        "alternateName": list(record.aliases[:5]),
        "url": f"{base}{view.path}",
        "sameAs": view.source_url,
        "areaServed": AREA,
        "provider": _organisation(record.agency),
        "serviceOperator": _organisation(record.authority or record.ministry),
        "audience": [{"@type": "Audience", "audienceType": who} for who in record.applicants],
        "serviceOutput": {"@type": "Thing", "name": record.result} if record.result else None,
        "availableChannel": [_channel(view, index, base) for index in range(len(view.ways))],
        "subjectOf": _page(view, base),
    }
    return {key: value for key, value in service.items() if value}


def breadcrumb(view: ProcedureView, base: str) -> dict[str, Any]:
    field = view.record.field
    steps = [("Thủ tục", f"{base}/thu-tuc")]
    steps += [(field, f"{base}/thu-tuc?{urlencode({'linh-vuc': field})}")] if field else []
    steps += [(view.record.name, f"{base}{view.path}")]
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": position, "name": name, "item": address}
            for position, (name, address) in enumerate(steps, start=1)
        ],
    }


def to_script(*things: dict[str, Any]) -> str:
    """JSON that may stand inside a script element whatever the records hold."""
    text = json.dumps({"@context": "https://schema.org", "@graph": things}, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _organisation(name: str) -> dict[str, str] | None:
    return {"@type": "GovernmentOrganization", "name": name} if name else None


def _page(view: ProcedureView, base: str) -> dict[str, str]:
    """The page that tells of it: schema.org gives sdDatePublished and isBasedOn to creative works only, not to services."""
    page = {"@type": "WebPage", "url": f"{base}{view.path}", "inLanguage": "vi", "isBasedOn": view.source_url, "sdDatePublished": view.record.source.read_on}
    return {key: value for key, value in page.items() if value}


def _channel(view: ProcedureView, index: int, base: str) -> dict[str, Any]:
    given = view.ways[index].submission
    words = [f"Thời gian: {given.time}" if given.time and given.is_time_certain else "", *given.fees]
    channel: dict[str, Any] = {"@type": "ServiceChannel", "name": view.ways[index].channel, "availableLanguage": "vi"}
    if any(words):
        channel["description"] = "; ".join(filter(None, words))
    if given.channel == "online" and view.source_url:
        channel["serviceUrl"] = view.source_url
    return channel
