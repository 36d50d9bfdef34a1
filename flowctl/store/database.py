"""Is the metastore there, of the right version, and ours? And: make it so.

Daemons only ask (`require_current`); changing is the business of `flowctl db`. Every change is one
transaction that holds an exclusive lock from its first statement, so running twice, two at once,
or after a kill are all harmless. Alembic is imported only when there is something to change.
"""

import importlib
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import URL, Connection, Engine, inspect, text
from sqlalchemy.exc import DBAPIError

from flowctl.store import roles
from flowctl.store.engine import VERSION_TABLE, MetastoreError, in_words, reading, sqlite_path
from flowctl.store.migrations import HEAD
from flowctl.store.schema import METADATA, instance, pool
from flowctl.store.upsert import insert_missing

DEFAULT_POOL_SLOTS = 128
LOOK_EVERY_S = 1.0
MIGRATION_LOCK = 0x666C6F77  # any number that all flowctl share

AIRFLOW_TABLES = frozenset(
    {"ab_user", "serialized_dag", "slot_pool", "log_template", "sla_miss", "dag_pickle"}
)
"""Each Airflow since 1.10 has at least one of these; flowctl has and will have none."""

PACKAGE = {"psql": "postgresql-client", "sqlite3": "sqlite3"}  # of Debian


def check(engine: Engine) -> None:
    """Ask the database something.

    Raises:
        MetastoreError: it does not answer, or is Airflow's; the message says why.
    """
    path = sqlite_path(engine)
    if path is not None and not path.exists():
        raise MetastoreError(f"there is no metastore at {path}; run: flowctl db migrate")
    _tables(engine)


def revision(engine: Engine) -> str | None:
    """Return which migration the metastore is at; None when it has no tables of ours.

    Raises:
        MetastoreError: the database does not answer, or holds somebody else's tables.
    """
    path = sqlite_path(engine)
    if path is not None and not path.exists():
        return None  # a question makes no file
    if not _tables(engine):
        return None
    with reading(engine) as conn:
        return _revision(conn)


def require_current(engine: Engine) -> None:
    """Let a daemon start only on a metastore of its own version.

    Raises:
        MetastoreError: it is missing, older or newer; the message names the command to run.
    """
    found = revision(engine)
    if found == HEAD:
        return
    where = engine.url.render_as_string(hide_password=True)
    if found is None:
        raise MetastoreError(f"the metastore {where} has no tables yet; run: flowctl db migrate")
    if found < HEAD:
        raise MetastoreError(
            f"the metastore {where} is of an older flowctl (schema {found}, this one needs"
            f" {HEAD}); stop all flowctl processes and run: flowctl db migrate"
        )
    raise _newer(found)


def await_migrations(engine: Engine, wait: Callable[[float], object], timeout_s: float) -> None:
    """Return once the metastore is current.

    Args:
        wait: waits that many seconds, as `threading.Event().wait`.
        timeout_s: for how long; 0 looks once.

    Raises:
        MetastoreError: it still is not; the message of the last look.
    """
    waited_s = 0.0
    while True:
        try:
            return require_current(engine)
        except MetastoreError:
            if waited_s >= timeout_s:
                raise
        pause_s = min(LOOK_EVERY_S, timeout_s - waited_s)
        wait(pause_s)
        waited_s += pause_s


def shell(engine: Engine) -> tuple[list[str], dict[str, str]]:
    """Return the command that opens the database by hand, and the environment it needs.

    Raises:
        MetastoreError: the program is not installed.
    """
    url = engine.url
    path = sqlite_path(engine)
    program = "psql" if path is None else "sqlite3"
    found = shutil.which(program)
    if found is None:
        raise MetastoreError(
            f"the program {program} is not installed; run: apt install {PACKAGE[program]}"
        )
    if path is not None:
        return [found, str(path)], {}
    bare = URL.create("postgresql", url.username, None, url.host, url.port, url.database, url.query)
    password = {"PGPASSWORD": str(url.password)} if url.password else {}
    return [found, bare.render_as_string(hide_password=False)], password


def migrate(
    engine: Engine, *, to: str = HEAD, default_pool_slots: int = DEFAULT_POOL_SLOTS
) -> None:
    """Bring the metastore to revision `to`, from nothing or from any older one.

    Args:
        default_pool_slots: of default_pool, if it has to be made.

    Raises:
        MetastoreError: the database is Airflow's, somebody else's, or newer than this flowctl.
    """
    with _changing(engine) as conn:
        _upgrade(conn, to, default_pool_slots)


create = migrate


def downgrade(engine: Engine, *, to: str) -> None:
    """Bring the metastore back to revision `to`; "base" leaves no table. What is dropped is gone.

    Raises:
        MetastoreError: as for `migrate`, or `to` is newer than what is there.
    """
    with _changing(engine) as conn:
        found = _revision(conn)
        if found is None or found == to:
            return
        if to != "base" and to > found:
            raise MetastoreError(
                f"schema {to} is newer than the metastore's {found}: nothing to undo"
            )
        _alembic("downgrade", conn.dialect.name, to, conn)
        if to == "base":
            conn.execute(text(f"DROP TABLE {VERSION_TABLE}"))


