"""Readings of typed questions by a small model: what is corrected, what is kept, and laws for any text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu.diacritics import train_restorer
from nlu.reading import Reader
from nlu.spelling import Speller, load_slips

SENTENCES = [
    "làm giấy khai sinh cho con", "đăng ký kết hôn ở đâu", "nộp hồ sơ ở đâu", "hồ sơ gồm những gì", "sổ đỏ bị mất",
    "cấp lại thẻ căn cước công dân", "xin giấy phép xây dựng nhà ở", "đổi giấy phép lái xe", "hộ chiếu hết hạn",
    "lệ phí trước bạ", "cần giấy tờ gì", "mẹ tôi muốn đổi tên", "người nước ngoài", "chi phí bao nhiêu tiền",
    "tui ở mô rứa", "làm chi rứa", "mẫu nộp ở đâu", "thủ tục cần giấy tờ gì", "nghị định", "bằng lái hạng", "giá đồng",
    "qua mạng", "số", "anh em",
]  # fmt: skip


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader(train_restorer([(sentence, 10.0) for sentence in SENTENCES]))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("giyấ khai sinh", "giấy khai sinh"),
        ("hồo sơ gồm những gì", "hồ sơ gồm những gì"),
        ("cawn cước công dân", "căn cước công dân"),
        ("đăng ký kết hon", "đăng ký kết hôn"),
        ("lamf giaays khai sinh", "làm giấy khai sinh"),
        ("la2m gia61y khai sinh", "làm giấy khai sinh"),
        ("giaykhaisinh", "giấy khai sinh"),
        ("đăngkýkếthôn ở đâu", "đăng ký kết hôn ở đâu"),
        ("gi ấy khai sinh", "giấy khai sinh"),
        ("dang ky ket hon o dau", "đăng ký kết hôn ở đâu"),
        ("DANG KY KET HON", "đăng ký kết hôn"),
        ("đổi giấy phép láy xe", "đổi giấy phép lái xe"),
        ("fí trước bạ, hộ chiéu", "phí trước bạ, hộ chiếu"),
    ],
)
def test_slips_are_read_as_they_were_meant(reader: Reader, typed: str, meant: str) -> None:
    assert reader.read(typed).text == meant


@pytest.mark.parametrize(
    "typed",
    [
        "mẫu CT01 nộp ở đâu", "thủ tục 1.001193 cần giấy tờ gì", "nghị định 154/2024/NĐ-CP", "34/KH-UBND",
        "hồ sơ H25.12-260701-0042", "bằng lái hạng A1, B2", "giá 5000000 đồng", "a.b@c.vn", "http://dvc.vn/x",
        "anh Nguyễn Văn Toản ở Đắk Lắk", "đổi visa online qua zalo", "mẹ tôi muốn đổi tên", "số 29A1-12345",
    ],
)  # fmt: skip
def test_codes_names_loan_words_and_good_words_are_never_touched(reader: Reader, typed: str) -> None:
    assert reader.read(typed).text == typed


def test_regional_words_are_standard_for_searching_only(reader: Reader) -> None:
    found = reader.read("nộp hồ sơ ở mô rứa")
    assert (found.text, found.search_text) == ("nộp hồ sơ ở mô rứa", "nộp hồ sơ ở đâu thế")


def test_several_readings_are_kept_where_the_model_is_unsure() -> None:
    torn = Reader(train_restorer([("má tôi", 10.0), ("mã tôi", 10.0)])).readings("ma toi", 3)
    assert {reading.text for reading in torn[:2]} == {"má tôi", "mã tôi"}
    assert torn[0].probability == pytest.approx(torn[1].probability, abs=0.05)


def test_readings_come_best_first_each_once(reader: Reader) -> None:
    found = reader.readings("dang ky ho so o dau", 5)
    assert len({reading.text for reading in found}) == len(found) <= 5
    assert [r.probability for r in found] == sorted((r.probability for r in found), reverse=True)
    assert sum(r.probability for r in found) <= 1.0 + 1e-9


@pytest.mark.parametrize("text", ["", "   ", "?!", "12"])
def test_what_has_nothing_to_read_is_returned_with_certainty(reader: Reader, text: str) -> None:
    assert [(r.text, r.probability) for r in reader.readings(text)] == [(text, 1.0)]


def test_an_untrained_model_changes_nothing() -> None:
    assert Reader(train_restorer([])).read("giyấ khai sinh o dau").text == "giyấ khai sinh o dau"


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="aăâbcdđeêghiklmnoôơprstuưxyàáảãạấềọữ 0123456789.,?/-@wfjA", max_size=60))
def test_any_text_has_a_reading_that_keeps_its_numbers_and_signs(reader: Reader, text: str) -> None:
    found = reader.readings(text)
    assert found
    assert 0.0 < found[0].probability <= 1.0
    assert [c for c in found[0].text if c in ".,?/-@"] == [c for c in text if c in ".,?/-@"]


def test_a_very_long_text_is_read_too(reader: Reader) -> None:
    assert reader.read("dang ky ket hon o dau " * 90).text.startswith("đăng ký kết hôn ở đâu")


def test_each_cost_is_known_and_positive() -> None:
    assert all(cost > 0 for cost in load_slips().costs.values())


def test_a_known_word_costs_more_to_change_than_an_unknown_one(reader: Reader) -> None:
    speller = Speller(train_restorer([(sentence, 10.0) for sentence in SENTENCES]))
    assert speller.is_known("giấy")
    assert not speller.is_known("giyấ")
    assert speller.misspelt("giyấ")["giấy"] < min(speller.confused("giấy").values(), default=99.0)


def test_loan_words_are_settled(reader: Reader) -> None:
    speller = Speller(train_restorer([("đăng ký", 10.0)]))
    assert speller.is_settled("online")
    assert not speller.is_settled("giya")
