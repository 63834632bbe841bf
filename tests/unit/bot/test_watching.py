"""When a watched folder is looked at."""

from __future__ import annotations

import pytest

from bot.watching import _QUIET_S, when_to_look


def looks(ticks: str, after_s: float = 100.0) -> list[tuple[float, bool]]:
    """Seconds at which the roots are looked at, for ticks of half a second: "x" a change, "." none."""
    now = [0.0]

    def beats():
        for tick in ticks:
            yield [tick] if tick == "x" else []
            now[0] += 0.5

    return [(now[0], has_changed) for has_changed in when_to_look(beats(), lambda: now[0], lambda: after_s)]


def test_the_first_tick_looks():
    assert looks("...") == [(0.0, False)]


@pytest.mark.parametrize(("still", "expected"), [(5, [(0.0, False)]), (6, [(0.0, False), (4.0, True)])])
def test_a_change_is_looked_at_when_it_has_come_to_rest(still: int, expected: list):
    assert _QUIET_S == 3.0
    assert looks("..x" + "." * still) == expected


def test_changes_that_go_on_are_one_look():
    assert looks(".x.x.x.x" + "." * 20) == [(0.0, False), (6.5, True)]


def test_a_folder_that_never_rests_is_looked_at_from_time_to_time_and_again_at_rest():
    assert looks("." + "x" * 10 + "." * 8, after_s=4.0) == [(0.0, False), (4.0, True), (8.0, True)]


def test_without_changes_it_is_looked_at_from_time_to_time():
    assert looks("." * 20, after_s=4.0) == [(0.0, False), (4.0, False), (8.0, False)]