def reset(engine: Engine, *, default_pool_slots: int = DEFAULT_POOL_SLOTS) -> None:
    """Drop every table of flowctl and make them anew, empty. All history is gone."""
    with _changing(engine) as conn:
        METADATA.drop_all(conn)
        conn.execute(text(f"DROP TABLE IF EXISTS {VERSION_TABLE}"))
        _upgrade(conn, HEAD, default_pool_slots)


def sql(engine: Engine, *, start: str = "base", to: str = HEAD, down: bool = False) -> str:
    """Return the statements that a migration would run, without running any."""
    span = f"{start}:{to}"
    return _alembic("downgrade" if down else "upgrade", engine.dialect.name, span, None)


def _newer(found: str) -> MetastoreError:
    return MetastoreError(
        f"the metastore is of a newer flowctl (schema {found}, this one knows {HEAD});"
        " upgrade flowctl, or run flowctl db downgrade with the newer one"
    )


def _tables(engine: Engine) -> frozenset[str]:
    """Return the names of the tables; no more than the refusal if they are not ours."""
    try:
        with reading(engine) as conn:
            return _own_tables(conn)
    except DBAPIError as error:
        where = engine.url.render_as_string(hide_password=True)
        raise MetastoreError(f"the metastore {where} does not answer: {in_words(error)}") from error


def _own_tables(conn: Connection) -> frozenset[str]:
    names = frozenset(inspect(conn).get_table_names())
    where = conn.engine.url.render_as_string(hide_password=True)
    if names & AIRFLOW_TABLES:
        raise MetastoreError(
            f"the database {where} belongs to Apache Airflow and is left as it is; give flowctl"
            " one of its own in [database] sql_alchemy_conn"
        )
    clash = sorted(names & METADATA.tables.keys())
    if clash and VERSION_TABLE not in names:
        raise MetastoreError(
            f"the database {where} has a table {clash[0]!r} that flowctl did not make; give"
            " flowctl a database (or a [database] sql_alchemy_schema) of its own"
        )
    return names if VERSION_TABLE in names else frozenset()


def _revision(conn: Connection) -> str | None:
    if VERSION_TABLE not in _own_tables(conn):
        return None
    found: str | None = conn.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()
    return found


@contextmanager
def _changing(engine: Engine) -> Iterator[Connection]:
    """Open a unit of work in which nobody else changes tables, after a look whose they are."""
    revision(engine)  # refuses before anything is touched
    try:
        with engine.connect() as conn, _foreign_keys_off(conn), conn.begin():
            _alone(conn)
            yield conn
            _check_foreign_keys(conn)
    except DBAPIError as error:
        raise MetastoreError(f"the metastore was not changed: {in_words(error)}") from error


@contextmanager
def _foreign_keys_off(conn: Connection) -> Iterator[None]:
    """SQLite rebuilds a table by dropping the old one, which must not delete what points to it."""
    raw: Any = conn.connection.dbapi_connection
    if conn.dialect.name != "sqlite":
        yield
        return
    raw.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        raw.execute("PRAGMA foreign_keys=ON")


def _alone(conn: Connection) -> None:
    if conn.dialect.name == "sqlite":
        return  # BEGIN IMMEDIATE is the lock
    conn.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
    if conn.execute(text("SELECT current_schema()")).scalar() is None:
        schema = conn.execute(text("SHOW search_path")).scalar_one()
        conn.execute(text(f"CREATE SCHEMA IF NOT EXISTS {schema}"))


def _check_foreign_keys(conn: Connection) -> None:
    if conn.dialect.name == "sqlite":
        broken = conn.execute(text("PRAGMA foreign_key_check")).first()
        assert broken is None, f"a migration left a dangling row: {broken}"


def _upgrade(conn: Connection, to: str, default_pool_slots: int) -> None:
    found = _revision(conn)
    if found is not None and found > HEAD:
        raise _newer(found)
    if found is None or found < to:
        _alembic("upgrade", conn.dialect.name, to, conn)
    default = {"name": "default_pool", "slots": default_pool_slots, "include_deferred": False}
    insert_missing(conn, pool, [default | {"description": "Default pool"}])
    insert_missing(conn, instance, [{"name": "id", "value": uuid.uuid4().hex}])
    if to == HEAD:
        roles.ensure(conn)


def _alembic(command: str, dialect: str, span: str, conn: Connection | None) -> str:
    """Run one Alembic command; loading it takes 250 ms, which only `flowctl db` is to pay."""
    run = importlib.import_module("flowctl.store.migrations.run")
    shown: str = run.run(command, dialect, span, conn)
    return shown
