"""Which messages are the name of a matter, and which only share words with one."""

from __future__ import annotations

import pytest

from actions.naming import names_matter
from knowledge.retrieval.search import Searcher


@pytest.mark.parametrize("message", ["làm giấy cưới", "lam giay cuoi", "giấy tờ cư trú", "tổ chức hội thả diều", "Cấp hộ chiếu phổ thông ạ"])
def test_a_procedure_a_family_and_a_matter_elsewhere_are_named_with_and_without_diacritics(town: Searcher, message: str) -> None:
    assert names_matter(town, message)


@pytest.mark.parametrize("message", ["hôm nay trời đẹp quá", "mua hộ chiếu khỏi cần thi", "😀", ""])
def test_other_words_are_no_name(town: Searcher, message: str) -> None:
    assert not names_matter(town, message)


@pytest.mark.parametrize(
    ("message", "is_name"),
    [
        ("làm giấy cưới", True),
        ("tổ chức hội thả diều", True),
        ("khai báo chỗ ở", True),
        ("lam giay cuoi", False),
        ("làm giấy cười", False),
        ("tổ chức hội thả điều", False),
    ],
)
def test_where_wrong_may_be_meant_every_word_has_to_be_spelled_as_in_the_name(town: Searcher, message: str, is_name: bool) -> None:
    assert names_matter(town, message)
    assert names_matter(town, message, outright=True) is is_name
