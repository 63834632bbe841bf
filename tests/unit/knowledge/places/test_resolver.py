"""Places as people write them lead to today's commune, or to the question that is missing."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
import yaml

from knowledge.places.resolver import PlaceResolver
from knowledge.places.units import OldCommune

MENTIONS = yaml.safe_load(Path(__file__).with_name("mentions.yml").read_text(encoding="utf-8"))
ROWS = [(group, *row) for group, rows in MENTIONS.items() for row in rows]


@pytest.mark.parametrize(("group", "text", "status", "province", "commune", "missing"), ROWS, ids=[r[1] for r in ROWS])
def test_mention_leads_to(
    resolver: PlaceResolver, group: str, text: str, status: str, province: str, commune: str, missing: str
) -> None:  # fmt: skip
    reading = resolver.resolve(text)
    found = (
        reading.status,
        reading.province.name if reading.province else "",
        reading.commune.full_name if reading.commune else "",
        reading.missing,
    )
    assert found == (status, province, commune, missing)
    if group == "mended":
        assert not reading.is_certain


def test_there_are_at_least_eighty_mentions() -> None:
    assert len({row[1] for row in ROWS}) >= 80


@pytest.mark.parametrize("row", [r for r in ROWS if r[0] in ("split", "namesakes", "districts")], ids=lambda r: r[1])
def test_several_possible_communes_are_all_offered_and_none_chosen(resolver: PlaceResolver, row: tuple[str, ...]) -> None:
    reading = resolver.resolve(row[1])
    assert reading.commune is None
    assert len({c.commune.code for c in reading.candidates}) >= 2 or len(reading.provinces) >= 2


def test_split_commune_offers_exactly_the_communes_that_took_a_part(resolver: PlaceResolver) -> None:
    reading = resolver.resolve("phường Cống Vị quận Ba Đình")
    assert {c.commune.full_name for c in reading.candidates} == {"Phường Ngọc Hà", "Phường Giảng Võ"}
    assert all(c.is_part for c in reading.candidates)
    assert [u.full_name for u in reading.old_units] == ["Phường Cống Vị", "Quận Ba Đình"]


def test_old_units_are_named_small_to_large(resolver: PlaceResolver) -> None:
    reading = resolver.resolve("xã Tây Xuân, huyện Tây Sơn, tỉnh Bình Định")
    assert [u.full_name for u in reading.old_units] == ["Xã Tây Xuân", "Huyện Tây Sơn", "Tỉnh Bình Định"]


def test_namesake_is_settled_by_the_province_said_before(resolver: PlaceResolver) -> None:
    assert resolver.resolve("xã Xuân Thượng").missing == "province"
    settled = resolver.resolve("xã Xuân Thượng", province="37")
    assert settled.commune is not None
    assert settled.commune.full_name == "Xã Xuân Hồng"


def test_province_said_before_gives_way_to_the_one_in_the_text(resolver: PlaceResolver) -> None:
    reading = resolver.resolve("phường Bến Nghé quận 1 tphcm", province="01")
    assert reading.province is not None
    assert reading.province.name == "Hồ Chí Minh"


def test_todays_name_with_old_namesakes_keeps_them_as_candidates(resolver: PlaceResolver) -> None:
    reading = resolver.resolve("phường Tân Hòa, TP Hồ Chí Minh")
    assert reading.commune is not None and reading.commune.full_name == "Phường Tân Hòa"
    assert reading.candidates
    assert all(isinstance(c.via, OldCommune) for c in reading.candidates)
    assert reading.confidence < 1


def test_commune_that_does_not_lie_in_the_district_named_is_not_chosen(resolver: PlaceResolver) -> None:
    reading = resolver.resolve("phường Bến Nghé huyện Tây Sơn")
    assert reading.commune is None
    assert reading.is_elsewhere
    assert reading.province is not None and reading.province.name == "Gia Lai"


def test_decomposed_text_reads_as_composed(resolver: PlaceResolver) -> None:
    reading = resolver.resolve(unicodedata.normalize("NFD", "phường Bến Nghé, quận 1"))
    assert reading.commune is not None and reading.commune.name == "Sài Gòn"


def test_spans_cover_the_words_read_and_nothing_else(resolver: PlaceResolver) -> None:
    text = "khai sinh ở phường Bến Nghé, q1 cần giấy tờ gì"
    reading = resolver.resolve(text)
    assert [text[a:b] for a, b in reading.spans] == ["phường Bến Nghé", "q1"]


@pytest.mark.parametrize("text", ["", "?", "xã", "q.", "tp", "huyện ,", "phường 999 quận 999", "x" * 5000, "xã " * 400])
def test_odd_text_is_no_place(resolver: PlaceResolver, text: str) -> None:
    reading = resolver.resolve(text)
    assert reading.status == "none"
    assert reading.commune is None and reading.candidates == ()


def test_tables_are_loaded_at_the_first_text_only(monkeypatch: pytest.MonkeyPatch) -> None:
    loads = []
    monkeypatch.setattr("knowledge.places.resolver.load_units", lambda: loads.append(1) or pytest.fail("loaded"))
    PlaceResolver()
    assert loads == []
