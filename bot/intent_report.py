"""How well the shipped intent classifier reads people: ``python -m bot.intent_report``.

Prints macro-F1 by register, calibration with a reliability table, and precision and recall of the guarded
intents, all on the held-back splits of tests/data. Registers are made from the same sentences by fixed
rules, so their figures can be compared pairwise.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bot.settings import REPOSITORY, Settings
from nlu.intent_classifier import load_or_train, mistype
from nlu.normalizer import strip_diacritics
from nlu.training_data import read_training_data
from nlu.understanding import FALLBACK_INTENT, GUARDED_INTENTS, Understander

HELD_BACK = REPOSITORY / "tests" / "data"
#: What young people write for common words; the reverse of nlu/abbreviations.yml, only the unmistakable ones.
TEENCODE = {
    "giấy khai sinh": "gks", "căn cước công dân": "cccd", "hồ sơ": "hs", "đăng ký": "đk", "công an": "ca",
    "thế nào": "ntn", "bao nhiêu": "bn", "như thế nào": "ntn", "không": "k", "được": "đc", "gì": "j", "vậy": "z",
    "với": "vs", "làm": "lm", "người": "ng", "chồng": "ck", "vợ": "vk", "rồi": "r", "muốn": "mún", "em": "e",
    "giờ": "h", "trước": "trc", "biết": "bik", "tôi": "t", "nhé": "nha",
}  # fmt: skip
N_BINS = 10


@dataclass(frozen=True)
class Judged:
    """One held-back text: the right intent, the intent acted on, the best raw confidence and whether it was right."""

    right: str
    seen: str
    confidence: float
    is_best_right: bool


@dataclass(frozen=True)
class Bin:
    """Texts whose confidence fell between two tenths."""

    low: float
    n: int
    confidence: float
    accuracy: float


def registers() -> dict[str, Callable[[str], str]]:
    """Each register and how a sentence is put into it; typing slips are drawn with a fixed seed."""
    slips = random.Random(3)
    return {
        "as written": lambda text: text,
        "bare": strip_diacritics,
        "teencode": to_teencode,
        "typo": lambda text: mistype(text, slips),
    }


def to_teencode(text: str) -> str:
    """Common words written the short way."""
    for word, short in TEENCODE.items():
        text = re.sub(rf"(?<!\w){word}(?!\w)", short, text, flags=re.IGNORECASE)
    return text


def judge(understander: Understander, examples: Sequence[tuple[str, str]], change: Callable[[str], str]) -> list[Judged]:
    """Read every example in one register."""
    judged = []
    for text, right in examples:
        meant = understander.parse(change(text))
        best, confidence = max(meant.ranking, key=lambda pair: pair[1], default=(FALLBACK_INTENT, 0.0))
        judged.append(Judged(right, meant.intent, confidence, best == right))
    return judged


def macro_f1(judged: Sequence[Judged], with_fallback: bool = False) -> float:
    """Mean F1 over the intents that are right somewhere.

    Args:
        with_fallback: count ``nlu_fallback`` as one more class, whose F1 is 0, where it was seen: what
            ``rasa test`` and scikit-learn do.
    """
    names = {j.right for j in judged} | ({j.seen for j in judged} if with_fallback else set())
    scores = []
    for name in names:
        hit = sum(j.right == j.seen == name for j in judged)
        scores.append(2 * hit / (sum(j.right == name for j in judged) + sum(j.seen == name for j in judged)))
    return sum(scores) / len(scores)


def reliability(judged: Sequence[Judged]) -> list[Bin]:
    """Confidence against accuracy, by tenths of confidence; empty tenths left out."""
    bins = []
    for index in range(N_BINS):
        members = [j for j in judged if min(int(j.confidence * N_BINS), N_BINS - 1) == index]
        if members:
            confidence = float(np.mean([j.confidence for j in members]))
            accuracy = float(np.mean([j.is_best_right for j in members]))
            bins.append(Bin(index / N_BINS, len(members), confidence, accuracy))
    return bins


def calibration_error(bins: Sequence[Bin]) -> float:
    """Expected calibration error: mean distance between confidence and accuracy, weighted by the bins' sizes."""
    return sum(b.n * abs(b.confidence - b.accuracy) for b in bins) / sum(b.n for b in bins)


def guarded_scores(judged: Sequence[Judged]) -> dict[str, tuple[float, float, int]]:
    """(precision, recall, n) of every guarded intent; all others count as one, "ordinary"."""
    pairs = [(j.right, j.seen if j.seen in GUARDED_INTENTS else "ordinary") for j in judged]
    scores = {}
    for name in sorted({right for right, _ in pairs}):
        hit = sum(right == seen == name for right, seen in pairs)
        n_seen, n_right = (sum(pair[k] == name for pair in pairs) for k in (1, 0))
        scores[name] = (hit / n_seen if n_seen else 0.0, hit / n_right, n_right)
    return scores


def held_back(name: str, folder: Path = HELD_BACK) -> list[tuple[str, str]]:
    """(text, intent) of "holdout", "blind", "safety" or "safety_blind"."""
    return read_training_data(folder / f"nlu_{name}.yml")


def main() -> None:
    from nlu.encoder import load_encoder

    settings = Settings()
    encoder = load_encoder(settings.encoder)
    understander = Understander(load_or_train(settings.intents, REPOSITORY / "bot" / "data" / "nlu", encoder), encoder)
    for split in ("holdout", "blind"):
        print(f"{split:<10} register     n  macro-F1  with fallback as a class   ECE")
        for register, change in registers().items():
            judged = judge(understander, held_back(split), change)
            error = calibration_error(reliability(judged))
            print(f"           {register:<10} {len(judged):>3}     {macro_f1(judged):.3f}                     {macro_f1(judged, True):.3f}  {error:.3f}")
    print("\nconfidence     n  mean  accuracy (holdout, as written)")
    for b in reliability(judge(understander, held_back("holdout"), registers()["as written"])):
        print(f"{b.low:.1f}–{b.low + 1 / N_BINS:.1f}     {b.n:>4}  {b.confidence:.2f}  {b.accuracy:.2f}")
    for split in ("safety", "safety_blind"):
        print(f"\n{split:<16} precision  recall    n")
        for name, (precision, recall, n) in guarded_scores(judge(understander, held_back(split), registers()["as written"])).items():
            print(f"{name:<16}      {precision:.2f}    {recall:.2f}  {n:>3}")


if __name__ == "__main__":
    main()
