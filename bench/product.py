"""The product's side: index, start-up, latencies, memory; in a home of its own (var/bench/home)."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from bench.clients import measure
from bench.errors import BenchError
from bench.processes import Child
from bot import rasa_process
from bot.pipeline import refresh_index
from bot.rasa_process import RasaPaths
from bot.settings import REPOSITORY, Settings
from knowledge.index.store import IndexStore
from nlu.encoder import load_encoder
from nlu.intent_classifier import load_or_train

CLIENTS = (1, 8)
_READY_S = 420.0


@dataclass(frozen=True)
class Bench:
    """What every part needs: where to work, what to ask and how often."""

    home: Path
    settings: Settings
    questions: tuple[str, ...]
    n: int

    @property
    def product_settings(self) -> Settings:
        return self.settings.model_copy(update={"home": self.home / "home"})


def measure_index(bench: Bench) -> dict[str, Any]:
    """Seconds for an index with every vector encoded and with the vectors of the last build; MiB on disk."""
    settings = bench.product_settings
    shutil.rmtree(settings.cache / "vectors", ignore_errors=True)
    encoder = load_encoder(settings.encoder)
    took = {}
    for name in ("cold", "warm"):
        started = time.perf_counter()
        outcome = refresh_index(settings, encoder, force=True)
        took[f"build_{name}_s"] = round(time.perf_counter() - started, 1)
    folder = settings.index_root / IndexStore(settings.index_root).current_name()
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    return {
        **took,
        "size_mib": round(size / 1024**2, 1),
        "n_procedures": outcome.n_procedures,
        "n_plans": outcome.n_plans,
        "n_passages": outcome.n_passages,
    }


def measure_through_rasa(bench: Bench, parts: set[str]) -> dict[str, Any]:
    """Start-up to ready with Rasa, then search, ask and memory, as chosen; index and model are there before."""
    reason = rasa_process.unavailable_reason(RasaPaths(bench.product_settings.home))
    if reason:
        raise BenchError(reason)
    _prepare(bench)
    result: dict[str, Any] = {}
    with _server(bench, has_rasa=True) as (child, url):
        result["start"] = {
            "answering_s": child.wait(lambda: _state(url) in ("ready", "degraded"), _READY_S, "the gateway"),
            "ready_s": child.wait(lambda: _state(url) == "ready", _READY_S, "gateway and Rasa"),
        }
        if "search" in parts:
            result["search"] = _loads(bench, url, lambda q, n: ("/api/v1/search", {"query": q, "top_k": 5}))
        if "ask" in parts:
            result["ask"] = _loads(bench, url, _ask)
            _refuse_degraded(url)
        result["memory_mib"] = child.resident_mib()
    return result


def measure_directly(bench: Bench) -> dict[str, Any]:
    """The same questions without Rasa."""
    _prepare(bench)
    with _server(bench, has_rasa=False) as (child, url):
        start = child.wait(lambda: _state(url) in ("ready", "degraded"), _READY_S, "the gateway")
        return {"start": {"answering_s": start}, "ask": _loads(bench, url, _ask), "memory_mib": child.resident_mib()}


def _prepare(bench: Bench) -> None:
    """Index, intent classifier and Rasa model are not part of a warm start."""
    settings = bench.product_settings
    for name in ("models", "rasa/models"):  # what the real home has already trained need not be trained again
        source, target = bench.settings.home / name, settings.home / name
        if source.is_dir() and not target.exists():
            shutil.copytree(source, target)
    encoder = load_encoder(settings.encoder)
    refresh_index(settings, encoder)
    load_or_train(settings.intents, REPOSITORY / "bot" / "data" / "nlu", encoder)
    rasa_process.train(RasaPaths(settings.home))


@contextmanager
def _server(bench: Bench, has_rasa: bool) -> Iterator[tuple[Child, str]]:
    port = rasa_process.free_port()
    settings = bench.product_settings
    environment = dict(os.environ) | {
        "MOTCUA_HOME": str(settings.home),
        "MOTCUA_CORPUS": os.pathsep.join(str(path.absolute()) for path in settings.corpus),
        "MOTCUA_HOST": "127.0.0.1",
        "MOTCUA_PORT": str(port),
        "MOTCUA_RASA": "true" if has_rasa else "false",
        "MOTCUA_RATE_LIMIT_PER_MINUTE": "0",
        "MOTCUA_RASA_PORT": "0",
    }
    log = bench.home / "logs" / ("serve.log" if has_rasa else "serve-direct.log")
    with Child([sys.executable, "-m", "bot.cli", "serve"], REPOSITORY, environment, log) as child:
        yield child, f"http://127.0.0.1:{port}"


def _loads(bench: Bench, url: str, make_call: Any) -> dict[str, Any]:
    return {str(k): measure(url, make_call, bench.questions, k, bench.n).to_json() for k in CLIENTS}


def _ask(question: str, number: int) -> tuple[str, dict]:
    return "/api/v1/ask", {"question": question, "session_id": None}


def _state(url: str) -> str:
    try:
        return httpx.get(f"{url}/readyz", timeout=2, trust_env=False).json()["status"]
    except (httpx.HTTPError, ValueError, KeyError):
        return ""


def _refuse_degraded(url: str) -> None:
    """A latency "through Rasa" that came directly would be a wrong figure."""
    reply = httpx.post(f"{url}/api/v1/ask", json=_ask("xin chào", 0)[1], timeout=30, trust_env=False).json()
    if reply["degraded"]:
        raise BenchError("expected answers through Rasa, they came directly (degraded); see the server's log")
