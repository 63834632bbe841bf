"""Hashed features are the same everywhere and in every register."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.features import N_BUCKETS, classifier_text, ngram_features


def test_buckets_are_fixed_numbers_so_both_environments_agree() -> None:
    features = ngram_features("ở")
    # CRC-32 of "c: o", "c:o ", "c: o ", "w1:o", "w2:^ o", "w2:o $", "w3:^ o $", each modulo 65536
    assert features.indices.tolist() == [9111, 13352, 19998, 27182, 45079, 49116, 62213]
    assert features.indices.dtype == np.int32
    assert features.values.dtype == np.float32


@pytest.mark.parametrize(
    ("one", "other"),
    [("Lệ phí bao nhiêu", "le phi bao nhieu"), ("mã 1.001193", "mã 2.000456"), ("CĂN CƯỚC", "căn cước")],
)
def test_case_marks_and_digits_make_no_difference(one: str, other: str) -> None:
    a, b = ngram_features(one), ngram_features(other)
    assert np.array_equal(a.indices, b.indices)
    assert np.array_equal(a.values, b.values)


def test_word_order_makes_a_difference() -> None:
    a, b = ngram_features("nộp ở đâu"), ngram_features("ở đâu nộp")
    assert not np.array_equal(a.indices, b.indices)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60))
def test_indices_ascend_and_values_have_unit_length(text: str) -> None:
    features = ngram_features(text)
    assert np.all(np.diff(features.indices) > 0)
    assert not len(features.indices) or 0 <= features.indices[0] <= features.indices[-1] < N_BUCKETS
    assert np.linalg.norm(features.values) == pytest.approx(1.0, abs=1e-5)


def test_the_text_of_the_classifier_is_expanded() -> None:
    assert classifier_text(" lm cccd ko? 😀") == "làm căn cước công dân không?"
    assert classifier_text("😀") == ""
