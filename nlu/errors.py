"""Errors of the nlu room.

::

    NluError
    ├── EncoderError      a text that cannot be encoded, an encoder that cannot be loaded or is not the expected one
    ├── ModelError        a trained model (intents, restorer) that is missing, damaged or of another version
    └── TrainingError     training data or settings from which no model can be built
"""

from __future__ import annotations


class NluError(Exception):
    """Root of everything this room raises. The message says what was expected, what came and what to do."""


class EncoderError(NluError):
    """The encoder is missing, damaged or misused."""


class ModelError(NluError):
    """A trained model is missing, damaged or made by another version."""


class TrainingError(NluError):
    """Training cannot start or its result cannot be used."""
