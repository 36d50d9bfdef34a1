"""How a writer tells the scheduler to look now: a hint without content, sent after the commit.

On PostgreSQL it is NOTIFY on the channel `flowctl`; with SQLite, whose users share a machine, a
datagram to every socket in `$FLOWCTL_HOME/run/wake/`. A hint may be lost (nobody listens, the
database is away); the scheduler's bounded wait is the net, so sending never blocks and never fails.
"""

import contextlib
import os
import select
import socket
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, TimeoutError

CHANNEL = "flowctl"
RECONNECT_AFTER_S = 1.0  # a lost PostgreSQL connection is tried again at most this often
SUFFIX = ".sock"


class Listener(Protocol):
    """Who wants to be woken; one selector or poll waits on `fileno` for its whole life."""

    def fileno(self) -> int:
        """Return the descriptor that is readable when there is something to drain."""

    def drain(self) -> bool:
        """Take all hints; say whether there was one.

        Call it after every wait, also a timed-out one: it mends a lost connection, and then says
        yes, because a hint may have been missed.
        """

    def close(self) -> None:
        """Stop listening."""


class Waker:
    """Sends hints; make one per process (after a fork: in the child) and keep it."""

    def __init__(self, engine: Engine, home: Path) -> None:
        self._engine = engine
        self._folder = _folder(home)

    def wake(self) -> None:
        """Hint that something was committed."""
        if self._engine.dialect.name == "sqlite":
            _send_to_all(self._folder)
            return
        with contextlib.suppress(DBAPIError, TimeoutError), self._engine.connect() as plain:
            conn = plain.execution_options(isolation_level="AUTOCOMMIT")
            conn.exec_driver_sql(f"NOTIFY {CHANNEL}")


def listen(engine: Engine, home: Path) -> Listener:
    """Return a listener to every `Waker` of the same metastore and, with SQLite, home."""
    if engine.dialect.name == "sqlite":
        return SocketListener(home)
    return PostgresListener(engine)


class SocketListener:
    """A datagram socket under a name of its own, so that no listener takes it from another."""

    def __init__(self, home: Path) -> None:
        folder = _folder(home)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.path = folder / f"{uuid.uuid4().hex}{SUFFIX}"
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        with _short(folder) as place:
            self._socket.bind(f"{place}/{self.path.name}")

    def fileno(self) -> int:
        return self._socket.fileno()

    def drain(self) -> bool:
        found = False
        with contextlib.suppress(BlockingIOError):
            while True:
                self._socket.recv(1)
                found = True
        return found

    def close(self) -> None:
        self._socket.close()
        self.path.unlink(missing_ok=True)


class PostgresListener:
    """A connection of its own, outside every pool, that comes back after the server did.

    Its descriptor is an epoll: it stays the same while the connections behind it come and go.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._epoll = select.epoll()
        self._conn: Any = None
        self._next_try = 0.0
        self._connect()

    def fileno(self) -> int:
        return self._epoll.fileno()

    def drain(self) -> bool:
        if self._conn is None:
            return time.monotonic() >= self._next_try and self._connect()
        found = False
        try:
            self._conn.pgconn.consume_input()
            while self._conn.pgconn.notifies() is not None:
                found = True
        except self._driver_error:
            self._disconnect()
            self._connect()
            return True
        return found

    def close(self) -> None:
        self._disconnect()
        self._epoll.close()

    @property
    def _driver_error(self) -> type[Exception]:
        error: type[Exception] = self._engine.dialect.loaded_dbapi.Error
        return error

    def _connect(self) -> bool:
        """Connect and listen; say whether it worked."""
        self._next_try = time.monotonic() + RECONNECT_AFTER_S
        try:
            pooled = self._engine.raw_connection()
            conn: Any = pooled.driver_connection
            pooled.detach()
            conn.autocommit = True
            conn.execute(f"LISTEN {CHANNEL}")
        except (DBAPIError, TimeoutError, self._driver_error):
            return False
        self._conn = conn
        self._epoll.register(conn.fileno(), select.EPOLLIN)
        return True

    def _disconnect(self) -> None:
        """Close the connection; the kernel takes its descriptor out of the epoll."""
        if self._conn is not None:
            self._conn.close()
            self._conn = None


def _folder(home: Path) -> Path:
    return home / "run" / "wake"


@contextlib.contextmanager
def _short(folder: Path) -> Iterator[str]:
    """Name a folder in a few bytes: the path of a Unix socket has room for 107."""
    descriptor = os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{descriptor}"
    finally:
        os.close(descriptor)


def _send_to_all(folder: Path) -> None:
    """Send a byte to every socket; one that nobody holds any more is deleted.

    A full socket needs no further byte: its listener has not looked yet.
    """
    datagrams = socket.SOCK_DGRAM | socket.SOCK_NONBLOCK
    with (
        contextlib.suppress(FileNotFoundError),
        _short(folder) as place,
        socket.socket(socket.AF_UNIX, datagrams) as sender,
    ):
        for name in os.listdir(place):
            _send(sender, f"{place}/{name}")


def _send(sender: socket.socket, address: str) -> None:
    try:
        sender.sendto(b"\0", address)
    except ConnectionRefusedError:
        with contextlib.suppress(OSError):
            os.unlink(address)
    except OSError:
        pass
