"""Life events: the catalogue by what happens in a life. The data is ``life_events.yml``; a test checks it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

FILE = Path(__file__).parent / "life_events.yml"


@dataclass(frozen=True)
class Errand:
    """One procedure of an event, under a short everyday label."""

    code: str
    label: str


@dataclass(frozen=True)
class LifeEvent:
    """A turn of life with its errands in the order in which one would do them."""

    id: str
    title: str
    hint: str
    sign: str
    errands: tuple[Errand, ...]


@cache
def life_events() -> tuple[LifeEvent, ...]:
    given = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return tuple(
        LifeEvent(
            event["id"], event["title"], event["hint"], event["sign"],
            tuple(Errand(code, label) for code, label in event["errands"].items()),
        )  # fmt: skip
        for event in given
    )


def life_event(event_id: str) -> LifeEvent | None:
    return next((event for event in life_events() if event.id == event_id), None)
