"""Citizens' words: the loader refuses what does not fit, and the product's own files hold what they should."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest

from knowledge.content.phrasings import (
    FOLDER,
    Phrasings,
    add_phrasings,
    load_phrasings,
    shared_names,
    with_official_paper,
)
from knowledge.errors import ContentError
from knowledge.library import build_library
from knowledge.model import ASPECTS
from knowledge.sources.report import ReadReport
from tests.fakes import BIRTH, MARRIAGE, PROCEDURES

GOOD = '"9.100001":\n  phrasings: [giấy chào đời]\n  questions:\n    fee: [giấy chào đời hết bao nhiêu]\n'


def written(tmp_path: Path, *texts: str) -> Path:
    for n, text in enumerate(texts):
        (tmp_path / f"{n}.yml").write_text(text, encoding="utf-8")
    return tmp_path


def test_names_and_questions_are_read_by_code(tmp_path: Path) -> None:
    found = load_phrasings(written(tmp_path, GOOD, '"9.100002": {phrasings: [lấy nhau]}\n', ""))
    assert set(found) == {"9.100001", "9.100002"}
    assert found["9.100001"].names == ("giấy chào đời",)
    assert found["9.100001"].questions == {"fee": ("giấy chào đời hết bao nhiêu",)}
    assert found["9.100002"].questions == {}


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("9.100001: {phrasings: [a]}", "9.100001"),
        ('"91": {phrasings: [a]}', "91"),
        ('"9.100001": [a]', "9.100001"),
        ('"9.100001": {phrase: [a]}', "9.100001"),
        ('"9.100001": {phrasings: a}', r"9\.100001\.phrasings"),
        ('"9.100001": {phrasings: [1]}', r"9\.100001\.phrasings"),
        ('"9.100001": {phrasings: [" "]}', r"9\.100001\.phrasings"),
        ('"9.100001": {questions: {price: [a]}}', r"9\.100001\.questions"),
        ('"9.100001": {questions: {fee: a}}', r"9\.100001\.questions\.fee"),
        ('"9.100001": {questions: [a]}', r"9\.100001\.questions"),
        ("- a", "file"),
        ("a: [", "file"),
    ],
)
def test_what_does_not_fit_is_refused_by_file_and_place(tmp_path: Path, text: str, place: str) -> None:
    with pytest.raises(ContentError, match=rf"0\.yml: .*{place}"):
        load_phrasings(written(tmp_path, text))


def test_a_code_may_stand_once_over_all_files(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match=r"1\.yml: 9\.100001: expected each code once"):
        load_phrasings(written(tmp_path, GOOD, GOOD))


def test_names_join_the_aliases_of_procedures_that_are_known() -> None:
    library = build_library(ReadReport(records=PROCEDURES))
    words = {BIRTH.code: Phrasings(("giấy chào đời", BIRTH.aliases[0]), {}), "9.999999": Phrasings(("x y",), {})}
    after = add_phrasings(library, words).procedures
    assert after[BIRTH.code].aliases == (*BIRTH.aliases, "giấy chào đời")
    assert after[MARRIAGE.code] == MARRIAGE
    assert set(after) == set(library.procedures)


@pytest.mark.parametrize(
    ("name", "official"),
    [
        ("bằng lái xe hết hạn", "giấy phép lái xe hết hạn"),
        ("Cà vẹt bị rách", "giấy đăng ký xe bị rách"),
        ("mất giấy chứng tử", "mất giấy khai tử"),
        ("bằng láng giềng", ""),
        ("giấy chào đời", ""),
    ],
)
def test_a_papers_everyday_name_is_said_officially_as_well(name: str, official: str) -> None:
    assert with_official_paper(name) == official
    aliases = add_phrasings(build_library(ReadReport(records=PROCEDURES)), {BIRTH.code: Phrasings((name,), {})}).procedures[BIRTH.code].aliases
    assert aliases == (*BIRTH.aliases, name, *([official] if official else []))


def test_names_two_procedures_share_are_found_without_diacritics_and_over_aliases() -> None:
    words = {"9.100001": Phrasings(("Giấy  cưới", "riêng"), {}), "9.100004": Phrasings(("giay cuoi",), {})}
    assert shared_names(words) == {"giay cuoi": ("9.100001", "9.100004")}
    library = build_library(ReadReport(records=(MARRIAGE,)))
    words = {"9.100001": Phrasings(("làm giấy cưới",), {})}
    assert shared_names(words, library) == {"lam giay cuoi": ("9.100001", MARRIAGE.code)}


# The product's own.


@pytest.fixture(scope="module")
def own() -> dict[str, Phrasings]:
    return load_phrasings()


def test_the_products_own_files_are_read(own: dict[str, Phrasings]) -> None:
    assert len(own) >= 300
    assert all(words.names for words in own.values())
    assert {aspect for words in own.values() for aspect in words.questions} <= set(ASPECTS)


def test_own_words_are_nfc_and_trimmed(own: dict[str, Phrasings]) -> None:
    texts = [t for w in own.values() for t in (*w.names, *(q for lines in w.questions.values() for q in lines))]
    assert [t for t in texts if t != unicodedata.normalize("NFC", t).strip()] == []
    assert [t for t in texts if len(t) > 300] == []


def test_no_name_of_ours_belongs_to_two_procedures(own: dict[str, Phrasings]) -> None:
    assert shared_names(own) == {}


def test_own_words_hold_no_personal_number(own: dict[str, Phrasings]) -> None:
    texts = [t for w in own.values() for t in (*w.names, *(q for lines in w.questions.values() for q in lines))]
    assert [t for t in texts if re.search(r"\d{9,}", t)] == []


def test_every_file_of_the_folder_is_yaml() -> None:
    assert [p.name for p in FOLDER.iterdir() if p.suffix != ".yml"] == []
