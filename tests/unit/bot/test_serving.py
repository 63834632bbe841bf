"""What happens around the server: the port, the first account, the addresses."""

from __future__ import annotations

import logging
import re
import socket
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from bot.errors import CommandFailed
from bot.rasa_process import free_port
from bot.serving import announce, check_port, first_account
from bot.settings import Settings
from connectors.store.accounts import StaffAccounts
from connectors.store.database import Store


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(_env_file=None, home=tmp_path, port=free_port())


def printed(call) -> str:
    console = Console(file=StringIO(), width=300)
    call(console)
    return console.file.getvalue()


def test_a_free_port_is_taken_for_good(settings: Settings) -> None:
    check_port(settings)


def test_a_taken_port_is_named_in_one_line(settings: Settings) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", settings.port))
        other.listen()
        with pytest.raises(CommandFailed, match=rf"{settings.port}.*MOTCUA_PORT") as caught:
            check_port(settings)
    assert "\n" not in str(caught.value)


def test_an_address_that_is_not_this_machines_is_refused(settings: Settings) -> None:
    with pytest.raises(CommandFailed):
        check_port(settings.model_copy(update={"host": "192.0.2.1"}))


def test_the_first_account_is_made_once_and_works(settings: Settings) -> None:
    shown = printed(lambda console: first_account(settings, console))
    password = re.search(r"password: (\S+)", shown)[1]
    store = Store(settings.database)
    accounts = StaffAccounts(store)
    with pytest.raises(Exception, match="exists already"):
        accounts.add("canbo", "mật khẩu khác dài")
    store.close()
    assert len(password) >= 12
    assert printed(lambda console: first_account(settings, console)) == ""


def test_a_database_that_is_away_does_not_stop_the_start(settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("")
    broken = settings.model_copy(update={"database_url": f"sqlite:///{tmp_path}/file/x.db"})
    with caplog.at_level(logging.WARNING):
        assert printed(lambda console: first_account(broken, console)) == ""
    assert "no staff account" in caplog.text


@pytest.mark.parametrize(("has_rasa", "words"), [(True, "Rasa đang khởi động"), (False, "không có Rasa")])
def test_the_addresses_are_printed(settings: Settings, has_rasa: bool, words: str) -> None:
    shown = printed(lambda console: announce(settings, has_rasa, console))
    assert f"http://127.0.0.1:{settings.port}/" in shown and words in shown
