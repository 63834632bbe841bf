"""Hands the real assistant to actions that rasa-sdk builds without arguments."""

from __future__ import annotations

from dataclasses import dataclass

from actions.errors import NotWiredError
from actions.turn import Assistant


@dataclass(frozen=True)
class Wiring:
    """What actions need. ``hotline`` is the telephone number told to those who want a person."""

    assistant: Assistant
    hotline: str = ""


_installed: list[Wiring] = []


def install(wiring: Wiring) -> None:
    """Called once by bot/app.py before the first action runs; a later call replaces the wiring."""
    _installed[:] = [wiring]


def installed() -> Wiring:
    """The wiring.

    Raises:
        NotWiredError: nothing was installed.
    """
    if not _installed:
        raise NotWiredError("expected actions.bootstrap.install() before the first action; start with `motcua serve`")
    return _installed[0]
