"""``motcua eval``: generate then evaluate, and keep configuration, answers and figures beside each other."""

from __future__ import annotations

import asyncio
import importlib.metadata
import importlib.util
import json
import logging
import platform
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import yaml
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bot.errors import CommandFailed
from bot.settings import REPOSITORY, Settings
from connectors.ask_flow import AskFlow
from connectors.metrics import Metrics
from connectors.settings import GatewaySettings
from knowledge.evaluation.gate import falls_short, load_gate
from knowledge.evaluation.generate import System, count, generate
from knowledge.evaluation.outcome import Found, FoundPassage, Outcome
from knowledge.evaluation.questions import read_sets
from knowledge.evaluation.summary import summarise
from knowledge.evaluation.tables import print_summary
from knowledge.model import Hit
from knowledge.retrieval.config import load_search_config
from nlu.privacy import mask_personal_data

HOLDOUT = REPOSITORY / "tests" / "data" / "nlu_holdout.yml"
_TIMEOUT_S = 60.0
_TOP_K = 10
_VERSIONS = ("hoi-mot-cua", "faiss-cpu", "onnxruntime", "tokenizers", "numpy", "underthesea", "fastapi")


def run_evaluation(
    settings: Settings,
    sets: Sequence[Path],
    as_json: bool,
    plot: bool,
    url: str,
    output: Path | None,
    console: Console,
    gate: Path | None = None,
) -> None:
    """Evaluate question sets and leave a results folder.

    Args:
        sets: files and folders of questions.
        url: a running server to ask instead of this process.
        output: folder that results folders go into; ``results/`` of the repository by default.
        gate: YAML of limits.

    Raises:
        CommandFailed: a figure is beyond a limit of ``gate``, the server gives no usable answer, or
            plots are wanted without matplotlib.
        KnowledgeError: a question file is broken, or there is no usable index.
    """
    limits = load_gate(gate) if gate else {}
    if plot:
        _require_matplotlib()
    items = read_sets(sets)
    with _quiet_flow(), _progress(count(items)) as report:
        system = ServerSystem(url) if url else ProductSystem(settings)
        outcomes = generate(system, items, report)
    threshold = load_search_config().thresholds.answer
    summary = summarise(outcomes, threshold)
    folder = _new_folder(output or REPOSITORY / "results", sets)
    _save(folder, outcomes, summary, _configuration(sets, url, system))
    if plot:
        from knowledge.evaluation.plots import draw_all

        draw_all(folder, outcomes, summary, threshold, _holdout_intents(settings))
    if as_json:
        sys.stdout.write(json.dumps({**summary, "folder": str(folder)}, ensure_ascii=False, indent=1) + "\n")
    else:
        print_summary(console, summary)
        console.print(f"Kết quả / results: {_shown(folder)}", highlight=False, soft_wrap=True)
    short = falls_short(summary, limits)
    if short:
        raise CommandFailed(f"{len(short)} figures beyond the limits of {gate.name if gate else ''}: " + "; ".join(short))


class ProductSystem:
    """The product in this process, without Rasa: the gateway's own way of a question, and its searcher."""

    def __init__(self, settings: Settings) -> None:
        from bot.app import build_product

        product = build_product(settings)
        self._searcher = product.knowledge.searcher()
        self._runner = asyncio.Runner()  # one loop: the flow's locks belong to it
        self._flow = AskFlow(None, product.direct, mask_personal_data, GatewaySettings(), Metrics())
        self.ask("xin chào", "warm-up")  # models load on first use
        self.find_procedures("đăng ký khai sinh")

    def find_procedures(self, question: str) -> Found:
        result = self._searcher.search(question, _TOP_K)
        codes = tuple(hit.procedure.code for hit in result.procedures[:_TOP_K])
        return Found(codes, result.confidence, stages_ms=dict(result.stages_ms))

    def find_plans(self, question: str) -> Found:
        result = self._searcher.search(question, _TOP_K, ["plan"])
        return Found(
            hits=tuple(map(_passage, result.hits)),
            near_misses=tuple(map(_passage, result.near_misses)),
            stages_ms=dict(result.stages_ms),
        )

    def ask(self, question: str, session_id: str) -> Mapping[str, Any]:
        started = time.perf_counter()
        turn = self._runner.run(self._flow.ask(question, session_id))
        took_ms = (time.perf_counter() - started) * 1000
        return {**turn.response.model_dump(mode="json"), "took_ms": took_ms}

    def identity(self) -> dict[str, Any]:
        """Which index was searched."""
        manifest = asdict(self._searcher.index.manifest)
        manifest.pop("files")
        return {"index": self._searcher.index.name, "manifest": manifest}


