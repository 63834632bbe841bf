"""``motcua serve`` itself: one parent, the gateway and Rasa below it. Nothing of it outlives it, however it ends."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path

import pytest

from bot.rasa_process import RasaPaths, is_free
from bot.settings import Settings
from tests.integration.rasa_home import home_with_rasa
from tests.integration.serving import command_line, is_running, serving, until

pytestmark = [pytest.mark.rasa, pytest.mark.integration]
BIRTH = "1.001193"


@pytest.fixture(scope="module")
def home(bundled_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return home_with_rasa(bundled_settings.home, tmp_path_factory.mktemp("serve-home"))


def test_sigterm_ends_everything_with_status_0_and_leaves_both_ports(home: Path, tmp_path: Path) -> None:
    with serving(home, tmp_path) as served:
        served.start()
        served.wait_for_rasa()
        reply = served.ask("đăng ký khai sinh cho con cần giấy tờ gì", "serve")
        assert (reply["degraded"], reply["status"], reply["procedure"]["code"]) == (False, "answered_aspect", BIRTH)
        rasa = served.rasa()
        assert rasa and not is_free(served.rasa_port)
        assert served.end(signal.SIGTERM) == 0
        assert [pid for pid in rasa if is_running(pid)] == []
        assert is_free(served.port) and is_free(served.rasa_port)


def test_after_kill_9_no_rasa_is_left_and_the_next_start_has_its_port(home: Path, tmp_path: Path) -> None:
    with serving(home, tmp_path) as served:
        served.start()
        until(lambda: not is_free(served.rasa_port), "Rasa listens")
        orphans = served.rasa()
        assert orphans
        assert served.end(signal.SIGKILL) == -signal.SIGKILL
        until(lambda: not any(is_running(pid) for pid in orphans), "Rasa has noticed that its parent is gone")
        served.start()
        until(lambda: bool(served.rasa()), "Rasa is started again")
        assert f"--port {served.rasa_port} " in command_line(served.rasa()[0])
        assert served.ask("đăng ký khai sinh cho con cần giấy tờ gì", "again")["procedure"]["code"] == BIRTH


@pytest.mark.parametrize("doing", ["loading", "training"])
def test_sigterm_while_rasa_is_made_ready_leaves_nothing(home: Path, tmp_path: Path, doing: str) -> None:
    own = tmp_path / "home"
    shutil.copytree(home, own, symlinks=True)
    if doing == "training":
        RasaPaths(own).models.unlink()
    with serving(own, tmp_path) as served:
        served.start()
        verb = {"loading": " run ", "training": " train "}[doing]
        until(lambda: any(verb in command_line(pid) for pid in served.rasa()), f"Rasa is {doing}")
        rasa = served.rasa()
        assert served.end(signal.SIGTERM) == 0
        until(lambda: not any(is_running(pid) for pid in rasa), "Rasa has gone")


def test_beyond_loopback_rasa_still_reaches_the_actions(home: Path, tmp_path: Path) -> None:
    """127.0.0.2 stands in for an address of the local network: 127.0.0.1 does not reach it."""
    with serving(home, tmp_path, HOST="127.0.0.2") as served:
        served.start()
        served.wait_for_rasa()
        reply = served.ask("đăng ký khai sinh cho con cần giấy tờ gì", "lan")
        assert (reply["degraded"], reply["procedure"]["code"]) == (False, BIRTH)
