"""Dialogue content tested as code: examples, rules, responses and statuses hold together."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
BUTTON_ONLY = {"choose_procedure"}  # never typed in words: the payload decides
RASA_INTENTS = {"nlu_fallback"}
RASA_ACTIONS = {"action_restart"}
ASPECTS = {
    "ask_documents", "ask_fee", "ask_time", "ask_place", "ask_online", "ask_steps", "ask_conditions",
    "ask_legal_basis", "ask_result", "ask_form", "ask_who", "ask_procedure",
}  # fmt: skip
STATUS_OF = {
    "utter_greet": "chitchat_greeting",
    "utter_thanks": "chitchat_thanks",
    "utter_goodbye": "chitchat_goodbye",
    "utter_ask_help": "chitchat_help",
    "utter_ask_identity": "chitchat_identity",
    "utter_smalltalk": "chitchat_smalltalk",
    "utter_abuse": "chitchat_abuse",
    "utter_ask_privacy": "chitchat_privacy",
    "utter_restart": "chitchat_restart",
    "utter_out_of_scope": "refused_out_of_scope",
    "utter_manipulate": "refused_manipulation",
    "utter_ask_others_data": "refused_others_data",
    "utter_ask_illegal": "refused_illegal",
    "utter_give_secret": "refused_personal_data",
    "utter_emergency": "refused_emergency",
    "utter_ask_selfharm": "refused_selfharm",
    "utter_ask_violence": "refused_violence",
    "utter_ask_scam": "refused_scam",
    "utter_threaten_others": "refused_threat",
}
ENGLISH = re.compile(r"\b(the|you|your|please|sorry|hello|help|chatbot|bot|link|online|email|reset|ok)\b", re.IGNORECASE)
ADDRESSES_OTHERWISE = re.compile(r"\b(anh/chị|anh chị|quý khách|quý vị|ông/bà|em ơi)\b", re.IGNORECASE)

TEENCODE = re.compile(r"\b(ad|e|j|z|v|r|k|ko|đc|dc|hok|lm|đk|ntn|bn|vs|mk|hs|p|ng|tks|nha|vl|nx|kh)\b")
DIALECT = re.compile(
    r"\b(mô|răng|rứa|chi|hỉ|hè|ni|nớ|tê|mần|khôn|nỏ|mạ|tui|hông|hổng|hôn|dzậy|zậy|nghen|hen|cưng|ừa|rầu"
    r"|bu|thầy u|thiệt|dùm|giùm|nè)\b"
)


def load(folder: str, key: str) -> list[Any]:
    """All entries under ``key`` of the YAML files in a folder, in file order."""
    entries: list[Any] = []
    for path in sorted((ROOT / folder).glob("*.yml")):
        entries += yaml.safe_load(path.read_text(encoding="utf-8")).get(key) or []
    return entries


def examples_of(entries: list[dict[str, str]]) -> dict[str, list[str]]:
    examples: dict[str, list[str]] = {}
    for entry in entries:  # an intent may have examples in several files
        lines = [line.removeprefix("- ") for line in entry["examples"].splitlines() if line]
        examples.setdefault(entry["intent"], []).extend(lines)
    return examples


def same_words(text: str) -> str:
    """What two examples are compared by: case, spaces and punctuation do not make them different."""
    text = unicodedata.normalize("NFC", text).casefold()
    return re.sub(r"[\s.?!,:;]+", " ", text).strip() or text


def registers(examples: list[str]) -> set[str]:
    """Which ways of writing a list of examples shows, told by plain marks on the surface."""
    found = set()
    for text in examples:
        is_accented = any(ord(letter) > 127 for letter in text)
        found.add("accented" if is_accented else "without diacritics")
        if TEENCODE.search(text.casefold()):
            found.add("teencode")
        if DIALECT.search(text.casefold()):
            found.add("dialect")
        if len(text.split()) <= 3:
            found.add("short")
        if len(text.split()) >= 14:
            found.add("long")
    return found


TRAINING = examples_of(load("bot/data/nlu", "nlu"))
HOLDOUT, BLIND, SAFETY, SAFETY_BLIND = (
    examples_of(yaml.safe_load((ROOT / "tests/data" / name).read_text(encoding="utf-8"))["nlu"])
    for name in ("nlu_holdout.yml", "nlu_blind.yml", "nlu_safety.yml", "nlu_safety_blind.yml")
)
GUARDED = {
    "manipulate", "abuse", "ask_others_data", "ask_illegal", "give_secret", "out_of_scope",
    "ask_scam", "ask_selfharm", "ask_violence", "emergency", "threaten_others",
}  # fmt: skip
INTENTS = load("bot/domain", "intents")
ACTIONS = load("bot/domain", "actions")
RULES = load("bot/data/rules", "rules")
STORIES = load("bot/data/stories", "stories")
TEST_STORIES = load("tests/dialogue", "stories")
OUTCOMES = yaml.safe_load((ROOT / "bot/outcomes.yml").read_text(encoding="utf-8"))


def load_responses() -> dict[str, list[dict[str, Any]]]:
    text = (ROOT / "bot/domain/responses.yml").read_text(encoding="utf-8")
    return yaml.safe_load(text)["responses"]


RESPONSES = load_responses()
VARIANTS = [(name, variant) for name, variants in RESPONSES.items() for variant in variants]


def test_examples_and_domain_name_the_same_intents() -> None:
    assert set(TRAINING) == set(INTENTS)
    assert len(INTENTS) == len(set(INTENTS)) >= 30


@pytest.mark.parametrize("intent", sorted(set(TRAINING) - BUTTON_ONLY))
def test_an_intent_has_enough_examples_in_several_registers(intent: str) -> None:
    examples = TRAINING[intent]
    wanted = 90 if intent in ASPECTS else 40
    assert len({same_words(text) for text in examples}) >= wanted
    assert len(registers(examples)) >= 3, registers(examples)
    assert "without diacritics" in registers(examples)


@pytest.mark.parametrize("intent", sorted(set(TRAINING) - BUTTON_ONLY))
def test_the_holdout_has_eight_examples_an_intent(intent: str) -> None:
    assert len(HOLDOUT[intent]) >= 8


def test_no_example_stands_twice() -> None:
    everywhere = [same_words(text) for texts in TRAINING.values() for text in texts]
    for split in (HOLDOUT, BLIND, SAFETY, SAFETY_BLIND):
        everywhere += [same_words(text) for texts in split.values() for text in texts]
    assert [text for text, n in Counter(everywhere).items() if n > 1] == []


def test_examples_are_nfc_and_free_of_stray_space() -> None:
    for texts in (*TRAINING.values(), *HOLDOUT.values(), *BLIND.values(), *SAFETY.values(), *SAFETY_BLIND.values()):
        for text in texts:
            assert text == unicodedata.normalize("NFC", text).strip(), text


@pytest.mark.parametrize("intent", sorted(set(TRAINING) - BUTTON_ONLY))
def test_the_blind_split_knows_every_intent(intent: str) -> None:
    assert len(BLIND[intent]) >= 4


@pytest.mark.parametrize("intent", sorted(GUARDED))
def test_a_guarded_intent_has_sixty_examples_in_every_register(intent: str) -> None:
    examples = TRAINING[intent]
    assert len({same_words(text) for text in examples}) >= 60
    assert registers(examples) >= {"accented", "without diacritics", "teencode", "dialect"}


def test_the_safety_split_is_half_near_misses() -> None:
    assert set(SAFETY) == GUARDED | {"ordinary"}
    assert all(len(texts) >= 10 for texts in SAFETY.values())
    n_guarded = sum(len(texts) for intent, texts in SAFETY.items() if intent != "ordinary")
    assert n_guarded + len(SAFETY["ordinary"]) >= 120
    assert len(SAFETY["ordinary"]) >= 0.4 * (n_guarded + len(SAFETY["ordinary"]))


def test_no_held_back_example_nearly_copies_a_training_example() -> None:
    training = [(text, set(same_words(text).split())) for texts in TRAINING.values() for text in texts]
    for texts in (*HOLDOUT.values(), *BLIND.values(), *SAFETY.values(), *SAFETY_BLIND.values()):
        for held in texts:
            words = set(same_words(held).split())
            for text, other in training:
                if len(words) >= 6:
                    overlap = len(words & other) / len(words | other)
                    assert overlap < 0.85, (held, text)


def test_each_intent_has_exactly_one_rule() -> None:
    told = Counter(rule["steps"][0]["intent"] for rule in RULES)
    assert set(told) == set(INTENTS) | RASA_INTENTS
    assert set(told.values()) == {1}


def test_rule_and_story_names_are_unique_sentences() -> None:
    names = [rule["rule"] for rule in RULES] + [story["story"] for story in STORIES]
    assert len(names) == len(set(names))
    assert all(" " in name and name[0].isupper() for name in names)


@pytest.mark.parametrize("conversation", [*RULES, *STORIES, *TEST_STORIES], ids=lambda c: c.get("rule") or c["story"])
def test_a_conversation_names_only_known_intents_and_actions(conversation: dict[str, Any]) -> None:
    known = set(ACTIONS) | set(RESPONSES) | RASA_ACTIONS
    for step in conversation["steps"]:
        if "intent" in step:
            assert step["intent"] in set(INTENTS) | RASA_INTENTS
        else:
            assert step["action"] in known


def test_stories_follow_the_rules() -> None:
    action_of = {rule["steps"][0]["intent"]: rule["steps"][1]["action"] for rule in RULES}
    for story in [*STORIES, *TEST_STORIES]:
        for asked, answered in zip(story["steps"][::2], story["steps"][1::2], strict=True):
            assert answered["action"] == action_of[asked["intent"]], story["story"]


def test_no_slot_steers_the_dialogue() -> None:
    slots = yaml.safe_load((ROOT / "bot/domain/slots.yml").read_text(encoding="utf-8"))["slots"]
    assert set(slots) == {
        "procedure_code", "aspect", "pending_aspect", "choices", "plan_id", "last_status", "n_clarifications",
        "session_context",
    }  # fmt: skip
    for slot in slots.values():
        assert slot["influence_conversation"] is False
        assert slot["mappings"] == [{"type": "custom"}]


def test_every_response_is_expected() -> None:
    assert set(RESPONSES) == set(STATUS_OF)


@pytest.mark.parametrize(("name", "variant"), VARIANTS)
def test_a_response_ends_in_its_own_status(name: str, variant: dict[str, Any]) -> None:
    assert variant["custom"] == {"status": STATUS_OF[name]}
    assert STATUS_OF[name] in OUTCOMES


@pytest.mark.parametrize(("name", "variant"), VARIANTS)
def test_a_response_is_plain_vietnamese_that_says_ban(name: str, variant: dict[str, Any]) -> None:
    text = variant["text"]
    assert text.strip() and text == unicodedata.normalize("NFC", text)
    assert "bạn" in text.casefold()
    assert not ENGLISH.search(text), name
    assert not ADDRESSES_OTHERWISE.search(text), name


@pytest.mark.parametrize(("name", "variant"), VARIANTS)
def test_buttons_fit_every_channel(name: str, variant: dict[str, Any]) -> None:
    for button in variant.get("buttons", []):
        assert button["title"].strip()
        assert 0 < len(button["payload"].encode()) <= 64


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("utter_emergency", ("114", "113", "115", "111")),
        ("utter_ask_selfharm", ("115", "111")),
        ("utter_ask_violence", ("113", "111", "115")),
        ("utter_threaten_others", ("113", "115")),
    ],
)
def test_a_reply_that_helps_names_the_numbers_in_this_order(name: str, numbers: tuple[str, ...]) -> None:
    for variant in RESPONSES[name]:
        assert tuple(re.findall(r"\b11\d\b", variant["text"])) == numbers


def test_the_warning_of_a_swindle_asks_for_nothing_and_names_the_first_steps() -> None:
    for variant in RESPONSES["utter_ask_scam"]:
        assert all(words in variant["text"] for words in ("đừng đọc mã", "ngân hàng", "trình báo công an"))


def test_the_assistant_says_that_it_is_a_machine() -> None:
    assert all("là máy" in variant["text"] for variant in RESPONSES["utter_ask_identity"])


def test_the_glossary_gives_each_term_one_english_word() -> None:
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \|", (ROOT / "bot/GLOSSARY.md").read_text(encoding="utf-8"), re.M)
    terms = [term.strip() for term, _ in rows if term.strip() not in {"Thuật ngữ", "---"}]
    assert len(terms) == len(set(terms)) >= 50


def test_every_status_begins_as_the_interface_promises() -> None:
    promised = ("answered", "clarification", "unanswerable", "refused", "chitchat", "handoff", "tracking", "feedback", "error")
    outcomes = yaml.safe_load((ROOT / "bot" / "outcomes.yml").read_text(encoding="utf-8"))
    assert [status for status in outcomes if not status.startswith(tuple(f"{prefix}_" for prefix in promised))] == []
