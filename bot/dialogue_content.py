"""The dialogue content as data: which action ends a turn of each intent, and the texts of plain responses.

The direct answerer reads the same files as Rasa, so both say the same.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from actions.reply import Button, Reply, ReplyMessage
from bot.errors import ContentInvalid
from bot.settings import REPOSITORY

#: Rasa's own actions and the response each of them says.
_SPOKEN_BY_RASA = {"action_restart": "utter_restart"}


@dataclass(frozen=True)
class DialogueContent:
    """``actions``: intent → action or response name; ``responses``: name → variants."""

    actions: Mapping[str, str]
    responses: Mapping[str, tuple[Mapping[str, Any], ...]]

    def action_of(self, intent: str) -> str:
        """The action a rule gives for an intent; questions are answered by default."""
        return self.actions.get(intent, "action_answer")

    def plain_reply(self, response: str, turn: int) -> Reply:
        """A plain response; variants take turns."""
        variants = self.responses[response]
        variant = variants[turn % len(variants)]
        buttons = tuple(Button(b["title"], b["payload"]) for b in variant.get("buttons", ()))
        status = variant["custom"]["status"]
        return Reply(status=status, messages=(ReplyMessage(variant["text"], buttons),))


def load_dialogue_content(root: Path = REPOSITORY / "bot") -> DialogueContent:
    """Read rules and responses.

    Raises:
        ContentInvalid: a rule without exactly one intent and one action, or a response without text or status.
    """
    actions: dict[str, str] = {}
    for rule in _each(root / "data" / "rules", "rules"):
        intents = [s["intent"] for s in rule["steps"] if "intent" in s]
        names = [s["action"] for s in rule["steps"] if "action" in s]
        if len(intents) != 1 or len(names) != 1:
            raise ContentInvalid(f"rule {rule['rule']!r}: expected one intent and one action, got {len(intents)} and {len(names)}")
        actions[intents[0]] = _SPOKEN_BY_RASA.get(names[0], names[0])
    responses: dict[str, tuple[Mapping[str, Any], ...]] = {}
    for file in sorted((root / "domain").glob("*.yml")):
        for name, variants in (yaml.safe_load(file.read_text(encoding="utf-8")).get("responses") or {}).items():
            if any("text" not in v or "status" not in v.get("custom", {}) for v in variants):
                raise ContentInvalid(f"{file.name}: response {name}: expected text and custom.status in each variant")
            responses[name] = tuple(variants)
    unknown = {a for a in actions.values() if a.startswith("utter_")} - set(responses)
    if unknown:
        raise ContentInvalid(f"rules name responses that do not exist: {', '.join(sorted(unknown))}")
    return DialogueContent(actions, responses)


def load_outcomes(root: Path = REPOSITORY / "bot") -> dict[str, str]:
    """Every status a turn can end with → what it means; tests hold the file against the code."""
    return yaml.safe_load((root / "outcomes.yml").read_text(encoding="utf-8"))


def _each(folder: Path, key: str) -> Iterator[dict[str, Any]]:
    files = (yaml.safe_load(f.read_text(encoding="utf-8")) for f in sorted(folder.glob("*.yml")))
    return itertools.chain.from_iterable(data.get(key) or () for data in files)
