"""An age told anywhere in a message answers which procedure is for it."""

from __future__ import annotations

import pytest

from bot.app import Product, build_product
from bot.settings import Settings
from nlu.encoder import Encoder

pytestmark = pytest.mark.integration
UNDER_14, FROM_14 = "1.014062", "1.014061"
YOUNG = ["con tôi 6 tuổi", "bé mới 2 tháng tuổi", "con tôi học lớp 3", "cháu 13 tuổi", "con chưa đủ 14 tuổi"]
OLD = ["con 14 tuổi", "cháu 15 tuổi", "tôi 61 tuổi", "mẹ tôi 95 tuổi", "mẹ tôi chín mươi lăm tuổi", "bà ngoại 80 tuổi"]


@pytest.fixture(scope="module")
def product(bundled_settings: Settings, encoder: Encoder) -> Product:
    return build_product(bundled_settings, encoder)


def answered(product: Product, question: str) -> str:
    return (product.direct.answer(question, None)["procedure"] or {}).get("code", "")


@pytest.mark.parametrize("form", ["{} làm căn cước", "{}, làm căn cước cần giấy tờ gì", "Làm thẻ căn cước ở đâu? {}.", "{} muốn làm căn cước thì bao lâu có"])
@pytest.mark.parametrize(("told", "code"), [(t, UNDER_14) for t in YOUNG] + [(t, FROM_14) for t in OLD])
def test_the_age_decides(product: Product, told: str, code: str, form: str) -> None:
    assert answered(product, form.format(told)) == code


def test_at_sixty_the_card_is_new_or_changed(product: Product) -> None:
    assert {answered(product, f"tôi 60 tuổi {asked}") for asked in ("làm căn cước", "muốn làm căn cước thì bao lâu có")} <= {FROM_14, "1.014063"}


def test_whose_age_is_meant_is_told_by_the_sentence(product: Product) -> None:
    assert answered(product, "Tôi năm nay 65 tuổi. Con tôi 6 tuổi, làm căn cước cần gì?") == UNDER_14


@pytest.mark.parametrize(
    ("question", "code"),
    [
        ("mẹ tôi 80 tuổi làm lại căn cước bị mất", "1.014064"),
        ("mẹ tôi 70 tuổi đổi căn cước hết hạn", "1.014063"),
        ("con tôi 6 tuổi làm hộ chiếu cần gì", "1.001456"),
    ],
)
def test_a_procedure_for_every_age_stays(product: Product, question: str, code: str) -> None:
    assert answered(product, question) == code


@pytest.mark.parametrize("question", ["chuyển trường cho con lớp 7", "chuyển trường cho con 7 tuổi", "học bơi cho con 7 tuổi", "cháu 12 tuổi thi bơi"])
def test_an_age_alone_finds_nothing(product: Product, question: str) -> None:
    assert answered(product, question) == ""


@pytest.mark.parametrize("later", ["còn đứa lớn 17 tuổi thì sao", "con chị 15 tuổi", "đứa lớn nhà tôi 16 tuổi học xa nhà"])
def test_in_a_conversation_the_age_alone_is_enough(product: Product, later: str) -> None:
    first = product.direct.answer("con tôi 8 tuổi làm căn cước cần gì", None)
    reply = product.direct.answer(later, first["context"])
    assert (first["procedure"]["code"], (reply["procedure"] or {}).get("code")) == (UNDER_14, FROM_14)
