"""The data recipe of fine-tuning: parts that never meet, seeded noise, negatives that are really wrong."""

from __future__ import annotations

import random
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "scripts" / "encoder"))

import finetune_data as recipe
import finetune_questions as questions
import finetune_signs as signs

from knowledge.content.phrasings import Phrasings
from knowledge.index.build import Title
from knowledge.model import Family, OutsideMatter, Procedure, RequiredDocument, Source
from nlu.diacritics import bare, train_restorer

SOURCE = Source("test", "invented")


def codes_of(part: str, n: int) -> list[str]:
    return [code for i in range(2000) if recipe.part_of(code := f"9.{i:06d}") == part][:n]


def procedure(code: str, name: str, **more: object) -> Procedure:
    return Procedure(code, name, SOURCE, field=more.pop("field", "Chợ"), **more)


@pytest.fixture(scope="module")
def restorer():
    return train_restorer([("đăng ký sạp hàng ở chợ cần giấy tờ gì", 5.0)])


def test_a_part_hangs_on_the_code_alone_and_one_in_ten_is_kept_aside() -> None:
    parts = Counter(recipe.part_of(f"1.{i:06d}") for i in range(5000))
    assert set(parts) == {"train", "validation", "kept_aside"}
    assert parts["kept_aside"] == pytest.approx(500, abs=80)
    assert recipe.part_of("1.000123") == recipe.part_of("1.000123")


def test_no_pair_comes_from_a_procedure_kept_aside_or_validating() -> None:
    codes = codes_of("train", 3) + codes_of("kept_aside", 3) + codes_of("validation", 3)
    known = {c: procedure(c, f"Đăng ký sạp {c}", aliases=("mở sạp", "xin chỗ bán"), documents=(RequiredDocument("Đơn xin thuê sạp ở chợ xã"),)) for c in codes}
    words = {c: Phrasings(("mở sạp",), MappingProxyType({"fee": (f"sạp {c} tốn nhiêu",)})) for c in codes}
    pairs = recipe.make_pairs(known, words, 100, seed=1)
    assert {p.code for p in pairs} == set(codes_of("train", 3))
    assert {p.source for p in pairs} == {"question", "phrasing", "record"}
    assert pairs == recipe.make_pairs(known, words, 100, seed=1)
    assert pairs != recipe.make_pairs(known, words, 100, seed=2)


def test_an_alias_is_never_its_own_positive() -> None:
    (code,) = codes_of("train", 1)
    known = {code: procedure(code, "Đăng ký sạp", aliases=("mở sạp", "Mo sap"))}
    words = {code: Phrasings(("mở sạp",) * 40, MappingProxyType({}))}
    pairs = recipe.make_pairs(known, words, 0, seed=1)
    assert len(pairs) == 40
    assert all(bare(p.query) != bare(p.positive) for p in pairs)


@pytest.mark.parametrize("form", ["written", "bare", "restored", "noisy"])
def test_forms_pass_the_products_normaliser(form: recipe.Form, restorer) -> None:
    text = recipe.in_form("Đăng ký sạp  cần giấy tờ j", form, restorer, random.Random(3))
    assert "  " not in text and text
    if form == "bare":
        assert text == bare(text) == "dang ky sap can giay to gi"
    if form == "restored":
        assert text == "đăng ký sạp cần giấy tờ gì"
    if form == "written":
        assert text == "Đăng ký sạp cần giấy tờ gì"


def test_noise_is_seeded_and_leaves_most_letters() -> None:
    text = "muốn đăng ký sạp hàng ở chợ thì cần những giấy tờ gì và nộp ở đâu"
    noisy = [recipe.noisy(text, random.Random(seed)) for seed in range(30)]
    assert noisy[4] == recipe.noisy(text, random.Random(4))
    assert sum(n != text for n in noisy) >= 28
    assert all(len(text) * 0.5 < len(n) < len(text) * 1.5 for n in noisy)


def test_a_negative_is_a_sibling_of_the_field_and_no_namesake() -> None:
    first, namesake, near, sibling, other = codes_of("train", 5)
    (aside,) = codes_of("kept_aside", 1)
    known = {
        first: procedure(first, "Thủ tục đăng ký sạp hàng tại chợ xã"),
        namesake: procedure(namesake, "đăng ký sạp hàng tại chợ xã (cấp tỉnh)"),
        near: procedure(near, "Đăng ký lại sạp hàng tại chợ xã"),
        sibling: procedure(sibling, "Trả lại sạp"),
        other: procedure(other, "Đăng ký sạp hàng", field="Bến đò"),
        aside: procedure(aside, "Đổi sạp"),
    }
    pair = recipe.Pair("mở sạp", "x", first, recipe.name_key(known[first].name), "name", "question")
    assert recipe.choose_negative(pair, [first, namesake, near, aside, other, sibling], known) == sibling
    assert recipe.choose_negative(pair, [first, namesake, other], known) == ""


