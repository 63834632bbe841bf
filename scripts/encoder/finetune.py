"""Fine-tunes the upper layers of the cut multilingual-e5-small for finding procedures. Training environment only.

    python scripts/encoder/build.py --float-output var/build/e5-small-vi-en-st
    python scripts/encoder/finetune_pairs.py --corpus FOLDER --index var/index --output var/finetune/pairs.jsonl
    python scripts/encoder/finetune.py --pairs var/finetune/pairs.jsonl --corpus FOLDER --index var/index \
        --output var/finetune/run
    python scripts/encoder/finetune_export.py --float-folder var/finetune/run/st --output var/finetune/e5-small-vi-en-ft

Word vectors and lower layers stay as they are, so what they make of a text is computed once and kept; only the
upper layers run in training. Loss: MultipleNegativesRankingLoss of sentence-transformers with one hard negative a
pair, plus the distance to the vectors of the model one started from. How far to go from the start towards the last
checkpoint is chosen on the validation part of the procedures, never on development questions.
"""

from __future__ import annotations

import argparse
import copy
import json
import random
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from finetune_data import Pair, batches_without_namesakes
from finetune_layers import UpperLayers, Vectors
from finetune_pairs import read_procedures, restorer_of
from finetune_questions import Ranking, formal_questions, part_questions
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss

from knowledge.index.build import titles_of

QUERY, PASSAGE = "query: ", "passage: "
_SHARES = (0.5, 0.75, 1.0)  # how far from the start to the last checkpoint (WiSE-FT, Wortsman and others 2022)


@dataclass(frozen=True)
class Recipe:
    """Numbers of one run; written beside its result.

    Attributes:
        scale: factor on cosines in the softmax (e5 itself was trained with 100).
        keep: weight of 1 - cosine to the starting model's vector of the same text.
        frozen_layers: of twelve, from below.
    """

    batch: int = 64
    epochs: int = 1
    learning_rate: float = 4e-5
    warm_up: float = 0.1
    scale: float = 50.0
    keep: float = 2.0
    frozen_layers: int = 8
    max_tokens: int = 64
    save_every: int = 100
    seed: int = 7


def main() -> None:
    wanted, recipe = _arguments()
    torch.set_num_threads(wanted.threads)
    torch.manual_seed(recipe.seed)
    wanted.output.mkdir(parents=True, exist_ok=True)
    pairs = [Pair(**json.loads(line)) for line in wanted.pairs.read_text(encoding="utf-8").splitlines()]
    pairs = pairs[: wanted.limit] if wanted.limit else pairs
    model = SentenceTransformer(str(wanted.base), device="cpu")
    ranking = _ranking(wanted)
    lower = Vectors(model, recipe.frozen_layers, recipe.max_tokens)
    started = time.perf_counter()
    lower.remember([QUERY + p.query for p in pairs] + [PASSAGE + t for p in pairs for t in (p.positive, p.negative)])
    lower.remember([QUERY + q for q in ranking.texts] + [PASSAGE + t for t in ranking.titles])
    _say(f"{len(lower)} texts through {recipe.frozen_layers} layers in {time.perf_counter() - started:.0f} s")
    start = lower.upper_layers()
    checkpoints = train(copy.deepcopy(start), lower, pairs, recipe, wanted.minutes, wanted.output)
    best = choose(start, checkpoints, lower, ranking)
    lower.put_back(model, best["layers"])
    model.save(str(wanted.output / "st"))
    record = {"recipe": asdict(recipe), "n_pairs": len(pairs)} | {k: v for k, v in best.items() if k != "layers"}
    (wanted.output / "run.json").write_text(json.dumps(record, indent=1), encoding="utf-8")


