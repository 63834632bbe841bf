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
from bot.serving import action_url, announce, check_port, first_account, listen, local_url
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


def test_addresses_and_the_password_stay_whole_in_a_narrow_window(settings: Settings) -> None:
    console = Console(file=StringIO(), width=30)
    first_account(settings, console)
    announce(settings, True, console)
    shown = console.file.getvalue()
    assert f"API: http://127.0.0.1:{settings.port}/docs\n" in shown
    assert re.search(r"mật khẩu / password: \S{12,}\n", shown)


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


# Addresses to listen on: Rasa's calls of the actions come from 127.0.0.1 alone.


def lan_address() -> str:
    """Stands in for an address of the local network: this machine's own, and not reached by way of 127.0.0.1."""
    try:
        socket.create_server(("127.0.0.2", 0)).close()
    except OSError:
        pytest.skip("this machine has no 127.0.0.2")
    return "127.0.0.2"


def places_of(host: str, port: int) -> tuple[list[str], int]:
    sockets, loopback_port = listen(host, port)
    try:
        with socket.create_connection(("127.0.0.1", loopback_port), timeout=5):
            return [each.getsockname()[0] for each in sockets], loopback_port
    finally:
        for each in sockets:
            each.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_an_address_that_loopback_reaches_is_the_only_one(host: str) -> None:
    port = free_port()
    assert places_of(host, port) == ([host], port)


def test_an_address_of_the_local_network_gets_loopback_beside_it() -> None:
    host, port = lan_address(), free_port()
    assert places_of(host, port) == ([host, "127.0.0.1"], port)


def test_a_stranger_on_loopback_sends_the_actions_to_another_port() -> None:
    host, port = lan_address(), free_port()
    with socket.create_server(("127.0.0.1", port)):
        places, loopback_port = places_of(host, port)
    assert places == [host, "127.0.0.1"] and loopback_port != port
    assert action_url(loopback_port) == f"http://127.0.0.1:{loopback_port}/actions/webhook"


def test_an_ipv6_address_gets_loopback_beside_it() -> None:
    port = free_port()
    try:
        socket.create_server(("::1", port), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6")
    assert places_of("::1", port) == (["::1", "127.0.0.1"], port)


def test_a_half_taken_address_leaves_no_socket_open(monkeypatch: pytest.MonkeyPatch) -> None:
    free, taken = free_port(), free_port()
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda *_, **__: [(socket.AF_INET, 0, 0, "", ("127.0.0.1", port)) for port in sorted((free, taken))]
    )
    with socket.create_server(("127.0.0.1", max(free, taken))), pytest.raises(CommandFailed, match="MOTCUA_PORT"):
        listen("two.example", free)
    socket.create_server(("127.0.0.1", min(free, taken))).close()


def test_a_foreign_address_is_no_taken_port(settings: Settings) -> None:
    with pytest.raises(CommandFailed, match="MOTCUA_HOST=192.0.2.1: ") as caught:
        check_port(settings.model_copy(update={"host": "192.0.2.1"}))
    assert "is taken" not in str(caught.value)


@pytest.mark.parametrize(
    ("host", "shown"), [("0.0.0.0", "127.0.0.1"), ("::", "[::1]"), ("::1", "[::1]"), ("192.0.2.7", "192.0.2.7"), ("localhost", "localhost")]
)
def test_the_address_shown_is_one_that_can_be_opened(settings: Settings, host: str, shown: str) -> None:
    assert local_url(settings.model_copy(update={"host": host})) == f"http://{shown}:{settings.port}"
