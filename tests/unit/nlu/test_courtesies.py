"""What a message opens and closes with is cut away; the question between is left as typed."""

from __future__ import annotations

import pytest

from nlu.courtesies import only_thanks, without_courtesies

QUESTION = "lệ phí khai sinh bao nhiêu"


@pytest.mark.parametrize(
    "message",
    [
        f"Dạ em chào anh chị ạ, cho em hỏi {QUESTION} ạ. Em cảm ơn nhiều!",
        f"ad ơi cho mình hỏi xíu {QUESTION} nhé",
        f"Alo, {QUESTION} ad",
        f"hihi {QUESTION}",
        f"{QUESTION} ad ơi huhu",
        f"hic hic, {QUESTION} haha",
        f"Mọi người ơi gấp lắm, {QUESTION} trả lời giúp em với",
        f"xin hỏi cán bộ: {QUESTION}? Mong được giải đáp sớm.",
        f"Kính chào quý vị, tôi muốn hỏi {QUESTION}. Xin chân thành cảm ơn",
        f"cảm ơn bạn, {QUESTION}",
        QUESTION,
    ],
)
def test_what_stands_round_a_question_is_cut_away(message: str) -> None:
    assert without_courtesies(message).rstrip("?") == QUESTION


def test_diacritics_make_no_difference() -> None:
    assert without_courtesies("da em chao anh chi a, cho em hoi le phi khai sinh bao nhieu a. em cam on") == (
        "le phi khai sinh bao nhieu"
    )


@pytest.mark.parametrize("message", ["em cảm ơn nhiều ạ", "chào bạn", "dạ em chào anh chị ạ, em cảm ơn", "cảm ơn nha", "ok cảm ơn nhé", "", "?!"])
def test_a_message_of_nothing_but_courtesy_stays_whole(message: str) -> None:
    assert without_courtesies(message) == message


@pytest.mark.parametrize(
    "matter",
    [
        "hi sinh ở chiến trường làm giấy gì",
        "đổi tên thành Hà",
        "giấy phép cho ông hai Hạ",
        "chào bán cổ phần lần đầu ra công chúng",
        "chuyển nhượng đất cho chị em",
        "anh chị em trong nhà chia đất",
        "tặng nhà cho con ở riêng",
        "ủy ban hướng dẫn nộp hồ sơ chưa",
        "người giúp việc đăng ký tạm trú",
        "xin phép xây nhà",
        "xin phep xay nha",
        "bà nội em mất hôm qua ở nhà",
        "đã ly hôn ở Mỹ thì ghi chú ở đâu",
        "vàng nhập khẩu cần giấy phép gì",
    ],
)
def test_words_of_a_matter_are_no_courtesy(matter: str) -> None:
    assert without_courtesies(matter) == matter


@pytest.mark.parametrize(
    "message", ["cảm ơn " * 300 + "x", "a " * 1000, "a " * 1000 + "x", "cho xin phep em duoc hoi " * 90, "em chào " * 250 + "đất"]
)
def test_a_long_message_of_courtesies_is_read_to_its_end(message: str) -> None:
    assert without_courtesies(message)


@pytest.mark.parametrize("message", ["dạ em cám ơn ạ, giúp em nhiều quá", "thanks ad nhé", "da em cam on nhieu a", "ok, cảm ơn bạn, giúp mình rất nhiều"])
def test_thanks_with_nothing_besides(message: str) -> None:
    assert only_thanks(message)


@pytest.mark.parametrize("message", ["dạ vâng", "chào bạn", "cảm ơn bạn, lệ phí bao nhiêu", "thư cảm ơn", "cám ơn mà chả giúp được gì", "giúp em nhiều thứ", ""])
def test_what_is_no_thanks_or_more_than_thanks(message: str) -> None:
    assert not only_thanks(message)
