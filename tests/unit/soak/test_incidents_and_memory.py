"""The soak's own tools: an incident that fails ends the run, and memory is judged by its slope."""

from __future__ import annotations

import threading

import pytest

from tests.soak.incidents import Incident, IncidentFailed, Incidents
from tests.soak.memory import FLAT_MB_PER_1000, Sample, Trend, trend_of
from tests.soak.soak import Result


def test_incidents_strike_at_their_share_and_once() -> None:
    struck: list[str] = []
    incidents = Incidents([Incident(0.5, "later", lambda: struck.append("later")), Incident(0.2, "first", lambda: struck.append("first"))])
    assert incidents.strike_due(0.1) == []
    assert incidents.strike_due(0.2) == ["first"]
    assert incidents.strike_due(0.9) == ["later"]
    incidents.wait()
    assert sorted(struck) == ["first", "later"]
    assert incidents.strike_due(1.0) == []


def test_incidents_may_meet() -> None:
    both = threading.Barrier(2)
    incidents = Incidents([Incident(0.1, name, lambda: both.wait(5)) for name in ("one", "other")])
    incidents.strike_due(0.5)
    incidents.wait()
    assert not both.broken


def test_an_incident_that_fails_ends_the_run_with_its_cause() -> None:
    def strike() -> None:
        raise OSError("no such server")

    incidents = Incidents([Incident(0.1, "the database restarts", strike)])
    incidents.strike_due(0.5)
    with pytest.raises(IncidentFailed, match="the database restarts.*OSError: no such server") as caught:
        incidents.wait()
    assert isinstance(caught.value.__cause__, OSError)
    with pytest.raises(IncidentFailed):
        incidents.strike_due(0.6)


@pytest.mark.parametrize(("mb_per_1000", "verdict"), [(FLAT_MB_PER_1000 - 0.1, "flat"), (FLAT_MB_PER_1000 + 0.1, "growing"), (-FLAT_MB_PER_1000 - 0.1, "shrinking")])
def test_memory_is_flat_on_one_side_of_the_limit(mb_per_1000: float, verdict: str) -> None:
    samples = [Sample(1, n, 500 + mb_per_1000 * n / 1000) for n in range(0, 4001, 50)]
    trend = trend_of(samples)
    assert trend is not None and trend.verdict == verdict
    assert trend.slope_mb == pytest.approx(mb_per_1000)


def test_caches_that_fill_in_the_first_half_are_no_leak() -> None:
    trend = trend_of([Sample(1, n, min(700.0, 500 + n / 5)) for n in range(0, 4001, 50)])
    assert trend is not None and (trend.first_mb, trend.last_mb, trend.verdict) == (500, 700, "flat")


def test_the_longest_life_is_judged_and_the_peak_is_of_all() -> None:
    killed = [Sample(1, n, 900.0) for n in range(0, 500, 50)]
    lived = [Sample(2, n, 600.0) for n in range(500, 4001, 50)]
    trend = trend_of(killed + lived)
    assert trend is not None and (trend.first_mb, trend.peak_mb, trend.n_processes, trend.verdict) == (600, 900, 2, "flat")


def test_a_short_run_says_nothing_of_memory() -> None:
    trend = trend_of([Sample(1, n, 500.0) for n in range(0, 301, 50)])
    assert trend is not None and trend.verdict.startswith("too short")
    assert trend_of([]) is None


def life(mb_per_1000: float, n_messages: int = 4_000) -> Trend | None:
    return trend_of([Sample(1, n, 500 + mb_per_1000 * n / 1000) for n in range(0, n_messages + 1, 50)])


@pytest.mark.parametrize("which", ["memory_gateway", "memory_rasa"])
def test_growing_memory_fails_a_soak_and_says_whose(which: str) -> None:
    passed, failed = Result(), Result()
    setattr(passed, which, life(FLAT_MB_PER_1000 - 0.1))
    setattr(failed, which, life(FLAT_MB_PER_1000 + 0.1))
    assert passed.faults == []
    (fault,) = failed.faults
    assert ("the gateway" if which == "memory_gateway" else "Rasa") in fault and "MB per 1,000 messages" in fault


def test_memory_over_too_few_messages_fails_no_soak() -> None:
    assert Result(memory_gateway=life(50.0, n_messages=1_000)).faults == []


@pytest.mark.parametrize("wrong", ["lost", "answered_twice", "order"])
def test_an_answer_that_is_lost_doubled_or_misplaced_fails_a_soak(wrong: str) -> None:
    assert len(Result(**{wrong: 1}).faults) == 1
