"""Provinces and communes of today, the units before 1 July 2025 and what became of each.

``data/*.tsv`` holds the state of 1 July 2025, ``amendments.yml`` what changed since, each from its day on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import yaml

from knowledge.errors import ContentError
from knowledge.places.spelling import bare_key, forms

ROOM = Path(__file__).resolve().parent
DATA = ROOM / "data"
AMENDMENTS = ROOM / "amendments.yml"
KINDS = ("Thành phố", "Thị trấn", "Thị xã", "Đặc khu", "Phường", "Huyện", "Quận", "Tỉnh", "Xã")
_KIND_KEYS = tuple(bare_key(kind) for kind in KINDS)


class _Unit:
    """What every unit can say of itself."""

    __slots__ = ()
    kind: str
    name: str

    @property
    def full_name(self) -> str:
        return f"{self.kind} {self.name}".strip()


@dataclass(frozen=True, slots=True)
class Province(_Unit):
    """A province or centrally run city of today; ``earlier_kinds`` since 1 July 2025."""

    code: str
    kind: str
    name: str
    earlier_kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Commune(_Unit):
    """A xã, phường or đặc khu of today; ``earlier_kinds`` since 1 July 2025."""

    code: str
    kind: str
    name: str
    province: str
    earlier_kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OldProvince(_Unit):
    code: str
    kind: str
    name: str
    province: str


@dataclass(frozen=True, slots=True)
class OldDistrict(_Unit):
    """An abolished quận, huyện, thị xã or city of a province; ``older`` are names it had swallowed before."""

    code: str
    kind: str
    name: str
    old_province: str
    older: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OldCommune(_Unit):
    """A commune before 1 July 2025; more than one code in ``became`` means that it was split."""

    kind: str
    name: str
    district: str
    became: tuple[str, ...]
    older: tuple[str, ...] = ()


Unit = Province | Commune | OldProvince | OldDistrict | OldCommune


@dataclass(frozen=True, slots=True)
class UnitSource:
    """Where the units come from: ``as_of`` is the day of the last change applied, ``checked_on`` of the last look."""

    title: str
    as_of: date
    checked_on: date
    decisions: tuple[str, ...] = ()


def _split(full_name: str) -> tuple[str, str]:
    for kind in KINDS:
        if full_name.startswith(f"{kind} "):
            return kind, full_name[len(kind) + 1 :]
    raise ContentError(DATA, full_name, "a name that begins with its kind", full_name)


def _rows(folder: Path, name: str, width: int) -> Iterable[list[str]]:
    for line in (folder / f"{name}.tsv").read_text(encoding="utf-8").splitlines():
        cells = line.split("\t")
        yield cells + [""] * (width - len(cells))


def _listed(cell: str) -> tuple[str, ...]:
    return tuple(cell.split(",")) if cell else ()


def _with_kind(unit: Unit) -> set[str]:
    """Keys of earlier names that begin with their kind; a name that only looks so ("phuonghoang") is left out."""
    keys = {bare_key(name) for name in getattr(unit, "older", ())}
    known = keys | {bare_key(unit.name)}
    return {
        key
        for key in keys
        for kind in _KIND_KEYS
        if key.startswith(kind) and (key[len(kind) :] in known or key[len(kind) :].isdigit())
    }


class Units:
    """All units with the ways to look them up. Build it with :func:`load_units`."""

    def __init__(
        self,
        provinces: Mapping[str, Province],
        communes: Mapping[str, Commune],
        old_provinces: Mapping[str, OldProvince],
        districts: Mapping[str, OldDistrict],
        old_communes: Iterable[OldCommune],
        source: UnitSource,
    ) -> None:
        self.provinces = dict(provinces)
        self.communes = dict(communes)
        self.old_provinces = dict(old_provinces)
        self.districts = dict(districts)
        self.source = source
        self._of_district: dict[str, list[OldCommune]] = defaultdict(list)
        self._origins: dict[str, set[str]] = defaultdict(set)  # commune → old districts it took land from
        self._named: dict[str, tuple[Unit, ...]] = {}
        self._older: dict[str, tuple[OldDistrict | OldCommune, ...]] = {}
        self._initials: dict[str, tuple[Unit, ...]] = {}
        self._ends: dict[str, tuple[str, ...]] = {}
        old = list(old_communes)
        for commune in old:
            self._of_district[commune.district].append(commune)
            for code in commune.became:
                self._origins[code].add(commune.district)
        self._index([*self.provinces.values(), *self.communes.values(), *self.old_provinces.values(),
                     *self.districts.values(), *(c for c in old if c.name)])  # fmt: skip

    def _index(self, units: list[Unit]) -> None:
        named, older, initials, ends = defaultdict(list), defaultdict(list), defaultdict(list), defaultdict(set)
        for unit in units:
            key = bare_key(unit.name)
            named[key].append(unit)
            if not key[-1].isdigit() and len(key) >= 5:
                ends[key[:3] + "-"].add(key)
                ends["-" + key[-3:]].add(key)
            if isinstance(unit, OldDistrict):
                initials["".join(forms(w)[1][0] for w in unit.name.split())].append(unit)
            for name in _with_kind(unit):
                older[name].append(unit)
        self._named = {k: tuple(v) for k, v in named.items()}
        self._older = {k: tuple(v) for k, v in older.items()}
        self._initials = {k: tuple(v) for k, v in initials.items() if len(k) > 1}
        self._ends = {k: tuple(sorted(v)) for k, v in ends.items()}

    def named(self, key: str) -> tuple[Unit, ...]:
        """Units whose bare name is ``key`` (see spelling.bare_key)."""
        return self._named.get(key, ())

    def once_named(self, key: str) -> tuple[OldDistrict | OldCommune, ...]:
        """Old units that had swallowed one of this name, its kind before it, some years before."""
        return self._older.get(key, ())

    def by_initials(self, letters: str) -> tuple[Unit, ...]:
        """Old districts whose name has these initials ("lb")."""
        return self._initials.get(letters, ())

    def near(self, key: str) -> set[str]:
        """Names that share their first or last three letters with ``key``; one edit away from it may be among them."""
        return {*self._ends.get(key[:3] + "-", ()), *self._ends.get("-" + key[-3:], ())}

    def old_communes_of(self, district: str) -> tuple[OldCommune, ...]:
        return tuple(self._of_district[district])

    def origins(self, commune: str) -> set[str]:
        """Codes of the old districts a commune took land from."""
        return self._origins[commune]

    def old_province_of(self, unit: OldCommune | OldDistrict) -> OldProvince:
        district = self.districts[unit.district] if isinstance(unit, OldCommune) else unit
        return self.old_provinces[district.old_province]

    def province_of(self, unit: Unit) -> Province:
        """The province of today in which a unit lies."""
        if isinstance(unit, Province):
            return unit
        if isinstance(unit, OldDistrict | OldCommune):
            unit = self.old_province_of(unit)
        return self.provinces[unit.province]


def province_names(folder: Path = DATA) -> frozenset[str]:
    """Short names of today's provinces and of those before the mergers of 2025, as written ("Hà Nội", "Nam Định")."""
    today = (name for _, name in _rows(folder, "provinces", 2))
    before = (name for _, _, name, _, _ in _rows(folder, "old_districts", 5))
    return frozenset(_split(name)[1] for name in (*today, *before))


