"""What ``motcua serve`` does around the server: port, logs, the first account, the address."""

from __future__ import annotations

import errno
import logging
import logging.handlers
import secrets
import socket

from rich.console import Console
from sqlalchemy import func, select

from bot.errors import CommandFailed
from bot.settings import Settings
from connectors.errors import ConnectorError
from connectors.store.accounts import StaffAccounts
from connectors.store.database import Store
from connectors.store.tables import StaffAccount

log = logging.getLogger(__name__)
_LOG_BYTES, _LOG_FILES = 5_000_000, 5
_BACKLOG = 2048  # uvicorn's own
_NO_IPV6 = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)


def check_port(settings: Settings) -> None:
    """Raise CommandFailed when the port is taken, before minutes of work are spent."""
    sockets, _ = listen(settings.host, settings.port)
    for each in sockets:
        each.close()


def listen(host: str, port: int) -> tuple[list[socket.socket], int]:
    """Sockets for the gateway: the set address and, where that is out of loopback's reach, one on loopback.

    Rasa calls the actions on 127.0.0.1, which alone may call them; so an address of the local network or an
    IPv6 one needs a second socket.

    Returns:
        The listening sockets, and the port under which 127.0.0.1 reaches one of them.

    Raises:
        CommandFailed: the address is none of this machine's, or the port is taken.
    """
    sockets: list[socket.socket] = []
    try:
        for family, place in _addresses(host, port):
            sockets.append(socket.create_server(place, family=family, backlog=_BACKLOG))
    except OSError as exc:
        if not sockets or exc.errno not in _NO_IPV6:  # "localhost" may name ::1 where IPv6 is switched off
            for each in sockets:
                each.close()
            raise CommandFailed(_no_listening(host, port, exc)) from exc
    if not any(each.getsockname()[0] in ("127.0.0.1", "0.0.0.0") for each in sockets):
        sockets.append(_loopback(port))
    reached = next(each for each in sockets if each.getsockname()[0] in ("127.0.0.1", "0.0.0.0"))
    return sockets, reached.getsockname()[1]


def action_url(loopback_port: int) -> str:
    """Where Rasa posts custom actions; always on loopback (see ``listen``)."""
    return f"http://127.0.0.1:{loopback_port}/actions/webhook"


def local_url(settings: Settings) -> str:
    """The service's address as this machine reaches it: "any address" is none to connect to."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"


def _addresses(host: str, port: int) -> list[tuple[socket.AddressFamily, tuple]]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    return sorted({(family, place) for family, _, _, _, place in found})  # IPv4 first


def _loopback(port: int) -> socket.socket:
    """127.0.0.1 with the same port, or with a free one where a stranger has that."""
    try:
        return socket.create_server(("127.0.0.1", port), backlog=_BACKLOG)
    except OSError:
        return socket.create_server(("127.0.0.1", 0), backlog=_BACKLOG)


def _no_listening(host: str, port: int, exc: OSError) -> str:
    reason = str(exc.strerror).partition(" (while")[0]  # the rest repeats the address
    if exc.errno == errno.EADDRINUSE:
        return (
            f"cổng {port} đang có chương trình khác dùng / port {port} on {host} is taken "
            f"({reason}); đặt MOTCUA_PORT khác / set another MOTCUA_PORT"
        )
    if exc.errno == errno.EACCES:
        return (
            f"không được phép mở cổng {port} / port {port} on {host} is not allowed ({reason}); "
            "đặt MOTCUA_PORT từ 1024 trở lên / set MOTCUA_PORT to 1024 or more"
        )
    return (
        f"MOTCUA_HOST={host}: máy này không có địa chỉ ấy / is no address of this machine ({reason}); "
        "đặt địa chỉ của máy, 127.0.0.1 hoặc 0.0.0.0 / set one of its own, 127.0.0.1 or 0.0.0.0"
    )


def log_to_file(settings: Settings) -> None:
    """Log ids and states, never citizens' words, to ``logs/motcua.log``; warnings to the terminal too."""
    folder = settings.home / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    file = logging.handlers.RotatingFileHandler(
        folder / "motcua.log", maxBytes=_LOG_BYTES, backupCount=_LOG_FILES, encoding="utf-8"
    )
    terminal = logging.StreamHandler()
    terminal.setLevel(logging.WARNING)
    form = logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s")
    for handler in (file, terminal):
        handler.setFormatter(form)
    logging.basicConfig(level=settings.log_level, handlers=[file, terminal], force=True)
    for noisy in ("httpx", "httpcore", "alembic", "rasa_sdk", "bm25s"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def first_account(settings: Settings, console: Console) -> None:
    """Make an account with a random password where there is none yet, and show it once."""
    store = Store(settings.database)
    try:
        with store.session() as session:
            n_accounts = session.scalar(select(func.count()).select_from(StaffAccount))
        if n_accounts == 0:
            password = secrets.token_urlsafe(12)
            StaffAccounts(store).add("canbo", password, "admin")
            console.print(
                f"Tài khoản cán bộ đầu tiên / first staff account: canbo  mật khẩu / password: {password}\n"
                "(chỉ hiện một lần; đổi bằng / shown once; change with: motcua staff password canbo)",
                highlight=False,
                markup=False,
                soft_wrap=True,  # a name, a password or an address broken in two cannot be copied
            )
    except ConnectorError as exc:
        log.warning("no staff account could be made, the database is away: %s", exc)
    finally:
        store.close()


def announce(settings: Settings, has_rasa: bool, console: Console) -> None:
    """Print the addresses."""
    base = local_url(settings)
    console.print(f"Hỏi Một Cửa: {base}/   cán bộ / staff: {base}/staff   API: {base}/docs", highlight=False, soft_wrap=True)
    if has_rasa:
        console.print(
            "Rasa đang khởi động, khoảng nửa phút; trong lúc đó vẫn hỏi được. / Rasa is starting, about half a "
            "minute; questions are answered meanwhile.",
            highlight=False,
        )
    else:
        console.print("Chạy không có Rasa: trả lời trực tiếp. / Without Rasa: answering directly.", highlight=False)
