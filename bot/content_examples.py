"""Turns the content's own questions into intent examples: ``python -m bot.content_examples``.

Citizens' questions in ``knowledge/content/phrasings`` are sorted by aspect, so they teach the classifier to hear the
aspect through hundreds of topics. A fixed sample is written to ``bot/data/nlu/from_content.yml``; run it again after
writing phrasings.
"""

from __future__ import annotations

import random
from pathlib import Path

from bot.settings import REPOSITORY
from knowledge.content.phrasings import load_phrasings
from nlu.training_data import read_training_data

TARGET = REPOSITORY / "bot" / "data" / "nlu" / "from_content.yml"
PER_INTENT = 300
PER_MATTER = 400  # ask_procedure: names of matters beside whole questions
_HEAD = """# Made by `python -m bot.content_examples` from knowledge/content/phrasings; do not edit by hand.
version: "3.1"
nlu:
"""


def write_examples(target: Path = TARGET, seed: int = 11) -> int:
    """Write the file and give the number of examples in it."""
    by_intent: dict[str, list[str]] = {"ask_procedure": []}
    for _, words in sorted(load_phrasings().items()):
        by_intent["ask_procedure"].extend(words.names)  # a matter named and no more: what is to be done about it
        for aspect, lines in words.questions.items():
            intent = "ask_procedure" if aspect == "general" else f"ask_{aspect}"
            by_intent.setdefault(intent, []).extend(lines)
    taken = _written_elsewhere(target)
    blocks, n = [], 0
    for intent, lines in sorted(by_intent.items()):
        fresh = [line for line in dict.fromkeys(lines) if line.lower() not in taken and "[" not in line]
        sample = sorted(random.Random(seed).sample(fresh, min(PER_MATTER if intent == "ask_procedure" else PER_INTENT, len(fresh))))
        taken |= {line.lower() for line in sample}
        n += len(sample)
        blocks.append(f"- intent: {intent}\n  examples: |\n" + "".join(f"    - {line}\n" for line in sample))
    target.write_text(_HEAD + "".join(blocks), encoding="utf-8")
    return n


def _written_elsewhere(target: Path) -> set[str]:
    """Examples of the other files and of the held-back splits, lower case."""
    target.unlink(missing_ok=True)
    held_back = REPOSITORY / "tests" / "data"
    pairs = [*read_training_data(target.parent), *read_training_data(held_back)]
    return {text.lower() for text, _ in pairs}


if __name__ == "__main__":
    print(f"{write_examples()} examples in {TARGET.name}")
