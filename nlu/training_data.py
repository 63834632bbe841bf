"""Read Rasa's NLU YAML without Rasa."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

import yaml

from nlu.errors import TrainingError

_ANNOTATION = re.compile(r"\[([^\]]+)\](?:\([^)]*\)|\{[^}]*\})")


def read_training_data(folder: Path) -> list[tuple[str, str]]:
    """Read every example of every intent below a folder.

    Returns:
        (text, intent), files in name order, examples in file order, entity annotations removed.

    Raises:
        TrainingError: no file or no example there, or a file that is no NLU YAML; names the file.
    """
    paths = training_files(folder)
    examples = [example for path in paths for example in _read_file(path)]
    if not examples:
        raise TrainingError(f"{folder}: expected Rasa NLU files (*.yml) with examples, found {len(paths)} files and none")
    return examples


def training_files(folder: Path) -> list[Path]:
    """The YAML files below a folder (or the one file given), in name order."""
    if folder.is_file():
        return [folder]
    return sorted(path for pattern in ("*.yml", "*.yaml") for path in folder.rglob(pattern))


def unique_examples(examples: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Each example once, in one order whatever the order of files."""
    return sorted(set(examples))


def data_digest(examples: Iterable[tuple[str, str]]) -> str:
    """sha256 hex over the unique examples: the same for the same data in any order."""
    digest = hashlib.sha256()
    for text, intent in unique_examples(examples):
        digest.update(f"{intent}\t{text}\n".encode())
    return digest.hexdigest()


def _read_file(path: Path) -> list[tuple[str, str]]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        blocks = content.get("nlu") or []
        return [
            (text, str(block["intent"]))
            for block in blocks
            if "intent" in block
            for text in _examples(block.get("examples", ""))
        ]
    except (yaml.YAMLError, UnicodeDecodeError, AttributeError, TypeError, KeyError) as exc:
        raise TrainingError(f"{path}: expected Rasa NLU YAML (nlu: - intent: …, examples: | - …), got: {exc}") from exc


def _examples(examples: str) -> list[str]:
    """The lines of an ``examples: |`` block that begin with a dash."""
    lines = (line.strip() for line in examples.splitlines())
    texts = (_ANNOTATION.sub(r"\1", line[1:].strip()) for line in lines if line.startswith("-"))
    return [text for text in texts if text]
