"""Whose plan a question asks for: the place or authority that it names, and which of the plans are theirs.

What one province plans is no answer about another, however alike the words are. Places are found by knowledge/places;
an authority is read only where the question says "kế hoạch của …".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from knowledge.model import Plan
from knowledge.places.mentions import Mention, MentionFinder
from knowledge.places.spelling import words
from knowledge.places.units import (
    OldCommune,
    OldDistrict,
    OldProvince,
    Province,
    Unit,
    Units,
)
from knowledge.plan_tasks import plain_key
from nlu.diacritics import bare
from nlu.normalizer import has_diacritics, normalise

_PROVINCIAL = (Province, OldProvince)
_TWO_TIERS = date(2025, 7, 1)  # today's provinces; what an older plan says of one of the same name is of a smaller one
_CENTRAL = re.compile(r"\b(?:thu tuong|chinh phu|quoc hoi|bo|ngan hang nha nuoc|uy ban thuong vu)\b")
#: "kế hoạch (of up to three words) của …" as it is said of who issued it, up to what is asked of it.
_OF_BODY = re.compile(
    r"\b(?:kế hoạch|quyết định|hướng dẫn|chương trình|văn bản)(?: \w+){0,3} của "
    r"(?P<body>(?:sở|bộ|chính phủ|thủ tướng|quốc hội|ban|phòng|cục|chi cục|công an|thanh tra|văn phòng|quận ủy|huyện ủy|tỉnh ủy|thành ủy|đảng ủy)\b[^,.;:?!()]*?)"
    r"(?= (?:về|năm|giao|nói|có|là|thì|phải|để|cho|trong|quy định|yêu cầu|đặt|nêu|ghi|viết|ban hành|gồm|làm|mục tiêu|nội dung|đến|từ|như|khi|gì|nào|ra|được)\b|\s*[,.;:?!()]|\s*$)"
)
_NO_NAME = frozenset(["nhan", "dan", "thanh", "pho", "tinh", "quan", "huyen", "xa", "phuong", "thi", "tran", "dac", "khu"])


@dataclass(frozen=True)
class Issuer:
    """Who a question wants a plan of.

    Attributes:
        said: the place or authority as it is to be told ("tỉnh Thanh Hóa", "Sở Y tế Hà Nội").
        plan_ids: plans of it; () where none is known.
        near_ids: plans of what lies around it, or of the province that it is part of now.
        names: its names without diacritics, as they would stand in a passage.
        became: today's province where the place named was merged into another, else "".
        is_owner: the question says "của", not only the name.
        typed: the words that name it, bare, as they stand in the question.
    """

    said: str
    plan_ids: frozenset[str]
    near_ids: frozenset[str]
    names: tuple[str, ...]
    became: str = ""
    is_owner: bool = False
    typed: tuple[str, ...] = ()

    def is_held_by(self, text: str) -> bool:
        """Whether a passage itself speaks of the place or authority."""
        plain = f" {plain_key(text)} "
        return any(f" {name} " in plain for name in self.names)


class IssuerReader:
    """Reads issuers out of questions about the plans of one catalogue.

    Args:
        plans: all plans known.
        units: gives the units of today and before; called at the first question.
    """

    def __init__(self, plans: Iterable[Plan], units: Callable[[], Units]) -> None:
        self._plans = tuple(plans)
        self._load = units
        self._of_plan: dict[str, tuple[Unit, ...]] | None = None

    def read(self, question: str, restored: str) -> Issuer | None:
        """Who the question wants a plan of, None where it names nobody.

        Args:
            question: as typed; any Unicode form.
            restored: the same with diacritics, read in place of one typed without.
        """
        units = self._load()
        text = question if has_diacritics(question) else restored
        places = _specific(_places(units, text))
        body = _body(text)
        if not places and not body:
            return None
        found = [unit for mention in places for unit in _meant(mention)]
        around = self._around(units, found)
        if body:
            own = self._of_body(body, found)
            return Issuer(body, own, frozenset(around) - own, (plain_key(body),), is_owner=True, typed=(bare_words(body),))
        own = self._of_places(units, found)
        spans = [(words(text)[m.first].start, words(text)[m.last - 1].end) for m in places]
        said = " và ".join(dict.fromkeys(_told(text[start:end], places[n], text is question) for n, (start, end) in enumerate(spans)))
        names = tuple(dict.fromkeys(plain_key(unit.name) for unit in found))
        is_owner = any(_is_owner(text, mention) for mention in places)
        typed = tuple(bare_words(text[start:end]) for start, end in spans)
        return Issuer(said, own, frozenset(around) - own, names, _became(units, found), is_owner, typed)

    def _of_places(self, units: Units, named: Sequence[Unit]) -> frozenset[str]:
        """Plans of the very units; where there is none, plans of districts and communes that lie in a province named."""
        keys = {_key(unit) for unit in named}
        own = frozenset(plan_id for plan_id, of in self._units(units).items() if keys & {_key(unit) for unit in of})
        return own or frozenset(
            plan_id for plan_id, of in self._units(units).items()
            if any(not isinstance(unit, _PROVINCIAL) and keys & _provinces_of(units, unit) for unit in of)
        )  # fmt: skip

    def _around(self, units: Units, named: Sequence[Unit]) -> list[str]:
        """Plans of today's provinces in which the named units lie, made since these exist, and of the old ones."""
        keys = {key for unit in named for key in _provinces_of(units, unit)}
        return [
            plan.id for plan in self._plans
            if keys & {key for unit in self._units(units)[plan.id] for key in _provinces_of(units, unit)}
        ]  # fmt: skip

    def _of_body(self, body: str, places: Sequence[Unit]) -> frozenset[str]:
        """Plans whose issuer and place hold every word of the authority."""
        wanted = set(plain_key(body).split()) - _NO_NAME
        return frozenset(plan.id for plan in self._plans if wanted <= set(plain_key(f"{plan.authority} {plan.place}").split()))

    def _units(self, units: Units) -> dict[str, tuple[Unit, ...]]:
        """Plan id → units that issued it; () for central bodies and where the plan does not say."""
        if self._of_plan is None:
            self._of_plan = {plan.id: _units_of(units, plan) for plan in self._plans}
        return self._of_plan


