"""The report's arithmetic and its registers."""

from __future__ import annotations

import pytest

from bot.intent_report import (
    Judged,
    calibration_error,
    guarded_scores,
    macro_f1,
    registers,
    reliability,
    to_teencode,
)


def judged(right: str, seen: str, confidence: float = 1.0) -> Judged:
    return Judged(right, seen, confidence, right == seen)


def test_a_fallback_counts_as_a_class_only_on_demand() -> None:
    texts = [judged("a", "a"), judged("a", "a"), judged("b", "b"), judged("b", "nlu_fallback")]
    assert macro_f1(texts) == pytest.approx((1 + 2 / 3) / 2)
    assert macro_f1(texts, with_fallback=True) == pytest.approx((1 + 2 / 3) / 3)


def test_a_classifier_as_sure_as_it_is_right_has_no_calibration_error() -> None:
    texts = [judged("a", "a", 0.75), judged("a", "a", 0.75), judged("a", "a", 0.75), judged("a", "b", 0.75)]
    (only,) = reliability(texts)
    assert (only.low, only.n, only.confidence, only.accuracy) == (0.7, 4, 0.75, 0.75)
    assert calibration_error([only]) == 0.0


def test_calibration_error_weighs_bins_by_their_size() -> None:
    texts = [judged("a", "a", 1.0)] * 3 + [judged("a", "b", 0.4)]
    assert calibration_error(reliability(texts)) == pytest.approx(0.1)


def test_ordinary_intents_count_as_one_class() -> None:
    texts = [judged("ordinary", "ask_fee"), judged("ordinary", "emergency"), judged("emergency", "emergency")]
    assert guarded_scores(texts) == {"emergency": (0.5, 1.0, 1), "ordinary": (1.0, 0.5, 2)}


def test_teencode_shortens_whole_words_only() -> None:
    assert to_teencode("làm giấy khai sinh không được") == "lm gks k đc"
    assert to_teencode("em xem phim") == "e xem phim"


def test_a_register_is_the_same_every_time() -> None:
    text = "đăng ký kết hôn cần giấy tờ gì"
    assert registers()["typo"](text) == registers()["typo"](text) != text
    assert registers()["bare"](text) == "dang ky ket hon can giay to gi"
