"""Hands the real assistant to actions that rasa-sdk builds without arguments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from actions.errors import NotWiredError
from actions.reply import Reply
from actions.turn import Assistant


def _no_texts(intent: str) -> Reply:
    raise NotWiredError(f"expected Wiring.plain, which says the text for {intent}; bot/app.py hands it in")


@dataclass(frozen=True)
class Wiring:
    """What actions need.

    Attributes:
        hotline: the telephone number told to those who want a person.
        plain: the plain response to an intent (bot/domain), variants in turn.
    """

    assistant: Assistant
    hotline: str = ""
    plain: Callable[[str], Reply] = _no_texts


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