def test_a_negative_is_of_the_same_kind_as_the_positive() -> None:
    rng = random.Random(0)
    with_alias = procedure("9.000001", "Trả lại sạp", aliases=("bỏ sạp",), result="Quyết định")
    pair = recipe.Pair("mở sạp", "x", "9.000002", "g", "alias", "question")
    assert recipe.with_negative(pair, with_alias, rng).negative == "bỏ sạp"
    assert recipe.with_negative(pair, replace(with_alias, aliases=()), rng).negative == "Trả lại sạp"
    assert "Quyết định" in recipe.with_negative(replace(pair, kind="digest"), with_alias, rng).negative


def test_a_third_of_the_queries_lacks_diacritics() -> None:
    forms = Counter(recipe.choose_forms(6000, seed=5))
    assert forms["bare"] + forms["restored"] == pytest.approx(2040, abs=150)
    assert recipe.choose_forms(10, seed=5) == recipe.choose_forms(10, seed=5)


def test_namesakes_never_meet_in_a_batch() -> None:
    groups = [f"g{i % 7}" for i in range(70)]
    batches = list(recipe.batches_without_namesakes(groups, 5, seed=1))
    assert all(len({groups[i] for i in batch}) == len(batch) == 5 for batch in batches)
    used = [i for batch in batches for i in batch]
    assert len(used) == len(set(used)) >= 60
    assert batches != list(recipe.batches_without_namesakes(groups, 5, seed=2))


def test_a_procedure_ranks_by_its_nearest_title_and_by_its_name_where_aliases_are_hidden() -> None:
    titles = [Title(0, "a", True), Title(0, "b", False), Title(1, "c", True)]
    asked = [questions.Asked("q", frozenset({"x"}), "r", "1"), questions.Asked("q", frozenset({"unknown"}), "r", "2")]
    ranking = questions.Ranking(["x", "y"], titles, asked)
    vectors = np.array([[0.0, 1.0], [1.0, 0.0], [0.8, 0.6]], dtype=np.float32)
    query = np.array([[1.0, 0.0]], dtype=np.float32)
    assert ranking.texts == ["q"]
    assert ranking.ranks(query, vectors, names_only=False).tolist() == [1]
    assert ranking.ranks(query, vectors, names_only=True).tolist() == [2]
    assert ranking.by_register(np.array([2]))["r"].tolist() == [2]


def test_part_questions_come_in_three_forms_and_namesakes_are_right_too(restorer, monkeypatch: pytest.MonkeyPatch) -> None:
    code, namesake = codes_of("kept_aside", 2)
    known = {code: procedure(code, "Đăng ký sạp"), namesake: procedure(namesake, "Thủ tục đăng ký sạp (cấp tỉnh)")}
    words = {code: Phrasings((), MappingProxyType({"fee": ("đăng ký sạp cần giấy tờ gì", "khong co dau")}))}
    monkeypatch.setattr(questions, "load_phrasings", lambda: words)
    asked = questions.part_questions(known, "kept_aside", restorer)
    assert [a.register for a in asked] == ["kept_aside written", "kept_aside bare", "kept_aside restored"]
    assert asked[1].text == "dang ky sap can giay to gi"
    assert all(a.gold == {code, namesake} for a in asked)


def test_official_questions_and_a_bound_on_citizens_words() -> None:
    (code,) = codes_of("train", 1)
    known = {code: procedure(code, "Thủ tục đăng ký sạp hàng tại chợ xã (cấp xã)", aliases=("mở sạp", "xin chỗ bán"))}
    words = {code: Phrasings(tuple(f"mở sạp {n}" for n in range(20)), MappingProxyType({}))}
    pairs = recipe.make_pairs(known, words, 0, seed=1, n_formal_pairs=30, most_spoken=8)
    sources = Counter(p.source for p in pairs)
    assert sources == {"phrasing": 8, "formal": 30}
    official = [p.query for p in pairs if p.source == "formal"]
    assert any("đăng ký sạp hàng tại chợ xã" in q for q in official), "whole"
    assert any("chợ xã" not in q for q in official), "cut short or with words left out"
    assert not any("cấp xã)" in q or q.startswith("Thủ tục") for q in official)


def test_ways_to_say_a_family_or_a_matter_outside_are_learned_beside_each_other() -> None:
    inside = next(f"sap-{n}" for n in range(99) if recipe.part_of(f"sap-{n}") == "train")
    aside = next(f"sap-{n}" for n in range(99) if recipe.part_of(f"sap-{n}") == "kept_aside")
    matter = next(f"Đua bò {n}" for n in range(99) if recipe.part_of(f"Đua bò {n}") == "train")
    families = [Family(own, "sạp", "Sạp nào?", ("sạp chợ", "mở sạp"), ()) for own in (inside, aside)]
    outside = [OutsideMatter(matter, "Bộ Trò chơi", ("đua bò", "hội bò")), OutsideMatter(f"{matter} ", "Bộ", ())]
    pairs = signs.sign_pairs(families, outside, 100, random.Random(1))
    assert {(p.code, p.source) for p in pairs} == {(inside, "family"), (matter, "outside")}
    assert len(pairs) == 5 and all(bare(p.query) != bare(p.positive) and p.kind == "sign" for p in pairs)
    assert len(signs.sign_pairs(families, outside, 3, random.Random(1))) == 3
