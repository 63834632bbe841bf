"""Settings: read from the environment and .env; wrong ones are named, secrets are not."""

from __future__ import annotations

import os
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.errors import SettingsInvalid
from bot.settings import Settings, load_settings


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variable and no .env of this machine."""
    for name in [n for n in os.environ if n.startswith("MOTCUA_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_everything_has_a_default() -> None:
    settings = load_settings()
    assert (settings.host, settings.port, settings.corpus, settings.encoder) == ("127.0.0.1", 8000, (), "")
    assert settings.database == f"sqlite:///{settings.home / 'motcua.db'}"


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("MOTCUA_PORT=8100\nMOTCUA_PROVINCE=Sương Lam\n", encoding="utf-8")
    assert (load_settings().port, load_settings().province) == (8100, "Sương Lam")
    monkeypatch.setenv("MOTCUA_PORT", "8200")
    assert load_settings().port == 8200


def test_several_folders_can_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTCUA_CORPUS", os.pathsep.join(["one", "", "two/three"]))
    assert load_settings().corpus == (Path("one"), Path("two/three"))


def test_everything_written_lies_below_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MOTCUA_HOME", "here")
    settings = load_settings()
    assert settings.home == tmp_path / "here"
    for path in (settings.index_root, settings.cache, settings.intents, settings.imports):
        assert path.is_relative_to(settings.home)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "many"), ("PORT", "70000"), ("PORT", "-1"), ("RASA_PORT", "x"), ("RASA_TIMEOUT_S", "0"),
        ("QUESTION_LIMIT", "0"), ("RATE_LIMIT_PER_MINUTE", "-5"), ("RASA", "perhaps"),
        ("LOG_LEVEL", "LOUD"), ("RASA_PORT", "8000"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_named_by_its_variable(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"MOTCUA_{name}", value)
    with pytest.raises(SettingsInvalid, match=f"^MOTCUA_{name}: ") as caught:
        load_settings()
    assert "\n" not in str(caught.value)


def test_the_log_level_may_be_written_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTCUA_LOG_LEVEL", "debug")
    assert load_settings().log_level == "DEBUG"


def test_rasa_may_not_have_the_gateways_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTCUA_PORT", "8100")
    monkeypatch.setenv("MOTCUA_RASA_PORT", "8101")
    assert load_settings().rasa_port == 8101
    monkeypatch.setenv("MOTCUA_RASA_PORT", "8100")
    with pytest.raises(SettingsInvalid, match="MOTCUA_RASA_PORT: expected another port than MOTCUA_PORT"):
        load_settings()


def test_an_error_does_not_repeat_a_value_that_may_be_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTCUA_DATABASE_URL", "postgresql://u:hush-hush@db/x")
    monkeypatch.setenv("MOTCUA_PORT", "hush-hush")
    with pytest.raises(SettingsInvalid) as caught:
        load_settings()
    assert "hush-hush" not in str(caught.value)


def test_addresses_that_may_hold_a_password_are_not_shown() -> None:
    settings = Settings(_env_file=None, database_url="postgresql://u:hush-hush@db/x", redis_url="redis://:hush-hush@r/0")
    assert "hush-hush" not in repr(settings)
    assert settings.database == "postgresql://u:hush-hush@db/x"


def test_a_secret_is_made_once_and_is_the_owners_alone(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, home=tmp_path)
    secret = settings.secret("actions")
    assert len(secret) >= 32
    assert settings.secret("actions") == secret != settings.secret("other")
    assert stat.S_IMODE((tmp_path / "secrets" / "actions").stat().st_mode) == 0o600
    assert secret not in repr(settings)


def test_processes_that_start_together_have_one_secret(tmp_path: Path) -> None:
    start = threading.Barrier(8)

    def read() -> str:
        settings = Settings(_env_file=None, home=tmp_path)
        start.wait(10)
        return settings.secret("zalo-tokens")

    with ThreadPoolExecutor(8) as pool:
        found = {each.result() for each in [pool.submit(read) for _ in range(8)]}
    assert len(found) == 1 and len(found.pop()) >= 32
    assert [path.name for path in (tmp_path / "secrets").iterdir()] == ["zalo-tokens"], "no drafts are left"


def test_the_operator_sets_how_large_a_file_may_be(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert load_settings().read_limits.max_file_bytes == 300 * 1024 * 1024
    (tmp_path / ".env").write_text("MOTCUA_MAX_FILE_MB=20\n", encoding="utf-8")
    assert load_settings().read_limits.max_file_bytes == 20 * 1024 * 1024


@pytest.mark.parametrize("useless", ["0", "-3", "viel"])
def test_a_useless_limit_of_file_size_stops_the_start(monkeypatch: pytest.MonkeyPatch, useless: str) -> None:
    monkeypatch.setenv("MOTCUA_MAX_FILE_MB", useless)
    with pytest.raises(SettingsInvalid, match="MOTCUA_MAX_FILE_MB"):
        load_settings()
