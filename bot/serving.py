"""What ``motcua serve`` does around the server: port, logs, the first account, the address."""

from __future__ import annotations

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


def check_port(settings: Settings) -> None:
    """Raise CommandFailed when the port is taken, before minutes of work are spent."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as exc:
            raise CommandFailed(
                f"cổng {settings.port} đang có chương trình khác dùng / port {settings.port} on {settings.host} is taken "
                f"({exc.strerror}); đặt MOTCUA_PORT khác / set another MOTCUA_PORT"
            ) from exc


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
    logging.basicConfig(level=settings.log_level.upper(), handlers=[file, terminal], force=True)
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
            )
    except ConnectorError as exc:
        log.warning("no staff account could be made, the database is away: %s", exc)
    finally:
        store.close()


def announce(settings: Settings, has_rasa: bool, console: Console) -> None:
    """Print the addresses."""
    base = f"http://{settings.host}:{settings.port}"
    console.print(f"Hỏi Một Cửa: {base}/   cán bộ / staff: {base}/staff   API: {base}/docs", highlight=False)
    if has_rasa:
        console.print(
            "Rasa đang khởi động, khoảng nửa phút; trong lúc đó vẫn hỏi được. / Rasa is starting, about half a "
            "minute; questions are answered meanwhile.",
            highlight=False,
        )
    else:
        console.print("Chạy không có Rasa: trả lời trực tiếp. / Without Rasa: answering directly.", highlight=False)
