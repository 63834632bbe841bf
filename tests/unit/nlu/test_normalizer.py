"""What the normaliser changes, what it must leave alone, and the laws that hold for any text."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.abbreviations import TABLE_PATH, load_abbreviations
from nlu.normalizer import (
    expand_abbreviations,
    fold_with_offsets,
    has_diacritics,
    normalise,
    strip_diacritics,
)

VIETNAMESE = "aăâbcdđeêghiklmnoôơpqrstuưvxyàáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệòóỏõọùúủũụỳýỷỹỵ 0123456789.,?/-"
texts = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=80)
vietnamese_texts = st.text(alphabet=VIETNAMESE, max_size=80)


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("hoà", "hòa"),
        ("THUÝ", "THÚY"),
        ("quý", "quý"),
        ("qúy", "quý"),
        ("khoẻ, huỷ", "khỏe, hủy"),
        ("Hoàn toàn", "Hoàn toàn"),
        ("tòan", "toàn"),
        ("huỳnh", "huỳnh"),
        ("dạ nhaaaa", "dạ nha"),
        ("nháaaa", "nhá"),
        ("được hônggg", "được hông"),
        ("kkkk", "k"),
        ("số cccd", "số cccd"),
        ("Phần III", "Phần III"),
        ("1000000 đồng", "1000000 đồng"),
        ("xong chưa???", "xong chưa???"),
        ("<b>làm</b> giấy &amp; tờ", "làm giấy & tờ"),
        ("5 < 10 > 3", "5 < 10 > 3"),
        ("chào 😀👍🏽 bạn 🇻🇳", "chào bạn"),
        ("khai\u200b sinh\ufeff\x07", "khai sinh"),
        ("  nhiều \n\t dòng \u00a0 ", "nhiều dòng"),
        (unicodedata.normalize("NFD", "hộ chiếu"), "hộ chiếu"),
        ("38°", "38°"),
        ("😀", ""),
        ("", ""),
    ],
)
def test_normalise(typed: str, normal: str) -> None:
    assert normalise(typed) == normal


@given(texts)
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@given(vietnamese_texts)
def test_normalising_vietnamese_never_lengthens_it(text: str) -> None:
    assert len(normalise(text)) <= len(text)


@given(texts)
def test_normalised_text_is_nfc_on_one_line(text: str) -> None:
    normal = normalise(text)
    assert unicodedata.is_normalized("NFC", normal)
    assert normal == " ".join(normal.split())


@given(texts)
def test_stripping_leaves_no_combining_mark(text: str) -> None:
    bare = strip_diacritics(text)
    assert not any(unicodedata.category(char).startswith("M") for char in unicodedata.normalize("NFD", bare))
    assert not has_diacritics(bare)


@given(vietnamese_texts)
def test_stripping_vietnamese_keeps_its_length(text: str) -> None:
    assert len(strip_diacritics(text)) == len(text)


@given(texts)
def test_folding_remembers_where_each_character_stood(text: str) -> None:
    folded, offsets = fold_with_offsets(text)
    assert len(offsets) == len(folded) + 1
    assert offsets == sorted(offsets)
    assert offsets[-1] == len(text)


def test_diacritics_are_noticed() -> None:
    assert has_diacritics("đi")
    assert has_diacritics("giấy")
    assert not has_diacritics("giay to 2024?")


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("làm cccd ko dc", "làm căn cước công dân không được"),
        ("lm khai sinh cần j v ad", "làm khai sinh cần gì vậy admin"),
        ("mk mún lm lltp", "mình muốn làm lý lịch tư pháp"),
        ("e ly hôn r h sao", "em ly hôn rồi giờ sao"),
        ("Ko", "Không"),
        ("phí bn", "phí bao nhiêu"),
        ("bn ơi", "bạn ơi"),
        ("cho bn nhỏ", "cho bạn nhỏ"),
        ("lm hc mới", "làm hộ chiếu mới"),
        ("em hc lớp 9", "em học lớp 9"),
        ("tách hk", "tách hộ khẩu"),
        ("được hk", "được không"),
        ("đk tt ở đâu", "đăng ký thường trú ở đâu"),
        ("đủ đk gì", "đủ điều kiện gì"),
        ("quên mk", "quên mật khẩu"),
        ("cty cp", "công ty cổ phần"),
        ("nợ nh r", "nợ ngân hàng rồi"),
        ("nghị định của cp", "nghị định của chính phủ"),
        ("gcn qsdđ", "giấy chứng nhận quyền sử dụng đất"),
        ("gcn qsdd", "giấy chứng nhận quyền sử dụng đất"),
        ("số cccd/cmnd", "số căn cước công dân/chứng minh nhân dân"),
        ("lên ca xã", "lên công an xã"),
        ("quyền giấy wyền", "quyền giấy quyền"),
        ("zấy tờ zì", "giấy tờ gì"),
        ("hk trên hệ thống ghi sai", "hộ khẩu trên hệ thống ghi sai"),
        ("hk của mẹ em", "hộ khẩu của mẹ em"),
        ("em hk bị phạt", "em không bị phạt"),
        ("sổ hk ghi diện tích", "sổ hộ khẩu ghi diện tích"),
        ("giấy hk ghi tên cha", "giấy không ghi tên cha"),
        ("phí cbố bn", "phí công bố bao nhiêu"),
    ],
)
def test_abbreviations_are_written_out_by_context(typed: str, written: str) -> None:
    assert expand_abbreviations(typed) == written


@pytest.mark.parametrize(
    "typed",
    [
        "bằng lái hạng e",
        "điểm c khoản 2",
        "100 k",
        "65/2024/TT-BCA",
        "34/KH-UBND",
        "kh-ubnd",
        "a@b.vn",
        "www.k.vn",
        "#tt 1.001193 fee",
        "thi ca nhạc",
        "hẻm hồng",
        "giấy khai sinh của con tôi",
    ],
)
def test_what_is_no_abbreviation_is_left_alone(typed: str) -> None:
    assert expand_abbreviations(typed) == typed


def test_the_table_is_large_and_each_expansion_is_itself_stable() -> None:
    table = load_abbreviations()
    assert len(table.entries) >= 150
    for key, entry in table.entries.items():
        assert " " not in key, f"{key!r}: only single words are looked up"
        for text in (entry.default, *(reading.text for reading in entry.readings)):
            if text is not None:
                assert expand_abbreviations(text) == text, f"{key!r} gives {text!r}, which is expanded again"


def test_the_table_is_written_in_nfc() -> None:
    raw = TABLE_PATH.read_text(encoding="utf-8")
    assert unicodedata.is_normalized("NFC", raw)


@given(vietnamese_texts)
def test_expansion_never_drops_a_word(text: str) -> None:
    assert len(expand_abbreviations(text).split()) >= len(text.split())
