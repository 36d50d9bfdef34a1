"""How does flowctl talk to its database? One engine, two kinds of unit of work.

`reading(engine)` sees one consistent moment and never takes the write lock; `writing(engine)` takes
it at its first statement, so that no transaction is ever upgraded half-way (on SQLite such an
upgrade fails at once, whatever the busy timeout). A plain `engine.begin()` is a `writing`.

SQLite runs in WAL mode with synchronous=NORMAL: a power cut may lose the last commits, but neither
corrupts the file nor lets a later commit survive an earlier one. This module knows no tables.
"""

import os
import random
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, TimeoutError

from flowctl.errors import FlowctlError
from flowctl.store import one_message

T = TypeVar("T")

POSTGRESQL = frozenset(
    {"postgres", "postgresql", "postgresql+psycopg", "postgresql+psycopg2", "postgres+psycopg2"}
)
SQLITE = frozenset({"sqlite", "sqlite+pysqlite"})
VERSION_TABLE = "flowctl_version"  # says which migration made the tables
READING = "flowctl_reading"  # execution option of a connection that must not write

PAUSE_MIN_S = 0.05
PAUSE_MAX_S = 5.0  # a database that came back is noticed at most this much later

TRANSIENT_SQLSTATES = frozenset(
    {"25P03", "40001", "40P01", "55P03", "57P01", "57P02", "57P03", "57P05"}
)
"""Idle in a transaction, serialization failure, deadlock, lock not granted, shutting down,
crashed, starting up, idle."""
TRANSIENT_CLASSES = ("08", "53")  # connection lost; no room (disk, memory, connections)
IDLE_MS = 4000
"""PostgreSQL only: a process that stands still within a transaction, because it was suspended or
its machine is gone, keeps its locks from the others for at most this long."""
SQLITE_TRANSIENT = frozenset({5, 6, 10, 13, 14})
"""BUSY, LOCKED, IOERR, FULL, CANTOPEN; on a full disk SQLite says IOERR or CANTOPEN when it cannot
make the files beside the database."""
REFUSED_LOGIN = ("authentication failed", "does not exist", "pg_hba.conf", "not permitted")


class MetastoreError(FlowctlError):
    """The metastore cannot be used as it is; the message says what to do."""


@dataclass(frozen=True)
class Options:
    """The rows of [database] that shape an engine, with Airflow's defaults."""

    pool_enabled: bool = True
    pool_size: int = 5
    max_overflow: int = 10
    pool_recycle_s: int = 1800
    pre_ping: bool = True
    schema: str = ""  # PostgreSQL only: the schema that holds the tables
    connect_args: Mapping[str, Any] = field(default_factory=dict)
    engine_args: Mapping[str, Any] = field(default_factory=dict)
    application_name: str = "flowctl"
    busy_timeout_s: float = 60.0  # SQLite only: how long a writer waits for the others


def create(url: str, options: Options | None = None) -> Engine:
    """Return an engine for the metastore at `url`; nothing is opened yet.

    Raises:
        MetastoreError: the address is not understood, the database is of another kind, or the
            PostgreSQL driver is not installed.
    """
    options = options or Options()
    address = parse_url(url)
    if address.get_backend_name() == "sqlite":
        engine = create_engine(address, **_pool(options), **_sqlite(options))
        event.listen(engine, "do_connect", _make_file)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    try:
        engine = create_engine(address, **_pool(options), **_postgresql(address, options))
    except ModuleNotFoundError as error:
        raise MetastoreError(
            "the PostgreSQL driver is not installed; run: pip install 'flowctl[postgres]'"
        ) from error
    one_message.enable(engine)
    return engine


def parse_url(url: str) -> URL:
    """Return `url` with the driver flowctl uses; Airflow's older spellings are understood.

    Raises:
        MetastoreError: it is not an address, or of a database flowctl does not support.
    """
    try:
        address = make_url(url.strip())
    except ArgumentError as error:
        raise MetastoreError(
            "[database] sql_alchemy_conn is not a database address; write"
            " sqlite:////folder/flowctl.db or postgresql://user:password@host/name"
        ) from error
    if address.drivername in POSTGRESQL:
        return address.set(drivername="postgresql+psycopg")
    if address.drivername not in SQLITE:
        raise MetastoreError(
            f"[database] sql_alchemy_conn: flowctl cannot use {address.drivername!r};"
            " it keeps its data in SQLite or PostgreSQL"
        )
    if not os.path.isabs(address.database or ""):
        raise MetastoreError(
            f"[database] sql_alchemy_conn: {address.database or ':memory:'!r} is not an absolute"
            " path; every flowctl process must find the same file: write sqlite:////folder/file.db"
        )
    return address.set(drivername="sqlite+pysqlite")


def sqlite_path(engine: Engine) -> Path | None:
    """Return the file of a SQLite metastore, None for other databases."""
    return Path(engine.url.database or "") if engine.dialect.name == "sqlite" else None


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Open a unit of work that sees one moment of the database and may not write."""
    with engine.connect() as plain:
        if engine.dialect.name == "sqlite":
            conn = plain.execution_options(**{READING: True})
        else:
            conn = plain.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        with conn.begin():
            yield conn


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Open a unit of work that may write; it commits at the end, or rolls back on an error."""
    with engine.begin() as conn:
        yield conn


