"""Figures of the message path for Prometheus. Labels: channel, outcome, error code; never an id or a word."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

ACK_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
ANSWER_BUCKETS_S = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0, 300.0, 3600.0)


class ChannelMetrics:
    """All figures of the path; one a registry."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.incoming = Counter(
            "motcua_channel_in", "Events of channels (stored, duplicate, refused, unreadable, unstored)",
            ("channel", "outcome"), registry=registry,
        )  # fmt: skip
        self.outgoing = Counter(
            "motcua_channel_out", "Tries to send by what came of them (sent, refused, again, unsure)",
            ("channel", "outcome", "code"), registry=registry,
        )  # fmt: skip
        self.retries = Counter("motcua_channel_retries", "Answers and sends put off", ("channel", "direction"), registry=registry)
        self.dead = Counter("motcua_channel_dead", "Messages that became dead letters", ("channel", "direction"), registry=registry)
        self.ack_s = Histogram(
            "motcua_channel_ack_seconds", "From a webhook's arrival to its acknowledgement", ("channel",),
            buckets=ACK_BUCKETS_S, registry=registry,
        )  # fmt: skip
        self.answer_s = Histogram(
            "motcua_channel_answer_seconds", "From a message's arrival until the channel took its answer", ("channel",),
            buckets=ANSWER_BUCKETS_S, registry=registry,
        )  # fmt: skip
        self.waiting = Gauge("motcua_channel_waiting", "Messages that wait", ("channel", "direction"), registry=registry)
        self.lag_s = Gauge("motcua_channel_lag_seconds", "Age of the oldest that waits", ("channel", "direction"), registry=registry)
        self.letters = Gauge(
            "motcua_channel_letters", "Messages staff should look at", ("channel", "direction", "state"), registry=registry
        )
        self.alarms = Gauge("motcua_channel_alarms", "Open alarms of channels", registry=registry)
