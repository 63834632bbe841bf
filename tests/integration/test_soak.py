"""The soak in small: three protocols over real HTTP, duplicates, reordering, kill -9, dead tokens, a locked database."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.soak.incidents import lock_sqlite, plan_incidents
from tests.soak.soak import make_people, run_soak
from tests.soak.stage import stage

pytestmark = pytest.mark.integration


def test_nothing_is_lost_or_said_twice_over_three_channels_with_everything_going_wrong(tmp_path: Path) -> None:
    database = tmp_path / "soak.db"
    url = f"sqlite:///{database}"
    people = make_people(24, 240, [f"1.{number:06d}" for number in range(10)])
    with stage(tmp_path, url, "echo") as (actors, product):
        incidents = plan_incidents(actors, product, lambda: lock_sqlite(database))
        result = run_soak(actors, product, url, people, per_second=16, incidents=incidents, patience_s=120)
    assert (result.asked, result.answered_once, result.answered_twice, result.lost) == (240, 240, 0, 0), result
    assert result.order == 0 and result.faults == [], result
    assert result.repeated_deliveries > 0 and result.kills == 2
    assert result.memory_gateway is not None and result.memory_gateway.last_mb > 0