def is_transient(error: BaseException) -> bool:
    """Say whether the same work may succeed later: the database is away, busy or full.

    A wrong password or a missing database is not transient, although the driver reports it as
    an operational error too.
    """
    if isinstance(error, TimeoutError):  # no connection of the pool became free
        return True
    if not isinstance(error, DBAPIError):
        return False
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        return code & 0xFF in SQLITE_TRANSIENT
    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return state in TRANSIENT_SQLSTATES or state.startswith(TRANSIENT_CLASSES)
    if type(error.orig).__name__ not in {"OperationalError", "ConnectionTimeout"}:
        return error.connection_invalidated
    return not any(words in str(error.orig) for words in REFUSED_LOGIN)


def in_words(error: BaseException) -> str:
    """Return one line about a database error: no statement, no parameters, no password."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    said = getattr(getattr(cause, "diag", None), "message_primary", None)  # by PostgreSQL
    return " ".join((said or str(cause)).split()) or type(cause).__name__


def retrying(
    work: Callable[[], T],
    wait: Callable[[float], object],
    *,
    attempts_max: int | None = None,
    on_trouble: Callable[[BaseException, float], object] | None = None,
) -> T:
    """Do an idempotent unit of work, again while the database is in transient trouble.

    Args:
        work: opens, fills and commits its own unit of work; it may have been committed even
            though it raised.
        wait: waits that many seconds, as `threading.Event().wait`; when it returns something
            true, somebody wants to stop and the error is raised.
        attempts_max: how often `work` is called; None means until it succeeds.
        on_trouble: told the error and the pause in seconds before each pause.

    Raises:
        Whatever `work` raised last.
    """
    pause_s, attempts = PAUSE_MIN_S, 1
    while True:
        try:
            return work()
        except (DBAPIError, TimeoutError) as error:
            if not is_transient(error) or attempts == attempts_max:
                raise
            jittered_s = pause_s * random.uniform(0.5, 1.0)  # two that collided must part
            if on_trouble is not None:
                on_trouble(error, jittered_s)
            if wait(jittered_s):
                raise
        pause_s, attempts = min(pause_s * 2, PAUSE_MAX_S), attempts + 1


def _pool(options: Options) -> dict[str, Any]:
    if not options.pool_enabled:
        return {"poolclass": NullPool, **options.engine_args}
    return {
        "pool_size": options.pool_size,
        "max_overflow": options.max_overflow,
        "pool_recycle": options.pool_recycle_s,
        "pool_pre_ping": options.pre_ping,
        **options.engine_args,
    }


def _sqlite(options: Options) -> dict[str, Any]:
    arguments = {"timeout": options.busy_timeout_s, "check_same_thread": False}
    return {"connect_args": {**arguments, **options.connect_args}}


def _postgresql(address: URL, options: Options) -> dict[str, Any]:
    """Return arguments that notice a dead server in half a minute; the address overrides them."""
    settings = f"-c timezone=UTC -c idle_in_transaction_session_timeout={IDLE_MS}"
    if options.schema:
        settings += f" -c search_path={options.schema}"
    arguments: dict[str, Any] = {
        "application_name": options.application_name,
        "connect_timeout": 10,
        "keepalives": 1,
        "keepalives_idle": 15,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 30_000,
        "options": settings,
    }
    missing = {name: value for name, value in arguments.items() if name not in address.query}
    return {"connect_args": {**missing, **options.connect_args}}


def _make_file(
    _dialect: object, _record: object, arguments: list[Any], _options: dict[str, Any]
) -> None:
    """Make the file before SQLite does: only its owner may read it; -wal and -shm inherit that.

    A file that exists is never opened here: closing it would drop the locks that SQLite
    connections of this process hold on it.
    """
    path = Path(arguments[0].removeprefix("file:").partition("?")[0])
    path.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))


def _prepare_sqlite(raw: Any, _record: object) -> None:
    raw.isolation_level = None  # the driver must not begin transactions: `_begin_sqlite` does
    if not _belongs_to_others(raw):  # the journal mode is written into the file
        _use_wal(raw)
    raw.execute("PRAGMA synchronous=NORMAL")
    raw.execute("PRAGMA foreign_keys=ON")


def _use_wal(raw: Any) -> None:
    """Switch the file to WAL, for which SQLite does not wait while others have it open.

    A new file is to give its space back, too: that is heard only while there are no tables.
    """
    pause = threading.Event()
    (busy_ms,) = raw.execute("PRAGMA busy_timeout").fetchone()
    until = time.monotonic() + busy_ms / 1000
    while raw.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        try:
            raw.execute("PRAGMA auto_vacuum=INCREMENTAL")
            raw.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode not in SQLITE_TRANSIENT or time.monotonic() > until:
                raise
            pause.wait(PAUSE_MIN_S * random.random())


def _belongs_to_others(raw: Any) -> bool:
    names = {row[0] for row in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    return bool(names) and VERSION_TABLE not in names


def _begin_sqlite(conn: Connection) -> None:
    reads = conn.get_execution_options().get(READING, False)
    if conn.info.get(READING) is not reads:  # what the driver's connection was told last
        conn.exec_driver_sql(f"PRAGMA query_only={'ON' if reads else 'OFF'}")
        conn.info[READING] = reads
    conn.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
