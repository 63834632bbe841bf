"""Matching names, finding signs and judging a ranking."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml

from knowledge.retrieval.judge import (
    FEATURES,
    OUTCOMES,
    TERMS,
    JudgeError,
    JudgeWeights,
    features_of,
    judge,
    load_judge,
)
from knowledge.retrieval.matching import NameMatcher
from knowledge.retrieval.search import Searcher
from knowledge.retrieval.term_weights import TermWeights

WEIGHTS = TermWeights([frozenset({"dang", "ky", "xe"}), frozenset({"dang", "ky", "nha"}), frozenset({"dang"})])


def flat(**bias: float) -> JudgeWeights:
    return JudgeWeights(bias={o: bias.get(o, 0.0) for o in OUTCOMES}, weights={o: dict.fromkeys(TERMS, 0.0) for o in OUTCOMES})


def test_a_match_is_one_for_the_same_words_and_nought_for_none() -> None:
    matcher = NameMatcher(["đăng ký xe", "đăng ký nhà", "lễ hội"], WEIGHTS)
    match = matcher.match(["dang", "ky", "xe"])
    assert match[0] == pytest.approx(1.0)
    assert match[0] > match[1] > match[2] == 0.0
    assert not matcher.match(["zzz"]).any()
    assert not matcher.match([]).any()


def test_pairs_see_the_order_of_words() -> None:
    names = ["bán nhà", "nhà bán"]
    assert NameMatcher(names, WEIGHTS).match(["nha", "ban"]) == pytest.approx([1.0, 1.0])
    assert NameMatcher(names, WEIGHTS, pairs=True).match(["nha", "ban"]) == pytest.approx([0.0, 1.0])


def test_a_common_word_matches_less_than_a_rare_one() -> None:
    matcher = NameMatcher(["đăng bạ", "xe bạ"], WEIGHTS)
    common, rare = matcher.match(["dang", "xe"])
    assert common < rare


def test_no_names_match_nothing() -> None:
    assert NameMatcher([], WEIGHTS).match(["dang"]).shape == (0,)


def test_a_family_and_a_matter_outside_are_found_by_their_names(town: Searcher) -> None:
    family, outside, _ = town.signs.find(town.prepare("khai báo chỗ ở"))
    assert family.family.id == "giay-to-cu-tru"
    assert family.signals["match"] == pytest.approx(1.0)
    _, outside, _ = town.signs.find(town.prepare("muốn tổ chức hội thả diều"))
    assert outside.matter.body == "Bộ Trò chơi"
    assert outside.signals["match"] > 0.5


def test_hidden_signs_are_not_found(town: Searcher) -> None:
    query = town.prepare("khai báo chỗ ở")
    rows = frozenset(i for i, sign in enumerate(town.index.signs) if sign.text == "khai báo chỗ ở")
    family, *_ = town.signs.find(replace(query, hidden_signs=rows))
    assert family.signals["match"] < 1.0


def test_features_are_finite_and_complete(town: Searcher) -> None:
    for question in ("đăng ký khai sinh", "zzz qqq", "x"):
        query = town.prepare(question)
        features = features_of(query, town.rank_procedures(query), *town.signs.find(query)[:2])
        assert tuple(features) == FEATURES
        assert np.isfinite(list(features.values())).all()
        assert tuple(features_of(query, town.rank_procedures(query)[:1], None, None)) == FEATURES


def test_a_verdict_adds_up_to_one_and_follows_the_bias() -> None:
    features = dict.fromkeys(FEATURES, 0.5)
    even = judge(features, flat())
    assert (even.answer, even.ask, even.unknown) == pytest.approx((1 / 3, 1 / 3, 1 / 3))
    assert judge(features, flat(ask=3.0)).ask > 0.9
    assert judge(features, flat(answer=1e4)).answer == pytest.approx(1.0)  # no overflow


def test_the_shipped_weights_hold_every_feature_and_prefer_better_names() -> None:
    weights = load_judge()
    low = dict.fromkeys(FEATURES, 0.4)
    named = dict.fromkeys(("match", "pairs", "said", "of_name", "pairs_held", "overlap"), 0.9) | dict.fromkeys(("missing", "pair_missing"), 0.1)
    better = low | named | {"margin": 1.0, "outside_lead": -1.0, "family_lead": -1.0}
    assert judge(better, weights).answer > judge(low, weights).answer
    outside = low | {"outside_match": 1.6, "outside_lead": 1.2, "outside_over": 1.2}
    assert judge(outside, weights).unknown > judge(low, weights).unknown


@pytest.mark.parametrize("text", ["bias: {}\nweights: {}\n", "[", "bias: {answer: x}\nweights: {}\n"])
def test_broken_weights_are_refused_by_name(tmp_path: Path, text: str) -> None:
    path = tmp_path / "judge.yml"
    path.write_text(text)
    with pytest.raises(JudgeError, match="judge.yml"):
        load_judge(path)


def test_weights_without_one_feature_are_refused(tmp_path: Path) -> None:
    values = flat().model_dump()
    del values["weights"]["ask"]["margin"]
    path = tmp_path / "judge.yml"
    path.write_text(yaml.safe_dump(values))
    with pytest.raises(JudgeError, match="ask"):
        load_judge(path)