def _amended(
    provinces: dict[str, Province], communes: dict[str, Commune], on: date, file: Path
) -> tuple[dict[str, Province], dict[str, Commune], UnitSource]:
    """Today's units with every change in force on a day applied."""
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    base = content["base"]
    as_of, decisions = base["as_of"], []
    code_of = {province.name: code for code, province in provinces.items()}
    for number, change in enumerate(content["changes"]):
        if change["from"] > on:
            continue
        code = code_of.get(change["province"])
        if code is None:
            raise ContentError(file, f"changes.{number}.province", "a province's short name", str(change["province"]))
        if kind := change.get("kind"):
            before = provinces[code]
            provinces[code] = replace(before, kind=kind, earlier_kinds=(*before.earlier_kinds, before.kind))
        by_name = {c.name: c for c in communes.values() if c.province == code}
        for name in change.get("communes", ()):
            if name not in by_name:
                raise ContentError(file, f"changes.{number}.communes", f"communes of {change['province']}", str(name))
            was = by_name[name]
            communes[was.code] = replace(was, kind=change["commune_kind"], earlier_kinds=(*was.earlier_kinds, was.kind))
        as_of = max(as_of, change["from"])
        decisions.append(change["decision"])
    return provinces, communes, UnitSource(base["title"], as_of, content["checked_on"], tuple(decisions))


def load_units(on: date | None = None, folder: Path = DATA, amendments: Path = AMENDMENTS) -> Units:
    """Reads the tables as they stood on a day (today by default); takes about half a second.

    Raises:
        ContentError: a name without its kind, or an amendment that names what does not exist.
    """
    provinces = {code: Province(code, *_split(name)) for code, name in _rows(folder, "provinces", 2)}
    communes = {code: Commune(code, *_split(name), province) for code, province, name in _rows(folder, "communes", 3)}
    provinces, communes, source = _amended(provinces, communes, on or date.today(), amendments)
    became: dict[str, str] = {}
    old_communes = []
    for district, codes, name, older in _rows(folder, "old_communes", 4):
        kind, short = _split(name) if name else ("", "")
        old_communes.append(OldCommune(kind, short, district, _listed(codes), _listed(older)))
        became.setdefault(district, communes[old_communes[-1].became[0]].province)
    districts, old_provinces = {}, {}
    for code, old_province, province_name, name, older in _rows(folder, "old_districts", 5):
        districts[code] = OldDistrict(code, *_split(name), old_province, _listed(older))
        old_provinces[old_province] = OldProvince(old_province, *_split(province_name), became[code])
    return Units(provinces, communes, old_provinces, districts, old_communes, source)
