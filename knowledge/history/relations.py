"""Which document takes the place of which, in the documents' own words; circles are reported and not followed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

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
_DATED = re.compile(r"(?P<number>\S+) ngày (?P<d>\d{1,2})(?:/| tháng )(?P<m>\d{1,2})(?:/| năm )(?P<y>\d{4})")


@dataclass(frozen=True)
class Replacements:
    """Who replaced whom among the plans at hand.

    Attributes:
        by: id of a replaced plan → the plan that took its place.
        circles: ids of plans that replace each other in a circle, each circle sorted; none of them stands in ``by``.
    """

    by: Mapping[str, Plan]
    circles: tuple[tuple[str, ...], ...]

    def newest(self, plan_id: str, day: date) -> Plan | None:
        """What stands in a plan's place on a day, at the end of the chain; None where it was not replaced by then."""
        found, newer = None, self.by.get(plan_id)
        while newer is not None and (newer.issued_on is None or newer.issued_on <= day):
            found, newer = newer, self.by.get(newer.id)
        return found


def numbers_replaced(plan: Plan) -> tuple[str, ...]:
    """Numbers of the documents that this one says it replaces or repeals, in the order they stand, each once."""
    found: dict[str, str] = {}
    for text in _texts(plan):
        for match in sorted([*_REPLACES.finditer(text), *_ENDS.finditer(text)], key=lambda m: m.start()):
            number = re.sub(r"\s+", "", match["number"])
            if document_key(number) != document_key(plan.number or ""):
                found.setdefault(document_key(number), number)
    return tuple(found.values())


def replacements(plans: Iterable[Plan]) -> Replacements:
    """Follow what each plan says it replaces among ``plans`` of the same authority.

    A number counts inside one authority, since every province counts from 1, and where the day of the older plan is
    said and known, both must agree, since counting begins anew each year; where an authority is not named, the number
    alone must do, if it is unique.
    """
    plans = tuple(plans)
    edges: dict[str, Plan] = {}
    for plan in plans:
        for number, said_on in _replaced(plan):
            for older in _holders(number, said_on, plan, plans):
                edges.setdefault(older.id, plan)
    circles = _circles({old: new.id for old, new in edges.items()})
    caught = {plan_id for circle in circles for plan_id in circle}
    return Replacements({old: new for old, new in edges.items() if old not in caught}, circles)


def _replaced(plan: Plan) -> list[tuple[str, date | None]]:
    """Numbers that a plan replaces, from its own words and as its reader or editor noted them, each with the day that is
    said beside it."""
    texts = [*(basis.title for basis in plan.replaces), *_texts(plan)]
    days = {document_key(m["number"]): _date(m) for text in texts for m in _DATED.finditer(text)}
    numbers = [*numbers_replaced(plan), *(basis.number for basis in plan.replaces if basis.number)]
    return [(number, days.get(document_key(number))) for number in dict.fromkeys(numbers)]


def _holders(number: str, said_on: date | None, by: Plan, plans: tuple[Plan, ...]) -> list[Plan]:
    same = [p for p in plans if p.id != by.id and p.number and document_key(p.number) == document_key(number)]
    same = [p for p in same if not (said_on and p.issued_on and p.issued_on != said_on)]
    mine = [p for p in same if p.authority and p.authority.lower() == by.authority.lower()]
    unnamed = [p for p in same if not p.authority or not by.authority]
    return mine or (unnamed if len(same) == 1 else [])


def _texts(plan: Plan) -> Iterator[str]:
    return (" ".join(" ".join(section.paragraphs).split()) for section in plan.sections)


def _date(found: re.Match[str]) -> date | None:
    try:
        return date(int(found["y"]), int(found["m"]), int(found["d"]))
    except ValueError:
        return None


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
