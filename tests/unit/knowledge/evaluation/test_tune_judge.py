"""Examples of the judge from the invented library, and a fit that tells them apart."""

from __future__ import annotations

import pytest

from knowledge.evaluation.tune_judge import Example, examples, fit
from knowledge.retrieval.judge import FEATURES, OUTCOMES, judge
from knowledge.retrieval.search import Searcher


@pytest.fixture(scope="module")
def found(town: Searcher) -> list[Example]:
    return list(examples(town, 30, seed=3))


def test_examples_of_each_outcome_with_every_feature_come_from_content(found: list[Example]) -> None:
    assert {e.outcome for e in found} == set(OUTCOMES)
    assert all(tuple(e.features) == FEATURES for e in found)


def test_the_same_seed_gives_the_same_examples(town: Searcher, found: list[Example]) -> None:
    assert list(examples(town, 30, seed=3)) == found


def test_what_an_example_was_written_as_is_hidden_from_it(found: list[Example]) -> None:
    assert all(e.features["family_match"] < 1.9 for e in found if e.outcome == "ask")


def test_a_fit_gives_the_right_outcome_more_chance_than_it_gives_the_others(found: list[Example]) -> None:
    weights = fit(found)
    for outcome in OUTCOMES:
        own = [getattr(judge(e.features, weights), outcome) for e in found if e.outcome == outcome]
        others = [getattr(judge(e.features, weights), outcome) for e in found if e.outcome != outcome]
        assert sum(own) / len(own) > sum(others) / len(others)
