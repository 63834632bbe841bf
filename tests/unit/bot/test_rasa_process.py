"""Finding, fingerprinting and watching Rasa, with a small script in Rasa's place."""

from __future__ import annotations

import os
import stat
import sys
import threading
from pathlib import Path

import pytest

from bot.rasa_process import (
    RasaError,
    RasaPaths,
    RasaProcess,
    is_current,
    train,
    training_fingerprint,
    unavailable_reason,
)


@pytest.fixture()
def paths(tmp_path: Path) -> RasaPaths:
    for folder in ("nlu", "bot/domain", "bot/data"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "config.yml").write_text("recipe: default.v1\n")
    (tmp_path / "bot/data/nlu.yml").write_text("nlu: []\n")
    (tmp_path / "nlu/x.py").write_text("X = 1\n")
    return RasaPaths(home=tmp_path / "var", repository=tmp_path)


def install_fake_python(paths: RasaPaths, on_rasa: str, version: str = "3 10 3.6.21") -> None:
    """An executable that answers the probe and runs ``on_rasa`` (shell) for everything else."""
    paths.python.parent.mkdir(parents=True)
    paths.python.write_text(f'#!/bin/sh\nif [ "$1" = "-c" ]; then echo {version}; exit 0; fi\n{on_rasa}\n')
    paths.python.chmod(paths.python.stat().st_mode | stat.S_IXUSR)


def test_a_missing_environment_is_named_with_its_mend(paths: RasaPaths) -> None:
    assert "make setup-rasa" in (unavailable_reason(paths) or "")
    with pytest.raises(RasaError, match="make setup-rasa"):
        train(paths)
    with pytest.raises(RasaError, match="make setup-rasa"):
        RasaProcess(paths, "http://127.0.0.1:1/actions").start()


def test_another_python_is_refused(paths: RasaPaths) -> None:
    install_fake_python(paths, "exit 0", version="3 9 3.6.21")
    assert "3.9" in (unavailable_reason(paths) or "")


def test_an_environment_that_does_not_run_is_named(paths: RasaPaths) -> None:
    install_fake_python(paths, "exit 0", version="; exit 1")
    assert "does not run" in (unavailable_reason(paths) or "")


@pytest.mark.parametrize("changed", ["config.yml", "bot/data/nlu.yml", "nlu/x.py", "bot/domain/new.yml"])
def test_the_fingerprint_follows_data_configuration_domain_and_components(paths: RasaPaths, changed: str) -> None:
    before = training_fingerprint(paths.repository)
    assert training_fingerprint(paths.repository) == before
    (paths.repository / changed).write_text("changed\n")
    assert training_fingerprint(paths.repository) != before


def test_the_model_is_trained_once_until_an_input_changes_or_it_is_damaged(paths: RasaPaths) -> None:
    install_fake_python(paths, f"mkdir -p {paths.models}/new; echo model > {paths.models}/new/motcua.tar.gz; echo x >> {paths.home}/runs")
    assert train(paths) is True
    assert train(paths) is False
    (paths.repository / "config.yml").write_text("recipe: other\n")
    assert train(paths) is True
    paths.model.write_text("half")
    assert not is_current(paths, training_fingerprint(paths.repository))
    assert train(paths) is True
    assert (paths.home / "runs").read_text().count("x") == 3


def test_failed_training_keeps_the_old_model_and_says_what_rasa_said(paths: RasaPaths) -> None:
    install_fake_python(paths, "echo InvalidDomain: no such intent; exit 1")
    paths.models.mkdir(parents=True)
    paths.model.write_text("old")
    with pytest.raises(RasaError, match="InvalidDomain"):
        train(paths)
    assert paths.model.read_text() == "old"


def test_starting_without_a_model_is_refused(paths: RasaPaths) -> None:
    install_fake_python(paths, "exit 0")
    with pytest.raises(RasaError, match="motcua train"):
        RasaProcess(paths, "http://127.0.0.1:1/actions").start()


def test_a_dead_process_is_started_again_with_growing_pauses(paths: RasaPaths) -> None:
    install_fake_python(paths, "exit 3")
    paths.models.mkdir(parents=True)
    paths.model.write_text("model")
    pauses: list[float] = []
    enough = threading.Event()

    def sleep(seconds: float) -> bool:
        pauses.append(seconds)
        if len(pauses) == 4:
            enough.set()
            return True
        return False

    rasa = RasaProcess(paths, "http://127.0.0.1:1/actions", sleep=sleep)
    rasa.start()
    assert enough.wait(30)
    rasa.stop()
    assert pauses == [2.0, 4.0, 8.0, 16.0]
    assert rasa.n_restarts == 3


def test_the_child_gets_its_secrets_by_environment_only_and_stops_on_demand(
    paths: RasaPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTCUA_SECRET_KEY", "parent-secret")
    seen, line = paths.home / "seen", paths.home / "line"
    install_fake_python(paths, f'env > {seen}.new; echo "$@" > {line}; mv {seen}.new {seen}; exec sleep 60')
    paths.models.mkdir(parents=True)
    paths.model.write_text("model")
    rasa = RasaProcess(paths, "http://127.0.0.1:1/actions", action_token="for-actions")
    rasa.start()
    pid = rasa.pid
    assert pid is not None
    assert _appears(seen)
    rasa.stop()
    rasa.stop()
    environment = seen.read_text()
    assert rasa.token in environment
    assert "for-actions" in environment
    assert "parent-secret" not in environment
    assert f"\nHOME={paths.home / 'rasa' / 'home'}\n" in f"\n{environment}"  # what it writes to a home stays here
    assert rasa.token not in line.read_text()
    assert rasa.token not in repr(rasa)
    assert "--interface 127.0.0.1" in line.read_text()
    assert rasa.pid is None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_waiting_ends_when_rasa_was_stopped(paths: RasaPaths) -> None:
    install_fake_python(paths, "exec sleep 60")
    paths.models.mkdir(parents=True)
    paths.model.write_text("model")
    rasa = RasaProcess(paths, "http://127.0.0.1:1/actions")
    rasa.start()
    rasa.stop()
    assert rasa.wait_ready(5) is False


def _appears(path: Path) -> bool:
    tick = threading.Event()
    return any(path.exists() or tick.wait(0.05) or path.exists() for _ in range(400))


def test_the_interpreter_of_these_tests_is_no_rasa(paths: RasaPaths) -> None:
    """Guards the guard: a real interpreter without Rasa is refused too."""
    paths.python.parent.mkdir(parents=True)
    paths.python.symlink_to(sys.executable)
    assert unavailable_reason(paths) is not None
