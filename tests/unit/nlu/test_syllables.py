"""What is a Vietnamese syllable, and what Telex and VNI keys taken literally were meant to be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.syllables import decode_keys, is_syllable, put_tone, split_tone


@pytest.mark.parametrize("word", ["giấy", "quyền", "nghiêng", "gì", "giết", "quốc", "ở", "khuỷu", "đường", "hòa", "yêu", "xe"])
def test_a_syllable_is_known_by_its_shape(word: str) -> None:
    assert is_syllable(word)


@pytest.mark.parametrize("word", ["", "thuc", "cuoc", "giya", "hồo", "ubnd", "ct01", "online", "vớỉ", "kầm1", "w"])
def test_what_has_not_the_shape_is_none(word: str) -> None:
    assert not is_syllable(word)


@pytest.mark.parametrize(
    ("letters", "tone", "syllable"),
    [("hoa", "\u0300", "hòa"), ("thuy", "\u0301", "thúy"), ("quy", "\u0301", "quý"), ("giây", "\u0301", "giấy"),
     ("ươc", "\u0301", "ước"), ("toan", "\u0300", "toàn"), ("gi", "\u0300", "gì"), ("gia", "\u0301", "giá"), ("ba", "", "ba")],
)  # fmt: skip
def test_a_tone_stands_where_the_traditional_spelling_has_it(letters: str, tone: str, syllable: str) -> None:
    assert put_tone(letters, tone) == syllable
    assert split_tone(syllable) == (letters, tone)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("giaays", "giấy"), ("lamf", "làm"), ("dduwowcj", "được"), ("cuwowcs", "cước"), ("nhwng", "nhưng"),
        ("dangd", "đang"), ("thuwowngf", "thường"), ("tieesng", "tiếng"), ("quoocs", "quốc"), ("owr", "ở"),
        ("gia61y", "giấy"), ("la2m", "làm"), ("d9uo7c5", "được"), ("cu7o71c", "cước"), ("o73", "ở"), ("d9a8ng", "đăng"),
        ("cướcs", "cước"), ("đawng", "đăng"),
    ],
)  # fmt: skip
def test_keys_taken_literally_are_read(typed: str, meant: str) -> None:
    assert decode_keys(typed) == meant


@pytest.mark.parametrize("typed", ["a1", "b2", "ct01", "h25", "cmnd9", "9số", "online", "tt65", "khai", "12", "đ"])
def test_codes_classes_and_plain_words_are_no_keys(typed: str) -> None:
    assert decode_keys(typed) is None


@given(st.text(alphabet="aăâbcdđeêghiklmnoôơpqrstuưvxyàáảãạấềọữ0123456789wfjz", max_size=12))
def test_what_is_decoded_is_always_a_syllable(word: str) -> None:
    decoded = decode_keys(word)
    assert decoded is None or (is_syllable(decoded) and decoded != word)
