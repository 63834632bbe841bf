"""A trained Rasa for integration tests: the product's own where it is current, else one kept beside the caches."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot import rasa_process
from bot.rasa_process import RasaPaths
from bot.settings import REPOSITORY
from tests.integration.serving import copy_home


def trained() -> RasaPaths:
    """Paths of a model of the content as it is now; trains one where there is none. Skips without Rasa."""
    reason = rasa_process.unavailable_reason(RasaPaths(REPOSITORY / "var"))
    if reason:
        pytest.skip(reason)
    digest = rasa_process.training_fingerprint(REPOSITORY)
    own = RasaPaths(REPOSITORY / "var")
    if rasa_process.is_current(own, digest):
        return own
    kept = RasaPaths(REPOSITORY / "var" / "cache" / "test-rasa")
    _share_intents(kept.home)
    rasa_process.train(kept)
    return kept


def _share_intents(home: Path) -> None:
    """Rasa's training takes over an intent model of the same data (see tests/integration/conftest.py)."""
    intents = home / "models" / "intents"
    if not intents.exists() and not intents.is_symlink():
        intents.parent.mkdir(parents=True, exist_ok=True)
        intents.symlink_to(REPOSITORY / "var" / "cache" / "test-intents", target_is_directory=True)


def home_with_rasa(source: Path, target: Path) -> Path:
    """A home of its own with a trained model, and the index and caches of another one. Skips without Rasa."""
    paths = trained()
    copy_home(source, target)
    link_model(paths, target)
    return target


def environment(paths: RasaPaths) -> dict[str, str]:
    """For running Rasa's command line in its own environment, quiet and small."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("MOTCUA_", "VIRTUAL_ENV", "PYTHON"))}
    return kept | {
        "PYTHONPATH": str(REPOSITORY),
        "PYTHONWARNINGS": "ignore",
        "OMP_NUM_THREADS": "1",
        "OMP_WAIT_POLICY": "passive",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": "-1",
        "LOG_LEVEL": "ERROR",
        "RASA_CACHE_DIRECTORY": str(paths.home / "rasa" / "cache"),
        "MPLCONFIGDIR": str(paths.home / "rasa" / "matplotlib"),
        "HOME": str(paths.home / "rasa" / "home"),
    }


def link_model(paths: RasaPaths, home: Path) -> None:
    """Let ``home`` use the trained model without copying it."""
    models = RasaPaths(home).models
    models.parent.mkdir(parents=True, exist_ok=True)
    if not models.exists():
        models.symlink_to(paths.models, target_is_directory=True)
