"""Families and matters outside: what a file must hold, what of it fits a library, and that the bundled ones hold together."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from knowledge.content.loader import load_bundled
from knowledge.content.phrasings import load_phrasings
from knowledge.content.signposts import add_signposts, load_events, load_families, load_outside
from knowledge.errors import ContentError
from knowledge.evaluation.questions import Question, read_file
from knowledge.library import build_library
from knowledge.model import EVENT_PREFIX, Family, OutsideMatter
from nlu.diacritics import bare
from tests.fakes import LODGING, PROCEDURES, RESIDENCE, library_of

TWINS = Path(__file__).resolve().parents[4] / "knowledge" / "evaluation" / "twins.jsonl"
LIFE_EVENTS = Path(__file__).resolve().parents[4] / "knowledge" / "evaluation" / "life_events.jsonl"
FAMILY = """
- id: cho-o
  matter: giấy tờ chỗ ở
  ask: Bạn ở hẳn hay ở trọ?
  names: [khai chỗ ở, khai chỗ ở]
  questions: [khai chỗ ở cần gì]
  options:
    - {label: Ở hẳn, codes: ["9.100004"], words: [ở luôn]}
    - {label: Ở trọ, codes: ["9.100005", "9.999999"]}
"""


def written(folder: Path, text: str, name: str = "a.yml") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_a_family_has_its_matter_names_and_questions_once_each(tmp_path: Path) -> None:
    (family,) = load_families(written(tmp_path, FAMILY))
    assert family.names == ("giấy tờ chỗ ở", "khai chỗ ở", "khai chỗ ở cần gì")
    assert [o.label for o in family.options] == ["Ở hẳn", "Ở trọ"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("ask: Bạn ở hẳn hay ở trọ?", ""), "ask"),
        (("    - {label: Ở hẳn", "    - {nhan: Ở hẳn"), "label"),
        (("id: cho-o", "id: Chỗ Ở"), "id"),
        (('    - {label: Ở trọ, codes: ["9.100005", "9.999999"]}\n', ""), "options"),
        ((FAMILY, "id: x"), "a list of families"),
        ((FAMILY, "- [unclosed"), "YAML"),
    ],
)
def test_a_broken_family_names_file_and_place(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    with pytest.raises(ContentError, match=message) as caught:
        load_families(written(tmp_path, FAMILY.replace(*change)))
    assert "a.yml" in str(caught.value)


def test_an_id_that_stands_twice_is_refused(tmp_path: Path) -> None:
    written(tmp_path, FAMILY)
    with pytest.raises(ContentError, match="each id once"):
        load_families(written(tmp_path, FAMILY, "b.yml"))


def test_a_matter_needs_a_body_of_its_own_or_of_its_file(tmp_path: Path) -> None:
    text = "{}matters:\n  - name: Cấp phép thả diều\n    says: [thả diều]\n"
    assert load_outside(written(tmp_path, text.format("body: Bộ Gió\n")))[0].body == "Bộ Gió"
    with pytest.raises(ContentError, match="body"):
        load_outside(written(tmp_path, text.format("")))


def test_a_library_keeps_options_it_can_answer_and_families_with_a_choice(tmp_path: Path) -> None:
    families = load_families(written(tmp_path, FAMILY))
    whole = add_signposts(library_of(), families, ())
    assert [o.codes for o in whole.families[0].options] == [(RESIDENCE.code,), (LODGING.code,)]
    without = library_of([p for p in PROCEDURES if p.code != LODGING.code])
    assert add_signposts(without, families, ()).families == ()


def test_a_matter_that_a_procedure_is_named_as_is_not_outside() -> None:
    own = OutsideMatter(f"Thủ tục {PROCEDURES[0].name.lower()}", "Bộ khác", ())
    other = OutsideMatter("Cấp phép thả diều", "Bộ Gió", ())
    assert add_signposts(library_of(), (), (own, other)).outside == (other,)


# The bundled ones.


@pytest.fixture(scope="module")
def families() -> tuple[Family, ...]:
    return (*load_families(), *load_events())


def test_events_are_told_apart_from_families_and_named_so(families: tuple[Family, ...]) -> None:
    events = [family for family in families if family.is_event]
    assert len(events) > 50
    assert all(event.id.startswith(EVENT_PREFIX) and len(event.names) >= 15 for event in events)
    assert not any(family.id.startswith(EVENT_PREFIX) for family in load_families())
    assert len({family.id for family in families}) == len(families)


def test_an_event_without_its_prefix_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="viec-doi-"):
        load_events(written(tmp_path, FAMILY))


def test_no_life_event_of_the_evaluation_is_a_name_of_an_event(families: tuple[Family, ...]) -> None:
    names = {bare(name) for family in families for name in family.names}
    rows = [json.loads(line) for line in LIFE_EVENTS.read_text(encoding="utf-8").splitlines()]
    assert len(rows) == 95
    assert [row["q"] for row in rows if bare(row["q"]) in names] == []


def test_bundled_families_offer_parallel_choices(families: tuple[Family, ...]) -> None:
    assert len(families) > 300
    for family in families:
        labels = [option.label.lower() for option in family.options]
        assert len(set(labels)) == len(labels), family.id
        assert family.ask.endswith("?"), family.id


def test_no_name_of_a_family_belongs_to_one_procedure(families: tuple[Family, ...]) -> None:
    owners: dict[str, str] = {bare(n): code for code, words in load_phrasings().items() for n in words.names}
    shared = {(f.id, name, owners[bare(name)]) for f in families for name in f.names if bare(name) in owners}
    assert shared == set()


def test_no_name_stands_in_two_families(families: tuple[Family, ...]) -> None:
    seen: dict[str, str] = {}
    twice = [(seen[bare(n)], f.id, n) for f in families for n in f.names if seen.setdefault(bare(n), f.id) != f.id]
    assert twice == []


def test_no_two_options_of_a_family_put_the_same_procedure_first(families: tuple[Family, ...]) -> None:
    firsts = {f.id: [option.codes[0] for option in f.options] for f in families}
    assert {name: codes for name, codes in firsts.items() if len(set(codes)) < len(codes)} == {}


def test_twins_hold_one_open_and_two_clear_questions_a_family(families: tuple[Family, ...]) -> None:
    codes = {f.id: {code for option in f.options for code in option.codes} for f in families}
    rows = [json.loads(line) for line in TWINS.read_text(encoding="utf-8").splitlines()]
    for name in dict.fromkeys(row["family"] for row in rows):
        own = [row for row in rows if row["family"] == name]
        assert [row["expect"] for row in own] == ["clarify", "answer", "answer"], name
        assert set(own[0]["siblings"]) == codes[name], name
        assert {code for row in own[1:] for code in row["gold"]} <= codes[name], name
        assert own[1]["gold"] != own[2]["gold"], name


def test_no_question_of_the_twins_is_a_name_of_a_family(families: tuple[Family, ...]) -> None:
    names = {bare(name) for family in families for name in family.names}
    questions = [item for item in read_file(TWINS) if isinstance(item, Question)]
    assert len(questions) >= 180
    assert [q.text for q in questions if bare(q.text) in names] == []


def test_bundled_matters_outside_are_none_of_the_bundled_procedures() -> None:
    matters = load_outside()
    assert len(matters) > 1000
    library = add_signposts(build_library(load_bundled()), (), matters)
    assert len(matters) - len(library.outside) == 0


