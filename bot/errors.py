"""Failures of the bot room.

BotError
├── SettingsInvalid   a setting cannot be used; names the key, never a secret
├── ContentInvalid    dialogue content does not fit together
└── CommandFailed     a command line call could not do what it was asked; the message is its one-line reason
"""


class BotError(Exception):
    """Root of the room."""


class SettingsInvalid(BotError):
    pass


class ContentInvalid(BotError):
    pass


class CommandFailed(BotError):
    pass
