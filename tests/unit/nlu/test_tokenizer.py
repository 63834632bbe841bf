"""Words keep their places in the text, whatever its spacing, and also when the segmenter misbehaves."""

from __future__ import annotations

import logging
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu import tokenizer
from nlu.tokenizer import align, syllables, tokenize, with_arabic_classes


@pytest.fixture()
def fresh_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokenizer, "_has_warned", threading.Event())


def segment_as(monkeypatch: pytest.MonkeyPatch, words: list[str]) -> None:
    monkeypatch.setattr(tokenizer, "_word_tokenize", lambda text, use_token_normalize: words)


def test_words_of_several_syllables_keep_their_offsets(monkeypatch: pytest.MonkeyPatch) -> None:
    segment_as(monkeypatch, ["làm", "khai sinh", "cho", "con"])
    text = " làm khai   sinh cho con "
    tokens = tokenize(text)
    assert [token.text for token in tokens] == ["làm", "khai   sinh", "cho", "con"]
    assert all(text[token.start : token.end] == token.text for token in tokens)


def test_words_that_cannot_be_aligned_give_pieces_and_one_warning(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, fresh_warning: None
) -> None:
    segment_as(monkeypatch, ["hòa"])
    with caplog.at_level(logging.WARNING):
        assert [token.text for token in tokenize("hoà bình")] == ["hoà", "bình"]
        tokenize("hoà bình")
    assert [record.message.split(":")[0] for record in caplog.records] == ["nlu-tokenizer-alignment"]
    assert "bình" not in caplog.text


@pytest.mark.parametrize("text", ["", "  \n"])
def test_a_text_without_words_has_no_tokens(text: str) -> None:
    assert tokenize(text) == []


@given(st.lists(st.text(alphabet="aăâđê1.,-", min_size=1, max_size=6), max_size=8), st.sampled_from([" ", "  ", "\t"]))
def test_words_joined_by_any_space_align(words: list[str], space: str) -> None:
    text = space.join(words)
    spans = align(words, text)
    assert spans is not None
    assert [text[start:end] for start, end in spans] == words


@pytest.mark.parametrize(("words", "text"), [(["a", "b"], "a"), (["a"], "a b"), (["x"], "y")])
def test_words_of_another_text_do_not_align(words: list[str], text: str) -> None:
    assert align(words, text) is None


def test_syllables_are_lower_case_runs_of_letters_and_digits() -> None:
    assert syllables("Mẫu CT01, 154/2024/NĐ-CP_x") == ["mẫu", "ct01", "154", "2024", "nđ", "cp", "x"]


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("cảng cá loại I, loại II", "cảng cá loại 1 loại 2"),
        ("cong trinh cap iii", "cong trinh cap 3"),
        ("chứng chỉ hạng 2", "chứng chỉ hạng 2"),
        ("i tờ", "i tờ"),
        ("bảo vệ v.i.p", "bảo vệ v i p"),
    ],
)
def test_roman_numbers_of_classes_are_read_as_digits_and_other_letters_are_not(text: str, digits: str) -> None:
    assert with_arabic_classes(syllables(text)) == digits.split()
