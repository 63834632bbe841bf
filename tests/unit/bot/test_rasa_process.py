"""Finding, fingerprinting and watching Rasa, with a small script in Rasa's place."""

from __future__ import annotations

import logging
import os
import socket
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from bot import rasa_launcher, rasa_process
from bot.rasa_process import (
    REPOSITORY,
    RasaError,
    RasaPaths,
    RasaProcess,
    free_port,
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


# Its port.


def ready_to_start(paths: RasaPaths, on_rasa: str) -> None:
    install_fake_python(paths, on_rasa)
    paths.models.mkdir(parents=True)
    paths.model.write_text("model")


def test_a_port_that_a_stranger_has_is_left_to_them_with_a_warning(paths: RasaPaths, caplog: pytest.LogCaptureFixture) -> None:
    ready_to_start(paths, "exec sleep 60")
    with socket.create_server(("127.0.0.1", 0)) as stranger, caplog.at_level(logging.WARNING):
        taken = stranger.getsockname()[1]
        rasa = RasaProcess(paths, "http://127.0.0.1:1/actions", port=taken)
        rasa.start()
        try:
            assert rasa.port not in (0, taken)
            assert rasa.address == f"http://127.0.0.1:{rasa.port}"
        finally:
            rasa.stop()
    (warning,) = [record.getMessage() for record in caplog.records]
    assert str(taken) in warning and str(rasa.port) in warning and "MOTCUA_RASA_PORT" in warning


def test_a_free_port_that_was_set_is_kept_silently(paths: RasaPaths, caplog: pytest.LogCaptureFixture) -> None:
    line = paths.home / "line"
    ready_to_start(paths, f'echo "$@" > {line}.new; mv {line}.new {line}; exec sleep 60')
    port = free_port()
    rasa = RasaProcess(paths, "http://127.0.0.1:1/actions", port=port)
    with caplog.at_level(logging.WARNING):
        rasa.start()
        assert _appears(line)
        rasa.stop()
    assert f"--port {port} " in line.read_text()
    assert caplog.records == []


def test_a_port_taken_while_rasa_was_dead_is_left_to_the_stranger(paths: RasaPaths) -> None:
    ready_to_start(paths, "exit 3")
    strangers: list[socket.socket] = []
    again = threading.Event()

    def sleep(seconds: float) -> bool:
        if strangers:
            again.set()
            return True
        strangers.append(socket.create_server(("127.0.0.1", rasa.port)))
        return False

    rasa = RasaProcess(paths, "http://127.0.0.1:1/actions", sleep=sleep)
    try:
        rasa.start()
        assert again.wait(30)
        assert rasa.port != strangers[0].getsockname()[1]
    finally:
        rasa.stop()
        for stranger in strangers:
            stranger.close()


def test_there_is_no_address_while_no_process_runs(paths: RasaPaths) -> None:
    ready_to_start(paths, "exec sleep 60")
    rasa = RasaProcess(paths, "http://127.0.0.1:1/actions", port=free_port())
    assert rasa.address is None
    rasa.start()
    assert rasa.address == rasa.base_url
    rasa.stop()
    assert rasa.address is None


# Its life hangs on ours.


LIFELINE_HOLDER = """
import sys
from pathlib import Path
from bot.rasa_process import RasaPaths, RasaProcess, train
paths = RasaPaths(Path(sys.argv[1]) / "var", Path(sys.argv[1]))
if sys.argv[2] == "train":
    train(paths)
RasaProcess(paths, "http://127.0.0.1:1/actions").start()
sys.stdin.read()
"""


@pytest.mark.parametrize("doing", ["run", "train"])
def test_a_killed_parent_takes_its_child_along(paths: RasaPaths, doing: str) -> None:
    seen = paths.home / "child"
    ready_to_start(paths, f'PYTHONPATH={REPOSITORY} exec {sys.executable} -c "{LIFELINE_CHILD}" {seen}')
    parent = subprocess.Popen(
        [sys.executable, "-c", LIFELINE_HOLDER, str(paths.repository), doing], cwd=REPOSITORY, stdin=subprocess.PIPE
    )
    try:
        assert _appears(seen)
        child = int(seen.read_text())
        os.kill(child, 0)
    finally:
        parent.kill()
        parent.wait()
        parent.stdin.close()
    assert _vanishes(child)


LIFELINE_CHILD = """
import os, sys, time
from bot.rasa_launcher import LIFELINE_VARIABLE, end_with_parent
end_with_parent(int(os.environ[LIFELINE_VARIABLE]))
open(sys.argv[1] + '.new', 'w').write(str(os.getpid()))
os.rename(sys.argv[1] + '.new', sys.argv[1])
time.sleep(60)
"""


def test_both_ends_of_the_lifeline_have_one_name() -> None:
    assert rasa_launcher.LIFELINE_VARIABLE == rasa_process.LIFELINE_VARIABLE


def _vanishes(pid: int) -> bool:
    """Whether a process, no child of ours, ends; one that waits to be collected has ended."""
    tick = threading.Event()
    for _ in range(400):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state == "Z":
            return True
        tick.wait(0.05)
    return False


def _appears(path: Path) -> bool:
    tick = threading.Event()
    return any(path.exists() or tick.wait(0.05) or path.exists() for _ in range(400))


def test_the_interpreter_of_these_tests_is_no_rasa(paths: RasaPaths) -> None:
    """Guards the guard: a real interpreter without Rasa is refused too."""
    paths.python.parent.mkdir(parents=True)
    paths.python.symlink_to(sys.executable)
    assert unavailable_reason(paths) is not None
