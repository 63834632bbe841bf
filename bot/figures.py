"""Figures for Prometheus of a process that serves no web, on a loopback port of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, start_http_server

from bot.errors import CommandFailed

LOOPBACK = "127.0.0.1"


@contextmanager
def serving_figures(registry: CollectorRegistry, port: int) -> Iterator[None]:
    """Answer ``/metrics`` on 127.0.0.1 meanwhile; nothing where ``port`` is 0.

    Raises:
        CommandFailed: the port is taken.
    """
    if not port:
        yield
        return
    try:
        server, thread = start_http_server(port, LOOPBACK, registry)
    except OSError as exc:
        raise CommandFailed(
            f"MOTCUA_CHANNEL_METRICS_PORT: cổng {port} đang có chương trình khác dùng; mỗi tiến trình cần một cổng riêng (--metrics-port) / "
            f"port {port} is taken; each process needs its own"
        ) from exc
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
