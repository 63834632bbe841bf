"""The peer: a plain Rasa project on the same examples, without a component of ours.

Its pipelines are what a user starts from (bench/plain_rasa/*.yml); policies are Rasa's defaults. It answers each
intent with one canned sentence: no knowledge, no search. Its times are those of understanding and dialogue alone.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import yaml

from bench.clients import measure
from bench.errors import BenchError
from bench.processes import Child
from bench.product import CLIENTS, Bench
from bot.rasa_process import RasaPaths, free_port, unavailable_reason
from bot.settings import REPOSITORY
from nlu.training_data import read_training_data

TEMPLATES = Path(__file__).resolve().parent / "plain_rasa"
HOLDOUT = REPOSITORY / "tests" / "data" / "nlu_holdout.yml"
KINDS = ("diet", "logistic_regression")
_TRAIN_S = 3600.0
_READY_S = 300.0


def measure_plain(bench: Bench, kind: str) -> dict[str, Any]:
    """Train a plain project, start it, ask it, weigh it.

    Raises:
        BenchError: no Rasa environment, or training or start failed.
    """
    paths = RasaPaths(bench.home)
    reason = unavailable_reason(paths)
    if reason:
        raise BenchError(reason)
    folder = bench.home / f"plain-{kind}"
    write_project(folder, kind)
    result: dict[str, Any] = {"train_s": _train(paths, folder)}
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [str(paths.python), "-m", "rasa", "run", "--enable-api", "--interface", "127.0.0.1", "--port", str(port)]
    with Child(command, folder, _environment(folder), bench.home / "logs" / f"plain-{kind}.log") as child:
        result["start"] = {"ready_s": child.wait(lambda: _is_ready(url), _READY_S, f"plain Rasa ({kind})")}
        result["ask"] = {str(k): measure(url, _ask, bench.questions, k, bench.n).to_json() for k in CLIENTS}
        result["intents"] = _intents(url)
        result["memory_mib"] = child.resident_mib()
    return result


def write_project(folder: Path, kind: str) -> None:
    """A whole Rasa project: our examples as plain NLU data, one rule and one canned answer an intent."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "data").mkdir(parents=True)
    shutil.copy(TEMPLATES / f"{kind}.yml", folder / "config.yml")
    (folder / "credentials.yml").write_text("rest:\n", encoding="utf-8")
    (folder / "endpoints.yml").write_text("{}\n", encoding="utf-8")
    examples: dict[str, list[str]] = {}
    for text, intent in read_training_data(REPOSITORY / "bot" / "data" / "nlu"):
        examples.setdefault(intent, []).append(text)
    intents = sorted(name for name, texts in examples.items() if len(texts) > 1)
    nlu = [{"intent": name, "examples": "".join(f"- {text}\n" for text in examples[name])} for name in intents]
    # Rasa answers the intent "restart" by a rule of its own, which a second one would contradict.
    spoken = [name for name in intents if name != "restart"]
    rules = [{"rule": name, "steps": [{"intent": name}, {"action": f"utter_{name}"}]} for name in spoken]
    domain = {"intents": intents, "responses": {f"utter_{name}": [{"text": name}] for name in intents}}
    for name, content in (("data/nlu.yml", {"nlu": nlu}), ("data/rules.yml", {"rules": rules}), ("domain.yml", domain)):
        text = yaml.safe_dump({"version": "3.1", **content}, allow_unicode=True, sort_keys=False)
        (folder / name).write_text(text, encoding="utf-8")


def score_intents(pairs: list[tuple[str, str]]) -> dict[str, float]:
    """Accuracy and macro-F1 of (right, seen) pairs, over the intents that are right somewhere."""
    names = sorted({right for right, _ in pairs})
    f1 = []
    for name in names:
        hit = sum(right == seen == name for right, seen in pairs)
        n_right, n_seen = (sum(pair[k] == name for pair in pairs) for k in (0, 1))
        f1.append(2 * hit / (n_right + n_seen))
    return {
        "n": len(pairs),
        "accuracy": round(sum(right == seen for right, seen in pairs) / len(pairs), 4),
        "macro_f1": round(sum(f1) / len(f1), 4),
    }


def holdout_examples() -> list[tuple[str, str]]:
    """(text, intent) of the held-back split."""
    entries = yaml.safe_load(HOLDOUT.read_text(encoding="utf-8"))["nlu"]
    return [
        (line.removeprefix("- ").strip(), entry["intent"])
        for entry in entries
        for line in entry["examples"].splitlines()
        if line.strip()
    ]


def _intents(url: str) -> dict[str, float]:
    with httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
        pairs = []
        for text, right in holdout_examples():
            response = client.post("/model/parse", json={"text": text})
            if response.status_code != 200:
                raise BenchError(f"/model/parse: expected 200, came {response.status_code}")
            pairs.append((right, response.json()["intent"]["name"] or ""))
    return score_intents(pairs)


def _train(paths: RasaPaths, folder: Path) -> float:
    started = time.perf_counter()
    try:
        done = subprocess.run(
            [str(paths.python), "-m", "rasa", "train", "--force"], cwd=folder, env=_environment(folder), text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=_TRAIN_S,
        )  # fmt: skip
    except subprocess.TimeoutExpired as exc:
        raise BenchError(f"training {folder.name}: expected to end within {_TRAIN_S:.0f} s") from exc
    if done.returncode:
        raise BenchError(f"training {folder.name}: ended with {done.returncode}: {done.stdout.strip()[-600:]}")
    return round(time.perf_counter() - started, 1)


def _environment(folder: Path) -> Mapping[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("MOTCUA_", "VIRTUAL_ENV", "PYTHON"))}
    return kept | {
        "PYTHONWARNINGS": "ignore",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": "-1",
        "LOG_LEVEL": "WARNING",
        "LOG_LEVEL_LIBRARIES": "ERROR",
        "RASA_TELEMETRY_ENABLED": "false",
        "RASA_CACHE_DIRECTORY": str(folder / "cache"),
        "MPLCONFIGDIR": str(folder / "matplotlib"),
    }


def _is_ready(url: str) -> bool:
    try:
        return bool(httpx.get(f"{url}/status", timeout=2, trust_env=False).json().get("model_id"))
    except (httpx.HTTPError, ValueError):
        return False


def _ask(question: str, number: int) -> tuple[str, dict]:
    return "/webhooks/rest/webhook", {"sender": f"bench-{number}", "message": question}
