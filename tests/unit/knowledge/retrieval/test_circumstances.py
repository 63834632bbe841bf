"""Circumstances: what people say beside what procedures' names say."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from knowledge.retrieval.circumstances import (
    CircumstanceReader,
    CircumstancesError,
    load_circumstances,
)
from knowledge.retrieval.search import Searcher
from tests.fakes import PASSPORT

AT_HOME = replace(PASSPORT, code="9.1", name="Cấp thẻ lò gạch (cấp tỉnh)", levels=("Cấp tỉnh", "Cấp bộ"))
ABROAD = replace(PASSPORT, code="9.2", name="Cấp thẻ lò gạch cho người nước ngoài", levels=("Cấp bộ",))
LOST = replace(PASSPORT, code="9.3", name="Cấp lại thẻ lò gạch bị mất", levels=("Cấp xã",))
READER = CircumstanceReader([AT_HOME, ABROAD, LOST])


@pytest.mark.parametrize(
    ("question", "best"),
    [
        ("thẻ lò gạch cho vợ người Nhật", [1]),
        ("làm thẻ lò gạch ở tỉnh", [0]),
        ("nộp bộ xin thẻ lò gạch", [1]),
        ("rớt mất thẻ lò gạch rồi", [2]),
        ("rot mat the lo gach roi", [2]),
        ("thẻ lò gạch mất bao lâu thì có", [0, 1, 2]),  # "mất" of time, not of a thing
    ],
)
def test_a_procedure_shares_what_the_question_says(town: Searcher, question: str, best: list[int]) -> None:
    shared = READER.shared(town.prepare(question))
    assert [i for i, n in enumerate(shared) if n == shared.max()] == best


def test_what_only_the_name_says_counts_against_it(town: Searcher) -> None:
    plain = READER.unasked(town.prepare("xin thẻ lò gạch"))
    assert plain.max() < 0
    told = READER.unasked(town.prepare("xin thẻ lò gạch cho người nước ngoài ở bộ"))
    assert told[1] == 0.0 > told[0]


def test_every_circumstance_compiles_and_is_written_bare() -> None:
    for name, circumstance in load_circumstances().items():
        for text in (circumstance.said, circumstance.held):
            re.compile(text)
            assert text == text.lower() and text.isascii(), name


@pytest.mark.parametrize("text", ["lost: {said: mat}", "lost: {said: '(', held: x}", "- lost", "lost: {said: a, held: b, when: c}"])
def test_a_faulty_table_is_refused_with_its_name(tmp_path: Path, text: str) -> None:
    path = tmp_path / "circumstances.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CircumstancesError, match="circumstances.yml"):
        load_circumstances(path)