def _units_of(units: Units, plan: Plan) -> tuple[Unit, ...]:
    if _CENTRAL.search(plain_key(plan.authority)):
        return ()
    for text in (plan.authority, plan.place):
        if found := [unit for mention in _places(units, text) for unit in _meant(mention)]:
            return tuple(found)
    return ()


def _places(units: Units, text: str) -> list[Mention]:
    return list(MentionFinder(units, text, words(text)).find()) if text else []


def _specific(mentions: Sequence[Mention]) -> list[Mention]:
    """Those that name a district or commune by its kind; all others where there is none ("phường Láng, Hà Nội")."""
    below = [m for m in mentions if m.marked and not m.of(*_PROVINCIAL)]
    return below or [m for m in mentions if m.of(*_PROVINCIAL) or m.of(OldDistrict)]


def _is_owner(text: str, mention: Mention) -> bool:
    """ "của", perhaps with "UBND", stands right before the name."""
    before = text[: words(text)[mention.first].start]
    return re.search(r"\b(?:của|do)(?: (?:ubnd|hđnd|ủy ban nhân dân|uỷ ban nhân dân|hội đồng nhân dân))?\s*$", before.lower()) is not None


def _meant(mention: Mention) -> tuple[Unit, ...]:
    """A name without its kind that a province bears means the province ("Bình Định" is a ward and a commune too)."""
    return mention.of(*_PROVINCIAL) or mention.units if not mention.marked else mention.units


def _body(text: str) -> str:
    """The authority after "kế hoạch của", as typed; "" where none stands there."""
    flat = normalise(text)
    found = _OF_BODY.search(flat.lower())
    return flat[found.start("body") : found.end("body")].strip() if found and len(flat.lower()) == len(flat) else ""


def bare_words(text: str) -> str:
    """Bare lower-case words as typed, short forms left alone."""
    return " ".join(re.findall(r"[a-z0-9]+", bare(text).lower()))


def _key(unit: Unit) -> tuple[str, str]:
    """A province of one name before and after the mergers is one; so are no two others."""
    if isinstance(unit, _PROVINCIAL):
        return "province", plain_key(unit.name)
    return type(unit).__name__, getattr(unit, "code", "") or f"{unit.district}/{unit.name}"


def _provinces_of(units: Units, unit: Unit) -> set[tuple[str, str]]:
    """Keys of the provinces, of today and before, in which a unit lies."""
    found = {_key(units.province_of(unit))}
    if isinstance(unit, OldDistrict | OldCommune):
        found.add(_key(units.old_province_of(unit)))
    return found | ({_key(unit)} if isinstance(unit, _PROVINCIAL) else set())


def _told(typed: str, mention: Mention, is_as_typed: bool) -> str:
    """The name as typed with its diacritics; a nickname ("tphcm") and one typed without by the unit's full name."""
    names = {bare_words(unit.name) for unit in mention.units}
    is_name = any(f" {name} " in f" {bare_words(typed)} " for name in names)
    return typed if is_as_typed and is_name else _as_said(mention.units[0])


def _as_said(unit: Unit) -> str:
    """Its full name within a sentence ("tỉnh Gia Lai")."""
    return unit.full_name[:1].lower() + unit.full_name[1:]


def _became(units: Units, named: Sequence[Unit]) -> str:
    """Today's province of the one old province named, where it has another name."""
    today = {_as_said(units.province_of(unit)) for unit in named}
    is_gone = bool(named) and all(isinstance(unit, OldProvince) for unit in named)
    return next(iter(today)) if is_gone and len(today) == 1 else ""
