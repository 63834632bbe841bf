"""Which place of today a text means, by what it says, never by a guess.

A reading is certain only where the words leave one commune. A split commune, a district alone, a name that
several communes bear: each gives candidates and says what to ask for (``missing``).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from knowledge.places.mentions import Match, Mention, MentionFinder, adjoin
from knowledge.places.spelling import Word, words
from knowledge.places.units import (
    Commune,
    OldCommune,
    OldDistrict,
    OldProvince,
    Province,
    Unit,
    Units,
    UnitSource,
    load_units,
)

Status = Literal["none", "province", "district", "commune", "ambiguous"]
Missing = Literal["", "commune", "part", "district", "province", "which"]
_TRUST = {Match.EXACT: 1.0, Match.BARE: 0.95, Match.INITIALS: 0.8, Match.MARKS: 0.75, Match.TYPO: 0.6, Match.ONCE: 0.6}
_NAMESAKE = 0.8  # today's name, but old communes of that name lie elsewhere in the province


@dataclass(frozen=True, slots=True)
class Candidate:
    """A commune that may be meant.

    Attributes:
        province: of today.
        via: the old commune or district that leads to it; None where today's own name was typed.
        old_district, old_province: where ``via`` lay.
        is_part: only a part of ``via`` belongs to it.
    """

    commune: Commune
    province: Province
    via: OldCommune | OldDistrict | None = None
    old_district: OldDistrict | None = None
    old_province: OldProvince | None = None
    is_part: bool = False


@dataclass(frozen=True, slots=True)
class PlaceReading:
    """What a text says about a place.

    Attributes:
        status: ``none`` (no place named), ``province`` (no more than that), ``district`` (an abolished district
            alone), ``commune`` (one commune of today), ``ambiguous`` (several are possible).
        province: today's province where the words leave one.
        commune: today's commune with status ``commune``.
        old_units: units abolished or merged that the text named, small to large.
        candidates: communes that are possible, today's names first; with ``commune`` the others of that name.
        provinces: provinces that are possible, when the text leaves several.
        missing: what to ask for; ``part`` where an old commune was split, ``which`` where several places are named.
        confidence: 0..1 that the words were read rightly: below .7 ask whether the place is right.
        needs_check: the spelling was mended or initials were read: say the name back.
        is_elsewhere: a commune or district was named that does not lie in the larger unit named with it.
        spans: offsets of the words read, so that a search may leave them out.
    """

    status: Status
    source: UnitSource
    province: Province | None = None
    commune: Commune | None = None
    old_units: tuple[OldCommune | OldDistrict | OldProvince, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    provinces: tuple[Province, ...] = ()
    missing: Missing = ""
    confidence: float = 0.0
    needs_check: bool = False
    is_elsewhere: bool = False
    spans: tuple[tuple[int, int], ...] = ()

    @property
    def is_certain(self) -> bool:
        """One commune, from words that needed no mending."""
        return self.status == "commune" and self.confidence >= _NAMESAKE and not (self.needs_check or self.is_elsewhere)


class PlaceResolver:
    """Reads places. Pure and offline; the tables are loaded at the first text (about 12 MiB, half a second).

    Args:
        units: tables to use; None loads those of today.
    """

    def __init__(self, units: Units | None = None) -> None:
        self._units = units

    @property
    def units(self) -> Units:
        if self._units is None:
            self._units = load_units()
        return self._units

    def resolve(self, text: str, province: str = "") -> PlaceReading:
        """The place that a text names.

        Args:
            text: a question, or an answer such as "q.LB" or "xã X huyện Y cũ".
            province: code of the province the service is set up for, or that was said before; used only where the
                text names none.
        """
        composed = unicodedata.normalize("NFC", text)
        found = words(composed)
        mentions = MentionFinder(self.units, composed, found).find()
        if not mentions:
            return PlaceReading("none", self.units.source)
        readings = [_Group(self.units, group, province).read(found) for group in _groups(mentions, found)]
        return readings[0] if len(readings) == 1 else self._several(readings)

    def known(self, codes: Sequence[str]) -> PlaceReading:
        """The place that was settled before, or chosen of those offered: a commune, a province, or communes that remain.

        Args:
            codes: of today's communes or of one province; unknown ones are left out.
        """
        units = self.units
        communes = [units.communes[code] for code in codes if code in units.communes]
        if len(communes) > 1:
            candidates = tuple(Candidate(c, units.provinces[c.province]) for c in communes)
            provinces = {c.province.code: c.province for c in candidates}
            return PlaceReading(
                "ambiguous", units.source, province=next(iter(provinces.values())) if len(provinces) == 1 else None,
                candidates=candidates, missing="commune", confidence=1.0,
            )  # fmt: skip
        if communes:
            province = units.provinces[communes[0].province]
            return PlaceReading("commune", units.source, province=province, commune=communes[0], confidence=1.0)
        province = next((units.provinces[code] for code in codes if code in units.provinces), None)
        if province is None:
            return PlaceReading("none", units.source)
        return PlaceReading("province", units.source, province=province, missing="commune", confidence=1.0)

    def _several(self, readings: Sequence[PlaceReading]) -> PlaceReading:
        """Places named apart: one when the rest only repeat its province, else asked."""
        detailed = [r for r in readings if r.status != "province"]
        provinces = {r.province.code: r.province for r in readings if r.province}
        spans = tuple(span for r in readings for span in r.spans)
        if len(provinces) <= 1 and len(detailed) <= 1:
            return replace((detailed or list(readings))[0], spans=spans)
        communes = {c.commune.code: c for r in readings for c in ((_own(r, self.units),) if r.commune else r.candidates)}
        return PlaceReading(
            "ambiguous",
            self.units.source,
            province=next(iter(provinces.values())) if len(provinces) == 1 else None,
            old_units=tuple(unit for r in readings for unit in r.old_units),
            candidates=tuple(communes.values()),
            provinces=tuple(provinces.values()),
            missing="which",
            confidence=min(r.confidence for r in readings),
            spans=spans,
        )


def _own(reading: PlaceReading, units: Units) -> Candidate:
    assert reading.commune is not None
    return Candidate(reading.commune, units.provinces[reading.commune.province])


def _rank(mention: Mention) -> int:
    """0 commune, 1 district, 2 province: the smallest level a mention may have when its kind is given."""
    if mention.of(Province, OldProvince):
        return 2
    return 1 if mention.of(OldDistrict) and not mention.of(Commune, OldCommune) else 0


def _groups(mentions: Sequence[Mention], found: Sequence[Word]) -> list[list[Mention]]:
    """Mentions that form one address: small to large, without a step back."""
    groups: list[list[Mention]] = []
    for mention in mentions:
        if groups and adjoin(groups[-1][-1], mention, found) and _continues(groups[-1], mention):
            groups[-1].append(mention)
        else:
            groups.append([mention])
    return groups


def _continues(group: Sequence[Mention], mention: Mention) -> bool:
    last = group[-1]
    if _rank(mention) == _rank(last) == 2:  # "Hòa Bình, Phú Thọ": the old province and today's
        return bool({_code(u) for u in mention.units} & {_code(u) for u in last.units})
    if not mention.marked and not last.marked and _rank(mention) != 2:
        return len(group) < 3 and _rank(last) != 2
    return _rank(mention) > _rank(last) or (_rank(mention) == _rank(last) == 0 and bool(mention.of(OldDistrict)))


def _code(unit: Unit) -> str:
    return unit.province if isinstance(unit, OldProvince) else getattr(unit, "code", "")


class _Group:
    """One address: narrows each level by the larger ones."""

    def __init__(self, units: Units, mentions: Sequence[Mention], province: str) -> None:
        self._units = units
        self._mentions = list(mentions)
        self._default = province
        provincial = [m for m in mentions if _rank(m) == 2]
        self._provincial = next((m for m in provincial if not m.of(Province)), provincial[-1] if provincial else None)
        rest = [m for m in mentions if m not in provincial]
        self._communal = next((m for m in rest if m.of(Commune, OldCommune)), None)
        after = rest[rest.index(self._communal) + 1 :] if self._communal else rest
        self._district = next((m for m in after if m.of(OldDistrict)), None)
        if self._communal is None and self._district is None and rest:
            self._district = next((m for m in rest if m.of(OldDistrict)), None)

    # Provinces.

    def _provinces(self) -> dict[str, set[str]]:
        """Today's provinces meant → old provinces meant inside it, empty for all."""
        if self._provincial is None:
            return {self._default: set()} if self._default in self._units.provinces else {}
        meant: dict[str, set[str]] = {}
        for unit in self._provincial.of(Province):
            meant[unit.code] = set()
        for unit in self._provincial.of(OldProvince):
            if self._provincial.is_old or unit.province not in meant:
                meant[unit.province] = {unit.code}
        return meant

    def _lies_in(self, unit: Unit, meant: dict[str, set[str]]) -> bool:
        if not meant:
            return True
        code = self._units.province_of(unit).code
        if code not in meant:
            return False
        if not meant[code]:
            return True
        if isinstance(unit, Commune):
            origins = {self._units.districts[d].old_province for d in self._units.origins(unit.code)}
            return bool(origins & meant[code])
        return not isinstance(unit, OldCommune | OldDistrict) or self._units.old_province_of(unit).code in meant[code]

    # Reading.

    def read(self, found: Sequence[Word]) -> PlaceReading:
        meant = self._provinces()
        districts = self._districts(meant)
        candidates, is_today = self._communes(meant, districts)
        if self._communal is not None and not candidates and (districts or meant):
            return self._without_commune(found, meant, districts)
        if candidates:
            return self._chosen(found, meant, candidates, is_today)
        return self._without_commune(found, meant, districts)

    def _districts(self, meant: dict[str, set[str]]) -> tuple[OldDistrict, ...]:
        if self._district is None:
            return ()
        return tuple(u for u in self._district.of(OldDistrict) if self._lies_in(u, meant))

    def _communes(self, meant: dict[str, set[str]], districts: tuple[OldDistrict, ...]) -> tuple[tuple[Candidate, ...], bool]:
        """Candidates, and whether they bear the name today."""
        mention = self._communal
        if mention is None:
            return (), False
        codes = {d.code for d in districts}
        if self._district is not None and not codes:
            return (), False
        today = [
            Candidate(c, self._units.provinces[c.province])
            for c in mention.of(Commune)
            if self._lies_in(c, meant) and (not codes or self._units.origins(c.code) & codes)
        ]
        old = [
            candidate
            for c in mention.of(OldCommune)
            if self._lies_in(c, meant) and (not codes or c.district in codes)
            for candidate in self._became(c)
        ]
        if not mention.marked:
            old += [c for d in mention.of(OldDistrict) if self._lies_in(d, meant) for c in self._of_district(d)]
        if mention.is_old or codes:
            return tuple(old or today), not old
        return (tuple(today) + tuple(old), True) if today else (tuple(old), False)

    def _became(self, commune: OldCommune) -> tuple[Candidate, ...]:
        district = self._units.districts[commune.district]
        return tuple(
            Candidate(
                self._units.communes[code], self._units.province_of(commune), commune, district,
                self._units.old_province_of(commune), len(commune.became) > 1,
            )
            for code in commune.became
        )  # fmt: skip

    def _of_district(self, district: OldDistrict) -> tuple[Candidate, ...]:
        codes = {code: None for commune in self._units.old_communes_of(district.code) for code in commune.became}
        province, old = self._units.province_of(district), self._units.old_province_of(district)
        return tuple(Candidate(self._units.communes[code], province, district, district, old) for code in codes)

    def _chosen(
        self, found: Sequence[Word], meant: dict[str, set[str]], candidates: tuple[Candidate, ...], is_today: bool
    ) -> PlaceReading:
        own = {c.commune.code: c for c in candidates if c.via is None}
        distinct = {c.commune.code: c for c in reversed(candidates)}
        trust = min(_TRUST[m.match] for m in self._used())
        named_today = is_today and len(own) == 1 and bool(meant) and (self._communal is None or self._communal.marked)
        if len(distinct) == 1 or named_today:
            chosen = next(iter(own.values())) if named_today else candidates[0]
            others = tuple(c for c in candidates if c.commune.code != chosen.commune.code)
            return self._reading(
                found, "commune", meant, province=chosen.province, commune=chosen.commune, candidates=others,
                old_units=self._old(chosen), confidence=min(trust, _NAMESAKE) if others else trust,
            )  # fmt: skip
        provinces = {c.province.code: c.province for c in candidates}
        olds = {c.via for c in candidates if isinstance(c.via, OldCommune)}
        districts = {c.via for c in candidates if isinstance(c.via, OldDistrict)}
        if len(districts) == 1 and not olds:
            return self._of_one_district(found, meant, candidates, next(iter(districts)), trust)
        if len(provinces) > 1:
            missing: Missing = "province"
        elif not own and len(olds) == 1 and all(isinstance(c.via, OldCommune) for c in candidates):
            missing = "part"
        else:
            missing = "district" if all(c.via is not None for c in candidates) and len(olds) > 1 else "commune"
        return self._reading(
            found, "ambiguous", meant, province=next(iter(provinces.values())) if len(provinces) == 1 else None,
            candidates=_unique(candidates), provinces=tuple(provinces.values()) if len(provinces) > 1 else (),
            old_units=self._old(candidates[0]) if len(olds) == 1 and not own else (), missing=missing, confidence=trust,
        )  # fmt: skip

    def _of_one_district(
        self, found: Sequence[Word], meant: dict[str, set[str]], candidates: tuple[Candidate, ...], district: OldDistrict, trust: float
    ) -> PlaceReading:  # fmt: skip
        """A name without its kind that an old town bears, and perhaps one of its communes today."""
        return self._reading(found, "district", meant, province=self._units.province_of(district), old_units=(district,),
                             candidates=_unique(candidates), missing="commune", confidence=trust)  # fmt: skip

    def _without_commune(self, found: Sequence[Word], meant: dict[str, set[str]], districts: tuple[OldDistrict, ...]) -> PlaceReading:
        trust = min(_TRUST[m.match] for m in self._used())
        is_elsewhere = self._communal is not None or (self._district is not None and not districts)
        if districts:
            candidates = tuple(c for d in districts for c in self._of_district(d))
            provinces = {c.province.code: c.province for c in candidates}
            if len({c.commune.code for c in candidates}) == 1:
                return self._reading(found, "commune", meant, province=candidates[0].province, commune=candidates[0].commune,
                                     old_units=districts, confidence=trust, is_elsewhere=is_elsewhere)  # fmt: skip
            one = len(provinces) == 1
            return self._reading(
                found, "district" if len(districts) == 1 else "ambiguous", meant,
                province=next(iter(provinces.values())) if one else None, candidates=candidates, old_units=districts,
                provinces=() if one else tuple(provinces.values()), missing="commune" if one else "province", confidence=trust,
                is_elsewhere=is_elsewhere,
            )  # fmt: skip
        if len(meant) == 1:
            (code, olds), *_ = meant.items()
            old_units = tuple(self._units.old_provinces[o] for o in olds)
            return self._reading(found, "province", meant, province=self._units.provinces[code], old_units=old_units,
                                 missing="commune", confidence=trust, is_elsewhere=is_elsewhere)  # fmt: skip
        provinces = tuple(self._units.provinces[code] for code in meant)
        return self._reading(found, "ambiguous" if provinces else "none", meant, provinces=provinces,
                             missing="province", confidence=trust if provinces else 0.0,
                             is_elsewhere=is_elsewhere)  # fmt: skip

    def _used(self) -> list[Mention]:
        return [m for m in (self._communal, self._district, self._provincial) if m is not None] or self._mentions

    def _old(self, candidate: Candidate) -> tuple[OldCommune | OldDistrict | OldProvince, ...]:
        """Old units that the words named on the way to a candidate."""
        named: list[OldCommune | OldDistrict | OldProvince] = []
        if candidate.via is not None:
            named.append(candidate.via)
        if self._district is not None and candidate.old_district and candidate.old_district not in named:
            named.append(candidate.old_district)
        elif self._district is not None and candidate.via is None:
            named += [d for d in self._district.of(OldDistrict) if d.code in self._units.origins(candidate.commune.code)]
        if self._provincial is not None and not self._provincial.of(Province):
            named += [p for p in self._provincial.of(OldProvince) if p.province == candidate.province.code]
        return tuple(named)

    def _reading(self, found: Sequence[Word], status: Status, meant: dict[str, set[str]], **fields) -> PlaceReading:
        spans = tuple((found[m.first].start, found[m.last - 1].end) for m in self._mentions)
        mended = any(m.match >= Match.INITIALS for m in self._used())
        return PlaceReading(status, self._units.source, spans=spans, needs_check=mended, **fields)


def _unique(candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """One a commune, the first way to it kept."""
    return tuple({c.commune.code: c for c in reversed(candidates)}.values())[::-1]
