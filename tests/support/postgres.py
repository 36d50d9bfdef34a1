"""A private PostgreSQL server for one test session, made with `initdb` and gone afterwards.

It listens on a free loopback port with a random password, runs as an ordinary user also when the
tests run as root (PostgreSQL refuses root), and dies with the test process whatever ends that.
"""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import make_url

from tests.support.processes import free_port

USER = "flowctl"
UNPRIVILEGED_USER = "nobody"  # who runs the server when the tests run as root
START_DEADLINE_S = 60
STOP_DEADLINE_S = 10

# Nothing here has to survive a power cut; every line makes a test faster.
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "max_connections": "200",
    "jit": "off",
    "timezone": "UTC",
}


class PostgresMissing(Exception):
    """The server programs are not installed, or the server did not start."""


@dataclass(frozen=True)
class Server:
    """A running server; `databases` are made and dropped in it."""

    port: int
    password: str

    def url(self, database: str) -> str:
        """Return the SQLAlchemy address of `database`."""
        return f"postgresql+psycopg://{USER}:{self.password}@127.0.0.1:{self.port}/{database}"

    @contextmanager
    def database(self, template: str = "template1") -> Iterator[str]:
        """Make a fresh copy of `template`, give its address, drop it at the end."""
        name = f"test_{secrets.token_hex(6)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield self.url(name)
        finally:
            self.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def execute(self, statement: str) -> None:
        """Run one statement as the superuser, outside any transaction."""
        with psycopg.connect(self._conninfo(), autocommit=True) as conn:
            conn.execute(statement.encode())

    def is_ready(self) -> bool:
        """Say whether the server takes connections now."""
        try:
            psycopg.connect(self._conninfo(), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _conninfo(self) -> str:
        return (
            f"host=127.0.0.1 port={self.port} user={USER} password={self.password} dbname=postgres"
        )


def unhurried(url: str) -> str:
    """Return the address of the same database, without flowctl's limit on idle transactions.

    A test has a whole story in one transaction, and a busy machine may stop it for some seconds.
    """
    address = make_url(url)
    if address.get_backend_name() != "postgresql":
        return url
    settings = {"options": "-c timezone=UTC"}  # in place of those of `flowctl.store.engine`
    return address.update_query_dict(settings).render_as_string(hide_password=False)


def programs() -> Path:
    """Return the folder that holds `initdb` and `postgres`; Debian keeps it off the PATH.

    Raises:
        PostgresMissing: there is none.
    """
    debian = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name)
    )
    on_path = shutil.which("initdb")
    folders = [*reversed(debian), *([Path(on_path).resolve().parent] if on_path else [])]
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise PostgresMissing(
        "these tests need the PostgreSQL server programs (initdb, postgres); `make test` installs "
        "them, or install the package postgresql"
    )


@contextmanager
def running_server(settings: Mapping[str, str] = SETTINGS) -> Iterator[Server]:
    """Make a cluster in a temporary folder, run it, and remove it at the end.

    Args:
        settings: what differs from the server's own defaults.

    Raises:
        PostgresMissing: the programs are not there, or the server did not start.
    """
    binaries = programs()
    with tempfile.TemporaryDirectory(prefix="flowctl-pg-", ignore_cleanup_errors=True) as folder:
        root = Path(folder)
        server = Server(port=free_port(), password=secrets.token_hex(12))
        _initialise(binaries, root, server.password)
        process = _start(binaries, root, server.port, settings)
        try:
            _wait_until_ready(process, server, root)
            yield server
        finally:
            _stop(process)


def _initialise(binaries: Path, root: Path, password: str) -> None:
    secret = root / "password"
    secret.write_text(password)
    owner = _owner()
    for path in (root, secret):
        os.chown(path, owner["user"], owner["group"])
    command = [binaries / "initdb", "--pgdata", root / "data", "--no-sync", "--encoding=UTF8"]
    command += ["--locale=C", "--auth=scram-sha-256", f"--username={USER}", "--pwfile", secret]
    done = subprocess.run(
        list(map(str, command)), cwd=root, capture_output=True, text=True, check=False, **owner
    )
    if done.returncode != 0:
        raise PostgresMissing(f"initdb failed: {done.stderr.strip()}")


def _start(
    binaries: Path, root: Path, port: int, chosen: Mapping[str, str]
) -> "subprocess.Popen[bytes]":
    """Start the server in its own session, tied to this process: Ctrl-C is ours to handle."""
    settings = {**chosen, "port": str(port), "listen_addresses": "127.0.0.1"}
    settings["unix_socket_directories"] = str(root)
    command = [
        "setpriv",
        "--pdeathsig",
        "INT",
        str(binaries / "postgres"),
        "-D",
        str(root / "data"),
    ]
    command += [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    with (root / "log").open("wb") as log:
        return subprocess.Popen(
            command, cwd=root, stdout=log, stderr=log, start_new_session=True, **_owner()
        )


def _wait_until_ready(process: "subprocess.Popen[bytes]", server: Server, root: Path) -> None:
    deadline = time.monotonic() + START_DEADLINE_S
    pause = threading.Event()
    while process.poll() is None and time.monotonic() < deadline:
        if server.is_ready():
            return
        pause.wait(0.05)
    raise PostgresMissing(f"PostgreSQL did not start: {(root / 'log').read_text()[-2000:]}")


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.send_signal(signal.SIGINT)  # PostgreSQL's "fast" shutdown
    try:
        process.wait(STOP_DEADLINE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _owner() -> dict[str, Any]:
    """Return who runs the server, as arguments of `subprocess.Popen`."""
    if os.geteuid() != 0:
        return {"user": os.geteuid(), "group": os.getegid()}
    account = pwd.getpwnam(UNPRIVILEGED_USER)
    return {"user": account.pw_uid, "group": account.pw_gid}