def train(
    upper: UpperLayers,
    lower: Vectors,
    pairs: list[Pair],
    recipe: Recipe,
    minutes: float,
    folder: Path,
) -> dict[int, UpperLayers]:
    """Checkpoints by step, written to ``folder`` too; stops early when the minutes are over."""
    loss_of = MultipleNegativesRankingLoss(model=None, scale=recipe.scale)
    batches = [
        batch
        for epoch in range(recipe.epochs)
        for batch in batches_without_namesakes([p.group for p in pairs], recipe.batch, recipe.seed + epoch)
    ]
    optimiser = torch.optim.AdamW(upper.parameters(), lr=recipe.learning_rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, _rise_and_fall(len(batches), recipe.warm_up))
    checkpoints: dict[int, UpperLayers] = {}
    started, losses = time.perf_counter(), []
    for step, batch in enumerate(batches, 1):
        upper.train()
        columns = [
            [QUERY + pairs[i].query for i in batch],
            [PASSAGE + pairs[i].positive for i in batch],
            [PASSAGE + pairs[i].negative for i in batch],
        ]
        vectors = [upper(*lower.padded(column)) for column in columns]
        away = torch.cat([1 - (v * lower.starting(c)).sum(1) for v, c in zip(vectors, columns, strict=True)]).mean()
        contrast = loss_of.compute_loss_from_embeddings(vectors, None)
        (contrast + recipe.keep * away).backward()
        torch.nn.utils.clip_grad_norm_(upper.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        optimiser.zero_grad()
        losses.append((contrast.item(), away.item()))
        spent = (time.perf_counter() - started) / 60
        is_over = step == len(batches) or spent > minutes
        if step % 20 == 0 or is_over:
            mean = np.mean(losses[-20:], axis=0)
            _say(f"step {step} of {len(batches)}, {spent:.1f} min, loss {mean[0]:.3f}, moved {mean[1]:.4f}")
        if step % recipe.save_every == 0 or is_over:
            checkpoints[step] = copy.deepcopy(upper).eval()
            torch.save(checkpoints[step].state_dict(), folder / f"step-{step}.pt")
        if is_over:
            break
    return checkpoints


def choose(
    start: UpperLayers, checkpoints: dict[int, UpperLayers], lower: Vectors, ranking: Ranking
) -> dict[str, object]:
    """The best mixture of start and last checkpoint by the mean of the validation figures."""
    tried = [{"step": 0, "share": 0.0, "figures": ranking.measure(lower, start), "layers": start}]
    step = max(checkpoints)
    for share in _SHARES:
        mixed = start.moved_towards(checkpoints[step], share)
        tried.append({"step": step, "share": share, "figures": ranking.measure(lower, mixed), "layers": mixed})
    for one in tried:
        _say(f"step {one['step']} share {one['share']}: mean {_mean(one):.4f} {_figures(one['figures'])}")
    best = max(tried, key=_mean)
    if not best["step"]:
        _say("nothing beats the start on the validation part; the best of the rest is written, for measuring")
        best = max(tried[1:], key=_mean)
    return best | {"tried": [{k: v for k, v in one.items() if k != "layers"} for one in tried]}


def _mean(one: dict) -> float:
    """Bare queries count nothing here: search restores them first, and their gain would outweigh all else."""
    return float(np.mean([value for key, value in one["figures"].items() if " bare " not in key]))


def _ranking(wanted: argparse.Namespace) -> Ranking:
    procedures = read_procedures(wanted.corpus).procedures
    listed = list(procedures.values())
    questions = part_questions(procedures, "validation", restorer_of(wanted.index))
    kept = set(random.Random(0).sample(sorted({q.pair for q in questions}), min(wanted.validation_questions, len(questions) // 3)))
    questions = [q for q in questions if q.pair in kept] + formal_questions(procedures, "validation")
    return Ranking([p.code for p in listed], titles_of(listed), questions)


def _rise_and_fall(n_steps: int, warm_up: float):
    rise = max(1, int(n_steps * warm_up))
    return lambda step: min((step + 1) / rise, max(0.02, (n_steps - step) / max(1, n_steps - rise)))


def _figures(figures: dict[str, float]) -> str:
    return " ".join(f"{key} {value:.3f}" for key, value in figures.items())


def _say(text: str) -> None:
    print(text, flush=True)


def _arguments() -> tuple[argparse.Namespace, Recipe]:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=Path, required=True)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--index", type=Path, required=True, help="folder of indexes, for its diacritics restorer")
    parser.add_argument("--base", type=Path, default=Path("var/build/e5-small-vi-en-st"))
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=20, help="most minutes of training steps")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--validation-questions", type=int, default=800)
    parser.add_argument("--limit", type=int, default=0, help="only so many pairs, for a trial")
    for name, value in asdict(Recipe()).items():
        parser.add_argument("--" + name.replace("_", "-"), type=type(value), default=value)
    wanted = parser.parse_args()
    return wanted, Recipe(**{name: getattr(wanted, name) for name in asdict(Recipe())})


if __name__ == "__main__":
    main()
