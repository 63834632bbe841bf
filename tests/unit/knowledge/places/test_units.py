"""The tables: complete, joined, dated, and in agreement with a second copy."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import date
from importlib.util import find_spec
from pathlib import Path

import pytest

from knowledge.errors import ContentError
from knowledge.places.resolver import PlaceResolver
from knowledge.places.spelling import bare_key, forms
from knowledge.places.units import Units, load_units


def commune(units: Units, province: str, name: str) -> str:
    found = [c.full_name for c in units.communes.values() if c.name == name and units.provinces[c.province].name == province]
    assert len(found) == 1
    return found[0]


def test_counts_are_those_of_the_law(units: Units) -> None:
    old = [c for d in units.districts for c in units.old_communes_of(d)]
    assert (len(units.provinces), len(units.communes)) == (34, 3321)
    assert (len(units.old_provinces), len(units.districts)) == (63, 696)
    assert sum(bool(c.name) for c in old) == 10035
    assert sum(c.kind == "Đặc khu" for c in units.communes.values()) == 13


def test_every_old_commune_leads_to_a_commune_and_every_commune_has_an_origin(units: Units) -> None:
    old = [c for d in units.districts for c in units.old_communes_of(d)]
    assert all(c.became and set(c.became) <= set(units.communes) for c in old)
    assert all(units.origins(code) for code in units.communes)


@pytest.mark.parametrize(
    ("day", "dong_nai", "long_thanh", "bac_ninh", "tien_du", "as_of"),
    [
        (date(2025, 7, 1), "Tỉnh", "Xã Long Thành", "Tỉnh", "Xã Tiên Du", date(2025, 7, 1)),
        (date(2026, 4, 29), "Tỉnh", "Xã Long Thành", "Tỉnh", "Xã Tiên Du", date(2025, 7, 1)),
        (date(2026, 4, 30), "Thành phố", "Phường Long Thành", "Tỉnh", "Xã Tiên Du", date(2026, 4, 30)),
        (date(2026, 9, 20), "Thành phố", "Phường Long Thành", "Thành phố", "Phường Tiên Du", date(2026, 9, 20)),
    ],
)
def test_a_change_applies_from_its_day_on(
    day: date, dong_nai: str, long_thanh: str, bac_ninh: str, tien_du: str, as_of: date
) -> None:  # fmt: skip
    units = load_units(day)
    kinds = {p.name: p.kind for p in units.provinces.values()}
    assert (kinds["Đồng Nai"], kinds["Bắc Ninh"]) == (dong_nai, bac_ninh)
    assert commune(units, "Đồng Nai", "Long Thành") == long_thanh
    assert commune(units, "Bắc Ninh", "Tiên Du") == tien_du
    assert units.source.as_of == as_of


def test_quang_ninh_has_the_communes_its_resolution_counts(units: Units) -> None:
    kinds = defaultdict(int)
    for c in units.communes.values():
        if units.provinces[c.province].name == "Quảng Ninh":
            kinds[c.kind] += 1
    assert dict(kinds) == {"Phường": 30, "Xã": 22, "Đặc khu": 2}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("{from: 2026-01-01, decision: x, province: Bình Định, kind: Thành phố}", "province"),
        ("{from: 2026-01-01, decision: x, province: Gia Lai, commune_kind: Phường, communes: [Bến Nghé]}", "Bến Nghé"),
    ],
)
def test_an_amendment_that_names_what_is_not_there_is_refused(tmp_path: Path, change: str, said: str) -> None:
    file = tmp_path / "amendments.yml"
    file.write_text(f"checked_on: 2026-01-01\nbase: {{title: t, as_of: 2025-07-01}}\nchanges:\n  - {change}\n", encoding="utf-8")
    with pytest.raises(ContentError, match=said):
        load_units(date(2026, 6, 1), amendments=file)


def test_conversions_agree_with_the_copy_that_underthesea_ships(units: Units) -> None:
    """Its copy lost names that differ by diacritics only and kept some slips; nearly all of the rest must be equal."""
    spec = find_spec("underthesea")
    if spec is None or not spec.submodule_search_locations:
        pytest.skip("underthesea is not installed")
    file = Path(spec.submodule_search_locations[0]) / "address/data/mapping.json"
    theirs: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for record in json.loads(file.read_text(encoding="utf-8"))["ward_mapping"]:
        if record["old_ward"] and record["new_ward"]:
            key = tuple(bare_key(record[part]) for part in ("old_province", "old_district", "old_ward"))
            theirs[key].add(bare_key(record["new_ward"].split(" ", 1)[1].removeprefix("khu ")))
    ours: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for district in units.districts.values():
        for old in units.old_communes_of(district.code):
            key = (bare_key(units.old_provinces[district.old_province].full_name), bare_key(district.full_name), bare_key(old.full_name))
            ours[key] |= {bare_key(units.communes[code].name) for code in old.became}
    shared = set(ours) & set(theirs)
    assert len(shared) > 9_900
    assert sum(ours[key] != theirs[key] for key in shared) <= 60


ABBREVIATED = {"Phường": "P.", "Xã": "X.", "Thị trấn": "TT.", "Quận": "Q.", "Huyện": "H.", "Thị xã": "TX.", "Thành phố": "TP."}


@pytest.mark.parametrize("style", ["full", "bare", "abbreviated", "question"])
def test_a_sample_of_old_communes_is_read_without_one_wrong_commune(units: Units, style: str) -> None:
    resolver = PlaceResolver(units)
    old = [(c, d) for d in units.districts.values() for c in units.old_communes_of(d.code) if c.name][::17]
    exact = 0
    for c, d in old:
        province = units.old_provinces[d.old_province]
        full = f"{c.full_name}, {d.full_name}, {province.full_name}"
        text = {
            "full": full,
            "bare": " ".join(forms(word)[1] for word in full.replace(",", "").split()),
            "abbreviated": f"{ABBREVIATED[c.kind]} {c.name}, {ABBREVIATED[d.kind]} {d.name}, {province.name}",
            "question": f"tôi ở {c.kind.lower()} {c.name} {d.kind.lower()} {d.name} cũ thì làm khai sinh cho con ở đâu",
        }[style]
        reading = resolver.resolve(text)
        assert reading.commune is None or reading.commune.code in c.became, text
        found = {reading.commune.code} if reading.commune else {x.commune.code for x in reading.candidates}
        exact += found == set(c.became)
    assert exact / len(old) >= 0.98


def test_every_commune_of_today_is_found_by_its_full_name(units: Units) -> None:
    resolver = PlaceResolver(units)
    for c in list(units.communes.values())[::5]:
        reading = resolver.resolve(f"{c.full_name}, {units.provinces[c.province].full_name}")
        assert reading.commune == c


def test_the_provinces_of_2025_and_of_today_are_of_the_kinds_their_resolutions_say() -> None:
    """Six centrally run cities on 1 July 2025; Đồng Nai (30/2026/QH16), Quảng Ninh (36/2026/QH16), Bắc Ninh (39/2026/QH16) since."""
    first = {"Hà Nội", "Hải Phòng", "Huế", "Đà Nẵng", "Hồ Chí Minh", "Cần Thơ"}
    cities = {day: {p.name for p in load_units(day).provinces.values() if p.kind == "Thành phố"} for day in (date(2025, 7, 1), date(2026, 9, 19), date(2026, 9, 20))}
    assert cities == {
        date(2025, 7, 1): first,
        date(2026, 9, 19): first | {"Đồng Nai", "Quảng Ninh"},
        date(2026, 9, 20): first | {"Đồng Nai", "Quảng Ninh", "Bắc Ninh"},
    }
    kinds = [p.kind for p in load_units(date(2026, 9, 20)).provinces.values()]
    assert (len(kinds), kinds.count("Tỉnh")) == (34, 25)
