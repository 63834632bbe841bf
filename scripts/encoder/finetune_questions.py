"""Questions that fine-tuned encoders are judged by, and ranking by the encoder alone."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from finetune_data import Part, in_form, name_key, official_question, part_of

from knowledge.content.phrasings import load_phrasings
from knowledge.index.build import Title
from knowledge.model import Procedure
from nlu.diacritics import Restorer, share_of_marked_syllables

if TYPE_CHECKING:
    from finetune_layers import UpperLayers, Vectors

_TYPED_WITH_MARKS = 0.45  # as search.yml, restore.keep_above


@dataclass(frozen=True)
class Asked:
    """One question in one form; ``register`` names the row of the table it counts in, ``pair`` the question."""

    text: str
    gold: frozenset[str]
    register: str
    pair: str


def part_questions(procedures: Mapping[str, Procedure], part: Part, restorer: Restorer) -> list[Asked]:
    """Written questions of a part's procedures that carry diacritics: as written, bare, and bare restored.

    Right is the question's procedure and every one of the same name.
    """
    namesakes: dict[str, set[str]] = defaultdict(set)
    for code, procedure in procedures.items():
        namesakes[name_key(procedure.name)].add(code)
    asked, rng = [], random.Random(0)
    for code, words in sorted(load_phrasings().items()):
        if part_of(code) != part or code not in procedures:
            continue
        gold = frozenset(namesakes[name_key(procedures[code].name)])
        for n, question in enumerate(q for lines in words.questions.values() for q in lines):
            if share_of_marked_syllables(question) > _TYPED_WITH_MARKS:
                for form in ("written", "bare", "restored"):
                    asked.append(Asked(in_form(question, form, restorer, rng), gold, f"{part} {form}", f"{code}.{n}"))
    return asked


def formal_questions(procedures: Mapping[str, Procedure], part: Part) -> list[Asked]:
    """One official question for each procedure of the part; see :func:`finetune_data.official_question`."""
    rng = random.Random(0)
    keys = {code: name_key(p.name) for code, p in procedures.items()}
    namesakes: dict[str, set[str]] = defaultdict(set)
    for code, key in keys.items():
        namesakes[key].add(code)
    chosen = [(code, p) for code, p in sorted(procedures.items()) if part_of(code) == part]
    return [Asked(official_question(p, rng), frozenset(namesakes[keys[code]]), f"{part} formal", code) for code, p in chosen]


def raw_development_questions(files: Sequence[Path]) -> list[Asked]:
    """Answerable development questions by register, as they were typed."""
    asked = []
    for file in files:
        for line in file.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            is_answered = row.get("covered", "yes") == "yes" and row.get("expect", "answer") == "answer"
            if row.get("gold") and "q" in row and is_answered:
                register = f"{file.stem} {row['variant']}" if "variant" in row else file.stem
                asked.append(Asked(row["q"], frozenset(row["gold"]), register, row["id"]))
    return asked


def development_questions(files: Sequence[Path], restorer: Restorer) -> list[Asked]:
    """The same as the encoder meets them: normalised, and with their diacritics restored besides."""
    asked, rng = [], random.Random(0)
    for one in raw_development_questions(files):
        typed = in_form(one.text, "written", restorer, rng)
        restored = restorer.restore(typed, _TYPED_WITH_MARKS).text
        asked.append(replace(one, text=typed, register=f"{one.register} typed"))
        asked.append(replace(one, text=restored, register=f"{one.register} restored"))
    return asked


class Ranking:
    """Questions against all procedures, by the best cosine of a procedure's titles."""

    def __init__(self, codes: Sequence[str], titles: Sequence[Title], asked: Sequence[Asked]) -> None:
        """Questions none of whose right codes is among ``codes`` are left out."""
        row_of = {code: row for row, code in enumerate(codes)}
        self.asked = [a for a in asked if a.gold & row_of.keys()]
        self.texts = [a.text for a in self.asked]
        self.titles = [t.text for t in titles]
        self._gold = [[row_of[code] for code in a.gold if code in row_of] for a in self.asked]
        self._rows = np.array([t.row for t in titles])
        self._is_name = np.array([t.is_name for t in titles])

    def ranks(self, queries: np.ndarray, titles: np.ndarray, names_only: bool) -> np.ndarray:
        """Of each question the place of its best right procedure; 1 is the first.

        Args:
            queries: float32 (n_questions, dim), in the order of ``texts``.
            titles: float32 (n_titles, dim), in the order of ``titles``; with ``names_only`` aliases are hidden.
        """
        used = self._is_name if names_only else np.ones(len(titles), dtype=bool)
        starts = np.flatnonzero(np.diff(self._rows[used], prepend=-1))  # titles stand procedure by procedure
        best = np.maximum.reduceat(queries @ titles[used].T, starts, axis=1)
        right = np.array([row[gold].max() for row, gold in zip(best, self._gold, strict=True)])
        return 1 + (best > right[:, None]).sum(axis=1)

    def by_register(self, ranks: np.ndarray) -> dict[str, np.ndarray]:
        """Ranks of each register, in the order of the questions."""
        registers: dict[str, list[int]] = defaultdict(list)
        for asked, rank in zip(self.asked, ranks.tolist(), strict=True):
            registers[asked.register].append(rank)
        return {name: np.array(found) for name, found in registers.items()}

    def measure(self, lower: Vectors, upper: UpperLayers) -> dict[str, float]:
        """R@1 and R@5 a register for upper layers in training, by all titles and by names alone."""
        queries = lower.encode(["query: " + q for q in self.texts], upper).numpy()
        titles = lower.encode(["passage: " + t for t in self.titles], upper).numpy()
        found = {}
        for what, names_only in (("all", False), ("names", True)):
            for register, ranks in self.by_register(self.ranks(queries, titles, names_only)).items():
                found[f"{what} {register} R@1"] = float((ranks == 1).mean())
                found[f"{what} {register} R@5"] = float((ranks <= 5).mean())
        return found
