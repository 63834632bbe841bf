"""Figures for Prometheus. Labels are routes, statuses and causes only: never a word, an id or an address."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

BUCKETS_S = (0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.5, 3.0, 6.0, 12.0)


class Metrics:
    """One registry a gateway, so that two gateways in one process (tests) do not mix."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "motcua_http_requests", "HTTP requests", ("method", "route", "code"), registry=self.registry
        )
        self._request_s = Histogram(
            "motcua_http_request_seconds", "HTTP request duration", ("route",), buckets=BUCKETS_S, registry=self.registry
        )
        self._turns = Counter("motcua_turns", "Turns by how they ended", ("status", "degraded"), registry=self.registry)
        self._turn_s = Histogram("motcua_turn_seconds", "Turn duration", buckets=BUCKETS_S, registry=self.registry)
        self._dialogue_failures = Counter(
            "motcua_dialogue_failures", "Turns Rasa gave no usable answer to", ("cause",), registry=self.registry
        )

    def request(self, method: str, route: str, code: int, took_s: float) -> None:
        self._requests.labels(method, route, str(code)).inc()
        self._request_s.labels(route).observe(took_s)

    def turn(self, status: str, is_degraded: bool, took_s: float) -> None:
        self._turns.labels(status, str(is_degraded).lower()).inc()
        self._turn_s.observe(took_s)

    def dialogue_failure(self, cause: str) -> None:
        self._dialogue_failures.labels(cause).inc()

    def render(self) -> bytes:
        return generate_latest(self.registry)
