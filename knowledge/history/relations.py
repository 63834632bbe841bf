"""Which document takes the place of which, in the documents' own words; circles are reported and not followed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from knowledge.model import Plan
from nlu.entities import document_key

_NUMBER = r"(?P<number>\d{1,5}[a-z]?(?:\s?/\s?(?:19|20)\d{2})?\s?/\s?[A-ZĐ][A-ZĐa-z0-9]*(?:\s?-\s?[A-ZĐ][A-ZĐa-z0-9]*)*)"
_KIND = r"(?:Kế hoạch|Quyết định|Hướng dẫn|Chỉ thị|Công văn|Văn bản|Nghị quyết|Thông báo)"
#: The subject must be the document itself: a ground that "replaces" another one says nothing of this plan.
_REPLACES = re.compile(
    rf"(?:{_KIND} này[^.;]{{0,80}}?|(?:^|[.;(*\-–]\s*))(?:thay thế|bãi bỏ)(?: toàn bộ| nội dung)?\s+{_KIND}\s+số:?\s*{_NUMBER}",
    re.IGNORECASE,
)
_ENDS = re.compile(rf"{_KIND}\s+số:?\s*{_NUMBER}[^.;]{{0,160}}?hết hiệu lực(?: thi hành)? kể từ", re.IGNORECASE)


@dataclass(frozen=True)
class Replacements:
    """Who replaced whom among the plans at hand.

    Attributes:
        by: id of a replaced plan → the plan that took its place.
        circles: ids of plans that replace each other in a circle, each circle sorted; none of them stands in ``by``.
    """

    by: Mapping[str, Plan]
    circles: tuple[tuple[str, ...], ...]


def numbers_replaced(plan: Plan) -> tuple[str, ...]:
    """Numbers of the documents that this one says it replaces or repeals, in the order they stand, each once."""
    found: dict[str, str] = {}
    for section in plan.sections:
        text = " ".join(" ".join(section.paragraphs).split())
        for match in sorted([*_REPLACES.finditer(text), *_ENDS.finditer(text)], key=lambda m: m.start()):
            number = re.sub(r"\s+", "", match["number"])
            if document_key(number) != document_key(plan.number or ""):
                found.setdefault(document_key(number), number)
    return tuple(found.values())


def replacements(plans: Iterable[Plan]) -> Replacements:
    """Follow what each plan says it replaces among ``plans`` of the same authority.

    A number counts inside one authority, since every province counts from 1; where the older plan does not name its
    authority, the number alone must do, if it is unique.
    """
    plans = tuple(plans)
    edges: dict[str, Plan] = {}
    for plan in plans:
        for number in numbers_replaced(plan):
            for older in _holders(number, plan, plans):
                edges.setdefault(older.id, plan)
    circles = _circles({old: new.id for old, new in edges.items()})
    caught = {plan_id for circle in circles for plan_id in circle}
    return Replacements({old: new for old, new in edges.items() if old not in caught}, circles)


def _holders(number: str, by: Plan, plans: tuple[Plan, ...]) -> list[Plan]:
    same = [p for p in plans if p.id != by.id and p.number and document_key(p.number) == document_key(number)]
    mine = [p for p in same if p.authority and p.authority.lower() == by.authority.lower()]
    unnamed = [p for p in same if not p.authority or not by.authority]
    return mine or (unnamed if len(same) == 1 else [])


def _circles(next_of: Mapping[str, str]) -> tuple[tuple[str, ...], ...]:
    """Every circle of a map in which each id has at most one successor."""
    circles, done = [], set()
    for start in next_of:
        path: dict[str, None] = {}
        at = start
        while at in next_of and at not in done and at not in path:
            path[at] = None
            at = next_of[at]
        if at in path:
            order = list(path)
            circles.append(tuple(sorted(order[order.index(at) :])))
        done |= set(path)
    return tuple(circles)
