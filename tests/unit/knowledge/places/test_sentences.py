"""Where a dossier goes: read from the record, said with today's names, never more certain than it is."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import yaml

from knowledge.model import Procedure, Source
from knowledge.places.resolver import PlaceResolver
from knowledge.places.sentences import (
    MAX_OPTIONS,
    PHRASES,
    place_question,
    place_sentence,
    read_place,
    receiver_of,
)


def procedure(agency: str = "", place: str = "", levels: tuple[str, ...] = ()) -> Procedure:
    return Procedure("1.000001", "Thủ tục thử", Source("thu.yml", "Nguồn thử"), agency=agency, place=place, levels=levels)


BIRTH = procedure("Ủy ban nhân dân cấp xã", levels=("Cấp xã",))
RESIDENCE = procedure("Công an cấp xã", levels=("Cấp xã",))


@pytest.mark.parametrize(
    ("agency", "place", "levels", "receiver"),
    [
        ("Ủy ban nhân dân cấp xã", "", ("Cấp xã",), "commune"),
        ("Uỷ ban Nhân dân xã, phường, thị trấn.", "", ("Cấp xã",), "commune"),
        ("", "", ("Cấp xã",), "commune"),
        ("Sở Tư pháp", "", ("Cấp tỉnh",), "province"),
        ("Sở Xây dựng, Ủy ban nhân dân cấp xã", "", ("Cấp tỉnh", "Cấp xã"), "commune_or_province"),
        ("Công an cấp xã", "", ("Cấp xã",), "police"),
        ("Cục Cảnh sát giao thông, Công an tỉnh", "", ("Cấp bộ", "Cấp tỉnh"), "police"),
        ("Chi cục Hải quan khu vực", "", ("Cấp xã",), "own_office"),
        ("Thuế tỉnh, thành phố, Thuế cơ sở", "", ("Cấp tỉnh", "Cấp xã"), "own_office"),
        ("Toà án nhân dân khu vực", "", ("Cơ quan khác",), "own_office"),
        ("Công an xã", "Trung tâm Phục vụ hành chính công cấp xã", ("Cấp xã",), "commune"),
        ("Ủy ban nhân dân cấp huyện", "", ("Cấp huyện",), "district"),
        ("Phòng Tư pháp", "", ("Cấp huyện",), "district"),
        ("Bộ Tài chính", "", ("Cấp bộ",), "ministry"),
        ("", "", (), "unknown"),
        ("Ngân hàng Nhà nước Khu vực", "Bộ phận Một cửa Ngân hàng Nhà nước Khu vực", ("Cấp tỉnh",), "own_office"),
        ("Bảo hiểm xã hội cấp huyện", "", ("Cấp xã",), "own_office"),
        ("Cục Cảnh sát giao thông", "", ("Cấp bộ",), "ministry"),
    ],
)
def test_receiver_is_read_from_the_record(agency: str, place: str, levels: tuple[str, ...], receiver: str) -> None:
    assert receiver_of(procedure(agency, place, levels)) == receiver


def test_old_name_is_answered_with_todays_centre_and_the_rule_of_the_whole_province(resolver: PlaceResolver) -> None:
    advice = place_sentence(BIRTH, resolver.resolve("p. Bến Nghé q1"))
    assert "Trung tâm Phục vụ hành chính công phường Sài Gòn" in advice.text
    assert "trước 01/7/2025: phường Bến Nghé, quận 1" in advice.text
    assert "Trong thành phố Hồ Chí Minh, trung tâm của xã, phường nào cũng nhận hồ sơ" in advice.text
    assert advice.sureness == "high" and "118/2025/NĐ-CP" in advice.text and "20/09/2026" in advice.text
    assert advice.basis == ("118/2025/NĐ-CP",)
    assert advice.question is None


def test_the_records_own_words_are_quoted(resolver: PlaceResolver) -> None:
    record = procedure("UBND", "Ủy ban nhân dân cấp xã nơi cư trú của mẹ.", ("Cấp xã",))
    assert "“Ủy ban nhân dân cấp xã nơi cư trú của mẹ”" in place_sentence(record, resolver.resolve("")).text


def test_a_province_is_enough_to_say_that_any_centre_takes_it(resolver: PlaceResolver) -> None:
    advice = place_sentence(BIRTH, resolver.resolve("Bình Định"))
    assert "Tỉnh Bình Định nay thuộc tỉnh Gia Lai." in advice.text
    assert "Trong tỉnh Gia Lai, trung tâm của xã, phường nào cũng nhận" in advice.text
    assert advice.sureness == "high"


@pytest.mark.parametrize("text", ["q.LB", "phường Bến Ngé, HCM", "phường Bến Nghé huyện Tây Sơn"])
def test_a_place_that_was_mended_or_contradicts_itself_is_never_high(resolver: PlaceResolver, text: str) -> None:
    assert place_sentence(BIRTH, resolver.resolve(text)).sureness == "medium"


def test_police_are_not_promised_at_any_centre(resolver: PlaceResolver) -> None:
    advice = place_sentence(RESIDENCE, resolver.resolve("xã Tây Xuân huyện Tây Sơn"))
    assert "Công an xã Tây Sơn" in advice.text
    assert "nào cũng nhận" not in advice.text
    assert advice.sureness == "medium" and advice.basis == ()


def test_a_record_of_the_abolished_level_sends_nobody_there(resolver: PlaceResolver) -> None:
    advice = place_sentence(procedure("Ủy ban nhân dân cấp huyện", levels=("Cấp huyện",)), resolver.resolve("huyện Tây Sơn"))
    assert "đã bỏ từ 01/7/2025" in advice.text
    assert "nộp hồ sơ tại" not in advice.text
    assert advice.sureness == "low"


def test_an_office_of_its_own_below_the_abolished_level_is_told_apart(resolver: PlaceResolver) -> None:
    record = procedure("Bảo hiểm xã hội cấp tỉnh, Bảo hiểm xã hội cấp huyện", levels=("Cấp tỉnh", "Cấp xã"))
    advice = place_sentence(record, resolver.resolve("tp hcm"))
    assert "cấp này đã bỏ từ 01/7/2025" in advice.text
    assert advice.sureness == "low"


def test_ministry_asks_for_no_place(resolver: PlaceResolver) -> None:
    assert place_sentence(procedure("Bộ Tài chính", levels=("Cấp bộ",)), resolver.resolve("")).question is None


@pytest.mark.parametrize(
    ("text", "begins", "labels"),
    [
        ("phường Cống Vị quận Ba Đình", "Phường Cống Vị, quận Ba Đình đã chia cho 2", ["Phường Ngọc Hà", "Phường Giảng Võ"]),
        ("huyện Tây Sơn", "Huyện Tây Sơn nay chia thành 5", ["Xã Tây Sơn", "Xã Bình Hiệp", "Xã Bình Khê", "Xã Bình An", "Xã Bình Phú"]),
        ("xã Xuân Thượng", "Có nhiều nơi mang tên này", ["Tỉnh Lào Cai", "Tỉnh Ninh Bình"]),
        ("từ Đà Nẵng về Huế", "Bạn nhắc đến vài nơi", ["Thành phố Đà Nẵng", "Thành phố Huế"]),
        ("tp hcm", "Bạn ở xã, phường nào của thành phố Hồ Chí Minh", []),
        ("xã Tân Thành", "Có nhiều nơi mang tên này", []),
        ("", "Bạn đang ở xã, phường nào", []),
    ],
)
def test_what_is_missing_is_asked(resolver: PlaceResolver, text: str, begins: str, labels: list[str]) -> None:
    question = place_question(resolver.resolve(text))
    assert question is not None
    assert question.text.startswith(begins)
    assert sorted(o.label for o in question.options) == sorted(labels)


ASKED = ["phường Cống Vị quận Ba Đình", "huyện Tây Sơn", "xã Xuân Thượng", "từ Đà Nẵng về Huế", "q.LB", "p.14 q10 hcm", "phường 7 tp hcm"]


@pytest.mark.parametrize("text", ASKED)
def test_an_option_sent_back_as_words_leads_further(resolver: PlaceResolver, text: str) -> None:
    before = resolver.resolve(text)
    question = place_question(before)
    assert question is not None and len(question.options) <= MAX_OPTIONS
    for option in question.options:
        after = resolver.resolve(option.says)
        assert after.commune is not None or (after.province is not None and after.status != "ambiguous") or after.missing == "part"


def test_a_mended_name_is_said_back_for_checking(resolver: PlaceResolver) -> None:
    assert read_place(resolver.resolve("phường Bến Ngé, HCM")).startswith("Mình hiểu là phường Sài Gòn")


def strings(value: object) -> Iterator[str]:
    yield from value.values() if isinstance(value, dict) else ()


def test_every_phrase_is_filled_and_used() -> None:
    phrases = yaml.safe_load(PHRASES.read_text(encoding="utf-8"))
    code = PHRASES.with_name("sentences.py").read_text(encoding="utf-8")
    for key in phrases:
        stem = re.sub(r"_unknown$|^sure_(high|medium|low)$", "", key)
        assert f'"{key}"' in code or stem in code, key
    known = {"today", "was", "province", "commune", "where", "words", "as_of", "count"}
    assert {name for text in strings(phrases) for name in re.findall(r"{(\w+)}", text)} <= known
