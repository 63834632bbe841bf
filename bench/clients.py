"""Latency of an HTTP route at a number of clients that each ask one question after another."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import httpx

from bench.errors import BenchError
from knowledge.evaluation.metrics import percentiles

TIMEOUT_S = 60.0
_WARM_UP = 5


@dataclass(frozen=True)
class Load:
    """What a load run gave; ``per_s`` are answers a second of all clients together."""

    n_clients: int
    n: int
    p50_ms: float
    p95_ms: float
    per_s: float

    def to_json(self) -> dict[str, float]:
        return {"n": self.n, "p50_ms": self.p50_ms, "p95_ms": self.p95_ms, "per_s": self.per_s}


def measure(
    base_url: str, make_call: Callable[[str, int], tuple[str, dict]], questions: Sequence[str], n_clients: int, n: int
) -> Load:
    """Post ``n`` requests in all, after a few uncounted ones.

    Args:
        make_call: gives path and JSON body for a question and a running number.

    Raises:
        BenchError: an answer that is not 200.
    """
    numbers = itertools.count()
    lock = threading.Lock()

    def ask(client: httpx.Client) -> float:
        with lock:
            number = next(numbers)
        path, body = make_call(questions[number % len(questions)], number)
        started = time.perf_counter()
        try:
            response = client.post(path, json=body)
        except httpx.HTTPError as exc:
            raise BenchError(f"{path}: expected an answer, came {type(exc).__name__}") from exc
        took_ms = (time.perf_counter() - started) * 1000
        if response.status_code != 200:
            raise BenchError(f"{path}: expected 200, came {response.status_code}")
        return took_ms

    def run(share: int) -> list[float]:
        with _client(base_url) as client:
            return [ask(client) for _ in range(share)]

    run(_WARM_UP)
    shares = [n // n_clients + (k < n % n_clients) for k in range(n_clients)]
    started = time.perf_counter()
    with ThreadPoolExecutor(n_clients) as pool:
        times = [ms for result in pool.map(run, shares) for ms in result]
    took_s = time.perf_counter() - started
    found = percentiles(times)
    return Load(n_clients, len(times), found["p50"], found["p95"], round(len(times) / took_s, 1))


def _client(base_url: str) -> httpx.Client:
    return httpx.Client(base_url=base_url, timeout=TIMEOUT_S, trust_env=False)
