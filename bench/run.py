"""``python -m bench.run`` (``make bench``): measure the product beside a plain Rasa project in the same run.

Nothing here is a test: times depend on the machine, and figures are only comparable within one run. Parts:

- ``index``: building it cold (every text encoded) and warm, and its size
- ``search``: ``POST /api/v1/search`` at 1 and 8 clients
- ``ask``: ``POST /api/v1/ask`` through Rasa, and directly, at 1 and 8 clients
- ``start``: from start to answering and to ready; ``memory``: resident MiB of both processes
- ``intents``: our classifier on the held-back examples
- ``plain``: the peer's training, start-up, latency, memory and intents (CountVectors with DIET, and with
  logistic regression)
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench import plain, product
from bench.errors import BenchError
from bot.errors import BotError
from bot.rasa_process import RasaError
from bot.settings import REPOSITORY, load_settings
from knowledge.errors import KnowledgeError
from knowledge.evaluation.questions import Question, read_file
from nlu.errors import NluError

PARTS = ("index", "search", "ask", "start", "memory", "intents", "plain")
QUESTIONS = REPOSITORY / "knowledge" / "evaluation" / "queries.jsonl"
out = Console()
err = Console(stderr=True)


def main(arguments: list[str] | None = None) -> int:
    options = _options(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # leaves through the with blocks, which end the servers
    figures: dict[str, Any] = {}
    try:
        for figures in run(options):
            path = _write(figures, options.output)  # after each part: an hour's run that is stopped has not been for nothing
    except (BenchError, BotError, RasaError, KnowledgeError, NluError) as exc:
        err.print(f"bench: {exc}", style="red", highlight=False, markup=False, soft_wrap=True)
        return 1
    print_figures(figures)
    out.print(f"Kết quả / results: {path.name}", highlight=False)
    return 0


def run(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Measure the chosen parts, one after another: two servers at once would slow each other down.

    Yields:
        All figures so far, after each part.
    """
    parts = set(options.only)
    bench = product.Bench(options.home.absolute(), load_settings(), _questions(), options.n)
    figures: dict[str, Any] = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "machine": _machine(), "n": options.n}
    yield figures
    if "index" in parts:
        figures["index"] = _part("index", lambda: product.measure_index(bench))
        yield figures
    if parts & {"search", "ask", "start", "memory"}:
        figures["product"] = _part("product through Rasa", lambda: product.measure_through_rasa(bench, parts))
        yield figures
    if "ask" in parts:
        figures["direct"] = _part("product directly", lambda: product.measure_directly(bench))
        yield figures
    if "intents" in parts or "plain" in parts:
        figures.setdefault("product", {})["intents"] = _part("our intents", lambda: _our_intents(bench))
        yield figures
    if "plain" in parts:
        for kind in options.plain:
            figures[f"plain_{kind}"] = _part(f"plain Rasa, {kind}", lambda kind=kind: plain.measure_plain(bench, kind))
            yield figures


def print_figures(figures: dict[str, Any]) -> None:
    """One table: a row a figure, a column a system."""
    systems = [name for name, value in figures.items() if isinstance(value, dict) and name not in ("machine", "index")]
    rows: dict[str, dict[str, Any]] = {}
    for system in systems:
        for name, value in _flat(figures[system]):
            rows.setdefault(name, {})[system] = value
    if "index" in figures:
        index = Table("index", "", title="Chỉ mục / index", title_justify="left")
        for name, value in figures["index"].items():
            index.add_row(name, str(value))
        out.print(index)
    table = Table("", *systems, title="Đo hiệu năng / benchmark", title_justify="left")
    for name, values in rows.items():
        table.add_row(name, *(str(values.get(system, "-")) for system in systems))
    if rows:
        out.print(table)


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", type=_choice(PARTS), default=list(PARTS), help=f"of {','.join(PARTS)}; all by default")
    parser.add_argument("--plain", type=_choice(plain.KINDS), default=list(plain.KINDS), help=f"of {','.join(plain.KINDS)}")
    parser.add_argument("-n", type=_positive, default=200, help="requests a measurement (200)")
    parser.add_argument("--home", type=Path, default=REPOSITORY / "var" / "bench", help="where to work (var/bench)")
    parser.add_argument("--output", type=Path, default=REPOSITORY / "results", help="where figures go (results/)")
    return parser.parse_args(arguments)


def _choice(allowed: tuple[str, ...]):
    def read(text: str) -> list[str]:
        names = [name.strip() for name in text.split(",") if name.strip()]
        unknown = sorted(set(names) - set(allowed))
        if unknown or not names:
            raise argparse.ArgumentTypeError(f"expected some of {', '.join(allowed)}; came {text!r}")
        return names

    return read


def _positive(text: str) -> int:
    number = int(text) if text.isdigit() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"expected a number above 0; came {text!r}")
    return number


def _part(name: str, measure: Any) -> Any:
    with err.status(f"{name} …"):
        return measure()


def _questions() -> tuple[str, ...]:
    return tuple(q.text for q in read_file(QUESTIONS) if isinstance(q, Question) and q.kind == "citizen")


def _our_intents(bench: product.Bench) -> dict[str, float]:
    from nlu.encoder import load_encoder
    from nlu.intent_classifier import load_or_train
    from nlu.understanding import Understander

    encoder = load_encoder(bench.settings.encoder)
    folder = bench.product_settings.intents
    understander = Understander(load_or_train(folder, REPOSITORY / "bot" / "data" / "nlu", encoder), encoder)
    return plain.score_intents([(right, understander.parse(text).intent) for text, right in plain.holdout_examples()])


def _flat(value: Any, name: str = "") -> list[tuple[str, Any]]:
    if not isinstance(value, dict):
        return [(name, value)]
    return [pair for key, inner in value.items() for pair in _flat(inner, f"{name} {key}".strip())]


def _machine() -> dict[str, Any]:
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    return {"cores": os.cpu_count(), "architecture": platform.machine(), "python": platform.python_version(), "load_before": load}


def _write(figures: dict[str, Any], folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    stamp = datetime.fromisoformat(figures["at"]).strftime("%Y%m%dT%H%M%SZ")
    path = folder / f"bench-{stamp}.json"
    path.write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return path


if __name__ == "__main__":
    sys.exit(main())
