"""Rules and responses as the direct answerer reads them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from actions.rasa_actions import SKILLS
from bot.dialogue_content import load_dialogue_content
from bot.errors import ContentInvalid

GREETING = {"text": "Chào bạn.", "buttons": [{"title": "Khai sinh", "payload": "khai sinh"}], "custom": {"status": "chitchat_greeting"}}


def written(root: Path, rules: list[dict[str, Any]], responses: dict[str, Any]) -> Path:
    (root / "data" / "rules").mkdir(parents=True)
    (root / "domain").mkdir()
    (root / "data" / "rules" / "all.yml").write_text(yaml.safe_dump({"rules": rules}), encoding="utf-8")
    (root / "domain" / "responses.yml").write_text(yaml.safe_dump({"responses": responses}), encoding="utf-8")
    return root


def rule(*steps: dict[str, str]) -> dict[str, Any]:
    return {"rule": "Greet", "steps": list(steps)}


GREET = rule({"intent": "greet"}, {"action": "utter_greet"})


def test_a_rule_says_which_action_ends_a_turn(tmp_path: Path) -> None:
    content = load_dialogue_content(written(tmp_path, [GREET], {"utter_greet": [GREETING]}))
    assert content.action_of("greet") == "utter_greet"
    assert content.action_of("something new") == "action_answer"
    reply = content.plain_reply("utter_greet", 5)
    assert (reply.status, reply.messages[0].text) == ("chitchat_greeting", "Chào bạn.")
    assert reply.messages[0].buttons[0].payload == "khai sinh"


@pytest.mark.parametrize(
    "broken",
    [rule({"intent": "greet"}), rule({"action": "utter_greet"}), rule({"intent": "a"}, {"intent": "b"}, {"action": "utter_greet"}), rule({"intent": "a"}, {"action": "x"}, {"action": "y"})],
)
def test_a_rule_without_one_intent_and_one_action_is_refused(tmp_path: Path, broken: dict[str, Any]) -> None:
    with pytest.raises(ContentInvalid, match="'Greet'.*one intent and one action"):
        load_dialogue_content(written(tmp_path, [broken], {"utter_greet": [GREETING]}))


@pytest.mark.parametrize("variant", [{"custom": {"status": "chitchat_greeting"}}, {"text": "Chào bạn."}, {"text": "Chào bạn.", "custom": {}}])
def test_a_response_without_text_or_status_is_refused(tmp_path: Path, variant: dict[str, Any]) -> None:
    with pytest.raises(ContentInvalid, match="utter_greet.*text and custom.status"):
        load_dialogue_content(written(tmp_path, [GREET], {"utter_greet": [GREETING, variant]}))


def test_a_rule_that_names_no_response_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ContentInvalid, match="utter_greet"):
        load_dialogue_content(written(tmp_path, [GREET], {}))


def test_the_products_own_content_names_only_skills_and_responses() -> None:
    content = load_dialogue_content()
    assert set(content.actions.values()) <= set(SKILLS) | set(content.responses)
