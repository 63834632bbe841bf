"""Dated rules switch on and off by the day; texts that speak of the district level name who is competent now."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

import knowledge.validity.dated as dated
import knowledge.validity.districts as districts
import knowledge.validity.documents as documents
from knowledge.errors import ContentError
from knowledge.validity.dated import dated_rules, note_phase, rules_for
from knowledge.validity.districts import successor_of
from knowledge.validity.documents import ended_in, full_number
from tests.fakes import BIRTH

NOW = date(2026, 11, 22)
EXTRACT = replace(BIRTH, code="2.000635", notes=())


def test_every_rule_has_days_a_source_and_how_sure_it_is() -> None:
    assert dated_rules()
    for rule in dated_rules():
        assert rule.source and rule.read_on and rule.sure in dated.SURE and rule.says
        assert len(rule.says) < 200 and not rule.says.endswith(".")


@pytest.mark.parametrize(
    ("day", "is_told"),
    [(date(2026, 8, 14), False), (date(2026, 8, 15), True), (date(2027, 2, 28), True), (date(2027, 3, 1), False)],
)
def test_a_waiver_switches_on_and_off_by_the_day_asked_about(day: date, is_told: bool) -> None:
    assert ("extract_fee_waiver" in {r.id for r in rules_for(EXTRACT, ["fee"], day)}) is is_told


def test_a_rule_is_told_under_its_aspects_and_procedures_only() -> None:
    assert rules_for(EXTRACT, ["documents"], NOW) == ()
    assert "extract_fee_waiver" not in {r.id for r in rules_for(replace(EXTRACT, code="9.9"), ["fee"], NOW)}


def test_a_rule_that_the_records_own_note_tells_is_not_told_twice() -> None:
    noted = replace(EXTRACT, notes=("Từ 15/8/2026 đến 28/2/2027 miễn phí (Thông tư 117/2026/TT-BTC).",))
    assert "extract_fee_waiver" not in {r.id for r in rules_for(noted, ["fee"], NOW)}


def test_a_rule_to_come_is_told_shortly_before() -> None:
    rule = next(r for r in dated_rules() if r.id == "civil_status_at_any_commune")
    for days, is_told in ((180, True), (181, False)):
        found = rules_for(replace(BIRTH, notes=()), ["place"], rule.since - timedelta(days), to_come_within_days=180)
        assert (rule in found) is is_told


@pytest.mark.parametrize(
    ("note", "day", "phase"),
    [
        ("Từ 15/8/2026 đến 28/2/2027 được miễn phí.", date(2026, 8, 14), "to_come"),
        ("Từ 15/8/2026 đến 28/2/2027 được miễn phí.", date(2027, 2, 28), "in_force"),
        ("Từ 15/8/2026 đến hết ngày 28/2/2027 được miễn phí.", date(2027, 3, 1), "over"),
        ("Từ ngày 1/3/2027 làm ở xã nào cũng được.", date(2030, 1, 1), "in_force"),
        ("Ảnh chụp không quá 6 tháng.", NOW, None),
        ("Từ 31/2/2026 gì đó.", NOW, None),
    ],
)
def test_a_note_that_names_its_period_is_known_to_be_in_force_to_come_or_over(note: str, day: date, phase: str | None) -> None:
    assert note_phase(note, day) == phase


@pytest.mark.parametrize(
    ("text", "body", "sure"),
    [
        ("Bảo hiểm xã hội tỉnh, Bảo hiểm xã hội cấp huyện", "Bảo hiểm xã hội cơ sở", "high"),
        ("nộp tại Công an huyện", "Công an cấp xã hoặc Công an cấp tỉnh", "medium"),
        ("Phòng Đăng ký kinh doanh cấp huyện", "Ủy ban nhân dân cấp xã", "medium"),
        ("UBND các quận, huyện thực hiện", "Ủy ban nhân dân cấp xã", "medium"),
        ("UBND quận Hoa Sen", "Ủy ban nhân dân cấp xã", "medium"),
        ("Ủy ban nhân dân huyện Lũng Ngà", "Ủy ban nhân dân cấp xã", "medium"),
        ("Phòng Tư pháp huyện Lũng Ngà", "", "low"),
    ],
)
def test_a_district_body_has_a_successor_with_a_source_and_how_sure_that_is(text: str, body: str, sure: str) -> None:
    found = successor_of(text, NOW)
    assert (found.now, found.sure) == (body, sure)
    assert found.source and found.read_on


@pytest.mark.parametrize("text", ["Số 164 phường Lý Thái Tổ, quận Hoàn Kiếm", "đường huyện lộ", "Công an cấp xã", "Quận công", "theo phân cấp quản lý", "cán bộ cấp quản lý", ""])
def test_an_address_is_no_body(text: str) -> None:
    assert successor_of(text, NOW) is None


def test_before_july_2025_the_district_was_competent() -> None:
    assert successor_of("Công an huyện", date(2025, 6, 30)) is None
    assert successor_of("Công an huyện", date(2025, 7, 1)) is not None


@pytest.mark.parametrize("spoilt", ["- {id: x}", "- {id: x, aspects: [fee], says: y, from: 2026-01-01, source: {title: a, read_on: b}, sure: never, codes: ['1']}",
                                    "- {id: x, aspects: [fee], says: y, from: 2026-01-02, until: 2026-01-01, source: {title: a, read_on: b}, sure: low, codes: ['1']}"])  # fmt: skip
def test_a_rule_that_lacks_something_stops_the_start(tmp_path, monkeypatch, spoilt: str) -> None:
    (tmp_path / "rules.yml").write_text(spoilt)
    monkeypatch.setattr(dated, "_FILE", tmp_path / "rules.yml")
    with pytest.raises(ContentError):
        dated.dated_rules.__wrapped__()


@pytest.mark.parametrize(
    ("text", "day", "numbers"),
    [
        ("Căn cứ Nghị định số 61/2018/NĐ-CP ngày 23/4/2018", NOW, ["61/2018/NĐ-CP"]),
        ("Căn cứ Nghị định số 61/2018/NĐ-CP", date(2025, 6, 30), []),
        ("Căn cứ Nghị định số 61/2018/NĐ-CP", date(2025, 7, 1), ["61/2018/NĐ-CP"]),
        ("Luật số 58/2014/QH13, Luật số 59/2014/QH13, Luật số 58/2014/QH13", NOW, ["58/2014/QH13", "59/2014/QH13"]),
        ("Quyết định số 161/2018/NĐ-CP, Luật 60/2014/QH13", NOW, []),
    ],
)
def test_a_document_has_ended_from_the_day_that_is_known(text: str, day: date, numbers: list[str]) -> None:
    found = ended_in(text, day)
    assert [d.number for d in found] == numbers
    assert all(d.by and d.source and d.read_on for d in found)


@pytest.mark.parametrize("spoilt", ["- {number: 1/2020/QH14}", "- {number: 5/KH, name: x, ended: 2020-01-01, by: y, sure: high, source: {title: a, read_on: b}}",
                                    "- {number: 1/2020/QH14, name: x, ended: soon, by: y, sure: high, source: {title: a, read_on: b}}"])  # fmt: skip
def test_an_ended_document_that_lacks_something_stops_the_start(tmp_path, monkeypatch, spoilt: str) -> None:
    (tmp_path / "documents.yml").write_text(spoilt)
    monkeypatch.setattr(documents, "_FILE", tmp_path / "documents.yml")
    with pytest.raises(ContentError):
        documents._table.__wrapped__()


def test_the_table_of_districts_ends_with_the_general_rule() -> None:
    since, rows = districts._table()
    assert since == date(2025, 7, 1) and rows[-1][1].sure == "low"


@pytest.mark.parametrize(
    ("typed", "kind", "whole"),
    [
        ("61/2018", "nđ", "61/2018/NĐ-CP"),
        ("61/2018", "Nghị định", "61/2018/NĐ-CP"),
        ("061/2018", "", "61/2018/NĐ-CP"),
        ("61/2018", "thông tư", "61/2018"),  # another document of that number
        ("59/2014", "nghị định", "59/2014"),
        ("59/2014", "luật", "59/2014/QH13"),
        ("61/2018/NĐ-CP", "", "61/2018/NĐ-CP"),
        ("6/2018", "", "6/2018"),
        ("61", "nghị định", "61"),
    ],
)
def test_a_number_without_its_last_part_is_the_one_document_it_can_be(typed: str, kind: str, whole: str):
    assert full_number(typed, kind) == whole
