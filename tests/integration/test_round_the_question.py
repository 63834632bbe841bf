"""What stands round a question (greetings, thanks, the place where somebody lives) does not change its answer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.app import Product, build_product
from bot.settings import Settings
from nlu.encoder import Encoder

pytestmark = pytest.mark.integration
QUERIES = Path(__file__).resolve().parents[2] / "knowledge" / "evaluation" / "queries.jsonl"
_AS_MANY = 0.95  # share of the questions answered rightly alone that have to be answered rightly in company


@pytest.fixture(scope="module")
def product(bundled_settings: Settings, encoder: Encoder) -> Product:
    return build_product(bundled_settings, encoder)


@pytest.fixture(scope="module")
def right_alone(product: Product) -> list[tuple[str, str]]:
    """Our own questions that are answered by a procedure of their gold, with its code."""
    rows = [json.loads(line) for line in QUERIES.read_text(encoding="utf-8").splitlines()]
    asked = [(row["q"].rstrip("?.! "), row["gold"]) for row in rows if row.get("gold") and row.get("expect") == "answer"]
    right = [(question, code) for question, gold in asked if (code := answered(product, question)) in gold]
    assert len(right) >= 40
    return right


def answered(product: Product, question: str) -> str:
    """Code of the procedure that the reply is about, "" for none."""
    return (product.direct.answer(question, None)["procedure"] or {}).get("code", "")


@pytest.mark.parametrize(
    "company",
    [
        "Dạ em chào anh chị ạ, cho em hỏi {} ạ. Em cảm ơn nhiều",
        "ad oi cho mk hoi xiu, {} z ad",
        "Mọi người ơi gấp lắm, {} trả lời giúp em với",
        "xin hỏi cán bộ: {}? Mong được giải đáp sớm.",
        "{}, em ở huyện Gia Lâm, Hà Nội",
        "Nhà mình ở xã Hòa Vang, Đà Nẵng. {}",
    ],
)
def test_company_does_not_change_the_answer(product: Product, right_alone: list[tuple[str, str]], company: str) -> None:
    same = [answered(product, company.format(question)) == code for question, code in right_alone]
    assert sum(same) >= _AS_MANY * len(same)
