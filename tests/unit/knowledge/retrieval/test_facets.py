"""Which option of a family a text names."""

from __future__ import annotations

import pytest

from knowledge.model import Family, FamilyOption
from knowledge.retrieval.facets import FacetReader
from knowledge.retrieval.matching import telling_terms
from knowledge.retrieval.term_weights import TermWeights

FAMILY = Family(
    "lo-gach",
    "giấy lò gạch",
    "Giấy của bạn còn hay mất?",
    ("làm lại giấy lò gạch", "giấy lò gạch"),
    (
        FamilyOption("Giấy bị mất", ("9.1",), ("thất lạc", "rơi xuống sông")),
        FamilyOption("Giấy còn nhưng rách", ("9.2",), ("nhàu nát", "lần đầu")),
        FamilyOption("Đổi chủ lò", ("9.3",), ("sang lại lò", "lần hai")),
    ),
)
READER = FacetReader(TermWeights([frozenset({"giay", "lo", "gach"})]))


@pytest.mark.parametrize(
    ("question", "code"),
    [("giấy lò gạch bị rơi xuống sông", "9.1"), ("giấy lò gạch nhàu nát", "9.2"), ("giay lo gach lan hai", "9.3")],
)
def test_a_question_names_the_option_whose_own_words_it_holds(question: str, code: str) -> None:
    option, lead, _ = READER.named(FAMILY, telling_terms(question))
    assert option.codes == (code,)
    assert lead > 0.1


def test_the_familys_own_words_name_no_option() -> None:
    assert READER.named(FAMILY, telling_terms("làm lại giấy lò gạch"))[1] == 0.0


def test_words_that_options_share_give_no_lead_but_the_pair_does() -> None:
    _, shared, is_only = READER.named(FAMILY, ["lan"])
    option, lead, _ = READER.named(FAMILY, ["lan", "dau"])
    assert (shared, is_only) == (0.0, False)
    assert (option.codes, lead > 0.3) == (("9.2",), True)


def test_an_answer_is_read_by_words_that_one_option_has_alone() -> None:
    for text in ("nhàu hết rồi anh ơi", "giấy nhàu"):  # "giấy" stands in two options
        option, lead, is_only = READER.answered(FAMILY.options, telling_terms(text))
        assert (option.codes, is_only) == (("9.2",), True)
        assert lead > 0
    assert READER.answered(FAMILY.options, telling_terms("nhàu, định sang lại"))[2] is False
    assert READER.answered(FAMILY.options, telling_terms("giấy"))[1] == 0.0
    assert READER.answered(FAMILY.options, [])[1] == 0.0
