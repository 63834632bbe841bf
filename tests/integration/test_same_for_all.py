"""A bare question is not asked back where every sibling has the same answer."""

from __future__ import annotations

import pytest

from bot.app import Product, build_product
from bot.settings import Settings
from nlu.encoder import Encoder

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def product(bundled_settings: Settings, encoder: Encoder) -> Product:
    return build_product(bundled_settings, encoder)


@pytest.mark.parametrize(
    ("question", "words"),
    [("làm khai sinh ở đâu", "cấp xã"), ("đăng ký thường trú ở đâu", "Công an cấp xã"), ("làm căn cước cho con ở đâu", "Công an cấp xã")],
)
def test_where_to_go_is_told_at_once(product: Product, question: str, words: str) -> None:
    reply = product.direct.answer(question, None)
    assert (reply["status"], reply["aspect"]) == ("answered_aspect", "place")
    assert words in reply["messages"][0]["text"]


def test_papers_that_differ_are_asked_about(product: Product) -> None:
    assert product.direct.answer("làm căn cước cho con cần giấy gì", None)["status"] == "clarification_procedure"
