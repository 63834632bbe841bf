"""What asks in a message is told from the story round it."""

from __future__ import annotations

import pytest

from nlu.sentences import (
    asking_clause,
    asking_sentence,
    asks,
    clauses,
    narrower_readings,
    sentences,
    tells_of_the_past,
)

STORY = "Tôi năm nay 65 tuổi, không rành mạng. Mẹ tôi mới mất hôm qua."
QUESTION = "Giờ khai tử cần giấy gì?"


def test_a_message_is_parted_at_its_sentences() -> None:
    assert sentences(f"{STORY} {QUESTION}") == ["Tôi năm nay 65 tuổi, không rành mạng.", "Mẹ tôi mới mất hôm qua.", QUESTION]
    assert sentences("Mẹ tôi mất.Giờ khai tử ở đâu?Bao lâu xong") == ["Mẹ tôi mất.", "Giờ khai tử ở đâu?", "Bao lâu xong"]
    assert sentences("mẹ tôi mất\ngiờ khai tử ở đâu") == ["mẹ tôi mất", "giờ khai tử ở đâu"]


@pytest.mark.parametrize(
    "message",
    ["lệ phí 50.000 đồng có đúng không", "thủ tục 1.001193 là gì", "nhà ở TP. Hồ Chí Minh thì nộp ở đâu", "vào dichvucong.gov.vn làm sao", "khai sinh ở đâu?", "", "?!", "…"],
)
def test_a_stop_within_a_number_or_a_name_parts_nothing(message: str) -> None:
    assert sentences(message) == [message]


def test_a_part_of_one_syllable_stays_with_its_neighbour() -> None:
    assert sentences("Dạ. Khai tử ở đâu? Ạ.") == ["Dạ. Khai tử ở đâu? Ạ."]
    assert clauses("mẹ mất, dạ, giờ khai tử ở đâu") == ["mẹ mất, dạ", "giờ khai tử ở đâu"]
    assert clauses("phí 1,5 triệu phải không") == ["phí 1,5 triệu phải không"]


@pytest.mark.parametrize("part", ["khai tử cần giấy gì", "khai tu o dau", "có mất phí không", "co mat phi khong a", "làm được chưa", "Khai tử?", "mất nhiêu tiền", "mấy ngày có", "cần mấy người", "mấy bản sao"])
def test_what_asks(part: str) -> None:
    assert asks(part)


@pytest.mark.parametrize("part", ["không rành mạng", "mẹ tôi mới mất hôm qua", "me toi moi mat hom qua", "máy tính nhà tôi bị hư", "em tốt nghiệp mấy năm rồi", "nhà thuê mấy chục năm", "mấy hộ nuôi ong rủ nhau lập tổ"])
def test_what_only_tells(part: str) -> None:
    assert not asks(part)


@pytest.mark.parametrize("message", [f"{STORY} {QUESTION}", f"{QUESTION} {STORY}", f"Dạ em chào anh chị ạ. {STORY} {QUESTION} Em cảm ơn"])
def test_the_sentence_that_asks_is_found_wherever_it_stands(message: str) -> None:
    assert asking_sentence(message) == QUESTION


def test_several_that_ask_are_kept_together() -> None:
    assert asking_sentence("Mẹ tôi mất. Khai tử cần giấy gì? Bao lâu thì xong?") == "Khai tử cần giấy gì? Bao lâu thì xong?"


@pytest.mark.parametrize("message", [QUESTION, "Mẹ tôi muốn làm căn cước. Cần gì?"])
def test_one_sentence_or_one_that_names_no_matter_is_not_read_alone(message: str) -> None:
    assert asking_sentence(message) == ""


def test_of_one_sentence_the_clause_that_asks_is_found() -> None:
    assert asking_clause("mẹ tôi mới mất, giờ khai tử cần giấy gì") == "giờ khai tử cần giấy gì"
    assert asking_clause(f"{STORY} {QUESTION}") == ""


def test_narrower_readings_begin_with_the_bare_question() -> None:
    assert narrower_readings(f"{STORY} {QUESTION}") == [
        QUESTION,
        f"Mẹ tôi mới mất hôm qua. {QUESTION}",
        f"Tôi năm nay 65 tuổi, không rành mạng. {QUESTION}",
    ]
    assert narrower_readings("ba mẹ già yếu, đất ông bà để lại, chia cho con thì ra đâu, tôi đang ở xa") == [
        "chia cho con thì ra đâu",
        "đất ông bà để lại, chia cho con thì ra đâu",
        "ba mẹ già yếu, đất ông bà để lại, chia cho con thì ra đâu",
        "chia cho con thì ra đâu, tôi đang ở xa",
    ]
    assert narrower_readings("khai tử cần giấy gì") == []


def test_what_asks_for_an_aspect_alone_is_read_with_its_matter() -> None:
    assert narrower_readings("Tôi muốn làm căn cước. Cần gì?") == []  # both together are the message
    assert narrower_readings("Trời mưa quá. Tôi muốn làm căn cước. Cần gì?") == ["Tôi muốn làm căn cước. Cần gì?", "Trời mưa quá. Cần gì?"]


def test_a_long_message_has_few_readings() -> None:
    assert len(narrower_readings(", ".join(["nhà tôi ở xa"] * 200) + ", khai tử ở đâu")) <= 6
    assert len(narrower_readings("Nhà tôi ở xa. " * 200 + "Khai tử ở đâu?")) <= 6


@pytest.mark.parametrize(("part", "is_over"), [("tuần trước xe tôi bị tông", True), ("nha toi chay nam ngoai", True), ("nhà tôi đang cháy", False), ("đợt lũ vừa rồi cuốn hết đồ", True)])
def test_what_is_over_is_told_from_what_is_now(part: str, is_over: bool) -> None:
    assert tells_of_the_past(part) is is_over


def test_the_items_of_a_list_are_no_story() -> None:
    assert narrower_readings("khai sinh, khai tử, kết hôn thì nộp ở đâu") == []
    assert narrower_readings("tuần sau em cưới rồi, kết hôn thì nộp ở đâu") == ["kết hôn thì nộp ở đâu"]
