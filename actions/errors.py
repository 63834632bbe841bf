"""Failures of the actions room.

ActionsError
└── NotWiredError   an action ran before bot/app.py handed it an assistant
"""


class ActionsError(Exception):
    """Root of the room."""


class NotWiredError(ActionsError):
    """No assistant was installed: expected actions.bootstrap.install() at start."""
