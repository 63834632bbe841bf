"""What several components of one process share."""

from __future__ import annotations

from functools import lru_cache

from nlu.encoder import Encoder, load_encoder

#: Property of a message: its text normalised, abbreviations written out; "" for buttons and empty texts.
PREPARED_TEXT = "prepared_text"


@lru_cache(maxsize=2)
def shared_encoder(spec: str) -> Encoder:
    """The encoder a configuration names, loaded once a process (EncoderError where it cannot be)."""
    return load_encoder(spec)
