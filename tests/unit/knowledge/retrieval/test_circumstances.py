"""Circumstances: what people say beside what procedures' names say."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from knowledge.retrieval.circumstances import (
    CircumstanceReader,
    CircumstancesError,
    load_circumstances,
    says,
)
from knowledge.retrieval.search import Searcher
from nlu.normalizer import normalise
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


def test_every_circumstance_compiles_and_is_written_as_texts_are() -> None:
    for name, circumstance in load_circumstances().items():
        for text in (circumstance.said, circumstance.held, circumstance.against):
            re.compile(text)
            assert text == normalise(text.lower()), name


def test_words_that_differ_by_their_marks_are_told_apart(town: Searcher) -> None:
    """ "rồi" is no "rơi", "đối với" no "đổi", "mở tiệm" no "mờ"."""
    assert not READER.shared(town.prepare("làm thẻ lò gạch rồi")).any()
    changed = CircumstanceReader([replace(PASSPORT, name="Cấp thẻ lò gạch đối với người già"), replace(PASSPORT, name="Cấp đổi thẻ lò gạch")])
    assert changed.shared(town.prepare("đổi thẻ lò gạch")).argmax() == 1
    assert changed.shared(town.prepare("đổi thẻ lò gạch"))[0] == 0


def test_what_contradicts_the_question_counts_against_the_name(town: Searcher) -> None:
    first, again, either = (
        replace(PASSPORT, name=name) for name in ("Cấp thẻ lò gạch", "Cấp lại thẻ lò gạch", "Cấp, cấp lại thẻ lò gạch")
    )
    reader = CircumstanceReader([first, again, either])
    assert reader.contradicted(town.prepare("làm thẻ lò gạch lần đầu")).tolist() == [0, -1, 0]
    assert not reader.contradicted(town.prepare("làm thẻ lò gạch")).any()


@pytest.mark.parametrize(
    ("text", "is_said"),
    [
        ("bạn gái em là người Hàn Quốc", True),
        ("chồng em quốc tịch Pháp", True),
        ("vợ chồng tôi quốc tịch Úc", False),  # both: no marriage with a foreigner
        ("chồng em làm ở Hàn Quốc", False),
        ("anh em tôi người Thái Bình", False),
    ],
)
def test_a_foreigner_in_the_family_is_told_from_a_country(text: str, is_said: bool) -> None:
    assert says("foreign_family", text) is is_said


def test_columns_for_fitting_add_up_to_the_signals(town: Searcher) -> None:
    query, table = town.prepare("rớt mất thẻ lò gạch ở xã"), load_circumstances().values()
    shared, unasked = READER.columns(query, [0, 1, 2])
    assert shared @ np.array([c.shared for c in table]) == pytest.approx(READER.shared(query), abs=1e-5)
    assert unasked @ np.array([c.unasked for c in table]) == pytest.approx(READER.unasked(query), abs=1e-5)


@pytest.mark.parametrize("text", ["lost: {said: mat}", "lost: {said: '(', held: x}", "- lost", "lost: {said: a, held: b}", "lost: {said: a, held: b, shared: 1, unasked: 0, when: c}"])
def test_a_faulty_table_is_refused_with_its_name(tmp_path: Path, text: str) -> None:
    path = tmp_path / "circumstances.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CircumstancesError, match="circumstances.yml"):
        load_circumstances(path)


@pytest.mark.parametrize(
    ("text", "is_domestic"),
    [
        ("em đang ở hà nội, xin thôi thẻ lò gạch", True),
        ("tôi đang sống ở thành phố Đà Nẵng", True),
        ("nhà ở Sài Gòn", True),
        ("hai vợ chồng ở Nam Định", True),  # a province of before the mergers
        ("quê ở Nghệ An, đang sống ở Đức", False),
        ("con sinh ở Huế, giờ đang ở Pháp", False),
        ("làm ở hà mã", False),
    ],
)
def test_who_lives_in_a_province_is_in_the_country(text: str, is_domestic: bool) -> None:
    assert says("domestic", text) == is_domestic