class ServerSystem:
    """A running server over HTTP, with whatever stands behind it."""

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(base_url=url, timeout=_TIMEOUT_S, trust_env=False)
        self.identity()

    def find_procedures(self, question: str) -> Found:
        found = self._search(question, "procedure")
        codes = dict.fromkeys(hit["code"] for hit in (*found["hits"], *found["near_misses"]))
        return Found(tuple(codes)[:_TOP_K], stages_ms=found["stages_ms"])

    def find_plans(self, question: str) -> Found:
        found = self._search(question, "plan")
        hits, near = (
            tuple(FoundPassage(hit["id"], hit["source"], hit["text"]) for hit in found[key])
            for key in ("hits", "near_misses")
        )
        return Found(hits=hits, near_misses=near, stages_ms=found["stages_ms"])

    def ask(self, question: str, session_id: str) -> Mapping[str, Any]:
        started = time.perf_counter()
        reply = self._call("POST", "/api/v1/ask", {"question": question, "session_id": session_id})
        return {**reply, "took_ms": (time.perf_counter() - started) * 1000}

    def identity(self) -> dict[str, Any]:
        """What the server says of its index and parts."""
        return {"readyz": self._call("GET", "/readyz", None)}

    def _search(self, question: str, kind: str) -> dict[str, Any]:
        return self._call("POST", "/api/v1/search", {"query": question, "top_k": _TOP_K, "kinds": [kind]})

    def _call(self, method: str, path: str, body: Mapping[str, Any] | None) -> dict[str, Any]:
        try:
            response = self._client.request(method, path, json=body)
            if response.status_code == 429:
                raise CommandFailed(f"{path}: the server limits requests; start it with MOTCUA_RATE_LIMIT_PER_MINUTE=0")
            response.raise_for_status()
            return response.json()
        except (httpx.HTTPError, ValueError) as exc:
            came = getattr(getattr(exc, "response", None), "status_code", type(exc).__name__)
            raise CommandFailed(f"{path}: expected an answer of the server, came {came}; see motcua doctor") from exc


def _passage(hit: Hit) -> FoundPassage:
    return FoundPassage(hit.passage.record_id, hit.passage.source, hit.passage.text)


@contextmanager
def _quiet_flow() -> Iterator[None]:
    """In process there is no dialogue engine; the gateway's warning about it would cut through the bar."""
    logger = logging.getLogger("connectors.ask_flow")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)


@contextmanager
def _progress(total: int) -> Iterator[Any]:
    columns = (TextColumn("Hỏi / asking"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=total)
        yield lambda done: progress.update(task, completed=done)


def _new_folder(parent: Path, sets: Sequence[Path]) -> Path:
    """``<time>-<set>``, a number behind it when two runs begin in one second."""
    name = "+".join(path.stem for path in sets)[:60]
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    for suffix in ("", *(f"-{n}" for n in range(2, 100))):
        folder = parent / f"{stamp}-{name}{suffix}"
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            continue
        return folder
    raise CommandFailed(f"{parent.name}: expected room for a new results folder, found {stamp} taken 99 times")


def _save(folder: Path, outcomes: Sequence[Outcome], summary: Mapping[str, Any], configuration: Mapping[str, Any]) -> None:
    with (folder / "answers.jsonl").open("w", encoding="utf-8") as file:
        for outcome in outcomes:
            file.write(json.dumps(outcome.to_json(), ensure_ascii=False) + "\n")
    for name, data in (("summary", summary), ("configuration", configuration)):
        text = json.dumps(data, ensure_ascii=False, indent=1, default=str)
        (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")


def _configuration(sets: Sequence[Path], url: str, system: System) -> dict[str, Any]:
    """What has to be the same for the same figures to come out."""
    search_yml = REPOSITORY / "knowledge" / "search.yml"
    return {
        "asked_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "sets": [path.name for path in sets],
        "way": f"server {url}" if url else "in process, without Rasa",
        "system": system.identity(),
        "search": yaml.safe_load(search_yml.read_text(encoding="utf-8")),
        "versions": {"python": platform.python_version(), **{name: _version(name) for name in _VERSIONS}},
        "machine": platform.machine(),
        "git": _git("rev-parse", "HEAD"),
        "git_has_changes": bool(_git("status", "--porcelain", "--untracked-files=no")),
    }


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _git(*arguments: str) -> str:
    """Git's words, "" where there is no git or no repository."""
    try:
        return subprocess.run(
            ["git", *arguments], cwd=REPOSITORY, capture_output=True, text=True, timeout=10, check=True
        ).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""


def _holdout_intents(settings: Settings) -> list[tuple[str, str]]:
    """(right intent, intent seen) for the held-back examples; empty where they are not at hand."""
    from nlu.encoder import load_encoder
    from nlu.intent_classifier import load_or_train
    from nlu.understanding import Understander

    if not HOLDOUT.is_file():
        return []
    encoder = load_encoder(settings.encoder)
    understander = Understander(load_or_train(settings.intents, REPOSITORY / "bot" / "data" / "nlu", encoder), encoder)
    entries = yaml.safe_load(HOLDOUT.read_text(encoding="utf-8"))["nlu"]
    return [
        (entry["intent"], understander.parse(line.removeprefix("- ").strip()).intent)
        for entry in entries
        for line in entry["examples"].splitlines()
        if line.strip()
    ]


def _require_matplotlib() -> None:
    if not importlib.util.find_spec("matplotlib"):
        raise CommandFailed("--plot: expected matplotlib, found none; run make setup-dev, or leave --plot out")


def _shown(folder: Path) -> str:
    return str(folder.relative_to(Path.cwd()) if folder.is_relative_to(Path.cwd()) else folder)


